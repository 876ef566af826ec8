//! How many of something a day usually has.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::DAY;

/// Whole days between a day and the one in which it is learned, so that what is risky now is not
/// yet usual.
const LAG: i64 = 2;

/// What is believed before anything is learned: one in three weeks, as if a week had shown it.
const PRIOR: f64 = 0.05;
const PRIOR_DAYS: f64 = 7.0;

/// Days over which a habit is forgotten.
const MEMORY: f64 = 28.0;

/// Days learned whole. From then on, a day above five and four times the usual teaches no more
/// than that: a crisis must not become a habit at once.
const WHOLE: u32 = 7;

/// Standard deviations above the usual number from which a number is unusual: the strictest of the
/// published rules of this form (Huginn, Socialmetrix: mean + 3 SD).
const DEVIATIONS: f64 = 3.0;

/// Days that are learned at once after a silence; a longer one says nothing more.
const LONGEST: i64 = 60;

/// The habit of a watch, in days of UTC: what it counts has no hour of the day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Daily {
    /// Mean of a day.
    mean: f64,
    /// Days learned.
    days: u32,
    /// The next day to be learned, and the counts of it and those after it.
    next: i64,
    open: VecDeque<(i64, u32)>,
}

impl Daily {
    /// A habit that begins with the first whole day after `start`.
    pub(super) fn new(start: i64) -> Daily {
        let next = start.div_euclid(DAY).saturating_add(1);
        Daily { mean: PRIOR, days: 0, next, open: VecDeque::new() }
    }

    /// Counts one at its second, as of `now`, which is not before it.
    pub(super) fn count(&mut self, second: i64, now: i64) {
        self.settle(now);
        let day = second.div_euclid(DAY);
        if day < self.next {
            return;
        }
        let place = self.open.partition_point(|(known, _)| *known < day);
        match self.open.get_mut(place).filter(|(known, _)| *known == day) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => self.open.insert(place, (day, 1)),
        }
    }

    /// How many are usual in so many seconds, and above how many is unusual.
    pub(super) fn expected(&self, seconds: i64, now: i64) -> (f64, f64) {
        let mut habit = self.clone();
        habit.settle(now);
        let mean = habit.mean * seconds.max(0) as f64 / DAY as f64;
        // Days differ by half their mean beside chance: weekdays, and news that brings news.
        let deviation = (mean + mean * mean / 4.0).sqrt();
        (mean, mean + DEVIATIONS * deviation)
    }

    /// Learns the days that ended long enough ago.
    fn settle(&mut self, now: i64) {
        let until = now.div_euclid(DAY).saturating_sub(LAG);
        self.next = self.next.max(until.saturating_sub(LONGEST));
        while self.next < until {
            while self.open.front().is_some_and(|(day, _)| *day < self.next) {
                self.open.pop_front();
            }
            let known = self.open.front().filter(|(day, _)| *day == self.next);
            self.learn(known.map_or(0, |(_, count)| *count));
            self.next += 1;
        }
        while self.open.front().is_some_and(|(day, _)| *day < self.next) {
            self.open.pop_front();
        }
    }

    fn learn(&mut self, count: u32) {
        let most = if self.days < WHOLE { f64::INFINITY } else { 5.0 + 4.0 * self.mean };
        self.days = self.days.saturating_add(1);
        let weight = (f64::from(self.days) + PRIOR_DAYS).min(MEMORY);
        self.mean += (f64::from(count).min(most) - self.mean) / weight;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many every day, and what is then usual in a day.
    #[track_caller]
    fn check(daily: u32, days: i64, expected: f64, unusual: f64) {
        let mut habit = Daily::new(-1);
        for day in 0..days {
            for n in 0..daily {
                let second = day * DAY + i64::from(n);
                habit.count(second, second);
            }
        }
        let (mean, above) = habit.expected(DAY, days * DAY);
        let near = (mean - expected).abs() < 0.01 && (above - unusual).abs() < 0.01;
        assert!(near, "{daily} a day for {days} days: {mean} and {above}");
    }

    #[test]
    fn a_habit_is_learned_in_days() {
        check(0, 0, 0.05, 0.72);
        check(0, 2, 0.05, 0.72);
        check(4, 30, 3.23, 10.49);
        check(4, 400, 4.0, 12.49);
        check(1000, 5, 300.03, 753.08);
    }

    #[test]
    fn a_crisis_is_no_habit_at_once_and_a_silence_ends_one() {
        let mut habit = Daily::new(-1);
        for n in 0..5000_i64 {
            habit.count(40 * DAY + n, 40 * DAY + n);
        }
        let (mean, _) = habit.expected(DAY, 44 * DAY);
        assert!(mean < 0.5, "{mean}");
        let (later, _) = habit.expected(DAY, 400 * DAY);
        assert!(later < 0.05, "{later}");
    }

    #[test]
    fn asking_changes_nothing_and_time_may_jump() {
        let mut habit = Daily::new(0);
        habit.count(DAY, DAY);
        let before = habit.clone();
        for now in [i64::MIN, -1, 0, i64::MAX] {
            let (mean, above) = habit.expected(DAY, now);
            assert!(mean.is_finite() && above.is_finite(), "{now}");
        }
        assert_eq!(habit, before);
        habit.count(i64::MAX, i64::MAX);
        habit.count(i64::MIN, i64::MIN);
        assert!(habit.open.len() <= 2);
    }
}
