//! The watch language: many watches against one text, memory, hostile queries, and searches that
//! have to read what they find.
//!
//! `cargo bench --bench query` prints a table. Speeds are per CPU second of this process. The limit
//! of matching is a bare pass of the same automaton over the same folded texts, measured beside it.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]
#![expect(clippy::unwrap_used, reason = "a bench that fails must stop")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

mod measure;

use std::time::{Duration, Instant};

use daachorse::DoubleArrayAhoCorasick;
use vigie::index::{IndexError, IndexView, SearchRequest, StoreMark};
use vigie::model::{
    Finding, Item, ItemKey, Language, Mention, Sentiment, SourceId, Timestamp, WatchId,
};
use vigie::query::{Document, Limits, Prepared, Query, QuerySet};
use vigie::store::sqlite::SqliteStore;
use vigie::store::{Poll, Position, SourceSeed, Store};

use measure::per_cpu_second;

fn main() {
    // Before anything that leaves memory to be used again.
    memory();
    let texts = texts(2_000);
    fold(&texts);
    for watches in [1, 100, 1_000, 10_000] {
        many_watches(watches, &texts);
    }
    longest();
    hostile();
    search();
}

fn row(what: &str, measured: f64, unit: &str, note: &str) {
    println!("{what:<44}{measured:>12.1}  {unit:<14}{note}");
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    /// A word of 4 to 6 letters from a vocabulary of so many: what texts and context terms share.
    fn word(&mut self, vocabulary: usize) -> String {
        named("", self.below(vocabulary))
    }
}

/// A pronounceable word for a number.
fn named(before: &str, mut n: usize) -> String {
    let mut word = before.to_owned();
    // Two syllables at least: a star needs three letters before it.
    n += 100;
    while n > 0 {
        word.push(char::from(b"bcdfglmnprstv"[n % 13]));
        word.push(char::from(b"aeiou"[n / 13 % 5]));
        n /= 65;
    }
    word
}

/// Texts of about 300 bytes; one in ten names a watched brand.
fn texts(count: usize) -> Vec<String> {
    let mut dice = Dice(1);
    (0..count)
        .map(|n| {
            let mut words: Vec<String> = (0..46).map(|_| dice.word(20_000)).collect();
            if n % 10 == 0 {
                words[20] = named("Marque", dice.below(10_000));
            }
            words.join(" ")
        })
        .collect()
}

/// Five terms each: a brand that only this watch names, and context that many share.
fn queries(count: usize) -> Vec<Query> {
    let mut dice = Dice(2);
    (0..count)
        .map(|n| {
            let brand = named("Marque", n);
            let [a, b, c, d] = [(); 4].map(|()| dice.word(2_000));
            Query::parse(&format!("{brand} AND ({a} OR {b} OR {c}*) NOT {d}")).unwrap()
        })
        .collect()
}

fn fold(texts: &[String]) {
    let speed = per_cpu_second(|| {
        for text in texts {
            drop(Prepared::new(text));
        }
        texts.len() as f64
    });
    row("fold and cut into words", speed, "texts/cpu-s", "");
}

fn many_watches(count: usize, texts: &[String]) {
    let set = QuerySet::new(queries(count));
    let brands = (0..count).map(|n| named("marque", n));
    let bare = DoubleArrayAhoCorasick::<u32>::new(brands).unwrap();
    let item = Item::new(ItemKey::of(&["1"]), "1");
    let prepared: Vec<Prepared<'_>> = texts.iter().map(|text| Prepared::new(text)).collect();
    let limit = per_cpu_second(|| {
        for text in &prepared {
            std::hint::black_box(bare.find_overlapping_iter(text.folded()).count());
        }
        prepared.len() as f64
    });
    let speed = per_cpu_second(|| {
        for text in &prepared {
            std::hint::black_box(set.find(&Document::bare(text, &item)));
        }
        prepared.len() as f64
    });
    let note = format!("bare pass {limit:.0}, ratio {:.2}", speed / limit);
    row(&format!("match, {count} watches"), speed, "texts/cpu-s", &note);
}

/// 10,000 watches of five terms.
fn memory() {
    let before = resident();
    let set = QuerySet::new(queries(10_000));
    let added = resident() - before;
    let finding = set.heap_bytes() as f64 / 1e6;
    let note = format!("of which finding candidates {finding:.1} MB; limit 50 MB");
    row("memory of 10,000 watches, 50,000 terms", added * 1.048_576, "MB", &note);
}

fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1_024.0
}

/// The largest query that a watch may have against the longest text that a source may give.
fn longest() {
    let terms: Vec<String> = (0..240).map(|n| named("", n * 7)).collect();
    let (left, right) = terms.split_at(120);
    let asked = format!("({}) NEAR/50 ({})", left.join(" OR "), right.join(" OR "));
    let query = Query::parse(&asked).unwrap();
    let mut dice = Dice(3);
    let mut text = String::new();
    while text.len() < 64 * 1024 {
        text.push_str(&dice.word(2_000));
        text.push(' ');
    }
    let item = Item::new(ItemKey::of(&["1"]), "1");
    let prepared = Prepared::new(&text);
    let speed = per_cpu_second(|| {
        std::hint::black_box(query.find(&Document::bare(&prepared, &item)));
        1.0
    });
    row("240 terms with NEAR in 64 KiB", 1e3 / speed, "ms", "");
}

fn hostile() {
    for (what, query) in [
        ("4,000 brackets", "(".repeat(4_000)),
        ("a distance of 999,999,999", "a NEAR/999999999 b".to_owned()),
        ("1,300 terms", "ab ".repeat(1_300)),
        ("1,000 times NOT", "NOT ".repeat(1_000)),
        ("a megabyte", "a".repeat(1 << 20)),
        ("1,000 fields that do not exist", "xy:z ".repeat(800)),
    ] {
        assert!(Query::parse(&query).is_err());
        let speed = per_cpu_second(|| {
            std::hint::black_box(Query::parse(&query).is_err());
            1.0
        });
        row(&format!("refused: {what}"), 1e6 / speed, "µs", "");
    }
}

const STORED: usize = 20_000;

/// A search that the index decides, and one that reads every candidate from the store.
fn search() {
    let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    let identity = runtime.block_on(fill(&store, now));
    let mark = StoreMark { identity: &identity, last: Position::default() };
    let mut view = IndexView::open(&directory.path().join("index"), mark, now).unwrap().view;
    let mut position = view.position();
    loop {
        let (changes, next) = runtime.block_on(store.changes_after(position, 2_000)).unwrap();
        if next == position {
            break;
        }
        view.apply(&changes, next).unwrap();
        position = next;
    }
    view.commit().unwrap();
    for asked in ["rappel lot", "rappel NEAR/3 lot"] {
        let expr =
            Query::parse_within(asked, Limits::SEARCH, &jiff::tz::TimeZone::UTC).unwrap().expr;
        let request =
            SearchRequest { expr: Some(expr), now, limit: 20, ..SearchRequest::default() };
        let mut stored = |seqs: &[u64]| {
            runtime.block_on(store.mentions(seqs)).map_err(|e| IndexError::Io(e.to_string()))
        };
        let began = Instant::now();
        let found = view.searcher().search(&request, &mut stored).unwrap();
        let took = began.elapsed().as_secs_f64() * 1e3;
        row(
            &format!("search `{asked}`"),
            took,
            "ms (wall)",
            &format!("{} of {STORED}", found.total),
        );
    }
}

async fn fill(store: &SqliteStore, now: Timestamp) -> String {
    let source = SourceId::new("bench").unwrap();
    let seed = SourceSeed {
        id: source.clone(),
        kind: "feed",
        host: "blog.example".to_owned(),
        fingerprint: "bench".to_owned(),
        first_due: now,
    };
    store.sync_sources(&[seed], now).await.unwrap();
    let mut dice = Dice(4);
    for page in 0..STORED / 1_000 {
        let at = now + jiff::SignedDuration::from_secs(2 * i64::try_from(page).unwrap());
        let lease = store.claim_sources("bench", 1, Duration::from_secs(60), at).await.unwrap();
        let mentions = (0..1_000).map(|n| stored(page * 1_000 + n, &mut dice, &source, at));
        let poll = Poll {
            result: "ok",
            error: None,
            cursor: None,
            next: at,
            items: 1_000,
            mentions: mentions.collect(),
            removed: Vec::new(),
        };
        store.commit_poll(&lease[0], &poll, at).await.unwrap();
    }
    store.identity().await.unwrap()
}

/// A mention in which two words stand up to twenty apart.
fn stored(n: usize, dice: &mut Dice, source: &SourceId, at: Timestamp) -> Mention {
    let mut words: Vec<String> = (0..46).map(|_| dice.word(20_000)).collect();
    "rappel".clone_into(&mut words[10]);
    "lot".clone_into(&mut words[11 + dice.below(20)]);
    let id = n.to_string();
    let item = Item { text: words.join(" "), ..Item::new(ItemKey::of(&[&id]), id) };
    let finding = Finding {
        watch: WatchId::new("acme").unwrap(),
        spans: Vec::new(),
        language: Language::default(),
        sentiment: Sentiment::unknown(),
        topics: Vec::new(),
        aside: None,
    };
    Mention {
        seq: 0,
        item,
        source: source.clone(),
        kind: "feed".to_owned(),
        first_seen: at,
        fingerprint: 0,
        findings: vec![finding],
        revision: 0,
    }
}
