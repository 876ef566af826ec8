//! The port against the reference implementation in Python, on nine synthetic days over the change
//! to winter time: a launch, a bot flood, a crisis, and hours in which sources were down.
//!
//! Three things differ here on purpose, and are put aside: reposts of one text count less, an hour
//! that was part of a surprise is not learned, and more people are asked for before anything
//! surprises.
//!
//! Tolerance: 5e-5 on surprises, 1e-3 on scores of 100. State is kept in single
//! precision here, in double there.

use jiff::tz::TimeZone;

use super::super::{Detector, Signal};
use super::close;
use crate::model::{Timestamp, Tone};

/// 2025-10-20T09:30:00Z: the second from which the fixtures count.
const START: i64 = 1_760_952_600;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(START + second).unwrap()
}

fn rows(text: &str) -> Vec<Vec<f64>> {
    let numbers = |line: &str| line.split(',').map(|cell| cell.parse().unwrap()).collect();
    text.lines().skip(1).map(numbers).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "the fixtures hold small numbers")]
fn whole(number: f64) -> i64 {
    number as i64
}

fn signal(row: &[f64]) -> Signal {
    let [arrived, delay, author, text, repost, tone, reach, kind] =
        [0, 1, 2, 3, 4, 5, 6, 7].map(|column| whole(row[column]));
    Signal {
        arrived: at(arrived),
        event: at(arrived - delay),
        tone: match tone {
            -1 => Tone::Negative,
            1 => Tone::Positive,
            _ => Tone::Neutral,
        },
        author: author.unsigned_abs(),
        // There each repost counts in full, as only a text without a fingerprint does here.
        fingerprint: if repost == 1 { 0 } else { xxhash_rust::xxh3::xxh3_64(&text.to_le_bytes()) },
        repost: repost == 1,
        reach: reach.unsigned_abs(),
        kind: u8::try_from(kind).unwrap(),
    }
}

/// When the health of the sources changes, and to what.
const HEALTH: [(i64, f64); 4] = [
    (4 * 86_400 + 1800, 0.4),
    (4 * 86_400 + 1800 + 12_000, 1.0),
    (8 * 86_400 + 1800, 0.1),
    (8 * 86_400 + 1800 + 7200, 1.0),
];

#[test]
fn readings_are_those_of_the_reference_implementation() {
    let signals = rows(include_str!("../../../tests/fixtures/velocity/signals.csv"));
    let readings = rows(include_str!("../../../tests/fixtures/velocity/readings.csv"));
    let mut detector = Detector::new(TimeZone::get("Europe/Paris").unwrap(), at(0));
    // As after three unusual days: everything is learned, which is what the prototype does.
    detector.spell = u32::MAX;
    let mut waiting = signals.iter().peekable();
    let mut told = readings.iter().peekable();
    let mut health = HEALTH.iter().peekable();
    let (mut compared, mut withheld) = (0, 0);
    for minute in 1..=9 * 1440 {
        let now = minute * 60;
        while let Some(row) = waiting.next_if(|row| whole(row[0]) < now) {
            detector.observe(&signal(row));
        }
        if let Some((_, share)) = health.next_if(|(second, _)| *second <= now) {
            detector.hear(at(now), *share);
        }
        let reading = detector.advance(at(now));
        let Some(row) = told.next_if(|row| whole(row[0]) == now) else { continue };
        // The prototype knows the health of the running hour to its end, which nobody can.
        let hour = |second: i64| (START + second - 1).div_euclid(3600);
        if HEALTH.iter().any(|(second, _)| hour(*second) == hour(now)) {
            continue;
        }
        compared += 1;
        let what = format!("{} {reading:?}", at(now));
        if reading.surprise <= 0.0 && row[1] > 0.0 {
            withheld += 1;
            continue;
        }
        close(reading.surprise, row[1].max(0.0), 5e-5, &what);
        close(reading.score, row[8], 1e-3, &what);
        if row[8] > 0.0 {
            assert_eq!(i64::from(reading.window_minutes), whole(row[2]) * 5, "{what}");
            close(reading.observed, row[3], 1e-3, &what);
            close(reading.expected, row[4], 2e-5 * row[4].max(0.1), &what);
            close(reading.surprise_velocity, row[5], 5e-5, &what);
            close(reading.surprise_share, row[6], 5e-5, &what);
        }
        let sum: f64 = reading.terms.iter().map(|term| term.value).sum();
        close(sum, reading.score, 1e-9, &what);
    }
    assert!(compared > 700, "compared {compared}");
    assert_eq!(withheld, 7, "readings of fewer people than are asked for here");
}
