//! Crises that a team remembers, and whether the incidents of a replay caught them.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::model::WatchId;

/// An incident may open this long before what a team says was the beginning: nobody notices the
/// first hour.
const EARLY: SignedDuration = SignedDuration::from_hours(6);

/// Without a peak, what opens within this long of the beginning is about the same.
const LATE: SignedDuration = SignedDuration::from_hours(48);

/// A crisis as a team remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub watch: WatchId,
    /// When it began.
    pub at: Timestamp,
    /// When it was at its worst, if anybody knows.
    #[serde(default)]
    pub peak: Option<Timestamp>,
    #[serde(default)]
    pub name: String,
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
    let before = mark.at.saturating_sub(EARLY).unwrap_or(Timestamp::MIN);
    let after = mark.peak.unwrap_or(mark.at).max(mark.at);
    let after = after.saturating_add(LATE).unwrap_or(Timestamp::MAX);
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
