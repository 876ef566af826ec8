//! The French words.

use jiff::tz::TimeZone;

use super::{Held, Label, Title, Words, counted, digits, silent_settings, window};
use crate::model::risk::Measure;
use crate::model::{
    AsideKind, Event, Lang, Level, Matter, Reading, Risk, Sensitivity, Severity, Timestamp,
};
use crate::notify::facts::{Coverage, Spread};

pub(super) struct French;

const DAYS: [&str; 7] = ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."];
const MONTHS: [&str; 12] = [
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.",
    "déc.",
];

fn setting(sensitivity: Sensitivity) -> &'static str {
    match sensitivity {
        Sensitivity::Prudent => "prudent",
        Sensitivity::Balanced => "équilibré",
        Sensitivity::Sensitive => "sensible",
    }
}

/// French counts zero and one as singular.
fn plural<'a>(value: f64, one: &'a str, many: &'a str) -> &'a str {
    if value.round() < 2.0 { one } else { many }
}

impl French {
    /// `1 mention`, `12 mentions`.
    fn some(&self, count: u32, one: &str, many: &str) -> String {
        let count = f64::from(count);
        format!("{}\u{a0}{}", self.number(count), plural(count, one, many))
    }

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

impl French {
    /// `« rappel produit », 3 mentions en 24 h`, and whole with who and what is usual.
    fn risk_wave(&self, risk: &Risk, whole: bool) -> String {
        let Risk::Topic { topic, mentions, authors, hours, usual, .. } = risk else {
            return self.risk(risk);
        };
        let topic = self.quoted(&self.topic(topic));
        let mentions = self.some(*mentions, "mention", "mentions");
        if !whole {
            return format!("{topic}, {mentions} en {hours}\u{a0}h");
        }
        let authors = self.some(*authors, "auteur", "auteurs");
        let usual = self.number(*usual);
        format!("{topic}, {mentions} par {authors} en {hours}\u{a0}h ({usual} d’habitude)")
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

    fn topic(&self, name: &str) -> String {
        let known = match name {
            "accident" => "accident",
            "animal-cruelty" => "maltraitance animale",
            "boycott" => "boycott",
            "corruption" => "corruption",
            "counterfeit" => "contrefaçon",
            "cyberattack" => "cyberattaque",
            "data-breach" => "fuite de données",
            "death" => "décès",
            "discrimination" => "discrimination",
            "disinformation" => "désinformation",
            "fire" => "incendie",
            "fraud" => "fraude",
            "harassment" => "harcèlement",
            "health" => "santé",
            "hygiene" => "hygiène",
            "insolvency" => "faillite",
            "justice" => "justice",
            "labour" => "conditions de travail",
            "layoffs" => "licenciements",
            "misleading-ads" => "publicité mensongère",
            "outage" => "panne",
            "pollution" => "pollution",
            "prices" => "prix",
            "recall" => "rappel produit",
            "strike" => "grève",
            own => return own.replace(['-', '_'], " "),
        };
        known.to_owned()
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

    fn notice_subject(&self, matter: Matter, name: &str, reading: &Reading) -> String {
        let volume = &reading.volume;
        let level = self.level(Level::Notice);
        let what = match matter {
            Matter::Silence => format!(
                "silence inhabituel, {}\u{a0}{} en {}",
                self.number(volume.observed),
                plural(volume.observed, "mention", "mentions"),
                window(volume.window_minutes)
            ),
            Matter::Blind => {
                format!("sources muettes, {} du volume entendu", self.percent(reading.audible))
            }
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

    fn notice(&self, matter: Matter, event: Event, name: &str, reading: &Reading) -> String {
        let volume = &reading.volume;
        let (all, expected) = (self.number(volume.observed), self.number(volume.expected));
        let (window, positive) = (window(volume.window_minutes), self.number(volume.positive));
        let percent = self.percent(reading.audible);
        match (matter, event) {
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
                "{name} n’est presque plus écoutée\u{a0}: depuis une heure, {percent} seulement du \
                 volume habituel peut être entendu. Le calme de cette veille ne prouve rien."
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

    fn why(&self, reading: &Reading, held: Held) -> Vec<String> {
        let Held { sensitivity, caution, by_risk } = held;
        let mut lines = vec![format!(
            "Surprise de {} pour un seuil de {} (réglage «\u{a0}{}\u{a0}»).",
            self.number(reading.surprise),
            self.number(sensitivity.threshold() + caution),
            setting(sensitivity)
        )];
        if caution >= 0.05 {
            lines.push(format!(
                "Ce seuil tient compte de vos fausses alertes\u{a0}: {} du réglage, et {} en plus.",
                self.number(sensitivity.threshold()),
                self.number(caution)
            ));
        }
        if by_risk {
            lines.push(
                "Ce nombre seul n’aurait pas alerté\u{a0}: un sujet sensible alerte quel que soit le \
                 réglage. Pour le faire taire, écrivez alert = false sous ce sujet dans vos règles."
                    .to_owned(),
            );
            return lines;
        }
        let silent = silent_settings(reading, caution);
        lines.push(if silent.is_empty() {
            "Même le réglage «\u{a0}prudent\u{a0}» aurait alerté.".to_owned()
        } else {
            let words: Vec<String> =
                silent.iter().map(|word| self.quoted(setting(*word))).collect();
            format!("Serait restée silencieuse avec le réglage {}.", words.join(" ou "))
        });
        lines
    }

    fn risk(&self, risk: &Risk) -> String {
        match risk {
            Risk::Topic { .. } => format!("Sujet sensible\u{a0}: {}.", self.risk_wave(risk, true)),
            Risk::Press { sites, stories, .. } => format!(
                "Reprise par la presse\u{a0}: {} ({}).",
                sites.join(", "),
                self.some(*stories, "texte", "textes différents")
            ),
            Risk::Viral { measure, per_hour, usual, .. } => format!(
                "Une publication s’emballe\u{a0}: {} {} par heure ({} d’habitude).",
                self.number(*per_hour),
                match measure {
                    Measure::Reactions => "réactions",
                    Measure::Views => "vues",
                },
                self.number(*usual)
            ),
            Risk::Audience { reach, usual, .. } => format!(
                "Un auteur très suivi\u{a0}: {}\u{a0}abonnés (audience potentielle\u{a0}; {} d’habitude).",
                self.number(*reach as f64),
                self.number(*usual)
            ),
            Risk::Coordinated { copies, authors, minutes, .. } => format!(
                "Publication coordonnée\u{a0}: {} d’un même texte par {} en {minutes}\u{a0}min.",
                self.some(*copies, "copie", "copies"),
                self.some(*authors, "compte", "comptes")
            ),
        }
    }

    fn planned(&self, name: &str, until: &str) -> String {
        format!("Prévu\u{a0}: {} (jusqu’au {until}).", self.quoted(name))
    }

    fn severity(&self, severity: &Severity) -> String {
        format!("{} sur 5", severity.value)
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

    fn decision(&self, reason: &str) -> String {
        format!("Décision\u{a0}: {reason}")
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

    fn quoted(&self, text: &str) -> String {
        format!("«\u{a0}{text}\u{a0}»")
    }

    fn percent(&self, share: f64) -> String {
        format!("{:.0}\u{a0}%", share.clamp(0.0, 1.0) * 100.0)
    }

    fn number(&self, value: f64) -> String {
        digits(value, ",", "\u{a0}")
    }

    fn range(&self, low: f64, high: f64) -> String {
        format!("{} à {}", self.number(low), self.number(high))
    }

    fn moment(&self, at: Timestamp, zone: &TimeZone) -> String {
        let at = at.to_zoned(zone.clone());
        let month = MONTHS.get(usize::from(at.month().unsigned_abs()) - 1).copied().unwrap_or("");
        format!(
            "{}\u{a0}{month}\u{a0}{}, {}\u{a0}h\u{a0}{:02}",
            self.day(at.timestamp(), zone),
            at.year(),
            at.hour(),
            at.minute()
        )
    }

    fn day(&self, at: Timestamp, zone: &TimeZone) -> String {
        let at = at.to_zoned(zone.clone());
        let day = usize::from(at.weekday().to_monday_zero_offset().unsigned_abs());
        format!("{}\u{a0}{}", DAYS.get(day).copied().unwrap_or(""), at.day())
    }
}
