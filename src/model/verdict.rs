//! A verdict: what a person says of an incident.

use serde::{Deserialize, Serialize};

use super::{IncidentId, Matter, Timestamp, WatchId};

/// Who said what of an incident, and when. Kept for good: it is part of the timeline, and of what
/// the threshold of the watch learns (`incident::Feedback`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub incident: IncidentId,
    pub watch: WatchId,
    /// What the incident is about.
    pub matter: Matter,
    pub at: Timestamp,
    pub ruling: Ruling,
    /// Who says so, as they call themselves.
    pub by: String,
    /// In their own words; may be empty.
    pub note: String,
}

/// What is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ruling {
    /// Somebody takes care of it: it was right to tell.
    Acknowledged,
    /// It should not have been told.
    FalseAlarm,
    /// It is over, whatever the numbers say.
    Closed,
    /// Something worth writing down.
    Note,
}

impl Ruling {
    pub const ALL: [Ruling; 4] =
        [Ruling::Acknowledged, Ruling::FalseAlarm, Ruling::Closed, Ruling::Note];

    pub fn as_str(self) -> &'static str {
        match self {
            Ruling::Acknowledged => "acknowledged",
            Ruling::FalseAlarm => "false-alarm",
            Ruling::Closed => "closed",
            Ruling::Note => "note",
        }
    }

    pub fn parse(text: &str) -> Option<Ruling> {
        Ruling::ALL.into_iter().find(|ruling| ruling.as_str() == text)
    }
}

/// What people said that still moves a threshold, kind by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heeded {
    pub false_alarms: Said,
    /// Crises that a team marked and that no incident told.
    pub missed: Said,
    /// Crises that an incident told after their peak.
    pub late: Said,
}

/// How often something was said, and when last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub count: u32,
    pub last: Option<Timestamp>,
}
