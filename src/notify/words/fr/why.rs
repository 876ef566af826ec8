//! What French says of the reasons of an alert.

use jiff::tz::TimeZone;

use super::super::{Held, Notation, Why, moved, silent_settings, terms};
use super::{French, plural};
use crate::model::risk::Measure;
use crate::model::{Ended, Former, Heeded, Reading, Risk, Said, Sensitivity, Severity};

fn setting(sensitivity: Sensitivity) -> &'static str {
    match sensitivity {
        Sensitivity::Prudent => "prudent",
        Sensitivity::Balanced => "équilibré",
        Sensitivity::Sensitive => "sensible",
    }
}

impl French {
    /// `1 mention`, `12 mentions`.
    fn some(&self, count: u32, one: &str, many: &str) -> String {
        let count = f64::from(count);
        format!("{}\u{a0}{}", self.number(count), plural(count, one, many))
    }

    /// `« rappel produit », 3 mentions en 24 h`, and whole with who and what is usual.
    pub(super) fn risk_wave(&self, risk: &Risk, whole: bool) -> String {
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

impl Why for French {
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

    fn why(&self, reading: &Reading, held: Held) -> Vec<String> {
        let Held { sensitivity, caution, by_risk } = held;
        let surprise = format!(
            "Surprise de {} pour un seuil de {} (réglage «\u{a0}{}\u{a0}»).",
            self.number(reading.surprise),
            self.number(sensitivity.threshold() + caution),
            setting(sensitivity)
        );
        if by_risk {
            let risk =
                "Ce nombre seul n’aurait pas alerté\u{a0}: un sujet sensible alerte quel que soit le \
                 réglage. Pour le faire taire, écrivez alert = false sous ce sujet dans vos règles."
                    .to_owned();
            return vec![surprise, risk];
        }
        let silent = silent_settings(reading, caution);
        let quiet = if silent.is_empty() {
            "Même le réglage «\u{a0}prudent\u{a0}» aurait alerté.".to_owned()
        } else {
            let words: Vec<String> =
                silent.iter().map(|word| self.quoted(setting(*word))).collect();
            format!("Serait restée silencieuse avec le réglage {}.", words.join(" ou "))
        };
        vec![surprise, quiet]
    }

    fn threshold(
        &self,
        sensitivity: Sensitivity,
        caution: f64,
        heeded: &Heeded,
        zone: &TimeZone,
    ) -> String {
        let setting = sensitivity.threshold();
        if !moved(caution) {
            return format!("Seuil de {}, celui du réglage.", self.number(setting));
        }
        format!(
            "Seuil de {}\u{a0}: {} du réglage, {}.",
            self.number(setting + caution),
            self.number(setting),
            self.heeded(caution, heeded, zone)
        )
    }

    fn heeded(&self, caution: f64, heeded: &Heeded, zone: &TimeZone) -> String {
        let date = |said: &Said| said.last.map_or_else(String::new, |at| self.date(at, zone));
        let said = |said: &Said, one: &str, many: &str, when: &str| match said.count {
            0 => None,
            1 => Some(format!("une {one}{when} {}", date(said))),
            count => Some(format!("{count}\u{a0}{many}, la dernière{when} {}", date(said))),
        };
        let grounds = [
            said(&heeded.false_alarms, "fausse alerte", "fausses alertes", " du"),
            said(&heeded.missed, "crise manquée", "crises manquées", " signalée le"),
            said(&heeded.late, "crise vue trop tard", "crises vues trop tard", " signalée le"),
        ];
        let grounds: Vec<&str> = grounds.iter().flatten().map(String::as_str).collect();
        let after = if grounds.is_empty() { "vos avis" } else { &self.listed(&grounds, 0) };
        let way = if caution < 0.0 { "de moins" } else { "de plus" };
        format!("{} {way} après {after}", self.number(caution.abs()))
    }

    fn former(&self, former: &Former, zone: &TimeZone) -> String {
        let ended = match former.ended {
            Ended::FalseAlarm => "une fausse alerte",
            Ended::ByHand => "clos par l’équipe",
            Ended::Quiet => "retombé de lui-même",
        };
        let date = self.date(former.closed, zone);
        format!("Le précédent, {}, s’est terminé le {date}\u{a0}: {ended}.", former.id)
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
        let word = |name| match name {
            "level" => "niveau",
            "press" => "presse",
            "topic" => "sujet sensible",
            "spread" => "trois sortes de sources",
            "copies" => "copies coordonnées",
            "planned" => "prévu",
            "bounds" => "bornes",
            name => name,
        };
        format!("{} sur 5{}", severity.value, terms(severity, word))
    }

    fn decision(&self, reason: &str) -> String {
        format!("Décision\u{a0}: {reason}")
    }
}
