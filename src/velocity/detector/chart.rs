//! What was and will be usual, hour by hour: the band of a chart.

use serde::{Deserialize, Serialize};

use super::super::hours::HOUR;
use super::windows::band;
use super::{Detector, PLAIN, hour_of, timestamp};
use crate::model::Timestamp;

/// Hours that one chart can show.
const LONGEST_CHART: i64 = 1000;

/// Negative mentions that are usual in one hour: its start, mean, and where nine of ten fall.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    pub start: Timestamp,
    pub mean: f64,
    pub low: f64,
    pub high: f64,
}

impl Detector {
    /// Usual negatives of the hours that begin in [since, until), oldest first: for charts.
    ///
    /// Past hours of the last three days as they were expected then, others as learned now; at
    /// most 1000 of them.
    pub fn expected(&self, since: Timestamp, until: Timestamp) -> Vec<Expected> {
        let first = hour_of(since.as_second() + HOUR - 1);
        let end = hour_of(until.as_second() + HOUR - 1).min(first + LONGEST_CHART);
        let (share, _) = self.baseline.share();
        let hourly = self.spread.get(PLAIN).map_or(0.0, |spread| spread.value());
        (first..end)
            .map(|number| {
                let known = self.hours.get(number).map_or(0.0, |hour| f64::from(hour.expected));
                let all = if known > 0.0 { known } else { self.hourly_mean(number) };
                let mean = all * share;
                let variable = hourly + self.baseline.doubt(self.slot(number));
                let planned = self.widening(number * HOUR, HOUR);
                let (low, high) = band(mean * planned.low, mean * planned.high, variable);
                Expected { start: timestamp(number * HOUR), mean, low, high }
            })
            .collect()
    }
}
