//! Known risks: a topic of the rules, said by enough people within enough hours, and more than this
//! watch is used to.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Echo;
use super::recent::{Mark, Recent, Said as _, voices};
use super::usual::Daily;
use crate::model::{Risk, Tone};
use crate::rules::{Alerts, TopicAlert};

/// Mentions of a topic that are remembered. Where more are usual, as many in fewer hours are
/// compared.
const MENTIONS: usize = 64;

/// Topics with a memory. An operator's files may name more; then the quietest is forgotten.
const TOPICS: usize = 64;

const HOUR: i64 = 3600;

/// What each topic brought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Topics {
    start: i64,
    spoken: BTreeMap<String, Spoken>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Spoken {
    recent: Recent<Mark>,
    usual: Daily,
}

impl Topics {
    pub(super) fn new(start: i64) -> Topics {
        Topics { start, spoken: BTreeMap::new() }
    }

    /// Whoever is glad that a product was recalled in time is no risk; whoever reports it without
    /// a tone is.
    pub(super) fn hear(&mut self, echo: &Echo) {
        self.learn_from(echo);
        for topic in spoken(echo) {
            if let Some(spoken) = self.spoken.get_mut(topic) {
                spoken.recent.add(Mark::of(echo), MENTIONS);
            }
        }
    }

    pub(super) fn learn_from(&mut self, echo: &Echo) {
        for topic in spoken(echo) {
            self.make_room(topic);
            let new = || Spoken { recent: Recent::default(), usual: Daily::new(self.start) };
            let spoken = self.spoken.entry(topic.to_owned()).or_insert_with(new);
            spoken.usual.count(echo.second(), echo.signal.arrived.as_second());
        }
    }

    fn make_room(&mut self, topic: &str) {
        if self.spoken.contains_key(topic) || self.spoken.len() < TOPICS {
            return;
        }
        let quietest = self.spoken.iter().min_by_key(|(_, spoken)| spoken.recent.len());
        if let Some(name) = quietest.map(|(name, _)| name.clone()) {
            self.spoken.remove(&name);
        }
    }

    pub(super) fn risks(&self, now: i64, alerts: &Alerts) -> Vec<Risk> {
        let told = self
            .spoken
            .iter()
            .filter_map(|(topic, spoken)| spoken.risk(topic, *alerts.get(topic)?, now));
        let mut found: Vec<(f64, Risk)> = told.collect();
        found.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        found.into_iter().map(|(_, risk)| risk).collect()
    }
}

/// The topics of a mention that can be a risk, each once.
fn spoken(echo: &Echo) -> BTreeSet<&str> {
    let topics = echo.topics.iter().filter(|_| echo.signal.tone != Tone::Positive);
    topics.map(String::as_str).collect()
}

impl Spoken {
    /// The risk, and how many times the usual number it is.
    fn risk(&self, topic: &str, alert: TopicAlert, now: i64) -> Option<(f64, Risk)> {
        let mut seconds = i64::from(alert.hours) * HOUR;
        if self.recent.len() >= MENTIONS {
            // As many are remembered as there are: what came before them is not known.
            seconds = seconds.min(now - self.recent.oldest()? + 1);
        }
        let marks = || self.recent.within(seconds, now);
        let mentions = u32::try_from(marks().count()).ok()?;
        let authors = voices(marks());
        let (usual, above) = self.usual.expected(seconds, now);
        if mentions < alert.count || authors < alert.authors || f64::from(mentions) <= above {
            return None;
        }
        let hours = u32::try_from(seconds.saturating_add(HOUR - 1) / HOUR).ok()?;
        let seqs = marks().map(|mark| mark.at().1).collect();
        let topic = topic.to_owned();
        let risk = Risk::Topic { topic, mentions, authors, hours, usual, seqs };
        Some((f64::from(mentions) / usual.max(0.01), risk))
    }
}
