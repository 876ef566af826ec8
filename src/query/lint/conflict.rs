//! Parts of a query that contradict each other, or say the same twice.

use std::ops::Range;

use crate::diagnostic::Diagnostic;
use crate::query::date::Edge;
use crate::query::expr::{Ending, Expr, Filter, Part, Term, Value};
use crate::query::field::Field;
use crate::query::tree::{Node, Tree};

pub(super) fn check(node: &Node, out: &mut Vec<Diagnostic>) {
    match &node.tree {
        Tree::Leaf(_) => {}
        Tree::Not(inner) => check(inner, out),
        Tree::And(nodes) => {
            let all = Together::of(nodes);
            all.exclusions(out);
            all.fields(out);
            all.dates(out);
            for node in nodes {
                check(node, out);
            }
        }
        Tree::Or(nodes) => {
            twice(nodes, out);
            for node in nodes {
                check(node, out);
            }
        }
    }
}

type Leaf<'n> = (&'n Expr, &'n Range<usize>);

/// What must hold, and what must not, at the same time.
#[derive(Default)]
struct Together<'n> {
    wanted: Vec<Leaf<'n>>,
    excluded: Vec<Leaf<'n>>,
}

impl<'n> Together<'n> {
    fn of(nodes: &'n [Node]) -> Together<'n> {
        let mut all = Together::default();
        for node in nodes {
            all.add(node);
        }
        all
    }

    fn add(&mut self, node: &'n Node) {
        match &node.tree {
            Tree::Leaf(expr) => self.wanted.push((expr, &node.span)),
            Tree::And(nodes) => nodes.iter().for_each(|node| self.add(node)),
            Tree::Or(_) => {}
            Tree::Not(inner) => match &inner.tree {
                Tree::Leaf(expr) => self.excluded.push((expr, &inner.span)),
                Tree::Or(nodes) => self.excluded.extend(nodes.iter().filter_map(leaf)),
                Tree::And(_) | Tree::Not(_) => {}
            },
        }
    }

    fn exclusions(&self, out: &mut Vec<Diagnostic>) {
        for (excluded, span) in &self.excluded {
            if self.wanted.iter().any(|(wanted, _)| wanted == excluded) {
                let title = format!("`{excluded}` is asked for and excluded: nothing can match");
                let help = "remove one of the two";
                out.push(Diagnostic::error((*span).clone(), title).help(help));
            } else if let Some((wanted, _)) = self.wanted.iter().find(|(w, _)| holds(w, excluded)) {
                let title = format!("`{excluded}` is in every text that says `{wanted}`");
                let help = "exclude what tells the other sense apart";
                out.push(Diagnostic::warning((*span).clone(), title).help(help));
            }
        }
    }

    /// A text has one language and one source.
    fn fields(&self, out: &mut Vec<Diagnostic>) {
        let single = [Field::Language, Field::Source, Field::Kind];
        let mut seen: Vec<(Field, &[Value])> = Vec::new();
        for (expr, span) in &self.wanted {
            let Expr::Filter(Filter::Is { field, any }) = expr else { continue };
            let clash = seen.iter().any(|(other, values)| {
                other == field && !any.iter().any(|value| values.contains(value))
            });
            if clash && single.contains(field) {
                let title = format!("a mention has one `{}`: nothing can match", field.name());
                let help = format!("write `{}:(… …)` for one of several", field.name());
                out.push(Diagnostic::error((*span).clone(), title).help(help));
            }
            seen.push((*field, any));
        }
    }

    fn dates(&self, out: &mut Vec<Diagnostic>) {
        let (mut begins, mut ends) = (Vec::new(), Vec::new());
        for (expr, span) in &self.wanted {
            let Expr::Filter(Filter::When { from, until }) = expr else { continue };
            begins.extend(from);
            ends.extend(until);
            if begins.iter().any(|from| ends.iter().any(|until| !before(from, until))) {
                let title = "this ends before it begins: nothing can match";
                let help = "`since` is the earlier day; `until` stops as its day begins";
                out.push(Diagnostic::error((*span).clone(), title).help(help));
                return;
            }
        }
    }
}

fn leaf(node: &Node) -> Option<Leaf<'_>> {
    match &node.tree {
        Tree::Leaf(expr) => Some((expr, &node.span)),
        _ => None,
    }
}

/// Whether time passes between two edges; unknown between a date and so long ago.
fn before(from: &Edge, until: &Edge) -> bool {
    match (from, until) {
        (Edge::At(from), Edge::At(until)) => from < until,
        (Edge::Ago(from), Edge::Ago(until)) => from > until,
        _ => true,
    }
}

/// Branches of OR that another branch finds already.
fn twice(nodes: &[Node], out: &mut Vec<Diagnostic>) {
    let leaves: Vec<Leaf<'_>> = nodes.iter().filter_map(leaf).collect();
    for (at, (expr, span)) in leaves.iter().enumerate() {
        let mut others = leaves.iter().enumerate();
        let covering = others.find(
            |(place, (other, _))| {
                if other == expr { *place < at } else { finds(other, expr) }
            },
        );
        if let Some((_, (other, _))) = covering {
            let title = format!("`{other}` finds this already");
            out.push(Diagnostic::warning((*span).clone(), title).help("remove it"));
        }
    }
}

/// Whether whatever `narrow` finds, `wide` finds too.
fn finds(wide: &Expr, narrow: &Expr) -> bool {
    let (Expr::Term(wider), Expr::Term(narrower)) = (wide, narrow) else { return false };
    let joined = narrower.joined().is_none_or(|one| {
        let [only] = wider.words.as_slice() else { return false };
        wider.ending == Ending::Open && one.starts_with(only.as_str())
    });
    joined && contains(narrower, wider)
}

/// Whether a text that holds one term in so many words holds the other.
fn holds(wanted: &Expr, excluded: &Expr) -> bool {
    matches!((wanted, excluded), (Expr::Term(wanted), Expr::Term(excluded))
        if contains(wanted, excluded))
}

fn contains(whole: &Term, part: &Term) -> bool {
    let same_place = part.part == Part::Anywhere || part.part == whole.part;
    let same_words = part.written.is_empty() && part.ending != Ending::Plural;
    if !same_place || !same_words || whole.ending == Ending::Plural || part.words.is_empty() {
        return false;
    }
    let last = part.words.len() - 1;
    whole.words.windows(part.words.len()).enumerate().any(|(at, window)| {
        // The last word of an open term goes on: only an open one is sure to find it.
        let open = whole.ending == Ending::Open && at + part.words.len() == whole.words.len();
        window.iter().zip(&part.words).enumerate().all(|(i, (found, asked))| {
            if part.ending == Ending::Open && i == last {
                found.starts_with(asked.as_str())
            } else {
                found == asked && !(open && i == last)
            }
        })
    })
}
