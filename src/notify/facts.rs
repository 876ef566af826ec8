//! What an alert says, before any language or format: plain values and nothing else.

use jiff::tz::TimeZone;

use crate::model::{AsideKind, Event, Incident, Matter, Mention, Risk, SourceId, Timestamp, Watch};

/// All that one alert tells. Whoever builds it reads the store once; rendering asks nothing more.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertFacts {
    pub incident: Incident,
    pub event: Event,
    /// The incident's transition in its own words, quoted for whoever checks the decision.
    pub reason: String,
    pub watch: Watch,
    /// The mentions to quote, most telling first; five are shown.
    pub mentions: Vec<Mention>,
    /// The first negative mention of the wave.
    pub first: Option<Mention>,
    pub spread: Spread,
    /// Words and expressions that are new in the wave, most surprising first.
    pub news: Vec<Said>,
    pub coverage: Coverage,
    /// Mentions of the same time that count for nothing, by why.
    pub aside: Vec<(AsideKind, u64)>,
    /// Hourly, oldest first, seven days.
    pub history: Vec<ChartPoint>,
    /// Names of everybody who is told.
    pub recipients: Vec<String>,
    /// The clock that times are shown on.
    pub zone: TimeZone,
    /// How the thread began, for every message after its first.
    pub thread: Option<Thread>,
}

impl AlertFacts {
    /// The known risk that the alert is about, where the numbers alone would not have alerted.
    pub fn leading_risk(&self) -> Option<&Risk> {
        leading_risk(&self.incident, &self.watch)
    }
}

/// The known risk that makes an incident, where its numbers never would have: as it is now, or as
/// it was at the worst.
pub fn leading_risk<'a>(incident: &'a Incident, watch: &Watch) -> Option<&'a Risk> {
    let threshold = watch.sensitivity.threshold() + incident.caution;
    if incident.matter != Matter::BadBuzz || incident.worst.surprise >= threshold {
        return None;
    }
    incident.because.known_risk().or_else(|| incident.worst.known_risk())
}

/// How the thread of an incident began: what Gmail needs to keep it in one piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// Subject of the message that opened the thread or last raised it.
    pub subject: String,
    /// The level that subject names.
    pub level: crate::model::Level,
}

/// How many texts the negative mentions of the wave are, and how many copies of those.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spread {
    pub stories: u64,
    pub copies: u64,
}

/// A word or an expression, as strangers write it, and how many mentions say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub text: String,
    pub mentions: usize,
}

/// Who was listening when the numbers were made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Sources that answered in time.
    pub up: usize,
    /// Sources behind their rhythm, with the last time they answered.
    pub late: Vec<(SourceId, Timestamp)>,
    /// Sources that fail, with the last time they answered.
    pub silent: Vec<(SourceId, Timestamp)>,
}

impl Coverage {
    pub fn total(&self) -> usize {
        self.up + self.late.len() + self.silent.len()
    }
}

/// One hour of the chart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChartPoint {
    pub start: Timestamp,
    pub total: f64,
    pub negative: f64,
    /// Negative mentions that this hour usually brings, and where nine in ten such hours fall.
    pub expected_mean: f64,
    pub low: f64,
    pub high: f64,
}
