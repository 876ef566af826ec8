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

use serde::{Deserialize, Serialize};

use self::audience::Audience;
use self::copies::Copies;
use self::posts::Posts;
use self::press::Press;
use self::topics::Topics;
use crate::model::{Counts, Risk, Seq, Timestamp, Tone};
use crate::rules::Rules;

/// A day in seconds.
const DAY: i64 = 24 * 3600;

/// Mentions as the radar needs them.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    pub seq: Seq,
    /// When it was first read or, where it is counted again, when it was.
    pub arrived: Timestamp,
    /// When it was published; not after it arrived.
    pub event: Timestamp,
    pub tone: Tone,
    /// Hash of its author; 0 when unknown.
    pub author: u64,
    /// Near-duplicate fingerprint of its text; 0 when the text is too short to be recognised.
    pub fingerprint: u64,
    /// A repost by the platform's own function: carries the text by design.
    pub repost: bool,
    /// Audience of the author; 0 when unknown.
    pub followers: u64,
    /// Small index of the source kind, 0 to 7.
    pub kind: u8,
    pub counts: Counts,
    /// The press site that it stands on.
    pub press: Option<String>,
    /// The known risks that it speaks of.
    pub topics: Vec<String>,
    /// One of them calls for an alert.
    pub sensitive: bool,
}

impl Heard {
    /// The second at which it counts, whatever the source claims.
    fn second(&self) -> i64 {
        self.event.min(self.arrived).as_second()
    }

    /// Who speaks, in half the bits: enough to tell dozens apart. Who is unknown is told apart by
    /// the text.
    fn voice(&self) -> u32 {
        let identity = if self.author == 0 { self.fingerprint } else { self.author };
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
        }
    }

    /// Hears a mention, in the order of arrival.
    pub fn hear(&mut self, heard: &Heard) {
        self.topics.hear(heard);
        self.press.hear(heard);
        self.posts.hear(heard);
        self.audience.hear(heard);
        self.copies.hear(heard);
    }

    /// Hears what the public did since with a mention that it may have forgotten meanwhile.
    pub fn recount(&mut self, heard: &Heard) {
        self.posts.hear(heard);
    }

    /// Learns what is usual from a mention that was found late. It is no risk any more: nobody
    /// heard it when it was one.
    pub fn learn_from(&mut self, heard: &Heard) {
        self.topics.learn_from(heard);
        self.press.learn_from(heard);
        self.audience.learn_from(heard);
    }

    /// The risks at an instant, the gravest first: a topic that somebody declared grave, then the
    /// press, then one post, one author, and copies; among equals, the farthest from what is usual.
    pub fn risks(&self, now: Timestamp, rules: &Rules) -> Vec<Risk> {
        let now = now.as_second();
        let mut risks = self.topics.risks(now, rules);
        risks.extend(self.press.risk(now));
        risks.extend(self.posts.risks(now));
        risks.extend(self.audience.risks(now));
        risks.extend(self.copies.risks(now));
        risks
    }
}
