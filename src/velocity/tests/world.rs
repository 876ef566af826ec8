//! Simulated streams of mentions with a seeded source of chance.

use jiff::tz::TimeZone;

use super::super::{Detector, Signal};
use crate::calendar::Plan;
use crate::model::{Reading, Timestamp, Tone};

pub(super) const HOUR: i64 = 3600;
pub(super) const DAY: i64 = 24 * HOUR;

/// Monday 2026-03-02T00:00:00Z; the clocks of Paris change on the 29th.
const START: i64 = 1_772_409_600;

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(START + second).unwrap()
}

/// Splitmix: small, seeded, the same everywhere.
pub(super) struct Chance(pub u64);

impl Chance {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Evenly in [0, 1).
    pub(super) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A watch and what is said about it, second by second from a Monday on.
pub(super) struct World {
    pub chance: Chance,
    pub stream: Vec<Signal>,
    pub plan: Plan,
}

impl World {
    pub(super) fn new(seed: u64) -> World {
        World { chance: Chance(seed), stream: Vec::new(), plan: Plan::default() }
    }

    pub(super) fn mention(&mut self, second: i64, negative: f64) -> &mut Signal {
        let tone = if self.chance.share() < negative { Tone::Negative } else { Tone::Positive };
        self.stream.push(Signal {
            arrived: at(second),
            event: at(second),
            tone,
            author: self.chance.next(),
            fingerprint: self.chance.next(),
            repost: false,
            reach: 200,
            kind: u8::from(self.chance.share() < 0.4),
        });
        self.stream.last_mut().unwrap()
    }

    /// Mentions at a mean rate per hour: busy days and quiet nights of Paris, restless hours.
    pub(super) fn background(&mut self, days: i64, rate: f64, negative: f64) {
        let zone = TimeZone::get("Europe/Paris").unwrap();
        for hour in 0..days * 24 {
            let clock = at(hour * HOUR).to_zoned(zone.clone()).hour();
            let season = if (8..22).contains(&clock) { 1.5 } else { 0.3 };
            let restless = 0.5 + self.chance.share();
            for minute in 0..60 {
                let mut expected = rate * season * restless / 60.0;
                while self.chance.share() < expected {
                    let within = i64::try_from(self.chance.next() % 60).unwrap();
                    self.mention(hour * HOUR + minute * 60 + within, negative);
                    expected -= 1.0;
                }
            }
        }
    }

    pub(super) fn burst(&mut self, from: i64, seconds: i64, count: i64, negative: f64) {
        for n in 0..count {
            self.mention(from + seconds * n / count, negative);
        }
    }

    /// Reads every five minutes.
    pub(super) fn readings(&mut self, until: i64) -> Vec<Reading> {
        self.stream.sort_by_key(|signal| signal.arrived);
        let mut detector = Detector::new(TimeZone::get("Europe/Paris").unwrap(), at(0));
        detector.follow(self.plan.clone());
        let mut waiting = self.stream.iter().peekable();
        let mut read = |now: Timestamp| {
            while let Some(signal) = waiting.next_if(|signal| signal.arrived < now) {
                detector.observe(signal);
            }
            detector.advance(now)
        };
        (300..=until).step_by(300).map(at).map(&mut read).collect()
    }
}
