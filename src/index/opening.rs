//! From a folder to an open index: its lock, its files, what its last commit says, its writer.

use std::fs::{self, File, TryLockError};
use std::panic::catch_unwind;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tantivy::directory::MmapDirectory;
use tantivy::merge_policy::LogMergePolicy;
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, TantivyError};

use super::generation::{Generation, sweep};
use super::schema::Fields;
use super::search::Edition;
use super::view::{RebuildReason, StoreMark};
use super::{IndexError, Result};
use crate::store::Position;

/// Of one thread; more gains nothing at our commit sizes.
const WRITER_HEAP: usize = 64_000_000;

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

/// tantivy locks a generation only, and not while it is being replaced; this locks them all.
pub(super) fn lock(dir: &Path) -> Result<File> {
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
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok((index, reader))
    })
    .unwrap_or_else(|_| Err(IndexError::Damaged("opening it failed in the middle".to_owned())))
}

pub(super) fn payload(index: &Index) -> Result<Option<Payload>> {
    let text = index.load_metas()?.payload;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

pub(super) type Stand = (Edition, IndexWriter);

/// Goes on with a generation, or says why not.
pub(super) fn resume(
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

pub(super) fn create(dir: &Path, fields: &Fields, store: &str, number: u64) -> Result<Stand> {
    let schema = fields.hash();
    let generation = Generation::new(dir, &schema, number);
    fs::create_dir_all(&generation.path)?;
    let index = Index::create_in_dir(&generation.path, fields.schema.clone())?;
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

pub(super) fn writer(index: &Index) -> Result<IndexWriter> {
    let writer = index.writer_with_num_threads(1, WRITER_HEAP)?;
    // The default never gives back the space of deleted documents.
    let mut merging = LogMergePolicy::default();
    merging.set_del_docs_ratio_before_merge(0.2);
    merging.set_max_docs_before_merge(5_000_000);
    merging.set_min_num_segments(8);
    writer.set_merge_policy(Box::new(merging));
    Ok(writer)
}

pub(super) fn commit_at(writer: &mut IndexWriter, payload: &Payload) -> Result<()> {
    let text = serde_json::to_string(payload).map_err(|e| IndexError::Io(e.to_string()))?;
    let mut prepared = writer.prepare_commit()?;
    prepared.set_payload(&text);
    prepared.commit()?;
    Ok(())
}
