//! Loops that are started again when they die, and the pulse that shows they live.

use std::future::Future;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

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
    let tasks = shared.tasks.clone();
    tasks.clone().spawn(async move {
        let mut pause = Duration::from_secs(1);
        loop {
            let began = Instant::now();
            let ended = tasks.spawn(run(shared.clone())).await;
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
            pause = (pause * 2).min(Duration::from_secs(60));
        }
    });
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
