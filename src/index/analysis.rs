//! How texts become terms: the very words that live matching looks at, at the very same places.

use tantivy::tokenizer::{PreTokenizedString, Token};

/// Part of the schema hash: another number makes every index rebuild. Raise it whenever folding,
/// word boundaries, the cutting of tags or the spelling of a field's values change.
pub(super) const ANALYSIS_VERSION: u32 = 2;

/// Words at the positions 0, 1, 2 …
///
/// Nothing is stemmed: a search finds what a watch with the same query finds, and `~word` asks for
/// singular and plural in both.
pub(super) fn tokens<'w>(words: impl Iterator<Item = &'w str>) -> PreTokenizedString {
    let token = |(position, word): (usize, &str)| Token {
        position,
        text: word.to_owned(),
        ..Token::default()
    };
    // The text itself is not stored: what is shown comes from the store.
    PreTokenizedString { text: String::new(), tokens: words.enumerate().map(token).collect() }
}
