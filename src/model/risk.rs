//! A risk: what makes mentions dangerous beside their number.

use serde::{Deserialize, Serialize};

use super::{Seq, Tone};

/// One reason to look closer, with the mentions behind it. Risks are found by `crate::risk` in what
/// was heard lately; they reach the incident, the mail and the test unchanged.
///
/// `usual` is always in the unit of what it stands beside: what this watch is used to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "risk", rename_all = "kebab-case")]
pub enum Risk {
    /// A known risk: a topic of the rules, said by so many within so many hours. `mentions` and
    /// `usual` are mentions in these hours, copies included.
    Topic {
        topic: String,
        mentions: u32,
        authors: u32,
        hours: u32,
        #[serde(default)]
        usual: f64,
        seqs: Vec<Seq>,
    },
    /// The press took it up: so many sites within a day, with so many different texts. One story
    /// on many sites is an agency's.
    Press {
        sites: Vec<String>,
        #[serde(default)]
        stories: u32,
        /// Sites a day.
        #[serde(default)]
        usual: f64,
        seqs: Vec<Seq>,
    },
    /// One post spreads faster than others of its author's class: `per_hour` and `usual` are
    /// `measure` an hour since it was published.
    Viral {
        seq: Seq,
        #[serde(default)]
        measure: Measure,
        per_hour: f64,
        usual: f64,
        #[serde(default = "unknown")]
        tone: Tone,
    },
    /// A negative mention by somebody whom very many read. `reach` and `usual` are followers.
    Audience { seq: Seq, reach: u64, usual: f64 },
    /// Copies of one text by many accounts within minutes: a campaign rather than a crowd.
    Coordinated { copies: u32, authors: u32, minutes: u32, seqs: Vec<Seq> },
}

/// What of a post is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// Likes, replies and twice the shares: what people did with it.
    #[default]
    Reactions,
    /// Where nothing else is counted.
    Views,
}

fn unknown() -> Tone {
    Tone::Unknown
}

impl Risk {
    /// Its word in logs, metrics and JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Risk::Topic { .. } => "topic",
            Risk::Press { .. } => "press",
            Risk::Viral { .. } => "viral",
            Risk::Audience { .. } => "audience",
            Risk::Coordinated { .. } => "coordinated",
        }
    }

    /// The mentions behind it, oldest first.
    pub fn seqs(&self) -> &[Seq] {
        match self {
            Risk::Topic { seqs, .. }
            | Risk::Press { seqs, .. }
            | Risk::Coordinated { seqs, .. } => seqs,
            Risk::Viral { seq, .. } | Risk::Audience { seq, .. } => std::slice::from_ref(seq),
        }
    }
}
