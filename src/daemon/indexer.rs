//! The indexer: follows the change feed into the search view, whose commit says how far it is.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::Shared;
use crate::index::{IndexError, IndexView, Opened, Searcher, StoreMark, ViewState};
use crate::store::{Change, Position};

/// Changes read at once.
const BATCH: usize = 2_000;

/// A commit costs the same whatever is in it (about 80 ms of fsync), so it waits for company; a
/// person who searches does not notice two seconds.
const COMMIT_EVERY: Duration = Duration::from_secs(2);
const COMMIT_DOCS: usize = 10_000;

/// Opens the view for this store, or says why it is made again.
pub(super) async fn open(shared: &Shared, directory: &Path) -> Result<Opened, IndexError> {
    let identity = shared.store.identity().await.map_err(|e| IndexError::Io(e.to_string()))?;
    let last = shared.store.last_position().await.map_err(|e| IndexError::Io(e.to_string()))?;
    let directory = directory.join("index");
    let now = shared.clock.now();
    let open = move || {
        let mark = StoreMark { identity: &identity, last };
        IndexView::open(&directory, mark, now)
    };
    let opened = tokio::task::spawn_blocking(open)
        .await
        .map_err(|panic| IndexError::Io(panic.to_string()))??;
    if let ViewState::Rebuilding(reason) = &opened.state {
        tracing::warn!(%reason, "the search index is built again from the store");
        shared.metrics.index_rebuilds.with_label_values(&[reason.label()]).inc();
    }
    Ok(opened)
}

pub(super) async fn run(shared: Shared, directory: PathBuf, opened: Option<Opened>) {
    let opened = match opened {
        Some(opened) => opened,
        None => match open(&shared, &directory).await {
            Ok(opened) => opened,
            Err(error) => {
                tracing::error!(%error, "the search index cannot be opened; search is behind");
                return;
            }
        },
    };
    let mut check = opened.unclean.then(|| validate(&shared, opened.view.searcher()));
    let mut view = opened.view;
    let mut read = view.position();
    let mut waiting = 0;
    let mut committed = Instant::now();
    loop {
        shared.hints.pulse.beat("indexer");
        if check.as_ref().is_some_and(JoinHandle::is_finished)
            && let Some(check) = check.take()
            && matches!(check.await, Ok(true))
        {
            view = match rebuild(&shared, view).await {
                Some(view) => view,
                None => return,
            };
            read = view.position();
        }
        let (changes, position) = match shared.store.changes_after(read, BATCH).await {
            Ok(read) => read,
            Err(error) => {
                shared.store_failed("changes", &error);
                shared.pause(&shared.hints.index, COMMIT_EVERY).await;
                if shared.stop.is_cancelled() {
                    return;
                }
                continue;
            }
        };
        // A page may be empty although there is more: the end is where the position stays.
        let more = position > read;
        if more {
            waiting += changes.len();
            view = match apply(&shared, view, changes, position).await {
                Some(view) => view,
                None => return,
            };
            read = position;
        }
        let stopping = shared.stop.is_cancelled();
        let due = waiting >= COMMIT_DOCS || committed.elapsed() >= COMMIT_EVERY || stopping;
        if read > view.committed() && due {
            view = match commit(&shared, view).await {
                Some(view) => view,
                None => return,
            };
            waiting = 0;
            committed = Instant::now();
        }
        measure(&shared, &view);
        if stopping {
            close(&shared, view).await;
            return;
        }
        if !more {
            let behind = read > view.committed();
            let wait = if behind {
                COMMIT_EVERY.saturating_sub(committed.elapsed())
            } else {
                COMMIT_EVERY * 15
            };
            wait_real(&shared, wait).await;
        }
    }
}

/// Commits are paced by the disk, so by real time whatever the clock says.
async fn wait_real(shared: &Shared, wait: Duration) {
    tokio::select! {
        () = shared.hints.index.notified() => {}
        () = shared.stop.cancelled() => {}
        () = tokio::time::sleep(wait.max(Duration::from_millis(25))) => {}
    }
}

/// Lets the view hear a batch. A view that fails is given up: the supervisor starts the loop again
/// and what was not committed is read again.
async fn apply(
    shared: &Shared,
    mut view: IndexView,
    changes: Vec<Change>,
    upto: Position,
) -> Option<IndexView> {
    blocking(shared, "apply", move || view.apply(&changes, upto).map(|()| view)).await
}

async fn commit(shared: &Shared, mut view: IndexView) -> Option<IndexView> {
    let timer = shared.metrics.index_commit.start_timer();
    let view = blocking(shared, "commit", move || view.commit().map(|_| view)).await;
    timer.observe_duration();
    let result = if view.is_some() { "ok" } else { "failed" };
    shared.metrics.index_commits.with_label_values(&[result]).inc();
    view
}

/// Reads every file of an index that nobody closed and compares its checksum: the engine itself
/// does not, and a flipped bit would be searched in silence. True means that it is damaged.
fn validate(shared: &Shared, searcher: Searcher) -> JoinHandle<bool> {
    shared.tasks.spawn_blocking(move || match searcher.validate() {
        Ok(damaged) if damaged.is_empty() => false,
        Ok(damaged) => {
            tracing::error!(?damaged, "the search index is damaged");
            true
        }
        Err(error) => {
            tracing::warn!(%error, "the search index cannot be checked");
            false
        }
    })
}

async fn rebuild(shared: &Shared, mut view: IndexView) -> Option<IndexView> {
    shared.metrics.index_rebuilds.with_label_values(&["damaged"]).inc();
    let now = shared.clock.now();
    blocking(shared, "rebuild", move || view.rebuild(now).map(|()| view)).await
}

/// Leaves the folder in order, so that the next start need not check it.
async fn close(shared: &Shared, view: IndexView) {
    match shared.tasks.spawn_blocking(move || view.close()).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the search index was not closed in order"),
        Err(panic) => tracing::error!(%panic, "the search index was not closed in order"),
    }
}

async fn blocking<F>(shared: &Shared, what: &str, work: F) -> Option<IndexView>
where
    F: FnOnce() -> Result<IndexView, IndexError> + Send + 'static,
{
    match shared.tasks.spawn_blocking(work).await {
        Ok(Ok(view)) => Some(view),
        Ok(Err(error)) => {
            tracing::error!(what, %error, "the search index failed; it is opened again");
            None
        }
        Err(panic) => {
            tracing::error!(what, %panic, "the search index failed; it is opened again");
            None
        }
    }
}

fn measure(shared: &Shared, view: &IndexView) {
    let stats = view.searcher().stats();
    let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    shared.metrics.index_docs.set(whole(stats.docs));
    shared.metrics.index_segments.set(whole(stats.segments as u64));
    shared.metrics.index_bytes.set(whole(stats.bytes));
    shared.hints.indexed.store(view.committed().0, Ordering::Relaxed);
}
