//! What people say changes: the incident that a verdict is about, and the threshold of its watch.

use super::{Incident, State, Timestamp};
use crate::model::{Heeded, Matter, Ruling, Said, Verdict, Watch};

/// What a false alarm adds to the threshold, and what an acknowledged incident takes back of it.
const FALSE_ALARM: f64 = 0.3;
const CONFIRMED: f64 = 0.15;

/// What a crisis that was missed takes off the threshold, and one that was told after its peak.
const MISSED: f64 = 0.3;
const LATE: f64 = 0.15;

/// At most this much is added: a surprise of 4.1 is a hundred thousand times rarer than chance.
const MOST: f64 = 1.2;

/// At most this much is taken off: from `balanced` that is `sensitive`, with its false alarms.
const LEAST: f64 = -0.6;

/// Days after which half of a word is forgotten: teams and brands change.
const HALF_LIFE: f64 = 90.0;

/// Days after which a word is not named any more: four half-lives.
const NAMED: f64 = 360.0;

/// A crisis that a team marked, and that no incident told in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missed {
    /// When the team said so.
    pub said: Timestamp,
    /// It was told, but after its peak.
    pub late: bool,
}

/// What was said of the bad buzzes of one watch, in order of time: a surge or a silence told for
/// nothing says nothing about their threshold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Feedback(Vec<(Timestamp, Word)>);

/// What a word does to the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    FalseAlarm,
    Confirmed,
    Missed,
    Late,
}

impl Feedback {
    pub fn new(verdicts: &[Verdict], missed: &[Missed]) -> Feedback {
        let about = verdicts.iter().filter(|verdict| verdict.matter == Matter::BadBuzz);
        let judged = about.filter_map(|verdict| {
            let word = match verdict.ruling {
                Ruling::FalseAlarm => Word::FalseAlarm,
                Ruling::Acknowledged => Word::Confirmed,
                Ruling::Closed | Ruling::Note => return None,
            };
            Some((verdict.at, word))
        });
        let missed = missed
            .iter()
            .map(|missed| (missed.said, if missed.late { Word::Late } else { Word::Missed }));
        let mut words: Vec<(Timestamp, Word)> = judged.chain(missed).collect();
        words.sort_by_key(|(at, _)| *at);
        Feedback(words)
    }

    /// What is added to the threshold at an instant, −0.6 to 1.2: more after false alarms, less
    /// after incidents that somebody took charge of, and less than nothing after crises that were
    /// missed. In order of time, so that what was confirmed before the first false alarm earns
    /// nothing.
    pub fn caution(&self, now: Timestamp) -> f64 {
        let mut caution = 0.0;
        let mut since: Option<Timestamp> = None;
        for (at, word) in self.until(now) {
            caution = fade(caution, since, at);
            since = Some(at);
            caution = match word {
                Word::FalseAlarm => caution + FALSE_ALARM,
                Word::Confirmed if caution > 0.0 => (caution - CONFIRMED).max(0.0),
                Word::Confirmed => caution,
                Word::Missed => caution - MISSED,
                Word::Late => caution - LATE,
            };
            caution = caution.clamp(LEAST, MOST);
        }
        fade(caution, since, now)
    }

    /// The words that make it so, as far as they are not forgotten.
    pub fn heeded(&self, now: Timestamp) -> Heeded {
        let mut heeded = Heeded::default();
        for (at, word) in self.until(now).filter(|(at, _)| days(*at, now) <= NAMED) {
            let said = match word {
                Word::FalseAlarm => &mut heeded.false_alarms,
                Word::Missed => &mut heeded.missed,
                Word::Late => &mut heeded.late,
                Word::Confirmed => continue,
            };
            *said = Said { count: said.count.saturating_add(1), last: Some(at) };
        }
        heeded
    }

    fn until(&self, now: Timestamp) -> impl Iterator<Item = (Timestamp, Word)> {
        self.0.iter().copied().take_while(move |(at, _)| *at <= now)
    }
}

fn days(since: Timestamp, now: Timestamp) -> f64 {
    (now.duration_since(since).as_secs_f64() / 86_400.0).max(0.0)
}

fn fade(caution: f64, since: Option<Timestamp>, now: Timestamp) -> f64 {
    caution * 0.5_f64.powf(since.map_or(0.0, |since| days(since, now)) / HALF_LIFE)
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
    /// What is added to the threshold of the setting; negative where it is taken off.
    pub fn caution(&self, now: Timestamp) -> f64 {
        self.feedback.map_or(0.0, |feedback| feedback.caution(now))
    }

    /// The words of people that make it so.
    pub fn heeded(&self, now: Timestamp) -> Heeded {
        self.feedback.map(|feedback| feedback.heeded(now)).unwrap_or_default()
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
            judged.closed_by_hand = open;
            if open {
                (judged.state, judged.closed) = (State::Closed, Some(now));
            }
        }
        Ruling::Note => return Ok(judged),
    }
    judged.changed = now;
    Ok(judged)
}
