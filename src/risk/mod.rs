//! What makes mentions dangerous beside their number: known topics, the press, one post that runs
//! away, a large audience, copies by many accounts.
//!
//! A [`Radar`] hears what the detector of a watch hears, in the same order, and says which risks
//! there are at an instant. Saying changes nothing, so how often it is asked does not matter; and
//! what it remembers is the newest by the time of the event, so neither does the order of mentions
//! of one instant. Each risk is held against what the watch is used to: a hospital always speaks of
//! death.

mod audience;
mod copies;
mod level;
mod posts;
mod press;
mod recent;
#[cfg(test)]
mod tests;
mod topics;
mod usual;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use self::audience::Audience;
use self::copies::Copies;
use self::posts::Posts;
use self::press::Press;
use self::topics::Topics;
use crate::model::{Measure, Risk, Seq, Timestamp};
use crate::rules::Alerts;
use crate::velocity::Signal;

/// A day in seconds.
const DAY: i64 = 24 * 3600;

/// A mention as the radar sees it: what the detector hears, and what makes it dangerous.
#[derive(Debug, Clone, PartialEq)]
pub struct Echo {
    pub seq: Seq,
    /// Where the mention is counted again, it arrived when it was.
    pub signal: Signal,
    /// What the public had done with it by then, where anybody counts.
    pub spread: Option<(Measure, u64)>,
    /// The press site that it stands on.
    pub press: Option<String>,
    /// The known risks that it speaks of.
    pub topics: Vec<String>,
}

impl Echo {
    /// The second at which it counts, whatever the source claims.
    fn second(&self) -> i64 {
        self.signal.event.min(self.signal.arrived).as_second()
    }

    /// Who speaks, in half the bits: enough to tell dozens apart. Who is unknown is told apart by
    /// the text.
    fn voice(&self) -> u32 {
        let Signal { author, fingerprint, .. } = self.signal;
        let identity = if author == 0 { fingerprint } else { author };
        let mixed = identity.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        u32::try_from(mixed >> 32).unwrap_or(u32::MAX)
    }
}

/// The risks of one watch. Serialises exactly: a restart changes nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Radar {
    topics: Topics,
    press: Press,
    posts: Posts,
    audience: Audience,
    copies: Copies,
    /// Not its own: whoever restores it says again which topics call for an alert.
    #[serde(skip)]
    alerts: Arc<Alerts>,
}

impl Radar {
    /// A radar that knows nothing yet. Until it has learned a first day, the fourth of its life,
    /// counts alone decide.
    pub fn new(start: Timestamp) -> Radar {
        let start = start.as_second();
        Radar {
            topics: Topics::new(start),
            press: Press::new(start),
            posts: Posts::default(),
            audience: Audience::default(),
            copies: Copies::new(start),
            alerts: Arc::default(),
        }
    }

    /// Holds what is heard from now on against these topics.
    pub fn follow(&mut self, alerts: Arc<Alerts>) {
        self.alerts = alerts;
    }

    /// Hears a mention, in the order of arrival.
    pub fn hear(&mut self, echo: &Echo) {
        self.topics.hear(echo);
        self.press.hear(echo, grave(echo, &self.alerts));
        self.posts.hear(echo);
        self.audience.hear(echo);
        self.copies.hear(echo);
    }

    /// Hears what the public did since with a mention that it may have forgotten meanwhile.
    pub fn recount(&mut self, echo: &Echo) {
        self.posts.hear(echo);
    }

    /// Learns what is usual from a mention that was found late. It is no risk any more: nobody
    /// heard it when it was one.
    pub fn learn_from(&mut self, echo: &Echo) {
        self.topics.learn_from(echo);
        self.press.learn_from(echo, grave(echo, &self.alerts));
        self.audience.learn_from(echo);
    }

    /// The risks at an instant, the gravest first: a topic that somebody declared grave, then the
    /// press, then one post, one author, and copies; among equals, the farthest from what is usual.
    pub fn risks(&self, now: Timestamp) -> Vec<Risk> {
        let now = now.as_second();
        let mut risks = self.topics.risks(now, &self.alerts);
        risks.extend(self.press.risk(now));
        risks.extend(self.posts.risks(now));
        risks.extend(self.audience.risks(now));
        risks.extend(self.copies.risks(now));
        risks
    }
}

/// Whether a mention speaks of a topic that calls for an alert.
fn grave(echo: &Echo, alerts: &Alerts) -> bool {
    echo.topics.iter().any(|topic| alerts.contains_key(topic))
}
