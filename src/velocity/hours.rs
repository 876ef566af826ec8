//! The last days hour by hour: what came, what was expected, what could be heard.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::narrow;

pub(super) const HOUR: i64 = 3600;

/// Hours kept: late mentions are counted for 50 hours, and charts show three days.
const KEPT: usize = 72;

/// Hours without anything after which the past is dropped rather than moved.
const LONGEST_HOLE: i64 = 72;

/// One hour of event time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Hour {
    #[serde(rename = "n")]
    pub negative: f32,
    #[serde(rename = "t")]
    pub total: f32,
    #[serde(rename = "p", default)]
    pub positive: f32,
    /// Expected total when the hour began; 0 until it did.
    #[serde(rename = "e")]
    pub expected: f32,
    /// Seconds listened, and the same times the health at that time.
    #[serde(rename = "l")]
    listened: f32,
    #[serde(rename = "h")]
    heard: f32,
}

impl Hour {
    /// Share of the usual volume that could be heard.
    pub(super) fn health(&self) -> f64 {
        if self.listened > 0.0 { f64::from(self.heard) / f64::from(self.listened) } else { 1.0 }
    }
}

/// Hours by number (hours since 1970), without holes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Hours {
    /// Number of the front.
    first: i64,
    kept: VecDeque<Hour>,
    /// Health since the second `since`, not yet written into its hour. Written when it changes
    /// and when the hour ends, not at each reading, so that the state cannot depend on how often
    /// one looks.
    health: f32,
    since: i64,
}

impl Hours {
    pub(super) fn new(start: i64) -> Hours {
        Hours { first: start.div_euclid(HOUR), kept: VecDeque::new(), health: 1.0, since: start }
    }

    /// Makes room up to this hour, forgetting the oldest.
    pub(super) fn open(&mut self, number: i64) {
        let end = self.first.saturating_add(i64::try_from(self.kept.len()).unwrap_or(i64::MAX));
        if number.saturating_sub(end) > LONGEST_HOLE {
            self.kept.clear();
            self.first = number;
        }
        while self.get(number).is_none() && number >= self.first {
            self.kept.push_back(Hour::default());
            if self.kept.len() > KEPT {
                self.kept.pop_front();
                self.first += 1;
            }
        }
    }

    pub(super) fn get(&self, number: i64) -> Option<&Hour> {
        self.kept.get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    pub(super) fn get_mut(&mut self, number: i64) -> Option<&mut Hour> {
        self.kept.get_mut(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    /// The health from `now` on.
    pub(super) fn hear(&mut self, now: i64, health: f64) {
        let health = narrow(health.clamp(0.0, 1.0));
        if health.to_bits() != self.health.to_bits() {
            self.write_health(now);
            self.health = health;
        }
    }

    /// Writes the health up to `now` into the hour in which `now` is, or which it ends.
    pub(super) fn write_health(&mut self, now: i64) {
        let (health, since) = (self.health, self.since);
        if now <= since {
            return;
        }
        self.since = now;
        if let Some(hour) = self.get_mut((now - 1).div_euclid(HOUR)) {
            let seconds = narrow((now - since).min(HOUR) as f64);
            hour.listened += seconds;
            hour.heard += health * seconds;
        }
    }

    /// Share of the usual volume that could be heard in the last hour, or can be now if that is more.
    pub(super) fn audible(&self, now: i64) -> f64 {
        let running = (now - 1).div_euclid(HOUR);
        let passed = (now - running * HOUR) as f64 / HOUR as f64;
        let hour =
            self.health(running, now) * passed + self.health(running - 1, now) * (1.0 - passed);
        hour.max(f64::from(self.health))
    }

    /// Share of the usual volume of an hour that can be heard, the running hour up to `now`.
    pub(super) fn health(&self, number: i64, now: i64) -> f64 {
        let Some(hour) = self.get(number) else { return 1.0 };
        let running = (now - self.since).clamp(0, HOUR);
        if (now - 1).div_euclid(HOUR) == number && running > 0 {
            let running = running as f64;
            let heard = f64::from(hour.heard) + f64::from(self.health) * running;
            return heard / (f64::from(hour.listened) + running);
        }
        hour.health()
    }
}
