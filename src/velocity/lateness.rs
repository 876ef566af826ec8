//! How long after its own time a mention is heard: what is not there yet is no silence.

use serde::{Deserialize, Serialize};

use super::narrow;

/// A mention that came later than this was caught up, and says nothing about the others.
const LONGEST: i64 = 6 * 3600;

/// Mentions over which the mean is taken, the newest counting most.
const MEMORY: u32 = 500;

/// Mean delay in seconds, and from how many mentions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Lateness(f32, u32);

impl Lateness {
    pub(super) fn learn(&mut self, delay: i64) {
        if delay > LONGEST {
            return;
        }
        let count = self.1.saturating_add(1).min(MEMORY);
        let mean = f64::from(self.0);
        *self = Lateness(narrow(mean + (delay as f64 - mean) / f64::from(count)), count);
    }

    /// Share of what happened `age` seconds ago that is here by now, at the least.
    ///
    /// A source that is read every two hours is an hour late on average, and just before it is read
    /// again nothing of two hours is here: what is younger than twice the mean may all be on its
    /// way. Beyond, delays are taken as exponential.
    pub(super) fn arrived(self, age: f64) -> f64 {
        let mean = f64::from(self.0);
        if mean < 1.0 {
            return 1.0;
        }
        1.0 - (-(age / mean - 2.0).max(0.0)).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_heard_at_once_is_all_there() {
        let mut prompt = Lateness::default();
        prompt.learn(0);
        assert!((prompt.arrived(0.0) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_heard_late_fills_in_slowly_and_a_catch_up_does_not_count() {
        let mut slow = Lateness::default();
        for _ in 0..2000 {
            slow.learn(1800);
            slow.learn(40 * 3600);
        }
        assert!(slow.arrived(3000.0) < 0.01 && slow.arrived(4.0 * 3600.0) > 0.99, "{slow:?}");
    }
}
