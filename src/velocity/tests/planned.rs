//! Planned events: they widen what is usual, are not learned, and never hide anger.

use jiff::SignedDuration;

use super::world::{DAY, HOUR, World, at};
use crate::calendar::{Plan, PlannedEvent};
use crate::model::Reading;

/// Tuesday of the second week, ten to six on the clock of Paris.
const FROM: i64 = 8 * DAY + 9 * HOUR;

fn campaign(factor: f64) -> Plan {
    Plan::new([PlannedEvent {
        name: "Spring campaign".to_owned(),
        from: "2026-03-10T10:00".parse().unwrap(),
        until: "2026-03-10T18:00".parse().unwrap(),
        watches: None,
        factor,
        every: None,
    }])
}

/// The readings of the campaign's day: so many mentions within three hours beside the usual ones.
fn day(plan: Plan, count: i64, negative: f64) -> Vec<Reading> {
    let mut world = World::new(31);
    world.plan = plan;
    world.background(10, 10.0, 0.15);
    if count > 0 {
        world.burst(FROM, 3 * HOUR, count, negative);
    }
    let mut readings = world.readings(9 * DAY + 6 * HOUR);
    readings.retain(|reading| reading.at > at(FROM));
    readings
}

fn most(readings: &[Reading], what: fn(&Reading) -> f64) -> f64 {
    readings.iter().map(what).fold(0.0, f64::max)
}

#[test]
fn a_planned_campaign_surprises_nobody_and_is_named() {
    let readings = day(campaign(3.0), 90, 0.15);
    let unplanned = day(Plan::default(), 90, 0.15);
    let surge = |reading: &Reading| reading.volume.surge;
    assert!(most(&unplanned, surge) > 2.3, "{}", most(&unplanned, surge));
    assert!(most(&readings, surge) < 1.5, "{}", most(&readings, surge));
    let first = &readings[0];
    assert_eq!(first.planned[0].name, "Spring campaign");
    assert_eq!(first.planned[0].until, at(8 * DAY + 17 * HOUR));
    // Named as long as a window that is told reaches back into it.
    for reading in &readings {
        let told = reading.window_minutes.max(reading.volume.window_minutes);
        let since = reading.at - SignedDuration::from_mins(i64::from(told));
        assert_eq!(reading.planned.is_empty(), since >= at(8 * DAY + 17 * HOUR), "{reading:?}");
    }
}

#[test]
fn a_campaign_that_nobody_notices_is_no_silence() {
    let lull = most(&day(campaign(10.0), 0, 0.0), |reading| reading.volume.lull);
    let usual = most(&day(Plan::default(), 0, 0.0), |reading| reading.volume.lull);
    assert!((lull - usual).abs() < 1e-9, "{lull} {usual}");
}

#[test]
fn a_closed_day_may_be_quiet() {
    let quiet = |plan: Plan| {
        let mut world = World::new(32);
        world.plan = plan;
        world.background(9, 40.0, 0.15);
        let silent = at(FROM)..at(FROM + 8 * HOUR);
        let mut place = 0;
        world.stream.retain(|signal| {
            place += 1;
            place % 10 == 0 || !silent.contains(&signal.event)
        });
        let readings = world.readings(FROM + 8 * HOUR);
        most(&readings[8 * 288..], |reading| reading.volume.lull)
    };
    assert!(quiet(Plan::default()) > 4.0, "{}", quiet(Plan::default()));
    assert!(quiet(campaign(0.1)) < 2.0, "{}", quiet(campaign(0.1)));
}

#[test]
fn a_campaign_that_goes_beyond_its_plan_is_a_surge() {
    let readings = day(campaign(3.0), 900, 0.15);
    assert!(most(&readings, |reading| reading.volume.surge) > 2.9);
}

#[test]
fn anger_is_no_less_surprising_under_a_plan() {
    let opened = |readings: &[Reading]| readings.iter().position(|r| r.surprise >= 2.9);
    let planned = day(campaign(5.0), 120, 1.0);
    let unplanned = day(Plan::default(), 120, 1.0);
    assert_eq!(opened(&planned), opened(&unplanned));
    assert!(opened(&planned).is_some_and(|reading| reading < 12), "{:?}", opened(&planned));
}

#[test]
fn a_campaign_with_happy_and_angry_people_is_still_a_crisis() {
    let readings = day(campaign(3.0), 300, 0.6);
    assert!(most(&readings, |reading| reading.surprise) > 2.9);
}

#[test]
fn what_a_plan_explains_does_not_become_usual() {
    let usual = |plan: Plan, count: i64| {
        let mut world = World::new(33);
        world.plan = plan;
        world.background(10, 10.0, 0.15);
        if count > 0 {
            world.burst(FROM, 8 * HOUR, count, 0.15);
        }
        let readings = world.readings(9 * DAY + 12 * HOUR);
        readings.last().unwrap().volume.expected
    };
    let (calm, planned) = (usual(Plan::default(), 0), usual(campaign(4.0), 250));
    let learned = usual(Plan::default(), 250);
    assert!((planned / calm - 1.0).abs() < 0.15, "{planned} {calm}");
    assert!(learned > 1.2 * calm, "{learned} {calm}");
}
