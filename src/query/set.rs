//! Many queries asked about one text at once.

use std::collections::BTreeMap;
use std::fmt;

use daachorse::DoubleArrayAhoCorasick;

use super::{Expr, Prepared, Query};
use crate::model::Span;

/// Queries behind one automaton, so that thousands of watches cost about as much as one.
///
/// A query can only match a text that holds one of its *needles*: words of which every match
/// needs at least one. One pass finds the needles; only the queries behind them are asked.
#[derive(Clone, Default)]
pub struct QuerySet {
    queries: Vec<Query>,
    automaton: Option<DoubleArrayAhoCorasick<u32>>,
    /// For each needle, the queries that it may make match.
    behind: Vec<Vec<usize>>,
    /// Queries without needles, asked every time.
    always: Vec<usize>,
}

impl QuerySet {
    pub fn new(queries: Vec<Query>) -> QuerySet {
        let mut needles: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut always = Vec::new();
        for (place, query) in queries.iter().enumerate() {
            match cover(&query.expr) {
                Some(cover) => {
                    for needle in cover {
                        needles.entry(needle).or_default().push(place);
                    }
                }
                None => always.push(place),
            }
        }
        let numbered = needles.keys().copied().zip(0_u32..);
        let automaton = DoubleArrayAhoCorasick::with_values(numbered).ok();
        let behind = needles.into_values().collect();
        if automaton.is_none() {
            // No needles at all, or too many for the automaton: slower, and as right.
            always = (0..queries.len()).collect();
        }
        QuerySet { queries, automaton, behind, always }
    }

    /// The queries, in the order they were given.
    pub fn queries(&self) -> &[Query] {
        &self.queries
    }

    /// The queries that match, by their place in [`QuerySet::queries`], in that order, with spans.
    pub fn find(&self, text: &Prepared) -> Vec<(usize, Vec<Span>)> {
        let mut candidates = self.always.clone();
        if let Some(automaton) = &self.automaton {
            // Overlapping: `orange` must be seen inside `orange bank`.
            // Each needle once, or a text that repeats a brand for pages would fill the memory.
            let mut seen = vec![false; self.behind.len()];
            for hit in automaton.find_overlapping_iter(text.folded()) {
                let needle = hit.value() as usize;
                if seen.get_mut(needle).is_some_and(|seen| !std::mem::replace(seen, true)) {
                    candidates.extend(self.behind.get(needle).into_iter().flatten());
                }
            }
        }
        candidates.sort_unstable();
        candidates.dedup();
        let ask = |place: usize| Some((place, self.queries.get(place)?.find(text)?));
        candidates.into_iter().filter_map(ask).collect()
    }
}

impl fmt::Debug for QuerySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QuerySet")
            .field("queries", &self.queries)
            .field("always", &self.always)
            .finish_non_exhaustive()
    }
}

/// Words of which each match of the expression holds at least one; `None` when there are none.
fn cover(expr: &Expr) -> Option<Vec<&str>> {
    match expr {
        // The longest word is the rarest, as a rule.
        Expr::Phrase { words, .. } => {
            words.iter().max_by_key(|word| word.len()).map(|word| vec![word.as_str()])
        }
        Expr::And(all) => all.iter().filter_map(cover).max_by_key(|needles| {
            (needles.iter().map(|needle| needle.len()).min(), std::cmp::Reverse(needles.len()))
        }),
        Expr::Or(any) => any
            .iter()
            .map(cover)
            .collect::<Option<Vec<_>>>()
            .map(|branches| branches.into_iter().flatten().collect()),
        Expr::Not(_) => None,
    }
}
