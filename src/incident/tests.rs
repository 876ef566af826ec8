//! The life of an incident, reading by reading.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::{Decision, Reason, transition};
use crate::model::{
    Event, Incident, Level, Reading, Risk, Roster, Sensitivity, State, Volume, Watch, WatchId,
};

mod notices;
mod severities;
mod verdicts;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_772_409_600 + minute * 60).unwrap()
}

fn watch(sensitivity: Sensitivity) -> Watch {
    Watch {
        id: WatchId::new("acme").unwrap(),
        name: "Acme".into(),
        query: "acme".into(),
        languages: Vec::new(),
        sensitivity,
        timezone: "Europe/Paris".into(),
        recipients: Vec::new(),
        roster: Roster::default(),
    }
}

/// A reading of this surprise and score, wide enough for a crisis and still going on.
fn reading(surprise: f64, score: f64) -> Reading {
    Reading {
        at: at(0),
        window_minutes: 60,
        observed: 20.0,
        expected: 1.0,
        usual_low: 0.0,
        usual_high: 4.0,
        total: 30.0,
        raw_negative: 22.0,
        authors: 15.0,
        kinds: 2,
        share: 0.66,
        usual_share: 0.2,
        copies: 0.1,
        surprise_velocity: surprise,
        surprise_share: surprise,
        surprise,
        surprise_now: surprise,
        score,
        score_now: score,
        terms: Vec::new(),
        learned_hours: 500.0,
        audible: 1.0,
        volume: Volume::default(),
        planned: Vec::new(),
        risks: Vec::new(),
    }
}

/// A watch lived through minute by minute.
#[derive(Default)]
struct Life {
    incident: Option<Incident>,
    minute: i64,
}

impl Life {
    fn see(&mut self, reading: &Reading) -> Decision {
        self.minute += 1;
        let watch = watch(Sensitivity::Balanced);
        let decision = transition(self.incident.as_ref(), reading, &watch, at(self.minute));
        // What is kept is what a restart reads.
        let saved = serde_json::to_string(&decision.incident.clone().or(self.incident.take()));
        self.incident = serde_json::from_str(&saved.unwrap()).unwrap();
        decision
    }

    /// Sees the same reading for some hours; the events it brought.
    fn hours(&mut self, hours: i64, reading: &Reading) -> Vec<Event> {
        (0..hours * 60).filter_map(|_| self.see(reading).event).collect()
    }

    fn level(&self) -> Level {
        self.incident.as_ref().unwrap().level
    }

    fn state(&self) -> State {
        self.incident.as_ref().unwrap().state
    }
}

#[test]
fn each_sensitivity_opens_at_its_own_threshold() {
    for (sensitivity, surprise, opens) in [
        (Sensitivity::Sensitive, 2.2, false),
        (Sensitivity::Sensitive, 2.3, true),
        (Sensitivity::Balanced, 2.8, false),
        (Sensitivity::Balanced, 2.9, true),
        (Sensitivity::Prudent, 3.9, false),
        (Sensitivity::Prudent, 4.0, true),
    ] {
        let decision = transition(None, &reading(surprise, 50.0), &watch(sensitivity), at(0));
        assert_eq!(decision.event == Some(Event::Opened), opens, "{sensitivity:?} {surprise}");
        assert_eq!(decision.incident.is_some(), opens);
    }
}

#[test]
fn what_stays_quiet_says_why() {
    type Change = fn(&mut Reading);
    let cases: [(Change, &str); 6] = [
        (|r| (r.surprise, r.surprise_velocity) = (1.0, 1.0), "the rate of negatives is usual"),
        (|r| (r.surprise, r.authors) = (0.0, 3.0), "too few people"),
        (|r| (r.surprise, r.surprise_share) = (0.6, 0.4), "not far enough from the usual 20 %"),
        (|r| (r.surprise, r.learned_hours) = (2.7, 3.0), "the watch is new (3 of 24 hours"),
        (|r| r.surprise = 2.0, "surprise 2.0 is below 2.9"),
        (|r| r.score_now = 10.0, "it is over"),
    ];
    for (change, words) in cases {
        let mut quiet = reading(3.5, 55.0);
        change(&mut quiet);
        let decision = transition(None, &quiet, &watch(Sensitivity::Balanced), at(0));
        assert_eq!(decision.event, None, "{words}");
        assert!(decision.reason.to_string().contains(words), "{} / {words}", decision.reason);
    }
}

#[test]
fn a_warning_waits_for_a_second_evaluation_and_a_crisis_does_not() {
    let mut life = Life::default();
    assert_eq!(life.see(&reading(3.0, 50.0)).event, Some(Event::Opened));
    let first = life.see(&reading(4.5, 65.0));
    assert_eq!((first.event, life.level()), (None, Level::Watch));
    assert_eq!(first.reason, Reason::AwaitsSecond { level: Level::Warning });
    assert_eq!(life.see(&reading(4.5, 64.0)).event, Some(Event::Raised));
    assert_eq!(life.level(), Level::Warning);
    assert_eq!(life.see(&reading(9.0, 88.0)).event, Some(Event::Raised));
    assert_eq!(life.level(), Level::Crisis);
}

#[test]
fn few_people_are_no_crisis_whatever_the_score() {
    type Change = fn(&mut Reading);
    let cases: [(Change, Level); 5] = [
        (|_| {}, Level::Crisis),
        (|r| r.observed = 7.9, Level::Warning),
        (|r| r.authors = 3.0, Level::Warning),
        (|r| (r.kinds, r.authors) = (1, 7.0), Level::Warning),
        (|r| (r.kinds, r.authors) = (1, 8.0), Level::Crisis),
    ];
    for (change, level) in cases {
        let mut strong = reading(9.0, 90.0);
        change(&mut strong);
        let decision = transition(None, &strong, &watch(Sensitivity::Balanced), at(0));
        assert_eq!(decision.incident.map(|incident| incident.level), Some(level));
    }
}

#[test]
fn a_crisis_fades_once_falls_by_steps_and_closes() {
    let mut life = Life::default();
    life.see(&reading(9.0, 90.0));
    let calm = reading(0.1, 5.0);
    assert_eq!(life.hours(1, &calm), []);
    assert_eq!((life.level(), life.state()), (Level::Crisis, State::Open));
    assert_eq!(life.hours(2, &calm), [Event::Fading]);
    assert_eq!((life.level(), life.state()), (Level::Warning, State::Fading));
    assert_eq!(life.hours(2, &calm), []);
    assert_eq!(life.level(), Level::Watch);
    assert_eq!(life.hours(3, &calm), [Event::Closed]);
    let incident = life.incident.unwrap();
    assert_eq!((incident.state, incident.peak), (State::Closed, Level::Crisis));
    assert_eq!((incident.events, incident.worst.score), (3, 90.0));
    assert!(incident.closed.is_some());
}

#[test]
fn a_quiet_watch_fades_after_two_hours_and_closes_after_three() {
    let mut life = Life::default();
    life.see(&reading(3.0, 50.0));
    let opened = at(life.minute);
    assert_eq!(life.hours(4, &reading(0.1, 5.0)), [Event::Fading, Event::Closed]);
    let closed = life.incident.unwrap().closed.unwrap();
    assert_eq!(closed.duration_since(opened), SignedDuration::from_hours(3));
}

#[test]
fn a_fading_incident_that_surges_again_is_raised() {
    let mut life = Life::default();
    life.see(&reading(9.0, 90.0));
    life.hours(3, &reading(0.1, 5.0));
    assert_eq!(life.state(), State::Fading);
    assert_eq!(life.see(&reading(9.0, 85.0)).event, Some(Event::Raised));
    assert_eq!((life.level(), life.state()), (Level::Crisis, State::Open));

    let mut watch = Life::default();
    watch.see(&reading(3.0, 50.0));
    watch.hours(2, &reading(0.1, 5.0));
    assert_eq!(watch.see(&reading(3.0, 50.0)).event, Some(Event::Raised));
    assert_eq!(watch.state(), State::Open);
    assert_eq!(watch.hours(2, &reading(3.0, 50.0)), []);
}

#[test]
fn an_acknowledged_incident_stays_so_until_it_closes() {
    let mut life = Life::default();
    life.see(&reading(4.5, 65.0));
    life.incident.as_mut().unwrap().state = State::Acknowledged;
    assert_eq!(life.see(&reading(9.0, 90.0)).event, Some(Event::Raised));
    assert_eq!(life.state(), State::Acknowledged);
    assert_eq!(life.hours(5, &reading(0.1, 5.0)), [Event::Fading]);
    assert_eq!(life.state(), State::Acknowledged);
    assert_eq!(life.hours(3, &reading(0.1, 5.0)), [Event::Closed]);
}

#[test]
fn a_level_that_wavers_above_its_hysteresis_holds() {
    let mut life = Life::default();
    life.see(&reading(4.5, 65.0));
    assert_eq!(life.hours(12, &reading(1.9, 41.0)), []);
    assert_eq!((life.level(), life.state()), (Level::Warning, State::Open));
}

#[test]
fn a_surge_within_a_day_opens_the_same_incident_again() {
    let mut life = Life::default();
    life.see(&reading(3.0, 50.0));
    life.hours(4, &reading(0.1, 5.0));
    let first = life.incident.clone().unwrap();
    life.minute = first.closed.unwrap().duration_since(at(0)).as_mins();
    let again = life.see(&reading(3.0, 50.0));
    assert_eq!(again.reason, Reason::CoolDown { peak: Level::Watch });
    let mut double = reading(3.0, 50.0);
    double.observed = 40.0;
    let watch = watch(Sensitivity::Balanced);
    let decide = |surge: &Reading, minutes: i64| {
        transition(Some(&first), surge, &watch, at(life.minute + minutes))
    };
    for (surge, minutes, expected) in [
        (&double, 1, Some(Event::Raised)),
        (&reading(4.5, 65.0), 1, Some(Event::Raised)),
        (&reading(3.0, 50.0), 30, None),
        (&reading(3.0, 50.0), 60, Some(Event::Raised)),
        (&reading(3.0, 50.0), 23 * 60, Some(Event::Raised)),
        (&reading(3.0, 50.0), 25 * 60, Some(Event::Opened)),
    ] {
        let decision = decide(surge, minutes);
        assert_eq!(decision.event, expected, "{minutes}");
        if let Some(incident) = decision.incident {
            assert_eq!(incident.id == first.id, expected == Some(Event::Raised));
            assert_eq!((incident.state, incident.closed), (State::Open, None));
        }
    }
}

fn topic(mentions: u32) -> Risk {
    Risk::Topic {
        topic: "recall".into(),
        mentions,
        authors: 3,
        hours: 24,
        usual: 0.1,
        seqs: vec![1, 2, 3],
    }
}

fn press() -> Risk {
    Risk::Press { sites: vec!["lemonde.fr".into()], stories: 1, usual: 0.0, seqs: vec![4] }
}

#[test]
fn a_known_risk_opens_a_watch_and_keeps_it_open() {
    let mut life = Life::default();
    let mut risky = reading(0.5, 10.0);
    risky.risks = vec![topic(4)];
    let opened = life.see(&risky);
    assert_eq!(opened.reason, Reason::KnownRisk { mentions: 4, authors: 3, ago: None });
    assert_eq!((opened.event, life.level()), (Some(Event::Opened), Level::Watch));
    assert_eq!(life.hours(12, &risky), []);
    assert_eq!(life.hours(4, &reading(0.1, 5.0)), [Event::Fading, Event::Closed]);
}

#[test]
fn an_incident_remembers_each_risk_as_it_was_when_it_was_gravest() {
    let mut life = Life::default();
    let at_risk = |risks: &[Risk]| Reading { risks: risks.to_vec(), ..reading(0.5, 10.0) };
    life.see(&at_risk(&[topic(4)]));
    let before = life.incident.clone().unwrap().severity;
    life.see(&at_risk(&[topic(9), press()]));
    life.see(&at_risk(&[topic(5)]));
    let incident = life.incident.clone().unwrap();
    assert_eq!(incident.worst.risks, [topic(9), press()]);
    assert_eq!((before.value, incident.severity.value), (3, 4), "the press makes it graver");
    for named in 0..40 {
        let Risk::Topic { mentions, authors, hours, usual, seqs, .. } = topic(3) else { panic!() };
        let topic = format!("own-{named}");
        life.see(&at_risk(&[Risk::Topic { topic, mentions, authors, hours, usual, seqs }]));
    }
    assert_eq!(life.incident.unwrap().worst.risks.len(), 12);
}

#[test]
fn the_press_stands_for_the_second_source_of_a_crisis() {
    let mut alone = reading(9.0, 90.0);
    (alone.kinds, alone.authors) = (1, 7.0);
    let level = |reading: &Reading| {
        transition(None, reading, &watch(Sensitivity::Balanced), at(0)).incident.unwrap().level
    };
    assert_eq!(level(&alone), Level::Warning);
    alone.risks = vec![press()];
    assert_eq!(level(&alone), Level::Crisis);
}

#[test]
fn a_high_score_that_is_over_does_not_hide_a_later_warning() {
    let mut life = Life::default();
    life.see(&reading(3.0, 50.0));
    let mut over = reading(8.0, 85.0);
    over.score_now = 26.0;
    life.see(&over);
    assert_eq!(life.level(), Level::Watch);
    life.see(&reading(4.5, 65.0));
    assert_eq!(life.see(&reading(4.5, 65.0)).event, Some(Event::Raised));
}

proptest! {
    #[test]
    fn whatever_is_read_the_timeline_stays_in_order(
        steps in prop::collection::vec((0.0..12.0_f64, 0.0..100.0_f64, 0.0..30.0_f64, 0..300_i64), 1..200),
    ) {
        let mut life = Life::default();
        let mut open = false;
        for (surprise, score, authors, minutes) in steps {
            life.minute += minutes;
            let decision = life.see(&Reading { authors, ..reading(surprise, score) });
            match decision.event {
                Some(Event::Opened) => {
                    prop_assert!(!open);
                    open = true;
                }
                Some(Event::Closed) => {
                    prop_assert!(open);
                    open = false;
                }
                // What is raised from its end opens again.
                Some(Event::Raised) => open = true,
                Some(Event::Fading) => prop_assert!(open),
                None => {}
            }
            if let Some(incident) = &life.incident {
                prop_assert!(incident.level <= incident.peak);
                prop_assert!(incident.justified <= at(life.minute));
                prop_assert_eq!(incident.state == State::Closed, incident.closed.is_some());
                prop_assert_eq!(incident.state != State::Closed, open);
            }
        }
    }
}
