//! Warns about queries that would match nearly everything, or something else.
use crate::diagnostic::Diagnostic;

/// Warnings about a query that can be read: too broad, or ambiguous. Spans are bytes of `text`.
///
/// A query with errors has no warnings: [`super::Query::parse`] tells them.
pub fn lint(_text: &str) -> Vec<Diagnostic> {
    todo!()
}
