//! Evaluations and incidents: one evaluator, one open incident, all or nothing.

use std::sync::Arc;

use super::sample::{
    NODE, TTL, aside, at, evaluated, full_mention, incident, key, mention, message, poll, polled,
    source, watch, watched,
};
use crate::model::{Event, Level, Listened, Matter, Mention, Seq, State, Timestamp, Tone};
use crate::replay::Hearing;
use crate::store::{Checkpoint, Evaluation, IncidentQuery, Poll, Store, StoreError, StoredSignal};

type Tested = Arc<dyn Store>;

fn opening() -> Evaluation {
    Evaluation {
        upto: 7,
        at: at(5),
        checkpoint: Some(Checkpoint { upto: 6, at: at(4), course: vec![0, 255] }),
        incidents: vec![(incident("acme-1", State::Open), Some(Event::Opened))],
        outbox: vec![message("m", Level::Warning)],
    }
}

fn with(name: &str, state: State) -> Evaluation {
    Evaluation { incidents: vec![(incident(name, state), None)], ..Evaluation::default() }
}

pub async fn a_watch_has_one_evaluator(store: Tested) {
    let lost = watched(&*store, at(0)).await;
    assert_eq!(store.claim_watch("other", &watch("acme"), TTL, at(59)).await, Ok(None));
    let taken = store.claim_watch("other", &watch("acme"), TTL, at(60)).await.expect("read");
    assert!(taken.is_some_and(|lease| lease.epoch > lost.epoch));
    store.release("other").await.expect("released");
    watched(&*store, at(61)).await;
}

pub async fn an_evaluation_is_committed_whole(store: Tested) {
    let lease = watched(&*store, at(0)).await;
    assert_eq!((lease.evaluated, lease.evaluated_at, lease.checkpoint.clone()), (0, None, None));
    store.commit_evaluation(&lease, &opening(), at(5)).await.expect("committed");
    let lease = watched(&*store, at(6)).await;
    assert_eq!((lease.evaluated, lease.evaluated_at), (7, Some(at(5))));
    assert_eq!(lease.checkpoint, opening().checkpoint);
    let expected = incident("acme-1", State::Open);
    assert_eq!(store.incident(&expected.id).await, Ok(Some(expected.clone())));
    let lines = store.timeline(&expected.id).await.expect("read");
    let what: Vec<_> = lines.iter().map(|line| line.what.as_str()).collect();
    assert_eq!(what, ["opened", "queued"]);
    assert_eq!(store.outbox().await.expect("read")[0].count, 1);
}

pub async fn a_fenced_evaluation_leaves_no_trace(store: Tested) {
    let lost = watched(&*store, at(0)).await;
    watched(&*store, at(60)).await;
    let fenced = store.commit_evaluation(&lost, &opening(), at(61)).await;
    assert!(matches!(fenced, Err(StoreError::Fenced(_))), "{fenced:?}");
    assert_eq!(store.incidents(&IncidentQuery::default()).await, Ok(vec![]));
    assert_eq!(store.outbox().await, Ok(vec![]));
}

pub async fn an_evaluation_does_not_go_back(store: Tested) {
    let lease = watched(&*store, at(0)).await;
    store.commit_evaluation(&lease, &opening(), at(5)).await.expect("committed");
    let lease = watched(&*store, at(6)).await;
    let back = Evaluation { upto: 6, ..Evaluation::default() };
    let refused = store.commit_evaluation(&lease, &back, at(7)).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    store.release(NODE).await.expect("released");
    let lease = watched(&*store, at(8)).await;
    assert_eq!(lease.evaluated, 7);
    let same = Evaluation { upto: 7, at: at(9), ..Evaluation::default() };
    store.commit_evaluation(&lease, &same, at(9)).await.expect("committed");
    assert!(watched(&*store, at(10)).await.checkpoint.is_some(), "none given, none lost");
}

pub async fn the_detector_hears_in_order(store: Tested) {
    let page = ["a", "b", "c"].map(|name| mention(name, "Acme", Tone::Negative));
    let committed = polled(&*store, poll(page.to_vec()), at(0)).await;
    let seqs: Vec<_> = committed.accepted.iter().map(|(_, seq)| *seq).collect();
    let heard = store.signals_after(&watch("acme"), seqs[0], 10).await.expect("read");
    assert_eq!(heard.iter().map(|signal| signal.seq).collect::<Vec<_>>(), seqs[1..]);
    let first = store.signals_after(&watch("acme"), 0, 1).await.expect("read");
    assert_eq!((first.len(), first[0].tone, first[0].kind.as_str()), (1, Tone::Negative, "feed"));
    assert_eq!(first[0].fingerprint, u64::MAX - 7);
    assert_eq!(store.signals_after(&watch("bolt"), 0, 10).await, Ok(vec![]));
}

pub async fn the_detector_does_not_hear_what_is_aside(store: Tested) {
    let page = ["a", "b", "c"].map(|name| mention(name, "Acme", Tone::Negative));
    let [a, b, c] = page;
    let committed = polled(&*store, poll(vec![a, aside(b), c]), at(0)).await;
    let seqs: Vec<_> = committed.accepted.iter().map(|(_, seq)| *seq).collect();
    let heard = store.signals_after(&watch("acme"), 0, 10).await.expect("read");
    assert_eq!(heard.iter().map(|signal| signal.seq).collect::<Vec<_>>(), [seqs[0], seqs[2]]);
}

pub async fn authors_are_told_apart(store: Tested) {
    let mut same = full_mention("b");
    if let Some(author) = &mut same.item.author {
        "Anne Dupont".clone_into(&mut author.name);
    }
    let nobody = mention("c", "Acme", Tone::Mixed);
    let page = vec![full_mention("a"), same, nobody.clone(), mention("d", "Acme", Tone::Mixed)];
    polled(&*store, poll(page), at(0)).await;
    let heard = store.signals_after(&watch("acme"), 0, 10).await.expect("read");
    assert_eq!(heard[0].author, heard[1].author, "the account is the same");
    assert_ne!(heard[1].author, heard[2].author);
    assert_eq!(heard[2].author, heard[3].author, "the source's own");
    assert_eq!((heard[0].reach, heard[2].reach), (1200, 0));
    assert_eq!((heard[0].arrived, heard[0].event), (at(0), at(-90)));
}

pub async fn a_watch_has_one_open_incident_of_each_matter(store: Tested) {
    evaluated(&*store, with("acme-1", State::Open), at(0)).await.expect("committed");
    let second = evaluated(&*store, with("acme-2", State::Open), at(1)).await;
    assert!(matches!(second, Err(StoreError::Refused(_))), "{second:?}");
    evaluated(&*store, with("acme-1", State::Fading), at(2)).await.expect("the same goes on");
    let open = IncidentQuery { open: true, ..IncidentQuery::default() };
    let found = store.incidents(&open).await.expect("read");
    assert!(matches!(found.as_slice(), [one] if one.state == State::Fading), "{found:?}");
    let mut silence = incident("acme-1-silence", State::Open);
    silence.matter = Matter::Silence;
    let beside = Evaluation { incidents: vec![(silence, None)], ..Evaluation::default() };
    evaluated(&*store, beside, at(3)).await.expect("another matter");
    let quiet = IncidentQuery { matter: Some(Matter::Silence), ..IncidentQuery::default() };
    let found = store.incidents(&quiet).await.expect("read");
    assert!(matches!(found.as_slice(), [one] if one.id.0 == "acme-1-silence"), "{found:?}");
}

pub async fn a_closed_incident_makes_room(store: Tested) {
    evaluated(&*store, with("acme-1", State::Open), at(0)).await.expect("committed");
    evaluated(&*store, with("acme-1", State::Closed), at(1)).await.expect("committed");
    evaluated(&*store, with("acme-2", State::Open), at(2)).await.expect("committed");
}

pub async fn incidents_come_newest_first(store: Tested) {
    for (number, name) in (0..).zip(["acme-1", "acme-2", "acme-3"]) {
        let mut closed = incident(name, State::Closed);
        closed.opened = at(number);
        let evaluation = Evaluation { incidents: vec![(closed, None)], ..Evaluation::default() };
        evaluated(&*store, evaluation, at(number)).await.expect("committed");
    }
    let query = IncidentQuery { watch: Some(watch("acme")), limit: 2, ..IncidentQuery::default() };
    let found = store.incidents(&query).await.expect("read");
    assert_eq!(found.iter().map(|i| i.id.0.as_str()).collect::<Vec<_>>(), ["acme-3", "acme-2"]);
    let other = IncidentQuery { watch: Some(watch("bolt")), ..IncidentQuery::default() };
    assert_eq!(store.incidents(&other).await, Ok(vec![]));
}

pub async fn what_was_heard_is_told_with_its_instant(store: Tested) {
    let page = ["a", "b", "c"].map(|name| mention(name, "Acme", Tone::Negative));
    let committed = polled(&*store, poll(page.to_vec()), at(0)).await;
    let seqs: Vec<_> = committed.accepted.iter().map(|(_, seq)| *seq).collect();
    let heard = async || {
        let signals = store.signals_after(&watch("acme"), 0, 10).await.expect("read");
        signals.iter().map(|signal| signal.heard).collect::<Vec<_>>()
    };
    assert_eq!(heard().await, [None, None, None]);
    let upto = |upto| Evaluation { upto, ..Evaluation::default() };
    evaluated(&*store, upto(seqs[1]), at(5)).await.expect("committed");
    evaluated(&*store, upto(seqs[1]), at(6)).await.expect("nothing was heard");
    assert_eq!(heard().await, [Some(at(5)), Some(at(5)), None]);
    evaluated(&*store, upto(seqs[2]), at(9)).await.expect("committed");
    assert_eq!(heard().await, [Some(at(5)), Some(at(5)), Some(at(9))]);
}

/// `a` as its source counts it.
fn counted(likes: u64) -> Mention {
    let mut mention = mention("a", "Acme", Tone::Negative);
    mention.item.counts.likes = Some(likes);
    mention
}

/// What is heard of `acme`: mention, why, when, likes.
async fn heard(store: &dyn Store, after: Seq) -> Vec<(Seq, Hearing, Timestamp, Option<u64>)> {
    let signals = store.signals_after(&watch("acme"), after, 10).await.expect("read");
    let parts = |s: StoredSignal| (s.mention, s.hearing, s.arrived, s.counts.likes);
    signals.into_iter().map(parts).collect()
}

pub async fn a_mention_whose_counts_grew_is_heard_again(store: Tested) {
    let day = 86_400;
    let other = mention("b", "Acme", Tone::Neutral);
    polled(&*store, poll(vec![counted(3), other]), at(0)).await;
    let grown = Mention { first_seen: at(60), ..counted(30) };
    let committed = polled(&*store, poll(vec![grown]), at(60)).await;
    assert_eq!((committed.revised, committed.duplicates), (0, 1), "it is no revision");
    let later = mention("c", "Acme", Tone::Neutral);
    polled(&*store, poll(vec![Mention { first_seen: at(90), ..later }]), at(90)).await;
    let (new, again) = (Hearing::New, Hearing::Counted);
    let expected = [
        (1, new, at(0), Some(3)),
        (2, new, at(0), None),
        (1, again, at(60), Some(30)),
        (4, new, at(90), None),
    ];
    assert_eq!(heard(&*store, 0).await, expected);
    assert_eq!(heard(&*store, 2).await, expected[2..]);
    // Less, little more, and what is old are no news.
    for (likes, second) in [(10, 100), (32, 110), (5_000, 3 * day + 1)] {
        let mention = Mention { first_seen: at(second), ..counted(likes) };
        polled(&*store, poll(vec![mention]), at(second)).await;
    }
    assert_eq!(heard(&*store, 2).await, expected[2..]);
    let known = store.mentions(&[1]).await.expect("read");
    assert_eq!(known[0].item.counts.likes, Some(30));
    assert_eq!(store.verify().await, Ok(vec![]));
}

pub async fn counts_of_another_source_or_of_what_is_gone_are_not_heard(store: Tested) {
    polled(&*store, poll(vec![counted(3)]), at(0)).await;
    let elsewhere = Mention { source: source("copy"), first_seen: at(60), ..counted(900) };
    polled(&*store, poll(vec![elsewhere]), at(60)).await;
    assert_eq!(heard(&*store, 0).await, [(1, Hearing::New, at(0), Some(3))]);
    let grown = Mention { first_seen: at(70), ..counted(900) };
    polled(&*store, poll(vec![grown]), at(70)).await;
    assert_eq!(heard(&*store, 0).await.len(), 2);
    let gone = Poll { removed: vec![key("a")], ..poll(Vec::new()) };
    polled(&*store, gone, at(80)).await;
    assert_eq!(heard(&*store, 0).await, []);
}

pub async fn a_detector_hears_topics_and_places(store: Tested) {
    polled(&*store, poll(vec![full_mention("a")]), at(0)).await;
    let signals = store.signals_after(&watch("acme"), 0, 10).await.expect("read");
    let [signal] = signals.as_slice() else { panic!("{signals:?}") };
    assert_eq!(signal.topics, ["rappel"]);
    assert_eq!(signal.url.as_deref(), Some("https://example.fr/1"));
    assert_eq!((signal.counts.likes, signal.reach), (Some(3), 1200));
}

pub async fn a_watch_begins_once(store: Tested) {
    assert_eq!(store.began(&watch("acme")).await, Ok(None));
    assert_eq!(watched(&*store, at(3)).await.began, at(3));
    store.release(NODE).await.expect("released");
    assert_eq!(watched(&*store, at(8)).await.began, at(3));
    assert_eq!(store.began(&watch("acme")).await, Ok(Some(at(3))));
}

pub async fn spans_that_were_listened_to_grow_and_stay_in_order(store: Tested) {
    let span = |since, until, share| Listened { since: at(since), until: at(until), share };
    let spans = [span(0, 10, 1.0), span(10, 10, 0.5)];
    store.keep_listened(&spans).await.expect("kept");
    store.keep_listened(&[span(10, 40, 0.5), span(90, 90, 1.0)]).await.expect("kept");
    // Whoever evaluates has listened until then, and nothing makes a span shorter.
    evaluated(&*store, Evaluation::default(), at(95)).await.expect("committed");
    store.keep_listened(&[span(90, 91, 1.0)]).await.expect("kept");
    let expected = [span(0, 10, 1.0), span(10, 40, 0.5), span(90, 95, 1.0)];
    assert_eq!(store.listened().await, Ok(expected.to_vec()));
    let years = 3 * 366 * 86_400;
    store.keep_listened(&[span(years, years, 1.0)]).await.expect("kept");
    assert_eq!(store.listened().await.expect("read").len(), 1, "what is old is forgotten");
}
