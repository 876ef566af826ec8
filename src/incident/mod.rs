//! The life of incidents: pure transitions that say why.
//!
//! A watch has at most one open incident of each matter. A bad buzz has levels:
//!
//! ```text
//! quiet ── surprising, and still so ──▸ Open ◂─▸ Acknowledged (by a person, outside of here)
//!                                        │ a level down, or quiet: Fading ── surges ──▸ Open
//!                                        └ quiet for 3 hours ──▸ Closed ── within a day ──▸ Open
//! ```
//!
//! The others are notices: they open, and close when they are over.

mod feedback;
mod notice;
mod reason;
mod risks;
mod severity;

use std::collections::BTreeMap;

use jiff::SignedDuration;

pub use feedback::{Feedback, Missed, Rule, Unjust, judged};
pub use reason::{Ago, Reason};
pub use severity::severity;

use crate::model::{
    Event, Former, Incident, IncidentId, Level, Matter, Reading, Risk, State, Timestamp, Unheard,
};

/// Score from which a level is reached. A surprise over the threshold is a watch by itself; 45 is
/// the score that goes with it, and what the hysteresis counts from.
fn reached(level: Level) -> f64 {
    match level {
        Level::Notice => 0.0,
        Level::Watch => 45.0,
        Level::Warning => 60.0,
        Level::Crisis => 80.0,
    }
}

/// How far below its threshold a level still holds, and how much of it the windows of 3 hours and
/// less must show.
const HYSTERESIS: f64 = 20.0;

/// How long a level must not hold before it falls.
const FALL: SignedDuration = SignedDuration::from_hours(2);

/// How long an incident must be quiet before it closes.
const CLOSE: SignedDuration = SignedDuration::from_hours(3);

/// How long an incident must have been quiet for a new surge to be told again.
const LULL: SignedDuration = SignedDuration::from_hours(1);

/// After closing, for this long only something worse is told.
const COOL_DOWN: SignedDuration = SignedDuration::from_hours(1);

/// A surge within this time of the end is the same bad buzz: its incident opens again. A crisis
/// sleeps when people do.
const SAME: SignedDuration = SignedDuration::from_hours(24);

/// The latest incident of each matter of a watch, open or closed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Latest(BTreeMap<Matter, Incident>);

impl Latest {
    pub fn get(&self, matter: Matter) -> Option<&Incident> {
        self.0.get(&matter)
    }

    /// Takes the place of the one of its matter.
    pub fn put(&mut self, incident: Incident) {
        self.0.insert(incident.matter, incident);
    }

    /// Those that are not closed.
    pub fn open(&self) -> impl Iterator<Item = &Incident> {
        self.0.values().filter(|incident| incident.state != State::Closed)
    }
}

/// Decides about every matter of a watch, a bad buzz first; what changes nothing is left out.
pub fn decide<'a>(
    latest: &Latest,
    reading: &Reading,
    rule: impl Into<Rule<'a>>,
    now: Timestamp,
) -> Vec<Decision> {
    let rule = rule.into();
    let before = latest.get(Matter::BadBuzz);
    let buzz = transition(before, reading, rule, now);
    let after = buzz.incident.as_ref().or(before);
    let loud = after.is_some_and(|incident| incident.state != State::Closed);
    let notices = Matter::NOTICES
        .into_iter()
        .filter_map(|matter| notice::notice(matter, latest.get(matter), reading, rule, loud, now));
    let changed = buzz.incident.is_some().then_some(buzz);
    changed.into_iter().chain(notices).collect()
}

/// What one evaluation decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The incident as it is now, to be kept; `None` when there is none or nothing changed.
    pub incident: Option<Incident>,
    /// What to tell; most evaluations tell nothing.
    pub event: Option<Event>,
    /// Why it was decided so, also when nothing happened.
    pub reason: Reason,
}

impl Decision {
    fn nothing(reason: Reason) -> Decision {
        Decision { incident: None, event: None, reason }
    }
}

/// Decides what becomes of a watch's bad buzz: the latest one, open or closed, or none.
///
/// Deterministic; the same arguments decide the same. Give it the closed one too, or the cool-down
/// is not kept. Opening takes the reading's level at once; raising waits for a second evaluation,
/// except to a crisis. An acknowledged incident stays so until it closes.
pub fn transition<'a>(
    incident: Option<&Incident>,
    reading: &Reading,
    rule: impl Into<Rule<'a>>,
    now: Timestamp,
) -> Decision {
    let rule = rule.into();
    match incident {
        Some(incident) if incident.state != State::Closed => follow(incident, reading, rule, now),
        last => open(last, reading, rule, now),
    }
}

/// The level that a reading has reached, if any.
fn level_of(reading: &Reading) -> Option<Level> {
    let level = Level::ALARMS.into_iter().rev().find(|&level| {
        reading.score >= reached(level) && reading.score_now >= reached(level) - HYSTERESIS
    });
    if level == Some(Level::Crisis) && !is_wide(reading) { Some(Level::Warning) } else { level }
}

/// Whether there is enough for a crisis, whatever the score: 8 weighted negatives and 4 authors,
/// from two kinds of source or with the press. Separate sources of one kind are not counted apart,
/// and one very large forum can make a crisis alone: 8 authors stand for the second source.
fn is_wide(reading: &Reading) -> bool {
    let press = reading.risks.iter().any(|risk| matches!(risk, Risk::Press { .. }));
    reading.observed >= 8.0
        && reading.authors >= 4.0
        && (reading.kinds >= 2 || reading.authors >= 8.0 || press)
}

fn open(last: Option<&Incident>, reading: &Reading, rule: Rule<'_>, now: Timestamp) -> Decision {
    let threshold = rule.threshold(now);
    let former = last.and_then(former);
    let ago = former.as_ref().map(|former| Ago::new(former, now));
    let (level, reason) = if reading.surprise >= threshold {
        if reading.score_now < reached(Level::Watch) - HYSTERESIS {
            return Decision::nothing(Reason::NoLonger { score_now: reading.score_now });
        }
        let level = level_of(reading).unwrap_or(Level::Watch);
        (level, Reason::Opened { level, surprise: reading.surprise, threshold, ago })
    } else if let Some(Risk::Topic { mentions, authors, .. }) = reading.known_risk() {
        // It opens a watch by itself, whatever the number of mentions, and nothing higher.
        (Level::Watch, Reason::KnownRisk { mentions: *mentions, authors: *authors, ago })
    } else {
        return Decision::nothing(why_not(reading, threshold));
    };
    let since = last.and_then(|last| Some((last, now.duration_since(last.closed?))));
    if let Some((last, since)) = since.filter(|(_, since)| *since < SAME) {
        let worse = level > last.peak || reading.observed >= 2.0 * last.worst.observed;
        // What a person called a false alarm is not told again for a day unless it gets worse.
        let quiet = if last.false_alarm { SAME } else { COOL_DOWN };
        if since < quiet && !worse {
            return Decision::nothing(Reason::CoolDown { peak: last.peak });
        }
        if !last.false_alarm {
            let mut again = last.clone();
            (again.state, again.closed) = (State::Open, None);
            again.closed_by_hand = false;
            (again.caution, again.heeded) = (rule.caution(now), rule.heeded(now));
            let reason = Reason::Reopened { level, minutes: since.as_mins() };
            return change(again, level, State::Open, reading, now, Event::Raised, reason);
        }
    }
    let incident = Incident { former, ..opened(Matter::BadBuzz, level, reading, rule, now) };
    Decision { incident: Some(incident), event: Some(Event::Opened), reason }
}

/// An incident that is over, as the next one names it.
fn former(last: &Incident) -> Option<Former> {
    Some(Former { id: last.id.clone(), closed: last.closed?, ended: last.ended()? })
}

/// A new incident of this instant.
fn opened(
    matter: Matter,
    level: Level,
    reading: &Reading,
    rule: Rule<'_>,
    now: Timestamp,
) -> Incident {
    let watch = rule.watch;
    Incident {
        subjects: Vec::new(),
        caution: rule.caution(now),
        heeded: rule.heeded(now),
        false_alarm: false,
        closed_by_hand: false,
        former: None,
        unheard: Unheard::default(),
        id: IncidentId::new(&watch.id, matter, now),
        watch: watch.id.clone(),
        matter,
        level,
        peak: level,
        severity: severity(level, reading),
        state: State::Open,
        opened: now,
        changed: now,
        closed: None,
        events: 1,
        because: reading.clone(),
        worst: reading.clone(),
        justified: now,
    }
}

/// Why a reading below the threshold is below it.
fn why_not(reading: &Reading, threshold: f64) -> Reason {
    let (velocity, share) = (reading.surprise_velocity, reading.surprise_share);
    if reading.surprise_velocity < threshold {
        return Reason::UsualRate { surprise: velocity, threshold };
    }
    if reading.surprise <= 0.0 && reading.surprise_share > 0.0 {
        return Reason::TooFew { observed: reading.observed, authors: reading.authors };
    }
    if 1.5 * share < threshold {
        return Reason::UsualShare { share: reading.share, usual: reading.usual_share };
    }
    if reading.learned_hours < 24.0 {
        return Reason::ColdStart { hours: reading.learned_hours };
    }
    Reason::NotSurprising { surprise: reading.surprise, threshold }
}

fn follow(incident: &Incident, reading: &Reading, rule: Rule<'_>, now: Timestamp) -> Decision {
    let quiet_for = now.duration_since(incident.justified);
    let mut next = incident.clone();
    // The level comes first: a high score that is over, or of few people, is not the worst.
    let weight = |reading: &Reading| (level_of(reading), reading.score);
    if weight(reading) > weight(&incident.worst) {
        let risks = std::mem::take(&mut next.worst.risks);
        next.worst = Reading { risks, ..reading.clone() };
    }
    risks::gather(&mut next.worst.risks, &reading.risks);
    next.severity = next.severity.max(severity(incident.level, &next.worst));
    let reached_level = level_of(reading);
    if let Some(target) = reached_level.filter(|target| *target > incident.level) {
        // The worst reading outlives a restart, so it is what remembers the first evaluation.
        let seen_before = level_of(&incident.worst).is_some_and(|level| level >= target);
        if target == Level::Crisis || seen_before {
            let reason = Reason::Raised { from: incident.level, to: target, score: reading.score };
            return change(next, target, State::Open, reading, now, Event::Raised, reason);
        }
        next.justified = next.justified.max(now);
        let reason = Reason::AwaitsSecond { level: target };
        return Decision { incident: Some(next), event: None, reason };
    }
    let surges = reading.surprise >= rule.threshold(now) && quiet_for >= LULL;
    if surges && incident.state == State::Fading && reached_level >= Some(incident.level) {
        let reason = Reason::SurgedAgain { surprise: reading.surprise };
        return change(next, incident.level, State::Open, reading, now, Event::Raised, reason);
    }
    let floor = reached(incident.level) - HYSTERESIS;
    // A known risk keeps up what it can open.
    let risk = incident.level == Level::Watch && reading.known_risk().is_some();
    if reading.score_now >= floor || risk {
        next.justified = next.justified.max(now);
        let reason = Reason::Holds { level: incident.level, score_now: reading.score_now };
        return Decision { incident: Some(next), event: None, reason };
    }
    fall(incident, next, reading, now)
}

/// What becomes of a level that does not hold now.
fn fall(incident: &Incident, mut next: Incident, reading: &Reading, now: Timestamp) -> Decision {
    let quiet_for = now.duration_since(incident.justified);
    let lower = match incident.level {
        Level::Crisis => Some(Level::Warning),
        Level::Warning => Some(Level::Watch),
        Level::Watch | Level::Notice => None,
    };
    if lower.is_none() && quiet_for >= CLOSE {
        let reason = Reason::Closed { hours: quiet_for.as_hours() };
        let mut closed =
            change(next, Level::Watch, State::Closed, reading, now, Event::Closed, reason);
        if let Some(incident) = &mut closed.incident {
            incident.closed = Some(now);
        }
        return closed;
    }
    if quiet_for < FALL {
        let reason = Reason::Hysteresis { level: incident.level, minutes: quiet_for.as_mins() };
        let incident = (next != *incident).then_some(next);
        return Decision { incident, event: None, reason };
    }
    // Fading is told once. What is acknowledged stays so: there, falling from its peak tells it.
    let first = match incident.state {
        State::Open => true,
        State::Acknowledged => incident.level == incident.peak && lower.is_some(),
        State::Fading | State::Closed => false,
    };
    let reason = Reason::Fell { from: incident.level, to: lower, score_now: reading.score_now };
    if first {
        let mut fading = change(
            next,
            lower.unwrap_or(incident.level),
            State::Fading,
            reading,
            now,
            Event::Fading,
            reason,
        );
        if let (None, Some(fading)) = (lower, &mut fading.incident) {
            // A quiet watch goes on towards its closing.
            fading.justified = incident.justified;
        }
        return fading;
    }
    let Some(level) = lower else {
        let reason = Reason::Hysteresis { level: Level::Watch, minutes: quiet_for.as_mins() };
        let incident = (next != *incident).then_some(next);
        return Decision { incident, event: None, reason };
    };
    next.level = level;
    next.changed = now;
    next.justified = now;
    Decision { incident: Some(next), event: None, reason }
}

fn change(
    mut next: Incident,
    level: Level,
    state: State,
    reading: &Reading,
    now: Timestamp,
    event: Event,
    reason: Reason,
) -> Decision {
    next.level = level;
    next.peak = next.peak.max(level);
    next.severity = next.severity.max(severity(level, reading));
    if next.state != State::Acknowledged || state == State::Closed {
        next.state = state;
    }
    next.changed = now;
    next.events = next.events.saturating_add(1);
    next.because = reading.clone();
    next.justified = now;
    Decision { incident: Some(next), event: Some(event), reason }
}

#[cfg(test)]
mod tests;
