//! The re-matcher: an edited watch reads the stored past again, a little at a time.
//!
//! What it finds is written as if it had always been found, except that nothing is alarmed by it.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;

use super::{Live, Shared, matching, supervise};
use crate::model::{Lang, Mention, SourceId};
use crate::store::{Again, RematchBatch, RematchLease, RematchStatus, Rematched, StoreError};
use crate::understand::{Origin, Watches, understand};

/// Mentions read in one transaction: few, since polls wait for it, and each may have 64 KiB.
const BATCH: usize = 200;

/// Real time within which a batch is certainly done.
const LEASE: Duration = Duration::from_secs(60);

/// Between two batches the disk and the processor belong to the others, at least this long.
const REST: Duration = Duration::from_millis(20);

/// A job that cannot begin yet waits for polls, which end by themselves.
const WAIT: Duration = Duration::from_secs(1);

/// Between two looks when there is no job; an edit wakes the loop.
const IDLE: Duration = Duration::from_secs(30);

pub(super) async fn run(shared: Shared) {
    while !shared.stop.is_cancelled() {
        shared.hints.pulse.beat("rematcher");
        let began = Instant::now();
        let outcome = look(&shared).await;
        let wait = outcome.unwrap_or_else(|error| {
            shared.store_failed("rematch", &error);
            Some(WAIT)
        });
        match wait {
            Some(wait) => shared.pause(&shared.hints.rematch, wait).await,
            // As much rest as work: a poll finds the store free at least half of the time.
            None => tokio::select! {
                () = tokio::time::sleep(began.elapsed().max(REST)) => {}
                () = shared.stop.cancelled() => {}
            },
        }
    }
}

/// Reads one batch again, or says how long to wait.
async fn look(shared: &Shared) -> Result<Option<Duration>, StoreError> {
    if measure(shared).await? == 0 {
        return Ok(Some(IDLE));
    }
    if shared.hints.disk_guard.load(Ordering::Relaxed) {
        return Ok(Some(WAIT));
    }
    let (live, claimed) = {
        // A job is claimed with the configuration that it was begun for.
        let _nobody_reloads = shared.hints.reloading.lock().await;
        let now = shared.clock.now();
        let ttl = shared.lease(LEASE);
        (shared.live(), shared.store.claim_rematch(&shared.node, ttl, now).await?)
    };
    let Some(lease) = claimed else { return Ok(Some(WAIT)) };
    let watch = live.config.watches.iter().find(|watch| watch.id == lease.watch);
    let current = watch.is_some_and(|watch| watch.definition() == lease.definition);
    match live.watches.only(&lease.watch).filter(|_| current) {
        Some(alone) => batch(shared, &live, alone, &lease).await.map(|()| None),
        // A reload failed between store and configuration; the next one begins the job again.
        None => Ok(Some(WAIT)),
    }
}

async fn batch(
    shared: &Shared,
    live: &Arc<Live>,
    alone: Watches,
    lease: &RematchLease,
) -> Result<(), StoreError> {
    if lease.position == 0 {
        let (watch, mentions) = (&lease.watch, lease.total);
        tracing::info!(%watch, mentions, "a watch was edited: it reads the stored past again");
    }
    let (after, upto) = (lease.position, lease.target);
    let mentions = shared.store.mentions_between(after, upto, BATCH).await?;
    let last = mentions.last().map(|mention| mention.seq);
    let batch = RematchBatch {
        upto: last.filter(|_| mentions.len() == BATCH).unwrap_or(upto),
        read: u32::try_from(mentions.len()).unwrap_or(u32::MAX),
        mentions: read_again(shared, live, alone, mentions).await,
    };
    let timer = shared.metrics.store_transaction.with_label_values(&["commit_rematch"]);
    let timer = timer.start_timer();
    let done = shared.store.commit_rematch(lease, &batch, shared.clock.now()).await?;
    timer.observe_duration();
    tell(shared, &done);
    Ok(())
}

/// What the watch finds in these mentions now, on a thread that may take its time. One that meets
/// a bug is left as it is, as an item that does is left out.
async fn read_again(
    shared: &Shared,
    live: &Arc<Live>,
    alone: Watches,
    mentions: Vec<Mention>,
) -> Vec<Again> {
    let (live, habits) = (live.clone(), shared.habits.clone());
    let count = mentions.len();
    let work = move || {
        let languages: HashMap<&SourceId, Option<Lang>> =
            live.config.sources.iter().map(|source| (&source.id, source.lang)).collect();
        let one = |mention: &Mention| {
            let lang = languages.get(&mention.source).copied().flatten();
            let author_lang = matching::locked(&habits).usual(&mention.kind, &mention.item);
            let origin = origin(mention, lang, author_lang);
            let again = AssertUnwindSafe(|| again(&live, &alone, mention, &origin));
            std::panic::catch_unwind(again).ok()
        };
        mentions.iter().filter_map(one).collect::<Vec<Again>>()
    };
    let Ok(read) = supervise::computed(shared, "rematch", work).await else { return Vec::new() };
    let lost = count.saturating_sub(read.len());
    shared.metrics.panics.with_label_values(&["rematch"]).inc_by(lost as u64);
    read
}

/// Where it came from, as far as it is still known: a source that is gone has no language.
fn origin(mention: &Mention, lang: Option<Lang>, author_lang: Option<Lang>) -> Origin<'_> {
    let (source, kind, seen) = (&mention.source, mention.kind.as_str(), mention.first_seen);
    Origin { source, kind, lang, author_lang, seen }
}

fn again(live: &Live, alone: &Watches, mention: &Mention, origin: &Origin<'_>) -> Again {
    let findings = understand(&mention.item, origin, alone, &live.config.rules);
    Again { seq: mention.seq, revision: mention.revision, finding: findings.into_iter().next() }
}

fn tell(shared: &Shared, done: &Rematched) {
    for outcome in &done.outcomes {
        shared.metrics.rematched.with_label_values(&[outcome.as_str()]).inc();
    }
    shared.hints.index.notify_one();
    if done.ended {
        let job = &done.job;
        tracing::info!(
            watch = %job.watch,
            read = job.read,
            added = job.added,
            replaced = job.replaced,
            removed = job.removed,
            "the stored past was read again"
        );
        shared.hints.evaluate.notify_one();
    }
}

/// Shows how much is left to read, of every watch; gives the number of jobs.
async fn measure(shared: &Shared) -> Result<usize, StoreError> {
    let jobs = shared.store.rematches().await?;
    // What a reload removed meanwhile is not shown again.
    for watch in &shared.live().config.watches {
        let left =
            jobs.iter().find(|job| job.watch == watch.id).map_or(0, RematchStatus::remaining);
        let left = i64::try_from(left).unwrap_or(i64::MAX);
        shared.metrics.rematch_remaining.with_label_values(&[watch.id.as_str()]).set(left);
    }
    Ok(jobs.len())
}
