//! Loops that are started again when they die, and the pulse that shows they live.

use std::future::Future;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;
use tracing::{Instrument, Span};

use super::Shared;

/// Runs a loop until the daemon stops. A loop that panics or returns early is started again after
/// a pause that doubles up to a minute; each time is counted, so that nothing dies in silence.
pub(super) fn keep_alive<F, Run>(shared: &Shared, name: &'static str, run: Run)
where
    F: Future<Output = ()> + Send + 'static,
    Run: Fn(Shared) -> F + Send + Sync + 'static,
{
    let shared = shared.clone();
    shared.metrics.task_restarts.with_label_values(&[name]);
    shared.hints.pulse.beat(name);
    let tasks = shared.tasks.clone();
    tasks.clone().spawn(async move {
        let mut pause = Duration::from_secs(1);
        loop {
            let began = Instant::now();
            let span = tracing::error_span!("task", name);
            let ended = tasks.spawn(run(shared.clone()).instrument(span)).await;
            if shared.stop.is_cancelled() {
                return;
            }
            let why = match ended {
                Ok(()) => "it returned".to_owned(),
                Err(error) => error.to_string(),
            };
            tracing::error!(task = name, why, "a task ended unexpectedly and is started again");
            shared.metrics.task_restarts.with_label_values(&[name]).inc();
            if began.elapsed() > Duration::from_secs(300) {
                pause = Duration::from_secs(1);
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = shared.stop.cancelled() => return,
            }
            // Whoever is started again goes round: the watchdog is for what hangs.
            shared.hints.pulse.beat(name);
            pause = (pause * 2).min(Duration::from_secs(60));
        }
    });
}

/// Runs one piece of work as a task of its own, so that a panic in it kills nothing else: it is
/// counted, and said by the hook of the process; what it says is given back.
pub(super) async fn contained<F>(
    shared: &Shared,
    name: &'static str,
    work: F,
) -> Result<F::Output, String>
where
    F: Future<Output: Send> + Send + 'static,
{
    let ended = shared.tasks.spawn(work.instrument(Span::current())).await;
    ended.map_err(|panic| {
        shared.metrics.panics.with_label_values(&[name]).inc();
        panic.to_string()
    })
}

/// Computes on a thread that nobody else waits for, with the same care.
pub(super) async fn computed<T: Send + 'static>(
    shared: &Shared,
    name: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    let span = Span::current();
    let ended = shared.tasks.spawn_blocking(move || span.in_scope(work)).await;
    ended.map_err(|panic| {
        shared.metrics.panics.with_label_values(&[name]).inc();
        panic.to_string()
    })
}

/// When each loop last went round. The watchdog attests progress, not health: a store or a relay
/// that is down must not get the process killed.
#[derive(Default)]
pub(crate) struct Pulse(Mutex<Vec<(&'static str, Instant)>>);

impl Pulse {
    pub(crate) fn beat(&self, name: &'static str) {
        let now = Instant::now();
        let mut beats = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match beats.iter_mut().find(|(known, _)| *known == name) {
            Some((_, last)) => *last = now,
            None => beats.push((name, now)),
        }
    }

    /// Loops that have not gone round for this long.
    pub(crate) fn stalled(&self, limit: Duration) -> Vec<&'static str> {
        let beats = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        beats.iter().filter(|(_, last)| last.elapsed() > limit).map(|(name, _)| *name).collect()
    }
}
