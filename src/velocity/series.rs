//! Counts that somebody else made: how unusual each row is, told when it comes.
//!
//! The rhythm, the dispersion and the tail are those of the volume channel. Whole counts come when
//! their time is over, so nothing is late here and an hour is learned when it ends.

use std::collections::VecDeque;

use jiff::tz::TimeZone;

use super::baseline::{Baseline, Lesson};
use super::habit::Habit;
use super::hours::HOUR;
use super::ring::BUCKET;
use super::spread::{CLUSTER, Dispersion};
use super::tail;
use crate::model::Timestamp;

/// Steps between rows that are understood: a minute to a day, in seconds.
pub const STEPS: std::ops::RangeInclusive<i64> = 60..=86_400;

/// Fewer than this surprise nobody.
const FEWEST: f64 = 5.0;

/// Hours of which too few rows came are not learned.
const HEARD_ENOUGH: f64 = 0.2;

/// Seconds after which half of a told surprise is forgotten: what goes on is told once, and again
/// only when it becomes worse, or two days later.
const MEMORY: f64 = 2.0 * 86_400.0;

/// Rows over which the usual count is taken.
const USUAL: u32 = 2000;

/// What goes on is worse when it is rarer by a tenth than what was told.
const WORSE: f64 = 1.1;

/// This rarity, one row in five hundred, is a score of one half.
const HALF: f64 = 2.7;

/// The detector of one series of counts.
#[derive(Debug, Clone)]
pub struct Series {
    zone: TimeZone,
    /// Seconds between rows; `None` until the second one.
    step: Option<i64>,
    last: Option<i64>,
    start: i64,
    running: Option<Running>,
    baseline: Baseline,
    spread: Dispersion,
    habit: Habit,
    /// The largest rarity told, decaying.
    told: f64,
    /// Count and expectation of the rows that make up the last five minutes.
    recent: VecDeque<(f64, f64)>,
    /// All counts so far, for as long as no hour is learned.
    seen: f64,
    /// Mean count of five minutes or a row, and of how many.
    usual: (f64, u32),
}

/// The hour that the rows have reached.
#[derive(Debug, Clone, Copy)]
struct Running {
    number: i64,
    expected: f64,
    total: f64,
    /// Share of it that rows have covered.
    heard: f64,
}

/// What is said about a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unusual {
    /// 0 to 1: one half is reached by about one row in five hundred. It is 0 while a surprise only goes on,
    /// for what is fewer than usual, and during the first day.
    pub score: f64,
    /// The count that was usual for this row.
    pub expected: f64,
}

/// Why a row cannot follow the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Misplaced {
    #[error("the time is not after the one before it; sort the rows and leave each time once")]
    Backward,
    #[error("{0} s after the row before it; rows are a minute apart at the least")]
    TooClose(i64),
    #[error("{0} s after the first row; rows are a day apart at the most")]
    TooFar(i64),
}

impl Series {
    /// `zone` is whose clock the usual rhythm follows.
    pub fn new(zone: TimeZone) -> Series {
        Series {
            zone,
            step: None,
            last: None,
            start: 0,
            running: None,
            baseline: Baseline::new(),
            spread: Dispersion::new(),
            habit: Habit::new(),
            told: 0.0,
            recent: VecDeque::new(),
            seen: 0.0,
            usual: (0.0, 0),
        }
    }

    /// Reads the row that begins at this second, with nothing but the rows before it.
    ///
    /// Rows may be missing: what was not counted is not silence.
    pub fn observe(&mut self, second: i64, count: f64) -> Result<Unusual, Misplaced> {
        let gap = self.pace(second)?;
        let step = self.step.unwrap_or(BUCKET);
        let (hours, part) = ((step / HOUR).max(1), (step as f64 / HOUR as f64).min(1.0));
        let first = second.div_euclid(HOUR);
        self.finish(first);
        let expected: Vec<f64> =
            (first..first + hours).map(|hour| self.hourly_mean(hour)).collect();
        let mean = expected.iter().sum::<f64>() * part;
        let rarity = self.rarity(first, step, gap, (count, mean));
        for (number, expected) in (first..).zip(expected) {
            self.finish(number);
            let fresh = Running { number, expected, total: 0.0, heard: 0.0 };
            let running = self.running.get_or_insert(fresh);
            running.total += count / hours as f64;
            running.heard += part;
        }
        self.seen += count;
        let score = 1.0 - (-self.tell(rarity, gap) / HALF).exp2();
        Ok(Unusual { score, expected: mean })
    }

    /// Finds the step out and holds the row against it; gives the seconds since the row before.
    fn pace(&mut self, second: i64) -> Result<i64, Misplaced> {
        let Some(last) = self.last else {
            (self.start, self.last) = (second, Some(second));
            return Ok(BUCKET);
        };
        let gap = second.saturating_sub(last);
        if gap <= 0 {
            return Err(Misplaced::Backward);
        }
        if gap < *STEPS.start() {
            return Err(Misplaced::TooClose(gap));
        }
        if self.step.is_none() && gap > *STEPS.end() {
            return Err(Misplaced::TooFar(gap));
        }
        // A row was missing between the first ones when later ones stand closer.
        self.step = Some(self.step.map_or(gap, |step| step.min(gap)));
        self.last = Some(second);
        Ok(gap)
    }

    /// How rare the last five minutes are, or the row when it is longer.
    fn rarity(&mut self, hour: i64, step: i64, gap: i64, row: (f64, f64)) -> f64 {
        if gap > step + step / 2 {
            self.recent.clear();
        }
        self.recent.push_back(row);
        while self.recent.len() as f64 > (BUCKET as f64 / step as f64).max(1.0) {
            self.recent.pop_front();
        }
        let (count, mean) =
            self.recent.iter().fold((0.0, 0.0), |sums, row| (sums.0 + row.0, sums.1 + row.1));
        let variable = self.spread.value() + self.baseline.doubt(self.slot(hour));
        let shape = tail::shape(mean, CLUSTER * mean + variable * mean * mean);
        let surprise = if count > mean && count >= FEWEST {
            -tail::negative_binomial(count, mean, shape)
        } else {
            0.0
        };
        self.usual.1 = self.usual.1.saturating_add(1).min(USUAL);
        self.usual.0 += (count - self.usual.0) / f64::from(self.usual.1);
        // During the first day nothing is usual yet, and what seems rare would spoil what is.
        if self.baseline.is_young() {
            return 0.0;
        }
        self.spread.learn(count, mean, step as f64 / HOUR as f64);
        self.habit.rarity(surprise, self.usual.0)
    }

    /// What is told of a rarity: all of it when it exceeds what was told lately, or nothing.
    fn tell(&mut self, rarity: f64, gap: i64) -> f64 {
        self.told *= (-(gap as f64) / MEMORY).exp2();
        let news = rarity > WORSE * self.told;
        self.told = self.told.max(rarity);
        if news { rarity } else { 0.0 }
    }

    /// Learns the running hour when the rows have reached another one.
    fn finish(&mut self, number: i64) {
        let Some(hour) = self.running.take_if(|hour| hour.number != number) else { return };
        if hour.heard > HEARD_ENOUGH {
            let total = hour.total / hour.heard;
            // Of the first hour nothing was expected, so that it says nothing about the level.
            let first = self.baseline.exposure() < 1.0;
            let expected = if first { total } else { hour.expected };
            let slot = self.slot(hour.number);
            self.baseline.learn(&Lesson { slot, total, negative: 0.0, expected });
        }
    }

    fn hourly_mean(&self, number: i64) -> f64 {
        if let Some(running) = self.running.filter(|running| running.number == number) {
            return running.expected;
        }
        self.baseline.expected(self.slot(number)).unwrap_or_else(|| {
            let elapsed = (number * HOUR - self.start).max(0) as f64 / HOUR as f64;
            (self.seen + 0.3) / (elapsed + 0.75)
        })
    }

    fn slot(&self, number: i64) -> usize {
        let hour = Timestamp::from_second(number.saturating_mul(HOUR));
        let local = self.zone.to_datetime(hour.unwrap_or(Timestamp::UNIX_EPOCH));
        let day = local.weekday().to_monday_zero_offset();
        usize::try_from(i64::from(day) * 24 + i64::from(local.hour())).unwrap_or(0)
    }
}
