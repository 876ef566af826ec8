//! Reads the watch language into an expression, with every problem at its place.
use super::Expr;
use crate::diagnostic::Diagnostic;
pub(super) fn parse(_text: &str) -> Result<Expr, Vec<Diagnostic>> {
    todo!()
}
