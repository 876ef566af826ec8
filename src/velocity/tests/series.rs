//! Counts row by row: prefixes, hostile rows, and what a score means.

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::super::{Misplaced, Series};
use super::world::Chance;

const DAY: i64 = 86_400;

fn scores(rows: &[(i64, f64)]) -> Vec<f64> {
    let mut series = Series::new(TimeZone::get("Europe/Paris").unwrap());
    rows.iter().map(|(second, count)| series.observe(*second, *count).unwrap().score).collect()
}

/// Three weeks of counts, a row each `step` seconds: days and nights, chance, one burst of an hour.
fn weeks(step: i64, rate: f64, burst: f64) -> Vec<(i64, f64)> {
    let mut chance = Chance(5);
    let row = |second: i64| {
        let season = if (7..21).contains(&(second % DAY / 3600)) { 1.4 } else { 0.4 };
        let restless = 0.5 + (chance.share() + chance.share() + chance.share()) / 3.0;
        let loud =
            if (16 * DAY + 36_000..16 * DAY + 39_600).contains(&second) { burst } else { 1.0 };
        (second, (rate * season * restless * loud * step as f64 / 3600.0).round())
    };
    (0..21 * DAY / step).map(|n| n * step).map(row).collect()
}

#[track_caller]
fn check(step: i64, rate: f64) {
    let rows = weeks(step, rate, 20.0);
    let scores = scores(&rows);
    let told: Vec<i64> = rows
        .iter()
        .zip(&scores)
        .filter(|(_, score)| **score >= 0.5)
        .map(|(row, _)| row.0)
        .collect();
    let burst = 16 * DAY + 36_000 - step + 1..16 * DAY + 39_600;
    assert!(told.iter().any(|second| burst.contains(second)), "{step} {rate}: {told:?}");
    let false_alarms = told.iter().filter(|second| !burst.contains(second)).count();
    // One row in five hundred is what a score of one half promises.
    assert!(false_alarms <= rows.len() / 500 + 1, "{step} {rate}: {told:?}");
}

#[test]
fn one_threshold_finds_a_burst_whatever_the_step_and_the_volume() {
    for step in [60, 300, 900, 3600] {
        for rate in [60.0, 3000.0, 4.0e9] {
            check(step, rate);
        }
    }
}

#[test]
fn a_row_a_day_is_a_series_too() {
    let mut chance = Chance(6);
    let row = |day: i64| {
        let usual = if day % 7 < 5 { 60.0 } else { 25.0 };
        let loud = if day == 150 { 20.0 } else { 1.0 };
        (day * DAY, (usual * loud * (0.8 + 0.4 * chance.share())).round())
    };
    let scores = scores(&(0..200).map(row).collect::<Vec<_>>());
    let told: Vec<usize> = (0..200).filter(|day| scores[*day] >= 0.5).collect();
    assert_eq!(told, [150]);
}

#[test]
fn a_surge_that_goes_on_is_told_once() {
    let scores = scores(&weeks(300, 600.0, 20.0));
    let first = usize::try_from((16 * DAY + 36_000) / 300).unwrap();
    assert!(scores[first] >= 0.5, "{}", scores[first]);
    let again = scores[first + 1..first + 12].iter().filter(|score| **score >= 0.5).count();
    assert!(again <= 3, "{:?}", &scores[first..first + 12]);
}

#[test]
fn a_missing_day_is_no_silence_and_no_surge() {
    let mut rows = weeks(300, 600.0, 1.0);
    rows.retain(|row| !(10 * DAY..11 * DAY).contains(&row.0));
    let scores = scores(&rows);
    assert!(scores.iter().filter(|score| **score >= 0.5).count() <= 2);
}

#[test]
fn rows_that_do_not_follow_are_refused() {
    let mut series = Series::new(TimeZone::UTC);
    series.observe(600, 1.0).unwrap();
    assert_eq!(series.observe(600, 1.0), Err(Misplaced::Backward));
    assert_eq!(series.observe(300, 1.0), Err(Misplaced::Backward));
    assert_eq!(series.observe(630, 1.0), Err(Misplaced::TooClose(30)));
    assert_eq!(series.observe(600 + 2 * DAY, 1.0), Err(Misplaced::TooFar(2 * DAY)));
    assert!(series.observe(900, 1.0).is_ok());
    assert!(series.observe(900 + 400 * DAY, 1.0).is_ok(), "a long hole");
}

fn gap() -> impl Strategy<Value = i64> {
    prop_oneof![6 => Just(300_i64), 2 => 60..4000_i64, 1 => 60..DAY]
}

fn count() -> impl Strategy<Value = f64> {
    prop_oneof![4 => 0.0..50.0_f64, 1 => Just(0.0), 1 => 0.0..1e12_f64]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_prefix_of_the_rows_gives_the_prefix_of_the_scores(
        steps in prop::collection::vec((gap(), count()), 2..600),
        cut in 1..600_usize,
    ) {
        let mut second = 1_772_409_600;
        let rows: Vec<(i64, f64)> = steps
            .into_iter()
            .map(|(gap, count)| {
                second += gap;
                (second, count)
            })
            .collect();
        let all = scores(&rows);
        prop_assert!(all.iter().all(|score| (0.0..=1.0).contains(score)), "{all:?}");
        let prefix = &rows[..cut.min(rows.len())];
        prop_assert_eq!(&scores(prefix)[..], &all[..prefix.len()]);
    }
}
