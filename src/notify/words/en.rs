//! The English words.

mod notation;
mod why;

use jiff::tz::TimeZone;

use super::{Label, Notation, Title, Words, counted, window};
use crate::model::{
    AsideKind, Event, Incident, Lang, Level, Matter, Reading, Risk, SourceId, Unheard,
};
use crate::notify::facts::{Coverage, Spread};

pub(super) struct English;

fn plural<'a>(value: f64, one: &'a str, many: &'a str) -> &'a str {
    if (value.round() - 1.0).abs() < f64::EPSILON { one } else { many }
}

impl English {
    /// `31 negative mentions in 1 h (24 with copies weighted down), 8 times the usual (3 expected), by 17
    /// authors`: the factor is of the weighted number, so that number is said where it differs.
    fn wave(&self, reading: &Reading) -> String {
        let weighted = self.number(reading.observed);
        let apart = if weighted == self.number(reading.raw_negative) {
            String::new()
        } else {
            format!(" ({weighted} with copies weighted down)")
        };
        format!(
            "{}\u{a0}{} in {}{apart}, {}\u{a0}times the usual ({} expected), by {}\u{a0}{}",
            self.number(reading.raw_negative),
            plural(reading.raw_negative, "negative mention", "negative mentions"),
            window(reading.window_minutes),
            self.number(reading.factor()),
            self.number(reading.expected),
            self.number(reading.authors),
            plural(reading.authors, "author", "authors"),
        )
    }
}

impl Words for English {
    fn lang(&self) -> Lang {
        Lang::EN
    }

    fn level(&self, level: Level) -> &'static str {
        match level {
            Level::Notice => "NOTICE",
            Level::Watch => "WATCH",
            Level::Warning => "WARNING",
            Level::Crisis => "CRISIS",
        }
    }

    fn event(&self, event: Event) -> &'static str {
        match event {
            Event::Opened => "new incident",
            Event::Raised => "the incident is getting worse",
            Event::Fading => "the wave is receding",
            Event::Closed => "incident over",
        }
    }

    fn subject(&self, level: Level, name: &str, reading: &Reading, topic: Option<&str>) -> String {
        let level = self.level(level);
        let factor = self.number(reading.factor());
        let window = window(reading.window_minutes);
        let topic = topic.map(|topic| format!(" — {}", self.quoted(topic))).unwrap_or_default();
        format!("[{level}] {name}: negative mentions ×{factor} in {window}{topic}")
    }

    fn verdict(&self, event: Event, name: &str, now: &Reading, worst: &Reading) -> String {
        match event {
            Event::Opened => format!("{name}: {}.", self.wave(now)),
            Event::Raised => format!("It is getting worse for {name}: {}.", self.wave(now)),
            Event::Fading => format!("The wave is receding for {name}: {}.", self.wave(now)),
            Event::Closed => format!(
                "It is over for {name}: the rate is back to normal. At its worst: {}.",
                self.wave(worst)
            ),
        }
    }

    fn risk_subject(&self, level: Level, name: &str, risk: &Risk) -> String {
        format!("[{}] {name}: {}", self.level(level), self.risk_wave(risk, false))
    }

    fn notice_subject(&self, name: &str, incident: &Incident) -> String {
        let reading = &incident.because;
        let volume = &reading.volume;
        let level = self.level(Level::Notice);
        let what = match incident.matter {
            Matter::Silence => format!(
                "unusual silence, {}\u{a0}{} in {}",
                self.number(volume.observed),
                plural(volume.observed, "mention", "mentions"),
                window(volume.window_minutes)
            ),
            Matter::Blind => format!(
                "{}, {} of the volume heard",
                self.unheard(&incident.unheard),
                self.percent(reading.audible)
            ),
            Matter::Surge | Matter::BadBuzz => format!(
                "mentions ×{} in {}, not more negative",
                self.number(volume.factor()),
                window(volume.window_minutes)
            ),
        };
        format!("[{level}] {name}: {what}")
    }

    fn risk_verdict(&self, event: Event, name: &str, risk: &Risk) -> String {
        let wave = self.risk_wave(risk, true);
        match event {
            Event::Opened => format!("{name}, a sensitive topic: {wave}."),
            Event::Raised => format!("It is getting worse for {name}: {wave}."),
            Event::Fading => format!("Less is said about it for {name}. At its worst: {wave}."),
            Event::Closed => format!("It is over for {name}. At its worst: {wave}."),
        }
    }

    fn notice(&self, event: Event, name: &str, incident: &Incident) -> String {
        let reading = &incident.because;
        let volume = &reading.volume;
        let (all, expected) = (self.number(volume.observed), self.number(volume.expected));
        let (window, positive) = (window(volume.window_minutes), self.number(volume.positive));
        let percent = self.percent(reading.audible);
        match (incident.matter, event) {
            (Matter::Silence, Event::Closed) => format!(
                "{name} is spoken of again: {all} in {window} where {expected} are expected."
            ),
            (Matter::Silence, _) => format!(
                "Unusually little is said about {name}: {all} in {window} where {expected} are \
                 expected, although the sources answer."
            ),
            (Matter::Blind, Event::Closed) => {
                format!("The sources of {name} answer again: {percent} of the usual volume.")
            }
            (Matter::Blind, _) => format!(
                "{name} is hardly heard any more: {}, and only {percent} of the usual volume of the \
                 last hour could be heard. That this watch is calm proves nothing.",
                self.unheard(&incident.unheard)
            ),
            (Matter::Surge | Matter::BadBuzz, Event::Closed) => {
                format!("The volume is usual again for {name}: {all} in {window}.")
            }
            (Matter::Surge | Matter::BadBuzz, _) => format!(
                "Much is said about {name}, and nothing bad: {all} mentions in {window}, {} times \
                 the usual ({expected} expected), {positive} of them positive.",
                self.number(volume.factor())
            ),
        }
    }

    fn unheard(&self, unheard: &Unheard) -> String {
        let names: Vec<&str> = unheard.sources.iter().map(SourceId::as_str).collect();
        match names.as_slice() {
            [] => "its sources could not be heard for a while".to_owned(),
            [one] => format!("{one} does not answer"),
            several => format!("{} do not answer", self.listed(several, unheard.more)),
        }
    }

    fn title(&self, title: Title) -> &'static str {
        match title {
            Title::Numbers => "The numbers",
            Title::Chart => "Seven days",
            Title::Why => "Why this alert",
            Title::First => "The first mention",
            Title::Mentions => "What is being said",
            Title::Coverage => "What we can hear",
        }
    }

    fn label(&self, label: Label) -> &'static str {
        match label {
            Label::Observed => "Observed (copies weighted)",
            Label::Raw => "Negative mentions",
            Label::Expected => "Expected at this hour",
            Label::Usual => "Usual range",
            Label::Factor => "Factor",
            Label::Window => "Window",
            Label::Share => "Negative share",
            Label::UsualShare => "Usual share",
            Label::Authors => "Distinct authors",
            Label::Stories => "Different texts",
            Label::Copies => "Share of copies",
            Label::Score => "Score (out of 100)",
            Label::Severity => "Severity",
            Label::All => "Mentions (copies weighted)",
            Label::Positive => "Of them positive",
            Label::Audible => "Volume heard",
            Label::At => "Measured",
            Label::Read => "Read the original",
            Label::NoMentions => "No mention to quote.",
            Label::ChartNegative => "negative per hour",
            Label::ChartTotal => "all",
            Label::ChartUsual => "usual negatives",
        }
    }

    fn news(&self, terms: &[String]) -> String {
        format!("Not usually said: {}.", terms.join(", "))
    }

    fn spread(&self, spread: Spread) -> String {
        let stories = self.number(spread.stories as f64);
        match spread.copies {
            0 => format!("{stories}, no copies"),
            copies => {
                let copies = copies as f64;
                let word = plural(copies, "copy", "copies");
                format!("{stories}, and {}\u{a0}{word}", self.number(copies))
            }
        }
    }

    fn new_watch(&self, learned_hours: f64) -> String {
        format!(
            "This watch is new ({}\u{a0}h learned): its usual rhythm is not well known yet, read \
             these numbers with care.",
            self.number(learned_hours)
        )
    }

    fn coverage(&self, coverage: &Coverage, zone: &TimeZone) -> Vec<String> {
        let mut lines = vec![format!(
            "{} of {}\u{a0}{} heard.",
            self.number(coverage.up as f64),
            self.number(coverage.total() as f64),
            plural(coverage.total() as f64, "source", "sources")
        )];
        for (word, list) in [("Silent", &coverage.silent), ("Late", &coverage.late)] {
            if let Some(names) =
                super::super::letter::outages(list, |at| format!("since {}", self.moment(at, zone)))
            {
                lines.push(format!("{word}: {names}."));
            }
        }
        if lines.len() > 1 {
            lines.push("These numbers are therefore incomplete.".to_owned());
        }
        lines
    }

    fn aside(&self, aside: &[(AsideKind, u64)]) -> Option<String> {
        let word = |kind| match kind {
            AsideKind::OwnAccount => "by your accounts",
            AsideKind::OwnSite => "on your sites",
            AsideKind::Employee => "by employees",
            AsideKind::Spam => "spam",
        };
        let (total, parts) = counted(aside, |n| self.number(n), word)?;
        let total = total as f64;
        Some(format!(
            "Left aside, in none of these numbers: {}\u{a0}{} ({parts}).",
            self.number(total),
            plural(total, "mention", "mentions")
        ))
    }

    fn chart_alt(&self, reading: &Reading, peak: f64) -> String {
        format!(
            "Negative mentions per hour over seven days: {} at the peak; {} in {} at the last \
             reading against {} expected.",
            self.number(peak),
            self.number(reading.raw_negative),
            window(reading.window_minutes),
            self.number(reading.expected)
        )
    }

    fn incident(&self, id: &str) -> String {
        format!("Incident {id}")
    }

    fn told(&self, recipients: &[String]) -> String {
        format!("Told: {}", recipients.join(", "))
    }

    fn because_you(&self, name: &str) -> String {
        format!("You get this mail because you are a recipient of the watch {}.", self.quoted(name))
    }

    fn byline(&self, when: &str, source: &str, author: Option<&str>) -> String {
        let author = author.map(|author| format!(" · {author}")).unwrap_or_default();
        format!("{when} · {source}{author}")
    }
}
