//! What is worth a notice and no alarm: a surge that is not negative, a silence, sources gone blind.

use jiff::SignedDuration;

use super::{Decision, Reason, Rule, change, former, opened};
use crate::model::{Event, Incident, Level, Matter, Reading, State, Timestamp};

/// A notice needs this much more surprise than an alarm: more than ten times rarer. Four
/// usual weeks with quiet weekends reach 3.5 in silence (`velocity/tests/volume.rs`).
const RARER: f64 = 1.1;

/// Below this surprise a surge or a silence is over (`velocity.md` §3: what resolves).
const OVER: f64 = 1.5;

/// A surge with a share of negatives this surprising is a bad buzz in the making, not a success.
const NEGATIVE: f64 = 1.0;

/// Below this share of the usual volume the sources are blind.
const BLIND: f64 = 0.5;

/// How long it must be over before it closes.
const CLOSE: SignedDuration = SignedDuration::from_hours(1);

/// While it lasts, that is written this often.
const WRITTEN: SignedDuration = SignedDuration::from_mins(5);

/// Within this time of its end, what comes back is the same.
const AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// Decides about one matter that is no bad buzz; nothing when nothing changes. While there is a bad
/// buzz, `loud`, a surge is part of it and not told.
pub(super) fn notice(
    matter: Matter,
    latest: Option<&Incident>,
    reading: &Reading,
    rule: Rule<'_>,
    loud: bool,
    now: Timestamp,
) -> Option<Decision> {
    // A crisis that was missed says nothing about notices.
    let threshold = rule.watch.sensitivity.threshold() + rule.caution(now).max(0.0) + RARER;
    let sign = sign(matter, reading);
    match latest {
        Some(open) if open.state != State::Closed => follow(open, matter, sign, reading, loud, now),
        last => {
            if !begins(matter, sign, threshold, reading, loud) {
                return None;
            }
            let reason = reason(matter, sign, threshold, reading);
            let since = last.and_then(|last| Some((last, now.duration_since(last.closed?))));
            if let Some((last, since)) = since.filter(|(_, since)| *since < AGAIN) {
                // What a person closed while it lasted is not opened again at the next look.
                if last.false_alarm || since < CLOSE {
                    return None;
                }
                let mut again = last.clone();
                (again.state, again.closed) = (State::Open, None);
                again.closed_by_hand = false;
                let event = Event::Raised;
                return Some(change(
                    again,
                    Level::Notice,
                    State::Open,
                    reading,
                    now,
                    event,
                    reason,
                ));
            }
            let former = last.and_then(former);
            let incident = Incident { former, ..opened(matter, Level::Notice, reading, rule, now) };
            Some(Decision { incident: Some(incident), event: Some(Event::Opened), reason })
        }
    }
}

/// How much a reading speaks for a matter: a surprise, or the share that cannot be heard.
fn sign(matter: Matter, reading: &Reading) -> f64 {
    match matter {
        Matter::Surge => reading.volume.surge,
        Matter::Silence => reading.volume.lull,
        Matter::Blind => 1.0 - reading.audible,
        Matter::BadBuzz => 0.0,
    }
}

fn begins(matter: Matter, sign: f64, threshold: f64, reading: &Reading, loud: bool) -> bool {
    match matter {
        Matter::Surge => sign >= threshold && !loud && reading.surprise_share < NEGATIVE,
        // What cannot be heard is not silent.
        Matter::Silence => sign >= threshold && reading.audible >= BLIND,
        Matter::Blind => sign > 1.0 - BLIND,
        Matter::BadBuzz => false,
    }
}

fn reason(matter: Matter, sign: f64, threshold: f64, reading: &Reading) -> Reason {
    match matter {
        Matter::Silence => Reason::Silent { surprise: sign, threshold },
        Matter::Blind => Reason::Blind { audible: reading.audible },
        Matter::Surge | Matter::BadBuzz => Reason::Surges { surprise: sign, threshold },
    }
}

fn follow(
    incident: &Incident,
    matter: Matter,
    sign: f64,
    reading: &Reading,
    loud: bool,
    now: Timestamp,
) -> Option<Decision> {
    let quiet_for = now.duration_since(incident.justified);
    let mut next = incident.clone();
    let overtaken = matter == Matter::Surge && loud;
    let lasts = if matter == Matter::Blind { sign > 1.0 - BLIND } else { sign >= OVER };
    if lasts && !overtaken {
        if quiet_for < WRITTEN {
            return None;
        }
        next.justified = now;
        if sign > self::sign(matter, &incident.worst) {
            next.worst = reading.clone();
        }
        let reason = Reason::Holds { level: Level::Notice, score_now: reading.score_now };
        return Some(Decision { incident: Some(next), event: None, reason });
    }
    if quiet_for < CLOSE && !overtaken {
        return None;
    }
    let reason =
        if overtaken { Reason::Overtaken } else { Reason::Over { minutes: quiet_for.as_mins() } };
    let mut closed =
        change(next, Level::Notice, State::Closed, reading, now, Event::Closed, reason);
    if let Some(incident) = &mut closed.incident {
        incident.closed = Some(now);
    }
    Some(closed)
}
