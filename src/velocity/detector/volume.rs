//! How the detector reads the volume: more mentions than usual, or fewer.

use super::super::baseline::YOUNG;
use super::super::hours::HOUR;
use super::super::ring::BUCKET;
use super::super::tail;
use super::reading::{COLD, FEWEST};
use super::windows::{Window, band, shape};
use super::{Detector, PLAIN, VOLUME_WINDOWS, WINDOWS, hour_of};
use crate::calendar::{Occasion, Widening};
use crate::model::Volume;

/// Silence is looked for in windows of an hour and more: minutes are quiet by chance.
const SILENCE: i64 = 12;

/// Hours to learn before silence is told: until each day of the week was heard, a quiet Sunday is
/// no news.
const WEEK: f64 = 168.0;

/// A window as it was read.
#[derive(Debug, Clone, Copy)]
struct Read {
    buckets: i64,
    window: Window,
    /// Variance beyond clusters, relative to the square of the mean.
    variable: f64,
    surge: f64,
    lull: f64,
}

impl Read {
    fn surprise(self) -> f64 {
        self.surge.max(self.lull)
    }

    fn told(self) -> Volume {
        let Read { buckets, window, variable, surge, lull } = self;
        let (usual_low, usual_high) = band(window.least, window.most, variable);
        Volume {
            window_minutes: u32::try_from(buckets * BUCKET / 60).unwrap_or(0),
            observed: window.total,
            expected: window.expected,
            usual_low,
            usual_high,
            positive: window.positive,
            surge,
            lull,
        }
    }
}

impl Detector {
    /// The window whose number of mentions surprises the most, given the sums of the shorter ones.
    ///
    /// Windows of a day and two look for silence alone. They are made of whole hours and the running
    /// one, which also hold what was learned late and must not alarm.
    pub(super) fn volume(&self, windows: &[Window], planned: &[Occasion]) -> Volume {
        let mut best: Option<Read> = None;
        let mut plain = None;
        for (place, buckets) in VOLUME_WINDOWS.into_iter().enumerate() {
            let long = place >= WINDOWS.len();
            let sums = if long { self.hourly(buckets / 12, planned) } else { None };
            let Some(window) = sums.as_ref().or(windows.get(place)) else { break };
            let read = self.read_volume(place, window, !long);
            if place <= PLAIN {
                plain = Some(read);
            }
            if read.surprise() > best.map_or(0.0, Read::surprise) {
                best = Some(read);
            }
        }
        best.or(plain).map(Read::told).unwrap_or_default()
    }

    fn read_volume(&self, place: usize, window: &Window, surges: bool) -> Read {
        let spread = self.totals.get(place).map_or(0.0, |spread| spread.value());
        let variable = spread + self.baseline.doubt(self.slot(self.entered));
        let (x, learned) = (window.total, self.baseline.exposure());
        let buckets = VOLUME_WINDOWS.get(place).copied().unwrap_or_default();
        let cold = COLD * (1.0 - learned / YOUNG).max(0.0);
        let surge = if surges && x > window.most && x >= FEWEST {
            -tail::negative_binomial(x, window.most, shape(window.most, variable)) - cold
        } else {
            0.0
        };
        let lull = if buckets >= SILENCE && learned >= WEEK && x < window.least {
            -tail::at_most(x, window.least, shape(window.least, variable))
        } else {
            0.0
        };
        Read { buckets, window: *window, variable, surge: surge.max(0.0), lull: lull.max(0.0) }
    }

    /// Sums of the running hour and of the ones before it, `count` of them together; nothing when
    /// one of them was not watched from its start.
    fn hourly(&self, count: i64, planned: &[Occasion]) -> Option<Window> {
        let running = hour_of(self.clock - 1);
        let first = running - count + 1;
        if first * HOUR < self.start {
            return None;
        }
        let mut sums = Window::default();
        for number in first..=running {
            let hour = self.hours.get(number)?;
            sums.total += f64::from(hour.total);
            sums.positive += f64::from(hour.positive);
            let (start, end) = (number * HOUR, ((number + 1) * HOUR).min(self.clock));
            let mean = self.expected_of(number) * (end - start) as f64 / HOUR as f64;
            let age = (self.clock - i64::midpoint(start, end)) as f64;
            self.expect(&mut sums, mean, Widening::of(planned, start, start + HOUR), age);
        }
        Some(sums)
    }
}
