//! Warns about queries that find too much, too little, nothing, or something else.

mod ambiguous;
mod broad;
mod conflict;

use jiff::tz::TimeZone;

use super::expr::{Expr, Filter};
use super::field::Field;
use super::parser::{Limits, parse};
use super::tree::{Node, Tree};
use crate::diagnostic::Diagnostic;
use crate::text::nearest::nearest;

pub use ambiguous::Ambiguous;

/// What the queries of a configuration may name.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    pub ambiguous: &'a [Ambiguous],
    pub topics: &'a [&'a str],
    pub sources: &'a [&'a str],
}

/// What is wrong with a query that can be read. Spans are bytes of `text`.
///
/// What can never match is an error, all else a warning. A query that cannot be read has none:
/// [`super::Query::parse`] tells its errors.
pub fn lint(text: &str, known: &Known<'_>) -> Vec<Diagnostic> {
    let Ok(node) = parse(text, Limits::WATCH, &TimeZone::UTC) else { return Vec::new() };
    let mut found = lower_case_operators(text);
    broad::check(&node, known, &mut found);
    conflict::check(&node, &mut found);
    names(&node, known, &mut found);
    found.sort_by_key(|problem| (problem.span.start, problem.span.end));
    found
}

/// Topics and sources that do not exist find nothing.
fn names(node: &Node, known: &Known<'_>, out: &mut Vec<Diagnostic>) {
    match &node.tree {
        Tree::Leaf(Expr::Filter(Filter::Is { field, any })) => {
            let (what, names) = match field {
                Field::Topic => ("topic", known.topics),
                Field::Source => ("source", known.sources),
                _ => return,
            };
            for value in any.iter().filter(|value| !names.contains(&value.text.as_str())) {
                let title = format!("there is no {what} `{}`", value.text);
                let help = match nearest(&value.text, names) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known: {}", names.join(", ")),
                };
                out.push(Diagnostic::error(node.span.clone(), title).help(help));
            }
        }
        Tree::Leaf(_) => {}
        Tree::And(nodes) | Tree::Or(nodes) => nodes.iter().for_each(|n| names(n, known, out)),
        Tree::Not(node) => names(node, known, out),
    }
}

/// `orange or sfr` asks for three words, which is hardly what was meant.
fn lower_case_operators(text: &str) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    let mut quoted = false;
    let mut start = 0;
    for piece in text.split_inclusive(|c: char| c.is_whitespace() || "()\"«»“”".contains(c)) {
        let word = piece.trim_end_matches(|c: char| c.is_whitespace() || "()\"«»“”".contains(c));
        let upper = match word {
            "and" | "or" | "not" | "et" | "ou" | "sauf" => word.to_uppercase(),
            _ => String::new(),
        };
        if !quoted && !upper.is_empty() {
            let title = format!("`{word}` in small letters is a word to look for");
            let help = format!("write `{upper}`, or quote the phrase it belongs to");
            warnings.push(Diagnostic::warning(start..start + word.len(), title).help(help));
        }
        quoted = match piece.chars().next_back() {
            Some('"') => !quoted,
            Some('«' | '“') => true,
            Some('»' | '”') => false,
            _ => quoted,
        };
        start += piece.len();
    }
    warnings
}
