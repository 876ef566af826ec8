//! kill -9, again and again: what was accepted stays, once, and the index catches up.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use vigie::index::{SearchRequest, Searcher};
use vigie::store::sqlite::SqliteStore;
use vigie::store::{MentionQuery, Store};

use crate::support::configuration;
use crate::support::daemon::Site;
use crate::support::web::{Answer, Web, rss};

const KILLS: u64 = 100;
const FEEDS: usize = 4;

/// A place that says more every time somebody looks at the clock of the test.
struct Place {
    path: String,
    said: AtomicUsize,
}

impl Place {
    fn say(&self, web: &Web, more: usize) {
        let said = self.said.fetch_add(more, Ordering::Relaxed) + more;
        let items: Vec<(String, String)> = (0..said)
            .map(|n| {
                (
                    format!("{}-{n}", self.path.trim_matches('/')),
                    format!("Acme numéro {n}, panne et colère"),
                )
            })
            .collect();
        let answer = Answer::ok(rss(&items)).header("etag", &format!("\"{said}\""));
        web.serve(&self.path, answer);
    }
}

/// SplitMix64: the moments of the kills are the same in every run.
fn dice(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

async fn ids(store: &dyn Store) -> Vec<String> {
    let mut all = Vec::new();
    let mut position = vigie::store::Position::default();
    loop {
        let (changes, next) = store.changes_after(position, 1_000).await.unwrap();
        if next == position {
            return all;
        }
        for change in changes {
            if let vigie::store::Change::Put(mention) = change {
                all.push(mention.item.id.clone());
            }
        }
        position = next;
    }
}

/// G1, G2, G5: a hundred kills at random moments lose nothing, double nothing, skip nothing.
#[test]
fn a_hundred_kills_lose_nothing_and_double_nothing() {
    let web = Web::start();
    let places: Vec<Arc<Place>> = (0..FEEDS)
        .map(|n| Arc::new(Place { path: format!("/feed-{n}"), said: AtomicUsize::new(0) }))
        .collect();
    let urls: Vec<(String, String)> =
        places.iter().enumerate().map(|(n, p)| (format!("s{n}"), web.url(&p.path))).collect();
    let sources: Vec<(&str, &str)> =
        urls.iter().map(|(id, url)| (id.as_str(), url.as_str())).collect();
    let site = Site::new(&configuration("Acme", &sources));
    // A minute of the daemon passes in a fifth of a second, and goes on across restarts.
    let clock = format!("{},300", jiff::Timestamp::now());
    let arguments = ["--clock", clock.as_str()];
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut seed = 20_261_124;
    let mut accepted = BTreeSet::new();
    for kill in 0..KILLS {
        for place in &places {
            place.say(&web, 3);
        }
        let running = site.spawn(&arguments);
        // The moment of the kill is random, so it is a duration by design; nothing is awaited.
        std::thread::park_timeout(Duration::from_millis(20 + dice(&mut seed) % 380));
        running.kill();
        if !site.state().join("vigie.db").exists() {
            continue;
        }
        let now = runtime.block_on(async {
            let store = SqliteStore::open(&site.state()).unwrap();
            ids(&store).await
        });
        let unique: BTreeSet<String> = now.iter().cloned().collect();
        assert_eq!(unique.len(), now.len(), "kill {kill} doubled a mention");
        let lost: Vec<&String> = accepted.difference(&unique).collect();
        assert!(lost.is_empty(), "kill {kill} lost {lost:?}");
        accepted = unique;
    }
    assert!(accepted.len() > 100, "the kills hit an idle daemon: {} mentions", accepted.len());
    let everything: usize = places.iter().map(|place| place.said.load(Ordering::Relaxed)).sum();
    let mut running = site.spawn(&arguments);
    running.wait_for("READY=1");
    running.wait_until("every item that was ever served", |_| {
        let store = SqliteStore::open_reader(&site.state()).ok()?;
        let count = runtime.block_on(store.count_mentions(&MentionQuery::default())).ok()?;
        (count == everything as u64).then_some(())
    });
    running.wait_until_settled();
    running.signal("TERM");
    let (code, log) = running.wait();
    assert_eq!(code, Some(0), "{log}");
    let searcher = Searcher::open(&site.state().join("index")).unwrap();
    let total = searcher.search(&SearchRequest::default(), &mut |_| Ok(Vec::new())).unwrap().total;
    assert_eq!(total, everything, "the index is not what the store is");
    runtime.block_on(async {
        let store = SqliteStore::open(&site.state()).unwrap();
        assert_eq!(store.verify().await.unwrap(), Vec::<String>::new());
        check_history(&store).await;
    });
    println!("crash loop: {KILLS} kills, {everything} mentions, 0 lost, 0 doubled");
}

/// The append-only history shows no source that went back, which an end state cannot show.
async fn check_history(store: &dyn Store) {
    let mut furthest: std::collections::HashMap<String, u64> = std::collections::HashMap::new();
    let (mut after, mut seen) = (0, 0);
    loop {
        let entries = store.audit_after(after, 1_000).await.unwrap();
        let Some(last) = entries.last() else { break };
        after = last.id;
        for entry in entries.iter().filter(|entry| entry.subject == "source") {
            // The epoch of the lease under which the cursor was written, then the cursor.
            let epoch: u64 = entry.value.split(' ').next().unwrap().parse().unwrap();
            let before = furthest.insert(entry.name.clone(), epoch).unwrap_or(0);
            assert!(epoch > before, "{} went back from {before} to {epoch}", entry.name);
            seen += 1;
        }
    }
    assert!(seen > 50, "the history is empty: {seen} entries");
}
