//! What the windows hold: sums of what came, and of what was expected of them.

use super::super::ring::{BUCKET, KINDS};
use super::super::spread::CLUSTER;
use super::super::tail;
use super::{Detector, WINDOWS, hour_of};
use crate::calendar::{Occasion, Widening};

/// Sums over a window.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Window {
    pub negative: f64,
    pub total: f64,
    pub positive: f64,
    pub authors: f64,
    pub texts: f64,
    pub raw: f64,
    pub reach: f64,
    pub kinds: [f64; KINDS],
    /// Expected total, by the health of the sources.
    pub expected: f64,
    /// The same where plans bring as much as they may.
    pub most: f64,
    /// The same where plans bring as little as they may, of what has arrived by now.
    pub least: f64,
}

/// Where nine windows of ten fall: the 5 % quantile around one mean and the 95 % one around another,
/// which differ where something is planned.
pub(super) fn band(low: f64, high: f64, variable: f64) -> (f64, f64) {
    (tail::band(low, shape(low, variable)).0, tail::band(high, shape(high, variable)).1)
}

/// The shape of a count of this mean that varies so much beyond its clusters.
pub(super) fn shape(mean: f64, variable: f64) -> f64 {
    tail::shape(mean, CLUSTER * mean + variable * mean * mean)
}

impl Detector {
    /// Sums up each window that is not longer than what was watched.
    pub(super) fn windows(&self, planned: &[Occasion]) -> Vec<Window> {
        let mut windows = Vec::with_capacity(WINDOWS.len());
        let mut sums = Window::default();
        let mut done = 0;
        for buckets in WINDOWS {
            while done < buckets && self.ring.newest() - done >= self.start.div_euclid(BUCKET) {
                self.add_bucket(&mut sums, self.ring.newest() - done, planned);
                done += 1;
            }
            if done < 2 {
                break;
            }
            windows.push(sums);
        }
        windows
    }

    /// Part of the newest bucket that has passed.
    pub(super) fn passed(&self) -> f64 {
        ((self.clock - self.ring.newest() * BUCKET) as f64 / BUCKET as f64).clamp(0.0, 1.0)
    }

    fn add_bucket(&self, sums: &mut Window, number: i64, planned: &[Occasion]) {
        if let Some(bucket) = self.ring.get(number) {
            sums.negative += f64::from(bucket.negative);
            sums.total += f64::from(bucket.total);
            sums.positive += f64::from(bucket.positive);
            sums.authors += f64::from(bucket.authors);
            sums.texts += f64::from(bucket.texts);
            sums.raw += f64::from(bucket.raw);
            sums.reach += f64::from(bucket.reach);
            for (sum, kind) in sums.kinds.iter_mut().zip(bucket.kinds) {
                *sum += f64::from(kind);
            }
        }
        let start = number * BUCKET;
        let part = if number == self.ring.newest() { self.passed() } else { 1.0 };
        let mean = self.expected_of(hour_of(start)) / 12.0 * part;
        let age = (self.clock - start) as f64 - part * BUCKET as f64 / 2.0;
        self.expect(sums, mean, Widening::of(planned, start, start + BUCKET), age);
    }

    /// Adds what is expected of a piece of time, its middle so many seconds ago.
    pub(super) fn expect(&self, sums: &mut Window, mean: f64, planned: Widening, age: f64) {
        sums.expected += mean;
        sums.most += mean * planned.high;
        sums.least += mean * planned.low * self.lateness.arrived(age);
    }

    /// Expected total of an hour, by the health of the sources.
    pub(super) fn expected_of(&self, hour: i64) -> f64 {
        let own = self.hours.get(hour).map_or(0.0, |hour| hour.expected);
        let mean = if own > 0.0 {
            own
        } else {
            self.hours.get(self.entered).map_or(0.0, |hour| hour.expected)
        };
        f64::from(mean) * self.hours.health(hour, self.clock)
    }
}
