//! Reading the past again: one holder, whole batches, nothing lost, nothing twice, no alarm.

use std::sync::Arc;

use super::sample::{
    NODE, TTL, at, claim, finding, key, leased, mention, poll, polled, watch, watched,
};
use crate::model::Tone;
use crate::replay::Hearing;
use crate::store::{
    Again, Bucket, Change, Checkpoint, Evaluation, MentionQuery, Outcome, Poll, RematchBatch,
    RematchLease, RematchStatus, Rematched, Store, StoreError, WatchSeed,
};

type Tested = Arc<dyn Store>;

/// Configures watches `(id, definition)`.
async fn configured(store: &dyn Store, watches: &[(&str, &str)], now: i64) {
    let seed = |(id, definition): &(&str, &str)| WatchSeed {
        id: watch(id),
        definition: (*definition).to_owned(),
    };
    let seeds: Vec<_> = watches.iter().map(seed).collect();
    store.sync_watches(&seeds, at(now)).await.expect("synced");
}

/// Mentions of `acme` that sound like this, accepted while it was defined as `old`; then it is
/// edited.
async fn edited(store: &dyn Store, tones: &[(&str, Tone)]) {
    configured(store, &[("acme", "old")], 0).await;
    let page = tones.iter().map(|(name, tone)| mention(name, "Acme", *tone)).collect();
    polled(store, poll(page), at(0)).await;
    configured(store, &[("acme", "new")], 1).await;
}

async fn job(store: &dyn Store, now: i64) -> RematchLease {
    let lease = store.claim_rematch(NODE, TTL, at(now)).await.expect("claimed");
    lease.expect("there is a job that nobody has")
}

async fn jobs(store: &dyn Store) -> Vec<RematchStatus> {
    store.rematches().await.expect("read")
}

/// The next mentions of a job, each with how what the watch finds in it sounds now.
async fn batch(store: &dyn Store, lease: &RematchLease, found: &[Option<Tone>]) -> RematchBatch {
    let next = store.mentions_between(lease.position, lease.target, found.len()).await;
    let next = next.expect("read");
    assert_eq!(next.len(), found.len(), "there are as many mentions left");
    let mentions = next.iter().zip(found).map(|(mention, tone)| Again {
        seq: mention.seq,
        revision: mention.revision,
        finding: tone.map(|tone| finding(lease.watch.as_str(), tone)),
    });
    let upto = next.last().map_or(lease.target, |last| last.seq);
    let read = u32::try_from(found.len()).expect("few");
    RematchBatch { upto, read, mentions: mentions.collect() }
}

async fn reread(store: &dyn Store, found: &[Option<Tone>], now: i64) -> Rematched {
    let lease = job(store, now).await;
    let batch = batch(store, &lease, found).await;
    store.commit_rematch(&lease, &batch, at(now)).await.expect("committed")
}

async fn of_acme(store: &dyn Store) -> u64 {
    let query = MentionQuery { watch: Some(watch("acme")), ..MentionQuery::default() };
    store.count_mentions(&query).await.expect("read")
}

/// The counters of the hour around the beginning: total and negative.
async fn counted(store: &dyn Store) -> (u32, u32) {
    let hour = std::time::Duration::from_hours(2);
    let buckets = store.buckets(&watch("acme"), at(-3600), at(3600), hour).await.expect("read");
    let sum = |part: fn(&Bucket) -> u32| buckets.iter().map(part).sum();
    (sum(|bucket| bucket.total), sum(|bucket| bucket.negative))
}

pub async fn only_an_edit_reads_the_past_again(store: Tested) {
    configured(&*store, &[("acme", "old")], 0).await;
    assert_eq!(jobs(&*store).await, [], "there is no past");
    polled(&*store, poll(vec![mention("a", "Acme", Tone::Mixed)]), at(0)).await;
    configured(&*store, &[("acme", "old")], 1).await;
    assert_eq!(jobs(&*store).await, [], "nothing changed");
    configured(&*store, &[("acme", "new"), ("bolt", "b")], 2).await;
    let told: Vec<_> = jobs(&*store).await;
    let told: Vec<_> = told.iter().map(|job| (job.watch.as_str(), job.read, job.total)).collect();
    assert_eq!(told, [("acme", 0, 1), ("bolt", 0, 1)], "one was edited, one is new");
}

pub async fn a_watch_that_comes_back_reads_what_it_missed(store: Tested) {
    edited(&*store, &[("a", Tone::Mixed)]).await;
    reread(&*store, &[Some(Tone::Mixed)], 2).await;
    configured(&*store, &[], 3).await;
    configured(&*store, &[("acme", "new")], 4).await;
    assert_eq!(jobs(&*store).await.len(), 1);
    configured(&*store, &[], 5).await;
    assert_eq!(jobs(&*store).await, [], "nobody waits for it any more");
    assert_eq!(store.claim_rematch(NODE, TTL, at(6)).await, Ok(None));
}

pub async fn a_batch_changes_findings_counters_and_the_feed(store: Tested) {
    let names = [("kept", Tone::Negative), ("other", Tone::Negative), ("gone", Tone::Negative)];
    edited(&*store, &names).await;
    let before = store.last_position().await.expect("read");
    let now = [Some(Tone::Negative), Some(Tone::Positive), None];
    let done = reread(&*store, &now, 2).await;
    assert_eq!(done.outcomes, [Outcome::Same, Outcome::Replaced, Outcome::Removed]);
    assert_eq!((done.job.read, done.job.total, done.ended), (3, 3, true));
    assert_eq!((done.job.added, done.job.replaced, done.job.removed), (0, 1, 1));
    assert_eq!(counted(&*store).await, (2, 1));
    let (changes, _) = store.changes_after(before, 10).await.expect("read");
    let told: Vec<_> = changes
        .iter()
        .map(|change| match change {
            Change::Put(mention) => (mention.item.id.as_str(), mention.findings.len()),
            Change::Delete { .. } => panic!("nothing is deleted"),
        })
        .collect();
    assert_eq!(told, [("other", 1), ("gone", 0)]);
    assert_eq!(store.count_mentions(&MentionQuery::default()).await, Ok(3), "mentions stay");
    assert_eq!(of_acme(&*store).await, 2);
    assert_eq!(store.verify().await, Ok(vec![]));
}

pub async fn a_watch_finds_its_own_only(store: Tested) {
    edited(&*store, &[("a", Tone::Mixed)]).await;
    reread(&*store, &[Some(Tone::Mixed)], 2).await;
    configured(&*store, &[("acme", "new"), ("bolt", "b")], 3).await;
    let done = reread(&*store, &[Some(Tone::Positive)], 4).await;
    assert_eq!(done.outcomes, [Outcome::Added]);
    let mention = store.mentions_between(0, u64::MAX, 9).await.expect("read").remove(0);
    assert_eq!(mention.findings, [finding("acme", Tone::Mixed), finding("bolt", Tone::Positive)]);
    assert_eq!(of_acme(&*store).await, 1);
}

pub async fn a_batch_done_twice_changes_nothing(store: Tested) {
    edited(&*store, &[("a", Tone::Negative), ("b", Tone::Negative)]).await;
    reread(&*store, &[None, Some(Tone::Mixed)], 2).await;
    let (counters, last) = (counted(&*store).await, store.last_position().await);
    configured(&*store, &[("acme", "newer")], 3).await;
    let again = reread(&*store, &[None, Some(Tone::Mixed)], 4).await;
    assert_eq!(again.outcomes, [Outcome::Same, Outcome::Same]);
    assert_eq!((counted(&*store).await, store.last_position().await), (counters, last));
}

pub async fn a_job_has_one_reader(store: Tested) {
    edited(&*store, &[("a", Tone::Negative)]).await;
    let lost = job(&*store, 2).await;
    assert_eq!(store.claim_rematch("other", TTL, at(61)).await, Ok(None));
    let taken = store.claim_rematch("other", TTL, at(62)).await.expect("claimed");
    assert!(taken.is_some_and(|lease| lease.epoch > lost.epoch));
    let late = batch(&*store, &lost, &[None]).await;
    let fenced = store.commit_rematch(&lost, &late, at(63)).await;
    assert!(matches!(fenced, Err(StoreError::Fenced(_))), "{fenced:?}");
    assert_eq!((of_acme(&*store).await, counted(&*store).await), (1, (1, 1)), "nothing is written");
}

pub async fn a_lease_is_good_for_one_batch(store: Tested) {
    edited(&*store, &[("a", Tone::Negative), ("b", Tone::Negative)]).await;
    let lease = job(&*store, 2).await;
    let first = batch(&*store, &lease, &[None]).await;
    store.commit_rematch(&lease, &first, at(2)).await.expect("committed");
    let fenced = store.commit_rematch(&lease, &first, at(3)).await;
    assert!(matches!(fenced, Err(StoreError::Fenced(_))), "{fenced:?}");
    assert_eq!(jobs(&*store).await[0].read, 1, "counted once");
}

pub async fn a_restart_goes_on_where_it_stood(store: Tested) {
    edited(&*store, &[("a", Tone::Mixed), ("b", Tone::Mixed), ("c", Tone::Mixed)]).await;
    let done = reread(&*store, &[None], 2).await;
    assert!(!done.ended);
    let lost = job(&*store, 3).await;
    store.release(NODE).await.expect("released");
    let lease = job(&*store, 4).await;
    assert_eq!((lease.position, lease.target), (lost.position, lost.target));
    let back = RematchBatch { upto: lease.position - 1, ..RematchBatch::default() };
    let refused = store.commit_rematch(&lease, &back, at(4)).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    let rest = batch(&*store, &lease, &[Some(Tone::Mixed), None]).await;
    let done = store.commit_rematch(&lease, &rest, at(5)).await.expect("committed");
    assert_eq!((done.job.read, done.job.removed, done.ended), (3, 2, true));
    assert_eq!((jobs(&*store).await, of_acme(&*store).await), (vec![], 1));
}

pub async fn another_edit_begins_again(store: Tested) {
    edited(&*store, &[("a", Tone::Mixed), ("b", Tone::Mixed)]).await;
    reread(&*store, &[None], 2).await;
    let lost = job(&*store, 3).await;
    configured(&*store, &[("acme", "newer")], 4).await;
    let late = batch(&*store, &lost, &[None]).await;
    let fenced = store.commit_rematch(&lost, &late, at(4)).await;
    assert!(matches!(fenced, Err(StoreError::Fenced(_))), "{fenced:?}");
    let lease = job(&*store, 5).await;
    assert_eq!((lease.position, lease.definition.as_str()), (0, "newer"));
    assert!(lease.epoch > lost.epoch);
    // What the first job removed is known to no detector yet.
    assert_eq!(watched(&*store, at(6)).await.relearn, Some(0));
}

pub async fn a_poll_under_way_is_past_too(store: Tested) {
    configured(&*store, &[("acme", "old")], 0).await;
    let polling = leased(&*store).await;
    configured(&*store, &[("acme", "new")], 1).await;
    assert_eq!(store.claim_rematch(NODE, TTL, at(2)).await, Ok(None), "it understands as before");
    let page = poll(vec![mention("a", "Acme", Tone::Negative)]);
    store.commit_poll(&polling, &page, at(3)).await.expect("committed");
    let lease = job(&*store, 4).await;
    assert_eq!(lease.total, 1);
    let next = claim(&*store, at(300)).await;
    configured(&*store, &[("acme", "newer")], 301).await;
    assert_eq!(store.claim_rematch(NODE, TTL, at(302)).await, Ok(None));
    assert!(next.until <= at(360), "a poll that died is not waited for");
    job(&*store, 360).await;
}

pub async fn a_revision_meanwhile_wins(store: Tested) {
    edited(&*store, &[("a", Tone::Mixed), ("b", Tone::Mixed)]).await;
    let lease = job(&*store, 2).await;
    let late = batch(&*store, &lease, &[None, None]).await;
    let revised = Poll {
        removed: vec![key("b")],
        ..poll(vec![mention("a", "Acme, encore", Tone::Negative)])
    };
    polled(&*store, revised, at(3)).await;
    let done = store.commit_rematch(&lease, &late, at(4)).await.expect("committed");
    assert_eq!(done.outcomes, [Outcome::Overtaken, Outcome::Overtaken]);
    assert_eq!((done.ended, counted(&*store).await), (true, (1, 1)));
    assert_eq!(store.verify().await, Ok(vec![]));
}

pub async fn what_is_found_late_is_told_so(store: Tested) {
    edited(&*store, &[("a", Tone::Negative), ("b", Tone::Negative)]).await;
    reread(&*store, &[None, Some(Tone::Mixed)], 2).await;
    configured(&*store, &[("acme", "old")], 3).await;
    reread(&*store, &[Some(Tone::Negative), Some(Tone::Negative)], 4).await;
    let heard = store.signals_after(&watch("acme"), 0, 9).await.expect("read");
    let heard: Vec<_> = heard.iter().map(|signal| (signal.tone, signal.hearing)).collect();
    assert_eq!(heard, [(Tone::Negative, Hearing::Late), (Tone::Negative, Hearing::New)]);
}

pub async fn the_end_asks_for_another_detector(store: Tested) {
    edited(&*store, &[("a", Tone::Mixed), ("b", Tone::Mixed)]).await;
    let evaluating = watched(&*store, at(2)).await;
    reread(&*store, &[None], 3).await;
    let target = reread(&*store, &[None], 4).await;
    assert!(target.ended);
    let old = Evaluation { upto: 1, at: at(5), ..Evaluation::default() };
    let fenced = store.commit_evaluation(&evaluating, &old, at(5)).await;
    assert!(matches!(fenced, Err(StoreError::Fenced(_))), "it heard other findings: {fenced:?}");
    let lease = watched(&*store, at(6)).await;
    let upto = lease.relearn.expect("asked for");
    assert_eq!(lease.began, at(0), "it lives its past from the first mention on");
    let position = Evaluation { upto, at: at(6), ..Evaluation::default() };
    store.commit_evaluation(&lease, &position, at(6)).await.expect("committed");
    let lease = watched(&*store, at(7)).await;
    assert_eq!(lease.relearn, Some(upto), "only a detector answers");
    let checkpoint = Some(Checkpoint { upto, at: at(7), course: vec![1] });
    let learned = Evaluation { upto, at: at(7), checkpoint, ..Evaluation::default() };
    store.commit_evaluation(&lease, &learned, at(7)).await.expect("committed");
    assert_eq!(watched(&*store, at(8)).await.relearn, None);
}

pub async fn an_edit_that_changes_nothing_keeps_the_detector(store: Tested) {
    edited(&*store, &[("a", Tone::Mixed)]).await;
    let evaluating = watched(&*store, at(2)).await;
    let done = reread(&*store, &[Some(Tone::Mixed)], 3).await;
    assert_eq!((done.ended, done.outcomes), (true, vec![Outcome::Same]));
    let goes_on = Evaluation { at: at(4), ..Evaluation::default() };
    store.commit_evaluation(&evaluating, &goes_on, at(4)).await.expect("not fenced");
    assert_eq!(watched(&*store, at(5)).await.relearn, None);
}

pub async fn the_history_tells_each_batch(store: Tested) {
    edited(&*store, &[("a", Tone::Mixed), ("b", Tone::Mixed)]).await;
    reread(&*store, &[None], 2).await;
    reread(&*store, &[None], 3).await;
    let lines = store.audit_after(0, 0).await.expect("read");
    let told = lines.iter().filter(|line| line.subject == "rematch");
    let told: Vec<_> =
        told.map(|line| format!("{} {} {}", line.at, line.name, line.value)).collect();
    assert_eq!(told, [format!("{} acme 1 1", at(2)), format!("{} acme 2 2", at(3))]);
}
