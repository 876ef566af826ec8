//! What the store says about itself: identity, history, size.

use std::path::Path;

use rusqlite::{Connection, params};

use super::open;
use super::sql::{all, damaged, first, instant, number, page, to_i64};
use crate::store::{AuditEntry, Result, StoreHealth};

/// Audit lines in one page.
const ENTRIES: usize = 10_000;

pub(super) fn identity(db: &Connection) -> Result<String> {
    let sql = "SELECT value FROM meta WHERE name = 'identity'";
    first(db, sql, [], |row| Ok(row.get(0)?))?.ok_or_else(|| damaged("the store has no identity"))
}

pub(super) fn audit_after(db: &Connection, after: u64, limit: usize) -> Result<Vec<AuditEntry>> {
    all(
        db,
        "SELECT id, at, subject, name, value FROM audit WHERE id > ?1 ORDER BY id LIMIT ?2",
        params![to_i64(after), page(limit, ENTRIES)],
        |row| {
            Ok(AuditEntry {
                id: number(row, 0)?,
                at: instant(row, 1)?,
                subject: row.get(2)?,
                name: row.get(3)?,
                value: row.get(4)?,
            })
        },
    )
}

/// Sizes of files that cannot be seen are 0, and free space that cannot be asked is unknown:
/// health must answer most of all when something is wrong.
pub(super) fn health(db: &Connection, directory: &Path) -> Result<StoreHealth> {
    let size = |name: &str| std::fs::metadata(directory.join(name)).map_or(0, |file| file.len());
    let disk = rustix::fs::statvfs(directory).ok();
    let sql = "SELECT value FROM tally WHERE name = 'mentions'";
    Ok(StoreHealth {
        bytes: size(open::DATABASE),
        wal_bytes: size("vigie.db-wal"),
        mentions: first(db, sql, [], |row| number(row, 0))?.unwrap_or(0),
        // Not f_bfree: what is reserved for root does not help us.
        disk_free: disk.as_ref().map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize)),
        disk_total: disk.map(|disk| disk.f_blocks.saturating_mul(disk.f_frsize)),
    })
}
