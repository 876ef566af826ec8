//! A finding: what one item means for one watch, with the evidence.

use serde::{Deserialize, Serialize};

use super::{Language, Timestamp, WatchId};

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
    /// Why it counts for nothing and alerts nobody; absent, it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aside: Option<Aside>,
}

/// Why a mention is kept and shown, but counts for nothing: the entry of the list that names its
/// author or site, or the rule that took it for spam with what made it so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "kebab-case")]
pub enum Aside {
    OwnAccount {
        entry: String,
    },
    OwnSite {
        entry: String,
    },
    Employee {
        entry: String,
    },
    Spam {
        rule: String,
        /// Words of the text and counts over it: `tirage au sort`, `12 hashtags`.
        signs: Vec<String>,
    },
}

impl Aside {
    pub fn kind(&self) -> AsideKind {
        match self {
            Aside::OwnAccount { .. } => AsideKind::OwnAccount,
            Aside::OwnSite { .. } => AsideKind::OwnSite,
            Aside::Employee { .. } => AsideKind::Employee,
            Aside::Spam { .. } => AsideKind::Spam,
        }
    }
}

impl std::fmt::Display for Aside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Aside::OwnAccount { entry } => write!(f, "`{entry}` is one of its own accounts"),
            Aside::OwnSite { entry } => write!(f, "`{entry}` is one of its own sites"),
            Aside::Employee { entry } => write!(f, "`{entry}` is an employee"),
            Aside::Spam { rule, signs } => write!(f, "spam ({rule}) by: {}", signs.join(", ")),
        }
    }
}

/// The word of an [`Aside`]: what is counted and labelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AsideKind {
    OwnAccount,
    OwnSite,
    Employee,
    Spam,
}

impl AsideKind {
    pub const ALL: [AsideKind; 4] =
        [AsideKind::OwnAccount, AsideKind::OwnSite, AsideKind::Employee, AsideKind::Spam];

    pub fn as_str(self) -> &'static str {
        match self {
            AsideKind::OwnAccount => "own-account",
            AsideKind::OwnSite => "own-site",
            AsideKind::Employee => "employee",
            AsideKind::Spam => "spam",
        }
    }

    pub fn parse(text: &str) -> Option<AsideKind> {
        AsideKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
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
    /// How sure the label is, 0 to 1: its weight, less where the language is doubtful or no model
    /// speaks it.
    #[serde(default)]
    pub confidence: f64,
    pub evidence: Vec<Evidence>,
    /// Who else had a say, in the order they were heard.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opinions: Vec<Opinion>,
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
            confidence: 0.0,
            evidence: Vec::new(),
            opinions: Vec::new(),
        }
    }

    /// What a tone weighs; unknown weighs nothing.
    pub fn weight(&self, tone: Tone) -> f64 {
        match tone {
            Tone::Negative => self.negative,
            Tone::Neutral => self.neutral,
            Tone::Positive => self.positive,
            Tone::Mixed => self.mixed,
            Tone::Unknown => 0.0,
        }
    }

    /// The tone with the most weight; neutral where it weighs as much as another.
    pub fn heaviest(&self) -> Tone {
        let tones = [Tone::Mixed, Tone::Positive, Tone::Negative, Tone::Neutral];
        let heaviest = tones.into_iter().max_by(|a, b| self.weight(*a).total_cmp(&self.weight(*b)));
        heaviest.unwrap_or(Tone::Neutral)
    }
}

/// What somebody else than our own model says of the tone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
pub enum Opinion {
    /// A person corrected this text, or one that it is a copy of: their word stands.
    Correction {
        tone: Tone,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    },
    /// A model named by the operator, with the share it has in the answer, 0 to 1.
    Second { negative: f64, neutral: f64, positive: f64, weight: f64 },
    /// That model was asked and gave no answer, so ours stands.
    SecondFailed { reason: String },
}

impl Opinion {
    /// Every answer of [`Opinion::from`].
    pub const FROM: [&str; 3] = ["correction", "second", "second-failed"];

    /// Who says so: the bounded word that labels the metric.
    pub fn from(&self) -> &'static str {
        match self {
            Opinion::Correction { .. } => Opinion::FROM[0],
            Opinion::Second { .. } => Opinion::FROM[1],
            Opinion::SecondFailed { .. } => Opinion::FROM[2],
        }
    }
}

/// What pulled the tone: weight below 0 is negative.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    pub start: usize,
    pub end: usize,
    pub text: String,
    pub weight: f64,
    #[serde(default, skip_serializing_if = "Ground::is_word")]
    pub ground: Ground,
}

/// What kind of thing pulled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ground {
    /// A word or expression of the text.
    #[default]
    Word,
    /// One that insults or is obscene.
    Profanity,
    /// The author's stars: they have no place in the text, `start` and `end` are 0.
    Rating,
}

impl Ground {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
    fn is_word(&self) -> bool {
        *self == Ground::Word
    }
}
