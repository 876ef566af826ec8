//! The detector and the radar of one watch on their way through time, looked at at the instants that are due.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::audible::Audible;
use super::instants::due;
use crate::calendar::Plan;
use crate::model::Reading;
use crate::risk::{Echo, Radar};
use crate::rules::Alerts;
use crate::velocity::{Detector, Signal};

/// A mention, when it was heard, and as what.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    pub at: Timestamp,
    pub hearing: Hearing,
    pub echo: Echo,
}

/// Why a mention is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hearing {
    /// It was accepted.
    New,
    /// It was found when the past was read again: to be learned from, never to be alarmed by.
    Late,
    /// The public did more with it than when it was heard last: it is no mention once more.
    Counted,
}

/// Detector and radar of a watch, and the instant they were looked at last. Saved and restored
/// exactly, but for what the configuration says ([`Course::follow`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Course {
    pub detector: Detector,
    pub radar: Radar,
    pub at: Timestamp,
}

impl Course {
    /// Knows nothing yet, and listens from `start` on.
    pub fn begin(zone: TimeZone, start: Timestamp, audible: &Audible) -> Course {
        let mut detector = Detector::new(zone, start);
        detector.hear(start, audible.share_at(start));
        Course { detector, radar: Radar::new(start), at: start }
    }

    /// Heeds from now on what is planned, and which topics call for an alert.
    pub fn follow(&mut self, plan: Plan, alerts: Arc<Alerts>) {
        self.detector.follow(plan);
        self.radar.follow(alerts);
    }

    /// The instants at which nothing is heard that are due before `before`, oldest first.
    pub fn quiet_before(&self, before: Timestamp) -> impl Iterator<Item = Timestamp> + use<> {
        due(self.at, before).take_while(move |at| *at < before)
    }

    /// Looks at an instant, with what is heard then: all of it, in any order.
    ///
    /// Where only the order among mentions of one look differs, the reading is the same: they are
    /// sorted by what they are, since the weight of a mention depends on those before it.
    pub fn look(&mut self, at: Timestamp, audible: &Audible, heard: &mut [Heard]) -> Reading {
        for (since, share) in audible.between(self.at, at) {
            self.detector.hear(*since, *share);
        }
        heard.sort_unstable_by_key(rank);
        for Heard { hearing, echo, .. } in &*heard {
            match hearing {
                Hearing::New => {
                    self.detector.observe(&echo.signal);
                    self.radar.hear(echo);
                }
                Hearing::Late => {
                    self.detector.learn_from(&echo.signal);
                    self.radar.learn_from(echo);
                }
                Hearing::Counted => self.radar.recount(echo),
            }
        }
        self.at = at;
        let reading = self.detector.advance(at);
        Reading { risks: self.radar.risks(at), ..reading }
    }

    /// Lives what was decided already: looks at every instant up to the one at which `heard` was,
    /// and at that one, and decides nothing.
    pub fn relive(&mut self, heard: &mut [Heard], audible: &Audible) {
        for together in heard.chunk_by_mut(|one, other| one.at == other.at) {
            let Some(at) = together.first().map(|heard| heard.at) else { continue };
            self.pass(at, audible);
            self.look(at, audible, together);
        }
    }

    /// Looks at every quiet instant before another and decides nothing.
    pub fn pass(&mut self, before: Timestamp, audible: &Audible) {
        for at in self.quiet_before(before) {
            self.look(at, audible, &mut []);
        }
    }
}

/// All that tells what is heard at one instant apart, by time first.
fn rank(heard: &Heard) -> impl Ord + use<> {
    let Signal { arrived, event, tone, author, fingerprint, repost, reach, kind } =
        heard.echo.signal;
    ((arrived, event, author, fingerprint, tone), (repost, reach, kind), heard.hearing)
}
