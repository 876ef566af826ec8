//! A finding: what one item means for one watch, with the evidence.

use serde::{Deserialize, Serialize};

use super::{Language, WatchId};

/// A piece of a text: byte offsets on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

/// Offsets of spans and evidence are into the item's *full text*: title, a line feed, text;
/// the text alone when there is no title (see [`full_text`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub watch: WatchId,
    /// What made the watch's query match, in order.
    pub spans: Vec<Span>,
    pub language: Language,
    pub sentiment: Sentiment,
    /// Crisis topics, by name (`rappel`, `data-breach`), sorted.
    pub topics: Vec<String>,
}

/// The text that spans and evidence point into.
pub fn full_text(title: &str, text: &str) -> String {
    match (title.is_empty(), text.is_empty()) {
        (true, _) => text.to_owned(),
        (false, true) => title.to_owned(),
        (false, false) => format!("{title}\n{text}"),
    }
}

/// How a text speaks of the watch. Mixed is an answer; unknown is one too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    Negative,
    Neutral,
    Positive,
    Mixed,
    Unknown,
}

impl Tone {
    pub const ALL: [Tone; 5] =
        [Tone::Negative, Tone::Neutral, Tone::Positive, Tone::Mixed, Tone::Unknown];

    pub fn as_str(self) -> &'static str {
        match self {
            Tone::Negative => "negative",
            Tone::Neutral => "neutral",
            Tone::Positive => "positive",
            Tone::Mixed => "mixed",
            Tone::Unknown => "unknown",
        }
    }

    pub fn parse(text: &str) -> Option<Tone> {
        Tone::ALL.into_iter().find(|tone| tone.as_str() == text)
    }
}

/// A tone with its weights (each 0 to 1, together 1) and the words that made it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sentiment {
    pub label: Tone,
    pub negative: f64,
    pub neutral: f64,
    pub positive: f64,
    pub mixed: f64,
    pub evidence: Vec<Evidence>,
}

impl Sentiment {
    /// What is said of a text in which nothing could be read.
    pub fn unknown() -> Sentiment {
        Sentiment {
            label: Tone::Unknown,
            negative: 0.0,
            neutral: 1.0,
            positive: 0.0,
            mixed: 0.0,
            evidence: Vec::new(),
        }
    }
}

/// A word or expression that pulled the tone: weight below 0 is negative.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    pub start: usize,
    pub end: usize,
    pub text: String,
    pub weight: f64,
}
