//! The poller: takes due sources, asks, reads, understands, commits; one transaction a poll.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tracing::Instrument;

use super::{Live, Shared, matching, supervise};
use crate::config::SourceConfig;
use crate::fetch::polite::{self, Interval, Memory, Outcome};
use crate::fetch::{FetchError, Policy};
use crate::metrics::Polled;
use crate::model::{Lang, SourceId, Timestamp};
use crate::source::{Page, Reply, Unreadable};
use crate::store::{Committed, Poll, SourceLease, StoreError};

/// A lease outlives every poll: a fetch is cut at 30 s, a commit waits 5 s for a lock.
const LEASE: Duration = Duration::from_secs(120);

/// How many polls in a row brought nothing new: makes the interval longer. Kept in memory only,
/// since forgetting it costs one early poll at most.
type Quiet = Arc<Mutex<HashMap<SourceId, u32>>>;

pub(super) async fn run(shared: Shared) {
    let parallel = shared.live().config.fetch.parallel;
    let slots = Arc::new(Semaphore::new(parallel));
    let quiet = Quiet::default();
    while !shared.stop.is_cancelled() {
        shared.hints.pulse.beat("poller");
        if shared.hints.disk_guard.load(Ordering::Relaxed) {
            shared.pause(&shared.hints.poll, Duration::from_secs(5)).await;
            continue;
        }
        let now = shared.clock.now();
        let free = slots.available_permits();
        let (live, claimed) = {
            // What is claimed is asked as it is configured at that instant.
            let _nobody_reloads = shared.hints.reloading.lock().await;
            let claimed = match free {
                0 => Vec::new(),
                _ => claim(&shared, free, now).await,
            };
            (shared.live(), claimed)
        };
        for lease in claimed {
            // Claimed no more than there are free slots, and only this loop takes them.
            let Ok(slot) = slots.clone().try_acquire_owned() else { break };
            let span = tracing::error_span!("poll", source = %lease.source);
            let work = whole_poll(shared.clone(), live.clone(), lease, quiet.clone(), slot);
            shared.tasks.spawn(work.instrument(span));
        }
        let wait = until_next(&shared, slots.available_permits() == 0).await;
        shared.pause(&shared.hints.poll, wait).await;
    }
}

async fn claim(shared: &Shared, free: usize, now: Timestamp) -> Vec<SourceLease> {
    let ttl = shared.lease(LEASE);
    match shared.store.claim_sources(&shared.node, free, ttl, now).await {
        Ok(leases) => leases,
        Err(error) => {
            shared.store_failed("claim", &error);
            Vec::new()
        }
    }
}

/// How long nothing can fall due, from a fifth of a second to half a minute.
async fn until_next(shared: &Shared, full: bool) -> Duration {
    let at_most = Duration::from_secs(30);
    if full {
        return at_most;
    }
    match shared.store.next_due().await {
        Ok(Some(due)) => {
            let wait = due.duration_since(shared.clock.now());
            // A source that is due already waits for its host: the end of that poll is a hint.
            Duration::try_from(wait).unwrap_or_default().clamp(Duration::from_millis(200), at_most)
        }
        Ok(None) => at_most,
        Err(error) => {
            shared.store_failed("next_due", &error);
            Duration::from_secs(1)
        }
    }
}

/// A poll and what has to happen however it ends: even a panic is committed as a failure, or the
/// source would be blind in silence.
async fn whole_poll(
    shared: Shared,
    live: Arc<Live>,
    lease: SourceLease,
    quiet: Quiet,
    slot: OwnedSemaphorePermit,
) {
    // A source that is not there was removed by a reload before it was claimed, which the store
    // excludes.
    let found = live.config.sources.iter().find(|source| source.id == lease.source);
    if let Some(source) = found.cloned() {
        let began = Instant::now();
        let metrics = &shared.metrics;
        let lag = shared.clock.now().duration_since(lease.due).as_secs_f64().max(0.0);
        metrics.scheduler_lag.with_label_values(&[source.kind]).observe(lag);
        let in_flight = metrics.polls_in_flight.with_label_values(&[source.kind]);
        in_flight.inc();
        poll(&shared, &live, &source, &lease, &quiet).await;
        let took = began.elapsed().as_secs_f64();
        metrics.poll_duration.with_label_values(&[source.kind]).observe(took);
        in_flight.dec();
    }
    drop(slot);
    shared.hints.poll.notify_one();
}

async fn poll(
    shared: &Shared,
    live: &Arc<Live>,
    source: &SourceConfig,
    lease: &SourceLease,
    quiet: &Quiet,
) {
    let asking = {
        let (shared, live, source) = (shared.clone(), live.clone(), source.clone());
        let (lease, quiet) = (lease.clone(), quiet.clone());
        async move {
            let page = ask(&shared, &source, &lease).await?;
            let now = shared.clock.now();
            read_to_poll(&shared, &live, &source, &lease, page, &quiet, now).await
        }
    };
    let asked = supervise::contained(shared, "poll", asking).await;
    let now = shared.clock.now();
    let poll = match asked.unwrap_or_else(|panic| Err(Failure::Read(unreadable(&panic)))) {
        Ok(poll) => poll,
        // Nothing is remembered of it: the stop gives the lease back, the next start asks again.
        Err(Failure::Stopped) => return,
        Err(Failure::Fetch(error)) => {
            let told = error.to_string();
            failed(source, lease, Outcome::Failed(&error), (error.reason(), told), quiet, now)
        }
        Err(Failure::Read(error)) => {
            let (reason, told) = (error.reason.as_str(), error.to_string());
            failed(source, lease, Outcome::Unreadable(&error), (reason, told), quiet, now)
        }
    };
    if let Err(error) = commit(shared, source, lease, &poll, now).await {
        shared.store_failed("commit_poll", &error);
    }
}

/// Why a poll gave nothing.
enum Failure {
    Fetch(FetchError),
    Read(Unreadable),
    /// The daemon stops: no site is waited for.
    Stopped,
}

async fn ask(shared: &Shared, source: &SourceConfig, lease: &SourceLease) -> Result<Page, Failure> {
    let now = shared.clock.now();
    let request = source.source.request(&lease.cursor, now);
    let policy = Policy { allow_private: source.allow_private.clone(), ..Policy::default() };
    let reply = tokio::select! {
        reply = shared.fetch.fetch(&request, &policy) => reply.map_err(Failure::Fetch)?,
        () = shared.stop.cancelled() => return Err(Failure::Stopped),
    };
    let label = shared.metrics.source_label(source.id.as_str());
    let Reply::Http(http) = &reply;
    let bytes = http.body.len() as u64;
    shared.metrics.received_bytes.with_label_values(&[label, source.kind]).inc_by(bytes);
    // Reading is pure but may be long: not on a thread that others wait for.
    let (reader, cursor) = (source.source.clone(), lease.cursor.clone());
    let seen = shared.clock.now();
    let read =
        supervise::computed(shared, "read", move || reader.read(&cursor, &reply, seen)).await;
    read.unwrap_or_else(|panic| Err(unreadable(&panic))).map_err(Failure::Read)
}

/// What a reader that panics says of a page: libraries do panic on hostile feeds.
fn unreadable(panic: &str) -> Unreadable {
    let detail = format!("reading it met a bug: {panic}");
    Unreadable { reason: crate::source::Reason::Parse, detail, retry_after: None }
}

async fn read_to_poll(
    shared: &Shared,
    live: &Arc<Live>,
    source: &SourceConfig,
    lease: &SourceLease,
    page: Page,
    quiet: &Quiet,
    now: Timestamp,
) -> Result<Poll, Failure> {
    let due = next(source, lease, Outcome::Read(&page.pace), quiet, now);
    for problem in &page.problems {
        tracing::debug!(source = %source.id, problem = problem.what, "not everything was readable");
    }
    let label = shared.metrics.source_label(source.id.as_str());
    let outcome = |what: &str| shared.metrics.items.with_label_values(&[label, source.kind, what]);
    outcome("invalid").inc_by(page.problems.len() as u64);
    let items = page.items.len();
    let understood = matching::mentions(shared, live, source, page.items, now).await;
    let understood = understood.map_err(|panic| Failure::Read(unreadable(&panic)))?;
    let mentions = understood.mentions;
    outcome("invalid").inc_by(understood.lost as u64);
    outcome("unmatched").inc_by((items - mentions.len() - understood.lost) as u64);
    Ok(Poll {
        result: if page.unchanged { "not_modified" } else { "ok" },
        error: None,
        cursor: Some(page.cursor),
        next: if page.more { now } else { due.at },
        mentions,
        removed: page.removed,
        items: u32::try_from(items).unwrap_or(u32::MAX),
    })
}

/// When to ask again, and what is remembered of this poll until then.
fn next(
    source: &SourceConfig,
    lease: &SourceLease,
    outcome: Outcome<'_>,
    quiet: &Quiet,
    now: Timestamp,
) -> polite::Due {
    let mut quiet = quiet.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let unchanged = quiet.entry(source.id.clone()).or_default();
    let before = Memory {
        unchanged: *unchanged,
        failures: lease.failures,
        first_failure: lease.first_failure,
    };
    *unchanged = before.after(outcome, now).unchanged;
    polite::next_poll(now, outcome, Interval { every: source.every }, before, jitter(lease))
}

fn failed(
    source: &SourceConfig,
    lease: &SourceLease,
    outcome: Outcome<'_>,
    (result, error): (&'static str, String),
    quiet: &Quiet,
    now: Timestamp,
) -> Poll {
    let failures = lease.failures + 1;
    let due = next(source, lease, outcome, quiet, now);
    if failures == 1 {
        tracing::warn!(source = %source.id, error, next = %due.at, because = %due.because, "a poll failed");
    } else {
        tracing::debug!(source = %source.id, error, failures, next = %due.at, "a poll failed again");
    }
    Poll {
        result,
        error: Some(error),
        cursor: None,
        next: due.at,
        mentions: Vec::new(),
        removed: Vec::new(),
        items: 0,
    }
}

async fn commit(
    shared: &Shared,
    source: &SourceConfig,
    lease: &SourceLease,
    poll: &Poll,
    now: Timestamp,
) -> Result<(), StoreError> {
    let metrics = &shared.metrics;
    let committed = {
        let timer = metrics.store_transaction.with_label_values(&["commit_poll"]).start_timer();
        let committed = shared.store.commit_poll(lease, poll, now).await?;
        timer.observe_duration();
        committed
    };
    let labels = [metrics.source_label(source.id.as_str()), source.kind];
    metrics.polls.with_label_values(&[labels[0], labels[1], poll.result]).inc();
    // What a reload removed meanwhile is not shown again.
    if shared.live().config.sources.iter().any(|known| known.id == source.id) {
        metrics.source_polled(
            &labels,
            &Polled {
                up: poll.succeeded(),
                failures: if poll.succeeded() { 0 } else { lease.failures.saturating_add(1) },
                next: poll.next,
                success: poll.succeeded().then_some(now),
            },
        );
    }
    count(shared, &labels, poll, &committed);
    if !committed.accepted.is_empty() || committed.revised + committed.removed > 0 {
        shared.hints.index.notify_one();
        shared.hints.stories.notify_one();
    }
    Ok(())
}

fn count(shared: &Shared, labels: &[&str; 2], poll: &Poll, committed: &Committed) {
    let metrics = &shared.metrics;
    let items = |outcome: &str, n: u64| {
        metrics.items.with_label_values(&[labels[0], labels[1], outcome]).inc_by(n);
    };
    items("new", committed.accepted.len() as u64);
    items("duplicate", u64::from(committed.duplicates));
    items("revised", u64::from(committed.revised));
    items("deleted", u64::from(committed.removed));
    let accepted: HashSet<_> = committed.accepted.iter().map(|(key, _)| *key).collect();
    for mention in poll.mentions.iter().filter(|mention| accepted.contains(&mention.item.key)) {
        if let Some(published) = mention.item.published {
            let lag = mention.first_seen.duration_since(published).as_secs_f64().max(0.0);
            metrics.mention_lag.with_label_values(&[labels[1]]).observe(lag);
        }
        if let Some(finding) = mention.findings.first() {
            metrics.language(finding.language.code.as_ref().map(Lang::code));
        }
        for finding in &mention.findings {
            let tone = finding.sentiment.label.as_str();
            metrics.mentions.with_label_values(&[finding.watch.as_str(), labels[1], tone]).inc();
            metrics.opinions(&finding.sentiment.opinions);
            if let Some(aside) = &finding.aside {
                let reason = aside.kind().as_str();
                metrics.aside.with_label_values(&[finding.watch.as_str(), reason]).inc();
            }
        }
    }
}

/// A number from 0 to 1 that differs from poll to poll and is the same when a poll is repeated.
fn jitter(lease: &SourceLease) -> f64 {
    super::spread(&format!("{}:{}", lease.source, lease.epoch))
}
