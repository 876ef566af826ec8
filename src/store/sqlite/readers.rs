//! The connections that only read: a few, each seeing one consistent moment of the store.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::open;
use crate::store::{Result, StoreError};

/// Reads at the same time; more only compete for the same disk and cache.
const SEATS: usize = 4;

#[derive(Debug, Clone)]
pub(super) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
    seats: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Readers {
        let idle = Arc::new(Mutex::new(Vec::with_capacity(SEATS)));
        Readers { path, idle, seats: Arc::new(Semaphore::new(SEATS)) }
    }

    /// Reads in one snapshot, on a thread that may block.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let closed = |_| StoreError::Io("it is closed".to_owned());
        let seat = Arc::clone(&self.seats).acquire_owned().await.map_err(closed)?;
        let readers = self.clone();
        tokio::task::spawn_blocking(move || {
            let outcome = readers.read_now(work);
            drop(seat);
            outcome
        })
        .await
        .map_err(|error| StoreError::Io(format!("a reader failed: {error}")))?
    }

    fn read_now<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = idle().pop();
        let db = match kept {
            Some(db) => db,
            None => open::reader(&self.path)?,
        };
        let snapshot = db.unchecked_transaction()?;
        let outcome = work(&snapshot);
        snapshot.finish()?;
        // A connection that met an error is not kept: the next one starts afresh.
        if outcome.is_ok() {
            idle().push(db);
        }
        outcome
    }
}
