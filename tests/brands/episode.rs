//! What happens to a brand: crises that must be told, and harmless events that must not.

use std::collections::BTreeSet;

use vigie::model::Tone;
use vigie::velocity::Signal;

use super::brand::{Brand, HOUR};
use super::chance::{Chance, whole};
use super::stream::{Stream, Voice, at};

/// A kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Everybody is angry within minutes, until it works again.
    Outage,
    /// One post, and a storm that is over in an hour or two.
    Flash,
    /// A few articles, and the reactions that follow for hours.
    News,
    /// Growing for two days before its peak.
    SlowBurn,
    /// Many, and happy.
    Launch,
    /// A few texts that everybody reposts; not against the brand.
    Joke,
    /// Many articles and answers, of the usual tone.
    Plain,
    /// One negative text on sixty sites.
    Syndicated,
    /// A few accounts that post hundreds of negative texts.
    Bots,
    /// Sources are down and catch up at once.
    Backfill,
    /// A day whose mentions are partly found many hours later.
    Late,
}

impl Kind {
    pub const ALL: [Kind; 11] = [
        Kind::Outage,
        Kind::Flash,
        Kind::News,
        Kind::SlowBurn,
        Kind::Launch,
        Kind::Joke,
        Kind::Plain,
        Kind::Syndicated,
        Kind::Bots,
        Kind::Backfill,
        Kind::Late,
    ];

    pub fn is_crisis(self) -> bool {
        self <= Kind::SlowBurn
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Outage => "outage",
            Kind::Flash => "flash",
            Kind::News => "news-led",
            Kind::SlowBurn => "slow burn",
            Kind::Launch => "launch, happy",
            Kind::Joke => "viral joke",
            Kind::Plain => "neutral news",
            Kind::Syndicated => "syndicated × 60",
            Kind::Bots => "few authors, many posts",
            Kind::Backfill => "gap and catch-up",
            Kind::Late => "late arrivals",
        }
    }
}

/// The truth about one event, in seconds since 1970.
#[derive(Debug, Clone, Copy)]
pub struct Episode {
    pub kind: Kind,
    pub from: i64,
    pub peak: i64,
    /// An incident that opens until then belongs to it.
    pub until: i64,
    /// How many people were heard as negative because of it.
    pub people: usize,
}

/// A bad buzz of fewer people is none that anybody would call one: one who is told of it is not
/// wronged, and one who is not misses nothing. The reference asks for an alarm at fifteen.
const CROWD: usize = 15;

impl Episode {
    /// Drawn as a crisis, and too small to be one.
    pub fn is_faint(&self) -> bool {
        self.kind.is_crisis() && self.people < CROWD
    }
}

/// Reactions and late answers outlast an event.
const ECHO: i64 = 12 * HOUR;

/// The strength of what is about to happen: mentions an hour at its peak. A small brand has its
/// dozens, a large one several times what is usual.
fn strength(brand: &Brand, chance: &mut Chance, least: (f64, f64), times: (f64, f64)) -> f64 {
    chance.scaled(least.0, least.1) + brand.rate * chance.scaled(times.0, times.1)
}

/// Makes an event happen from `from` on; the changes of health that it brings are appended.
pub fn happen(
    stream: &mut Stream<'_>,
    kind: Kind,
    from: i64,
    health: &mut Vec<(i64, f64)>,
) -> Episode {
    let before = stream.signals.len();
    let (peak, until) = match kind {
        Kind::Outage => outage(stream, from),
        Kind::Flash => flash(stream, from),
        Kind::News => news(stream, from, true),
        Kind::SlowBurn => slow_burn(stream, from),
        Kind::Launch => launch(stream, from),
        Kind::Joke => joke(stream, from),
        Kind::Plain => news(stream, from, false),
        Kind::Syndicated => syndicated(stream, from),
        Kind::Bots => bots(stream, from),
        Kind::Backfill => backfill(stream, from, health),
        Kind::Late => late(stream, from),
    };
    let people = people(&stream.signals[before..]);
    Episode { kind, from, peak, until: until + ECHO, people }
}

/// Authors of negative mentions; who has no name is counted each time.
fn people(signals: &[Signal]) -> usize {
    let negative = signals.iter().filter(|signal| signal.tone == Tone::Negative);
    let (named, nameless): (Vec<u64>, Vec<u64>) =
        negative.map(|signal| signal.author).partition(|author| *author != 0);
    named.into_iter().collect::<BTreeSet<u64>>().len() + nameless.len()
}

fn angry(chance: &mut Chance) -> Voice {
    Voice {
        negative: chance.between(0.6, 0.92),
        reposts: chance.between(0.3, 0.7),
        copies: chance.between(0.0, 0.15),
        echo: chance.between(0.2, 0.6),
    }
}

fn outage(stream: &mut Stream<'_>, from: i64) -> (i64, i64) {
    let voice = angry(stream.chance);
    let most = strength(stream.brand, stream.chance, (8.0, 60.0), (1.0, 8.0));
    let rise = stream.chance.between(5.0, 60.0) * 60.0;
    let lasts = stream.chance.between(1.5, 8.0) * HOUR as f64;
    let until = from + whole(rise + lasts);
    let awake = stream.awake(from);
    stream.episode(from, until, &voice, |second| {
        awake * most * ((second - from) as f64 / rise).min(1.0)
    });
    (from + whole(rise), until)
}

fn flash(stream: &mut Stream<'_>, from: i64) -> (i64, i64) {
    let voice = angry(stream.chance);
    let most = strength(stream.brand, stream.chance, (15.0, 120.0), (2.0, 12.0));
    let rise = stream.chance.between(10.0, 40.0) * 60.0;
    let half = stream.chance.between(30.0, 90.0) * 60.0;
    let until = from + whole(rise + 5.0 * half);
    let awake = stream.awake(from);
    stream.episode(from, until, &voice, |second| {
        let age = (second - from) as f64;
        awake * most * (age / rise).min(1.0) * libm::exp2(-(age - rise).max(0.0) / half)
    });
    (from + whole(rise), until)
}

/// Articles, then reactions to them: angry, or of the usual tone.
fn news(stream: &mut Stream<'_>, from: i64, bad: bool) -> (i64, i64) {
    let usual = Voice::usual(stream.brand);
    let angry = angry(stream.chance);
    let tone = stream.chance.between(0.7, 1.1);
    let voice = if bad { angry } else { Voice { negative: usual.negative * tone, ..angry } };
    let most = strength(stream.brand, stream.chance, (8.0, 50.0), (1.0, 6.0));
    let text = stream.chance.next();
    for _ in 0..stream.chance.whole(3, 12) {
        let second = from + whole(stream.chance.exponential(3600.0));
        let tone = if bad && stream.chance.likely(0.7) { Tone::Negative } else { Tone::Neutral };
        let author = stream.chance.next();
        stream.add(second, tone, author, text, false);
    }
    let rise = stream.chance.between(0.5, 3.0) * HOUR as f64;
    let half = stream.chance.between(2.0, 8.0) * HOUR as f64;
    let until = from + whole(rise + 3.0 * half);
    let awake: Vec<f64> =
        (0..=(until - from) / HOUR).map(|hour| stream.awake(from + hour * HOUR)).collect();
    stream.episode(from, until, &voice, |second| {
        let age = (second - from) as f64;
        let hour = usize::try_from((second - from).max(0) / HOUR).unwrap();
        awake[hour]
            * most
            * (age / rise).clamp(0.0, 1.0)
            * libm::exp2(-(age - rise).max(0.0) / half)
    });
    (from + whole(rise), until)
}

fn slow_burn(stream: &mut Stream<'_>, from: i64) -> (i64, i64) {
    let voice = angry(stream.chance);
    let most = strength(stream.brand, stream.chance, (5.0, 25.0), (0.8, 5.0));
    let rise = stream.chance.between(42.0, 60.0) * HOUR as f64;
    let bend = stream.chance.between(0.8, 1.6);
    let half = stream.chance.between(4.0, 12.0) * HOUR as f64;
    let until = from + whole(rise + 2.0 * half);
    let awake: Vec<f64> =
        (0..=(until - from) / HOUR).map(|hour| stream.awake(from + hour * HOUR)).collect();
    stream.episode(from, until, &voice, |second| {
        let age = (second - from).max(0) as f64;
        let hour = usize::try_from((second - from).max(0) / HOUR).unwrap();
        let grown = libm::pow((age / rise).min(1.0), bend);
        awake[hour] * most * grown * libm::exp2(-(age - rise).max(0.0) / half)
    });
    (from + whole(rise), until)
}

/// So many an hour at the most, after a rise of so many seconds, and half as many after each `half`.
fn rise_and_fall(
    stream: &mut Stream<'_>,
    from: i64,
    voice: &Voice,
    (most, rise, half): (f64, f64, f64),
) -> (i64, i64) {
    let until = from + whole(rise + 3.0 * half);
    let awake = stream.awake(from);
    stream.episode(from, until, voice, |second| {
        let age = (second - from) as f64;
        awake * most * (age / rise).clamp(0.0, 1.0) * libm::exp2(-(age - rise).max(0.0) / half)
    });
    (from + whole(rise), until)
}

fn launch(stream: &mut Stream<'_>, from: i64) -> (i64, i64) {
    let usual = stream.brand.negative;
    let voice = Voice {
        negative: usual.min(0.15) * stream.chance.between(0.4, 1.0),
        reposts: 0.5,
        copies: 0.1,
        echo: stream.chance.between(0.2, 0.6),
    };
    let most = strength(stream.brand, stream.chance, (15.0, 120.0), (2.0, 12.0));
    let rise = stream.chance.between(10.0, 90.0) * 60.0;
    let half = stream.chance.between(2.0, 8.0) * HOUR as f64;
    rise_and_fall(stream, from, &voice, (most, rise, half))
}

/// Reposts of a few texts, none of them angry. Where the joke itself is heard as negative, so are
/// its reposts.
fn joke(stream: &mut Stream<'_>, from: i64) -> (i64, i64) {
    let voice = Voice { negative: 0.0, reposts: 0.85, copies: 0.05, echo: 0.9 };
    let most = strength(stream.brand, stream.chance, (20.0, 120.0), (2.0, 10.0));
    let rise = stream.chance.between(20.0, 90.0) * 60.0;
    let half = stream.chance.between(1.0, 5.0) * HOUR as f64;
    rise_and_fall(stream, from, &voice, (most, rise, half))
}

fn syndicated(stream: &mut Stream<'_>, from: i64) -> (i64, i64) {
    let text = stream.chance.next() | 1;
    let count = stream.chance.whole(40, 80);
    let spread = stream.chance.between(1.0, 6.0) * HOUR as f64;
    for _ in 0..count {
        let second = from + whole(stream.chance.between(0.0, spread));
        let copy = text ^ (1 << stream.chance.whole(1, 63)) ^ (1 << stream.chance.whole(1, 63));
        let author = if stream.chance.likely(0.3) { 0 } else { stream.chance.next() | 1 };
        stream.add(second, Tone::Negative, author, copy, false);
    }
    (from, from + whole(spread))
}

fn bots(stream: &mut Stream<'_>, from: i64) -> (i64, i64) {
    let authors: Vec<u64> = (0..stream.chance.whole(1, 6)).map(|_| stream.chance.next()).collect();
    let texts: Vec<u64> = (0..stream.chance.whole(3, 30)).map(|_| stream.chance.next()).collect();
    let spread = stream.chance.between(0.5, 5.0) * HOUR as f64;
    for _ in 0..stream.chance.whole(80, 400) {
        let second = from + whole(stream.chance.between(0.0, spread));
        let (author, text) = (*stream.chance.pick(&authors), *stream.chance.pick(&texts));
        stream.add(second, Tone::Negative, author, text, false);
    }
    (from, from + whole(spread))
}

/// One kind of source or all of them are silent, then tell everything within two minutes.
fn backfill(stream: &mut Stream<'_>, from: i64, health: &mut Vec<(i64, f64)>) -> (i64, i64) {
    let until = from + whole(stream.chance.between(3.0, 16.0) * HOUR as f64);
    let all = stream.brand.kinds.len() == 1 || stream.chance.likely(0.5);
    let down = stream.brand.kind(stream.chance);
    let share = if all { 1.0 } else { stream.brand.kinds[down] };
    for signal in &mut stream.signals {
        let silent = all || usize::from(signal.kind) == down;
        if silent && (at(from)..at(until)).contains(&signal.arrived) {
            signal.arrived = at(until + stream.chance.whole(0, 120));
        }
    }
    health.extend([(from, 1.0 - share), (until, 1.0)]);
    (until, until)
}

/// For a day, a part of what arrives does so 6 to 30 hours later.
fn late(stream: &mut Stream<'_>, from: i64) -> (i64, i64) {
    let until = from + 24 * HOUR;
    let found = from + whole(stream.chance.between(24.0, 36.0) * HOUR as f64);
    let part = stream.chance.between(0.15, 0.4);
    for signal in &mut stream.signals {
        if (at(from)..at(until)).contains(&signal.arrived) && stream.chance.likely(part) {
            signal.arrived = at(found + stream.chance.whole(0, 300));
        }
    }
    (found, found)
}
