//! A stream of mentions as it is made: background, cascades, and what is added to them.

use jiff::Timestamp;
use vigie::model::Tone;
use vigie::velocity::Signal;

use super::brand::{Brand, HOUR};
use super::chance::{Chance, whole};

/// Mentions that one mention may bring, all generations together.
const LARGEST_CASCADE: usize = 200;

/// What a mention is made of, before it is heard.
#[derive(Clone, Copy)]
pub struct Voice {
    /// Share of negatives among those who speak so.
    pub negative: f64,
    /// Of ten answers, how many are reposts and how many are copies with small edits; the others
    /// are texts of their own.
    pub reposts: f64,
    pub copies: f64,
    /// Mentions that a mention makes directly.
    pub echo: f64,
}

impl Voice {
    pub fn usual(brand: &Brand) -> Voice {
        Voice { negative: brand.negative, reposts: 0.5, copies: 0.1, echo: brand.echo }
    }
}

/// A mention that others may answer: its true tone, and as it is heard.
#[derive(Clone, Copy)]
struct Said {
    second: i64,
    negative: bool,
    tone: Tone,
    fingerprint: u64,
}

/// The stream of one brand; seconds count from 1970.
pub struct Stream<'a> {
    pub brand: &'a Brand,
    pub chance: &'a mut Chance,
    pub signals: Vec<Signal>,
    pub start: i64,
    pub end: i64,
}

impl Stream<'_> {
    /// The usual life: restless hours on a drifting level, each mention with its cascade.
    pub fn background(&mut self) {
        let voice = Voice::usual(self.brand);
        let mut level = 0.0;
        let mut mood = 0.0;
        for hour in self.start.div_euclid(HOUR)..self.end.div_euclid(HOUR) {
            if hour % 24 == 0 {
                level = 0.7 * level + self.brand.drift * self.chance.normal();
                mood = 0.5 * mood + 0.15 * self.chance.normal();
            }
            let factor = self.chance.gamma(self.brand.calm)
                * libm::exp(level - self.brand.drift * self.brand.drift);
            let rate = self.brand.rate * self.brand.season(hour * HOUR) * factor;
            let today = Voice { negative: (voice.negative * libm::exp(mood)).min(0.6), ..voice };
            for _ in 0..self.chance.poisson(rate * (1.0 - voice.echo)) {
                let second = hour * HOUR + self.chance.whole(0, HOUR - 1);
                self.say(second, &today);
            }
        }
    }

    /// Mentions at `rate(second)` an hour between two instants, with their cascades.
    pub fn episode(&mut self, from: i64, until: i64, voice: &Voice, rate: impl Fn(i64) -> f64) {
        for minute in from.div_euclid(60)..until.div_euclid(60) {
            let expected = rate(minute * 60) / 60.0 * (1.0 - voice.echo);
            for _ in 0..self.chance.poisson(expected) {
                let second = minute * 60 + self.chance.whole(0, 59);
                self.say(second, voice);
            }
        }
    }

    /// A new text, and what answers it.
    pub fn say(&mut self, second: i64, voice: &Voice) {
        let negative = self.chance.likely(voice.negative);
        let first = self.text(second, negative);
        self.heard(&first, false);
        self.cascade(first, voice);
    }

    /// What spreads from a text: reposts, copies with small edits, and answers that mostly feel alike.
    fn cascade(&mut self, first: Said, voice: &Voice) {
        let mut open = vec![first];
        let mut count = 0;
        while let Some(said) = open.pop() {
            for _ in 0..self.chance.poisson(voice.echo) {
                // A few answers come much later than most.
                let slow = if self.chance.likely(0.15) { 6.0 } else { 0.7 };
                let delay = 20.0 + self.chance.exponential(self.brand.echo_delay * slow);
                let second = said.second + whole(delay);
                let drawn = self.chance.share();
                let next = if drawn < voice.reposts {
                    Said { second, ..said }
                } else if drawn < voice.reposts + voice.copies {
                    Said { second, fingerprint: self.edited(said.fingerprint), ..said }
                } else {
                    let alike = self.chance.likely(0.4);
                    let own = self.chance.likely(voice.negative);
                    self.text(second, if alike { said.negative } else { own })
                };
                self.heard(&next, drawn < voice.reposts);
                open.push(next);
                count += 1;
                if count >= LARGEST_CASCADE {
                    return;
                }
            }
        }
    }

    /// A text: one in eight is too short to be recognised, and its tone is heard with the brand's
    /// errors.
    fn text(&mut self, second: i64, negative: bool) -> Said {
        let wrong = self.chance.likely(self.brand.error);
        let short = self.chance.likely(0.12);
        let tone = match (negative, wrong) {
            (true, false) => Tone::Negative,
            (true, true) => *self.chance.pick(&[Tone::Neutral, Tone::Positive]),
            // Of the two other tones only one is negative.
            (false, true) if self.chance.likely(0.5) => Tone::Negative,
            (false, _) => *self.chance.pick(&[Tone::Neutral, Tone::Neutral, Tone::Positive]),
        };
        let fingerprint = if short { 0 } else { self.chance.next() | 1 };
        Said { second, negative, tone, fingerprint }
    }

    /// The fingerprint of an edited copy: up to three other bits.
    fn edited(&mut self, fingerprint: u64) -> u64 {
        let bits = (0..3).fold(0_u64, |bits, _| bits | 1 << self.chance.whole(1, 63));
        if fingerprint == 0 { 0 } else { fingerprint ^ bits }
    }

    fn author(&mut self) -> u64 {
        let drawn = self.chance.share();
        if drawn < self.brand.nameless {
            0
        } else if drawn < self.brand.nameless + self.brand.regular {
            // The first of them speak the most.
            let place = self.chance.share() * self.chance.share() * self.brand.regulars as f64;
            1 + whole(place).unsigned_abs()
        } else {
            self.chance.next() | 1 << 40
        }
    }

    fn heard(&mut self, said: &Said, repost: bool) {
        let author = self.author();
        self.add(said.second, said.tone, author, said.fingerprint, repost);
    }

    /// A mention that is heard when its source is polled next, or hours later.
    pub fn add(&mut self, second: i64, tone: Tone, author: u64, fingerprint: u64, repost: bool) {
        let kind = self.brand.kind(self.chance);
        let late = if self.chance.likely(self.brand.late) {
            self.chance.scaled(HOUR as f64, 30.0 * HOUR as f64)
        } else {
            self.chance.between(0.0, self.brand.poll)
        };
        let arrived = second + whole(late);
        if arrived >= self.end || second >= self.end {
            return;
        }
        let reach = libm::exp(5.0 + 0.4 * kind as f64 + 1.4 * self.chance.normal());
        self.signals.push(Signal {
            arrived: at(arrived),
            event: at(second),
            tone,
            author,
            fingerprint,
            repost,
            reach: whole(reach).unsigned_abs(),
            kind: u8::try_from(kind).unwrap(),
        });
    }

    /// How busy people are: nobody complains at night as at noon, yet some do.
    pub fn awake(&self, second: i64) -> f64 {
        0.35 + 0.65 * self.brand.season(second).min(2.0)
    }
}

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}
