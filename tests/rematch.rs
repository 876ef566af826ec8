//! A watch that is edited, with the real binary: it finds what it would have found from the start.

use std::collections::BTreeMap;

use vigie::index::{SearchRequest, Searcher};
use vigie::model::{Finding, Mention, Roster, Sensitivity, Tone, Watch, WatchId};
use vigie::rules::Rules;
use vigie::store::sqlite::SqliteStore;
use vigie::store::{IncidentQuery, MentionQuery, Store};
use vigie::understand::{Origin, Watches, understand};

use crate::support::buzz::{Buzz, wait_until_calm};
use crate::support::configuration;
use crate::support::daemon::{PATIENCE, Running, Site};
use crate::support::smtp::{Relay, Script};
use crate::support::web::{Answer, Web, rss};

/// As many items as one feed may have.
const MENTIONS: usize = 2_000;

const WIDE: &str = "Acme";
const NARROW: &str = "Acme AND panne -solde";

fn text(n: usize) -> String {
    let what = match n % 4 {
        0 => "est en panne, quelle honte",
        1 => "ouvre une boutique à Nantes",
        2 => "solde ses robots en panne",
        _ => "répond enfin, merci à toute son équipe",
    };
    format!("Le numéro {n} : Acme {what}.")
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn acme() -> WatchId {
    WatchId::new("acme").unwrap()
}

/// Mentions read again, of how many; nothing when there is no job.
fn progress(site: &Site) -> Option<(u64, u64)> {
    let store = SqliteStore::open_reader(&site.state()).unwrap();
    let jobs = block_on(store.rematches()).unwrap();
    jobs.first().map(|job| (job.read, job.total))
}

async fn all(store: &dyn Store) -> Vec<Mention> {
    let mut all = Vec::new();
    loop {
        let after = all.last().map_or(0, |mention: &Mention| mention.seq);
        let page = store.mentions_between(after, u64::MAX, 500).await.unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// The watch with this query, and nothing around it.
fn alone(query: &str) -> Watches {
    let watch = Watch {
        id: acme(),
        name: "Acme".to_owned(),
        query: query.to_owned(),
        languages: Vec::new(),
        sensitivity: Sensitivity::Balanced,
        timezone: "Europe/Paris".to_owned(),
        recipients: Vec::new(),
        roster: Roster::default(),
    };
    Watches::compile(&[watch]).unwrap()
}

/// What the watch finds in a mention: the naive way, one text at a time.
fn naive(watches: &Watches, mention: &Mention, rules: &Rules) -> Option<Finding> {
    let origin = Origin {
        source: &mention.source,
        kind: &mention.kind,
        lang: None,
        author_lang: None,
        seen: mention.first_seen,
    };
    understand(&mention.item, &origin, watches, rules).pop()
}

/// Store, counters and index say of the watch what a naive reading of every mention says.
fn agrees(site: &Site, query: &str) {
    let (watches, rules) = (alone(query), Rules::builtin());
    let store = SqliteStore::open_reader(&site.state()).unwrap();
    let (mentions, broken, counted) = block_on(async {
        let start = jiff::Timestamp::UNIX_EPOCH;
        let buckets = store.buckets(&acme(), start, jiff::Timestamp::MAX, PATIENCE).await.unwrap();
        (all(&store).await, store.verify().await.unwrap(), buckets)
    });
    assert_eq!(mentions.len(), MENTIONS, "an edit loses no mention");
    assert_eq!(broken, Vec::<String>::new());
    let mut tones: BTreeMap<Tone, usize> = BTreeMap::new();
    for mention in &mentions {
        let expected = naive(&watches, mention, &rules);
        assert_eq!(mention.findings.first(), expected.as_ref(), "{}", mention.item.text);
        for finding in &mention.findings {
            *tones.entry(finding.sentiment.label).or_default() += 1;
        }
    }
    let found: usize = tones.values().sum();
    let of_acme = MentionQuery { watch: Some(acme()), ..MentionQuery::default() };
    assert_eq!(block_on(store.count_mentions(&of_acme)).unwrap(), found as u64);
    assert_eq!(counted.iter().map(|bucket| bucket.total as usize).sum::<usize>(), found);
    let negative = tones.get(&Tone::Negative).copied().unwrap_or_default();
    assert!(negative > 0, "the texts are not what the test needs: {tones:?}");
    assert_eq!(counted.iter().map(|bucket| bucket.negative as usize).sum::<usize>(), negative);
    let searcher = Searcher::open(&site.state().join("index")).unwrap();
    let of = |watch| {
        let request = SearchRequest { watch, ..SearchRequest::default() };
        searcher.search(&request, &mut |_| Ok(Vec::new()))
    };
    assert_eq!(of(Some(acme())).unwrap().total, found);
    assert_eq!(of(None).unwrap().total, MENTIONS);
}

/// Edits the watch of a running daemon, kills it when it has begun to read the past again, and
/// starts it. True when that was in the middle.
fn edited_and_killed(site: &Site, configured: &str, mut running: Running) -> (bool, Running) {
    site.configure(configured);
    running.signal("HUP");
    running.wait_for_line("a watch was edited");
    running.wait_until("some of the past to be read again", |_| {
        progress(site).is_none_or(|(read, _)| read > 0).then_some(())
    });
    running.kill();
    let left = progress(site);
    if let Some((read, total)) = left {
        assert_eq!(total, MENTIONS as u64);
        let status = String::from_utf8(site.run(&["status"]).stdout).unwrap();
        let digits = |n: u64| if n < 1_000 { n.to_string() } else { format!("1,{:03}", n - 1_000) };
        let line = format!("acme: {} of 2,000 mentions read again\n", digits(read));
        assert!(status.contains(&line), "no {line:?} in {status}");
        let json = String::from_utf8(site.run(&["status", "--json"]).stdout).unwrap();
        assert!(json.contains(&format!("\"read\":{read},\"total\":2000")), "{json}");
    }
    (left.is_some_and(|(read, total)| 0 < read && read < total), site.start())
}

/// The history shows no job that went back, but for those that began again.
async fn check_history(store: &dyn Store) {
    let lines = store.audit_after(0, 0).await.unwrap();
    let mut before = (0, 0);
    let mut batches = 0;
    for line in lines.iter().filter(|line| line.subject == "rematch") {
        let (epoch, position) = line.value.split_once(' ').unwrap();
        let now: (u64, u64) = (epoch.parse().unwrap(), position.parse().unwrap());
        assert!(now.0 > before.0, "two batches under one lease: {before:?}, {now:?}");
        assert!(now.1 > before.1 || now.1 == 0, "a job went back: {before:?}, {now:?}");
        before = now;
        batches += 1;
    }
    assert!(batches >= 4 * (MENTIONS / 200), "{batches} batches");
}

#[test]
fn an_edited_watch_finds_its_past_again_through_kills() {
    let web = Web::start();
    let items: Vec<(String, String)> = (0..MENTIONS).map(|n| (format!("i{n}"), text(n))).collect();
    web.serve("/feed", Answer::ok(rss(&items)).header("etag", "\"all\""));
    let configured = |query: &str| configuration(query, &[("blog", &web.url("/feed"))]);
    let site = Site::new(&configured(WIDE));
    let mut running = site.start();
    let new = "vigie_source_items_total{kind=\"feed\",outcome=\"new\",source=\"blog\"}";
    running.wait_for_metric(new, |n| n >= MENTIONS as f64);
    let mut halfway = 0;
    for query in [NARROW, WIDE, NARROW, WIDE] {
        let (middle, again) = edited_and_killed(&site, &configured(query), running);
        halfway += usize::from(middle);
        running = again;
        running.wait_until("the whole past to be read again", |_| {
            progress(&site).is_none().then_some(())
        });
        running.wait_for_metric("vigie_rematch_remaining{brand=\"acme\"}", |n| n < 0.5);
        running.wait_until_settled();
        agrees(&site, query);
    }
    assert!(halfway > 0, "every kill came too late");
    running.signal("TERM");
    let (code, log) = running.wait();
    assert_eq!(code, Some(0), "{log}");
    block_on(async { check_history(&SqliteStore::open(&site.state()).unwrap()).await });
    println!(
        "reading again: 4 edits, {halfway} kills in the middle, {MENTIONS} mentions, all right"
    );
}

#[test]
fn a_loud_past_opens_no_incident_and_sends_no_mail() {
    let buzz = Buzz::start();
    let relay = Relay::start(0, vec![Script::Accept]);
    let told = buzz.configuration(&Buzz::relay(relay.port), &["anne@acme.example"]);
    let (head, rest) = told.split_once("[[watch]]").unwrap();
    let (acme, tail) = rest.split_once("[[source]]").unwrap();
    let watching = |watches: &[&str]| {
        let watches: String = watches.iter().map(|watch| format!("[[watch]]{watch}")).collect();
        format!("{head}{watches}[[source]]{tail}")
    };
    // The same query twice: one watch hears the anger when it comes and tells nobody of it, the
    // other one is added when it is past and would tell.
    let silent = acme.replace("\"acme\"", "\"loud\"").replace("[\"r0\"]", "[]");
    let site = Site::new(&watching(&[&silent]));
    // So slow that the anger is still recent when it has become past.
    let began = jiff::Timestamp::now();
    let mut running = site.start_with_clock(began, 300);
    wait_until_calm(&mut running);
    buzz.anger(40);
    let line = running.wait_for_line("event=\"opened\"");
    assert!(line.contains("watch=loud"), "{line}");
    // The first one is edited too, while its incident is open.
    let edited = silent.replace("\"Acme\"\nrecipients", "\"Acme OR robot\"\nrecipients");
    assert_ne!(edited, silent);
    let reader = SqliteStore::open_reader(&site.state()).unwrap();
    let incidents = |watch: &str| {
        let watch = Some(WatchId::new(watch).unwrap());
        let query = IncidentQuery { watch, ..IncidentQuery::default() };
        let known = block_on(reader.incidents(&query)).unwrap();
        known.into_iter().map(|incident| (incident.id, incident.opened)).collect::<Vec<_>>()
    };
    let before = incidents("loud");
    site.configure(&watching(&[acme, &edited]));
    running.signal("HUP");
    // The position moves with the first decision of the detector that knows the whole past.
    running.wait_until("the past to be learned and evaluated", |_| {
        let lines = block_on(reader.audit_after(0, 0)).ok()?;
        let mut evaluated = lines.iter().filter(|l| l.subject == "watch" && l.name == "acme");
        let position: u64 = evaluated.next_back()?.value.parse().ok()?;
        (position >= 45).then_some(())
    });
    running.wait_until("both pasts to be learned", |running| {
        let learned = running.log().matches("a detector has learned its past again").count();
        (learned == 2).then_some(())
    });
    let added = running.metric("vigie_rematch_mentions_total{outcome=\"added\"}");
    assert!(added >= 45.0, "{added} of the past are found");
    let passed = || jiff::Timestamp::now().duration_since(began) * 300;
    let later = passed() + jiff::SignedDuration::from_mins(10);
    running.wait_until("more decisions", |_| (passed() > later).then_some(()));
    assert_eq!(incidents("acme"), []);
    assert_eq!(incidents("loud"), before, "an incident that is open stays the one it is");
    assert_eq!(block_on(reader.outbox()).unwrap(), []);
    assert!(relay.transactions().is_empty());
    running.signal("TERM");
    let (code, log) = running.wait();
    assert_eq!(code, Some(0), "{log}");
    assert!(!log.contains("ERROR"), "{log}");
}
