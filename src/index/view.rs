//! The writing half: follows the change feed, commits its position with the documents, and starts
//! again from nothing when what is on disk cannot be trusted.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tantivy::directory::MmapDirectory;
use tantivy::merge_policy::LogMergePolicy;
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, TantivyError, Term};

use super::analysis::register;
use super::generation::{Generation, generations, quarantine, sweep};
use super::schema::Fields;
use super::search::{Edition, Searcher};
use super::{IndexError, Result};
use crate::store::{Change, Position};

/// Of one thread; more gains nothing at our commit sizes.
const WRITER_HEAP: usize = 64_000_000;

/// Which store the view must belong to, and how far that store goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreMark<'a> {
    pub identity: &'a str,
    pub last: Position,
}

/// A view that is open, and how it was found.
pub struct Opened {
    pub view: IndexView,
    pub state: ViewState,
    /// Nobody closed it the last time: [`Searcher::validate`] it in the background.
    pub unclean: bool,
}

/// How a view was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ViewState {
    /// There was none: follow the feed from its start.
    Created,
    /// Go on from [`IndexView::position`].
    Current,
    /// What was there is set aside: follow the feed from its start.
    Rebuilding(RebuildReason),
}

/// Why what was on disk could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RebuildReason {
    #[error("it was made by a vigie that analysed texts in another way")]
    SchemaChanged,
    #[error("it was made from another store")]
    OtherStore,
    #[error("it stands at {index}, after the store's last change {store}: a restored backup")]
    AheadOfStore { index: u64, store: u64 },
    #[error("it does not say how far it goes")]
    NoPosition,
    #[error("{0}")]
    Damaged(String),
}

/// What each commit says about itself. A commit without it would erase it, so that every commit
/// goes through [`commit_at`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Payload {
    pub position: Position,
    pub schema: String,
    pub store: String,
    #[serde(rename = "gen")]
    pub generation: u64,
}

/// The one writer of an index folder; holds its lock.
pub struct IndexView {
    dir: PathBuf,
    store: String,
    searcher: Searcher,
    /// Absent after a failure, until the next use makes a new one.
    writer: Option<IndexWriter>,
    committed: Position,
    applied: Position,
    lock: File,
}

impl IndexView {
    /// Opens the index of a store, or starts a new one.
    ///
    /// `dir` is the folder of all generations. What does not belong to this store, comes after
    /// its last change, has another schema or is damaged is set aside, never mended. A busy lock,
    /// a missing permission or a full disk is an error, and nothing is touched.
    pub fn open(dir: &Path, store: StoreMark<'_>, now: Timestamp) -> Result<Opened> {
        fs::create_dir_all(dir)?;
        let mut lock = lock(dir)?;
        let unclean = lock.metadata()?.len() > 0;
        let fields = Fields::new();
        let found = generations(dir)?;
        let (edition, writer, state) = match found.split_last() {
            None => {
                let (edition, writer) = create(dir, &fields, store.identity, 1)?;
                (edition, writer, ViewState::Created)
            }
            Some((newest, older)) => {
                // A kill between the steps of a rebuild can leave one behind.
                older.iter().try_for_each(|old| fs::remove_dir_all(&old.path))?;
                match resume(&fields, newest, store)? {
                    Ok((edition, writer)) => (edition, writer, ViewState::Current),
                    Err(reason) => {
                        quarantine(dir, &newest.path, now)?;
                        let next = newest.number + 1;
                        let (edition, writer) = create(dir, &fields, store.identity, next)?;
                        (edition, writer, ViewState::Rebuilding(reason))
                    }
                }
            }
        };
        if !unclean {
            lock.write_all(b"open\n")?;
        }
        let committed = edition.position;
        let view = IndexView {
            dir: dir.to_owned(),
            store: store.identity.to_owned(),
            searcher: Searcher::over(fields, edition),
            writer: Some(writer),
            committed,
            applied: committed,
            lock,
        };
        Ok(Opened { view, state, unclean })
    }

    /// A handle for searches, to be cloned at will.
    pub fn searcher(&self) -> Searcher {
        self.searcher.clone()
    }

    /// Where to read the change feed on from: the committed place after a start or a failure, the
    /// applied one otherwise.
    pub fn position(&self) -> Position {
        self.applied
    }

    /// The place that a kill cannot take back.
    pub fn committed(&self) -> Position {
        self.committed
    }

    /// Repeats changes up to a place of the feed; repeating them again changes nothing. They are
    /// found after the next [`IndexView::commit`].
    ///
    /// After an error everything since the last commit is forgotten: go on from
    /// [`IndexView::position`], which has gone back.
    pub fn apply(&mut self, changes: &[Change], upto: Position) -> Result<()> {
        let outcome = self.feed(changes);
        self.or_forget(outcome)?;
        self.applied = self.applied.max(upto);
        Ok(())
    }

    fn feed(&mut self, changes: &[Change]) -> Result<()> {
        self.ready()?;
        let fields = self.searcher.fields();
        let Some(writer) = &self.writer else { return Ok(()) };
        for change in changes {
            let seq = match change {
                Change::Put(mention) => mention.seq,
                Change::Delete { seq, .. } => *seq,
            };
            writer.delete_term(Term::from_field_u64(fields.seq, seq));
            if let Change::Put(mention) = change {
                writer.add_document(fields.document(mention))?;
            }
        }
        Ok(())
    }

    /// Makes everything applied durable and findable, and says up to where. Costs several syncs:
    /// every few seconds or ten thousand documents, not after each change.
    pub fn commit(&mut self) -> Result<Position> {
        if self.applied > self.committed {
            let outcome = self.commit_applied();
            self.or_forget(outcome)?;
        }
        Ok(self.committed)
    }

    fn commit_applied(&mut self) -> Result<()> {
        self.ready()?;
        let mut edition = self.searcher.edition();
        let payload = self.payload(&edition);
        let Some(writer) = &mut self.writer else { return Ok(()) };
        commit_at(writer, &payload)?;
        self.committed = self.applied;
        edition.position = self.committed;
        edition.reader.reload()?;
        self.searcher.replace(edition);
        Ok(())
    }

    /// Waits for running merges, and gives back the space of what they replaced.
    pub fn settle(&mut self) -> Result<()> {
        self.commit()?;
        if let Some(writer) = self.writer.take() {
            writer.wait_merging_threads()?;
        }
        // Files that the reader still shows cannot go: it moves on first.
        self.searcher.edition().reader.reload()?;
        self.ready()?;
        if let Some(writer) = &self.writer {
            writer.garbage_collect_files().wait()?;
        }
        Ok(())
    }

    /// Sets the present index aside and starts an empty one; every searcher moves with it. For
    /// [`IndexError::Damaged`], files that [`Searcher::validate`] names, or on demand.
    pub fn rebuild(&mut self, now: Timestamp) -> Result<()> {
        self.forget();
        let old = self.searcher.edition().generation;
        if old.path.exists() {
            quarantine(&self.dir, &old.path, now)?;
        }
        let (edition, writer) =
            create(&self.dir, self.searcher.fields(), &self.store, old.number + 1)?;
        self.committed = edition.position;
        self.applied = edition.position;
        self.writer = Some(writer);
        self.searcher.replace(edition);
        Ok(())
    }

    /// Commits and marks the folder as left in order.
    pub fn close(mut self) -> Result<Position> {
        let position = self.commit()?;
        self.forget();
        self.lock.set_len(0)?;
        Ok(position)
    }

    fn payload(&self, edition: &Edition) -> Payload {
        Payload {
            position: self.applied,
            schema: edition.generation.schema.clone(),
            store: self.store.clone(),
            generation: edition.generation.number,
        }
    }

    /// A writer that met an error (a full disk kills it) is of no more use, and what it held is
    /// lost: the feed has it all.
    fn forget(&mut self) {
        self.writer = None;
        self.applied = self.committed;
    }

    fn or_forget<T>(&mut self, outcome: Result<T>) -> Result<T> {
        if outcome.is_err() {
            self.forget();
        }
        outcome
    }

    fn ready(&mut self) -> Result<()> {
        if self.writer.is_none() {
            self.writer = Some(writer(&self.searcher.edition().index)?);
        }
        Ok(())
    }
}

/// tantivy locks a generation only, and not while it is being replaced; this locks them all.
fn lock(dir: &Path) -> Result<File> {
    let path = dir.join("lock");
    let file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(IndexError::Locked(dir.display().to_string())),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Opens a generation as far as a reader: only that proves that every file is there.
pub(super) fn open_index(path: &Path) -> Result<(Index, IndexReader)> {
    catch_unwind(|| {
        let index = Index::open(MmapDirectory::open(path).map_err(TantivyError::from)?)?;
        register(index.tokenizers());
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok((index, reader))
    })
    .unwrap_or_else(|_| Err(IndexError::Damaged("opening it failed in the middle".to_owned())))
}

pub(super) fn payload(index: &Index) -> Result<Option<Payload>> {
    let text = index.load_metas()?.payload;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

type Stand = (Edition, IndexWriter);

/// Goes on with a generation, or says why not.
fn resume(
    fields: &Fields,
    found: &Generation,
    store: StoreMark<'_>,
) -> Result<std::result::Result<Stand, RebuildReason>> {
    let attempt = || -> Result<std::result::Result<Stand, RebuildReason>> {
        let hash = fields.hash();
        if found.schema != hash {
            return Ok(Err(RebuildReason::SchemaChanged));
        }
        let (index, reader) = open_index(&found.path)?;
        if index.schema() != fields.schema {
            return Ok(Err(RebuildReason::SchemaChanged));
        }
        let Some(payload) = payload(&index)? else { return Ok(Err(RebuildReason::NoPosition)) };
        if payload.schema != hash {
            return Ok(Err(RebuildReason::SchemaChanged));
        }
        if payload.store != store.identity {
            return Ok(Err(RebuildReason::OtherStore));
        }
        let position = payload.position;
        if position > store.last {
            let (index, store) = (position.0, store.last.0);
            return Ok(Err(RebuildReason::AheadOfStore { index, store }));
        }
        let writer = writer(&index)?;
        sweep(&found.path, &index)?;
        Ok(Ok((Edition { generation: found.clone(), index, reader, position }, writer)))
    };
    match attempt() {
        Err(IndexError::Damaged(why)) => Ok(Err(RebuildReason::Damaged(why))),
        outcome => outcome,
    }
}

fn create(dir: &Path, fields: &Fields, store: &str, number: u64) -> Result<Stand> {
    let schema = fields.hash();
    let generation = Generation::new(dir, &schema, number);
    fs::create_dir_all(&generation.path)?;
    let index = Index::create_in_dir(&generation.path, fields.schema.clone())?;
    register(index.tokenizers());
    let mut writer = writer(&index)?;
    let position = Position::default();
    // Said at once: an index of which nobody knows whose it is would be rebuilt for nothing.
    commit_at(
        &mut writer,
        &Payload { position, schema, store: store.to_owned(), generation: number },
    )?;
    let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
    Ok((Edition { generation, index, reader, position }, writer))
}

fn writer(index: &Index) -> Result<IndexWriter> {
    let writer = index.writer_with_num_threads(1, WRITER_HEAP)?;
    // The default never gives back the space of deleted documents.
    let mut merging = LogMergePolicy::default();
    merging.set_del_docs_ratio_before_merge(0.2);
    merging.set_max_docs_before_merge(5_000_000);
    merging.set_min_num_segments(8);
    writer.set_merge_policy(Box::new(merging));
    Ok(writer)
}

fn commit_at(writer: &mut IndexWriter, payload: &Payload) -> Result<()> {
    let text = serde_json::to_string(payload).map_err(|e| IndexError::Io(e.to_string()))?;
    let mut prepared = writer.prepare_commit()?;
    prepared.set_payload(&text);
    prepared.commit()?;
    Ok(())
}
