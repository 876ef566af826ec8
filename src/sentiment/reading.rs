//! A text as scoring reads it: its tokens, what each of them is, and the polar words among them.

use crate::model::{Lang, Span};
use crate::rules::{Lexicon, Rules};
use crate::text::fold::Folded;

use super::scope::{self, Hit, Part};
use super::tokens::{self, Token};

/// Made once for each text; lexicon and model both speak of it.
#[derive(Debug, Clone)]
pub(super) struct Reading<'a> {
    pub tokens: Vec<Token<'a>>,
    /// One for each token.
    pub parts: Vec<Part>,
    /// In order.
    pub hits: Vec<Hit>,
    /// A lexicon of its language was at hand.
    pub spoken: bool,
}

impl<'a> Reading<'a> {
    /// Reads `folded`, which was folded from `original`, with the words of a language (none where
    /// it is unknown or has no lexicon) and the signs of all.
    pub(super) fn new(
        original: &str,
        folded: &'a Folded,
        masked: &[Span],
        lang: Option<Lang>,
        rules: &Rules,
    ) -> Reading<'a> {
        let own = lang.and_then(|lang| rules.lexicon(Some(lang)));
        let lexicons: Vec<&Lexicon> = own.into_iter().chain(rules.lexicon(None)).collect();
        let tokens = tokens::tokens(original, folded, masked, &lexicons);
        let parts = scope::parts(&tokens, own);
        let hits = scope::hits(&tokens, &parts);
        Reading { tokens, parts, hits, spoken: own.is_some() }
    }
}
