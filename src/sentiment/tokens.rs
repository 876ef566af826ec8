//! From a folded text to what scoring looks at: words, symbols, the ends of clauses and sentences,
//! and which of them lie in a quotation or name the watch.

use std::borrow::Cow;

use crate::model::Span;
use crate::rules::Lexicon;
use crate::text::fold::Folded;

/// More of a text is not read: an article's tone is clear by then, and the cost is bounded.
const MOST_TOKENS: usize = 4_000;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind<'a> {
    Word {
        text: Cow<'a, str>,
        elongated: bool,
        capitals: bool,
    },
    /// An emoji or emoticon of the lexicon, with its weight.
    Symbol(f64),
    Clause,
    Sentence {
        question: bool,
        exclamation: bool,
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
}

/// Reads `folded`, which was folded from `original`. Addresses and account names say nothing.
pub(super) fn tokens<'a>(
    original: &str,
    folded: &'a Folded,
    masked: &[Span],
    symbols: &[&Lexicon],
) -> Vec<Token<'a>> {
    let mut reader = Reader { original, folded, masked, out: Vec::new() };
    let mut at = 0;
    while let Some(rest) = folded.text.get(at..).filter(|rest| !rest.is_empty()) {
        if reader.out.len() >= MOST_TOKENS {
            break;
        }
        at += reader.step(at, rest, symbols).max(1);
    }
    let mut tokens = reader.out;
    mark_quotations(original, &mut tokens);
    tokens
}

struct Reader<'a, 'o> {
    original: &'o str,
    folded: &'a Folded,
    masked: &'o [Span],
    out: Vec<Token<'a>>,
}

impl<'a> Reader<'a, '_> {
    /// Reads one token at the beginning of `rest`; returns the bytes that it took.
    fn step(&mut self, at: usize, rest: &'a str, symbols: &[&Lexicon]) -> usize {
        let Some(first) = rest.chars().next() else { return 1 };
        if ["http://", "https://", "www."].iter().any(|address| rest.starts_with(address)) {
            return rest.find(char::is_whitespace).unwrap_or(rest.len());
        }
        if first == '@' {
            let name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '@');
            return rest.find(|c| !name(c)).unwrap_or(rest.len());
        }
        if first.is_alphanumeric() {
            let len = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
            self.word(at, rest.get(..len).unwrap_or(rest));
            return len;
        }
        if !first.is_whitespace()
            && let Some((symbol, weight)) = symbol_at(rest, symbols)
        {
            self.push(Kind::Symbol(*weight), at, symbol.len());
            return symbol.len();
        }
        match first {
            '.' | '!' | '?' => {
                let len = rest.find(|c| !matches!(c, '.' | '!' | '?')).unwrap_or(rest.len());
                let run = rest.get(..len).unwrap_or(rest);
                let (question, exclamation) = (run.contains('?'), run.contains('!'));
                self.push(Kind::Sentence { question, exclamation }, at, len);
                return len;
            }
            '\n' => self.push(Kind::Sentence { question: false, exclamation: false }, at, 1),
            ',' | ';' | ':' | '(' | ')' | '|' => self.push(Kind::Clause, at, 1),
            _ => {}
        }
        first.len_utf8()
    }

    fn word(&mut self, at: usize, word: &'a str) {
        let text = squeezed(word, 2);
        let elongated = matches!(text, Cow::Owned(_));
        let span = self.folded.original(at, at + word.len());
        let written = self.original.get(span.start..span.end).unwrap_or_default();
        let capitals = written.chars().count() >= 3 && !written.chars().any(char::is_lowercase);
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

/// The longest symbol of all lexicons at the beginning of `rest`.
fn symbol_at<'l>(rest: &str, lexicons: &[&'l Lexicon]) -> Option<&'l (String, f64)> {
    let symbols = lexicons.iter().flat_map(|lexicon| &lexicon.symbols);
    symbols.filter(|(symbol, _)| stands(symbol, rest)).max_by_key(|(symbol, _)| symbol.len())
}

fn stands(symbol: &str, rest: &str) -> bool {
    rest.strip_prefix(symbol).is_some_and(|after| {
        let open_end = symbol.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '/');
        !(open_end && after.starts_with(|c: char| c.is_alphanumeric() || c == '/'))
    })
}

/// Runs of equal letters cut to `most`: `nuuuul` is `nuul` with 2 and `nul` with 1.
pub(super) fn squeezed(word: &str, most: u32) -> Cow<'_, str> {
    let long = |(a, b): (char, char)| a == b && a.is_alphabetic();
    let pairs = word.chars().zip(word.chars().skip(1));
    let runs = pairs.clone().zip(pairs.skip(1)).any(|(a, b)| long(a) && long(b));
    if !runs && (most > 1 || !word.chars().zip(word.chars().skip(1)).any(long)) {
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
    Cow::Owned(short)
}

/// Marks what stands between « », “ ” or straight quotation marks. A text that is nothing but a
/// quotation is the author's choice of words, and counts as such.
fn mark_quotations(original: &str, tokens: &mut [Token<'_>]) {
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
    let word = |token: &&mut Token<'_>| matches!(token.kind, Kind::Word { .. });
    let outside = tokens.iter_mut().filter(word).filter(|token| !token.quoted).count();
    if outside == 0 {
        for token in tokens {
            token.quoted = false;
        }
    }
}
