//! The change feed: in order, page by page, nothing left out.

use std::sync::Arc;

use super::sample::{at, key, mention, poll, polled};
use crate::model::Tone;
use crate::store::{Change, Poll, Position, Store};

type Tested = Arc<dyn Store>;

fn told(changes: &[Change]) -> Vec<String> {
    let one = |change: &Change| match change {
        Change::Put(mention) => format!("{}: {}", mention.item.id, mention.item.text),
        Change::Delete { key, .. } => format!("without {key}"),
    };
    changes.iter().map(one).collect()
}

pub async fn changes_come_in_order_page_by_page(store: Tested) {
    let page = ["a", "b", "c", "d", "e"].map(|name| mention(name, "Acme", Tone::Mixed));
    polled(&*store, poll(page.to_vec()), at(0)).await;
    let mut position = Position::default();
    let mut all = Vec::new();
    for size in [2, 2, 1] {
        let (changes, next) = store.changes_after(position, 2).await.expect("read");
        assert_eq!(changes.len(), size);
        assert!(next > position);
        all.extend(told(&changes));
        position = next;
    }
    assert_eq!(all, ["a: Acme", "b: Acme", "c: Acme", "d: Acme", "e: Acme"]);
    assert_eq!(store.last_position().await, Ok(position));
}

pub async fn a_put_shows_the_mention_as_it_is_now(store: Tested) {
    polled(&*store, poll(vec![mention("a", "Acme", Tone::Mixed)]), at(0)).await;
    polled(&*store, poll(vec![mention("a", "Acme!", Tone::Mixed)]), at(1)).await;
    let (changes, _) = store.changes_after(Position::default(), 10).await.expect("read");
    assert_eq!(told(&changes), ["a: Acme!", "a: Acme!"]);
}

pub async fn a_deletion_is_told(store: Tested) {
    polled(&*store, poll(vec![mention("a", "Acme", Tone::Mixed)]), at(0)).await;
    let before = store.last_position().await.expect("read");
    polled(&*store, Poll { removed: vec![key("a")], ..poll(vec![]) }, at(1)).await;
    let (changes, after) = store.changes_after(before, 10).await.expect("read");
    assert_eq!(told(&changes), [format!("without {}", key("a"))]);
    assert!(after > before);
}

pub async fn the_end_is_where_the_position_stays(store: Tested) {
    polled(&*store, poll(vec![mention("a", "Acme", Tone::Mixed)]), at(0)).await;
    polled(&*store, Poll { removed: vec![key("a")], ..poll(vec![]) }, at(1)).await;
    let (none, moved) = store.changes_after(Position::default(), 1).await.expect("read");
    assert!(none.is_empty() && moved > Position::default(), "the mention is gone, not the feed");
    let (gone, last) = store.changes_after(moved, 1).await.expect("read");
    assert_eq!(gone.len(), 1);
    assert_eq!(store.changes_after(last, 1).await, Ok((vec![], last)));
}
