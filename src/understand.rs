//! What an item means for each watch: match, language, sentiment, topics.

use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::model::{Finding, Item, Lang, Language, Sentiment, Span, Watch, WatchId};
use crate::query::{Query, QuerySet};
use crate::rules::Rules;

/// Watches with their queries compiled, ready to be asked about many texts.
#[derive(Debug, Clone, Default)]
pub struct Watches {
    watches: Vec<Watch>,
    queries: QuerySet,
}

impl Watches {
    /// Reads the query of each watch; all problems at once, spans are bytes of the query's text.
    pub fn compile(watches: &[Watch]) -> Result<Watches, Vec<(WatchId, Diagnostic)>> {
        let _ = watches;
        todo!()
    }

    /// The watches with their queries, in the order they were given.
    pub fn iter(&self) -> impl Iterator<Item = (&Watch, &Query)> {
        self.watches.iter().zip(self.queries.queries())
    }
}

/// One finding for each watch that the item matches; none means that the item is forgotten.
///
/// `source_lang` is the language of the source where the item does not declare its own.
pub fn understand(
    _item: &Item,
    _source_lang: Option<Lang>,
    _watches: &Watches,
    _rules: &Rules,
) -> Vec<Finding> {
    todo!()
}

/// All that can be said of one text, for whoever asks why (`vigie explain`).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    pub language: Language,
    pub sentiment: Sentiment,
    pub topics: Vec<String>,
    pub matches: Vec<Match>,
    /// The watches that did not match, each with its reason.
    pub declined: Vec<Declined>,
}

/// A watch that matched, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Match {
    pub watch: WatchId,
    pub spans: Vec<Span>,
}

/// A watch that did not match, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Declined {
    pub watch: WatchId,
    pub reason: Reason,
}

/// Why a watch did not keep a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// What it asks for is not there.
    NotFound,
    /// What it asks for is there, and so is something that it excludes.
    Excluded,
    /// It matches, but keeps other languages only.
    Language,
}

/// Explains a text: a title may be empty; `lang` is what the source says or the user forces.
pub fn explain(
    _title: &str,
    _text: &str,
    _lang: Option<Lang>,
    _watches: &Watches,
    _rules: &Rules,
) -> Explanation {
    todo!()
}
