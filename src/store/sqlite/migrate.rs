//! Brings a database to the schema of this program, one numbered step at a time.

use rusqlite::{Connection, TransactionBehavior};

use crate::store::{Result, StoreError};

/// Schema n is reached by step n − 1; a released step never changes again.
const STEPS: [&str; KNOWN as usize] = [
    include_str!("schema/001.sql"),
    include_str!("schema/002.sql"),
    include_str!("schema/003.sql"),
    include_str!("schema/004.sql"),
];

/// The schema that this program writes.
pub(super) const KNOWN: u32 = 4;

/// Which schema a database has: 0 when it is new.
pub(super) fn found(db: &Connection) -> Result<u32> {
    let found = db.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))?;
    if found > KNOWN { Err(StoreError::Newer { found, known: KNOWN }) } else { Ok(found) }
}

/// Takes every step that is missing, each in a transaction of its own: whatever interrupts it,
/// the database is at a numbered schema.
pub(super) fn migrate(db: &mut Connection) -> Result<()> {
    let found = found(db)?;
    for (step, number) in STEPS.iter().zip(1_u32..).skip(found as usize) {
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute_batch(step)?;
        tx.pragma_update(None, "user_version", number)?;
        tx.commit()?;
    }
    // Only compared, never guessed: random enough that no two stores share it.
    db.execute(
        "INSERT INTO meta (name, value) VALUES ('identity', lower(hex(randomblob(16)))) \
         ON CONFLICT (name) DO NOTHING",
        [],
    )?;
    Ok(())
}
