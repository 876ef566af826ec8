//! A watch: what a team wants to know about.

use serde::{Deserialize, Serialize};

use super::{Lang, Roster, WatchId};

/// One brand, product or person, as configured. The query is text here and compiled in `query/`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    pub id: WatchId,
    /// As written in mails: `Acme`.
    pub name: String,
    pub query: String,
    /// Languages to keep; empty keeps all.
    pub languages: Vec<Lang>,
    pub sensitivity: Sensitivity,
    /// IANA zone whose clock the usual rhythm follows: `Europe/Paris`.
    pub timezone: String,
    /// Who is told: ids of `[[recipient]]`.
    pub recipients: Vec<String>,
    /// Whose voice does not count.
    #[serde(default)]
    pub roster: Roster,
}

impl Watch {
    /// All that decides which mentions it finds and which of them count, as one text: when it
    /// changes, the stored past is read again. Languages in order and lists first, then the query,
    /// which may have several lines.
    pub fn definition(&self) -> String {
        let mut languages: Vec<&str> = self.languages.iter().map(Lang::code).collect();
        languages.sort_unstable();
        languages.dedup();
        format!("{}{}\n{}", languages.join(","), self.roster.definition(), self.query)
    }
}

/// How soon to shout, in a word; each is tied to a false-alarm budget (see `velocity`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sensitivity {
    Prudent,
    #[default]
    Balanced,
    Sensitive,
}

impl Sensitivity {
    pub const ALL: [Sensitivity; 3] =
        [Sensitivity::Prudent, Sensitivity::Balanced, Sensitivity::Sensitive];

    pub fn as_str(self) -> &'static str {
        match self {
            Sensitivity::Prudent => "prudent",
            Sensitivity::Balanced => "balanced",
            Sensitivity::Sensitive => "sensitive",
        }
    }

    /// False alarms that it may raise in a month of one watch.
    pub fn budget(self) -> f64 {
        match self {
            Sensitivity::Prudent => 0.01,
            Sensitivity::Balanced => 0.1,
            Sensitivity::Sensitive => 0.68,
        }
    }

    /// Surprise at which an incident may open (`velocity.md` §3: 0.01, 0.10 and 0.68 false alarms
    /// in a brand-month).
    pub fn threshold(self) -> f64 {
        match self {
            Sensitivity::Prudent => 4.0,
            Sensitivity::Balanced => 2.9,
            Sensitivity::Sensitive => 2.3,
        }
    }
}
