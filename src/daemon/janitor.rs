//! The janitor: watches the disk, and measures what no other loop measures.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::Shared;
use crate::metrics::{Polled, seconds};
use crate::store::{Position, StoreHealth};

/// Below this share of the disk, or this many bytes, polls pause before a write can fail: what is
/// not fetched is not lost, it is fetched later.
const FREE_SHARE: f64 = 0.05;
const FREE_BYTES: u64 = 500 << 20;

pub(super) async fn run(shared: Shared) {
    while !shared.stop.is_cancelled() {
        shared.hints.pulse.beat("janitor");
        measure(&shared).await;
        sources(&shared).await;
        tokio::select! {
            () = shared.stop.cancelled() => {}
            () = tokio::time::sleep(Duration::from_secs(10)) => {}
        }
    }
}

/// Brings the gauges up to date; called at every scrape too, so that an age never stands still
/// because a loop does.
pub(crate) async fn measure(shared: &Shared) {
    match shared.store.health().await {
        Ok(health) => disk(shared, &health),
        Err(error) => shared.store_failed("health", &error),
    }
    match shared.store.outbox().await {
        Ok(states) => outbox(shared, &states),
        Err(error) => shared.store_failed("outbox", &error),
    }
    match shared.store.last_position().await {
        Ok(last) => {
            let behind = last.0.saturating_sub(shared.hints.indexed.load(Ordering::Relaxed));
            shared.metrics.index_lag.set(i64::try_from(behind).unwrap_or(i64::MAX));
            stories(shared, last).await;
        }
        Err(error) => shared.store_failed("last_position", &error),
    }
    if let Some(process) = procfs() {
        shared.metrics.resident_bytes.set(process.resident);
        shared.metrics.open_fds.set(process.fds);
        let cpu = &shared.metrics.cpu_seconds;
        cpu.inc_by((process.cpu_seconds - cpu.get()).max(0.0));
    }
}

async fn stories(shared: &Shared, last: Position) {
    match shared.store.stories_position().await {
        Ok(position) => {
            let behind = last.0.saturating_sub(position.0);
            shared.metrics.stories_lag.set(i64::try_from(behind).unwrap_or(i64::MAX));
        }
        Err(error) => shared.store_failed("stories_position", &error),
    }
}

/// Shows how every source does, as the store knows it: also those that are not polled for hours
/// after a restart, and none that a reload removed while it was polled.
pub(super) async fn sources(shared: &Shared) {
    let statuses = match shared.store.sources().await {
        Ok(statuses) => statuses,
        Err(error) => return shared.store_failed("sources", &error),
    };
    let live = shared.live();
    super::configured_series(shared, &live);
    for source in &live.config.sources {
        let known = statuses.iter().find(|status| status.id == source.id);
        let Some(status) = known.filter(|status| status.last_poll.is_some()) else { continue };
        let label = shared.metrics.source_label(source.id.as_str());
        shared.metrics.source_polled(
            &[label, source.kind],
            &Polled {
                up: status.failures == 0,
                failures: status.failures,
                next: status.next,
                success: status.last_success,
            },
        );
    }
}

fn disk(shared: &Shared, health: &StoreHealth) {
    let metrics = &shared.metrics;
    let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    metrics.store_bytes.set(whole(health.bytes));
    metrics.wal_bytes.set(whole(health.wal_bytes));
    let (Some(free), Some(total)) = (health.disk_free, health.disk_total) else { return };
    metrics.disk_free.set(whole(free));
    // A small disk is guarded by its share alone, or it could never be used.
    let floor = (total as f64 * FREE_SHARE).max((FREE_BYTES as f64).min(total as f64 * 0.2));
    // A guard that is on wants a tenth more before it lets go, or it would flap.
    let before = shared.hints.disk_guard.load(Ordering::Relaxed);
    let full = (free as f64) < floor * if before { 1.1 } else { 1.0 };
    shared.hints.disk_guard.store(full, Ordering::Relaxed);
    metrics.disk_guard.set(i64::from(full));
    if full && !before {
        tracing::error!(free, "the disk is nearly full: polls pause, nothing is lost; make room");
    }
    if before && !full {
        tracing::info!(free, "the disk has room again: polls go on");
        shared.hints.poll.notify_one();
    }
}

fn outbox(shared: &Shared, states: &[crate::store::OutboxStatus]) {
    let metrics = &shared.metrics;
    let now = shared.clock.now();
    for state in ["queued", "sending", "unknown", "dead"] {
        metrics.outbox.with_label_values(&["email", state]).set(0);
    }
    let mut oldest = 0.0_f64;
    for status in states.iter().filter(|status| status.state != "sent") {
        let count = i64::try_from(status.count).unwrap_or(i64::MAX);
        metrics
            .outbox
            .with_label_values(&[status.channel.as_str(), status.state.as_str()])
            .set(count);
        if status.state != "dead"
            && let Some(since) = status.oldest
        {
            oldest = oldest.max(seconds(now) - seconds(since));
        }
    }
    metrics.outbox_oldest_age.with_label_values(&["email"]).set(oldest);
}

struct Process {
    resident: i64,
    fds: i64,
    cpu_seconds: f64,
}

/// This process's own figures. The crate's collector is not used: it exports a start time of 0
/// under `ProcSubset=pid`.
fn procfs() -> Option<Process> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is a name in brackets that may hold anything: count from the last bracket.
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_ascii_whitespace().collect();
    let number = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
    // proc(5): utime and stime are fields 14 and 15, rss is field 24; the state, field 3, is first
    // here. Linux counts 100 ticks a second and 4 KiB pages on every machine we build for.
    let cpu_seconds = (number(11)? + number(12)?) / 100.0;
    #[expect(clippy::cast_possible_truncation, reason = "memory sizes are far below 2^63")]
    let resident = (number(21)? * 4096.0) as i64;
    let fds = std::fs::read_dir("/proc/self/fd").ok()?.count();
    Some(Process { resident, fds: i64::try_from(fds).ok()?, cpu_seconds })
}
