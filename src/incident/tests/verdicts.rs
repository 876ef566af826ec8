//! What people's verdicts change.

use jiff::SignedDuration;
use proptest::prelude::*;

use super::{at, reading, watch};
use crate::incident::{Feedback, Latest, Missed, Reason, Rule, Unjust, decide, judged, transition};
use crate::model::{
    Event, Incident, IncidentId, Matter, Ruling, Said, Sensitivity, State, Timestamp, Verdict,
    WatchId,
};

const DAY: i64 = 24 * 60;

fn said(ruling: Ruling, at: Timestamp) -> Verdict {
    let watch = WatchId::new("acme").unwrap();
    let incident = IncidentId("acme-20260302-0000".into());
    let (matter, by, note) = (Matter::BadBuzz, "Anne".into(), String::new());
    Verdict { incident, watch, matter, at, ruling, by, note }
}

fn opened() -> Incident {
    let sensitive = watch(Sensitivity::Balanced);
    transition(None, &reading(3.0, 50.0), &sensitive, at(0)).incident.unwrap()
}

#[test]
fn false_alarms_raise_the_threshold_and_confirmed_ones_lower_it_again() {
    use Ruling::{Acknowledged, Closed, FalseAlarm, Note};
    type Case<'a> = (&'a [(Ruling, i64)], i64, f64);
    let cases: [Case<'_>; 7] = [
        (&[], 0, 0.0),
        (&[(FalseAlarm, 0)], 0, 0.3),
        (&[(FalseAlarm, 0)], 90 * DAY, 0.15),
        (&[(Acknowledged, 0), (FalseAlarm, 0)], 0, 0.3),
        (&[(FalseAlarm, 0), (FalseAlarm, 0), (Acknowledged, 0)], 0, 0.45),
        (&[(FalseAlarm, 0), (Closed, 0), (Note, 0)], 0, 0.3),
        (&[(FalseAlarm, 5)], 4, 0.0),
    ];
    for (verdicts, now, expected) in cases {
        let verdicts: Vec<Verdict> =
            verdicts.iter().map(|(ruling, when)| said(*ruling, at(*when))).collect();
        let feedback = Feedback::new(&verdicts, &[]);
        let caution = feedback.caution(at(now));
        assert!((caution - expected).abs() < 1e-9, "{verdicts:?}: {caution}");
    }
}

#[test]
fn crises_that_were_missed_lower_the_threshold_as_false_alarms_raise_it() {
    #[track_caller]
    fn check(missed: &[(bool, i64)], verdicts: &[(Ruling, i64)], now: i64, expected: f64) {
        let missed: Vec<Missed> =
            missed.iter().map(|(late, day)| Missed { said: at(day * DAY), late: *late }).collect();
        let verdicts: Vec<Verdict> =
            verdicts.iter().map(|(ruling, day)| said(*ruling, at(day * DAY))).collect();
        let caution = Feedback::new(&verdicts, &missed).caution(at(now * DAY));
        assert!((caution - expected).abs() < 1e-9, "{caution}");
    }
    check(&[(false, 0)], &[], 0, -0.3);
    check(&[(true, 0)], &[], 0, -0.15);
    check(&[(false, 0)], &[], 90, -0.15);
    check(&[(false, 5)], &[], 4, 0.0);
    check(&[(false, 0)], &[(Ruling::FalseAlarm, 0)], 0, 0.0);
    check(&[(false, 0)], &[(Ruling::Acknowledged, 0)], 0, -0.3);
    check(&[(false, 0); 9], &[], 0, -0.6);
}

#[test]
fn a_missed_crisis_opens_earlier_and_says_why_but_leaves_notices_alone() {
    let watch = watch(Sensitivity::Balanced);
    let feedback = Feedback::new(&[], &[Missed { said: at(0), late: false }]);
    let rule = Rule { watch: &watch, feedback: Some(&feedback) };
    let early = transition(None, &reading(2.7, 50.0), rule, at(0)).incident.unwrap();
    assert!((early.caution + 0.3).abs() < 1e-9);
    assert_eq!(early.heeded.missed, Said { count: 1, last: Some(at(0)) });
    assert_eq!(transition(None, &reading(2.7, 50.0), &watch, at(0)).event, None);
    let mut surging = reading(0.0, 0.0);
    (surging.surprise_share, surging.volume.surge) = (0.0, 3.9);
    assert_eq!(decide(&Latest::default(), &surging, rule, at(0)), []);
}

#[test]
fn what_is_named_is_what_is_not_forgotten() {
    let verdicts = [(Ruling::FalseAlarm, 0), (Ruling::FalseAlarm, 100), (Ruling::Note, 100)];
    let verdicts = verdicts.map(|(ruling, day)| said(ruling, at(day * DAY)));
    let feedback = Feedback::new(&verdicts, &[Missed { said: at(50 * DAY), late: true }]);
    let count = |day: i64| {
        let heeded = feedback.heeded(at(day * DAY));
        (heeded.false_alarms.count, heeded.missed.count, heeded.late.count)
    };
    assert_eq!(
        [count(0), count(100), count(380), count(900)],
        [(1, 0, 0), (2, 0, 1), (1, 0, 1), (0, 0, 0)]
    );
}

#[test]
fn a_later_incident_names_the_former_one_and_how_it_ended() {
    let watch = watch(Sensitivity::Balanced);
    let first = opened();
    for (ruling, words) in [
        (Some(Ruling::FalseAlarm), "the last of this watch was 12 days ago, a false alarm"),
        (Some(Ruling::Closed), "the last of this watch was 12 days ago, closed by the team"),
        (None, "the last of this watch was 12 days ago, and went quiet by itself"),
    ] {
        let ended = match ruling {
            Some(ruling) => judged(&first, ruling, at(0)).unwrap(),
            None => Incident { state: State::Closed, closed: Some(at(0)), ..first.clone() },
        };
        let later = transition(Some(&ended), &reading(3.0, 50.0), &watch, at(12 * DAY));
        assert!(later.reason.to_string().ends_with(words), "{}", later.reason);
        let french = later.reason.words(crate::model::Lang::FR);
        assert!(french.contains("le précédent de cette veille remonte à 12 jours"), "{french}");
        let former = later.incident.unwrap().former.unwrap();
        assert_eq!((former.id, former.closed), (first.id.clone(), at(0)));
    }
    assert_eq!(first.former, None);
}

#[test]
fn a_notice_told_for_nothing_leaves_the_threshold_of_alarms_alone() {
    let silence = Verdict { matter: Matter::Silence, ..said(Ruling::FalseAlarm, at(0)) };
    assert!(Feedback::new(&[silence], &[]).caution(at(0)) < 1e-9);
}

#[test]
fn the_threshold_that_was_held_to_is_told() {
    let watch = watch(Sensitivity::Balanced);
    let feedback = Feedback::new(&[said(Ruling::FalseAlarm, at(0))], &[]);
    let rule = Rule { watch: &watch, feedback: Some(&feedback) };
    let quiet = transition(None, &reading(3.1, 50.0), rule, at(0));
    assert_eq!(quiet.event, None);
    let loud = transition(None, &reading(3.3, 55.0), rule, at(0));
    let Reason::Opened { threshold, .. } = loud.reason else { panic!("{:?}", loud.reason) };
    assert!((threshold - 3.2).abs() < 1e-9);
    assert!((loud.incident.unwrap().caution - 0.3).abs() < 1e-9);
}

#[test]
fn a_false_alarm_is_not_told_again_for_a_day_unless_it_gets_worse() {
    let watch = watch(Sensitivity::Balanced);
    let closed = judged(&opened(), Ruling::FalseAlarm, at(10)).unwrap();
    assert_eq!(
        (closed.state, closed.closed, closed.false_alarm),
        (State::Closed, Some(at(10)), true)
    );
    let decide = |score: f64, minute: i64| {
        transition(Some(&closed), &reading(4.5, score), &watch, at(minute))
    };
    assert_eq!(decide(50.0, 5 * 60).event, None);
    let worse = decide(65.0, 5 * 60);
    assert_eq!(worse.event, Some(Event::Opened), "another one, not the false alarm again");
    assert_ne!(worse.incident.unwrap().id, closed.id);
    assert_eq!(decide(50.0, 25 * 60).event, Some(Event::Opened));
}

#[test]
fn what_makes_no_sense_is_refused_with_its_reason() {
    let open = opened();
    let known = judged(&open, Ruling::Acknowledged, at(1)).unwrap();
    assert_eq!(known.state, State::Acknowledged);
    assert_eq!(judged(&known, Ruling::Acknowledged, at(2)), Err(Unjust::Acknowledged));
    let closed = judged(&known, Ruling::Closed, at(3)).unwrap();
    assert_eq!((closed.state, closed.false_alarm), (State::Closed, false));
    for ruling in [Ruling::Acknowledged, Ruling::Closed] {
        assert_eq!(judged(&closed, ruling, at(4)), Err(Unjust::Closed));
    }
    assert_eq!(judged(&closed, Ruling::Note, at(4)), Ok(closed.clone()));
    let late = judged(&closed, Ruling::FalseAlarm, at(4)).unwrap();
    assert_eq!((late.false_alarm, late.closed), (true, Some(at(3))));
    assert_eq!(judged(&late, Ruling::FalseAlarm, at(5)), Err(Unjust::FalseAlarm));
}

proptest! {
    #[test]
    fn the_threshold_moves_within_bounds_and_comes_back(
        verdicts in prop::collection::vec((0..4_usize, 0..1000_i64), 0..60),
        missed in prop::collection::vec((any::<bool>(), 0..1000_i64), 0..60),
    ) {
        let verdicts: Vec<Verdict> = verdicts
            .into_iter()
            .map(|(ruling, day)| said(Ruling::ALL[ruling], at(day * DAY)))
            .collect();
        let missed: Vec<Missed> =
            missed.into_iter().map(|(late, day)| Missed { said: at(day * DAY), late }).collect();
        let feedback = Feedback::new(&verdicts, &missed);
        for day in 0..1000 {
            prop_assert!((-0.6..=1.2).contains(&feedback.caution(at(day * DAY))));
        }
        let late = at(1000 * DAY) + SignedDuration::from_hours(24 * 1000);
        prop_assert!(feedback.caution(late).abs() < 0.001);
    }
}
