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

/// A window's volume, and what its usual band follows from: only the one told needs it, and it
/// costs more than all the rest.
#[derive(Debug, Clone, Copy, Default)]
struct Read {
    volume: Volume,
    least: f64,
    most: f64,
    variable: f64,
}

impl Read {
    fn surprise(&self) -> f64 {
        self.volume.surge.max(self.volume.lull)
    }

    fn tell(self) -> Volume {
        let (usual_low, usual_high) = band(self.least, self.most, self.variable);
        Volume { usual_low, usual_high, ..self.volume }
    }
}

impl Detector {
    /// The window whose number of mentions surprises the most, given the sums of the shorter ones.
    ///
    /// Windows of a day and two look for silence alone. They are made of whole hours and the running
    /// one, which also hold what was learned late and must not alarm.
    pub(super) fn volume(&self, windows: &[Window], planned: &[Occasion]) -> Volume {
        let mut best: Option<Read> = None;
        let mut plain: Option<Read> = None;
        for (place, buckets) in VOLUME_WINDOWS.into_iter().enumerate() {
            let long = place >= WINDOWS.len();
            let sums = if long { self.hourly(buckets / 12, planned) } else { None };
            let Some(window) = sums.as_ref().or(windows.get(place)) else { break };
            let read = self.read_volume(place, window, !long);
            if place <= PLAIN {
                plain = Some(read);
            }
            if read.surprise() > best.as_ref().map_or(0.0, Read::surprise) {
                best = Some(read);
            }
        }
        best.or(plain).map_or_else(Volume::default, Read::tell)
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
        let volume = Volume {
            window_minutes: u32::try_from(buckets * BUCKET / 60).unwrap_or(0),
            observed: x,
            expected: window.expected,
            positive: window.positive,
            surge: surge.max(0.0),
            lull: lull.max(0.0),
            ..Volume::default()
        };
        Read { volume, least: window.least, most: window.most, variable }
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
