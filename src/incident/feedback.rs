//! What people's verdicts change: the incident they are about, and the threshold of its watch.

use super::{Incident, State, Timestamp};
use crate::model::{Matter, Ruling, Verdict, Watch};

/// What a false alarm adds to the threshold, and what an acknowledged incident takes back.
const FALSE_ALARM: f64 = 0.3;
const CONFIRMED: f64 = 0.15;

/// At most this much is added: a surprise of 4.1 is a hundred thousand times rarer than chance.
const MOST: f64 = 1.2;

/// Days after which half of a verdict is forgotten: teams and brands change.
const HALF_LIFE: f64 = 90.0;

/// What was said of the bad buzzes of one watch: a surge or a silence told for nothing says nothing
/// about their threshold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Feedback(Vec<Verdict>);

impl Feedback {
    pub fn new(mut verdicts: Vec<Verdict>) -> Feedback {
        verdicts.retain(|verdict| verdict.matter == Matter::BadBuzz);
        verdicts.sort_by_key(|verdict| verdict.at);
        Feedback(verdicts)
    }

    /// What is added to the threshold at an instant, 0 to 1.2: more after false alarms, less after
    /// incidents that somebody took charge of. In order of time, so that what was confirmed before
    /// the first false alarm earns nothing.
    pub fn caution(&self, now: Timestamp) -> f64 {
        let mut caution = 0.0;
        let mut since: Option<Timestamp> = None;
        for verdict in self.0.iter().take_while(|verdict| verdict.at <= now) {
            caution = fade(caution, since, verdict.at);
            since = Some(verdict.at);
            caution += match verdict.ruling {
                Ruling::FalseAlarm => FALSE_ALARM,
                Ruling::Acknowledged => -CONFIRMED,
                Ruling::Closed | Ruling::Note => 0.0,
            };
            caution = caution.clamp(0.0, MOST);
        }
        fade(caution, since, now)
    }
}

fn fade(caution: f64, since: Option<Timestamp>, now: Timestamp) -> f64 {
    let days = since.map_or(0.0, |since| now.duration_since(since).as_secs_f64() / 86_400.0);
    caution * 0.5_f64.powf(days.max(0.0) / HALF_LIFE)
}

/// How a watch is decided about: its setting, and what people said of its incidents.
#[derive(Debug, Clone, Copy)]
pub struct Rule<'a> {
    pub watch: &'a Watch,
    pub feedback: Option<&'a Feedback>,
}

impl<'a> From<&'a Watch> for Rule<'a> {
    fn from(watch: &'a Watch) -> Rule<'a> {
        Rule { watch, feedback: None }
    }
}

impl Rule<'_> {
    /// What is added to the threshold of the setting.
    pub fn caution(&self, now: Timestamp) -> f64 {
        self.feedback.map_or(0.0, |feedback| feedback.caution(now))
    }

    /// The surprise at which an incident may open.
    pub fn threshold(&self, now: Timestamp) -> f64 {
        self.watch.sensitivity.threshold() + self.caution(now)
    }
}

/// Why a verdict cannot be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unjust {
    #[error("it is closed: say `false-alarm` or `note`, or wait for the next one")]
    Closed,
    #[error("it is acknowledged already")]
    Acknowledged,
    #[error("it is a false alarm already, and counts as one")]
    FalseAlarm,
}

/// The incident as it is after a verdict.
pub fn judged(incident: &Incident, ruling: Ruling, now: Timestamp) -> Result<Incident, Unjust> {
    let mut judged = incident.clone();
    let open = incident.state != State::Closed;
    match ruling {
        Ruling::Acknowledged | Ruling::Closed if !open => return Err(Unjust::Closed),
        Ruling::Acknowledged if incident.state == State::Acknowledged => {
            return Err(Unjust::Acknowledged);
        }
        Ruling::FalseAlarm if incident.false_alarm => return Err(Unjust::FalseAlarm),
        Ruling::Acknowledged => judged.state = State::Acknowledged,
        Ruling::Closed | Ruling::FalseAlarm => {
            judged.false_alarm = ruling == Ruling::FalseAlarm;
            if open {
                (judged.state, judged.closed) = (State::Closed, Some(now));
            }
        }
        Ruling::Note => return Ok(judged),
    }
    judged.changed = now;
    Ok(judged)
}
