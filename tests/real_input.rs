//! The real feeds of public test suites through the real program, from the socket to the search.
//!
//! They are not part of the project: `VIGIE_DATA` names the folder that holds them.

use std::collections::{BTreeMap, HashSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use jiff::SignedDuration;
use serde_json::Value;
use vigie::model::Timestamp;

use crate::corpus::expected;
use crate::support::configuration_every;
use crate::support::daemon::{Running, Site};
use crate::support::web::{Answer, Web};

const HOSTS: u16 = 64;
/// Words that hardly a text is without.
const QUERY: &str = "the OR a OR of OR and OR la OR le OR de OR der OR die OR test OR example";

/// A feed that is served.
struct Fed {
    id: String,
    url: String,
    file: PathBuf,
    content_type: Option<String>,
}

/// Every second feed cannot be asked whether it changed.
fn has_etag(n: usize) -> bool {
    n.is_multiple_of(2)
}

#[test]
fn real_feeds_are_polled_stored_found_and_not_polled_into_copies() {
    let Some(data) = data() else { return };
    let web = Web::start_at(HOSTS);
    let fed = serve(&web, &data);
    let site = Site::new(&configured(&fed, |fed| (fed.id.clone(), fed.url.clone())));
    let began = Instant::now();
    let mut running = site.start_with_clock(Timestamp::now(), 60);
    wait_for_all(&mut running, &site, fed.len());
    running.wait_until_settled();
    let seconds = began.elapsed().as_secs_f64();
    assert_untroubled(&mut running);
    let items = running.sum(&["vigie_source_items_total{"]);
    let mentions = stored(&site);
    let states = results(&site);
    println!(
        "{} sources, {items} items, {mentions} mentions, {seconds:.1} s, {states:?}",
        fed.len()
    );
    assert!(mentions > 300, "{mentions}");

    let sampled = fed.iter().filter(|fed| fed.id.starts_with("rss-parser"));
    // A search shows a page at most, so each source is asked about by itself.
    let all: Vec<Value> =
        fed.iter().flat_map(|fed| search(&site, &["--source", &fed.id])).collect();
    assert_eq!(all.len() as u64, mentions, "the index and the store disagree");
    let found = agreement(&site, &all, sampled);
    println!("{found} mentions of the sample agree with try and explain, and are found by a word");
    running.signal("TERM");
    assert_eq!(running.wait().0, Some(0));

    // Forty hours later: 1,000 s at this speed have passed when the daemon starts.
    let speed = 145;
    let anchor = Timestamp::now() - SignedDuration::from_secs(1_000);
    let later = anchor + SignedDuration::from_secs(1_000 * i64::from(speed));
    let due = site.sources().iter().filter(|source| source.next <= later).count();
    assert!(due * 10 > fed.len() * 9, "only {due} are due after 40 hours");
    for (n, fed) in fed.iter().enumerate().filter(|(n, _)| !has_etag(*n)) {
        // Not the same bytes, or the poll would end before anything is read.
        let mut body = std::fs::read(&fed.file).unwrap();
        body.push(b'\n');
        let content_type = fed.content_type.iter();
        let answer =
            content_type.fold(Answer::ok(body), |a, value| a.header("content-type", value));
        web.serve(&format!("/{n}"), answer);
    }
    let mut running = site.start_with_clock(anchor, speed);
    running.wait_until("the second poll of all", |_| {
        let again = site.sources().iter().filter(|s| s.last_poll >= Some(later)).count();
        (again >= due).then_some(())
    });
    running.wait_until_settled();
    assert_untroubled(&mut running);
    println!("{due} polled again: {:?}", results(&site));
    assert_eq!(stored(&site), mentions, "a second poll made mentions");
    for outcome in ["new", "revised", "deleted"] {
        let outcome = format!("outcome=\"{outcome}\"");
        let count = running.sum(&["vigie_source_items_total{", &outcome]);
        assert!(count.abs() < 0.5, "{count} {outcome} in a second poll");
    }
    running.signal("TERM");
    assert_eq!(running.wait().0, Some(0));
    let verified = site.run(&["status", "--verify", "--json"]);
    let said = String::from_utf8_lossy(&verified.stderr).into_owned();
    assert!(!said.contains("damaged"), "{said}");
}

#[test]
fn real_feeds_cut_anywhere_trouble_no_task() {
    let Some(data) = data() else { return };
    let web = Web::start_at(HOSTS);
    let files: Vec<PathBuf> = sample(expected::cases(&data.join("feeds")), 50);
    let mut sources = Vec::new();
    for file in &files {
        let whole = std::fs::read(file).unwrap();
        for (n, eighths) in [1, 3, 5, 7].into_iter().enumerate() {
            let path = format!("/{}", sources.len());
            let cut = whole.get(..whole.len() * eighths / 8).unwrap_or_default();
            web.serve(&path, Answer::ok(cut));
            let id = format!("cut-{}-{n}", sources.len());
            sources.push((id, web.url_at(sources.len(), &path)));
        }
    }
    let pairs: Vec<(&str, &str)> =
        sources.iter().map(|(id, url)| (id.as_str(), url.as_str())).collect();
    let site = Site::new(&configuration_every("1d", QUERY, &pairs));
    let mut running = site.start_with_clock(Timestamp::now(), 60);
    wait_for_all(&mut running, &site, sources.len());
    running.wait_until_settled();
    assert_untroubled(&mut running);
    println!("{} feeds, {} polls of a part: {:?}", files.len(), sources.len(), results(&site));
}

#[test]
fn every_real_feed_gives_whole_lines_of_json() {
    let Some(data) = data() else { return };
    let site = Site::new("");
    let mut items = 0;
    for file in files(&data.join("feeds/rss-parser/test/input")) {
        for line in tried(&site, &file, "https://feeds.example/feed") {
            items += 1;
            for (key, required) in [("id", true), ("title", true), ("text", true)]
                .into_iter()
                .chain(["url", "author", "published", "lang"].map(|key| (key, false)))
            {
                let value = line.get(key).unwrap_or_else(|| panic!("no {key}: {line}"));
                assert!(value.is_string() || (!required && value.is_null()), "{key}: {line}");
            }
        }
    }
    println!("{items} items as JSON");
    assert!(items > 100);
}

fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("VIGIE_DATA").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: VIGIE_DATA does not name the folder of the test suites");
    }
    folder
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

/// Evenly over the list.
fn sample(cases: Vec<expected::Case>, count: usize) -> Vec<PathBuf> {
    let step = (cases.len() / count).max(1);
    cases.into_iter().step_by(step).take(count).map(|case| case.name.into()).collect()
}

/// Serves all of one suite and a part of the others.
fn serve(web: &Web, data: &Path) -> Vec<Fed> {
    let mut fed: Vec<Fed> = Vec::new();
    let mut add = |suite: &str, file: PathBuf, content_type: Option<String>| {
        let n = fed.len();
        let path = format!("/{n}");
        let mut answer = Answer::ok(std::fs::read(&file).unwrap());
        if let Some(content_type) = &content_type {
            answer = answer.header("content-type", content_type);
        }
        if has_etag(n) {
            answer = answer.header("etag", &format!("\"{n}\""));
        }
        web.serve(&path, answer);
        fed.push(Fed { id: format!("{suite}-{n}"), url: web.url_at(n, &path), file, content_type });
    };
    for file in files(&data.join("feeds/rss-parser/test/input")) {
        add("rss-parser", file, None);
    }
    let mut of_suite: BTreeMap<&str, Vec<expected::Case>> = BTreeMap::new();
    for case in expected::cases(&data.join("feeds")) {
        of_suite.entry(case.suite).or_default().push(case);
    }
    for suite in ["gofeed", "feedparser"] {
        for case in of_suite.remove(suite).unwrap_or_default().into_iter().take(250) {
            add(suite, case.name.into(), case.content_type);
        }
    }
    fed
}

fn configured(fed: &[Fed], pair: impl Fn(&Fed) -> (String, String)) -> String {
    let pairs: Vec<(String, String)> = fed.iter().map(pair).collect();
    let pairs: Vec<(&str, &str)> =
        pairs.iter().map(|(id, url)| (id.as_str(), url.as_str())).collect();
    configuration_every("1d", QUERY, &pairs)
}

fn wait_for_all(running: &mut Running, site: &Site, count: usize) {
    running.wait_until("all to be polled", |_| {
        let polled = site.sources().iter().filter(|source| source.last_poll.is_some()).count();
        (polled == count).then_some(())
    });
}

fn results(site: &Site) -> BTreeMap<String, u32> {
    let mut results = BTreeMap::new();
    for source in site.sources() {
        *results.entry(source.last_result.unwrap_or_default()).or_default() += 1;
    }
    results
}

fn assert_untroubled(running: &mut Running) {
    let restarts = running.sum(&["vigie_task_restarts_total{"]);
    let log = running.log();
    assert!(restarts.abs() < 0.5, "{restarts} restarts:\n{log}");
    for trouble in ["panic", "the reader failed", " ERROR "] {
        assert!(!log.contains(trouble), "{log}");
    }
}

fn stored(site: &Site) -> u64 {
    let status = site.run(&["status", "--json"]);
    json_lines(&status.stdout)[0]["mentions"].as_u64().unwrap()
}

fn json_lines(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn tried(site: &Site, file: &Path, base: &str) -> Vec<Value> {
    let file = file.to_str().unwrap();
    let output = site.run(&["try", "--file", file, "--base", base, "--json"]);
    json_lines(&output.stdout)
}

/// The items of a feed that the watch is about, as `try` and `explain` tell it.
fn matching(site: &Site, fed: &Fed) -> Vec<Value> {
    let items = tried(site, &fed.file, &fed.url);
    let mut child = Command::new(env!("CARGO_BIN_EXE_vigie"))
        .args(["explain", "--json"])
        .current_dir(site.directory.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut given = child.stdin.take().unwrap();
    let texts: String = items.iter().map(|item| format!("{item}\n")).collect();
    let writer = std::thread::spawn(move || drop(given.write_all(texts.as_bytes())));
    let explained = json_lines(&child.wait_with_output().unwrap().stdout);
    writer.join().unwrap();
    assert_eq!(explained.len(), items.len());
    let matches = |said: &Value| said["matches"].as_array().is_some_and(|found| !found.is_empty());
    items
        .into_iter()
        .zip(explained)
        .filter(|(_, said)| matches(said))
        .map(|(item, _)| item)
        .collect()
}

fn search(site: &Site, arguments: &[&str]) -> Vec<Value> {
    let arguments = [&["search", "--json", "--limit", "1000"], arguments].concat();
    json_lines(&site.run(&arguments).stdout)
}

/// Holds what is stored of each feed against what `try` and `explain` say of its file; gives how
/// many mentions were compared.
fn agreement<'a>(site: &Site, all: &[Value], sampled: impl Iterator<Item = &'a Fed>) -> usize {
    let mut compared = 0;
    for fed in sampled {
        let own = |line: &&Value| line["source"].as_str() == Some(&fed.id);
        let mine = all.iter().filter(own).count();
        // An article that another feed brought first is that feed's mention.
        let elsewhere: HashSet<&str> =
            all.iter().filter(|line| !own(line)).filter_map(|line| line["id"].as_str()).collect();
        let expected = matching(site, fed);
        let expected: Vec<&Value> = expected
            .iter()
            .filter(|item| !elsewhere.contains(item["id"].as_str().unwrap_or_default()))
            .collect();
        assert_eq!(mine, expected.len(), "{} {}", fed.id, fed.file.display());
        compared += mine;
        let Some((item, word)) = expected.iter().find_map(|item| Some((item, word(item)?))) else {
            continue;
        };
        let found = search(site, &[&word]);
        assert!(found.iter().any(|line| line["id"] == item["id"]), "{}: no {word}", fed.id);
    }
    compared
}

/// A long word of its title: one that a person would look for.
fn word(item: &Value) -> Option<String> {
    let title = item["title"].as_str()?;
    let mut words = title.split_whitespace();
    words
        .find(|word| word.chars().count() > 5 && word.chars().all(char::is_alphabetic))
        .map(str::to_owned)
}
