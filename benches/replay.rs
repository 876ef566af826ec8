//! A year of 1,000,000 mentions of one watch replayed, under one rule and under three.
//!
//! `cargo bench --bench replay`. Seconds are of this process's CPU, so they hold on a busy machine.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]
#![expect(clippy::unwrap_used, reason = "a bench that fails must stop")]

mod measure;

use std::sync::Arc;

use jiff::tz::TimeZone;
use vigie::calendar::Plan;
use vigie::model::{Measure, Roster, Sensitivity, Timestamp, Tone, Watch, WatchId};
use vigie::replay::{Audible, Course, Heard, Hearing, Replay, heard_at};
use vigie::risk::Echo;
use vigie::rules::Rules;
use vigie::velocity::Signal;

use measure::per_cpu_second;

const MENTIONS: u64 = 1_000_000;
const YEAR: i64 = 365 * 86_400;

/// SplitMix64: the same year in every run.
fn dice(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Evenly spread but for the last tenth, which falls into four days of crisis.
fn year(begin: Timestamp) -> Vec<Heard> {
    let mut seed = 20_261_124;
    let mut other = 7;
    let mut seconds: Vec<(i64, bool)> = Vec::new();
    for number in 0..MENTIONS {
        let crisis = number % 10 == 0;
        let within = if crisis { 86_400 } else { YEAR };
        let second = (dice(&mut seed) % within.unsigned_abs()).cast_signed();
        let day = 86_400 * (60 + 90 * (dice(&mut seed) % 4).cast_signed());
        seconds.push((if crisis { day + second } else { second }, crisis));
    }
    seconds.sort_unstable();
    let mut heard = |(second, crisis): (i64, bool)| {
        let arrived = Timestamp::from_second(begin.as_second() + second).unwrap();
        let negative = dice(&mut seed) % 10 < if crisis { 7 } else { 1 };
        let mut one_in = |many: u64| dice(&mut other).is_multiple_of(many);
        let signal = Signal {
            arrived,
            event: arrived,
            tone: if negative { Tone::Negative } else { Tone::Neutral },
            author: dice(&mut seed) % 50_000 + 1,
            fingerprint: dice(&mut seed),
            repost: false,
            reach: dice(&mut seed) % 10_000,
            kind: u8::try_from(dice(&mut seed) % 3).unwrap(),
        };
        let echo = Echo {
            seq: dice(&mut seed),
            signal,
            spread: one_in(10).then(|| (Measure::Reactions, dice(&mut seed) % 100)),
            press: one_in(20).then(|| format!("press{}.example", dice(&mut seed) % 200)),
            topics: if one_in(50) { vec!["recall".to_owned()] } else { Vec::new() },
        };
        Heard { at: heard_at(arrived, arrived), hearing: Hearing::New, echo }
    };
    seconds.into_iter().map(&mut heard).collect()
}

fn watch(sensitivity: Sensitivity) -> Watch {
    Watch {
        id: WatchId::new("acme").unwrap(),
        name: "Acme".to_owned(),
        query: "Acme".to_owned(),
        languages: Vec::new(),
        sensitivity,
        timezone: "Europe/Paris".to_owned(),
        recipients: Vec::new(),
        roster: Roster::default(),
    }
}

/// Lives the year under these rules; how many events they would have told.
fn replayed(year: &[Heard], begin: Timestamp, rules: &[Sensitivity]) -> usize {
    let watches: Vec<Watch> = rules.iter().copied().map(watch).collect();
    let zone = TimeZone::get("Europe/Paris").unwrap();
    let mut course = Course::begin(zone, begin, &Audible::default());
    course.follow(Plan::default(), Arc::new(Rules::builtin().alerts()));
    let mut events = 0;
    let mut replay = Replay::new(course, Audible::default(), &watches, |_| events += 1);
    for heard in year {
        replay.hear(heard.clone());
    }
    replay.finish(Timestamp::from_second(begin.as_second() + YEAR).unwrap());
    events
}

fn main() {
    let begin = Timestamp::from_second(1_790_000_000).unwrap();
    let year = year(begin);
    println!("{:<28}{:>10}{:>14}{:>10}", "a year of 1,000,000", "CPU s", "µs a mention", "events");
    for rules in [&[Sensitivity::Balanced][..], &Sensitivity::ALL] {
        let mut events = 0;
        let speed = per_cpu_second(|| {
            events = replayed(&year, begin, rules);
            MENTIONS as f64
        });
        let (name, took) = (format!("{} rules", rules.len()), MENTIONS as f64 / speed);
        println!("{name:<28}{took:>10.2}{:>14.2}{events:>10}", 1e6 / speed);
    }
}
