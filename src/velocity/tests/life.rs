//! The detector and the incidents it opens, on simulated streams with a seeded source of chance.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::super::{Detector, Signal};
use super::world::{DAY, HOUR, World, at};
use crate::incident::{Decision, transition};
use crate::model::{Event, Incident, Level, Roster, Sensitivity, Tone, Watch, WatchId};

/// What the watch goes through: every change of its incident.
fn run(world: &mut World, until: i64) -> Vec<(Timestamp, Event, Level)> {
    let (mut incident, mut events): (Option<Incident>, _) = (None, Vec::new());
    for reading in world.readings(until) {
        let Decision { incident: next, event, reason } =
            transition(incident.as_ref(), &reading, &watch(), reading.at);
        assert!(!reason.to_string().is_empty());
        if let Some(event) = event {
            events.push((reading.at, event, next.as_ref().unwrap().level));
        }
        incident = next.or(incident);
    }
    events
}

fn watch() -> Watch {
    Watch {
        id: WatchId::new("acme").unwrap(),
        name: "Acme".into(),
        query: "acme".into(),
        languages: Vec::new(),
        sensitivity: Sensitivity::Balanced,
        timezone: "Europe/Paris".into(),
        recipients: Vec::new(),
        roster: Roster::default(),
    }
}

#[track_caller]
fn opens_once(events: &[(Timestamp, Event, Level)], from: i64, within: i64) {
    let opened: Vec<_> = events.iter().filter(|event| event.1 == Event::Opened).collect();
    assert_eq!(opened.len(), 1, "{events:?}");
    let late = opened[0].0.duration_since(at(from));
    let range = SignedDuration::ZERO..=SignedDuration::from_secs(within);
    assert!(range.contains(&late), "{late:?} after the start: {events:?}");
}

#[test]
fn a_sparse_watch_alerts_on_fifteen_in_an_hour() {
    let mut world = World::new(1);
    world.background(14, 2.0 / 168.0, 0.2);
    world.burst(13 * DAY + 10 * HOUR, HOUR, 15, 0.9);
    opens_once(&run(&mut world, 14 * DAY), 13 * DAY + 10 * HOUR, HOUR);
}

#[test]
fn a_heavy_watch_does_not_alert_every_evening() {
    let mut world = World::new(2);
    world.background(16, 80.0, 0.2);
    let events = run(&mut world, 16 * DAY);
    assert!(events.is_empty(), "{events:?}");
}

#[test]
fn a_crisis_is_told_raised_and_closed() {
    let mut world = World::new(3);
    world.background(10, 10.0, 0.15);
    world.burst(8 * DAY + 9 * HOUR, 3 * HOUR, 300, 0.75);
    let events = run(&mut world, 10 * DAY);
    opens_once(&events, 8 * DAY + 9 * HOUR, HOUR);
    assert!(events.iter().any(|event| event.2 == Level::Crisis), "{events:?}");
    assert_eq!(events.last().map(|event| event.1), Some(Event::Closed), "{events:?}");
    assert_eq!(events.iter().filter(|event| event.1 == Event::Fading).count(), 1, "{events:?}");
}

#[test]
fn a_launch_with_happy_people_is_no_crisis() {
    let mut world = World::new(4);
    world.background(9, 10.0, 0.15);
    world.burst(8 * DAY + 9 * HOUR, 3 * HOUR, 400, 0.12);
    let events = run(&mut world, 9 * DAY);
    assert!(events.is_empty(), "{events:?}");
}

/// Sixty complaints within an hour, changed as told; the events they brought.
fn complaints(change: fn(&mut Signal, u64)) -> Vec<(Timestamp, Event, Level)> {
    let mut world = World::new(5);
    world.background(9, 10.0, 0.15);
    for n in 0..60 {
        let complaint = world.mention(8 * DAY + 9 * HOUR + 60 * n, 1.0);
        change(complaint, n.unsigned_abs());
    }
    run(&mut world, 9 * DAY)
}

#[test]
fn sixty_people_are_a_crowd_but_three_of_them_or_one_text_are_not() {
    opens_once(&complaints(|_, _| {}), 8 * DAY + 9 * HOUR, HOUR);
    assert_eq!(complaints(|complaint, n| complaint.author = n % 3 + 7), []);
    assert_eq!(complaints(|complaint, n| complaint.fingerprint = 0xfeed << (n % 2)), []);
}

#[test]
fn six_accounts_that_repeat_themselves_are_no_crowd() {
    assert_eq!(complaints(|complaint, n| complaint.author = n / 2 % 6 + 7), []);
}

#[test]
fn who_reposts_agrees_but_counts_less_than_who_writes() {
    let one_text =
        |complaint: &mut Signal, _| (complaint.fingerprint, complaint.repost) = (7, true);
    let first = |events: &[(Timestamp, Event, Level)]| events.first().map(|event| event.0);
    let (written, reposted) = (complaints(|_, _| {}), complaints(one_text));
    opens_once(&reposted, 8 * DAY + 9 * HOUR, HOUR);
    assert!(first(&reposted) > first(&written), "{reposted:?} {written:?}");
}

#[test]
fn people_without_a_name_are_told_apart_by_their_texts() {
    opens_once(&complaints(|complaint, _| complaint.author = 0), 8 * DAY + 9 * HOUR, HOUR);
}

#[test]
fn catching_up_after_a_gap_is_no_surge() {
    let mut world = World::new(7);
    world.background(10, 20.0, 0.2);
    let (from, until) = (at(8 * DAY + 6 * HOUR), at(8 * DAY + 16 * HOUR));
    for signal in &mut world.stream {
        if (from..until).contains(&signal.arrived) {
            signal.arrived = until;
        }
    }
    let events = run(&mut world, 10 * DAY);
    assert!(events.is_empty(), "{events:?}");
}

#[test]
fn the_change_to_summer_time_is_no_surge() {
    let mut world = World::new(8);
    world.background(32, 15.0, 0.2);
    let events = run(&mut world, 32 * DAY);
    assert!(events.is_empty(), "{events:?}");
}

#[test]
fn a_crisis_does_not_widen_the_usual_band() {
    let band = |crisis: i64| {
        let mut world = World::new(9);
        world.background(12, 10.0, 0.15);
        world.burst(9 * DAY + 9 * HOUR, 4 * HOUR, crisis, 0.8);
        world.stream.sort_by_key(|signal| signal.arrived);
        let mut detector = Detector::new(TimeZone::UTC, at(0));
        world.stream.iter().for_each(|signal| {
            detector.observe(signal);
            detector.advance(signal.arrived);
        });
        let expected = detector.expected(at(16 * DAY + 10 * HOUR), at(16 * DAY + 11 * HOUR));
        expected[0]
    };
    let (calm, after) = (band(0), band(4000));
    assert!(after.mean < 2.5 * calm.mean && after.high < 3.0 * calm.high, "{calm:?} {after:?}");
}

/// Share of negatives that is usual two days after `hours` of complaints, ten each hour.
fn usual_after(hours: i64) -> f64 {
    let mut world = World::new(13);
    world.background(7, 2.0, 0.15);
    world.burst(7 * DAY, hours * HOUR, 10 * hours, 0.9);
    world.stream.sort_by_key(|signal| signal.arrived);
    let mut detector = Detector::new(TimeZone::UTC, at(0));
    world.stream.iter().for_each(|signal| detector.observe(signal));
    detector.advance(at(7 * DAY + (hours + 48) * HOUR)).usual_share
}

#[test]
fn a_crisis_does_not_teach_its_share_of_negatives_until_it_is_the_new_usual() {
    let calm = usual_after(0);
    for (hours, low, high) in [(6, 0.9, 1.1), (60, 0.9, 1.3), (240, 2.0, 6.0)] {
        let times = usual_after(hours) / calm;
        assert!((low..high).contains(&times), "{hours} hours: {times} times {calm}");
    }
}

#[test]
fn what_is_learned_does_not_depend_on_how_often_one_looks() {
    let mut world = World::new(10);
    world.background(4, 10.0, 0.2);
    world.stream.sort_by_key(|signal| signal.arrived);
    let learned = |step: i64| {
        let mut detector = Detector::new(TimeZone::get("Europe/Paris").unwrap(), at(0));
        let mut waiting = world.stream.iter().peekable();
        for now in (step..=4 * DAY).step_by(usize::try_from(step).unwrap()).map(at) {
            while let Some(signal) = waiting.next_if(|signal| signal.arrived < now) {
                detector.observe(signal);
            }
            detector.advance(now);
        }
        detector
    };
    assert_eq!(learned(60), learned(1800));
}

#[test]
fn a_past_that_is_learned_late_is_usual_and_no_surge() {
    let zone = TimeZone::get("Europe/Paris").unwrap();
    let mut world = World::new(12);
    world.background(10, 10.0, 0.2);
    let evening = 9 * DAY + 20 * HOUR;
    world.burst(evening, HOUR, 60, 1.0);
    world.stream.sort_by_key(|signal| signal.arrived);
    let mut heard = Detector::new(zone.clone(), at(0));
    let mut late = Detector::new(zone, at(0));
    for signal in world.stream.iter().filter(|signal| signal.arrived <= at(evening + HOUR)) {
        heard.observe(signal);
        late.learn_from(signal);
    }
    assert!(heard.advance(at(evening + HOUR)).surprise > 2.9, "there was a surge");
    let reading = late.advance(at(evening + HOUR));
    assert_eq!((reading.surprise, reading.observed, reading.total), (0.0, 0.0, 0.0));
    let (end, next) = (at(10 * DAY), at(11 * DAY));
    heard.advance(end);
    late.advance(end);
    assert_eq!(heard.expected(end, next), late.expected(end, next), "both have learned the same");
}

#[test]
fn the_saved_form_of_the_busiest_watch_stays_small() {
    let mut world = World::new(11);
    world.background(3, 400.0, 0.3);
    world.stream.sort_by_key(|signal| signal.arrived);
    let mut detector = Detector::new(TimeZone::UTC, at(0));
    world.stream.iter().for_each(|signal| detector.observe(signal));
    detector.advance(at(3 * DAY));
    let saved = serde_json::to_string(&detector).unwrap().len();
    assert!(saved < 64 * 1024, "{saved}");
}

/// A step of a life: a signal, a reading, or a change of health, some time later.
fn step() -> impl Strategy<Value = (u8, i64, i64, u64, u8)> {
    let jump =
        prop_oneof![6 => 0..600_i64, 2 => 0..30 * HOUR, 1 => -5 * HOUR..0, 1 => 0..DAY * 400];
    (0..8_u8, jump, -60 * HOUR..2 * HOUR, 0..6_u64, 0..12_u8)
}

fn live(detector: &mut Detector, now: &mut i64, step: &(u8, i64, i64, u64, u8)) {
    let &(what, jump, shift, author, kind) = step;
    *now = (*now + jump).clamp(-DAY, 4000 * DAY);
    match what {
        0 => detector.hear(at(*now), f64::from(kind) / 10.0),
        1 | 2 => {
            let reading = detector.advance(at(*now));
            let numbers = [reading.score, reading.surprise, reading.expected, reading.usual_high];
            assert!(numbers.iter().all(|n| n.is_finite() && *n >= 0.0), "{reading:?}");
            assert!((0.0..=1.0).contains(&reading.copies), "{reading:?}");
        }
        _ => detector.observe(&Signal {
            arrived: at(*now),
            event: at(*now + shift),
            tone: if what < 6 { Tone::Negative } else { Tone::Mixed },
            author,
            fingerprint: author * 0x0123_4567_89ab_cdef,
            repost: kind == 3,
            reach: u64::MAX >> (kind * 5),
            kind,
        }),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_restart_changes_nothing(
        steps in prop::collection::vec(step(), 1..120),
        restart in 0..120_usize,
    ) {
        let mut whole = Detector::new(TimeZone::get("Europe/Paris").unwrap(), at(0));
        let mut broken = whole.clone();
        let (mut one, mut other) = (0, 0);
        for (place, step) in steps.iter().enumerate() {
            live(&mut whole, &mut one, step);
            live(&mut broken, &mut other, step);
            if place == restart % steps.len() {
                let saved = serde_json::to_string(&broken).unwrap();
                broken = serde_json::from_str(&saved).unwrap();
                prop_assert_eq!(&whole, &broken);
            }
        }
        prop_assert_eq!(whole.advance(at(one)), broken.advance(at(other)));
        prop_assert_eq!(whole, broken);
    }
}
