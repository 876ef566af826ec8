//! A clause that may be excluded: it walks its documents one way only.

use std::sync::Arc;

use tantivy::query::{EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, Term};

/// tantivy asks an excluded clause about documents that lie before its first one, which a phrase
/// takes for a mistake (tantivy 0.27 `PhraseScorer::seek_danger`, an assertion of debug builds). This
/// looks where the clause stands before it moves it, as `DocSet` does by default.
#[derive(Debug, Clone)]
pub(super) struct Excluded(Arc<dyn Query>);

impl Excluded {
    pub(super) fn new(clause: Box<dyn Query>) -> Excluded {
        Excluded(clause.into())
    }
}

impl Query for Excluded {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(ExcludedWeight(self.0.weight(scoring)?)))
    }

    fn query_terms<'a>(&'a self, visitor: &mut dyn FnMut(&'a Term, bool)) {
        self.0.query_terms(visitor);
    }
}

struct ExcludedWeight(Box<dyn Weight>);

impl Weight for ExcludedWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        Ok(Box::new(ExcludedDocs(self.0.scorer(reader, boost)?)))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.0.explain(reader, doc)
    }
}

struct ExcludedDocs(Box<dyn Scorer>);

impl DocSet for ExcludedDocs {
    fn advance(&mut self) -> DocId {
        self.0.advance()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        self.0.seek(target)
    }

    fn doc(&self) -> DocId {
        self.0.doc()
    }

    fn size_hint(&self) -> u32 {
        self.0.size_hint()
    }
}

impl Scorer for ExcludedDocs {
    fn score(&mut self) -> Score {
        self.0.score()
    }
}
