//! Crises that a team remembers, when they were at their worst, and whether incidents caught them.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::incident::Missed;
use crate::model::{Tone, WatchId};
use crate::velocity::Signal;

/// An incident may open this long before what a team says was the beginning: nobody notices the
/// first hour.
const EARLY: SignedDuration = SignedDuration::from_hours(6);

/// Without an end, what opens within this long of the beginning and the peak is about the same.
const LATE: SignedDuration = SignedDuration::from_hours(48);

/// The longest crisis, so that the hours in which a peak is looked for are few.
const LONGEST: SignedDuration = SignedDuration::from_hours(366 * 24);

/// Seconds of the hour whose negatives are counted together.
const HOUR: i64 = 3_600;

/// A crisis as a team remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub watch: WatchId,
    /// When it began.
    #[serde(alias = "from")]
    pub at: Timestamp,
    /// When it was at its worst, if anybody knows.
    #[serde(default)]
    pub peak: Option<Timestamp>,
    /// When it was over, if anybody knows.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// When somebody said so; absent where nobody kept it.
    #[serde(default)]
    pub said: Option<Timestamp>,
    #[serde(default)]
    pub name: String,
}

/// Why a mark makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unmarkable {
    #[error("a peak before the beginning: exchange the two")]
    PeakBeforeBeginning,
    #[error("an end before the beginning: exchange the two")]
    EndBeforeBeginning,
    #[error("a peak after the end: a crisis is at its worst while it lasts")]
    PeakAfterEnd,
    #[error("longer than a year is no crisis: mark the waves of it one by one")]
    TooLong,
}

impl Mark {
    /// Whether its instants are in order.
    pub fn check(&self) -> Result<(), Unmarkable> {
        if self.peak.is_some_and(|peak| peak < self.at) {
            return Err(Unmarkable::PeakBeforeBeginning);
        }
        if self.until.is_some_and(|until| until < self.at) {
            return Err(Unmarkable::EndBeforeBeginning);
        }
        if self.peak.zip(self.until).is_some_and(|(peak, until)| peak > until) {
            return Err(Unmarkable::PeakAfterEnd);
        }
        if self.last().duration_since(self.at) > LONGEST {
            return Err(Unmarkable::TooLong);
        }
        Ok(())
    }

    /// When it was over, or the last that is known of it.
    fn last(&self) -> Timestamp {
        self.until.or(self.peak).unwrap_or(self.at)
    }

    /// The first and the last instant at which what opens is about it.
    fn span(&self) -> (Timestamp, Timestamp) {
        let before = self.at.saturating_sub(EARLY).unwrap_or(Timestamp::MIN);
        let late = self.peak.unwrap_or(self.at).max(self.at).saturating_add(LATE);
        (before, self.until.unwrap_or(late.unwrap_or(Timestamp::MAX)))
    }
}

/// The hour of a mark in which most negatives were published: the peak of one whose peak nobody
/// knows, and whose end somebody does.
#[derive(Debug, Clone)]
pub struct Peak {
    since: Timestamp,
    until: Timestamp,
    negatives: BTreeMap<i64, u32>,
}

impl Peak {
    /// What has to be looked for; nothing where it is known, or where it has no bounds.
    pub fn of(mark: &Mark) -> Option<Peak> {
        let until = mark.until.filter(|_| mark.peak.is_none() && mark.check().is_ok())?;
        Some(Peak { since: mark.at, until, negatives: BTreeMap::new() })
    }

    pub fn hear(&mut self, signal: &Signal) {
        if signal.tone == Tone::Negative && (self.since..=self.until).contains(&signal.event) {
            let hour = signal.event.duration_since(self.since).as_secs() / HOUR;
            *self.negatives.entry(hour).or_default() += 1;
        }
    }

    /// The beginning of that hour, the first of equal ones; nothing where nothing was heard.
    pub fn found(&self) -> Option<Timestamp> {
        let most = self.negatives.iter().rev().max_by_key(|(_, count)| **count);
        self.since.checked_add(SignedDuration::from_secs(most?.0 * HOUR)).ok()
    }
}

/// Whether a mark was found, and how early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Caught {
    /// Which of the incidents.
    pub incident: usize,
    /// Minutes from its beginning to the opening; negative before what the team noticed.
    pub after_onset: i64,
    /// Minutes from the opening to the peak; negative after it.
    pub before_peak: Option<i64>,
}

/// The first of some incidents, told by opening and end, that was about what a team marked.
pub fn caught(mark: &Mark, spans: &[(Timestamp, Option<Timestamp>)]) -> Option<Caught> {
    let (before, after) = mark.span();
    // One that opened long before and is still open is about it too.
    let about = |(opened, closed): &(Timestamp, Option<Timestamp>)| {
        *opened <= after && (*opened >= before || closed.is_none_or(|closed| closed >= mark.at))
    };
    let incident = spans.iter().position(about)?;
    let (opened, _) = *spans.get(incident)?;
    let minutes = |from: Timestamp, to: Timestamp| to.duration_since(from).as_mins();
    Some(Caught {
        incident,
        after_onset: minutes(mark.at, opened),
        before_peak: mark.peak.map(|peak| minutes(opened, peak)),
    })
}

/// The crises of one watch that no incident told in time. Marks of one time are about one crisis; a
/// crisis that `listened` denies could not be told, and is no fault of the rule.
pub fn missed(
    marks: &[Mark],
    spans: &[(Timestamp, Option<Timestamp>)],
    listened: impl Fn(Timestamp) -> bool,
) -> Vec<Missed> {
    let mut marks: Vec<&Mark> = marks.iter().filter(|mark| listened(mark.at)).collect();
    marks.sort_by_key(|mark| mark.at);
    let mut until: Option<Timestamp> = None;
    let mut missed = Vec::new();
    for mark in marks {
        if until.is_some_and(|until| mark.at <= until) {
            continue;
        }
        until = Some(mark.last());
        missed.extend(mark.missed(spans));
    }
    missed
}

impl Mark {
    /// Whether it was missed, by the incidents that there were when somebody said so.
    fn missed(&self, spans: &[(Timestamp, Option<Timestamp>)]) -> Option<Missed> {
        let said = self.said.unwrap_or(self.last()).max(self.last());
        let known: Vec<_> = spans.iter().copied().filter(|(opened, _)| *opened <= said).collect();
        let late = match caught(self, &known) {
            None => false,
            Some(found) => {
                // Where nobody knows the peak, the middle of it stands for that.
                let half = self.until.map(|until| until.duration_since(self.at).as_mins() / 2);
                let lead = found.before_peak.or(half.map(|half| half - found.after_onset));
                if lead.is_none_or(|lead| lead >= 0) {
                    return None;
                }
                true
            }
        };
        Some(Missed { said, late })
    }
}
