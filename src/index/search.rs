//! Asking the view: from a request to sequence numbers, beside the writer or from another process.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use serde::Serialize;
use tantivy::collector::sort_key::{SortBySimilarityScore, SortByStaticFastValue};
use tantivy::collector::{Count, TopDocs};
use tantivy::{DocAddress, Index, IndexReader, Order};

use super::compile::compile;
use super::generation::{Generation, bytes, generations, segment_files};
use super::opening::{open_index, payload};
use super::schema::{EVENT, Fields, SEQ};
use super::{IndexError, Result};
use crate::model::{Lang, Seq, SourceId, Tone, WatchId};
use crate::query::Expr;
use crate::store::Position;

/// Results of one page, at most.
const LARGEST_PAGE: usize = 1_000;
/// Results that paging may skip: what comes before is kept in memory to be sorted.
const FARTHEST: usize = 100_000;

/// What is looked for; all conditions hold together, and none at all finds everything.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SearchRequest {
    pub expr: Option<Expr>,
    pub watch: Option<WatchId>,
    pub source: Option<SourceId>,
    pub kind: Option<String>,
    pub lang: Option<Lang>,
    /// With a watch: the tone for that watch; without: for any.
    pub tone: Option<Tone>,
    /// Like the tone.
    pub topic: Option<String>,
    /// Only what is set aside, or only what counts: like the tone.
    pub aside: Option<bool>,
    /// Whole name or account, however it is written.
    pub author: Option<String>,
    /// Host (`blog.example.fr`) or registrable domain (`example.fr`).
    pub site: Option<String>,
    /// By event time: start included, end not.
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    pub order: SearchOrder,
    /// 0 means the cap, 1,000.
    pub limit: usize,
    /// At most 100,000: narrow the dates to go on from there.
    pub offset: usize,
}

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
    pub fn search(&self, request: &SearchRequest) -> Result<SearchHits> {
        if request.offset > FARTHEST {
            return Err(IndexError::Refused(format!(
                "only the first {FARTHEST} results can be paged through: narrow the dates"
            )));
        }
        // tantivy panics on some damaged postings, and a search must not take a task with it.
        catch_unwind(AssertUnwindSafe(|| self.run(request))).unwrap_or_else(|_| {
            Err(IndexError::Damaged("reading it failed in the middle of a search".to_owned()))
        })
    }

    fn run(&self, request: &SearchRequest) -> Result<SearchHits> {
        let searcher = self.edition().reader.searcher();
        let query = compile(&self.fields, &searcher, request)?;
        let limit = if request.limit == 0 { LARGEST_PAGE } else { request.limit.min(LARGEST_PAGE) };
        let top = TopDocs::with_limit(limit).and_offset(request.offset);
        // The sequence number breaks ties, so that an order does not depend on segments.
        let newest = (
            (SortByStaticFastValue::<i64>::for_field(EVENT), Order::Desc),
            (SortByStaticFastValue::<u64>::for_field(SEQ), Order::Desc),
        );
        let (found, total): (Vec<(Option<f32>, DocAddress)>, usize) = match request.order {
            SearchOrder::Newest => {
                let (found, total) = searcher.search(&query, &(top.order_by(newest), Count))?;
                (found.into_iter().map(|(_, at)| (None, at)).collect(), total)
            }
            SearchOrder::Relevance => {
                let order = (SortBySimilarityScore, newest);
                let (found, total) = searcher.search(&query, &(top.order_by(order), Count))?;
                (found.into_iter().map(|((score, _), at)| (Some(score), at)).collect(), total)
            }
        };
        let seqs = searcher
            .segment_readers()
            .iter()
            .map(|segment| segment.fast_fields().u64(SEQ))
            .collect::<tantivy::Result<Vec<_>>>()?;
        let hits = found
            .into_iter()
            .filter_map(|(score, at)| {
                let seq = seqs.get(at.segment_ord as usize)?.first(at.doc_id)?;
                Some(Hit { seq, score })
            })
            .collect();
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
