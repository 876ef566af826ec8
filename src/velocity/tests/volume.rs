//! The volume channel: surges of any tone, and silence.

use jiff::tz::TimeZone;

use super::super::Detector;
use super::world::{Chance, DAY, HOUR, World, at};
use crate::model::{Reading, Volume};

/// The most surprising of some volumes, by what is asked.
fn most(readings: &[Reading], what: fn(&Volume) -> f64) -> Volume {
    let volumes = readings.iter().map(|reading| reading.volume);
    volumes.reduce(|most, volume| if what(&volume) > what(&most) { volume } else { most }).unwrap()
}

/// Readings from an instant on.
fn since(mut readings: Vec<Reading>, second: i64) -> Vec<Reading> {
    readings.retain(|reading| reading.at > at(second));
    readings
}

/// Nine days of a watch in which nobody speaks from the last morning on.
fn silenced(rate: f64, until: i64) -> Vec<Reading> {
    let mut world = World::new(21);
    world.background(8, rate, 0.2);
    since(world.readings(until), 8 * DAY)
}

#[test]
fn a_launch_with_happy_people_is_a_surge_of_volume() {
    let mut world = World::new(4);
    world.background(9, 10.0, 0.15);
    world.burst(8 * DAY + 9 * HOUR, 3 * HOUR, 400, 0.0);
    let readings = since(world.readings(8 * DAY + 12 * HOUR), 8 * DAY + 9 * HOUR);
    let most = most(&readings, |volume| volume.surge);
    assert!(most.surge > 4.0 && most.observed > most.usual_high, "{most:?}");
    assert!(most.positive > 0.9 * most.observed, "{most:?}");
    assert!(readings.iter().all(|reading| reading.surprise < 2.3));
}

#[test]
fn a_heavy_watch_is_silent_after_hours_and_a_rare_one_never() {
    // Midnight to nine, and the morning: of 300 an hour by day.
    let heavy = most(&silenced(200.0, 8 * DAY + 9 * HOUR), |volume| volume.lull);
    assert!(heavy.lull > 4.0 && heavy.observed < heavy.usual_low, "{heavy:?}");
    let rare = most(&silenced(2.0 / 168.0, 14 * DAY), |volume| volume.lull);
    assert!(rare.lull < 1.0, "{rare:?}");
}

#[test]
fn some_a_day_are_missed_within_two_days() {
    let volume = most(&silenced(1.0, 10 * DAY), |volume| volume.lull);
    assert!(volume.lull > 2.9 && volume.window_minutes >= 720, "{volume:?}");
}

#[test]
fn usual_weeks_are_neither_a_surge_nor_silence() {
    for (seed, rate) in [(22, 0.5), (23, 10.0), (24, 80.0)] {
        let mut world = World::new(seed);
        world.background(21, rate, 0.2);
        let readings = since(world.readings(21 * DAY), DAY);
        let (surge, lull) =
            (most(&readings, |volume| volume.surge), most(&readings, |volume| volume.lull));
        assert!(surge.surge < 4.0 && lull.lull < 4.0, "{rate}: {surge:?} {lull:?}");
    }
}

#[test]
fn what_cannot_be_heard_is_not_silence() {
    let mut world = World::new(25);
    world.background(8, 40.0, 0.2);
    let lull = |health: f64| {
        let mut detector = Detector::new(TimeZone::get("Europe/Paris").unwrap(), at(0));
        for signal in &world.stream {
            detector.observe(signal);
        }
        detector.hear(at(8 * DAY), health);
        detector.advance(at(8 * DAY + 12 * HOUR)).volume.lull
    };
    assert!(lull(1.0) > 4.0, "{}", lull(1.0));
    assert!(lull(0.0) < 1.0, "{}", lull(0.0));
}

#[test]
fn what_comes_late_is_not_silence_meanwhile() {
    let mut world = World::new(26);
    world.background(15, 60.0, 0.2);
    for signal in &mut world.stream {
        // A source that is read once in two hours.
        let second = signal.arrived.as_second();
        signal.arrived = at((second.div_euclid(2 * HOUR) + 1) * 2 * HOUR - at(0).as_second());
    }
    let readings = since(world.readings(15 * DAY), 7 * DAY);
    let volume = most(&readings, |volume| volume.lull);
    assert!(volume.lull < 4.0, "{volume:?}");
}

#[test]
fn a_saved_form_without_volume_is_read_and_keeps_what_was_learned() {
    let mut world = World::new(27);
    world.background(9, 10.0, 0.2);
    let mut detector = Detector::new(TimeZone::get("Europe/Paris").unwrap(), at(0));
    for signal in &world.stream {
        detector.observe(signal);
    }
    let before = detector.advance(at(9 * DAY));
    let mut saved = serde_json::to_value(&detector).unwrap();
    let fields = saved.as_object_mut().unwrap();
    assert!(fields.remove("totals").is_some() && fields.remove("lateness").is_some());
    for filled in saved["ring"]["filled"].as_array_mut().unwrap() {
        assert!(filled.as_array_mut().unwrap().pop().unwrap().is_number());
    }
    for hour in saved["hours"]["kept"].as_array_mut().unwrap() {
        hour.as_object_mut().unwrap().remove("p").unwrap();
    }
    let mut read: Detector = serde_json::from_value(saved).unwrap();
    let after = read.advance(at(9 * DAY));
    assert_eq!(Reading { volume: before.volume, ..after }, before);
}

#[test]
fn quiet_weekends_are_no_silence() {
    for (seed, rate) in [(41, 1.0), (42, 10.0), (43, 80.0)] {
        let mut world = World::new(seed);
        world.background(28, rate, 0.2);
        let mut chance = Chance(7);
        world.stream.retain(|signal| {
            let day = (signal.event.as_second() - at(0).as_second()).div_euclid(DAY) % 7;
            day < 5 || chance.share() < 0.25
        });
        let volume = most(&world.readings(28 * DAY), |volume| volume.lull);
        assert!(volume.lull < 4.0, "{rate}: {volume:?}");
    }
}
