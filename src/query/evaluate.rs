//! Asks one expression about one text.

use super::{Expr, Prepared};
use crate::model::Span;

pub(super) fn find(expr: &Expr, text: &Prepared) -> Option<Vec<Span>> {
    let mut spans = Vec::new();
    ask(expr, text, &mut spans).then(|| merged(spans))
}

/// Whether the text has what is asked for when nothing is excluded: tells "not there" from
/// "there, but excluded".
pub(super) fn find_wanted(expr: &Expr, text: &Prepared) -> bool {
    match expr {
        Expr::Phrase { words, prefix } => text.locate(words, *prefix, &mut Vec::new()),
        Expr::And(all) => all.iter().all(|child| find_wanted(child, text)),
        Expr::Or(any) => any.iter().any(|child| find_wanted(child, text)),
        Expr::Not(_) => true,
    }
}

/// Adds the places of the wanted words; adds nothing when the answer is no.
fn ask(expr: &Expr, text: &Prepared, spans: &mut Vec<Span>) -> bool {
    let before = spans.len();
    let yes = match expr {
        Expr::Phrase { words, prefix } => text.locate(words, *prefix, spans),
        Expr::And(all) => all.iter().all(|child| ask(child, text, spans)),
        // No short cut: every branch that is there is shown.
        Expr::Or(any) => any.iter().filter(|child| ask(child, text, spans)).count() > 0,
        Expr::Not(child) => {
            let excluded = ask(child, text, spans);
            spans.truncate(before);
            !excluded
        }
    };
    if !yes {
        spans.truncate(before);
    }
    yes
}

/// Sorted, and those that overlap or touch as one.
pub(crate) fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    spans.dedup_by(|next, kept| {
        let touches = next.start <= kept.end;
        if touches {
            kept.end = kept.end.max(next.end);
        }
        touches
    });
    spans
}
