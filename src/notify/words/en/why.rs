//! What English says of the reasons of an alert.

use jiff::tz::TimeZone;

use super::super::{Held, Notation, Why, moved, silent_settings, terms};
use super::{English, plural};
use crate::model::risk::Measure;
use crate::model::{Ended, Former, Heeded, Reading, Risk, Said, Sensitivity, Severity};

impl English {
    /// `1 mention`, `12 mentions`.
    fn some(&self, count: u32, one: &str, many: &str) -> String {
        let count = f64::from(count);
        format!("{}\u{a0}{}", self.number(count), plural(count, one, many))
    }

    /// `“recall”, 3 mentions in 24 h`, and whole with who and what is usual.
    pub(super) fn risk_wave(&self, risk: &Risk, whole: bool) -> String {
        let Risk::Topic { topic, mentions, authors, hours, usual, .. } = risk else {
            return self.risk(risk);
        };
        let topic = self.quoted(&self.topic(topic));
        let mentions = self.some(*mentions, "mention", "mentions");
        if !whole {
            return format!("{topic}, {mentions} in {hours}\u{a0}h");
        }
        let authors = self.some(*authors, "author", "authors");
        let usual = self.number(*usual);
        format!("{topic}, {mentions} by {authors} in {hours}\u{a0}h (usually {usual})")
    }
}

impl Why for English {
    fn why(&self, reading: &Reading, held: Held) -> Vec<String> {
        let Held { sensitivity, caution, by_risk } = held;
        let surprise = format!(
            "Surprise {} against a threshold of {} (setting “{}”).",
            self.number(reading.surprise),
            self.number(sensitivity.threshold() + caution),
            sensitivity.as_str()
        );
        if by_risk {
            let risk =
                "That number alone would not have alerted: a sensitive topic does whatever the \
                 setting. To silence it, write alert = false under this topic in your rules."
                    .to_owned();
            return vec![surprise, risk];
        }
        let silent = silent_settings(reading, caution);
        let quiet = if silent.is_empty() {
            "Even the “prudent” setting would have alerted.".to_owned()
        } else {
            let words: Vec<String> = silent.iter().map(|word| self.quoted(word.as_str())).collect();
            format!("Would have stayed silent with the setting {}.", words.join(" or "))
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
            return format!("Threshold of {}, that of the setting.", self.number(setting));
        }
        format!(
            "Threshold of {}: {} of the setting, {}.",
            self.number(setting + caution),
            self.number(setting),
            self.heeded(caution, heeded, zone)
        )
    }

    fn heeded(&self, caution: f64, heeded: &Heeded, zone: &TimeZone) -> String {
        let date = |said: &Said| said.last.map_or_else(String::new, |at| self.date(at, zone));
        let said = |said: &Said, one: &str, many: &str, when: &str| match said.count {
            0 => None,
            1 => Some(format!("one {one}{when} {}", date(said))),
            count => Some(format!("{count}\u{a0}{many}, the last{when} {}", date(said))),
        };
        let grounds = [
            said(&heeded.false_alarms, "false alarm", "false alarms", " of"),
            said(&heeded.missed, "missed crisis", "missed crises", " marked on"),
            said(&heeded.late, "crisis found late", "crises found late", " marked on"),
        ];
        let grounds: Vec<&str> = grounds.iter().flatten().map(String::as_str).collect();
        let after = if grounds.is_empty() { "your verdicts" } else { &self.listed(&grounds, 0) };
        let way = if caution < 0.0 { "less" } else { "more" };
        format!("{} {way} after {after}", self.number(caution.abs()))
    }

    fn former(&self, former: &Former, zone: &TimeZone) -> String {
        let ended = match former.ended {
            Ended::FalseAlarm => "a false alarm",
            Ended::ByHand => "closed by the team",
            Ended::Quiet => "it went quiet by itself",
        };
        let date = self.date(former.closed, zone);
        format!("The one before, {}, ended on {date}: {ended}.", former.id)
    }

    fn risk(&self, risk: &Risk) -> String {
        match risk {
            Risk::Topic { .. } => format!("Sensitive topic: {}.", self.risk_wave(risk, true)),
            Risk::Press { sites, stories, .. } => format!(
                "The press took it up: {} ({}).",
                sites.join(", "),
                self.some(*stories, "text", "different texts")
            ),
            Risk::Viral { measure, per_hour, usual, .. } => format!(
                "One post runs away: {} {} an hour (usually {}).",
                self.number(*per_hour),
                match measure {
                    Measure::Reactions => "reactions",
                    Measure::Views => "views",
                },
                self.number(*usual)
            ),
            Risk::Audience { reach, usual, .. } => format!(
                "A widely followed author: {}\u{a0}followers (potential audience; usually {}).",
                self.number(*reach as f64),
                self.number(*usual)
            ),
            Risk::Coordinated { copies, authors, minutes, .. } => format!(
                "Coordinated posting: {} of one text by {} in {minutes}\u{a0}min.",
                self.some(*copies, "copy", "copies"),
                self.some(*authors, "account", "accounts")
            ),
        }
    }

    fn planned(&self, name: &str, until: &str) -> String {
        format!("Planned: {} (until {until}).", self.quoted(name))
    }

    fn severity(&self, severity: &Severity) -> String {
        let word = |name| match name {
            "topic" => "sensitive topic",
            "spread" => "three kinds of source",
            "copies" => "coordinated copies",
            name => name,
        };
        format!("{} of 5{}", severity.value, terms(severity, word))
    }

    fn decision(&self, reason: &str) -> String {
        format!("Decision: {reason}")
    }
}
