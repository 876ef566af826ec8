//! A past lived through the store as an evaluator lives it: whatever the order of what came together
//! and wherever it died, it tells the same incidents.

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::sample::{NODE, TTL, at, mention, poll, polled, watch};
use crate::incident::{Latest, decide};
use crate::model::{
    Author, Event, Listened, Matter, Mention, Reading, Roster, Sensitivity, Tone, Watch, WatchId,
};
use crate::replay::{Audible, Course, Heard};
use crate::rules::PressSites;
use crate::store::{Evaluation, IncidentQuery, Store, StoredSignal};

type Tested = Arc<dyn Store>;

const HOUR: i64 = 3_600;

/// Days that each life lasts; the crisis is on the last but one.
const DAYS: i64 = 7;

/// Lives that are lived after one another, each of two watches of its own.
const LIVES: i64 = 3;

fn draw(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

fn shuffle<T>(all: &mut [T], seed: &mut u64) {
    for last in (1..all.len()).rev() {
        all.swap(last, usize::try_from(draw(seed)).expect("31 bits") % (last + 1));
    }
}

/// A watch lived through the store by one evaluator.
struct Life {
    watch: Watch,
    course: Course,
    latest: Latest,
}

fn watched(id: &str) -> Watch {
    Watch {
        id: watch(id),
        name: id.to_owned(),
        query: id.to_owned(),
        languages: Vec::new(),
        sensitivity: Sensitivity::Balanced,
        timezone: "UTC".to_owned(),
        recipients: Vec::new(),
        roster: Roster::default(),
    }
}

impl Life {
    /// Everything about a watch as the store knows it: all that was evaluated, heard again when it
    /// was heard, and the incidents that were told.
    async fn read(store: &dyn Store, id: &str, now: Timestamp, audible: &Audible) -> Life {
        let watch = watched(id);
        let lease = store.claim_watch(NODE, &watch.id, TTL, now).await.expect("read");
        let lease = lease.expect("nobody else has it");
        store.release(NODE).await.expect("released");
        let mut course = Course::begin(TimeZone::UTC, lease.began, audible);
        let signals = store.signals_after(&watch.id, 0, 100_000).await.expect("read");
        let evaluated = signals.into_iter().filter(|signal| signal.seq <= lease.evaluated);
        let press = PressSites::default();
        let again = |signal: StoredSignal| {
            let at = signal.heard.expect("whoever evaluated it said when");
            signal.as_heard(at, &press)
        };
        course.relive(&mut evaluated.map(again).collect::<Vec<Heard>>(), audible);
        if let Some(at) = lease.evaluated_at.filter(|at| *at > course.at) {
            course.pass(at, audible);
            course.look(at, audible, &mut []);
        }
        let mut latest = Latest::default();
        for matter in Matter::ALL {
            let query = IncidentQuery {
                watch: Some(watch.id.clone()),
                matter: Some(matter),
                limit: 1,
                ..IncidentQuery::default()
            };
            for incident in store.incidents(&query).await.expect("read") {
                latest.put(incident);
            }
        }
        Life { watch, course, latest }
    }

    /// Looks at every instant that is due, and at what has come by now.
    async fn evaluate(&mut self, store: &dyn Store, now: Timestamp, audible: &Audible) {
        for at in self.course.quiet_before(now) {
            let reading = self.course.look(at, audible, &mut []);
            self.decide(store, &reading, at, None).await;
        }
        let lease = store.claim_watch(NODE, &self.watch.id, TTL, now).await.expect("claimed");
        let after = lease.expect("nobody else has it").evaluated;
        store.release(NODE).await.expect("released");
        let signals = store.signals_after(&self.watch.id, after, 100_000).await.expect("read");
        let Some(upto) = signals.last().map(|signal| signal.seq) else { return };
        let press = PressSites::default();
        let mut heard: Vec<Heard> =
            signals.into_iter().map(|signal| signal.as_heard(now, &press)).collect();
        let reading = self.course.look(now, audible, &mut heard);
        self.decide(store, &reading, now, Some(upto)).await;
    }

    async fn decide(
        &mut self,
        store: &dyn Store,
        reading: &Reading,
        at: Timestamp,
        upto: Option<u64>,
    ) {
        let decisions = decide(&self.latest, reading, &self.watch, at);
        if upto.is_none() && decisions.is_empty() {
            return;
        }
        let lease = store.claim_watch(NODE, &self.watch.id, TTL, at).await.expect("claimed");
        let lease = lease.expect("nobody else has it");
        let upto = upto.unwrap_or(lease.evaluated);
        let mut evaluation = Evaluation { upto, at, ..Evaluation::default() };
        for decision in decisions {
            let Some(incident) = decision.incident else { continue };
            self.latest.put(incident.clone());
            evaluation.incidents.push((incident, decision.event));
        }
        store.commit_evaluation(&lease, &evaluation, at).await.expect("committed");
    }
}

/// What somebody says of a watch; many of them at the same instant.
fn said(id: &str, number: usize, at: Timestamp, negative: bool, author: u64) -> Mention {
    let tone = if negative { Tone::Negative } else { Tone::Neutral };
    let mut said = mention(&format!("{id}-{}-{number}", at.as_second()), "Acme", tone);
    said.item.author = Some(Author { name: format!("a{author}"), ..Author::default() });
    said.item.published = Some(at);
    (said.first_seen, said.fingerprint) = (at, author << 20 | number as u64);
    for finding in &mut said.findings {
        (finding.watch, finding.topics) = (watch(id), Vec::new());
    }
    said
}

/// What comes together at a time: `(negative, author)` each.
fn together(hour: i64, seed: &mut u64) -> Vec<(bool, u64)> {
    let crisis = (0..3).contains(&(hour - (DAYS - 2) * 24));
    let count = if crisis { 14 + draw(seed) % 6 } else { draw(seed) % 5 };
    let one = |seed: &mut u64| {
        let negative =
            if crisis { !draw(seed).is_multiple_of(4) } else { draw(seed).is_multiple_of(6) };
        (negative, draw(seed) % 900 + 1)
    };
    (0..count).map(|_| one(seed)).collect()
}

/// Whether anybody listens in an hour: on the third day nobody does for half of it.
fn listens(hour: i64) -> bool {
    !(48..60).contains(&hour)
}

/// Keeps the spans around the hours in which nobody listens, in a life that begins at an hour.
async fn listen(store: &dyn Store, begins: i64) -> Audible {
    let hour = |hour: i64| at((begins + hour) * HOUR);
    let span =
        |since: i64, until: i64| Listened { since: hour(since), until: hour(until), share: 1.0 };
    store.keep_listened(&[span(0, 48), span(60, DAYS * 24)]).await.expect("kept");
    Audible::new(&store.listened().await.expect("read"))
}

/// An event without the name of its watch, and the numbers of its incident.
type Told = (Vec<(Timestamp, String, String)>, Reading, Reading);

async fn told(store: &dyn Store, id: &WatchId) -> Vec<Told> {
    let query = IncidentQuery { watch: Some(id.clone()), ..IncidentQuery::default() };
    let mut told = Vec::new();
    for incident in store.incidents(&query).await.expect("read") {
        let lines = store.timeline(&incident.id).await.expect("read");
        let lines = lines.into_iter().map(|line| (line.at, line.what, line.detail)).collect();
        told.push((lines, incident.because, incident.worst));
    }
    told
}

/// Lives the same past for two watches: the second hears what comes together in another order, and
/// dies whenever `dies` says so. A few lives, one after another.
async fn live(store: &dyn Store, mut seed: u64, dies: impl Fn(&mut u64) -> bool) {
    let mut chain = seed ^ 0xA5A5;
    for life in 0..LIVES {
        let begins = life * DAYS * 24;
        let audible = listen(store, begins).await;
        let ids = [format!("acme-{life}"), format!("bolt-{life}")];
        let mut straight = Life::read(store, &ids[0], at(begins * HOUR), &audible).await;
        let mut other = Life::read(store, &ids[1], at(begins * HOUR), &audible).await;
        for hour in (0..DAYS * 24).filter(|hour| listens(*hour)) {
            let now = at((begins + hour) * HOUR + 30 * 60) + SignedDuration::from_secs(7);
            let came = together(hour, &mut seed);
            polled(store, poll(twice(&came, &ids, now, &mut chain)), now).await;
            straight.evaluate(store, now, &audible).await;
            other.evaluate(store, now, &audible).await;
            if dies(&mut chain) {
                other = Life::read(store, &ids[1], now, &audible).await;
            }
        }
        let expected = told(store, &watch(&ids[0])).await;
        let opened =
            |(lines, ..): &Told| lines.iter().any(|(_, what, _)| what == Event::Opened.as_str());
        assert!(expected.iter().any(opened), "a crisis is told");
        assert_eq!(told(store, &watch(&ids[1])).await, expected);
    }
}

/// The same said of two watches, of the second in another order.
fn twice(came: &[(bool, u64)], ids: &[String; 2], now: Timestamp, chain: &mut u64) -> Vec<Mention> {
    let mut order: Vec<usize> = (0..came.len()).collect();
    let mut mentions = Vec::new();
    for id in ids {
        let one = |number: &usize| {
            let (negative, author) = came[*number];
            said(id, *number, now, negative, author)
        };
        mentions.extend(order.iter().map(one));
        shuffle(&mut order, chain);
    }
    mentions
}

pub async fn what_comes_together_may_come_in_any_order(store: Tested) {
    live(&*store, 11, |_| false).await;
}

pub async fn a_death_between_any_two_evaluations_changes_nothing(store: Tested) {
    live(&*store, 12, |chain| draw(chain).is_multiple_of(9)).await;
}
