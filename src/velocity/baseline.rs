//! What is usual: mentions by hour of the week, their level, and the share of negatives.

use serde::{Deserialize, Serialize};

use super::narrow;

/// Hours of a week, Monday at midnight first.
const WEEK: usize = 168;

/// The clock profile assumed before any is learned (local time, midnight first).
const CLOCK: [f64; 24] = [
    0.75, 0.55, 0.42, 0.36, 0.35, 0.40, 0.55, 0.80, 1.05, 1.20, 1.28, 1.30, 1.30, 1.28, 1.27, 1.27,
    1.27, 1.27, 1.26, 1.25, 1.25, 1.22, 1.12, 0.95,
];

/// Mean of `CLOCK`: dividing by it makes the profile neutral.
const CLOCK_MEAN: f64 = 23.72 / 24.0;

/// Visits that the hour of the day weighs in a slot, and the mean in an hour of the day.
const DAY_WEIGHT: f64 = 8.0;
const MEAN_WEIGHT: f64 = 2.0;

/// Expected mentions that the neutral level weighs.
const LEVEL_WEIGHT: f64 = 10.0;

/// Beta prior of the share of negatives: 2.4 of 12.
const SHARE_PRIOR: (f64, f64) = (2.4, 12.0);

/// Variance of the log factor of an hour never seen.
const SEASON_VARIANCE: f64 = 0.35;

/// Hours before the learned counts bound what is learned.
pub(super) const YOUNG: f64 = 24.0;

/// One hour of the week: decayed sum of its counts and of its visits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Slot(f32, f32);

/// A learned rhythm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Baseline {
    week: Week,
    /// Decayed sums, over two days, of what came and of what was expected.
    level: (f32, f32),
    /// Decayed sums of negatives and of all, prior included.
    share: (f32, f32),
    /// Mentions learned, decayed over four weeks.
    seen: f32,
    /// Hours learned.
    exposure: f32,
}

/// Always 168 slots, also when read from a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Slot>")]
struct Week(Vec<Slot>);

impl TryFrom<Vec<Slot>> for Week {
    type Error = &'static str;

    fn try_from(slots: Vec<Slot>) -> Result<Week, &'static str> {
        if slots.len() == WEEK { Ok(Week(slots)) } else { Err("a week has 168 hours") }
    }
}

/// An hour as it is learned: what came, by the health of the sources, and what was expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lesson {
    pub slot: usize,
    pub total: f64,
    pub negative: f64,
    pub expected: f64,
}

/// A lesson as it was taken, and the share of negatives held usual before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Taken {
    pub total: f64,
    pub negative: f64,
    pub share: f64,
}

fn decay(half_life: f64) -> f64 {
    0.5_f64.powf(1.0 / half_life)
}

fn clock(slot: usize) -> f64 {
    CLOCK.get(slot % 24).map_or(1.0, |factor| factor / CLOCK_MEAN)
}

impl Baseline {
    pub(super) fn new() -> Baseline {
        Baseline {
            week: Week(vec![Slot::default(); WEEK]),
            level: (0.0, 0.0),
            share: (narrow(SHARE_PRIOR.0), narrow(SHARE_PRIOR.1)),
            seen: 0.0,
            exposure: 0.0,
        }
    }

    pub(super) fn exposure(&self) -> f64 {
        f64::from(self.exposure)
    }

    /// Learned less than a day: what it learns is not bounded yet.
    pub(super) fn is_young(&self) -> bool {
        self.exposure() < YOUNG
    }

    /// Share of negatives, and the weight of what it was learned from.
    pub(super) fn share(&self) -> (f64, f64) {
        let (negative, all) = (f64::from(self.share.0), f64::from(self.share.1));
        (negative / all, all)
    }

    /// Learns one hour. What is far above expectation is learned as merely high: a crisis must
    /// not become the usual.
    pub(super) fn learn(&mut self, lesson: &Lesson) -> Taken {
        let (share, _) = self.share();
        let usual = lesson.expected;
        let (total, negative) = if self.is_young() {
            (lesson.total, lesson.negative.min(lesson.total))
        } else {
            let total = lesson.total.min(4.0 * usual + 3.0 * usual.sqrt() + 2.0);
            let bad = usual * share;
            let most = (4.0 * bad + 3.0 * bad.sqrt() + 1.0).min(total);
            (total, lesson.negative.min(most))
        };
        if let Some(slot) = self.week.0.get_mut(lesson.slot) {
            let kept = decay(4.0);
            slot.0 = narrow(f64::from(slot.0) * kept + total);
            slot.1 = narrow(f64::from(slot.1) * kept + 1.0);
        }
        let kept = decay(48.0);
        self.level.0 = narrow(f64::from(self.level.0) * kept + total);
        self.level.1 = narrow(f64::from(self.level.1) * kept + usual);
        self.seen = narrow(f64::from(self.seen) * decay(672.0) + total);
        self.exposure += 1.0;
        let kept = decay(168.0);
        let (prior_negative, prior_all) = SHARE_PRIOR;
        let (before_negative, before_all) = (f64::from(self.share.0), f64::from(self.share.1));
        self.share.0 =
            narrow(prior_negative + (before_negative - prior_negative) * kept + negative);
        self.share.1 = narrow(prior_all + (before_all - prior_all) * kept + total.max(negative));
        Taken { total, negative, share }
    }

    /// Expected total of an hour in this slot; `None` until an hour is learned.
    pub(super) fn expected(&self, slot: usize) -> Option<f64> {
        let (mut sum, mut visits, mut weighted) = (0.0, 0.0, 0.0);
        for (number, hour) in self.week.0.iter().enumerate() {
            sum += f64::from(hour.0);
            visits += f64::from(hour.1);
            weighted += f64::from(hour.1) * clock(number);
        }
        if visits < 1.0 {
            return None;
        }
        let base = (sum + 0.05) / (weighted + 0.25);
        let (day_sum, day_visits) = self.hour_of_day(slot);
        let by_day = (day_sum + MEAN_WEIGHT * base * clock(slot)) / (day_visits + MEAN_WEIGHT);
        let own = self.week.0.get(slot).copied().unwrap_or_default();
        let mean = (f64::from(own.0) + DAY_WEIGHT * by_day) / (f64::from(own.1) + DAY_WEIGHT);
        let (came, usual) = (f64::from(self.level.0), f64::from(self.level.1));
        Some(mean * (came + LEVEL_WEIGHT) / (usual + LEVEL_WEIGHT))
    }

    fn hour_of_day(&self, slot: usize) -> (f64, f64) {
        self.week.0.iter().skip(slot % 24).step_by(24).fold((0.0, 0.0), |(sum, visits), hour| {
            (sum + f64::from(hour.0), visits + f64::from(hour.1))
        })
    }

    /// Relative variance of the expectation itself: of the season, and of the level.
    pub(super) fn doubt(&self, slot: usize) -> f64 {
        let (_, visits) = self.hour_of_day(slot);
        let level = if self.exposure > 0.0 { 1.0 / (f64::from(self.seen) + 1.0) } else { 1.0 };
        SEASON_VARIANCE * MEAN_WEIGHT / (MEAN_WEIGHT + visits) + level
    }
}
