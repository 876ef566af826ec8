//! The detector of one watch: counts, learns hour by hour, and reads.

mod chart;
mod hindsight;
mod learning;
mod reading;
mod volume;
mod windows;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::baseline::Baseline;
use super::hours::{HOUR, Hours};
use super::lateness::Lateness;
use super::ring::{BUCKET, Counted, Ring};
use super::spread::{Dispersion, LabelCorrelation};
use super::weights::Weights;
use super::{Signal, narrow};
use crate::calendar::Plan;
use crate::model::{Reading, Timestamp, Tone};

pub use chart::Expected;

/// Windows in buckets: 10 and 30 minutes, 1, 3, 6 and 12 hours.
const WINDOWS: [i64; 6] = [2, 6, 12, 36, 72, 144];

/// The windows of the volume: the same, and a day and two, in which only silence is looked for.
const VOLUME_WINDOWS: [i64; 8] = [2, 6, 12, 36, 72, 144, 288, 576];

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
    /// Of all mentions in each window of the volume. What is `default` was not in the first saved
    /// forms, which are read as if nothing of it had been learned yet.
    #[serde(default = "never_learned")]
    totals: [Dispersion; VOLUME_WINDOWS.len()],
    #[serde(default)]
    lateness: Lateness,
    labels: LabelCorrelation,
    weights: Weights,
    /// Mean of ln(reach + 1), and over how many.
    reach: (f32, u32),
    /// Hours on end that were too unusual to be learned.
    #[serde(default)]
    pub(super) spell: u32,
    /// Configuration, and no part of what is saved.
    #[serde(skip)]
    plan: Plan,
}

fn never_learned() -> [Dispersion; VOLUME_WINDOWS.len()] {
    [Dispersion::new(); VOLUME_WINDOWS.len()]
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
            totals: never_learned(),
            lateness: Lateness::default(),
            labels: LabelCorrelation::new(),
            weights: Weights::new(),
            reach: (5.5, 1),
            spell: 0,
            plan: Plan::default(),
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

    /// What is planned, from now on: it widens what is usual, and explains what is learned.
    ///
    /// It is configuration and not saved: whoever reads a detector back gives it its plan again,
    /// before anything else.
    pub fn follow(&mut self, plan: Plan) {
        self.plan = plan;
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
        self.lateness.learn(arrived - event);
        let counted = Counted {
            weight: weight.value,
            tone: signal.tone,
            first: weight.first,
            own: weight.own,
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
            match signal.tone {
                Tone::Negative => hour.negative += narrow(weight.value),
                Tone::Positive => hour.positive += narrow(weight.value),
                _ => {}
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
}
