//! Polls: whole or not at all, and twice is once.

use std::sync::Arc;

use super::sample::{
    NODE, TTL, at, claim, full_mention, key, leased, mention, poll, polled, seed, source,
};
use crate::model::Tone;
use crate::source::Cursor;
use crate::store::{Committed, MentionQuery, Poll, Position, Store, StoreError};

type Tested = Arc<dyn Store>;

fn failed() -> Poll {
    Poll {
        result: "http_5xx",
        error: Some("503".to_owned()),
        cursor: None,
        next: at(60),
        mentions: vec![],
        removed: vec![],
        items: 0,
    }
}

pub async fn a_poll_is_stored_whole(store: Tested) {
    let lease = leased(&*store).await;
    let page = poll(vec![mention("a", "Acme", Tone::Negative), mention("b", "Acme", Tone::Mixed)]);
    let committed = store.commit_poll(&lease, &page, at(5)).await.expect("committed");
    let keys: Vec<_> = committed.accepted.iter().map(|(key, _)| *key).collect();
    assert_eq!(keys, [key("a"), key("b")]);
    assert!(committed.accepted[0].1 < committed.accepted[1].1);
    let known = store.sources().await.expect("read").remove(0);
    assert_eq!((known.next, known.last_poll), (at(300), Some(at(5))));
    assert_eq!((known.last_success, known.last_new), (Some(at(5)), Some(at(5))));
    assert_eq!(claim(&*store, at(300)).await.cursor, Cursor("1".to_owned()));
}

pub async fn the_same_poll_twice_changes_nothing(store: Tested) {
    let page = poll(vec![mention("a", "Acme", Tone::Negative)]);
    polled(&*store, page.clone(), at(0)).await;
    let position = store.last_position().await;
    let again = polled(&*store, page, at(1)).await;
    assert_eq!(again, Committed { duplicates: 1, ..Committed::default() });
    assert_eq!(store.last_position().await, position);
    assert_eq!(store.sources().await.expect("read")[0].last_new, Some(at(0)));
}

pub async fn a_lost_lease_writes_nothing(store: Tested) {
    let lost = leased(&*store).await;
    let taken = claim(&*store, at(61)).await;
    let page = poll(vec![mention("a", "Acme", Tone::Negative)]);
    let fenced = store.commit_poll(&lost, &page, at(62)).await;
    assert!(matches!(fenced, Err(StoreError::Fenced(_))), "{fenced:?}");
    assert_eq!(store.count_mentions(&MentionQuery::default()).await, Ok(0));
    assert_eq!(store.last_position().await, Ok(Position(0)));
    store.commit_poll(&taken, &page, at(63)).await.expect("the holder goes on");
}

pub async fn a_lease_is_good_for_one_poll(store: Tested) {
    let lease = leased(&*store).await;
    store.commit_poll(&lease, &poll(vec![]), at(1)).await.expect("committed");
    let again = store.commit_poll(&lease, &poll(vec![]), at(2)).await;
    assert!(matches!(again, Err(StoreError::Fenced(_))), "{again:?}");
}

pub async fn a_failure_keeps_the_cursor_and_is_counted(store: Tested) {
    polled(&*store, poll(vec![]), at(0)).await;
    polled(&*store, failed(), at(10)).await;
    polled(&*store, failed(), at(20)).await;
    let lease = claim(&*store, at(21)).await;
    assert_eq!(lease.cursor, Cursor("1".to_owned()));
    assert_eq!((lease.failures, lease.first_failure), (2, Some(at(10))));
    let known = store.sources().await.expect("read").remove(0);
    assert_eq!(known.last_success, Some(at(0)));
    assert_eq!(known.last_result.as_deref(), Some("http_5xx"));
    assert_eq!(known.last_error.as_deref(), Some("503"));
}

pub async fn a_success_ends_the_failures(store: Tested) {
    polled(&*store, failed(), at(0)).await;
    polled(&*store, poll(vec![]), at(10)).await;
    let known = store.sources().await.expect("read").remove(0);
    assert_eq!((known.failures, known.first_failure, known.last_error), (0, None, None));
}

pub async fn a_changed_text_is_a_revision(store: Tested) {
    polled(&*store, poll(vec![mention("a", "Acme", Tone::Negative)]), at(0)).await;
    let revised = polled(&*store, poll(vec![mention("a", "Acme!", Tone::Positive)]), at(1)).await;
    assert_eq!(revised, Committed { revised: 1, ..Committed::default() });
    let found = store.find_mentions(&MentionQuery::default()).await.expect("read");
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].item.text.as_str(), found[0].revision), ("Acme!", 1));
    assert_eq!(found[0].findings[0].sentiment.label, Tone::Positive);
}

pub async fn two_sources_of_one_item_do_not_take_turns(store: Tested) {
    polled(&*store, poll(vec![mention("a", "Acme", Tone::Negative)]), at(0)).await;
    let mut extract = mention("a", "Acm…", Tone::Neutral);
    extract.source = source("digest");
    let second = polled(&*store, poll(vec![extract]), at(1)).await;
    assert_eq!(second, Committed { duplicates: 1, ..Committed::default() });
}

pub async fn a_revision_keeps_its_place_and_first_sight(store: Tested) {
    let first = polled(&*store, poll(vec![mention("a", "Acme", Tone::Negative)]), at(0)).await;
    let mut later = mention("a", "Acme again", Tone::Negative);
    later.first_seen = at(500);
    later.source = source("press");
    polled(&*store, poll(vec![later]), at(1)).await;
    let found = store.mentions(&[first.accepted[0].1]).await.expect("read");
    assert_eq!((found[0].first_seen, found[0].source.as_str()), (at(0), "blog"));
}

pub async fn two_items_under_one_key_do_not_take_turns(store: Tested) {
    let page = poll(vec![mention("a", "one", Tone::Mixed), mention("a", "two", Tone::Mixed)]);
    for now in [at(0), at(1)] {
        polled(&*store, page.clone(), now).await;
    }
    let found = store.find_mentions(&MentionQuery::default()).await.expect("read");
    assert_eq!((found[0].item.text.as_str(), found[0].revision), ("one", 0));
}

pub async fn a_removed_mention_is_gone(store: Tested) {
    let first = polled(&*store, poll(vec![mention("a", "Acme", Tone::Mixed)]), at(0)).await;
    let gone = polled(&*store, Poll { removed: vec![key("a")], ..poll(vec![]) }, at(1)).await;
    assert_eq!(gone.removed, 1);
    assert_eq!(store.mentions(&[first.accepted[0].1]).await, Ok(vec![]));
    assert_eq!(store.count_mentions(&MentionQuery::default()).await, Ok(0));
}

pub async fn a_removed_item_that_comes_back_is_new(store: Tested) {
    let page = poll(vec![mention("a", "Acme", Tone::Mixed)]);
    let first = polled(&*store, page.clone(), at(0)).await;
    polled(&*store, Poll { removed: vec![key("a")], ..poll(vec![]) }, at(1)).await;
    let second = polled(&*store, page, at(2)).await;
    assert!(second.accepted[0].1 > first.accepted[0].1, "a number is never used again");
}

pub async fn an_unknown_removal_is_nothing(store: Tested) {
    let gone = polled(&*store, Poll { removed: vec![key("a")], ..poll(vec![]) }, at(0)).await;
    assert_eq!(gone, Committed::default());
    assert_eq!(store.last_position().await, Ok(Position(0)));
}

pub async fn a_mention_comes_back_as_it_went_in(store: Tested) {
    let mut sent = full_mention("a");
    let committed = polled(&*store, poll(vec![sent.clone()]), at(0)).await;
    sent.seq = committed.accepted[0].1;
    assert_eq!(store.mentions(&[sent.seq, 999]).await, Ok(vec![sent]));
}

pub async fn many_polls_at_once_all_count(store: Tested) {
    let seeds: Vec<_> = (0..20).map(|n| seed(&format!("s{n}"), &format!("host{n}.fr"))).collect();
    store.sync_sources(&seeds, at(0)).await.expect("synced");
    let leases = store.claim_sources(NODE, 20, TTL, at(0)).await.expect("claimed");
    let one = |lease: crate::store::SourceLease| {
        let store = &store;
        async move {
            let page = poll(vec![mention(lease.source.as_str(), "Acme", Tone::Mixed)]);
            store.commit_poll(&lease, &page, at(1)).await
        }
    };
    let mut expected = leases.clone();
    expected[7].epoch += 1;
    let outcomes = futures_util::future::join_all(expected.into_iter().map(one)).await;
    let fenced = outcomes.iter().filter(|o| matches!(o, Err(StoreError::Fenced(_)))).count();
    assert_eq!(fenced, 1, "one failure undoes only its own work");
    assert_eq!(store.count_mentions(&MentionQuery::default()).await, Ok(19));
    assert_eq!(store.verify().await, Ok(vec![]));
}
