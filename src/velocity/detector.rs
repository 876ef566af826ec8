//! The detector of one watch: counts, learns hour by hour, and reads.

mod reading;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::baseline::{Baseline, Lesson};
use super::hours::{HOUR, Hours};
use super::ring::{BUCKET, Counted, Ring};
use super::spread::{CLUSTER, Dispersion, LabelCorrelation};
use super::weights::Weights;
use super::{Signal, narrow, tail};
use crate::model::{Reading, Timestamp, Tone};

/// Windows in buckets: 10 and 30 minutes, 1, 3, 6 and 12 hours.
const WINDOWS: [i64; 6] = [2, 6, 12, 36, 72, 144];

/// The window told when none is surprising: one hour.
const PLAIN: usize = 2;

/// Hours before an hour is learned, so that late mentions are in it; less on the first day.
const LAG: i64 = 6;
const LAG_YOUNG: i64 = 3;

/// Hours of which too little could be heard are not learned.
const HEARD_ENOUGH: f64 = 0.2;

/// Older than this, a mention is not counted.
const OLDEST: i64 = 50 * HOUR;

/// Hours learned after a jump of the clock; a longer one is not history but another clock.
const LONGEST_JUMP: i64 = 5 * 168;

/// A clock that goes back less than this stands still here until it has caught up.
const PATIENCE: i64 = 2 * HOUR;

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

/// The velocity of one watch. Serialises exactly: a restart changes nothing.
///
/// What is learned depends on the signals observed before each hour is learned (6 hours after its
/// end, 3 on the first day), not on how often one advances: hours are entered and learned in
/// order, each once. It does depend on signals observed before or after an `advance` that crosses
/// that boundary; after a stop, observe what was caught up before advancing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Detector {
    #[serde(with = "jiff::fmt::serde::tz::required")]
    zone: TimeZone,
    /// Second since which it watches, and the latest it has seen.
    start: i64,
    clock: i64,
    /// Last hour entered (its expectation is fixed), and last learned.
    entered: i64,
    learned: i64,
    hours: Hours,
    ring: Ring,
    baseline: Baseline,
    spread: [Dispersion; WINDOWS.len()],
    labels: LabelCorrelation,
    weights: Weights,
    /// Mean of ln(reach + 1), and over how many.
    reach: (f32, u32),
}

fn hour_of(second: i64) -> i64 {
    second.div_euclid(HOUR)
}

fn timestamp(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl Detector {
    /// A detector that knows nothing yet; `zone` is whose clock the usual rhythm follows.
    ///
    /// The zone must have an IANA name or be a fixed offset, or it cannot be saved.
    pub fn new(zone: TimeZone, start: Timestamp) -> Detector {
        let start = start.as_second();
        Detector {
            zone,
            start,
            clock: start,
            entered: hour_of(start) - 1,
            learned: hour_of(start) - 1,
            hours: Hours::new(start),
            ring: Ring::new(start.div_euclid(BUCKET) - 1),
            baseline: Baseline::new(),
            spread: [Dispersion::new(); WINDOWS.len()],
            labels: LabelCorrelation::new(),
            weights: Weights::new(),
            reach: (5.5, 1),
        }
    }

    /// The latest instant it has seen.
    pub fn at(&self) -> Timestamp {
        timestamp(self.clock)
    }

    /// Hours of exposure learned: below 24 the watch is new.
    pub fn learned_hours(&self) -> f64 {
        self.baseline.exposure()
    }

    /// Counts a signal, in the order of arrival.
    ///
    /// It falls into the bucket of its own time: not after its arrival, not if older than 50 hours.
    pub fn observe(&mut self, signal: &Signal) {
        self.count(signal, true);
    }

    /// Learns from a signal of the past that nobody heard when it arrived: what is usual includes
    /// it, and no window that could alarm does.
    pub fn learn_from(&mut self, signal: &Signal) {
        self.count(signal, false);
    }

    fn count(&mut self, signal: &Signal, heard: bool) {
        let arrived = signal.arrived.as_second();
        // After a long gap, learn what its first hours had before their buckets are reused.
        self.enter_until(hour_of(arrived).saturating_sub(12));
        self.clock = self.clock.max(arrived.saturating_add(1));
        let weight = self.weights.weigh(signal, signal.arrived);
        let event = signal.event.as_second().min(arrived);
        if arrived - event >= OLDEST {
            return;
        }
        self.ring.open(arrived.div_euclid(BUCKET));
        let negative = signal.tone == Tone::Negative;
        let counted = Counted {
            weight: weight.value,
            negative,
            first: weight.first,
            reach: signal.reach,
            kind: signal.kind,
        };
        // What precedes the start fills its hour, which is learned whole, but is no alarm.
        if heard && event.div_euclid(BUCKET) >= self.start.div_euclid(BUCKET) {
            self.ring.count(event.div_euclid(BUCKET), &counted);
        }
        self.hours.open(hour_of(arrived));
        if let Some(hour) = self.hours.get_mut(hour_of(event)) {
            hour.total += narrow(weight.value);
            if negative {
                hour.negative += narrow(weight.value);
            }
        }
        let count = self.reach.1.saturating_add(1);
        let usual = f64::from(self.reach.0);
        let step = ((signal.reach as f64 + 1.0).ln() - usual) / f64::from(count.min(5000));
        self.reach = (narrow(usual + step), count);
    }

    /// Share (0 to 1) of the usual volume that can be heard from `now` on.
    ///
    /// After a stop, `hear(detector.at(), 0.0)` and then the present health keep the hours that
    /// nobody listened to from being learned as calm.
    pub fn hear(&mut self, now: Timestamp, health: f64) {
        let now = now.as_second().max(self.clock);
        self.enter_until(hour_of(now - 1));
        self.clock = now;
        self.hours.open(hour_of(now - 1));
        self.hours.hear(now, if health.is_finite() { health } else { 1.0 });
    }

    /// Moves to `now`, learns the hours completed since, and reads.
    ///
    /// A clock that went back less than two hours is waited for; one that went back further
    /// restarts the windows and keeps what was learned.
    pub fn advance(&mut self, now: Timestamp) -> Reading {
        let second = now.as_second();
        if second < self.clock - PATIENCE {
            self.restart(second);
        }
        self.clock = self.clock.max(second);
        self.enter_until(hour_of(self.clock - 1));
        self.learn_until(self.clock);
        self.ring.open((self.clock - 1).div_euclid(BUCKET));
        self.read(now)
    }

    fn restart(&mut self, second: i64) {
        self.start = second;
        self.clock = second;
        self.entered = hour_of(second) - 1;
        self.learned = self.entered;
        self.hours = Hours::new(second);
        self.ring = Ring::new(second.div_euclid(BUCKET) - 1);
        self.weights = Weights::new();
    }

    fn enter_until(&mut self, hour: i64) {
        if hour.saturating_sub(self.entered) > LONGEST_JUMP {
            self.entered = hour - LONGEST_JUMP;
            self.learned = self.learned.max(self.entered - LAG - 1);
        }
        while self.entered < hour {
            let next = self.entered + 1;
            self.hours.write_health(next * HOUR);
            self.hours.open(next);
            self.learn_until(next * HOUR);
            let mean = self.hourly_mean(next);
            if let Some(slot) = self.hours.get_mut(next) {
                slot.expected = narrow(mean);
            }
            self.entered = next;
        }
    }

    /// Learns the hours that ended a lag before `now`.
    fn learn_until(&mut self, now: i64) {
        let lag = if self.baseline.is_young() { LAG_YOUNG } else { LAG };
        let last = hour_of(now - lag * HOUR) - 1;
        while self.learned < last {
            self.learned += 1;
            self.learn(self.learned);
        }
    }

    fn learn(&mut self, number: i64) {
        let hour = self.hours.get(number).copied().unwrap_or_default();
        let health = hour.health();
        if health <= HEARD_ENOUGH {
            return;
        }
        let taken = self.baseline.learn(&Lesson {
            slot: self.slot(number),
            total: f64::from(hour.total) / health,
            negative: f64::from(hour.negative) / health,
            expected: f64::from(hour.expected),
        });
        if self.baseline.is_young() {
            return;
        }
        self.labels.learn(taken.total, taken.negative, taken.share);
        for (place, buckets) in WINDOWS.into_iter().enumerate() {
            self.learn_spread(number, place, buckets, taken.share);
        }
    }

    fn learn_spread(&mut self, number: i64, place: usize, buckets: i64, share: f64) {
        let hours = (buckets / 12).max(1);
        let age = number - hour_of(self.start);
        if age % (hours / 2).max(1) != 0 || age < hours - 1 {
            return;
        }
        let (mut count, mut mean) = (0.0, 0.0);
        if buckets >= 12 {
            for hour in (number - hours + 1..=number).filter_map(|hour| self.hours.get(hour)) {
                count += f64::from(hour.negative);
                mean += f64::from(hour.expected) * share * hour.health();
            }
        } else if let Some(hour) = self.hours.get(number) {
            count = self.ring.negative((number + 1) * 12 - buckets, buckets);
            mean = f64::from(hour.expected) * share * buckets as f64 / 12.0 * hour.health();
        }
        if let Some(spread) = self.spread.get_mut(place) {
            spread.learn(count, mean, hours as f64);
        }
    }

    /// Hour of the week on the local clock. The hour that a change to summer time skips has no
    /// instant, and the one that winter repeats is visited twice.
    fn slot(&self, number: i64) -> usize {
        let local = timestamp(number.saturating_mul(HOUR)).to_zoned(self.zone.clone());
        let day = local.weekday().to_monday_zero_offset();
        usize::try_from(i64::from(day) * 24 + i64::from(local.hour())).unwrap_or(0)
    }

    fn hourly_mean(&self, number: i64) -> f64 {
        self.baseline.expected(self.slot(number)).unwrap_or_else(|| {
            // No hour is learned yet: all that came so far, over the time elapsed.
            let came: f64 = (number - 24..number)
                .filter_map(|hour| self.hours.get(hour))
                .map(|hour| f64::from(hour.total))
                .sum();
            let elapsed = (number * HOUR - self.start).max(0) as f64 / HOUR as f64;
            (came + 0.3) / (elapsed + 0.75)
        })
    }

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
                let variance = CLUSTER * mean + variable * mean * mean;
                let (low, high) = tail::band(mean, tail::shape(mean, variance));
                Expected { start: timestamp(number * HOUR), mean, low, high }
            })
            .collect()
    }
}
