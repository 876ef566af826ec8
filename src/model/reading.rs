//! A reading: everything the velocity detector says about a watch at one instant.

use serde::{Deserialize, Serialize};

use super::{Risk, Timestamp};

/// The numbers behind a decision. They reach the incident, the mail, the metric and the test
/// unchanged, so that whoever is woken can check them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    pub at: Timestamp,
    /// Length of the window that was the most surprising, in minutes.
    pub window_minutes: u32,
    /// Negative mentions in the window, copies and repeated authors weighted down.
    pub observed: f64,
    /// Negative mentions that this hour of this weekday usually brings in such a window.
    pub expected: f64,
    /// Where nine windows out of ten fall.
    pub usual_low: f64,
    pub usual_high: f64,
    /// All mentions in the window, weighted like `observed`.
    pub total: f64,
    /// Negative mentions in the window, each counted once.
    pub raw_negative: f64,
    /// Distinct authors of negative mentions in the window.
    pub authors: f64,
    /// Source kinds with at least two negative mentions each in the window.
    pub kinds: u32,
    /// Share of negatives now, and as learned; 0 to 1.
    pub share: f64,
    pub usual_share: f64,
    /// Share of the negative mentions that repeat a text or an author; 0 to 1.
    pub copies: f64,
    /// −log10 of the probability of a rate this high on a usual day; 0 when below expectation.
    pub surprise_velocity: f64,
    /// −log10 of the probability of a negative share this high.
    pub surprise_share: f64,
    /// The joined surprise over all windows, cold start deducted: what the threshold is held to.
    pub surprise: f64,
    /// The same over the windows of 3 hours and less: what says that it goes on.
    pub surprise_now: f64,
    /// 0 to 100: what people see; and the same on windows of 3 hours and less.
    pub score: f64,
    pub score_now: f64,
    /// The terms that add up to `score`.
    pub terms: Vec<ScoreTerm>,
    /// Hours of exposure learned so far: below 24 the watch is new and told as such.
    pub learned_hours: f64,
    /// How many mentions there are of every tone, against what is usual.
    #[serde(default)]
    pub volume: Volume,
    /// Share of the usual volume that could be heard in the last hour, 0 to 1.
    #[serde(default = "all")]
    pub audible: f64,
    /// Planned events that widen what is expected now.
    #[serde(default)]
    pub planned: Vec<Planned>,
    /// What makes the mentions dangerous beside their number, the gravest first.
    #[serde(default)]
    pub risks: Vec<Risk>,
}

fn all() -> f64 {
    1.0
}

impl Reading {
    /// How many times the expected rate; against at least a tenth of a mention, so that a first
    /// mention ever is not infinitely surprising.
    pub fn factor(&self) -> f64 {
        self.observed / self.expected.max(0.1)
    }

    /// The gravest known risk: a topic whose rule asks for an alert.
    pub fn known_risk(&self) -> Option<&Risk> {
        self.risks.iter().find(|risk| matches!(risk, Risk::Topic { .. }))
    }
}

/// One term of the score: `surprise 58.1`, `authors 3.2`, `copies −4.5`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreTerm {
    pub name: String,
    pub value: f64,
}

/// The volume channel: mentions of every tone in the window that surprises the most, whether there
/// are many or few.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Volume {
    /// Length of the window in minutes; 0 before anything was read.
    pub window_minutes: u32,
    /// Mentions in it, copies and repeated authors weighted down.
    pub observed: f64,
    pub expected: f64,
    /// Where nine windows out of ten fall.
    pub usual_low: f64,
    pub usual_high: f64,
    /// Positive mentions in it, weighted like `observed`.
    pub positive: f64,
    /// −log10 of the probability of so many; 0 when below expectation.
    pub surge: f64,
    /// −log10 of the probability of so few; 0 when above expectation.
    pub lull: f64,
}

impl Volume {
    /// How many times the expected volume; against at least a tenth of a mention.
    pub fn factor(&self) -> f64 {
        self.observed / self.expected.max(0.1)
    }
}

/// A planned event: what a team declared in `[[event]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    /// As the team calls it: `Spring campaign`.
    pub name: String,
    /// How many times the usual volume it is expected to bring.
    pub factor: f64,
    pub until: Timestamp,
}
