//! The words of a mail: what is said, why, and how it is written, a folder for each language; nothing is
//! said anywhere else.

mod en;
mod fr;

use jiff::tz::TimeZone;

use super::facts::{Coverage, Spread};
use crate::model::incident::SeverityTerm;
use crate::model::{
    AsideKind, Event, Former, Heeded, Incident, Lang, Level, Reading, Risk, Sensitivity, Severity,
    Timestamp, Unheard,
};

/// Everything a mail says in its own voice. Spaces that must not break are U+00A0 in every
/// language; the HTML narrows them where typography wants it.
pub trait Words: Why {
    fn lang(&self) -> Lang;
    /// `CRISE`, as subject and banner write it.
    fn level(&self, level: Level) -> &'static str;
    fn event(&self, event: Event) -> &'static str;
    fn subject(&self, level: Level, name: &str, reading: &Reading, topic: Option<&str>) -> String;
    /// The same for an incident that a known risk makes, whatever the numbers.
    fn risk_subject(&self, level: Level, name: &str, risk: &Risk) -> String;
    /// The same for a matter that is no bad buzz.
    fn notice_subject(&self, name: &str, incident: &Incident) -> String;
    /// What happened, in one sentence that can be read alone.
    fn verdict(&self, event: Event, name: &str, now: &Reading, worst: &Reading) -> String;
    /// The same for an incident that a known risk makes, whatever the numbers.
    fn risk_verdict(&self, event: Event, name: &str, risk: &Risk) -> String;
    /// The same for a matter that is no bad buzz.
    fn notice(&self, event: Event, name: &str, incident: &Incident) -> String;
    /// `forum-lait, mastodon-fr and 2 more do not answer`
    fn unheard(&self, unheard: &Unheard) -> String;
    fn title(&self, title: Title) -> &'static str;
    fn label(&self, label: Label) -> &'static str;
    /// What is said now and not usually; each term in quotation marks, with its mentions.
    fn news(&self, terms: &[String]) -> String;
    /// `24, and 7 copies`
    fn spread(&self, spread: Spread) -> String;
    fn new_watch(&self, learned_hours: f64) -> String;
    fn coverage(&self, coverage: &Coverage, zone: &TimeZone) -> Vec<String>;
    /// How many mentions count for nothing, and why; nothing when there is none.
    fn aside(&self, aside: &[(AsideKind, u64)]) -> Option<String>;
    fn chart_alt(&self, reading: &Reading, peak: f64) -> String;
    fn incident(&self, id: &str) -> String;
    fn told(&self, recipients: &[String]) -> String;
    fn because_you(&self, name: &str) -> String;
    fn byline(&self, when: &str, source: &str, author: Option<&str>) -> String;
}

/// Why an alert was raised, and how grave it is.
pub trait Why: Notation {
    /// Why the threshold was passed, and what setting would have kept it silent.
    fn why(&self, reading: &Reading, held: Held) -> Vec<String>;
    /// `Threshold of 3.2: 2.9 of the setting, 0.3 more after one false alarm of 12 Nov 2026.`
    fn threshold(
        &self,
        sensitivity: Sensitivity,
        caution: f64,
        heeded: &Heeded,
        zone: &TimeZone,
    ) -> String;
    /// `0.3 more after one false alarm of 12 Nov 2026`; `caution` is what people's words added to
    /// the threshold of the setting, or took off.
    fn heeded(&self, caution: f64, heeded: &Heeded, zone: &TimeZone) -> String;
    /// The incident before, and how it ended.
    fn former(&self, former: &Former, zone: &TimeZone) -> String;
    /// What makes it dangerous beside its number.
    fn risk(&self, risk: &Risk) -> String;
    /// An event that was planned; `until` is in the reader's words.
    fn planned(&self, name: &str, until: &str) -> String;
    /// `4 of 5 (level 3, press +1)`
    fn severity(&self, severity: &Severity) -> String;
    fn decision(&self, reason: &str) -> String;

    /// A topic of the shipped rules in the reader's words; an operator's own as it is named.
    fn topic(&self, name: &str) -> String {
        name.replace(['-', '_'], " ")
    }
}

/// How a language writes numbers, times and quotations.
pub trait Notation: Sync {
    fn quoted(&self, text: &str) -> String;
    /// `a, b and 2 more`
    fn listed(&self, names: &[&str], more: usize) -> String;
    fn percent(&self, share: f64) -> String;
    /// At most one decimal, none above ten; thousands grouped.
    fn number(&self, value: f64) -> String;
    fn range(&self, low: f64, high: f64) -> String;
    fn moment(&self, at: Timestamp, zone: &TimeZone) -> String;
    /// `12 nov. 2026`
    fn date(&self, at: Timestamp, zone: &TimeZone) -> String;
    /// `lun. 23`: a day on the chart's axis.
    fn day(&self, at: Timestamp, zone: &TimeZone) -> String;
}

/// What a reading was held to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Held {
    pub sensitivity: Sensitivity,
    /// What people's verdicts added to the threshold of the setting.
    pub caution: f64,
    /// Below the threshold: a known risk was reason enough.
    pub by_risk: bool,
}

/// Headings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Title {
    Numbers,
    Chart,
    Why,
    First,
    Mentions,
    Coverage,
}

/// Names of numbers and links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    Observed,
    Raw,
    Expected,
    Usual,
    Factor,
    Window,
    Share,
    UsualShare,
    Authors,
    Stories,
    Copies,
    Score,
    Severity,
    All,
    Positive,
    Audible,
    At,
    Read,
    NoMentions,
    ChartNegative,
    ChartTotal,
    ChartUsual,
}

/// The language pack of a language; English for those that have none.
pub fn of(language: Lang) -> &'static dyn Words {
    if language == Lang::FR { &fr::French } else { &en::English }
}

/// `a, b and c`, in the words of a language for `and` and for how many more there are.
fn listed(names: &[&str], and: &str, more: Option<&str>) -> String {
    let mut names: Vec<&str> = names.to_vec();
    names.extend(more);
    match names.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, before)) => format!("{} {and} {last}", before.join(", ")),
    }
}

/// Digits of a number: one decimal below ten unless it is whole, groups of three above.
fn digits(value: f64, point: &str, group: &str) -> String {
    if !value.is_finite() {
        return "—".into();
    }
    let value = value.max(0.0);
    let tenths = (value * 10.0).round() / 10.0;
    if tenths < 10.0 && tenths.fract() != 0.0 {
        return format!("{tenths:.1}").replace('.', point);
    }
    let whole = format!("{:.0}", value.min(1e15));
    let mut out = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push_str(group);
        }
        out.push(digit);
    }
    out
}

/// Minutes as people say them: minutes below an hour, whole hours above.
pub(super) fn window(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}\u{a0}min"),
        (hours, 0) => format!("{hours}\u{a0}h"),
        (hours, minutes) => format!("{hours}\u{a0}h\u{a0}{minutes:02}"),
    }
}

/// How many there are together, and `9 spam, 2 …` in the words of a language.
fn counted(
    aside: &[(AsideKind, u64)],
    number: impl Fn(f64) -> String,
    word: impl Fn(AsideKind) -> &'static str,
) -> Option<(u64, String)> {
    let total: u64 = aside.iter().map(|(_, count)| count).sum();
    let part = |(kind, count): &(AsideKind, u64)| {
        format!("{}\u{a0}{}", number(*count as f64), word(*kind))
    };
    let parts: Vec<String> = aside.iter().map(part).collect();
    (total > 0).then(|| (total, parts.join(", ")))
}

/// Whether what people said moved a threshold by enough to be told.
pub fn moved(caution: f64) -> bool {
    caution.abs() >= 0.05
}

/// ` (level 3, press +1)`: what made a severity, where that is more than the level.
fn terms<'a>(severity: &'a Severity, word: impl Fn(&'a str) -> &'a str) -> String {
    let term = |term: &'a SeverityTerm| match (term.name.as_str(), term.value) {
        ("level", value) => format!("{}\u{a0}{value}", word("level")),
        (name, value) if value < 0 => format!("{}\u{a0}−{}", word(name), value.unsigned_abs()),
        (name, value) => format!("{}\u{a0}+{value}", word(name)),
    };
    let terms: Vec<String> = severity.terms.iter().map(term).collect();
    if terms.len() < 2 { String::new() } else { format!(" ({})", terms.join(", ")) }
}

/// The words of the settings that would have stayed silent at this surprise.
fn silent_settings(reading: &Reading, caution: f64) -> Vec<Sensitivity> {
    let silent = |word: &Sensitivity| word.threshold() + caution > reading.surprise;
    Sensitivity::ALL.into_iter().filter(silent).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_never_too_precise() {
        let cases =
            [(0.0, "0"), (2.96, "3"), (3.24, "3,2"), (9.97, "10"), (1250.4, "1 250"), (-1.0, "0")];
        for (value, text) in cases {
            assert_eq!(digits(value, ",", " "), text, "{value}");
        }
        assert_eq!(digits(f64::NAN, ",", " "), "—");
    }
}
