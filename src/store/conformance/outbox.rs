//! The outbox: urgent first, never lost, copies known as such.

use std::sync::Arc;

use super::sample::{NODE, TTL, at, message, queued};
use crate::model::Level;
use crate::store::{OutboxLease, Settlement, Store, StoreError};

type Tested = Arc<dyn Store>;

async fn claim(store: &Tested, seconds: i64) -> Vec<OutboxLease> {
    store.claim_outbox(NODE, "email", 10, TTL, at(seconds)).await.expect("claimed")
}

/// Claims the one message that is due.
async fn only(store: &Tested, seconds: i64) -> OutboxLease {
    let mut leases = claim(store, seconds).await;
    assert_eq!(leases.len(), 1, "one message is due");
    leases.remove(0)
}

async fn settle(store: &Tested, lease: &OutboxLease, settlement: Settlement, seconds: i64) {
    store.settle_outbox(lease, &settlement, at(seconds)).await.expect("settled");
}

fn sent() -> Settlement {
    Settlement::Sent { response: "250 queued as 4F".to_owned() }
}

fn retry(seconds: i64) -> Settlement {
    Settlement::Retry { at: at(seconds), error: "451 later".to_owned() }
}

async fn state(store: &Tested) -> String {
    let states = store.outbox().await.expect("read");
    states.iter().map(|s| format!("{} {}", s.count, s.state)).collect::<Vec<_>>().join(", ")
}

pub async fn the_most_urgent_message_goes_first(store: Tested) {
    let mut old = message("old", Level::Watch);
    old.created = at(-50);
    let mut new = message("new", Level::Crisis);
    new.created = at(-1);
    let batch = vec![old, message("last", Level::Watch), new, message("mid", Level::Warning)];
    queued(&*store, batch, at(0)).await;
    let ids: Vec<_> = claim(&store, 0).await.into_iter().map(|l| l.notification.id).collect();
    assert_eq!(ids, ["new", "mid", "old", "last"]);
}

pub async fn a_message_planned_twice_is_queued_once(store: Tested) {
    queued(&*store, vec![message("m", Level::Watch)], at(0)).await;
    queued(&*store, vec![message("m", Level::Watch)], at(1)).await;
    let lease = only(&store, 2).await;
    assert_eq!(lease.notification, message("m", Level::Watch), "byte for byte");
    assert_eq!((lease.attempts, lease.ambiguous), (0, false));
}

pub async fn a_retry_waits_for_its_time(store: Tested) {
    queued(&*store, vec![message("m", Level::Watch)], at(0)).await;
    let lease = only(&store, 0).await;
    settle(&store, &lease, retry(30), 1).await;
    assert!(claim(&store, 29).await.is_empty());
    let again = only(&store, 30).await;
    assert_eq!((again.attempts, again.ambiguous), (1, false));
    assert_eq!(again.notification, lease.notification);
}

pub async fn a_sent_message_stays_sent(store: Tested) {
    queued(&*store, vec![message("m", Level::Watch)], at(0)).await;
    let lease = only(&store, 0).await;
    settle(&store, &lease, sent(), 1).await;
    assert!(claim(&store, 100_000).await.is_empty());
    queued(&*store, vec![message("m", Level::Watch)], at(2)).await;
    assert_eq!(state(&store).await, "1 sent");
    let twice = store.settle_outbox(&lease, &retry(3), at(3)).await;
    assert!(matches!(twice, Err(StoreError::Fenced(_))), "{twice:?}");
}

pub async fn a_sender_that_died_leaves_a_possible_copy(store: Tested) {
    queued(&*store, vec![message("m", Level::Watch)], at(0)).await;
    only(&store, 0).await;
    assert!(claim(&store, 59).await.is_empty(), "it may still be sending");
    let again = only(&store, 60).await;
    assert!(again.ambiguous);
    assert_eq!(again.attempts, 1);
}

pub async fn a_possible_copy_stays_one(store: Tested) {
    queued(&*store, vec![message("m", Level::Watch)], at(0)).await;
    let lease = only(&store, 0).await;
    let unknown = Settlement::Unknown { at: at(10), error: "no answer after the dot".to_owned() };
    settle(&store, &lease, unknown, 1).await;
    assert_eq!(state(&store).await, "1 unknown");
    assert!(claim(&store, 9).await.is_empty());
    let second = only(&store, 10).await;
    assert!(second.ambiguous);
    settle(&store, &second, retry(20), 11).await;
    assert!(only(&store, 20).await.ambiguous, "the first attempt may still have arrived");
}

pub async fn a_settlement_after_the_lease_is_lost_is_fenced(store: Tested) {
    queued(&*store, vec![message("m", Level::Watch)], at(0)).await;
    let lost = only(&store, 0).await;
    let taken = only(&store, 60).await;
    let fenced = store.settle_outbox(&lost, &sent(), at(61)).await;
    assert!(matches!(fenced, Err(StoreError::Fenced(_))), "{fenced:?}");
    settle(&store, &taken, sent(), 62).await;
}

pub async fn channels_do_not_mix(store: Tested) {
    let mut hook = message("hook", Level::Crisis);
    "webhook".clone_into(&mut hook.channel);
    queued(&*store, vec![message("m", Level::Watch), hook], at(0)).await;
    assert_eq!(only(&store, 0).await.notification.id, "m");
    let other = store.claim_outbox(NODE, "webhook", 1, TTL, at(0)).await.expect("claimed");
    assert_eq!(other[0].notification.id, "hook");
}

pub async fn a_refused_message_is_kept(store: Tested) {
    queued(&*store, vec![message("m", Level::Watch)], at(0)).await;
    let lease = only(&store, 0).await;
    settle(&store, &lease, Settlement::Dead { error: "550 no such user".to_owned() }, 1).await;
    assert!(claim(&store, 100_000).await.is_empty());
    assert_eq!(state(&store).await, "1 dead");
    assert_eq!(store.outbox().await.expect("read")[0].oldest, Some(at(0)));
}

pub async fn a_restarted_node_does_not_know_what_was_sent(store: Tested) {
    queued(&*store, vec![message("m", Level::Watch)], at(0)).await;
    let lost = only(&store, 0).await;
    store.release(NODE).await.expect("released");
    assert_eq!(state(&store).await, "1 unknown");
    let fenced = store.settle_outbox(&lost, &sent(), at(1)).await;
    assert!(matches!(fenced, Err(StoreError::Fenced(_))), "{fenced:?}");
    assert!(only(&store, 1).await.ambiguous);
}

pub async fn the_timeline_tells_what_became_of_a_message(store: Tested) {
    queued(&*store, vec![message("m", Level::Watch)], at(0)).await;
    let lease = only(&store, 0).await;
    settle(&store, &lease, retry(5), 1).await;
    let lease = only(&store, 5).await;
    settle(&store, &lease, sent(), 6).await;
    let lines = store.timeline(&lease.notification.incident).await.expect("read");
    let told: Vec<_> = lines.iter().map(|l| format!("{} {}", l.what, l.detail)).collect();
    let who = "anne@example.fr";
    let expected = [
        format!("queued {who}"),
        format!("retry {who}: 451 later"),
        format!("sent {who}: 250 queued as 4F"),
    ];
    assert_eq!(told, expected);
    assert_eq!(lines[2].at, at(6));
}
