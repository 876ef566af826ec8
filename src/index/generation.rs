//! The folders of the index: one generation in use, and at most one set aside for whoever asks why.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tantivy::Index;
use tantivy::index::SegmentId;

use super::Result;

/// A folder `v{schema hash}-{number}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Generation {
    pub path: PathBuf,
    pub schema: String,
    pub number: u64,
}

impl Generation {
    pub(super) fn new(dir: &Path, schema: &str, number: u64) -> Generation {
        let path = dir.join(format!("v{schema}-{number}"));
        Generation { path, schema: schema.to_owned(), number }
    }

    fn read(path: PathBuf) -> Option<Generation> {
        let name = path.file_name()?.to_str()?;
        let (schema, number) = name.strip_prefix('v')?.rsplit_once('-')?;
        let (schema, number) = (schema.to_owned(), number.parse().ok()?);
        Some(Generation { path, schema, number })
    }
}

/// Every generation in a folder, oldest first. A folder that does not exist has none.
pub(super) fn generations(dir: &Path) -> io::Result<Vec<Generation>> {
    let entries = match fs::read_dir(dir) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.extend(Generation::read(entry.path()));
        }
    }
    found.sort_by_key(|generation| generation.number);
    Ok(found)
}

const SET_ASIDE: &str = "index.corrupt-";

/// Sets a generation aside as `index.corrupt-<instant>`. Only the newest is kept: they are as
/// large as the index.
pub(super) fn quarantine(dir: &Path, path: &Path, now: Timestamp) -> io::Result<()> {
    let stamp = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(SET_ASIDE) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    fs::rename(path, dir.join(format!("{SET_ASIDE}{stamp}")))
}

/// Bytes of the files in a folder; one that vanishes meanwhile counts nothing.
pub(super) fn bytes(dir: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(dir) else { return 0 };
    entries.flatten().filter_map(|entry| entry.metadata().ok()).map(|meta| meta.len()).sum()
}

/// Deletes files that a kill left behind and no list knows. The writer's lock must be held.
pub(super) fn sweep(dir: &Path, index: &Index) -> Result<usize> {
    let mut known: HashSet<PathBuf> = index.directory().list_managed_files();
    known.extend(segment_files(dir, index)?);
    known.insert(PathBuf::from("meta.json"));
    let mut swept = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = PathBuf::from(entry.file_name());
        // Locks and the list of files start with a dot; so do unfinished atomic writes, `.tmp…`.
        let own = name.to_str().is_some_and(|n| n.starts_with('.') && !n.starts_with(".tmp"));
        if !own && !known.contains(&name) && entry.file_type()?.is_file() {
            fs::remove_file(entry.path())?;
            swept += 1;
        }
    }
    Ok(swept)
}

/// Names of the files of the segments that searches see: those that begin with a segment's id.
pub(super) fn segment_files(dir: &Path, index: &Index) -> Result<Vec<PathBuf>> {
    let segments: HashSet<String> =
        index.searchable_segment_ids()?.iter().map(SegmentId::uuid_string).collect();
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name();
        let id = name.to_str().and_then(|name| name.split('.').next());
        if id.is_some_and(|id| segments.contains(id)) {
            files.push(PathBuf::from(name));
        }
    }
    files.sort();
    Ok(files)
}
