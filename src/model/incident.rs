//! An incident: one bad buzz of one watch, from its opening to its end.

use serde::{Deserialize, Serialize};

use super::reading::Reading;
use super::{Heeded, IncidentId, Lang, SourceId, Timestamp, WatchId};

/// How bad it is. The order is the order of the alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth knowing and no alarm: a surge that is not negative, a silence, sources gone blind.
    Notice,
    Watch,
    Warning,
    Crisis,
}

impl Level {
    pub const ALL: [Level; 4] = [Level::Notice, Level::Watch, Level::Warning, Level::Crisis];

    /// The levels of a bad buzz.
    pub const ALARMS: [Level; 3] = [Level::Watch, Level::Warning, Level::Crisis];

    pub fn as_str(self) -> &'static str {
        match self {
            Level::Notice => "notice",
            Level::Watch => "watch",
            Level::Warning => "warning",
            Level::Crisis => "crisis",
        }
    }
}

/// What an incident is about. A watch has at most one open incident of each.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Matter {
    /// Negative mentions surge, or a known risk is spoken of.
    #[default]
    BadBuzz,
    /// Mentions surge and are not negative: a launch that takes off.
    Surge,
    /// Far fewer mentions than usual although the sources are heard.
    Silence,
    /// Most of what is usually heard cannot be: its sources fail.
    Blind,
}

impl Matter {
    pub const ALL: [Matter; 4] = [Matter::BadBuzz, Matter::Surge, Matter::Silence, Matter::Blind];

    /// What is told at the level of a notice, whatever its size.
    pub const NOTICES: [Matter; 3] = [Matter::Surge, Matter::Silence, Matter::Blind];

    pub fn as_str(self) -> &'static str {
        match self {
            Matter::BadBuzz => "bad-buzz",
            Matter::Surge => "surge",
            Matter::Silence => "silence",
            Matter::Blind => "blind",
        }
    }

    pub fn parse(text: &str) -> Option<Matter> {
        Matter::ALL.into_iter().find(|matter| matter.as_str() == text)
    }
}

/// Where it is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Open,
    Acknowledged,
    Fading,
    Closed,
}

impl State {
    pub const ALL: [State; 4] = [State::Open, State::Acknowledged, State::Fading, State::Closed];

    pub fn as_str(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Acknowledged => "acknowledged",
            State::Fading => "fading",
            State::Closed => "closed",
        }
    }
}

/// What happened to an incident: what a timeline lists and a mail tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    Opened,
    Raised,
    Fading,
    Closed,
}

impl Event {
    pub fn as_str(self) -> &'static str {
        match self {
            Event::Opened => "opened",
            Event::Raised => "raised",
            Event::Fading => "fading",
            Event::Closed => "closed",
        }
    }
}

/// One bad buzz. Changed only by [`crate::incident::transition`], which says why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    pub id: IncidentId,
    pub watch: WatchId,
    #[serde(default)]
    pub matter: Matter,
    pub level: Level,
    /// The highest level it ever had.
    pub peak: Level,
    pub state: State,
    pub opened: Timestamp,
    pub changed: Timestamp,
    pub closed: Option<Timestamp>,
    /// How many events its timeline has: numbers the messages of its thread.
    pub events: u32,
    /// The reading at the last change.
    pub because: Reading,
    /// The reading with the highest score.
    pub worst: Reading,
    /// Last instant at which the present level was still justified.
    pub justified: Timestamp,
    /// How grave it is for who reads one line, at its worst.
    #[serde(default)]
    pub severity: Severity,
    /// What feedback added to the threshold when it was last told; negative where it took off.
    #[serde(default)]
    pub caution: f64,
    /// The words of people that made it so.
    #[serde(default)]
    pub heeded: Heeded,
    /// A person said that it should not have been told.
    #[serde(default)]
    pub false_alarm: bool,
    /// A person said that it was over.
    #[serde(default)]
    pub closed_by_hand: bool,
    /// The one before it of the same watch and matter.
    #[serde(default)]
    pub former: Option<Former>,
    /// The sources that do not answer, where that is what it is about.
    #[serde(default)]
    pub unheard: Unheard,
    /// The subject that its thread has in each language, so that mail readers keep it together.
    #[serde(default)]
    pub subjects: Vec<Subject>,
}

impl Incident {
    /// How it ended; nothing while it has not.
    pub fn ended(&self) -> Option<Ended> {
        self.closed?;
        Some(match (self.false_alarm, self.closed_by_hand) {
            (true, _) => Ended::FalseAlarm,
            (false, true) => Ended::ByHand,
            (false, false) => Ended::Quiet,
        })
    }
}

/// How an incident ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// A person said that it should not have been told.
    FalseAlarm,
    /// A person said that it was over.
    ByHand,
    /// It went quiet.
    Quiet,
}

/// An incident that ended before another began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    pub id: IncidentId,
    pub closed: Timestamp,
    pub ended: Ended,
}

/// Sources that do not answer: those that usually say the most, and how many more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unheard {
    pub sources: Vec<SourceId>,
    pub more: usize,
}

impl Unheard {
    /// Sources that are named.
    const NAMED: usize = 3;

    /// From all that do not answer, those that usually say the most first.
    pub fn new(mut sources: Vec<SourceId>) -> Unheard {
        let more = sources.len().saturating_sub(Unheard::NAMED);
        sources.truncate(Unheard::NAMED);
        Unheard { sources, more }
    }
}

/// How grave an incident is, 1 to 5, and what made it so: the terms add up to the value, within its
/// bounds. 0 without terms is one that was written before severities were.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Severity {
    pub value: u8,
    pub terms: Vec<SeverityTerm>,
}

/// One term of a severity: `level 2`, `press 1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SeverityTerm {
    pub name: String,
    pub value: i8,
}

/// The subject of a thread of mails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    pub lang: Lang,
    pub text: String,
    /// The level that it names.
    pub level: Level,
}
