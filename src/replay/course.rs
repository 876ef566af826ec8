//! The detector of one watch on its way through time, looked at at the instants that are due.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::audible::Audible;
use super::instants::due;
use crate::calendar::Plan;
use crate::model::Reading;
use crate::velocity::{Detector, Signal};

/// A mention, when it was heard, and whether it may alarm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heard {
    pub at: Timestamp,
    pub signal: Signal,
    /// Found when the past was read again: learned from, but no alarm.
    pub late: bool,
}

/// A detector and the instant it was looked at last.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    pub detector: Detector,
    pub at: Timestamp,
}

impl Course {
    /// A detector that knows nothing yet and listens from `start` on.
    pub fn begin(zone: TimeZone, plan: Plan, start: Timestamp, audible: &Audible) -> Course {
        let mut detector = Detector::new(zone, start);
        detector.follow(plan);
        detector.hear(start, audible.share_at(start));
        Course { detector, at: start }
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
        heard.sort_unstable_by_key(|heard| rank(&heard.signal));
        for Heard { signal, late, .. } in &*heard {
            if *late {
                self.detector.learn_from(signal);
            } else {
                self.detector.observe(signal);
            }
        }
        self.at = at;
        self.detector.advance(at)
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

/// All that tells two signals apart, by time first.
fn rank(signal: &Signal) -> impl Ord + use<> {
    let Signal { arrived, event, tone, author, fingerprint, repost, reach, kind } = *signal;
    (arrived, event, author, fingerprint, tone, repost, reach, kind)
}
