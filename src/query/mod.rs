//! The watch language: words, "phrases", AND/OR/NOT (ET/OU/SAUF), brackets; read, then matched
//! against folded text with the places that made it match.

mod evaluate;
mod lexer;
mod lint;
mod parser;
mod prepared;
mod print;
mod set;

pub use lint::lint;
pub use prepared::{Occurrence, Prepared};
pub use set::QuerySet;

pub(crate) use evaluate::merged;

use crate::diagnostic::Diagnostic;
use crate::model::Span;

/// What a query says, folded. Built by [`Query::parse`] only, within its limits.
///
/// Every `Or` branch, every operand of `Not` and the whole ask for at least one word: nothing in
/// here means "all texts but". `And` and `Or` have two children or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// Words that follow each other; a single word is a phrase of one. Folded. The last may end
    /// with any letters when `prefix` is set (`rappel*`).
    ///
    /// A word that begins with `@` is an account's handle with its dots and underscores
    /// (`@sncf_connect`) and stands alone; see [`Prepared::occurrences`].
    Phrase {
        words: Vec<String>,
        prefix: bool,
    },
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
}

/// A query that was read and can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub expr: Expr,
}

impl Query {
    /// Reads a query: at most 512 bytes, 64 terms and 8 brackets inside one another.
    ///
    /// Spans of the problems are bytes of `text`; all of them are errors. `lint` has the warnings.
    pub fn parse(text: &str) -> Result<Query, Vec<Diagnostic>> {
        parser::parse(text).map(|node| Query { expr: node.expr })
    }

    /// The places that made a text match, or `None` when it does not.
    ///
    /// In bytes of the original text, of wanted words only, sorted, those that touch merged.
    pub fn find(&self, text: &Prepared) -> Option<Vec<Span>> {
        evaluate::find(&self.expr, text)
    }

    /// Whether the wanted words are there, whatever is excluded.
    pub fn finds_wanted(&self, text: &Prepared) -> bool {
        evaluate::find_wanted(&self.expr, text)
    }
}

#[cfg(test)]
mod tests;
