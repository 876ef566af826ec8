//! The watches with their queries compiled, asked about many texts at once.

use jiff::tz::TimeZone;

use super::Candidate;
use crate::diagnostic::Diagnostic;
use crate::language;
use crate::model::{Lang, Watch, WatchId};
use crate::query::{Document, Limits, Query, QuerySet};

/// Watches with their queries compiled, ready to be asked about many texts.
#[derive(Debug, Clone, Default)]
pub struct Watches {
    all: Vec<Watch>,
    queries: QuerySet,
    /// What a text may be in: the usual languages and those that a watch asks for.
    languages: Vec<Lang>,
}

impl Watches {
    /// Reads the query of each watch; all problems at once, spans are bytes of the query's text.
    pub fn compile(watches: &[Watch]) -> Result<Watches, Vec<(WatchId, Diagnostic)>> {
        let mut queries = Vec::with_capacity(watches.len());
        let mut problems = Vec::new();
        for watch in watches {
            match Query::parse_within(&watch.query, Limits::WATCH, &zone(watch)) {
                Ok(query) => queries.push(query),
                Err(found) => problems.extend(found.into_iter().map(|p| (watch.id.clone(), p))),
            }
        }
        if problems.is_empty() {
            let mut languages = language::usual();
            languages.extend(watches.iter().flat_map(|watch| watch.languages.iter().copied()));
            languages.sort_unstable();
            languages.dedup();
            let queries = QuerySet::new(queries);
            Ok(Watches { all: watches.to_vec(), queries, languages })
        } else {
            Err(problems)
        }
    }

    /// The watches with their queries, in the order they were given.
    pub fn iter(&self) -> impl Iterator<Item = (&Watch, &Query)> {
        self.all.iter().zip(self.queries.queries())
    }

    /// One of them alone, which reads a text as all of them do: what a text may be in stays the
    /// same, or a mention read again could be in another language than when it was read first.
    pub fn only(&self, id: &WatchId) -> Option<Watches> {
        let (watch, query) = self.iter().find(|(watch, _)| watch.id == *id)?;
        let queries = QuerySet::new(vec![query.clone()]);
        Some(Watches { all: vec![watch.clone()], queries, languages: self.languages.clone() })
    }

    /// What a text may be in.
    pub(super) fn languages(&self) -> &[Lang] {
        &self.languages
    }

    /// The watches that may be about a document, with the places that make them so.
    pub(super) fn candidates(&self, document: &Document<'_>) -> Vec<Candidate<'_>> {
        let found = self.queries.find(document).into_iter();
        found
            .filter_map(|(place, spans)| {
                let (watch, query) = (self.all.get(place)?, self.queries.queries().get(place)?);
                Some(Candidate { watch, query, spans, aside: None })
            })
            .collect()
    }
}

/// The zone whose days a watch's query means.
pub(super) fn zone(watch: &Watch) -> TimeZone {
    TimeZone::get(&watch.timezone).unwrap_or(TimeZone::UTC)
}
