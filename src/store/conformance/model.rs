//! Random histories against models small enough to be believed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::sample::{
    NODE, TTL, aside, at, finding, key, mention, message, poll, polled, queued, set_aside, watch,
};
use crate::model::{Level, Tone};
use crate::store::{
    Again, Bucket, Change, MentionQuery, OutboxLease, Poll, Position, RematchBatch, Settlement,
    Store, StoreError, WatchSeed,
};

type Tested = Arc<dyn Store>;

/// One item read or taken back: which, with what text, how it sounds, how many minutes ago, and
/// whether it counts.
#[derive(Debug, Clone)]
enum Read {
    Item { name: u8, text: u8, tone: Tone, minutes: i64, counts: bool },
    Gone { name: u8 },
}

fn read() -> impl Strategy<Value = Read> {
    let tone = prop::sample::select(Tone::ALL.to_vec());
    prop_oneof![
        4 => (0..12_u8, 0..3_u8, tone, 0..4_i64, prop::bool::weighted(0.8)).prop_map(
            |(name, text, tone, minutes, counts)| Read::Item { name, text, tone, minutes, counts },
        ),
        1 => (0..12_u8).prop_map(|name| Read::Gone { name }),
    ]
}

/// A value drawn with a fixed seed, the same at every run: the store is asynchronous, so the
/// cases are drawn here instead of by the `proptest!` macro.
fn drawn<T: std::fmt::Debug>(strategy: &impl Strategy<Value = T>, runner: &mut TestRunner) -> T {
    strategy.new_tree(runner).expect("nothing is filtered").current()
}

/// What of a mention the counters depend on, by name: its text, what is found in it that counts, its
/// minute.
type Model = HashMap<u8, (u8, Option<Tone>, i64)>;

/// What a poll of these reads must do to the model: the first of a name counts, and what is taken
/// back is taken back after that.
fn live(model: &mut Model, reads: &[Read]) {
    let mut met = HashSet::new();
    for read in reads {
        if let Read::Item { name, text, tone, minutes, counts } = *read
            && met.insert(name)
            && model.get(&name).is_none_or(|(known, ..)| *known != text)
        {
            model.insert(name, (text, counts.then_some(tone), minutes));
        }
    }
    for read in reads {
        if let Read::Gone { name } = read {
            model.remove(name);
        }
    }
}

fn page(reads: &[Read]) -> Poll {
    let mut page = poll(vec![]);
    for read in reads {
        match *read {
            Read::Item { name, text, tone, minutes, counts } => {
                let mut item = mention(&name.to_string(), &format!("Acme {text}"), tone);
                item.item.published = Some(at(-60 * minutes));
                page.mentions.push(if counts { item } else { aside(item) });
            }
            Read::Gone { name } => page.removed.push(key(&name.to_string())),
        }
    }
    page
}

fn counted(model: &Model) -> Vec<Bucket> {
    let mut minutes: BTreeMap<i64, Bucket> = BTreeMap::new();
    for (_, tone, minute) in model.values() {
        let Some(tone) = tone else { continue };
        let empty = Bucket {
            start: at(-60 * minute),
            total: 0,
            negative: 0,
            neutral: 0,
            positive: 0,
            mixed: 0,
        };
        let bucket = minutes.entry(-minute).or_insert(empty);
        bucket.total += 1;
        match tone {
            Tone::Negative => bucket.negative += 1,
            Tone::Neutral => bucket.neutral += 1,
            Tone::Positive => bucket.positive += 1,
            Tone::Mixed => bucket.mixed += 1,
            Tone::Unknown => {}
        }
    }
    minutes.into_values().collect()
}

pub async fn counters_are_exact_after_any_polls(store: Tested) {
    let mut runner = TestRunner::deterministic();
    let polls = prop::collection::vec(read(), 0..8);
    let mut model = Model::new();
    let mut follower = HashSet::new();
    let mut position = Position::default();
    for round in 0..120 {
        let reads = drawn(&polls, &mut runner);
        live(&mut model, &reads);
        polled(&*store, page(&reads), at(round)).await;
        let minute = Duration::from_mins(1);
        let found = store.buckets(&watch("acme"), at(-3600), at(60), minute).await;
        assert_eq!(found, Ok(counted(&model)), "round {round}: {reads:?}");
        let (changes, next) = store.changes_after(position, 1000).await.expect("read");
        position = next;
        for change in changes {
            match change {
                Change::Put(mention) => follower.insert(mention.item.key),
                Change::Delete { key, .. } => follower.remove(&key),
            };
        }
        let names: HashSet<_> = model.keys().map(|name| key(&name.to_string())).collect();
        assert_eq!(follower, names, "round {round}: who follows the feed knows what is there");
    }
    let count = store.count_mentions(&MentionQuery::default()).await;
    assert_eq!(count, Ok(model.len() as u64));
    assert_eq!(store.verify().await, Ok(vec![]));
}

/// An edit: which names the watch is about from now on, and how it hears all of them.
#[derive(Debug, Clone, Copy)]
struct Edit {
    names: u16,
    tone: Tone,
    /// Whether what it finds counts, or is set aside.
    counts: bool,
    /// Mentions read again at once.
    batch: usize,
    /// Whether its reader dies after each batch, once with the next one in hand.
    dies: bool,
}

impl Edit {
    fn finds(self, name: u8) -> Option<Tone> {
        (self.names & (1 << name) != 0).then_some(self.tone)
    }

    async fn live(self, store: &dyn Store, now: i64) {
        let definition = format!("{self:?}");
        let seed = WatchSeed { id: watch("acme"), definition };
        store.sync_watches(&[seed], at(now)).await.expect("synced");
        while let Some(lease) = store.claim_rematch(NODE, TTL, at(now)).await.expect("claimed") {
            let next = store.mentions_between(lease.position, lease.target, self.batch).await;
            let next = next.expect("read");
            let again = |mention: &crate::model::Mention| Again {
                seq: mention.seq,
                revision: mention.revision,
                finding: self.finds(mention.item.id.parse().expect("a number")).map(|tone| {
                    let finding = finding("acme", tone);
                    if self.counts { finding } else { set_aside(finding) }
                }),
            };
            let batch = RematchBatch {
                upto: next.last().map_or(lease.target, |last| last.seq),
                read: u32::try_from(next.len()).expect("few"),
                mentions: next.iter().map(again).collect(),
            };
            store.commit_rematch(&lease, &batch, at(now)).await.expect("committed");
            if self.dies {
                store.claim_rematch(NODE, TTL, at(now)).await.expect("claimed");
                store.release(NODE).await.expect("released");
            }
        }
    }
}

fn edit() -> impl Strategy<Value = Edit> {
    let tone = prop::sample::select(Tone::ALL.to_vec());
    (0..1_u16 << 12, tone, prop::bool::weighted(0.7), 1..5_usize, any::<bool>())
        .prop_map(|(names, tone, counts, batch, dies)| Edit { names, tone, counts, batch, dies })
}

pub async fn counters_are_exact_after_any_edits(store: Tested) {
    let mut runner = TestRunner::deterministic();
    let polls = prop::collection::vec(read(), 0..8);
    let mut model = Model::new();
    for round in 0..60 {
        let reads = drawn(&polls, &mut runner);
        live(&mut model, &reads);
        polled(&*store, page(&reads), at(round)).await;
        let edit = drawn(&edit(), &mut runner);
        edit.live(&*store, round).await;
        for (name, (_, tone, _)) in &mut model {
            *tone = edit.finds(*name).filter(|_| edit.counts);
        }
        let minute = Duration::from_mins(1);
        let found = store.buckets(&watch("acme"), at(-3600), at(60), minute).await;
        assert_eq!(found, Ok(counted(&model)), "round {round}: {reads:?}, {edit:?}");
    }
    let count = store.count_mentions(&MentionQuery::default()).await;
    assert_eq!(count, Ok(model.len() as u64), "an edit loses no mention");
    assert_eq!(store.verify().await, Ok(vec![]));
}

/// What may happen around an outbox.
#[derive(Debug, Clone, Copy)]
enum Step {
    Plan(u8),
    Claim,
    Sent,
    Retry,
    Unknown,
    Dead,
    /// The sender dies after the server took the message, or before.
    Crash,
    Restart,
    Wait(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0..10_u8).prop_map(Step::Plan),
        4 => Just(Step::Claim),
        2 => Just(Step::Sent),
        2 => Just(Step::Retry),
        1 => Just(Step::Unknown),
        1 => Just(Step::Dead),
        1 => Just(Step::Crash),
        1 => Just(Step::Restart),
        2 => (1..90_u8).prop_map(Step::Wait),
    ]
}

/// Messages by id: whether an attempt ended without a verdict, and whether it has ended for good.
#[derive(Debug, Default)]
struct Messages {
    known: BTreeMap<String, (bool, bool)>,
    held: Vec<OutboxLease>,
}

impl Messages {
    async fn settle(&mut self, store: &dyn Store, now: i64, settlement: Settlement) {
        let Some(lease) = self.held.pop() else { return };
        let id = &lease.notification.id;
        let message = self.known.get_mut(id).expect("only what was planned is claimed");
        match store.settle_outbox(&lease, &settlement, at(now)).await {
            Ok(()) => {
                assert!(!message.1, "{id} was settled for good before");
                message.0 |= matches!(settlement, Settlement::Unknown { .. });
                message.1 = matches!(settlement, Settlement::Sent { .. } | Settlement::Dead { .. });
            }
            Err(StoreError::Fenced(_)) => {}
            Err(other) => panic!("{other}"),
        }
    }

    async fn claim(&mut self, store: &dyn Store, now: i64) {
        let leases = store.claim_outbox(NODE, "email", 2, TTL, at(now)).await.expect("claimed");
        for lease in leases {
            let id = &lease.notification.id;
            let message = self.known.get_mut(id).expect("only what was planned is claimed");
            assert!(!message.1, "{id} is settled for good and is sent again");
            // Whoever held it until now has not said what became of it.
            let abandoned = self.held.iter().any(|held| held.notification.id == *id);
            message.0 |= abandoned;
            assert!(lease.ambiguous || !message.0, "{id} may be a copy and does not say so");
            message.0 = lease.ambiguous;
            self.held.push(lease);
        }
    }
}

pub async fn a_message_is_never_lost_nor_resent(store: Tested) {
    let mut runner = TestRunner::deterministic();
    let steps = prop::collection::vec(step(), 400);
    let mut messages = Messages::default();
    let mut now = 0;
    let error = || "x".to_owned();
    for step in drawn(&steps, &mut runner) {
        match step {
            Step::Plan(number) => {
                let id = number.to_string();
                queued(&*store, vec![message(&id, Level::Watch)], at(now)).await;
                messages.known.entry(id).or_default();
            }
            Step::Claim => messages.claim(&*store, now).await,
            Step::Sent => {
                messages.settle(&*store, now, Settlement::Sent { response: error() }).await;
            }
            Step::Retry => {
                let settlement = Settlement::Retry { at: at(now + 5), error: error() };
                messages.settle(&*store, now, settlement).await;
            }
            Step::Unknown => {
                let settlement = Settlement::Unknown { at: at(now + 5), error: error() };
                messages.settle(&*store, now, settlement).await;
            }
            Step::Dead => messages.settle(&*store, now, Settlement::Dead { error: error() }).await,
            Step::Crash => drop(messages.held.pop()),
            Step::Restart => store.release(NODE).await.expect("released"),
            Step::Wait(seconds) => now += i64::from(seconds),
        }
    }
    // In the end every message that has not ended is still there to be sent.
    now += 100_000;
    let waiting = messages.known.values().filter(|(_, ended)| !ended).count();
    let leases = store.claim_outbox(NODE, "email", 100, TTL, at(now)).await.expect("claimed");
    assert_eq!(leases.len(), waiting);
    let kept: u64 = store.outbox().await.expect("read").iter().map(|state| state.count).sum();
    assert_eq!(kept, messages.known.len() as u64);
}
