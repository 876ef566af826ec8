//! Asks one expression about one document.

use super::Document;
use super::expr::{Expr, Filter, Near, Part, Term};
use super::near::near;
use super::prepared::Piece;
use crate::model::Span;

/// What can be said while not everything is known: AND is the least of its parts, OR the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    No,
    Unknown,
    Yes,
}

impl From<bool> for Answer {
    fn from(yes: bool) -> Answer {
        if yes { Answer::Yes } else { Answer::No }
    }
}

impl std::ops::Not for Answer {
    type Output = Answer;

    fn not(self) -> Answer {
        match self {
            Answer::No => Answer::Yes,
            Answer::Unknown => Answer::Unknown,
            Answer::Yes => Answer::No,
        }
    }
}

pub(super) fn find(expr: &Expr, document: &Document<'_>) -> Option<Vec<Span>> {
    let mut spans = Vec::new();
    (ask(expr, document, &mut spans) > Answer::No).then(|| merged(spans))
}

/// Adds the places of the wanted words; adds nothing when the answer is no.
pub(super) fn ask(expr: &Expr, document: &Document<'_>, spans: &mut Vec<Span>) -> Answer {
    let before = spans.len();
    let answer = match expr {
        Expr::Term(term) => show(&places(term, document), document, spans),
        Expr::Near(near) => show(&near_places(near, document), document, spans),
        Expr::Filter(filter) => holds(filter, document),
        Expr::And(all) => {
            let mut least = Answer::Yes;
            for child in all {
                least = least.min(ask(child, document, spans));
                if least == Answer::No {
                    break;
                }
            }
            least
        }
        // No short cut: every branch that is there is shown.
        Expr::Or(any) => {
            any.iter().fold(Answer::No, |greatest, child| greatest.max(ask(child, document, spans)))
        }
        Expr::Not(child) => {
            let excluded = ask(child, document, spans);
            spans.truncate(before);
            !excluded
        }
    };
    if answer == Answer::No {
        spans.truncate(before);
    }
    answer
}

fn show(places: &[Piece], document: &Document<'_>, spans: &mut Vec<Span>) -> Answer {
    spans.extend(places.iter().map(|place| document.text.original(*place)));
    Answer::from(!places.is_empty())
}

/// The places of a term in the part that it is looked for in.
pub(super) fn places(term: &Term, document: &Document<'_>) -> Vec<Piece> {
    let mut places = Vec::new();
    document.text.locate(term, &mut places);
    let title = document.item.title.len();
    let in_title = |place: &Piece| document.text.original(*place).end <= title;
    // The title is a line of its own before the text; a place that runs over the end is in neither.
    let in_text = |place: &Piece| title == 0 || document.text.original(*place).start > title;
    match term.part {
        Part::Anywhere => {}
        Part::Title => places.retain(in_title),
        Part::Text => places.retain(in_text),
    }
    places
}

fn near_places(asked: &Near, document: &Document<'_>) -> Vec<Piece> {
    let side = |terms: &[Term]| -> Vec<Piece> {
        terms.iter().flat_map(|term| places(term, document)).collect()
    };
    let left = side(&asked.left);
    if left.is_empty() {
        return Vec::new();
    }
    near(asked, &left, &side(&asked.right), document.text)
}

fn holds(filter: &Filter, document: &Document<'_>) -> Answer {
    match filter {
        Filter::Is { field, any } => match document.values(*field) {
            Some(found) => {
                let accepted = |found: &str| any.iter().any(|value| value.accepts(found));
                Answer::from(found.iter().any(|found| accepted(found)))
            }
            None => Answer::Unknown,
        },
        Filter::When { from, until } => {
            let begun = from.is_none_or(|from| from.resolve(document.now) <= document.at);
            let ended = until.is_some_and(|until| until.resolve(document.now) <= document.at);
            Answer::from(begun && !ended)
        }
    }
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
