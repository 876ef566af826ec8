//! The French words.

mod notation;
mod why;

use jiff::tz::TimeZone;

use super::{Label, Notation, Title, Words, counted, window};
use crate::model::{
    AsideKind, Event, Incident, Lang, Level, Matter, Reading, Risk, SourceId, Unheard,
};
use crate::notify::facts::{Coverage, Spread};

pub(super) struct French;

/// French counts zero and one as singular.
fn plural<'a>(value: f64, one: &'a str, many: &'a str) -> &'a str {
    if value.round() < 2.0 { one } else { many }
}

impl French {
    /// `31 mentions négatives en 1 h (24 en pondérant les copies), 8 fois l'habitude (3 attendues), par 17
    /// auteurs`: the factor is of the weighted number, so that number is said where it differs.
    fn wave(&self, reading: &Reading) -> String {
        let weighted = self.number(reading.observed);
        let apart = if weighted == self.number(reading.raw_negative) {
            String::new()
        } else {
            format!(" ({weighted} en pondérant les copies)")
        };
        format!(
            "{}\u{a0}{} en {}{apart}, {}\u{a0}fois l’habitude ({}\u{a0}{}), par {}\u{a0}{}",
            self.number(reading.raw_negative),
            plural(reading.raw_negative, "mention négative", "mentions négatives"),
            window(reading.window_minutes),
            self.number(reading.factor()),
            self.number(reading.expected),
            plural(reading.expected, "attendue", "attendues"),
            self.number(reading.authors),
            plural(reading.authors, "auteur", "auteurs"),
        )
    }
}

impl Words for French {
    fn lang(&self) -> Lang {
        Lang::FR
    }

    fn level(&self, level: Level) -> &'static str {
        match level {
            Level::Notice => "À NOTER",
            Level::Watch => "VEILLE",
            Level::Warning => "ALERTE",
            Level::Crisis => "CRISE",
        }
    }

    fn event(&self, event: Event) -> &'static str {
        match event {
            Event::Opened => "nouvel incident",
            Event::Raised => "l’incident s’aggrave",
            Event::Fading => "la vague retombe",
            Event::Closed => "incident terminé",
        }
    }

    fn subject(&self, level: Level, name: &str, reading: &Reading, topic: Option<&str>) -> String {
        let level = self.level(level);
        let factor = self.number(reading.factor());
        let window = window(reading.window_minutes);
        let topic = topic.map(|topic| format!(" — {}", self.quoted(topic))).unwrap_or_default();
        format!("[{level}] {name}\u{a0}: mentions négatives ×{factor} en {window}{topic}")
    }

    fn verdict(&self, event: Event, name: &str, now: &Reading, worst: &Reading) -> String {
        match event {
            Event::Opened => format!("{name}\u{a0}: {}.", self.wave(now)),
            Event::Raised => {
                format!("La situation s’aggrave pour {name}\u{a0}: {}.", self.wave(now))
            }
            Event::Fading => format!("La vague retombe pour {name}\u{a0}: {}.", self.wave(now)),
            Event::Closed => format!(
                "C’est terminé pour {name}\u{a0}: le rythme est redevenu normal. Au plus fort\u{a0}: {}.",
                self.wave(worst)
            ),
        }
    }

    fn risk_subject(&self, level: Level, name: &str, risk: &Risk) -> String {
        format!("[{}] {name}\u{a0}: {}", self.level(level), self.risk_wave(risk, false))
    }

    fn notice_subject(&self, name: &str, incident: &Incident) -> String {
        let reading = &incident.because;
        let volume = &reading.volume;
        let level = self.level(Level::Notice);
        let what = match incident.matter {
            Matter::Silence => format!(
                "silence inhabituel, {}\u{a0}{} en {}",
                self.number(volume.observed),
                plural(volume.observed, "mention", "mentions"),
                window(volume.window_minutes)
            ),
            Matter::Blind => format!(
                "{}, {} du volume entendu",
                self.unheard(&incident.unheard),
                self.percent(reading.audible)
            ),
            Matter::Surge | Matter::BadBuzz => format!(
                "mentions ×{} en {}, sans hausse du négatif",
                self.number(volume.factor()),
                window(volume.window_minutes)
            ),
        };
        format!("[{level}] {name}\u{a0}: {what}")
    }

    fn risk_verdict(&self, event: Event, name: &str, risk: &Risk) -> String {
        let wave = self.risk_wave(risk, true);
        match event {
            Event::Opened => format!("{name}, sujet sensible\u{a0}: {wave}."),
            Event::Raised => format!("La situation s’aggrave pour {name}\u{a0}: {wave}."),
            Event::Fading => format!("On en parle moins pour {name}. Au plus fort\u{a0}: {wave}."),
            Event::Closed => format!("C’est terminé pour {name}. Au plus fort\u{a0}: {wave}."),
        }
    }

    fn notice(&self, event: Event, name: &str, incident: &Incident) -> String {
        let reading = &incident.because;
        let volume = &reading.volume;
        let (all, expected) = (self.number(volume.observed), self.number(volume.expected));
        let (window, positive) = (window(volume.window_minutes), self.number(volume.positive));
        let percent = self.percent(reading.audible);
        match (incident.matter, event) {
            (Matter::Silence, Event::Closed) => {
                format!("On reparle de {name}\u{a0}: {all} en {window} pour {expected} attendues.")
            }
            (Matter::Silence, _) => format!(
                "On parle anormalement peu de {name}\u{a0}: {all} en {window} pour {expected} \
                 attendues, alors que les sources répondent."
            ),
            (Matter::Blind, Event::Closed) => format!(
                "Les sources de {name} répondent de nouveau\u{a0}: {percent} du volume habituel."
            ),
            (Matter::Blind, _) => format!(
                "{name} n’est presque plus écoutée\u{a0}: {}, et {percent} seulement du volume \
                 habituel de la dernière heure a pu être entendu. Le calme de cette veille ne prouve \
                 rien.",
                self.unheard(&incident.unheard)
            ),
            (Matter::Surge | Matter::BadBuzz, Event::Closed) => {
                format!("Le volume est redevenu habituel pour {name}\u{a0}: {all} en {window}.")
            }
            (Matter::Surge | Matter::BadBuzz, _) => format!(
                "On parle beaucoup de {name}, et pas en mal\u{a0}: {all} mentions en {window}, \
                 {}\u{a0}fois l’habitude ({expected} attendues), dont {positive} positives.",
                self.number(volume.factor())
            ),
        }
    }

    fn unheard(&self, unheard: &Unheard) -> String {
        let names: Vec<&str> = unheard.sources.iter().map(SourceId::as_str).collect();
        match names.as_slice() {
            [] => "ses sources n’ont pas pu être entendues".to_owned(),
            [one] => format!("{one} ne répond plus"),
            several => format!("{} ne répondent plus", self.listed(several, unheard.more)),
        }
    }

    fn title(&self, title: Title) -> &'static str {
        match title {
            Title::Numbers => "Les chiffres",
            Title::Chart => "Sept jours",
            Title::Why => "Pourquoi cette alerte",
            Title::First => "La première mention",
            Title::Mentions => "Ce qui se dit",
            Title::Coverage => "Ce que nous entendons",
        }
    }

    fn label(&self, label: Label) -> &'static str {
        match label {
            Label::Observed => "Observé (copies pondérées)",
            Label::Raw => "Mentions négatives",
            Label::Expected => "Attendu à cette heure",
            Label::Usual => "Fourchette habituelle",
            Label::Factor => "Facteur",
            Label::Window => "Fenêtre",
            Label::Share => "Part de négatif",
            Label::UsualShare => "Part habituelle",
            Label::Authors => "Auteurs distincts",
            Label::Stories => "Textes différents",
            Label::Copies => "Part de copies",
            Label::Score => "Score (sur 100)",
            Label::Severity => "Gravité",
            Label::All => "Mentions (copies pondérées)",
            Label::Positive => "Dont positives",
            Label::Audible => "Volume entendu",
            Label::At => "Relevé",
            Label::Read => "Lire l’original",
            Label::NoMentions => "Aucune mention à citer.",
            Label::ChartNegative => "négatives par heure",
            Label::ChartTotal => "toutes",
            Label::ChartUsual => "négatif habituel",
        }
    }

    fn news(&self, terms: &[String]) -> String {
        format!("Ce qui ne se dit pas d’habitude\u{a0}: {}.", terms.join(", "))
    }

    fn spread(&self, spread: Spread) -> String {
        let stories = self.number(spread.stories as f64);
        match spread.copies {
            0 => format!("{stories}, sans copie"),
            copies => {
                let copies = copies as f64;
                let word = plural(copies, "copie", "copies");
                format!("{stories}, et {}\u{a0}{word}", self.number(copies))
            }
        }
    }

    fn new_watch(&self, learned_hours: f64) -> String {
        format!(
            "Cette veille est récente ({}\u{a0}h apprises)\u{a0}: son rythme habituel est encore mal \
             connu, ces chiffres sont à prendre avec prudence.",
            self.number(learned_hours)
        )
    }

    fn coverage(&self, coverage: &Coverage, zone: &TimeZone) -> Vec<String> {
        let total = coverage.total() as f64;
        let mut lines = vec![format!(
            "{}\u{a0}{} sur {} {}.",
            self.number(coverage.up as f64),
            plural(coverage.up as f64, "source", "sources"),
            self.number(total),
            plural(coverage.up as f64, "écoutée", "écoutées")
        )];
        for (word, list) in [("Muettes", &coverage.silent), ("En retard", &coverage.late)] {
            if let Some(names) = super::super::letter::outages(list, |at| {
                format!("depuis {}", self.moment(at, zone))
            }) {
                lines.push(format!("{word}\u{a0}: {names}."));
            }
        }
        if lines.len() > 1 {
            lines.push("Ces chiffres sont donc incomplets.".to_owned());
        }
        lines
    }

    fn aside(&self, aside: &[(AsideKind, u64)]) -> Option<String> {
        let word = |kind| match kind {
            AsideKind::OwnAccount => "de vos comptes",
            AsideKind::OwnSite => "sur vos sites",
            AsideKind::Employee => "de collaborateurs",
            AsideKind::Spam => "de spam",
        };
        let (total, parts) = counted(aside, |n| self.number(n), word)?;
        let total = total as f64;
        Some(format!(
            "{}, hors de tous ces chiffres\u{a0}: {}\u{a0}{} ({parts}).",
            plural(total, "Laissée de côté", "Laissées de côté"),
            self.number(total),
            plural(total, "mention", "mentions")
        ))
    }

    fn chart_alt(&self, reading: &Reading, peak: f64) -> String {
        format!(
            "Mentions négatives par heure sur sept jours\u{a0}: {} au plus fort\u{a0}; {} en {} au \
             dernier relevé pour {} attendues.",
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
        format!("Prévenus\u{a0}: {}", recipients.join(", "))
    }

    fn because_you(&self, name: &str) -> String {
        format!(
            "Vous recevez ce courriel parce que vous êtes destinataire de la veille {}.",
            self.quoted(name)
        )
    }

    fn byline(&self, when: &str, source: &str, author: Option<&str>) -> String {
        let author = author.map(|author| format!(" · {author}")).unwrap_or_default();
        format!("{when} · {source}{author}")
    }
}
