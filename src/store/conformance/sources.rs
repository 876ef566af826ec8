//! Sources: due instants, hosts, leases, restarts.

use std::sync::Arc;

use super::sample::{NODE, TTL, at, claim, leased, poll, seed};
use crate::source::Cursor;
use crate::store::{Store, StoreError};

type Tested = Arc<dyn Store>;

async fn claimed(store: &Tested, seconds: i64) -> Vec<String> {
    let leases = store.claim_sources(NODE, 10, TTL, at(seconds)).await.expect("claimed");
    leases.iter().map(|lease| lease.source.to_string()).collect()
}

pub async fn a_source_is_claimed_when_it_is_due(store: Tested) {
    store.sync_sources(&[seed("blog", "a.fr")], at(-9)).await.expect("synced");
    assert!(claimed(&store, -1).await.is_empty());
    assert_eq!(claimed(&store, 0).await, ["blog"]);
    assert!(claimed(&store, 1).await.is_empty(), "it is leased");
}

pub async fn one_poll_for_each_host_at_a_time(store: Tested) {
    let seeds = [seed("blog", "a.fr"), seed("forum", "a.fr"), seed("press", "b.fr")];
    store.sync_sources(&seeds, at(0)).await.expect("synced");
    assert_eq!(claimed(&store, 0).await, ["blog", "press"]);
    assert!(claimed(&store, 1).await.is_empty(), "the host of the third is held");
}

pub async fn a_host_is_free_again_after_the_poll(store: Tested) {
    let seeds = [seed("blog", "a.fr"), seed("forum", "a.fr")];
    store.sync_sources(&seeds, at(0)).await.expect("synced");
    let lease = claim(&*store, at(0)).await;
    store.commit_poll(&lease, &poll(vec![]), at(1)).await.expect("committed");
    assert_eq!(claimed(&store, 2).await, ["forum"]);
}

pub async fn a_host_rests_a_second_between_two_polls(store: Tested) {
    let mut press = seed("press", "b.fr");
    press.first_due = at(5);
    let seeds = [seed("blog", "a.fr"), seed("forum", "a.fr"), press];
    store.sync_sources(&seeds, at(0)).await.expect("synced");
    let lease = claim(&*store, at(0)).await;
    store.commit_poll(&lease, &poll(vec![]), at(5)).await.expect("committed");
    assert_eq!(claimed(&store, 5).await, ["press"], "only the other host is asked at once");
    assert_eq!(store.next_due().await, Ok(Some(at(6))));
    assert_eq!(claimed(&store, 6).await, ["forum"]);
}

pub async fn an_expired_lease_can_be_taken(store: Tested) {
    let lost = leased(&*store).await;
    assert!(claimed(&store, 59).await.is_empty());
    let taken = claim(&*store, at(60)).await;
    assert!(taken.epoch > lost.epoch);
    let fenced = store.commit_poll(&lost, &poll(vec![]), at(61)).await;
    assert!(matches!(fenced, Err(StoreError::Fenced(_))), "{fenced:?}");
}

pub async fn a_restart_does_not_poll_early(store: Tested) {
    let lease = leased(&*store).await;
    store.commit_poll(&lease, &poll(vec![]), at(0)).await.expect("committed");
    store.release(NODE).await.expect("released");
    store.sync_sources(&[seed("blog", "example.fr")], at(10)).await.expect("synced");
    assert!(claimed(&store, 299).await.is_empty());
    assert_eq!(claim(&*store, at(300)).await.cursor, Cursor("1".to_owned()));
}

pub async fn another_address_voids_the_cursor(store: Tested) {
    let lease = leased(&*store).await;
    store.commit_poll(&lease, &poll(vec![]), at(0)).await.expect("committed");
    let mut moved = seed("blog", "elsewhere.fr");
    moved.first_due = at(20);
    store.sync_sources(&[moved], at(10)).await.expect("synced");
    assert_eq!(claim(&*store, at(20)).await.cursor, Cursor::default());
}

pub async fn a_poll_of_the_old_address_is_fenced(store: Tested) {
    let lease = leased(&*store).await;
    store.sync_sources(&[seed("blog", "elsewhere.fr")], at(1)).await.expect("synced");
    let fenced = store.commit_poll(&lease, &poll(vec![]), at(2)).await;
    assert!(matches!(fenced, Err(StoreError::Fenced(_))), "{fenced:?}");
}

pub async fn a_source_out_of_the_configuration_rests(store: Tested) {
    store.sync_sources(&[seed("blog", "a.fr")], at(0)).await.expect("synced");
    store.sync_sources(&[], at(0)).await.expect("synced");
    assert!(claimed(&store, 1).await.is_empty());
    assert_eq!(store.next_due().await, Ok(None));
    let known = store.sources().await.expect("read");
    assert!(matches!(known.as_slice(), [source] if !source.configured), "{known:?}");
}

pub async fn the_oldest_due_source_comes_first(store: Tested) {
    let mut seeds = [seed("late", "a.fr"), seed("later", "b.fr"), seed("latest", "c.fr")];
    seeds[0].first_due = at(-1);
    seeds[1].first_due = at(-2);
    seeds[2].first_due = at(-3);
    store.sync_sources(&seeds, at(-9)).await.expect("synced");
    let first = store.claim_sources(NODE, 2, TTL, at(0)).await.expect("claimed");
    assert_eq!(first.iter().map(|l| l.due).collect::<Vec<_>>(), [at(-3), at(-2)]);
}

pub async fn release_gives_leases_back_and_fences(store: Tested) {
    let lease = leased(&*store).await;
    store.release("elsewhere").await.expect("released");
    assert!(claimed(&store, 1).await.is_empty(), "another node's release is not ours");
    store.release(NODE).await.expect("released");
    let fenced = store.commit_poll(&lease, &poll(vec![]), at(1)).await;
    assert!(matches!(fenced, Err(StoreError::Fenced(_))), "{fenced:?}");
    assert_eq!(claimed(&store, 1).await, ["blog"]);
}

pub async fn the_next_due_instant_waits_for_leased_hosts(store: Tested) {
    assert_eq!(store.next_due().await, Ok(None));
    let mut later = seed("press", "b.fr");
    later.first_due = at(100);
    let seeds = [seed("blog", "a.fr"), seed("forum", "a.fr"), later];
    store.sync_sources(&seeds, at(0)).await.expect("synced");
    assert_eq!(store.next_due().await, Ok(Some(at(0))));
    claim(&*store, at(0)).await;
    assert_eq!(store.next_due().await, Ok(Some(at(60))), "the end of the lease");
}

pub async fn a_clock_set_back_silences_nobody(store: Tested) {
    let day = 86_400;
    let lease = leased(&*store).await;
    let mut poll = poll(vec![]);
    poll.next = at(day + 300);
    store.commit_poll(&lease, &poll, at(day)).await.expect("committed");
    assert!(claimed(&store, day - 60).await.is_empty(), "a small step is no reason");
    assert_eq!(claimed(&store, 0).await, ["blog"]);
}
