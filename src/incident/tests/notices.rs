//! A surge that is not negative, a silence, sources gone blind: told, and never an alarm.

use super::{at, reading, watch};
use crate::incident::{Decision, Latest, Reason, decide, judged};
use crate::model::{Event, Level, Matter, Reading, Ruling, Sensitivity, State};

/// A watch lived through minute by minute, whatever it is about.
#[derive(Default)]
struct Life {
    latest: Latest,
    minute: i64,
}

impl Life {
    fn see(&mut self, reading: &Reading) -> Vec<Decision> {
        self.minute += 1;
        let decisions =
            decide(&self.latest, reading, &watch(Sensitivity::Balanced), at(self.minute));
        for incident in decisions.iter().filter_map(|decision| decision.incident.clone()) {
            self.latest.put(incident);
        }
        decisions
    }

    /// What is told of some hours of the same reading.
    fn hours(&mut self, hours: i64, reading: &Reading) -> Vec<(Matter, Event)> {
        let mut told = Vec::new();
        for _ in 0..hours * 60 {
            for decision in self.see(reading) {
                told.extend(decision.event.zip(decision.incident.map(|incident| incident.matter)));
            }
        }
        told.into_iter().map(|(event, matter)| (matter, event)).collect()
    }
}

/// Usual in everything but what a case changes.
fn usual() -> Reading {
    let mut usual = reading(0.0, 0.0);
    (usual.surprise_velocity, usual.surprise_share) = (0.0, 0.0);
    usual
}

fn surging(surge: f64) -> Reading {
    let mut reading = usual();
    reading.volume.surge = surge;
    reading
}

fn silent(lull: f64) -> Reading {
    let mut reading = usual();
    reading.volume.lull = lull;
    reading
}

fn blind(audible: f64) -> Reading {
    Reading { audible, ..usual() }
}

#[test]
fn each_opens_at_its_own_level_and_closes_an_hour_after_it_is_over() {
    for (matter, begins, lasts) in [
        (Matter::Surge, surging(4.0), surging(1.6)),
        (Matter::Silence, silent(4.0), silent(1.6)),
        (Matter::Blind, blind(0.4), blind(0.49)),
    ] {
        let mut life = Life::default();
        assert_eq!(life.hours(1, &usual()), []);
        assert_eq!(life.hours(1, &begins), [(matter, Event::Opened)]);
        assert_eq!(life.hours(30, &lasts), []);
        let incident = life.latest.get(matter).unwrap();
        assert_eq!((incident.level, incident.peak), (Level::Notice, Level::Notice));
        assert!(incident.id.0.ends_with(matter.as_str()), "{}", incident.id);
        assert_eq!(life.hours(2, &usual()), [(matter, Event::Closed)]);
        assert_eq!(life.hours(1, &begins), [(matter, Event::Raised)], "the same comes back");
        assert_eq!(life.latest.get(matter).unwrap().state, State::Open);
        life.hours(26, &usual());
        life.hours(26, &usual());
        assert_eq!(life.hours(1, &begins), [(matter, Event::Opened)], "another day, another one");
    }
}

#[test]
fn what_a_person_closed_stays_closed_while_it_lasts() {
    for (ruling, hours) in [(Ruling::Closed, 1), (Ruling::FalseAlarm, 24)] {
        let mut life = Life::default();
        life.hours(1, &silent(5.0));
        let open = life.latest.get(Matter::Silence).unwrap();
        life.latest.put(judged(open, ruling, at(life.minute)).unwrap());
        let mut told = life.hours(hours - 1, &silent(5.0));
        told.extend(life.hours(2, &silent(5.0)));
        let again = if ruling == Ruling::Closed { Event::Raised } else { Event::Opened };
        assert_eq!(told, [(Matter::Silence, again)], "{ruling:?}");
    }
}

#[test]
fn what_is_not_rare_enough_is_not_told() {
    let mut life = Life::default();
    for reading in [surging(3.9), silent(3.9), blind(0.5)] {
        assert_eq!(life.hours(2, &reading), []);
    }
}

#[test]
fn what_cannot_be_heard_is_blind_and_not_silent() {
    let mut life = Life::default();
    let both = Reading { audible: 0.1, ..silent(9.0) };
    assert_eq!(life.hours(1, &both), [(Matter::Blind, Event::Opened)]);
}

#[test]
fn a_surge_with_an_unusual_share_of_negatives_is_no_success() {
    let mut life = Life::default();
    let angry = Reading { surprise_share: 1.2, ..surging(9.0) };
    assert_eq!(life.hours(1, &angry), []);
}

#[test]
fn a_surge_that_turns_into_a_bad_buzz_is_told_by_that_alone() {
    let mut life = Life::default();
    assert_eq!(life.hours(1, &surging(5.0)), [(Matter::Surge, Event::Opened)]);
    let mut angry = reading(3.5, 55.0);
    angry.volume.surge = 6.0;
    let decisions = life.see(&angry);
    let told: Vec<_> = decisions.iter().map(|d| (d.event, d.reason == Reason::Overtaken)).collect();
    assert_eq!(told, [(Some(Event::Opened), false), (Some(Event::Closed), true)]);
    assert_eq!(life.hours(3, &angry), []);
}
