//! What the store says about itself.

use std::sync::Arc;

use super::sample::{NODE, TTL, at, evaluated, incident, key, mention, message, poll, polled};
use crate::model::{Level, State, Tone};
use crate::source::Cursor;
use crate::store::{Evaluation, Poll, Settlement, Store};

type Tested = Arc<dyn Store>;

pub async fn the_audit_says_what_happened_in_order(store: Tested) {
    for (number, now) in [("1", at(0)), ("1", at(1)), ("2", at(2))] {
        let page = Poll { cursor: Some(Cursor(number.to_owned())), ..poll(vec![]) };
        polled(&*store, page, now).await;
    }
    let evaluation = Evaluation {
        upto: 3,
        incidents: vec![(incident("acme-1", State::Open), None)],
        outbox: vec![message("m", Level::Crisis)],
        ..Evaluation::default()
    };
    evaluated(&*store, evaluation, at(3)).await.expect("committed");
    let lease = store.claim_outbox(NODE, "email", 1, TTL, at(4)).await.expect("claimed").remove(0);
    let sent = Settlement::Sent { response: "250".to_owned() };
    store.settle_outbox(&lease, &sent, at(5)).await.expect("settled");
    let lines = store.audit_after(0, 0).await.expect("read");
    let told: Vec<_> =
        lines.iter().map(|l| format!("{} {} {}", l.subject, l.name, l.value)).collect();
    let expected = [
        "source blog 1 1",
        "source blog 3 2",
        "watch acme 3",
        "incident acme-1 open warning",
        "outbox m queued",
        "outbox m sending",
        "outbox m sent",
    ];
    assert_eq!(told, expected);
    let instants: Vec<_> = lines.iter().map(|line| line.at).collect();
    assert_eq!(instants, [at(0), at(2), at(3), at(3), at(3), at(4), at(5)]);
    let rest = store.audit_after(lines[4].id, 1).await.expect("read");
    assert_eq!(rest, [lines[5].clone()]);
}

pub async fn the_identity_stays(store: Tested) {
    let identity = store.identity().await.expect("read");
    assert!(!identity.is_empty());
    polled(&*store, poll(vec![]), at(0)).await;
    assert_eq!(store.identity().await, Ok(identity));
}

pub async fn health_counts_mentions(store: Tested) {
    let page = ["a", "b", "c"].map(|name| mention(name, "Acme", Tone::Mixed));
    polled(&*store, poll(page.to_vec()), at(0)).await;
    polled(&*store, Poll { removed: vec![key("b")], ..poll(vec![]) }, at(1)).await;
    let health = store.health().await.expect("read");
    assert_eq!(health.mentions, 2);
    assert!(health.bytes > 0);
}

pub async fn a_sound_store_has_nothing_to_say(store: Tested) {
    assert_eq!(store.verify().await, Ok(vec![]));
    let page = ["a", "b"].map(|name| mention(name, "Acme", Tone::Negative));
    polled(&*store, poll(page.to_vec()), at(0)).await;
    polled(&*store, Poll { removed: vec![key("b")], ..poll(vec![]) }, at(1)).await;
    assert_eq!(store.verify().await, Ok(vec![]));
}
