//! The watch language: words, phrases, nearness, fields and dates joined by AND, OR and NOT; read
//! with every problem at its place, then matched with the places that made it match.

mod date;
mod document;
mod evaluate;
mod expr;
mod field;
mod lexer;
mod lint;
mod near;
mod parser;
mod plural;
mod prepared;
mod print;
mod set;
mod tree;
mod why;

pub use date::{Edge, edge};
pub use document::{Document, Stored, authors, languages, sites};
pub use evaluate::Answer;
pub use expr::{Asks, Ending, Expr, Filter, Near, Part, Term, Value};
pub use field::{Field, Wrong, address};
pub use lint::{Ambiguous, Known, lint};
pub use parser::Limits;
pub use plural::forms;
pub use prepared::Prepared;
pub use set::QuerySet;
pub use why::{Why, why_not};

pub(crate) use evaluate::merged;

use jiff::tz::TimeZone;

use crate::diagnostic::Diagnostic;
use crate::model::{Item, ItemKey, Span};

/// A query that was read and can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub expr: Expr,
    /// What it has to know beside the text.
    pub asks: Asks,
}

impl Query {
    /// Reads the query of a watch: [`Limits::WATCH`], days as they begin in UTC.
    pub fn parse(text: &str) -> Result<Query, Vec<Diagnostic>> {
        Query::parse_within(text, Limits::WATCH, &TimeZone::UTC)
    }

    /// Reads a query; its days begin at midnight of the zone.
    ///
    /// Spans of the problems are bytes of `text`; all of them are errors. `lint` has the warnings.
    pub fn parse_within(
        text: &str,
        limits: Limits,
        zone: &TimeZone,
    ) -> Result<Query, Vec<Diagnostic>> {
        parser::parse(text, limits, zone).map(|node| Query::from(node.expr()))
    }

    /// The places that made a document match, or `None` when it certainly does not.
    ///
    /// In bytes of the original text, of wanted words only, sorted, those that touch merged. While
    /// something about the document is unknown, what depends on it counts as there: whoever asks
    /// early gets a candidate, whoever asks again with everything known gets the answer.
    pub fn find(&self, document: &Document<'_>) -> Option<Vec<Span>> {
        evaluate::find(&self.expr, document)
    }

    /// Whether it finds a text of which nothing else is known.
    pub fn finds_in(&self, text: &str) -> bool {
        let item = Item::new(ItemKey::of(&[]), "");
        self.find(&Document::bare(&Prepared::new(text), &item)).is_some()
    }
}

impl From<Expr> for Query {
    fn from(expr: Expr) -> Query {
        let asks = expr.asks();
        Query { expr, asks }
    }
}

#[cfg(test)]
pub(crate) mod tests;
