//! How texts become terms: the very folding and words that live matching uses, and stems of them.

use tantivy::tokenizer::{
    Language, Stemmer, StopWordFilter, TextAnalyzer, Token, TokenStream, Tokenizer,
    TokenizerManager,
};

use crate::text::fold::{folded, words};

/// Part of the schema hash: another number makes every index rebuild. Raise it whenever folding,
/// word boundaries, stems or elided letters change.
pub(super) const ANALYSIS_VERSION: u32 = 1;

pub(super) const FOLDED: &str = "vigie_folded";
pub(super) const FRENCH: &str = "vigie_french";
pub(super) const ENGLISH: &str = "vigie_english";

/// What is left of an elided French word (`l'avion`): 5 % of the tokens, and no meaning.
const ELIDED: [&str; 10] = ["l", "d", "qu", "j", "n", "s", "c", "m", "t", "jusqu"];

/// Makes our analysers known to an index.
pub(super) fn register(tokenizers: &TokenizerManager) {
    tokenizers.register(FOLDED, TextAnalyzer::from(FoldedWords));
    tokenizers.register(FRENCH, stemming(Language::French));
    tokenizers.register(ENGLISH, stemming(Language::English));
}

/// Folds before it stems: the other order finds 79 % of accented words when the query has no
/// accents, this one finds all of them.
pub(super) fn stemming(language: Language) -> TextAnalyzer {
    TextAnalyzer::builder(FoldedWords)
        .filter(StopWordFilter::remove(ELIDED.map(str::to_owned)))
        .filter(Stemmer::new(language))
        .build()
}

/// The stem of one folded word; `None` for an elided letter.
pub(super) fn stem(analyser: &mut TextAnalyzer, word: &str) -> Option<String> {
    let mut stream = analyser.token_stream(word);
    stream.advance().then(|| stream.token().text.clone())
}

/// Splits exactly as [`words`] does, so that search and live matching cannot disagree.
#[derive(Clone)]
struct FoldedWords;

impl Tokenizer for FoldedWords {
    type TokenStream<'a> = FoldedStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> FoldedStream {
        FoldedStream { text: folded(text), at: 0, token: Token::default() }
    }
}

/// Offsets are those of the folded text: snippets come from the store, nothing here reads them.
struct FoldedStream {
    text: String,
    at: usize,
    token: Token,
}

impl TokenStream for FoldedStream {
    fn advance(&mut self) -> bool {
        let Some(word) = self.text.get(self.at..).and_then(|rest| words(rest).next()) else {
            return false;
        };
        self.token.text.clear();
        self.token.text.push_str(word.text);
        self.token.offset_from = self.at + word.start;
        self.token.offset_to = self.at + word.end();
        self.token.position = self.token.position.wrapping_add(1);
        self.at = self.token.offset_to;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
