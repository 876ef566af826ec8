//! Why a query does not match: the first part of it that fails, with its place.

use std::ops::Range;

use jiff::tz::TimeZone;
use serde::Serialize;

use super::evaluate::{Answer, ask, places};
use super::expr::{Expr, Filter, Near, Part, Term};
use super::parser::{Limits, parse};
use super::tree::{Node, Tree};
use super::{Document, merged};
use crate::model::Span;

/// What stands in the way. `at` is where the query asks for it, in bytes of the query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "because", rename_all = "kebab-case")]
pub enum Why {
    /// None of these is there.
    Missing { any: Vec<String>, at: Range<usize> },
    /// This is there and must not be.
    Excluded { by: String, at: Range<usize>, found: Option<Span> },
    /// Both sides are there, too far from each other or in the other order.
    Apart { left: String, right: String, within: usize, ordered: bool, at: Range<usize> },
    /// The words are there, written in another way.
    Written { wants: String, found: Span, at: Range<usize> },
    /// The words are there, not in the part that is asked for.
    Elsewhere { wants: String, found: Span, at: Range<usize> },
    /// The mention has other values.
    Field { wants: String, has: Vec<String>, at: Range<usize> },
}

/// Explains a query that does not match; `None` when it does, or cannot be read.
pub fn why_not(query: &str, zone: &TimeZone, document: &Document<'_>) -> Option<Why> {
    why(&parse(query, Limits::WATCH, zone).ok()?, document)
}

fn answer(expr: &Expr, document: &Document<'_>) -> Answer {
    ask(expr, document, &mut Vec::new())
}

fn why(node: &Node, document: &Document<'_>) -> Option<Why> {
    if answer(&node.expr(), document) != Answer::No {
        return None;
    }
    match &node.tree {
        Tree::Leaf(expr) => leaf(expr, &node.span, document),
        Tree::Not(inner) => excluded(inner, document),
        // What is missing tells more than what is excluded beside it.
        Tree::And(nodes) => {
            let (wanted, excluded): (Vec<_>, Vec<_>) = nodes.iter().partition(|node| node.wants());
            wanted.into_iter().chain(excluded).find_map(|node| why(node, document))
        }
        Tree::Or(nodes) => {
            let reasons: Vec<Why> = nodes.iter().filter_map(|node| why(node, document)).collect();
            let near_miss = reasons.iter().find(|why| !matches!(why, Why::Missing { .. }));
            near_miss.cloned().or_else(|| Some(missing_all(&reasons, &node.span)))
        }
    }
}

/// Several branches of which none is there.
fn missing_all(reasons: &[Why], span: &Range<usize>) -> Why {
    let each = reasons.iter().flat_map(|why| match why {
        Why::Missing { any, .. } => any.as_slice(),
        _ => &[],
    });
    Why::Missing { any: each.cloned().collect(), at: span.clone() }
}

/// The branch of an exclusion that is there.
fn excluded(node: &Node, document: &Document<'_>) -> Option<Why> {
    if let Tree::Or(nodes) = &node.tree {
        return nodes.iter().find_map(|node| excluded(node, document));
    }
    let expr = node.expr();
    let mut spans = Vec::new();
    if ask(&expr, document, &mut spans) == Answer::No {
        return None;
    }
    let found = merged(spans).first().copied();
    Some(Why::Excluded { by: expr.to_string(), at: node.span.clone(), found })
}

fn leaf(expr: &Expr, span: &Range<usize>, document: &Document<'_>) -> Option<Why> {
    match expr {
        Expr::Term(term) => Some(absent(term, span, document)),
        Expr::Near(near) => Some(apart(near, span, document)),
        Expr::Filter(filter) => {
            let has = match filter {
                Filter::Is { field, .. } => document.values(*field)?,
                Filter::When { .. } => vec![document.at.to_string().into()],
            };
            let has = has.into_iter().map(String::from).collect();
            Some(Why::Field { wants: filter.to_string(), has, at: span.clone() })
        }
        Expr::And(_) | Expr::Or(_) | Expr::Not(_) => None,
    }
}

fn absent(term: &Term, span: &Range<usize>, document: &Document<'_>) -> Why {
    let anywhere = Term { part: Part::Anywhere, ..term.clone() };
    let folded = Term { written: Vec::new(), ..term.clone() };
    let place =
        |term: &Term| places(term, document).first().map(|place| document.text.original(*place));
    let (wants, at) = (term.to_string(), span.clone());
    if let Some(found) = place(&anywhere) {
        Why::Elsewhere { wants, found, at }
    } else if let Some(found) = place(&folded) {
        Why::Written { wants, found, at }
    } else {
        Why::Missing { any: vec![wants], at }
    }
}

fn apart(near: &Near, span: &Range<usize>, document: &Document<'_>) -> Why {
    let there =
        |side: &[Term]| side.iter().find(|term| !places(term, document).is_empty()).cloned();
    let missing = |side: &[Term]| Why::Missing {
        any: side.iter().map(Term::to_string).collect(),
        at: span.clone(),
    };
    match (there(&near.left), there(&near.right)) {
        (None, _) => missing(&near.left),
        (_, None) => missing(&near.right),
        (Some(left), Some(right)) => {
            let (left, right) = (left.to_string(), right.to_string());
            let Near { within, ordered, .. } = *near;
            Why::Apart { left, right, within, ordered, at: span.clone() }
        }
    }
}
