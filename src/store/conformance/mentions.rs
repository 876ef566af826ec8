//! Reading mentions and counters.

use std::sync::Arc;
use std::time::Duration;

use super::sample::{aside, at, finding, key, mention, poll, polled, source, watch};
use crate::model::{Aside, AsideKind, Mention, Tone};
use crate::store::{Bucket, MentionQuery, Poll, Store};

type Tested = Arc<dyn Store>;

fn published(name: &str, seconds: i64, tone: Tone) -> Mention {
    let mut mention = mention(name, "Acme", tone);
    mention.item.published = Some(at(seconds));
    mention
}

async fn names(store: &Tested, query: &MentionQuery) -> Vec<String> {
    let found = store.find_mentions(query).await.expect("read");
    let count = store.count_mentions(query).await.expect("read");
    if query.limit == 0 {
        assert_eq!(count, found.len() as u64, "{query:?}");
    }
    found.into_iter().map(|mention| mention.item.id).collect()
}

async fn hour(store: &Tested, name: &str) -> Vec<Bucket> {
    let step = Duration::from_hours(1);
    store.buckets(&watch(name), at(-7200), at(7200), step).await.expect("read")
}

pub async fn a_query_holds_all_its_conditions(store: Tested) {
    let mut other = published("c", -10, Tone::Negative);
    other.source = source("press");
    other.findings = vec![finding("bolt", Tone::Negative)];
    let page = vec![published("a", -30, Tone::Negative), published("b", -20, Tone::Mixed), other];
    polled(&*store, poll(page), at(0)).await;
    let any = MentionQuery::default();
    let acme = MentionQuery { watch: Some(watch("acme")), ..any.clone() };
    let negative = Some(Tone::Negative);
    assert_eq!(names(&store, &any).await, ["c", "b", "a"]);
    assert_eq!(names(&store, &acme).await, ["b", "a"]);
    assert_eq!(names(&store, &MentionQuery { tone: negative, ..any.clone() }).await, ["c", "a"]);
    assert_eq!(names(&store, &MentionQuery { tone: negative, ..acme.clone() }).await, ["a"]);
    let press = MentionQuery { source: Some(source("press")), ..any.clone() };
    assert_eq!(names(&store, &press).await, ["c"]);
    let both = MentionQuery { source: Some(source("press")), ..acme };
    assert!(names(&store, &both).await.is_empty());
    let between = MentionQuery { since: Some(at(-30)), until: Some(at(-10)), ..any };
    assert_eq!(names(&store, &between).await, ["b", "a"], "start included, end not");
}

pub async fn mentions_come_newest_first(store: Tested) {
    let page = vec![
        published("a", -5, Tone::Mixed),
        published("b", -9, Tone::Mixed),
        published("c", -5, Tone::Mixed),
    ];
    polled(&*store, poll(page), at(0)).await;
    assert_eq!(names(&store, &MentionQuery::default()).await, ["c", "a", "b"]);
}

pub async fn a_count_ignores_the_limit(store: Tested) {
    let page = (0..5).map(|n| published(&n.to_string(), -n, Tone::Mixed)).collect();
    polled(&*store, poll(page), at(0)).await;
    let query = MentionQuery { limit: 2, ..MentionQuery::default() };
    assert_eq!(names(&store, &query).await, ["0", "1"]);
    assert_eq!(store.count_mentions(&query).await, Ok(5));
}

pub async fn one_mention_counts_for_each_of_its_watches(store: Tested) {
    let mut shared = published("a", 0, Tone::Negative);
    shared.findings.push(finding("bolt", Tone::Positive));
    polled(&*store, poll(vec![shared]), at(0)).await;
    assert_eq!(hour(&store, "acme").await[0].negative, 1);
    assert_eq!(hour(&store, "bolt").await[0].positive, 1);
    assert_eq!(store.count_mentions(&MentionQuery::default()).await, Ok(1));
}

pub async fn steps_are_aligned_and_empty_ones_left_out(store: Tested) {
    let page = vec![
        published("a", -3601, Tone::Negative),
        published("b", -3600, Tone::Negative),
        published("c", -1, Tone::Neutral),
        published("d", 0, Tone::Neutral),
    ];
    polled(&*store, poll(page), at(0)).await;
    let starts: Vec<_> = hour(&store, "acme").await.iter().map(|b| (b.start, b.total)).collect();
    assert_eq!(starts, [(at(-7200), 1), (at(-3600), 2), (at(0), 1)]);
    let ten = Duration::from_mins(10);
    let found = store.buckets(&watch("acme"), at(-3600), at(0), ten).await.expect("read");
    let starts: Vec<_> = found.iter().map(|b| (b.start, b.total)).collect();
    assert_eq!(starts, [(at(-3600), 1), (at(-600), 1)], "empty steps and the end are left out");
}

pub async fn a_revision_moves_the_counters(store: Tested) {
    polled(&*store, poll(vec![published("a", -60, Tone::Negative)]), at(0)).await;
    let mut revised = published("a", -7000, Tone::Positive);
    "Acme, en mieux".clone_into(&mut revised.item.text);
    polled(&*store, poll(vec![revised]), at(1)).await;
    let found = hour(&store, "acme").await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].start, found[0].negative, found[0].positive), (at(-7200), 0, 1));
}

pub async fn a_removal_takes_back_its_counts(store: Tested) {
    let page = vec![published("a", 0, Tone::Negative), published("b", 0, Tone::Neutral)];
    polled(&*store, poll(page), at(0)).await;
    polled(&*store, Poll { removed: vec![key("a")], ..poll(vec![]) }, at(1)).await;
    let found = hour(&store, "acme").await;
    assert_eq!((found[0].total, found[0].negative, found[0].neutral), (1, 0, 1));
}

pub async fn unknown_tones_count_in_the_total_only(store: Tested) {
    polled(&*store, poll(vec![published("a", 0, Tone::Unknown)]), at(0)).await;
    let only = Bucket { start: at(0), total: 1, negative: 0, neutral: 0, positive: 0, mixed: 0 };
    assert_eq!(hour(&store, "acme").await, [only]);
}

pub async fn recent_mentions_are_those_of_a_week(store: Tested) {
    let old = published("a", -8 * 86_400, Tone::Mixed);
    polled(&*store, poll(vec![old, published("b", 0, Tone::Mixed)]), at(0)).await;
    assert_eq!(store.sources().await.expect("read")[0].recent_mentions, 1);
}

pub async fn what_is_aside_is_kept_and_counted_apart(store: Tested) {
    let mut own = published("own", -40, Tone::Positive);
    own.findings[0].aside = Some(Aside::OwnAccount { entry: "@acme".to_owned() });
    let mut partly = published("partly", -20, Tone::Negative);
    partly.findings.push(finding("bolt", Tone::Negative));
    partly.findings[0].aside = Some(Aside::OwnSite { entry: "acme.example".to_owned() });
    let page = vec![
        own,
        aside(published("spam", -30, Tone::Negative)),
        partly,
        published("client", -10, Tone::Negative),
    ];
    polled(&*store, poll(page.clone()), at(0)).await;
    let any = MentionQuery::default();
    let acme = MentionQuery { watch: Some(watch("acme")), ..any.clone() };
    let only = |aside, of: &MentionQuery| MentionQuery { aside: Some(aside), ..of.clone() };
    assert_eq!(names(&store, &acme).await, ["client", "partly", "spam", "own"]);
    assert_eq!(names(&store, &only(true, &acme)).await, ["partly", "spam", "own"]);
    assert_eq!(names(&store, &only(false, &acme)).await, ["client"]);
    assert_eq!(names(&store, &only(true, &any)).await, ["partly", "spam", "own"]);
    assert_eq!(names(&store, &only(false, &any)).await, ["client", "partly"], "for bolt it counts");
    let total = |buckets: Vec<Bucket>| buckets.iter().map(|b| (b.total, b.negative)).collect();
    let (of_acme, of_bolt): (Vec<_>, Vec<_>) =
        (total(hour(&store, "acme").await), total(hour(&store, "bolt").await));
    assert_eq!((of_acme, of_bolt), (vec![(1, 1)], vec![(1, 1)]));
    let kinds = |found: &[(AsideKind, u64)]| -> Vec<(&str, u64)> {
        found.iter().map(|(kind, count)| (kind.as_str(), *count)).collect()
    };
    let all = store.asides(&watch("acme"), at(-60)).await.expect("read");
    assert_eq!(kinds(&all), [("own-account", 1), ("own-site", 1), ("spam", 1)]);
    let late = store.asides(&watch("acme"), at(-30)).await.expect("read");
    assert_eq!(kinds(&late), [("own-site", 1), ("spam", 1)]);
    assert_eq!(store.asides(&watch("bolt"), at(-60)).await, Ok(vec![]));
    let kept = store.find_mentions(&any).await.expect("read");
    assert!(kept.iter().all(|kept| page.iter().any(|put| put.findings == kept.findings)));
    assert_eq!(store.verify().await, Ok(vec![]));
}
