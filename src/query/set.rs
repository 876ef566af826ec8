//! Many queries asked about one text at once.
use super::{Prepared, Query};
use crate::model::Span;

/// Queries behind one automaton, so that thousands of watches cost about as much as one.
#[derive(Debug, Clone, Default)]
pub struct QuerySet {
    queries: Vec<Query>,
}

impl QuerySet {
    pub fn new(queries: Vec<Query>) -> QuerySet {
        QuerySet { queries }
    }

    /// The queries, in the order they were given.
    pub fn queries(&self) -> &[Query] {
        &self.queries
    }

    /// The queries that match, by their place in [`QuerySet::queries`], in that order, with spans.
    pub fn find(&self, _text: &Prepared) -> Vec<(usize, Vec<Span>)> {
        todo!()
    }
}
