//! How the detector learns: each hour once, in order, a lag after its end.

use super::super::baseline::Lesson;
use super::super::hours::HOUR;
use super::super::narrow;
use super::{
    Detector, HEARD_ENOUGH, LAG, LAG_YOUNG, LONGEST_JUMP, VOLUME_WINDOWS, hour_of, timestamp,
};
use crate::calendar::Widening;

impl Detector {
    pub(super) fn enter_until(&mut self, hour: i64) {
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
    pub(super) fn learn_until(&mut self, now: i64) {
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
        if self.is_apart(number) {
            return;
        }
        // What a plan explains is not the usual rhythm; its tones are as true as any.
        let (total, expected) = (f64::from(hour.total) / health, f64::from(hour.expected));
        let usual = self.widening(number * HOUR, HOUR).explained(total, expected);
        let part = if total > 0.0 { usual / total } else { 1.0 };
        let taken = self.baseline.learn(&Lesson {
            slot: self.slot(number),
            total: usual,
            negative: f64::from(hour.negative) / health * part,
            expected,
        });
        if self.baseline.is_young() {
            return;
        }
        self.labels.learn(taken.total, taken.negative, taken.share);
        for (place, buckets) in VOLUME_WINDOWS.into_iter().enumerate() {
            self.learn_spread(number, place, buckets, taken.share);
        }
    }

    /// What is planned within so many seconds.
    pub(super) fn widening(&self, since: i64, seconds: i64) -> Widening {
        if self.plan.is_empty() {
            return Widening::NONE;
        }
        let until = since + seconds;
        Widening::of(&self.plan.between(&self.zone, since, until), since, until)
    }

    fn learn_spread(&mut self, number: i64, place: usize, buckets: i64, share: f64) {
        let hours = (buckets / 12).max(1);
        let age = number - hour_of(self.start);
        if age % (hours / 2).max(1) != 0 || age < hours - 1 {
            return;
        }
        // How a planned window varies says nothing about the others.
        if self.widening((number + 1 - hours) * HOUR, hours * HOUR) != Widening::NONE {
            return;
        }
        let (mut negative, mut total, mut mean) = (0.0, 0.0, 0.0);
        if buckets >= 12 {
            for hour in (number - hours + 1..=number).filter_map(|hour| self.hours.get(hour)) {
                negative += f64::from(hour.negative);
                total += f64::from(hour.total);
                mean += f64::from(hour.expected) * hour.health();
            }
        } else if let Some(hour) = self.hours.get(number) {
            (negative, total) = self.ring.sums((number + 1) * 12 - buckets, buckets);
            mean = f64::from(hour.expected) * buckets as f64 / 12.0 * hour.health();
        }
        let passed = (hours as f64 / 2.0).max(1.0);
        if let Some(spread) = self.spread.get_mut(place) {
            spread.learn(negative, mean * share, passed);
        }
        if let Some(spread) = self.totals.get_mut(place) {
            spread.learn(total, mean, passed);
        }
    }

    /// Hour of the week on the local clock. The hour that a change to summer time skips has no
    /// instant, and the one that winter repeats is visited twice.
    pub(super) fn slot(&self, number: i64) -> usize {
        let local = timestamp(number.saturating_mul(HOUR)).to_zoned(self.zone.clone());
        let day = local.weekday().to_monday_zero_offset();
        usize::try_from(i64::from(day) * 24 + i64::from(local.hour())).unwrap_or(0)
    }

    pub(super) fn hourly_mean(&self, number: i64) -> f64 {
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
}
