//! A risk: what makes mentions dangerous beside their number.

use serde::{Deserialize, Serialize};

use super::Seq;

/// One reason to look closer, with the mentions behind it. Risks are found by `crate::risk` in what
/// was heard lately; they reach the incident, the mail and the test unchanged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "risk", rename_all = "kebab-case")]
pub enum Risk {
    /// A known risk: a topic of the rules, said by so many within so many hours.
    Topic { topic: String, mentions: u32, authors: u32, hours: u32, seqs: Vec<Seq> },
    /// One post spreads faster than others of its author's class.
    Viral { seq: Seq, per_hour: f64, usual: f64 },
    /// A negative mention by somebody whom very many read.
    Audience { seq: Seq, reach: u64, usual: f64 },
    /// The press took it up: so many sites.
    Press { sites: Vec<String>, seqs: Vec<Seq> },
    /// Copies of one text by many accounts within minutes: a campaign rather than a crowd.
    Coordinated { copies: u32, authors: u32, minutes: u32, seqs: Vec<Seq> },
}

impl Risk {
    /// Its word in logs, metrics and JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Risk::Topic { .. } => "topic",
            Risk::Viral { .. } => "viral",
            Risk::Audience { .. } => "audience",
            Risk::Press { .. } => "press",
            Risk::Coordinated { .. } => "coordinated",
        }
    }
}
