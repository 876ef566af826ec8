//! From a folded text to what scoring looks at: words, symbols, the ends of clauses and sentences,
//! and which of them lie in a quotation or name the watch.

use std::borrow::Cow;

use crate::model::Span;
use crate::rules::{Lexicon, Weight};
use crate::text::fold::{self, Folded};

/// More of a text is not read: an article's tone is clear by then, and the cost is bounded.
const MOST_TOKENS: usize = 4_000;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind<'a> {
    Word {
        text: Cow<'a, str>,
        elongated: bool,
        capitals: bool,
    },
    /// A hashtag as a whole, without `#`; the words that it is made of follow as words.
    Hashtag(&'a str),
    /// The name of an account.
    Account,
    /// A link.
    Address,
    /// An emoji or an emoticon, with its weight when a lexicon has one.
    Symbol {
        text: &'a str,
        weight: Option<Weight>,
    },
    /// A sign that ends a clause.
    Clause(char),
    /// A quotation mark.
    Quote,
    /// A line feed, or a run of `.`, `!` and `?`, this long.
    Sentence {
        question: bool,
        exclamation: bool,
        length: usize,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token<'a> {
    pub kind: Kind<'a>,
    /// Place in the original text.
    pub span: Span,
    pub quoted: bool,
    pub masked: bool,
}

impl Token<'_> {
    /// The word, unless it names the watch.
    pub(super) fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word { text, .. } if !self.masked => Some(text),
            _ => None,
        }
    }

    pub(super) fn is_word(&self) -> bool {
        matches!(self.kind, Kind::Word { .. })
    }

    /// Whether it stands beside the sentence rather than in it.
    pub(super) fn is_aside(&self) -> bool {
        matches!(self.kind, Kind::Quote | Kind::Hashtag(_))
    }
}

/// Reads `folded`, which was folded from `original`.
pub(super) fn tokens<'a>(
    original: &str,
    folded: &'a Folded,
    masked: &[Span],
    symbols: &[&Lexicon],
) -> Vec<Token<'a>> {
    let out = Vec::with_capacity(folded.text.len() / 4 + 4);
    let mut reader = Reader { original, folded, masked, symbols, out };
    let mut at = 0;
    while let Some(rest) = folded.text.get(at..).filter(|rest| !rest.is_empty()) {
        if reader.out.len() >= MOST_TOKENS {
            break;
        }
        at += reader.step(at, rest).max(1);
    }
    let mut tokens = reader.out;
    mark_quotations(original, &mut tokens);
    tokens
}

struct Reader<'a, 'o> {
    original: &'o str,
    folded: &'a Folded,
    masked: &'o [Span],
    symbols: &'o [&'o Lexicon],
    out: Vec<Token<'a>>,
}

impl<'a> Reader<'a, '_> {
    /// Reads one token at the beginning of `rest`; returns the bytes that it took.
    fn step(&mut self, at: usize, rest: &'a str) -> usize {
        let Some(first) = rest.chars().next() else { return 1 };
        if first.is_alphanumeric() {
            if let Some(len) = address(rest) {
                self.push(Kind::Address, at, len);
                return len;
            }
            let len = word_length(rest);
            self.word(at, rest.get(..len).unwrap_or(rest));
            return len;
        }
        match first {
            ' ' => return 1,
            '\n' => {
                self.push(Kind::Sentence { question: false, exclamation: false, length: 1 }, at, 1);
                return 1;
            }
            '@' => {
                let name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '@');
                let len = rest.find(|c| !name(c)).unwrap_or(rest.len());
                self.push(Kind::Account, at, len);
                return len;
            }
            '#' => {
                let tag = |c: char| c.is_alphanumeric() || c == '_';
                let body = rest.get(1..).unwrap_or_default();
                let len = body.find(|c| !tag(c)).unwrap_or(body.len());
                if len > 0 {
                    self.hashtag(at, body.get(..len).unwrap_or(body));
                    return 1 + len;
                }
            }
            _ => {}
        }
        self.sign(at, rest, first)
    }

    /// Punctuation, emoji and emoticons.
    fn sign(&mut self, at: usize, rest: &'a str, first: char) -> usize {
        let known = self.symbols.iter().filter_map(|lexicon| lexicon.symbols.at(rest));
        if let Some((len, weight)) = known.max_by_key(|(len, _)| *len) {
            let text = rest.get(..len).unwrap_or(rest);
            self.push(Kind::Symbol { text, weight: Some(weight) }, at, len);
            return len;
        }
        let one = first.len_utf8();
        match first {
            '.' | '!' | '?' => {
                let len = rest.find(|c| !matches!(c, '.' | '!' | '?')).unwrap_or(rest.len());
                let run = rest.get(..len).unwrap_or(rest);
                let (question, exclamation) = (run.contains('?'), run.contains('!'));
                self.push(Kind::Sentence { question, exclamation, length: len }, at, len);
                return len;
            }
            ',' | ';' | ':' | '(' | ')' | '|' => self.push(Kind::Clause(first), at, one),
            '"' | '«' | '»' | '“' | '”' => self.push(Kind::Quote, at, one),
            _ if is_emoji(first) => {
                let text = rest.get(..one).unwrap_or(rest);
                self.push(Kind::Symbol { text, weight: None }, at, one);
            }
            _ => {}
        }
        one
    }

    /// The whole tag, then its words: where its author wrote capitals or low lines.
    fn hashtag(&mut self, at: usize, folded: &'a str) {
        self.push(Kind::Hashtag(folded), at, 1 + folded.len());
        let Span { start, end } = self.folded.original(at + 1, at + 1 + folded.len());
        let written = self.original.get(start..end).unwrap_or_default();
        for part in fold::tag_parts(written) {
            let from = self.folded.position(start + part.start);
            let to = self.folded.position(start + part.end);
            if let Some(word) = self.folded.text.get(from..to).filter(|word| !word.is_empty()) {
                self.word(from, word);
            }
        }
    }

    fn word(&mut self, at: usize, word: &'a str) {
        let text = squeezed(word, 2);
        let elongated = matches!(text, Cow::Owned(_));
        let span = self.folded.original(at, at + word.len());
        let written = self.original.get(span.start..span.end).unwrap_or_default();
        let capitals = word.len() >= 3
            && !written.chars().any(char::is_lowercase)
            && written.chars().count() >= 3
            && written.chars().any(char::is_alphabetic);
        self.push(Kind::Word { text, elongated, capitals }, at, word.len());
    }

    fn push(&mut self, kind: Kind<'a>, at: usize, len: usize) {
        let mut span = self.folded.original(at, at + len);
        if span.end <= span.start {
            // One character that folded into several (`½`): the evidence is the whole of it.
            let next = self.original.get(span.start..).and_then(|rest| rest.chars().next());
            span.end = span.start + next.map_or(0, char::len_utf8);
        }
        let masked = self.masked.iter().any(|mask| mask.start < span.end && span.start < mask.end);
        self.out.push(Token { kind, span, quoted: false, masked });
    }
}

/// The bytes of a link at the beginning of `rest`. Collections of posts often keep nothing of it
/// but the bare word `http`.
fn address(rest: &str) -> Option<usize> {
    let whole = || Some(rest.find(char::is_whitespace).unwrap_or(rest.len()));
    if let Some(after) = rest.strip_prefix("http") {
        let after = after.strip_prefix('s').unwrap_or(after);
        if after.starts_with("://") {
            return whole();
        }
        return rest
            .strip_prefix("http")?
            .starts_with(char::is_whitespace)
            .then_some(4)
            .or_else(|| (rest == "http").then_some(4));
    }
    if rest.starts_with("www.") { whole() } else { None }
}

fn word_length(rest: &str) -> usize {
    let ascii = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
    match rest.as_bytes().get(ascii) {
        Some(byte) if !byte.is_ascii() => {
            rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len())
        }
        _ => ascii,
    }
}

/// The blocks where pictures live; skin tones only colour the sign before them.
fn is_emoji(c: char) -> bool {
    let skin = matches!(c, '\u{1f3fb}'..='\u{1f3ff}');
    let block = matches!(c, '\u{1f300}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}'
        | '\u{1f1e6}'..='\u{1f1ff}' | '\u{2b50}' | '\u{2b55}' | '\u{231a}' | '\u{231b}'
        | '\u{23e9}'..='\u{23f3}');
    block && !skin
}

/// Runs of equal letters cut to `most`: `nuuuul` is `nuul` with 2 and `nul` with 1.
pub(super) fn squeezed(word: &str, most: usize) -> Cow<'_, str> {
    let longer = word.as_bytes().windows(most + 1);
    let run =
        |bytes: &[u8]| bytes.iter().all(|byte| byte.is_ascii_alphabetic() && *byte == bytes[0]);
    if word.is_ascii() && !longer.into_iter().any(run) {
        return Cow::Borrowed(word);
    }
    let (mut last, mut length) = (None, 0);
    let mut short = String::with_capacity(word.len());
    for c in word.chars() {
        length = if last == Some(c) { length + 1 } else { 1 };
        last = Some(c);
        if !c.is_alphabetic() || length <= most {
            short.push(c);
        }
    }
    if short.len() == word.len() { Cow::Borrowed(word) } else { Cow::Owned(short) }
}

/// Marks what stands between « », “ ” or straight quotation marks. A text that is nothing but a
/// quotation is the author's choice of words, and counts as such.
fn mark_quotations(original: &str, tokens: &mut [Token<'_>]) {
    if !tokens.iter().any(|token| token.kind == Kind::Quote) {
        return;
    }
    let mut open: Option<(char, usize)> = None;
    let mut quotations = Vec::new();
    for (at, c) in original.char_indices() {
        match (open, c) {
            (None, '«' | '“' | '"') => open = Some((c, at)),
            (Some(('«', start)), '»') | (Some(('“', start)), '”') | (Some(('"', start)), '"') =>
            {
                quotations.push((start, at));
                open = None;
            }
            _ => {}
        }
    }
    let mut quotations = quotations.into_iter().peekable();
    for token in tokens.iter_mut() {
        while quotations.next_if(|(_, end)| *end <= token.span.start).is_some() {}
        token.quoted = quotations.peek().is_some_and(|(start, _)| *start < token.span.start);
    }
    let outside = tokens.iter().filter(|token| token.is_word() && !token.quoted).count();
    if outside == 0 {
        for token in tokens {
            token.quoted = false;
        }
    }
}
