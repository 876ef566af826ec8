//! How a text speaks of a watch, with the words that made it so.

use crate::model::{Language, Sentiment, Span};
use crate::rules::Rules;

/// Scores a text. `masked` are the spans that name the watch: a brand called `Bon Prix` says
/// nothing good by its name.
pub fn score(_text: &str, _language: Language, _masked: &[Span], _rules: &Rules) -> Sentiment {
    todo!()
}
