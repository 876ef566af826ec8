//! What English says of the reasons of an alert.

use super::super::{Held, Notation, Why, silent_settings};
use super::{English, plural};
use crate::model::risk::Measure;
use crate::model::{Reading, Risk, Severity};

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
        let mut lines = vec![format!(
            "Surprise {} against a threshold of {} (setting “{}”).",
            self.number(reading.surprise),
            self.number(sensitivity.threshold() + caution),
            sensitivity.as_str()
        )];
        if caution >= 0.05 {
            lines.push(format!(
                "That threshold heeds your false alarms: {} by the setting, and {} more.",
                self.number(sensitivity.threshold()),
                self.number(caution)
            ));
        }
        if by_risk {
            lines.push(
                "That number alone would not have alerted: a sensitive topic does whatever the \
                 setting. To silence it, write alert = false under this topic in your rules."
                    .to_owned(),
            );
            return lines;
        }
        let silent = silent_settings(reading, caution);
        lines.push(if silent.is_empty() {
            "Even the “prudent” setting would have alerted.".to_owned()
        } else {
            let words: Vec<String> = silent.iter().map(|word| self.quoted(word.as_str())).collect();
            format!("Would have stayed silent with the setting {}.", words.join(" or "))
        });
        lines
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
        format!("{} of 5", severity.value)
    }

    fn decision(&self, reason: &str) -> String {
        format!("Decision: {reason}")
    }
}
