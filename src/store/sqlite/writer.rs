//! The one thread that writes: whoever writes waits in its queue, and those who wait share a sync.

use std::path::Path;
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::store::{Result, StoreError};

/// Jobs that may wait. Above that, whoever writes is held back instead of memory filling up.
const QUEUE: usize = 256;
/// Jobs that may share one commit. A sync costs as much as hundreds of rows, so polls that end
/// together pay for it together.
const TOGETHER: usize = 32;

/// Does the work in the open transaction, or learns why there is none.
type Job = Box<dyn FnOnce(std::result::Result<&Connection, &StoreError>) -> Done + Send>;

/// A job that was done but is not durable yet: who asked must not hear of it before the commit.
struct Done {
    failed: Option<StoreError>,
    /// Tells who asked; given the reason when the commit failed and took the work with it.
    tell: Tell,
}

type Tell = Box<dyn FnOnce(Option<&StoreError>)>;

/// The handle of the writing thread. Dropping it lets what is queued be written, then waits.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Hands the connection to a new thread.
    pub(super) fn start(db: Connection, path: &Path) -> Result<Writer> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || serve(&db, jobs))
            .map_err(|e| StoreError::Io(format!("no thread to write {}: {e}", path.display())))?;
        Ok(Writer { queue: Some(queue), thread: Some(thread) })
    }

    /// Does work in a transaction; returns when it is on the disk, or has left no trace.
    ///
    /// Waits as long as the disk takes: giving up would leave the caller not knowing whether the
    /// work was done. When the caller is dropped meanwhile, the work is done all the same.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |db| {
            let outcome = match db {
                Ok(db) => in_savepoint(db, work),
                Err(error) => Err(error.clone()),
            };
            let failed = outcome.as_ref().err().cloned();
            let tell = Box::new(move |lost: Option<&StoreError>| {
                let outcome = match (lost, outcome) {
                    (Some(error), Ok(_)) => Err(error.clone()),
                    (_, outcome) => outcome,
                };
                // Who asked may be gone: nobody is left to tell.
                drop(reply.send(outcome));
            });
            Done { failed, tell }
        });
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.send(job).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // A writer that panicked has told everybody by closing their channels.
            drop(thread.join());
        }
    }
}

fn stopped() -> StoreError {
    StoreError::Io("its writer has stopped: restart vigie".to_owned())
}

fn serve(db: &Connection, mut jobs: mpsc::Receiver<Job>) {
    while let Some(first) = jobs.blocking_recv() {
        let mut together = vec![first];
        while together.len() < TOGETHER
            && let Ok(job) = jobs.try_recv()
        {
            together.push(job);
        }
        commit_together(db, together);
    }
}

/// One transaction for all of them. Each stands alone in it: the failure of one undoes only its
/// own work, and only the failure of the commit itself undoes all.
fn commit_together(db: &Connection, jobs: Vec<Job>) {
    let mut lost = db.execute_batch("BEGIN IMMEDIATE").err().map(StoreError::from);
    let mut tellers = Vec::with_capacity(jobs.len());
    for job in jobs {
        let done = job(match &lost {
            None => Ok(db),
            Some(error) => Err(error),
        });
        // On a full disk and on I/O errors SQLite itself may end the whole transaction: what the
        // jobs before this one did is gone too.
        if lost.is_none() && db.is_autocommit() {
            lost = Some(done.failed.unwrap_or_else(|| {
                StoreError::Io("the engine gave the transaction up".to_owned())
            }));
        }
        tellers.push(done.tell);
    }
    if lost.is_none()
        && let Err(error) = db.execute_batch("COMMIT")
    {
        lost = Some(error.into());
    }
    if !db.is_autocommit()
        && let Err(error) = db.execute_batch("ROLLBACK")
    {
        tracing::error!(%error, "the store could not undo a failed transaction");
    }
    for tell in tellers {
        tell(lost.as_ref());
    }
}

fn in_savepoint<T>(db: &Connection, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    super::sql::run(db, "SAVEPOINT job", [])?;
    let outcome = work(db);
    if outcome.is_err() && !db.is_autocommit() {
        super::sql::run(db, "ROLLBACK TO job", [])?;
    }
    if !db.is_autocommit() {
        super::sql::run(db, "RELEASE job", [])?;
    }
    outcome
}
