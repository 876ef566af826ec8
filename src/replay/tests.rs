//! What must hold of a past lived again: the same in any order, under any cut, under any company.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::incident::Missed;
use crate::model::{Event, Level, Listened, Roster, Sensitivity, Tone, Watch, WatchId};
use crate::risk::Echo;
use crate::velocity::Signal;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_200 / 3600 * 3600 + minute * 60).unwrap()
}

fn watch(sensitivity: Sensitivity) -> Watch {
    Watch {
        id: WatchId::new("acme").unwrap(),
        name: "Acme".to_owned(),
        query: "Acme".to_owned(),
        languages: Vec::new(),
        sensitivity,
        timezone: "UTC".to_owned(),
        recipients: Vec::new(),
        roster: Roster::default(),
    }
}

/// The next number of a chain that a seed begins.
fn draw(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

fn said(minute: i64, negative: bool, seed: &mut u64) -> Heard {
    let arrived = at(minute);
    let late = i64::try_from(draw(seed) % 40).unwrap();
    let signal = Signal {
        arrived,
        event: at(minute - late),
        tone: if negative { Tone::Negative } else { Tone::Neutral },
        author: draw(seed) % 5_000 + 1,
        fingerprint: draw(seed) << 20 | draw(seed),
        repost: false,
        reach: draw(seed) % 10_000,
        kind: u8::try_from(draw(seed) % 3).unwrap(),
    };
    let echo = Echo { seq: draw(seed), signal, spread: None, press: None, topics: Vec::new() };
    Heard { at: heard_at(arrived, arrived), hearing: Hearing::New, echo }
}

/// Ten days with four mentions an hour of which one in six is negative, and a crisis on the ninth.
fn past(mut seed: u64) -> Vec<Heard> {
    let seed = &mut seed;
    let mut past = Vec::new();
    for minute in 0..10 * 1440 {
        let crisis = (8 * 1440..8 * 1440 + 180).contains(&minute);
        for _ in 0..if crisis { draw(seed) % 4 } else { u64::from(draw(seed).is_multiple_of(15)) } {
            let negative =
                if crisis { !draw(seed).is_multiple_of(4) } else { draw(seed).is_multiple_of(6) };
            past.push(said(minute, negative, seed));
        }
    }
    past
}

type Line = (usize, Event, Timestamp, Level, String);

fn live(past: &[Heard], rules: &[Watch], audible: &Audible) -> Vec<Line> {
    let mut lines = Vec::new();
    let tell = |told: &Told<'_>| {
        lines.push((told.rule, told.event, told.at, told.incident.level, told.reason.to_string()));
    };
    let course = Course::begin(TimeZone::UTC, at(0), audible);
    let mut replay = Replay::new(course, audible.clone(), rules, tell);
    for heard in past {
        replay.hear(heard.clone());
    }
    replay.finish(at(10 * 1440));
    lines
}

#[test]
fn a_quiet_watch_is_looked_at_every_five_minutes() {
    #[track_caller]
    fn check(after: i64, upto: i64, expected: &[i64]) {
        let found: Vec<Timestamp> = due(at(after), at(upto)).collect();
        assert_eq!(found, expected.iter().map(|minute| at(*minute)).collect::<Vec<_>>());
    }
    check(0, 0, &[]);
    check(0, 4, &[]);
    check(0, 5, &[5]);
    check(4, 15, &[5, 10, 15]);
    check(5, 11, &[10]);
    check(9, 3, &[]);
}

#[test]
fn instants_at_the_ends_of_time_are_no_trouble() {
    assert!(due(Timestamp::MIN, Timestamp::MIN).count() <= 1);
    assert_eq!(due(Timestamp::MAX, Timestamp::MAX).count(), 0);
    // Ten years at most, whatever the clock says.
    assert_eq!(due(Timestamp::MIN, at(0)).count(), 10 * 365 * 24 * 12);
    assert_eq!(heard_at(Timestamp::MAX, at(0)), Timestamp::MAX);
}

#[test]
fn a_crisis_opens_once_and_closes() {
    let lines = live(&past(7), &[watch(Sensitivity::Balanced)], &Audible::default());
    let of = |event| lines.iter().filter(|line| line.1 == event).count();
    assert_eq!((of(Event::Opened), of(Event::Closed)), (1, 1), "{lines:#?}");
    let opened = lines.first().unwrap();
    let onset = at(8 * 1440);
    assert!(opened.2 >= onset && opened.2 < onset + SignedDuration::from_hours(3), "{opened:?}");
}

#[test]
fn a_stop_is_a_gap_between_the_spans() {
    #[track_caller]
    fn check(audible: &Audible, minute: i64, share: f64) {
        assert!((audible.share_at(at(minute)) - share).abs() < 1e-9, "{minute}");
    }
    let hour = SignedDuration::from_hours(1);
    let mut audible = Audible::default();
    let mut kept: Vec<Listened> = Vec::new();
    for (minute, share) in [(0, 1.0), (10, 1.0), (20, 0.5), (40, 0.51), (300, 0.5), (310, 1.0)] {
        for span in audible.listen(share, hour, at(minute)) {
            kept.retain(|known| known.since != span.since);
            kept.push(span);
        }
    }
    for audible in [&audible, &Audible::new(&kept)] {
        for (minute, share) in [(-5, 1.0), (0, 1.0), (19, 1.0), (20, 0.5), (40, 0.0), (299, 0.0)] {
            check(audible, minute, share);
        }
        for (minute, share) in [(300, 0.5), (309, 0.5), (310, 1.0), (5_000, 1.0)] {
            check(audible, minute, share);
        }
        assert_eq!(audible.between(at(20), at(310)).len(), 3);
    }
}

#[test]
fn hours_in_which_nobody_listened_are_not_learned_as_calm() {
    let deaf = Audible::new(&[
        Listened { since: at(0), until: at(1440), share: 1.0 },
        Listened { since: at(3 * 1440), until: at(5 * 1440), share: 1.0 },
    ]);
    let learned = |audible: &Audible| {
        let mut course = Course::begin(TimeZone::UTC, at(0), audible);
        course.pass(at(5 * 1440), audible);
        course.detector.learned_hours()
    };
    let (all, heard) = (learned(&Audible::default()), learned(&deaf));
    assert!((all - heard - 48.0).abs() < 1.5, "{all} and {heard} hours");
}

#[test]
fn a_mark_is_found_by_the_incident_that_is_about_it() {
    #[track_caller]
    fn check(peak: Option<i64>, spans: &[(i64, Option<i64>)], expected: Option<(usize, i64)>) {
        let watch = WatchId::new("acme").unwrap();
        let (peak_at, name) = (peak.map(at), String::new());
        let mark = Mark { watch, at: at(6_000), peak: peak_at, until: None, said: None, name };
        let spans: Vec<_> = spans.iter().map(|(from, to)| (at(*from), to.map(at))).collect();
        let found = caught(&mark, &spans);
        assert_eq!(found.map(|caught| (caught.incident, caught.after_onset)), expected);
        let lead = found.and_then(|caught| caught.before_peak);
        assert_eq!(lead, expected.and_then(|(_, after)| Some(peak? - 6_000 - after)));
    }
    check(None, &[], None);
    check(None, &[(6_030, None)], Some((0, 30)));
    check(Some(6_600), &[(10, Some(500)), (5_990, Some(7_000))], Some((1, -10)));
    check(Some(6_600), &[(10, None)], Some((0, -5_990)));
    check(Some(6_600), &[(10_000, None)], None);
}

fn mark(peak: Option<i64>, until: Option<i64>) -> Mark {
    let watch = WatchId::new("acme").unwrap();
    let (peak, until) = (peak.map(at), until.map(at));
    Mark { watch, at: at(6_000), peak, until, said: None, name: String::new() }
}

#[test]
fn what_opens_after_the_end_of_a_mark_is_about_something_else() {
    #[track_caller]
    fn check(mark: &Mark, opened: i64, expected: bool) {
        assert_eq!(caught(mark, &[(at(opened), None)]).is_some(), expected, "{opened}");
    }
    check(&mark(Some(6_060), Some(6_120)), 6_100, true);
    check(&mark(Some(6_060), Some(6_120)), 6_130, false);
    check(&mark(Some(6_060), None), 6_130, true);
    check(&mark(None, Some(20_000)), 19_000, true);
    check(&mark(None, None), 19_000, false);
}

#[test]
fn a_crisis_that_nothing_told_in_time_was_missed() {
    #[track_caller]
    fn check(marks: &[Mark], opened: &[i64], expected: &[bool]) {
        let spans: Vec<_> =
            opened.iter().map(|minute| (at(*minute), Some(at(minute + 1)))).collect();
        let late = missed(marks, &spans, |at_| at_ >= at(0)).into_iter().map(|one| one.late);
        assert_eq!(late.collect::<Vec<_>>(), expected);
    }
    let peaked = mark(Some(6_060), Some(6_120));
    check(std::slice::from_ref(&peaked), &[], &[false]);
    check(std::slice::from_ref(&peaked), &[6_010], &[]);
    check(std::slice::from_ref(&peaked), &[6_100], &[true]);
    check(&[mark(None, Some(6_120))], &[6_050], &[]);
    check(&[mark(None, Some(6_120))], &[6_100], &[true]);
    // Two marks of one time are one crisis.
    let again = Mark { at: at(6_030), ..peaked.clone() };
    check(&[again, peaked.clone()], &[], &[false]);
    // Nobody listened yet.
    check(
        &[Mark { at: at(-9_000), until: Some(at(-8_000)), peak: None, ..peaked.clone() }],
        &[],
        &[],
    );
    // What opened after somebody said that it was missed does not undo it.
    let said = Mark { said: Some(at(6_200)), until: Some(at(6_120)), ..peaked };
    assert_eq!(missed(&[said], &[], |_| true), [Missed { said: at(6_200), late: false }]);
}

#[test]
fn the_instants_of_a_mark_are_in_order() {
    use Unmarkable::{EndBeforeBeginning, PeakAfterEnd, PeakBeforeBeginning, TooLong};
    for (peak, until, expected) in [
        (None, None, Ok(())),
        (Some(6_000), Some(6_000), Ok(())),
        (Some(5_999), None, Err(PeakBeforeBeginning)),
        (None, Some(5_999), Err(EndBeforeBeginning)),
        (Some(6_002), Some(6_001), Err(PeakAfterEnd)),
        (None, Some(6_000 + 400 * 1440), Err(TooLong)),
    ] {
        assert_eq!(mark(peak, until).check(), expected, "{peak:?} {until:?}");
    }
}

#[test]
fn a_peak_that_nobody_knows_is_the_fullest_hour_of_the_mark() {
    #[track_caller]
    fn check(negatives: &[(i64, bool)], expected: Option<i64>) {
        let mut peak = Peak::of(&mark(None, Some(6_600))).unwrap();
        for (minute, negative) in negatives {
            let mut heard = said(*minute, *negative, &mut 1);
            heard.echo.signal.event = at(*minute);
            peak.hear(&heard.echo.signal);
        }
        assert_eq!(peak.found(), expected.map(at));
    }
    check(&[], None);
    check(&[(6_010, false)], None);
    check(&[(5_999, true), (6_601, true)], None);
    check(&[(6_010, true), (6_130, true), (6_179, true), (6_190, false)], Some(6_120));
    check(&[(6_010, true), (6_130, true)], Some(6_000));
    assert!(Peak::of(&mark(Some(6_100), Some(6_600))).is_none());
    assert!(Peak::of(&mark(None, None)).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_within_one_instant_does_not_matter(seed in any::<u64>()) {
        let past = past(seed);
        let mut shuffled = past.clone();
        let mut chain = seed;
        shuffled.chunk_by_mut(|one, other| one.at == other.at).for_each(|together| {
            for last in (1..together.len()).rev() {
                together.swap(last, usize::try_from(draw(&mut chain)).unwrap() % (last + 1));
            }
        });
        let rules = [watch(Sensitivity::Sensitive)];
        let audible = Audible::default();
        prop_assert_eq!(live(&past, &rules, &audible), live(&shuffled, &rules, &audible));
    }

    #[test]
    fn rules_side_by_side_decide_as_each_alone(seed in any::<u64>()) {
        let past = past(seed);
        let rules = Sensitivity::ALL.map(watch);
        let together = live(&past, &rules, &Audible::default());
        for (number, rule) in rules.iter().enumerate() {
            let alone = live(&past, std::slice::from_ref(rule), &Audible::default());
            let own: Vec<Line> = together.iter().filter(|line| line.0 == number)
                .map(|line| (0, line.1, line.2, line.3, line.4.clone())).collect();
            prop_assert_eq!(alone, own);
        }
    }

    #[test]
    fn a_detector_saved_and_restored_anywhere_is_the_one_that_went_on(
        seed in any::<u64>(), cut in 0.0..1.0_f64, again in 0.0..1.0_f64,
    ) {
        let past = past(seed);
        let audible = Audible::new(&[
            Listened { since: at(-60), until: at(2_000), share: 1.0 },
            Listened { since: at(2_000), until: at(3_333), share: 0.4 },
            Listened { since: at(3_900), until: at(14_400), share: 0.9 },
        ]);
        let end = at(10 * 1440);
        let begin = || Course::begin(TimeZone::UTC, at(0), &audible);
        let mut straight = begin();
        straight.relive(&mut past.clone(), &audible);
        straight.pass(end, &audible);
        // Whoever saves has looked at whole instants only.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list")]
        let place = |part: f64| {
            let place = (past.len() as f64 * part) as usize;
            place + past[place..].iter().take_while(|h| place > 0 && h.at == past[place - 1].at).count()
        };
        let (first, second) = (place(cut.min(again)), place(cut.max(again)));
        let mut restored = begin();
        for piece in [&past[..first], &past[first..second], &past[second..]] {
            restored.relive(&mut piece.to_vec(), &audible);
            let saved = serde_json::to_vec(&restored).unwrap();
            restored = serde_json::from_slice(&saved).unwrap();
        }
        restored.pass(end, &audible);
        prop_assert_eq!(straight, restored);
    }
}
