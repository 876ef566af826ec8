//! Asking the view: from a request to sequence numbers, beside the writer or from another process.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use serde::Serialize;
use tantivy::collector::sort_key::{SortBySimilarityScore, SortByStaticFastValue};
use tantivy::collector::{Count, TopDocs};
use tantivy::{DocAddress, Index, IndexReader, Order};

use super::compile::{Compiled, compile};
use super::generation::{Generation, bytes, generations, segment_files};
use super::opening::{open_index, payload};
use super::schema::{EVENT, Fields, SEQ};
use super::{IndexError, Result};
use crate::model::finding::full_text;
use crate::model::{Mention, Seq, WatchId};
use crate::query::{self, Expr, Prepared, Query};
use crate::store::Position;

/// Results of one page, at most.
const LARGEST_PAGE: usize = 1_000;
/// Results that paging may skip: what comes before is kept in memory to be sorted.
const FARTHEST: usize = 100_000;
/// Mentions that one search may read from the store.
const MOST_READ: usize = 50_000;
/// Mentions read in one go: what is in memory at once.
const READ_AT_ONCE: usize = 500;

/// What is looked for; nothing at all finds everything.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SearchRequest {
    /// Words, fields and dates: what a watch can ask for.
    pub expr: Option<Expr>,
    /// Its mentions only; tone and topics are those for this watch then, and for any otherwise.
    pub watch: Option<WatchId>,
    /// Only what is set aside, or only what counts: for the watch, or for any.
    pub aside: Option<bool>,
    /// The moment of asking, from which `since:7d` counts back.
    pub now: Timestamp,
    pub order: SearchOrder,
    /// 0 means the cap, 1,000.
    pub limit: usize,
    /// At most 100,000: narrow the dates to go on from there.
    pub offset: usize,
}

/// Reads stored mentions by their numbers, in any order; those that are gone are left out.
pub type Stored<'a> = &'a mut dyn FnMut(&[Seq]) -> Result<Vec<Mention>>;

/// What comes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SearchOrder {
    /// By event time, then by acceptance.
    #[default]
    Newest,
    /// By relevance, then the newest.
    Relevance,
}

/// One page of results.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SearchHits {
    /// How many there are on all pages.
    pub total: usize,
    pub hits: Vec<Hit>,
}

/// One mention found; the store has the rest.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Hit {
    pub seq: Seq,
    /// Relevance; `None` unless it was asked for.
    pub score: Option<f32>,
}

/// How large the view is and how far it follows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct IndexStats {
    pub docs: u64,
    /// Deleted documents whose space has not come back yet.
    pub deleted: u64,
    pub segments: usize,
    pub bytes: u64,
    /// Committed place in the change feed; what the store has beyond it is the lag.
    pub position: Position,
    pub generation: u64,
}

/// One open generation.
#[derive(Clone)]
pub(super) struct Edition {
    pub generation: Generation,
    pub index: Index,
    pub reader: IndexReader,
    pub position: Position,
}

/// Answers searches while the writer writes. Clones share one reader, and follow a rebuild.
#[derive(Clone)]
pub struct Searcher {
    fields: Arc<Fields>,
    edition: Arc<RwLock<Edition>>,
}

impl Searcher {
    /// Opens what is there for reading only, without the writer's lock: for the command line
    /// while the daemon runs. Sees what was committed until now, not what comes later.
    pub fn open(dir: &Path) -> Result<Searcher> {
        let fields = Fields::new();
        let schema = fields.hash();
        let newest = generations(dir)?.into_iter().rfind(|known| known.schema == schema);
        let generation = newest.ok_or_else(|| IndexError::Absent(dir.display().to_string()))?;
        let (index, reader) = open_index(&generation.path)?;
        let position = payload(&index)?.map_or(Position::default(), |payload| payload.position);
        Ok(Searcher::over(fields, Edition { generation, index, reader, position }))
    }

    pub(super) fn over(fields: Fields, edition: Edition) -> Searcher {
        Searcher { fields: Arc::new(fields), edition: Arc::new(RwLock::new(edition)) }
    }

    pub(super) fn fields(&self) -> &Fields {
        &self.fields
    }

    pub(super) fn edition(&self) -> Edition {
        self.edition.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn replace(&self, edition: Edition) {
        *self.edition.write().unwrap_or_else(PoisonError::into_inner) = edition;
    }

    /// Finds mentions. A damaged index answers with [`IndexError::Damaged`].
    ///
    /// The index decides by itself what words, phrases, fields and dates decide. Nearness, exact
    /// letters, plurals inside a phrase, and title or text alone it narrows down only: each mention
    /// that is left is read from the store and asked as live matching asks it, so that the two
    /// cannot disagree and the total is right. To index what would decide them (every word as
    /// written, positions of titles) would make it larger by half for questions asked rarely.
    pub fn search(&self, request: &SearchRequest, stored: Stored<'_>) -> Result<SearchHits> {
        if request.offset > FARTHEST {
            return Err(IndexError::Refused(format!(
                "only the first {FARTHEST} results can be paged through: narrow the dates"
            )));
        }
        // tantivy panics on some damaged postings, and a search must not take a task with it.
        catch_unwind(AssertUnwindSafe(|| self.run(request, stored))).unwrap_or_else(|_| {
            Err(IndexError::Damaged("reading it failed in the middle of a search".to_owned()))
        })
    }

    fn run(&self, request: &SearchRequest, stored: Stored<'_>) -> Result<SearchHits> {
        let searcher = self.edition().reader.searcher();
        let Compiled { clause, exact } = compile(&self.fields, &searcher, request)?;
        let limit = if request.limit == 0 { LARGEST_PAGE } else { request.limit.min(LARGEST_PAGE) };
        if exact {
            let total = searcher.search(&clause, &Count)?;
            let hits = page(&searcher, &clause, request.order, request.offset, limit)?;
            return Ok(SearchHits { total, hits });
        }
        let candidates = searcher.search(&clause, &Count)?;
        if candidates > MOST_READ {
            return Err(IndexError::Refused(format!(
                "{candidates} mentions hold these words and each would have to be read, at most \
                 {MOST_READ} are: narrow the dates, or add a word"
            )));
        }
        let hits = page(&searcher, &clause, request.order, 0, MOST_READ)?;
        let mut hits = asked(request, hits, stored)?;
        let total = hits.len();
        hits.drain(..request.offset.min(total));
        hits.truncate(limit);
        Ok(SearchHits { total, hits })
    }

    /// Reads every byte against its checksum: after an unclean stop, and now and then, in the
    /// background. Opening does not do it. The files that are wrong; empty means sound.
    pub fn validate(&self) -> Result<Vec<PathBuf>> {
        let edition = self.edition();
        let directory = edition.index.directory();
        let mut damaged = segment_files(&edition.generation.path, &edition.index)?;
        damaged.retain(|file| !matches!(directory.validate_checksum(file), Ok(true)));
        Ok(damaged)
    }

    pub fn stats(&self) -> IndexStats {
        let edition = self.edition();
        let searcher = edition.reader.searcher();
        let segments = searcher.segment_readers();
        IndexStats {
            docs: searcher.num_docs(),
            deleted: segments.iter().map(|s| u64::from(s.num_deleted_docs())).sum(),
            segments: segments.len(),
            bytes: bytes(&edition.generation.path),
            position: edition.position,
            generation: edition.generation.number,
        }
    }
}

/// The hits between two ranks.
fn page(
    searcher: &tantivy::Searcher,
    query: &dyn tantivy::query::Query,
    order: SearchOrder,
    offset: usize,
    limit: usize,
) -> Result<Vec<Hit>> {
    let top = TopDocs::with_limit(limit).and_offset(offset);
    // The sequence number breaks ties, so that an order does not depend on segments.
    let newest = (
        (SortByStaticFastValue::<i64>::for_field(EVENT), Order::Desc),
        (SortByStaticFastValue::<u64>::for_field(SEQ), Order::Desc),
    );
    let found: Vec<(Option<f32>, DocAddress)> = match order {
        SearchOrder::Newest => {
            let found = searcher.search(query, &top.order_by(newest))?;
            found.into_iter().map(|(_, at)| (None, at)).collect()
        }
        SearchOrder::Relevance => {
            let found = searcher.search(query, &top.order_by((SortBySimilarityScore, newest)))?;
            found.into_iter().map(|((score, _), at)| (Some(score), at)).collect()
        }
    };
    let seqs = searcher
        .segment_readers()
        .iter()
        .map(|segment| segment.fast_fields().u64(SEQ))
        .collect::<tantivy::Result<Vec<_>>>()?;
    let hit = |(score, at): (Option<f32>, DocAddress)| {
        let seq = seqs.get(at.segment_ord as usize)?.first(at.doc_id)?;
        Some(Hit { seq, score })
    };
    Ok(found.into_iter().filter_map(hit).collect())
}

/// The hits whose stored mention answers yes, in the same order.
fn asked(request: &SearchRequest, hits: Vec<Hit>, read: Stored<'_>) -> Result<Vec<Hit>> {
    let Some(query) = request.expr.clone().map(Query::from) else { return Ok(hits) };
    let mut kept = Vec::new();
    for batch in hits.chunks(READ_AT_ONCE) {
        let seqs: Vec<Seq> = batch.iter().map(|hit| hit.seq).collect();
        let matching: HashSet<Seq> = read(&seqs)?
            .iter()
            .filter(|mention| matches(&query, mention, request))
            .map(|mention| mention.seq)
            .collect();
        kept.extend(batch.iter().filter(|hit| matching.contains(&hit.seq)));
    }
    Ok(kept)
}

fn matches(query: &Query, mention: &Mention, request: &SearchRequest) -> bool {
    let text = full_text(&mention.item.title, &mention.item.text);
    let known = query::Stored::new(mention, request.watch.as_ref());
    query.find(&known.document(&Prepared::new(&text), request.now)).is_some()
}
