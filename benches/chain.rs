//! The chain, stage by stage and end to end, each with its ratio to a measured limit.
//!
//! `cargo bench` prints a table. Speeds are per CPU second of all threads of this process, so they
//! hold on a busy machine; where the disk decides, per second of wall time. The limits are those of
//! tuned prototypes on a machine of two shared cores: a ratio of 1 is as fast as they were.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]
#![expect(clippy::unwrap_used, reason = "a bench that fails must stop")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

mod measure;

use std::sync::Arc;
use std::time::{Duration, Instant};

use vigie::config::{Surroundings, load};
use vigie::daemon::Daemon;
use vigie::index::{IndexView, StoreMark};
use vigie::language::{Heard, hear};
use vigie::model::finding::full_text;
use vigie::model::time::SystemClock;
use vigie::model::{
    Item, Lang, Language, Mention, Roster, Sensitivity, SourceId, Timestamp, Watch, WatchId,
};
use vigie::query::Prepared;
use vigie::rules::Rules;
use vigie::sentiment::{Passage, score};
use vigie::source::{Cursor, HttpReply, KINDS, Reply, Source};
use vigie::store::sqlite::SqliteStore;
use vigie::store::{Again, Poll, Position, RematchBatch, SourceSeed, Store, WatchSeed};
use vigie::text::fingerprint::fingerprint;
use vigie::topic::topics;
use vigie::understand::{Origin, Watches, understand};

use measure::{cpu, per_cpu_second};

/// Items of one feed document.
const ENTRIES: usize = 20;

fn main() {
    println!("{:<34}{:>12}  {:<16}{:>10}{:>8}", "stage", "measured", "unit", "limit", "ratio");
    let bench = Bench::new();
    bench.parse();
    bench.understand();
    bench.store();
    bench.reread();
    bench.index();
    bench.end_to_end();
    resident_memory();
}

fn row(stage: &str, measured: f64, unit: &str, limit: f64) {
    println!("{stage:<34}{measured:>12.0}  {unit:<16}{limit:>10.0}{:>8.2}", measured / limit);
}

struct Bench {
    source: Box<dyn Source>,
    watches: Watches,
    rules: Rules,
    now: Timestamp,
}

const WORDS: [&str; 24] = [
    "la",
    "commande",
    "livraison",
    "toujours",
    "pas",
    "reçu",
    "merci",
    "boutique",
    "produit",
    "cassé",
    "honte",
    "super",
    "service",
    "client",
    "retard",
    "remboursement",
    "hier",
    "magasin",
    "qualité",
    "prix",
    "panne",
    "application",
    "très",
    "déçu",
];

/// A text of about 300 characters that differs from all others.
fn text(n: usize) -> String {
    let mut state = n as u64;
    let mut words = vec![format!("Acme {n}")];
    for _ in 0..42 {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        words.push(WORDS[usize::try_from(state >> 33).unwrap() % WORDS.len()].to_owned());
    }
    words.join(" ")
}

impl Bench {
    fn new() -> Bench {
        let watch = |n: usize| Watch {
            id: WatchId::new(&format!("w{n}")).unwrap(),
            name: format!("Marque {n}"),
            query: if n == 0 { "Acme".to_owned() } else { format!("\"marque {n}\" OR sigle{n}") },
            languages: Vec::new(),
            sensitivity: Sensitivity::Balanced,
            timezone: "Europe/Paris".to_owned(),
            recipients: Vec::new(),
            roster: Roster::default(),
        };
        let watches: Vec<Watch> = (0..1_000).map(watch).collect();
        let toml = "url = \"https://blog.example/feed.xml\"";
        let table = toml::de::DeTable::parse(toml).unwrap();
        let span = table.span();
        let table = toml::Spanned::new(span, toml::de::DeValue::Table(table.into_inner()));
        Bench {
            source: KINDS[0].build(table).unwrap(),
            watches: Watches::compile(&watches).unwrap(),
            rules: Rules::builtin(),
            now: "2026-11-24T12:00:00Z".parse().unwrap(),
        }
    }

    fn feed(from: usize) -> Vec<u8> {
        let items: String = (from..from + ENTRIES)
            .map(|n| {
                format!(
                    "<item><title>Titre {n}</title><link>https://blog.example/{n}</link>\
                     <guid>https://blog.example/{n}</guid><author>Anne {}</author>\
                     <pubDate>Tue, 24 Nov 2026 10:00:00 GMT</pubDate>\
                     <description>&lt;p&gt;{}&lt;/p&gt;</description></item>",
                    n % 977,
                    text(n)
                )
            })
            .collect();
        format!("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>t</title><link>https://blog.example/</link><description>d</description><language>fr</language>{items}</channel></rss>").into_bytes()
    }

    fn read(&self, body: Vec<u8>) -> Vec<Item> {
        let url = "https://blog.example/feed.xml".parse().unwrap();
        let reply =
            Reply::Http(HttpReply { status: 200, headers: Vec::new(), body, url, moved: None });
        let page = self.source.read(&Cursor::default(), &reply, self.now).unwrap();
        assert_eq!(page.items.len(), ENTRIES);
        page.items
    }

    fn mention(&self, item: Item) -> Mention {
        let source = SourceId::new("bench").unwrap();
        let origin = Origin {
            source: &source,
            kind: "feed",
            lang: Some(Lang::FR),
            author_lang: None,
            seen: self.now,
        };
        let findings = understand(&item, &origin, &self.watches, &self.rules);
        assert!(!findings.is_empty());
        Mention {
            seq: 0,
            fingerprint: fingerprint(&full_text(&item.title, &item.text)),
            item,
            source,
            kind: "feed".to_owned(),
            first_seen: self.now,
            findings,
            revision: 0,
        }
    }

    fn mentions(&self, from: usize, count: usize) -> Vec<Mention> {
        (0..count / ENTRIES)
            .flat_map(|page| self.read(Bench::feed(from + page * ENTRIES)))
            .map(|item| self.mention(item))
            .collect()
    }

    fn parse(&self) {
        let body = Bench::feed(0);
        let bytes = body.len() as f64 / 1e6;
        let speed = per_cpu_second(|| {
            self.read(body.clone());
            bytes
        });
        row("read a feed", speed, "MB/cpu-s", 124.0);
    }

    fn understand(&self) {
        let items = self.read(Bench::feed(0));
        let speed = per_cpu_second(|| {
            for item in &items {
                drop(self.mention(item.clone()));
            }
            items.len() as f64
        });
        // Match, language, sentiment and simhash of the tuned prototype: 16 µs.
        row("understand, 1,000 watches", speed, "mentions/cpu-s", 62_500.0);
        self.stages(&items);
    }

    /// What understanding is made of, against the tuned prototype's own stages.
    fn stages(&self, items: &[Item]) {
        let texts: Vec<String> = items.iter().map(|i| full_text(&i.title, &i.text)).collect();
        let stage = |name: &str, limit: f64, work: &dyn Fn(&str)| {
            let speed = per_cpu_second(|| {
                for text in &texts {
                    work(text);
                }
                texts.len() as f64
            });
            row(name, speed, "texts/cpu-s", limit);
        };
        let french = Language { code: Some(Lang::FR), confidence: 1.0 };
        stage("  fold and cut into words", 1_000_000.0, &|text| drop(Prepared::new(text)));
        stage("  language, as the source says", 178_000.0, &|text| {
            std::hint::black_box(hear(text, Some(Lang::FR), &[]));
        });
        stage("  language, nothing said", 178_000.0, &|text| {
            std::hint::black_box(hear(text, None, &[]));
        });
        stage("  sentiment", 145_000.0, &|text| {
            let passage = Passage { text, language: french, ..Passage::default() };
            drop(score(&passage, &self.rules));
        });
        stage("  topics", 1_000_000.0, &|text| {
            drop(topics(text, &Heard::all(french), &self.rules));
        });
        stage("  fingerprint", 370_000.0, &|text| {
            std::hint::black_box(fingerprint(text));
        });
    }

    fn store(&self) {
        let batches: Vec<Vec<Mention>> = (0..200).map(|n| self.mentions(n * 60, 60)).collect();
        let directory = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (rows, wall, used) = runtime.block_on(async {
            let store = SqliteStore::open(directory.path()).unwrap();
            self.known(&store).await;
            let (began, before) = (Instant::now(), cpu());
            let rows = batches.iter().map(Vec::len).sum::<usize>() as f64;
            for (n, batch) in batches.into_iter().enumerate() {
                self.commit(&store, n, batch).await;
            }
            (rows, began.elapsed().as_secs_f64(), cpu() - before)
        });
        row("store, polls of 60, FULL (wall)", rows / wall, "rows/s", 10_500.0);
        row("store, polls of 60, FULL", rows / used, "rows/cpu-s", 43_000.0);
    }

    async fn known(&self, store: &dyn Store) {
        let seed = SourceSeed {
            id: SourceId::new("bench").unwrap(),
            kind: "feed",
            host: "blog.example".to_owned(),
            fingerprint: "bench".to_owned(),
            first_due: self.now,
        };
        store.sync_sources(&[seed], self.now).await.unwrap();
    }

    async fn commit(&self, store: &dyn Store, poll: usize, mentions: Vec<Mention>) {
        // A host rests for a second between two polls.
        let rest = jiff::SignedDuration::from_secs(2 * i64::try_from(poll).unwrap());
        let now = self.now + rest;
        let leases = store.claim_sources("bench", 1, Duration::from_secs(60), now).await.unwrap();
        let poll = Poll {
            result: "ok",
            error: None,
            cursor: Some(Cursor(format!("{{\"n\":{}}}", mentions.len()))),
            next: now,
            items: u32::try_from(mentions.len()).unwrap(),
            mentions,
            removed: Vec::new(),
        };
        store.commit_poll(&leases[0], &poll, now).await.unwrap();
    }

    /// An edit that takes every second mention from a watch: read, understand, commit.
    fn reread(&self) {
        let directory = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let watch = WatchId::new("w0").unwrap();
        let alone = self.watches.only(&watch).unwrap();
        let (read, used) = runtime.block_on(async {
            let store = SqliteStore::open(directory.path()).unwrap();
            self.known(&store).await;
            for poll in 0..200 {
                self.commit(&store, poll, self.mentions(poll * 60, 60)).await;
            }
            let seed = WatchSeed { id: watch, definition: "another".to_owned() };
            store.sync_watches(&[seed], self.now).await.unwrap();
            let (before, mut read) = (cpu(), 0);
            let ttl = Duration::from_secs(60);
            while let Some(lease) = store.claim_rematch("bench", ttl, self.now).await.unwrap() {
                let found = store.mentions_between(lease.position, lease.target, 200).await;
                let found = found.unwrap();
                let mentions = found.iter().map(|mention| self.again(mention, &alone)).collect();
                let upto = found.last().map_or(lease.target, |last| last.seq);
                let batch = RematchBatch { upto, read: 0, mentions };
                store.commit_rematch(&lease, &batch, self.now).await.unwrap();
                read += found.len();
            }
            (read as f64, cpu() - before)
        });
        // A mention understood and half of one stored, each at its own limit.
        row("read again, half of it changed", read / used, "mentions/cpu-s", 36_300.0);
    }

    fn again(&self, mention: &Mention, alone: &Watches) -> Again {
        let origin = Origin {
            source: &mention.source,
            kind: &mention.kind,
            lang: Some(Lang::FR),
            author_lang: None,
            seen: mention.first_seen,
        };
        let found = understand(&mention.item, &origin, alone, &self.rules);
        let finding = found.into_iter().next().filter(|_| mention.seq.is_multiple_of(2));
        Again { seq: mention.seq, revision: mention.revision, finding }
    }

    fn index(&self) {
        let count = 20_000;
        let changes: Vec<vigie::store::Change> = self
            .mentions(0, count)
            .into_iter()
            .enumerate()
            .map(|(n, mention)| {
                vigie::store::Change::Put(Box::new(Mention { seq: n as u64 + 1, ..mention }))
            })
            .collect();
        let directory = tempfile::tempdir().unwrap();
        let mark = StoreMark { identity: "bench", last: Position(count as u64) };
        let mut view = IndexView::open(directory.path(), mark, self.now).unwrap().view;
        let before = cpu();
        for (n, batch) in changes.chunks(10_000).enumerate() {
            view.apply(batch, Position((n as u64 + 1) * 10_000)).unwrap();
            view.commit().unwrap();
        }
        let used = cpu() - before;
        // Commit every 10,000 documents, folded; ours is stemmed in a second field too.
        row("index, commit every 10,000", count as f64 / used, "docs/cpu-s", 21_400.0);
    }

    /// Feed bytes → items → findings → store → change feed → index.
    fn end_to_end(&self) {
        let polls = 500;
        let feeds: Vec<Vec<u8>> = (0..polls).map(|n| Bench::feed(n * ENTRIES)).collect();
        let directory = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (used, wall) = runtime.block_on(async {
            let store = SqliteStore::open(directory.path()).unwrap();
            self.known(&store).await;
            let identity = store.identity().await.unwrap();
            let mark = StoreMark { identity: &identity, last: Position::default() };
            let index = directory.path().join("index");
            let mut view = IndexView::open(&index, mark, self.now).unwrap().view;
            let (before, began) = (cpu(), Instant::now());
            for (n, feed) in feeds.into_iter().enumerate() {
                let mentions = self.read(feed).into_iter().map(|item| self.mention(item)).collect();
                self.commit(&store, n, mentions).await;
            }
            let mut position = view.position();
            loop {
                let (changes, next) = store.changes_after(position, 2_000).await.unwrap();
                if next == position {
                    break;
                }
                view.apply(&changes, next).unwrap();
                position = next;
            }
            view.commit().unwrap();
            (cpu() - before, began.elapsed().as_secs_f64())
        });
        let mentions = (polls * ENTRIES) as f64;
        row("end to end, every item a mention", mentions / used, "mentions/cpu-s", 28_600.0);
        row("end to end (wall)", mentions / wall, "mentions/s", 28_600.0);
    }
}

/// Resident memory of a daemon that has just started with 2,000 sources.
fn resident_memory() {
    let directory = tempfile::tempdir().unwrap();
    let mut text = "[store]\nurl = \"sqlite:state\"\n[http]\nlisten = \"127.0.0.1:0\"\n[[watch]]\nid = \"acme\"\nquery = \"Acme\"\n".to_owned();
    for n in 0..2_000 {
        text.push_str(&format!("[[source]]\nid = \"s{n}\"\nkind = \"feed\"\nurl = \"http://127.0.0.1:9/{n}\"\nallow_private = [\"127.0.0.1\"]\n"));
    }
    let path = directory.path().join("vigie.toml");
    std::fs::write(&path, text).unwrap();
    let config = load(&path, &Surroundings::default()).unwrap().config.unwrap();
    let before = resident();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let after = runtime.block_on(async {
        let daemon = Daemon::start(config, Arc::new(SystemClock)).await.unwrap();
        // So many sources share one series for each kind and result.
        let failing = "vigie_source_polls_total{kind=\"feed\",result=\"connect\",source=\"\"}";
        // Some of the polls have failed: everything that a daemon needs has been touched once.
        loop {
            let text = String::from_utf8(daemon.metrics().text()).unwrap();
            let polled = text.lines().find_map(|line| line.strip_prefix(failing));
            if polled.is_some_and(|n| n.trim().parse::<f64>().is_ok_and(|n| n >= 5.0)) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let after = resident();
        daemon.stop(Duration::from_secs(8)).await;
        after
    });
    println!(
        "{:<34}{after:>12.0}  {:<16}{:>10}{:>8.2}",
        "resident, 2,000 sources",
        "MiB",
        250,
        after / 250.0
    );
    println!("{:<34}{:>12.0}  {:<16}", "  of which the daemon added", after - before, "MiB");
}

fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1_024.0
}
