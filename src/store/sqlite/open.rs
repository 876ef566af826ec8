//! Opens the state directory: its lock, its database, its settings.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::migrate;
use super::sql::damaged;
use crate::store::{Result, StoreError};

pub(super) const DATABASE: &str = "vigie.db";
const LOCK: &str = "lock";

/// How long to wait for another process that holds the database (a backup, a curious `sqlite3`).
const BUSY: Duration = Duration::from_secs(5);
/// Statements kept prepared; there are about sixty in all.
const STATEMENTS: usize = 80;
/// Below this size the whole database is checked at every start: `count(*)` does not see a
/// flipped byte, `quick_check` does. Above it a start would take seconds; `verify` does it.
const CHECKED: u64 = 256 << 20;

/// Creates the state directory, readable by its owner alone.
pub(super) fn directory(path: &Path) -> Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|e| {
        StoreError::Io(format!("cannot create the state directory {}: {e}", path.display()))
    })
}

/// Holds the state directory until the file is dropped; also the death of the process drops it.
pub(super) fn lock(directory: &Path) -> Result<File> {
    let path = directory.join(LOCK);
    let failed = |e: std::io::Error| StoreError::Io(format!("cannot lock {}: {e}", path.display()));
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Only for the message: when it cannot be read, the answer is the same.
            let read = (&file).take(20).read_to_string(&mut holder);
            if read.is_err() || holder.trim().is_empty() {
                "unknown".clone_into(&mut holder);
            }
            return Err(StoreError::InUse {
                path: directory.display().to_string(),
                holder: holder.trim().to_owned(),
            });
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    file.set_len(0).map_err(failed)?;
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    writeln!(file, "{}", std::process::id()).map_err(failed)?;
    Ok(file)
}

/// The connection of the writing thread, checked and migrated.
pub(super) fn writer(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    keep_private(path)?;
    let mut db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(BUSY)?;
    migrate::found(&db)?;
    // Space given back in steps needs this before the first table is made.
    db.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    // NORMAL would be faster, but forgets the last commits when the power goes: an alert that was
    // accepted would not be durable.
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "journal_size_limit", 64 << 20)?;
    // What is deleted is overwritten: erasure has to be real in the file too.
    db.pragma_update(None, "secure_delete", "ON")?;
    settings(&db)?;
    let size = std::fs::metadata(path).map_or(0, |file| file.len());
    if size <= CHECKED
        && let Some(problem) = quick_check(&db)?.into_iter().next()
    {
        return Err(damaged(problem));
    }
    migrate::migrate(&mut db)?;
    Ok(db)
}

/// A connection that writes beside the daemon's: it checks, makes and migrates nothing, and what it
/// commits is as durable.
pub(super) fn guest(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(BUSY)?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "secure_delete", "ON")?;
    settings(&db)?;
    Ok(db)
}

/// A connection that cannot write, whatever it is asked.
pub(super) fn reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(BUSY)?;
    settings(&db)?;
    Ok(db)
}

fn settings(db: &Connection) -> Result<()> {
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    db.pragma_update(None, "foreign_keys", "ON")?;
    db.pragma_update(None, "cache_size", -16_384)?; // KiB
    db.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(())
}

/// SQLite gives its -wal and -shm files the mode of the database.
fn keep_private(path: &Path) -> Result<()> {
    let opened = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
    opened.map(drop).map_err(|e| StoreError::Io(format!("cannot open {}: {e}", path.display())))
}

/// What is wrong with the pages of the database; nothing when they are sound.
pub(super) fn quick_check(db: &Connection) -> Result<Vec<String>> {
    let found = super::sql::all(db, "PRAGMA quick_check(20)", [], |row| Ok(row.get(0)?))?;
    Ok(found.into_iter().filter(|line: &String| line != "ok").collect())
}
