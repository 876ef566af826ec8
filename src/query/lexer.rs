//! Cuts the text of a query into tokens.

mod term;
mod value;

use std::ops::Range;

use jiff::tz::TimeZone;

use super::expr::{Filter, Part, Term};
use super::field::{Name, unknown_name};
use crate::diagnostic::Diagnostic;

/// Words that may stand between two that are near each other, and how many when nothing is said.
const FARTHEST: usize = 50;
const USUAL_DISTANCE: usize = 5;

/// Problems after which nothing more is read: nobody mends more at once.
const MOST_PROBLEMS: usize = 16;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Term(Term),
    Filter(Filter),
    /// What follows is looked for there.
    Scope(Part),
    Near {
        within: usize,
        ordered: bool,
    },
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
pub(super) fn lex(text: &str, zone: &TimeZone) -> (Vec<Placed>, Vec<Diagnostic>) {
    let mut lexer = Lexer { text, zone, tokens: Vec::new(), problems: Vec::new() };
    let mut at = 0;
    while let Some(c) = lexer.char(at).filter(|_| lexer.problems.len() < MOST_PROBLEMS) {
        at = lexer.token(at, c);
    }
    (lexer.tokens, lexer.problems)
}

struct Lexer<'t> {
    text: &'t str,
    zone: &'t TimeZone,
    tokens: Vec<Placed>,
    problems: Vec<Diagnostic>,
}

/// What stands before a term: how its letters count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    None,
    /// `=`: as written.
    Exact,
    /// `~`: singular and plural.
    Plural,
}

/// The sign that ends what this one begins.
fn closing(open: char) -> Option<char> {
    match open {
        '"' => Some('"'),
        '«' => Some('»'),
        '“' => Some('”'),
        _ => None,
    }
}

/// What no bare word contains.
fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | '"' | '«' | '»' | '“' | '”')
}

impl Lexer<'_> {
    /// Reads the token that begins at `at` with `c`; returns where the next one may begin.
    fn token(&mut self, at: usize, c: char) -> usize {
        let next = at + c.len_utf8();
        match c {
            c if c.is_whitespace() => return next,
            '(' => self.push(Token::Open, at..next),
            ')' => self.push(Token::Close, at..next),
            '-' if self.glued(next) => self.push(Token::Not, at..next),
            '=' if self.glued(next) => return self.marked(at, next, Mark::Exact),
            '~' if self.glued(next) => return self.marked(at, next, Mark::Plural),
            c => {
                let field = if c.is_alphabetic() { self.field(at) } else { None };
                return field.unwrap_or_else(|| self.marked(at, at, Mark::None));
            }
        }
        next
    }

    fn char(&self, at: usize) -> Option<char> {
        self.text.get(at..).and_then(|rest| rest.chars().next())
    }

    fn push(&mut self, token: Token, span: Range<usize>) {
        self.tokens.push(Placed { token, span });
    }

    fn problem(&mut self, span: Range<usize>, title: impl Into<String>, help: impl Into<String>) {
        self.problems.push(Diagnostic::error(span, title).help(help));
    }

    /// Whether something that a sign can belong to follows at once.
    fn glued(&self, at: usize) -> bool {
        self.char(at).is_some_and(|c| !c.is_whitespace() && c != ')')
    }

    /// What stands between two signs that belong together: its bytes, and where to go on.
    fn quotation(&mut self, open: usize, close: char) -> Option<Range<usize>> {
        let inside = open + self.char(open).map_or(1, char::len_utf8);
        let rest = self.text.get(inside..).unwrap_or_default();
        if let Some(length) = rest.find(close) {
            return Some(inside..inside + length);
        }
        let problem = Diagnostic::error(open..self.text.len(), "this quotation never ends");
        let problem = problem.label("opened here").help(format!("add `{close}` after it"));
        self.problems.push(problem);
        None
    }

    /// Reads a term, or an operator when no mark stands before it.
    fn marked(&mut self, start: usize, at: usize, mark: Mark) -> usize {
        if let Some(close) = self.char(at).and_then(closing) {
            let Some(inside) = self.quotation(at, close) else { return self.text.len() };
            let end = inside.end + close.len_utf8();
            let content = self.text.get(inside).unwrap_or_default().trim();
            self.phrase(content, start..end, mark, false);
            return end;
        }
        let rest = self.text.get(at..).unwrap_or_default();
        // The first character is part of the word whatever it is, so that each step advances.
        let first = rest.chars().next().map_or(1, char::len_utf8);
        let length =
            rest.get(first..).and_then(|r| r.find(ends_word)).map_or(rest.len(), |n| n + first);
        let word = rest.get(..length).unwrap_or_default();
        let span = start..at + length;
        match self.operator(word, &span).filter(|_| mark == Mark::None) {
            Some(token) => self.push(token, span),
            None => self.bare(word, span, mark),
        }
        at + length
    }

    /// Operators stand in capitals only: `et` and `ou` are words that people look for.
    fn operator(&mut self, word: &str, span: &Range<usize>) -> Option<Token> {
        let (name, number) = word.split_once('/').map_or((word, None), |(n, d)| (n, Some(d)));
        let ordered = match name {
            "AND" | "ET" if number.is_none() => return Some(Token::And),
            "OR" | "OU" if number.is_none() => return Some(Token::Or),
            "NOT" | "SAUF" if number.is_none() => return Some(Token::Not),
            "NEAR" | "PRES" | "PRÈS" => false,
            "ONEAR" | "PUIS" => true,
            _ => return None,
        };
        let within = match number.map(str::parse) {
            None => USUAL_DISTANCE,
            Some(Ok(within)) if within <= FARTHEST => within,
            Some(_) => {
                let title = format!("the distance of `{name}` is 0 to {FARTHEST} words");
                self.problem(span.clone(), title, format!("write `{name}/{USUAL_DISTANCE}`"));
                USUAL_DISTANCE
            }
        };
        Some(Token::Near { within, ordered })
    }

    /// Reads `name:value`, or says that this is none.
    fn field(&mut self, at: usize) -> Option<usize> {
        let rest = self.text.get(at..)?;
        let length = rest.find(|c: char| !c.is_alphabetic())?;
        let (name, after) = (rest.get(..length)?, rest.get(length..)?.strip_prefix(':')?);
        let value = at + length + 1;
        let sort = Name::read(name);
        if after.starts_with("//") {
            return None;
        }
        if !self.glued(value) {
            sort?;
            let help = "write it right after the colon: `lang:fr`, `title:panne`";
            self.problem(at..value, format!("`{name}:` has no value"), help);
            return Some(value);
        }
        let Some(sort) = sort else {
            let wrong = unknown_name(name);
            self.problem(at..value, wrong.title, wrong.help);
            return Some(value);
        };
        match sort {
            Name::Title => self.push(Token::Scope(Part::Title), at..value),
            Name::Text => self.push(Token::Scope(Part::Text), at..value),
            Name::Is(_) | Name::Since | Name::Until | Name::Date => {
                return Some(self.values(at, value, sort));
            }
        }
        Some(value)
    }
}
