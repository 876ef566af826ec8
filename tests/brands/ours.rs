//! A month through the chain that the daemon runs: detector, then transition.

use std::collections::BTreeSet;

use vigie::incident::{Decision, Reason, transition};
use vigie::model::{Event, Incident, Roster, Sensitivity, Watch, WatchId};
use vigie::velocity::Detector;

use super::month::Month;
use super::stream::at;

/// What a detector told during a month, in seconds since 1970.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// When an incident opened, or one that was closed opened again: either wakes people.
    pub opened: Vec<i64>,
    /// When one opened or was raised.
    pub alarms: Vec<i64>,
}

impl Told {
    fn hear(&mut self, decision: &Decision, now: i64) {
        let opens = decision.event == Some(Event::Opened)
            || matches!(decision.reason, Reason::Reopened { .. });
        if opens {
            self.opened.push(now);
        }
        if opens || decision.event == Some(Event::Raised) {
            self.alarms.push(now);
        }
    }
}

pub fn watch(sensitivity: Sensitivity) -> Watch {
    Watch {
        id: WatchId::new("acme").unwrap(),
        name: "Acme".into(),
        query: "acme".into(),
        languages: Vec::new(),
        sensitivity,
        timezone: "UTC".into(),
        recipients: Vec::new(),
        roster: Roster::default(),
    }
}

/// Evaluated in each minute in which something arrived, and every five; one `Told` for each
/// sensitivity.
pub fn told(month: &Month, sensitivities: &[Sensitivity]) -> Vec<Told> {
    let mut detector = Detector::new(month.brand.zone.clone(), at(month.start));
    let mut lives: Vec<(Watch, Option<Incident>, Told)> = sensitivities
        .iter()
        .map(|&sensitivity| (watch(sensitivity), None, Told::default()))
        .collect();
    let mut waiting = month.signals.iter().peekable();
    let mut health: BTreeSet<(i64, u64)> =
        month.health.iter().map(|(second, share)| (*second, share.to_bits())).collect();
    for now in (month.start + 60..=month.end).step_by(60) {
        while let Some((_, share)) = health.first().filter(|change| change.0 < now).copied() {
            detector.hear(at(now), f64::from_bits(share));
            health.pop_first();
        }
        let mut arrived = false;
        while let Some(signal) = waiting.next_if(|signal| signal.arrived < at(now)) {
            detector.observe(signal);
            arrived = true;
        }
        if !arrived && (now - month.start) % 300 != 0 {
            continue;
        }
        let reading = detector.advance(at(now));
        for (watch, incident, told) in &mut lives {
            let decision = transition(incident.as_ref(), &reading, &*watch, at(now));
            told.hear(&decision, now);
            *incident = decision.incident.or(incident.take());
        }
    }
    lives.into_iter().map(|life| life.2).collect()
}
