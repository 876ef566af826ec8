//! The indexer: follows the change feed into the search view, whose commit says how far it is.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;

use super::Shared;
use crate::index::{IndexError, IndexView, StoreMark, ViewState};
use crate::store::{Change, Position};

/// Changes read at once.
const BATCH: usize = 2_000;

/// A commit costs the same whatever is in it (about 80 ms of fsync), so it waits for company; a
/// person who searches does not notice two seconds.
const COMMIT_EVERY: Duration = Duration::from_secs(2);
const COMMIT_DOCS: usize = 10_000;

/// Opens the view for this store, or says why it is made again.
pub(super) async fn open(shared: &Shared, directory: &Path) -> Result<IndexView, IndexError> {
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
    Ok(opened.view)
}

pub(super) async fn run(shared: Shared, directory: PathBuf, view: Option<IndexView>) {
    let mut view = match view {
        Some(view) => view,
        None => match open(&shared, &directory).await {
            Ok(view) => view,
            Err(error) => {
                tracing::error!(%error, "the search index cannot be opened; search is behind");
                return;
            }
        },
    };
    let mut read = view.position();
    let mut waiting = 0;
    let mut committed = Instant::now();
    loop {
        shared.hints.pulse.beat("indexer");
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
        let more = changes.len() == BATCH;
        if position > read {
            waiting += changes.len();
            view = match apply(&shared, view, changes, position).await {
                Some(view) => view,
                None => return,
            };
            read = position;
        }
        let stopping = shared.stop.is_cancelled();
        let due = waiting >= COMMIT_DOCS || committed.elapsed() >= COMMIT_EVERY || stopping;
        if read > view.position() && due {
            view = match commit(&shared, view).await {
                Some(view) => view,
                None => return,
            };
            waiting = 0;
            committed = Instant::now();
        }
        measure(&shared, &view).await;
        if stopping {
            return;
        }
        if !more {
            let behind = read > view.position();
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
    let view = blocking(shared, "commit", move || view.commit().map(|()| view)).await;
    timer.observe_duration();
    let result = if view.is_some() { "ok" } else { "failed" };
    shared.metrics.index_commits.with_label_values(&[result]).inc();
    view
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

async fn measure(shared: &Shared, view: &IndexView) {
    let stats = view.stats();
    let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    shared.metrics.index_docs.set(whole(stats.docs));
    shared.metrics.index_segments.set(whole(stats.segments));
    shared.metrics.index_bytes.set(whole(stats.bytes));
    if let Ok(last) = shared.store.last_position().await {
        shared.metrics.index_lag.set(whole(last.0.saturating_sub(view.position().0)));
    }
}
