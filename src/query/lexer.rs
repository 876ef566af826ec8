//! Cuts the text of a query into tokens.

use std::ops::Range;

use crate::diagnostic::Diagnostic;
use crate::text::fold::{folded, tag_parts, words};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Phrase { words: Vec<String>, prefix: bool },
    And,
    Or,
    Not,
    Open,
    Close,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed {
    pub token: Token,
    pub span: Range<usize>,
}

/// The tokens that could be read, and what could not.
pub(super) fn lex(text: &str) -> (Vec<Placed>, Vec<Diagnostic>) {
    let mut lexer = Lexer { text, tokens: Vec::new(), problems: Vec::new() };
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        at = lexer.token(at, c);
    }
    (lexer.tokens, lexer.problems)
}

struct Lexer<'t> {
    text: &'t str,
    tokens: Vec<Placed>,
    problems: Vec<Diagnostic>,
}

impl Lexer<'_> {
    /// Reads the token that begins at `at` with `c`; returns where the next one may begin.
    fn token(&mut self, at: usize, c: char) -> usize {
        let next = at + c.len_utf8();
        match c {
            c if c.is_whitespace() => return next,
            '(' => self.push(Token::Open, at..next),
            ')' => self.push(Token::Close, at..next),
            '"' => return self.quoted(at, next, '"'),
            '«' => return self.quoted(at, next, '»'),
            '“' => return self.quoted(at, next, '”'),
            '-' if self.glued(next) => self.push(Token::Not, at..next),
            _ => return self.bare(at),
        }
        next
    }

    fn push(&mut self, token: Token, span: Range<usize>) {
        self.tokens.push(Placed { token, span });
    }

    /// Whether something that can be excluded follows at once.
    fn glued(&self, at: usize) -> bool {
        let next = self.text.get(at..).and_then(|rest| rest.chars().next());
        next.is_some_and(|c| !c.is_whitespace() && c != ')')
    }

    fn quoted(&mut self, open: usize, inside: usize, close: char) -> usize {
        let rest = self.text.get(inside..).unwrap_or_default();
        let Some(length) = rest.find(close) else {
            let problem = Diagnostic::error(open..self.text.len(), "this quotation never ends");
            self.problems
                .push(problem.label("opened here").help(format!("add `{close}` after it")));
            return self.text.len();
        };
        let end = inside + length + close.len_utf8();
        let content = rest.get(..length).unwrap_or_default().trim();
        self.phrase(content, open..end, false);
        end
    }

    fn bare(&mut self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        let ends =
            |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | '«' | '»' | '“' | '”');
        // The first character is part of the word whatever it is, so that each step advances.
        let first = rest.chars().next().map_or(1, char::len_utf8);
        let length = rest.get(first..).and_then(|r| r.find(ends)).map_or(rest.len(), |n| n + first);
        let word = rest.get(..length).unwrap_or_default();
        let span = at..at + length;
        match word {
            // Capitals only: `et` and `ou` are words that people look for inside phrases.
            "AND" | "ET" => self.push(Token::And, span),
            "OR" | "OU" => self.push(Token::Or, span),
            "NOT" | "SAUF" => self.push(Token::Not, span),
            _ if word.starts_with('@') => self.handle(word, span),
            _ => match word.strip_prefix('#') {
                Some(tag) => self.hashtag(tag, span),
                None => self.phrase(word, span, true),
            },
        }
        at + length
    }

    fn handle(&mut self, word: &str, span: Range<usize>) {
        let (word, prefix) = star(word);
        let handle = folded(word.trim_end_matches(['.', '-', '@']));
        let name = handle.trim_start_matches('@');
        let good = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '@');
        if name.is_empty() || !name.chars().all(good) {
            let title = format!("`{word}` names no account");
            let help = "write the handle as it is shown: `@sncf_connect`";
            self.problems.push(Diagnostic::error(span, title).help(help));
            return;
        }
        self.finish(vec![format!("@{name}")], prefix, span);
    }

    fn hashtag(&mut self, tag: &str, span: Range<usize>) {
        let (tag, prefix) = star(tag);
        let parts = tag_parts(tag).into_iter().filter_map(|part| tag.get(part));
        let text = parts.collect::<Vec<_>>().join(" ");
        self.phrase_of(&text, prefix, span, false);
    }

    fn phrase(&mut self, text: &str, span: Range<usize>, bare: bool) {
        let (text, prefix) = star(text);
        self.phrase_of(text, prefix, span, bare);
    }

    fn phrase_of(&mut self, text: &str, prefix: bool, span: Range<usize>, bare: bool) {
        if text.contains('*') {
            let problem = Diagnostic::error(span, "a star stands at the end of a word only");
            self.problems.push(problem.help("write `rappel*`, or several words with OR"));
            return;
        }
        let folded = folded(text);
        let mut words: Vec<String> = words(&folded).map(|word| word.text.to_owned()).collect();
        if bare && folded.contains('\'') {
            drop_elision(&mut words);
        }
        if words.is_empty() {
            let title = "there is no letter or digit to look for here";
            let help = "write a word, or `-word` to exclude one";
            self.problems.push(Diagnostic::error(span, title).help(help));
            return;
        }
        self.finish(words, prefix, span);
    }

    fn finish(&mut self, words: Vec<String>, prefix: bool, span: Range<usize>) {
        let letters = words.last().map_or(0, |word| word.trim_start_matches('@').chars().count());
        if prefix && letters < 3 {
            let problem = Diagnostic::error(span, "a star needs three letters before it");
            self.problems.push(problem.label("too short").help("write more of the word"));
            return;
        }
        self.push(Token::Phrase { words, prefix }, span);
    }
}

/// `d'Orange` and `qu'EDF` ask for the brand. `l'` stays, since it belongs to names (L'Oréal,
/// L'Équipe), and so do the letters of N'Golo or M'Bappé.
fn drop_elision(words: &mut Vec<String>) {
    let elided = |word: &String| {
        matches!(word.as_str(), "d" | "qu" | "jusqu" | "lorsqu" | "puisqu" | "quoiqu")
    };
    if words.len() > 1 && words.first().is_some_and(elided) {
        words.remove(0);
    }
}

fn star(text: &str) -> (&str, bool) {
    text.strip_suffix('*').map_or((text, false), |text| (text, true))
}
