//! The detector: a mention, an evaluation, and the memory of ten thousand watches.
//!
//! `cargo bench --bench velocity` prints a table. Speeds are per CPU second of this process.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]
#![expect(clippy::unwrap_used, reason = "a bench that fails must stop")]

mod measure;

use jiff::tz::TimeZone;
use vigie::calendar::{Every, Plan, PlannedEvent};
use vigie::model::{Timestamp, Tone};
use vigie::velocity::{Detector, Series, Signal};

use measure::per_cpu_second;

/// Monday 2026-03-02T00:00:00Z.
const START: i64 = 1_772_409_600;
const DAY: i64 = 86_400;
const WATCHES: usize = 10_000;

fn main() {
    // Before anything that leaves memory to be used again.
    memory();
    mentions();
    for events in [0, 20] {
        evaluations(events);
    }
    saved_form();
    series();
}

fn row(what: &str, measured: f64, unit: &str, note: &str) {
    println!("{what:<44}{measured:>12.2}  {unit:<14}{note}");
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(START + second).unwrap()
}

fn paris() -> TimeZone {
    TimeZone::get("Europe/Paris").unwrap()
}

/// The nth mention of a stream, one each `gap` seconds; a fifth of them negative, few from the same
/// author or of the same text.
fn signal(n: u64, gap: i64) -> Signal {
    let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let second = i64::try_from(n).unwrap() * gap;
    Signal {
        arrived: at(second),
        event: at(second - 90),
        tone: if n.is_multiple_of(5) { Tone::Negative } else { Tone::Neutral },
        author: (mixed >> 20) % 50_000 + 1,
        fingerprint: mixed,
        repost: false,
        reach: mixed % 5_000,
        kind: u8::try_from(n % 3).unwrap(),
    }
}

/// A detector that has lived so many days of a mention each `gap` seconds.
fn lived(days: i64, gap: i64) -> (Detector, u64) {
    let mut detector = Detector::new(paris(), at(0));
    let count = u64::try_from(days * DAY / gap).unwrap();
    for n in 0..count {
        detector.observe(&signal(n, gap));
    }
    detector.advance(at(days * DAY));
    (detector, count)
}

/// 10,000 watches after three days of 96 mentions each.
fn memory() {
    let before = resident();
    let detectors: Vec<Detector> = (0..WATCHES).map(|_| lived(3, 900).0).collect();
    let each = (resident() - before) * 1_024.0 / WATCHES as f64;
    let total = each * WATCHES as f64 / 1_024.0;
    row("memory of a watch", each, "KiB", &format!("{WATCHES} watches: {total:.0} MiB"));
    drop(detectors);
}

/// Resident memory in MiB.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1_024.0
}

fn mentions() {
    for (what, gap) in [("a mention, 60 an hour", 60), ("a mention, 1,800 an hour", 2)] {
        let (mut detector, mut n) = lived(3, gap);
        let speed = per_cpu_second(|| {
            for _ in 0..10_000 {
                detector.observe(&signal(n, gap));
                n += 1;
            }
            10_000.0
        });
        row(what, 1e6 / speed, "µs", "observe");
    }
}

/// An evaluation each minute, as when something arrives all the time.
fn evaluations(events: usize) {
    let (mut detector, mut n) = lived(14, 60);
    let mut now = 14 * DAY;
    detector.follow(plan(events));
    let speed = per_cpu_second(|| {
        for _ in 0..1_000 {
            now += 60;
            detector.observe(&signal(n, 60));
            n += 1;
            std::hint::black_box(detector.advance(at(now)));
        }
        1_000.0
    });
    row(
        &format!("an evaluation, {events} planned events"),
        1e6 / speed,
        "µs",
        "observe and advance",
    );
}

/// Half of them once and over, half every week.
fn plan(events: usize) -> Plan {
    Plan::new((0..events).map(|n| PlannedEvent {
        name: format!("event {n}"),
        from: "2026-03-03T10:00".parse().unwrap(),
        until: "2026-03-03T12:00".parse().unwrap(),
        watches: None,
        factor: 3.0,
        every: n.is_multiple_of(2).then_some(Every::Week),
    }))
}

fn saved_form() {
    for (what, gap) in [
        ("saved form, 4 an hour", 900),
        ("saved form, 60 an hour", 60),
        ("saved form, 1,800 an hour", 2),
    ] {
        let (detector, _) = lived(3, gap);
        let bytes = serde_json::to_vec(&detector).unwrap().len();
        row(what, bytes as f64 / 1_024.0, "KiB", "JSON");
    }
}

fn series() {
    let mut series = Series::new(paris());
    let mut second = START;
    let speed = per_cpu_second(|| {
        for n in 0..10_000 {
            second += 300;
            let count = f64::from(n % 97) + if n % 500 == 0 { 900.0 } else { 0.0 };
            std::hint::black_box(series.observe(second, count).unwrap());
        }
        10_000.0
    });
    row("a row of counts", 1e6 / speed, "µs", "vigie detect without reading and writing");
}
