//! Sources, mentions, incidents and messages to test with.

use std::time::Duration;

use crate::model::{
    Aside, Author, Event, Finding, Heeded, Incident, IncidentId, Item, ItemKey, Language, Level,
    Matter, Mention, Notification, Rating, Reading, Sentiment, Severity, SourceId, Span, State,
    Timestamp, Tone, Unheard, Volume, WatchId,
};
use crate::source::Cursor;
use crate::store::{
    Committed, Evaluation, Poll, SourceLease, SourceSeed, Store, StoreError, WatchLease,
};

pub const TTL: Duration = Duration::from_mins(1);
pub const NODE: &str = "here";

/// Seconds after the instant at which every test begins, a whole hour.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_002_800 + seconds).expect("tests stay in this century")
}

pub fn watch(id: &str) -> WatchId {
    WatchId::new(id).expect("a slug")
}

pub fn source(id: &str) -> SourceId {
    SourceId::new(id).expect("a slug")
}

pub fn seed(id: &str, host: &str) -> SourceSeed {
    SourceSeed {
        id: source(id),
        kind: "feed",
        host: host.to_owned(),
        fingerprint: format!("https://{host}/{id}"),
        first_due: at(0),
    }
}

pub fn key(name: &str) -> ItemKey {
    ItemKey::of(&["feed", name])
}

/// A mention of `acme`, first seen when the tests begin.
pub fn mention(name: &str, text: &str, tone: Tone) -> Mention {
    let mut item = Item::new(key(name), name);
    text.clone_into(&mut item.text);
    Mention {
        seq: 0,
        item,
        source: source("blog"),
        kind: "feed".to_owned(),
        first_seen: at(0),
        fingerprint: u64::MAX - 7,
        findings: vec![finding("acme", tone)],
        revision: 0,
    }
}

/// A mention with every field filled in.
pub fn full_mention(name: &str) -> Mention {
    let mut mention = mention(name, "Acme rappelle ses fours «Étna».", Tone::Mixed);
    let item = &mut mention.item;
    item.url = Some("https://example.fr/1".to_owned());
    "Rappel".clone_into(&mut item.title);
    "> déjà dit".clone_into(&mut item.quoted);
    item.author = Some(Author {
        name: "Anne".to_owned(),
        handle: Some("@anne@example.fr".to_owned()),
        url: None,
        followers: Some(1200),
    });
    item.published = Some(at(-90));
    item.edited = Some(at(-30));
    item.lang_hint = Some("fr-FR".to_owned());
    item.counts.likes = Some(3);
    item.rating = Some(Rating { stars: 2.0, best: 5.0 });
    item.parent = Some(key("parent"));
    item.thread = Some(key("thread"));
    mention
}

pub fn finding(watch_id: &str, tone: Tone) -> Finding {
    Finding {
        watch: watch(watch_id),
        spans: vec![Span { start: 0, end: 4 }],
        language: Language { code: None, confidence: 0.5 },
        sentiment: Sentiment { label: tone, ..Sentiment::unknown() },
        topics: vec!["rappel".to_owned()],
        aside: None,
    }
}

/// The same finding, set aside as spam.
pub fn set_aside(finding: Finding) -> Finding {
    let spam = Aside::Spam { rule: "giveaway".to_owned(), signs: Vec::new() };
    Finding { aside: Some(spam), ..finding }
}

/// The same mention, set aside for its watches as spam.
pub fn aside(mention: Mention) -> Mention {
    let findings = mention.findings.into_iter().map(set_aside).collect();
    Mention { findings, ..mention }
}

/// A poll that went well and is due again in five minutes.
pub fn poll(mentions: Vec<Mention>) -> Poll {
    Poll {
        result: "ok",
        error: None,
        cursor: Some(Cursor("1".to_owned())),
        next: at(300),
        items: u32::try_from(mentions.len()).expect("few"),
        mentions,
        removed: Vec::new(),
    }
}

/// Makes `blog` known and takes it.
pub async fn leased(store: &dyn Store) -> SourceLease {
    store.sync_sources(&[seed("blog", "example.fr")], at(0)).await.expect("synced");
    claim(store, at(0)).await
}

/// Takes the one source that is due.
pub async fn claim(store: &dyn Store, now: Timestamp) -> SourceLease {
    let mut leases = store.claim_sources(NODE, 10, TTL, now).await.expect("claimed");
    assert_eq!(leases.len(), 1, "one source is due");
    leases.remove(0)
}

/// Commits a poll of `blog` that is due again at once.
pub async fn polled(store: &dyn Store, mut poll: Poll, now: Timestamp) -> Committed {
    store.sync_sources(&[seed("blog", "example.fr")], at(0)).await.expect("synced");
    poll.next = now;
    let lease = claim(store, now).await;
    store.commit_poll(&lease, &poll, now).await.expect("committed")
}

/// Takes the watch `acme`.
pub async fn watched(store: &dyn Store, now: Timestamp) -> WatchLease {
    let lease = store.claim_watch(NODE, &watch("acme"), TTL, now).await.expect("claimed");
    lease.expect("nobody else has it")
}

/// Commits an evaluation of `acme`.
pub async fn evaluated(
    store: &dyn Store,
    mut evaluation: Evaluation,
    now: Timestamp,
) -> Result<(), StoreError> {
    let lease = watched(store, now).await;
    evaluation.upto = evaluation.upto.max(lease.evaluated);
    evaluation.at = now;
    let outcome = store.commit_evaluation(&lease, &evaluation, now).await;
    store.release(NODE).await.expect("released");
    outcome
}

pub fn incident(name: &str, state: State) -> Incident {
    let reading = reading();
    Incident {
        subjects: Vec::new(),
        id: IncidentId(name.to_owned()),
        watch: watch("acme"),
        matter: Matter::BadBuzz,
        severity: Severity::default(),
        caution: 0.0,
        false_alarm: false,
        closed_by_hand: false,
        former: None,
        heeded: Heeded::default(),
        unheard: Unheard::default(),
        level: Level::Warning,
        peak: Level::Warning,
        state,
        opened: at(0),
        changed: at(0),
        closed: None,
        events: 1,
        because: reading.clone(),
        worst: reading,
        justified: at(0),
    }
}

fn reading() -> Reading {
    Reading {
        at: at(0),
        window_minutes: 60,
        observed: 9.0,
        expected: 1.5,
        usual_low: 0.0,
        usual_high: 4.0,
        total: 12.0,
        raw_negative: 9.0,
        authors: 8.0,
        kinds: 2,
        share: 0.75,
        usual_share: 0.25,
        copies: 0.0,
        surprise_velocity: 4.5,
        surprise_share: 2.5,
        surprise: 5.0,
        surprise_now: 5.0,
        score: 72.0,
        score_now: 72.0,
        terms: Vec::new(),
        learned_hours: 200.0,
        audible: 1.0,
        volume: Volume::default(),
        planned: Vec::new(),
        risks: Vec::new(),
    }
}

pub fn message(id: &str, level: Level) -> Notification {
    Notification {
        id: id.to_owned(),
        channel: "email".to_owned(),
        recipient: "anne@example.fr".to_owned(),
        incident: IncidentId("acme-1".to_owned()),
        event: Event::Opened,
        level,
        payload: b"From: vigie\r\n\r\n\xff".to_vec(),
        created: at(0),
    }
}

/// Queues messages, with no incident.
pub async fn queued(store: &dyn Store, outbox: Vec<Notification>, now: Timestamp) {
    let evaluation = Evaluation { outbox, ..Evaluation::default() };
    evaluated(store, evaluation, now).await.expect("queued");
}
