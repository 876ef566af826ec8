//! The dependency rules of `src/README.md`, as a table; a breach names its file and line.

use std::fs;
use std::path::{Path, PathBuf};

/// Words that the pure files must not name: they would make a decision depend on the world.
const WORLD: &[&str] = &[
    "tokio",
    "reqwest",
    "tantivy",
    "lettre",
    "axum",
    "prometheus",
    "rusqlite",
    "std::fs",
    "std::net",
    "std::env",
    "std::thread",
];

/// Files and folders (a trailing `/`) that decide and never touch the world.
const PURE: &[&str] = &[
    "model/",
    "diagnostic.rs",
    "calendar.rs",
    "source/",
    "fetch/polite.rs",
    "fetch/guard.rs",
    "text/",
    "query/",
    "language/",
    "sentiment/",
    "topic.rs",
    "standing.rs",
    "spam.rs",
    "understand/",
    "velocity/",
    "story/",
    "incident/",
    "replay/",
    "risk/",
    "rules.rs",
    "rules/",
    "notify/plan.rs",
    "notify/facts.rs",
    "notify/retry.rs",
    "notify/render.rs",
    "notify/letter.rs",
    "notify/html.rs",
    "notify/plain.rs",
    "notify/excerpt.rs",
    "notify/words.rs",
    "notify/words/",
    "notify/chart.rs",
    "notify/chart/",
];

/// What only some places may name: the word, the places, and why.
const ONLY: &[(&str, &[&str], &str)] = &[
    ("tantivy", &["index/"], "search engines are one of several views"),
    (
        "reqwest",
        &["fetch/", "notify/webhook.rs", "notify/alertmanager.rs"],
        "all talking goes through the guard",
    ),
    ("lettre", &["notify/email.rs", "notify/email/"], "mail has one adapter"),
    ("feed_rs", &["source/feed.rs", "source/feed/"], "a kind keeps its parser to itself"),
    ("whatlang", &["language/"], "languages are decided in one place"),
    ("whichlang", &["language/"], "languages are decided in one place"),
    ("tract_onnx", &["sentiment/second/"], "a second opinion is one trait with one method"),
    ("tokenizers", &["sentiment/second/"], "a second opinion is one trait with one method"),
    ("csv", &["sentiment/labelled.rs"], "tables of labelled texts are read in one place"),
    ("rusqlite", &["store/"], "the engine hides behind the trait"),
    ("axum", &["http/"], "pages are served in one place"),
    ("clap", &["cli/"], "arguments are read in one place"),
    ("prometheus", &["metrics.rs", "http/"], "families are declared in one table"),
    ("crate::daemon", &["cli/", "daemon/"], "nothing below the daemon knows it"),
    (
        "crate::config",
        &["config/", "cli/", "daemon/", "notify/"],
        "configuration flows down as values",
    ),
    ("crate::fetch", &["fetch/", "daemon/", "cli/"], "a source says what to ask and never asks"),
    (
        "crate::store",
        &["store/", "index/", "daemon/", "http/", "cli/", "notify/"],
        "what decides gets values",
    ),
];

fn sources() -> Vec<(String, String)> {
    fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&root).unwrap().display().to_string();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

fn is_in(file: &str, places: &[&str]) -> bool {
    places.iter().any(|place| file == *place || (place.ends_with('/') && file.starts_with(place)))
}

/// Tests may touch the world: they read fixtures.
fn is_test(file: &str) -> bool {
    ["tests.rs", "contract.rs", "fixture.rs"].iter().any(|name| file.ends_with(name))
        || file.contains("/tests/")
        || file.contains("conformance/")
}

/// Lines of code: comments may speak of anything.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(n, line)| (n + 1, line.split("//").next().unwrap_or_default()))
}

/// Whether a line names a crate or a path: as a whole word, followed by `::` or used as a name.
fn names(line: &str, word: &str) -> bool {
    let boundary = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':');
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + word.len()..).unwrap_or_default();
        let path = after.starts_with("::") || (word.contains("::") && !after.starts_with('_'));
        boundary(before) && path
    })
}

fn report(breaches: &[String]) {
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

#[test]
fn what_decides_never_names_the_world() {
    let mut breaches = Vec::new();
    for (file, text) in sources().iter().filter(|(f, _)| is_in(f, PURE) && !is_test(f)) {
        for (n, line) in code(text) {
            for word in WORLD.iter().filter(|word| names(line, word)) {
                breaches.push(format!("src/{file}:{n}: names {word}, but it is pure: {line}"));
            }
        }
    }
    report(&breaches);
}

#[test]
fn every_library_stays_in_its_room() {
    let mut breaches = Vec::new();
    for (file, text) in sources().iter().filter(|(file, _)| !is_test(file)) {
        for (word, places, why) in ONLY.iter().filter(|(_, places, _)| !is_in(file, places)) {
            for (n, line) in code(text).filter(|(_, line)| names(line, word)) {
                let room = places.join(", ");
                breaches.push(format!("src/{file}:{n}: {word} belongs to {room}: {why}: {line}"));
            }
        }
    }
    report(&breaches);
}

#[test]
fn the_words_import_nothing_of_ours() {
    let mut breaches = Vec::new();
    for (file, text) in sources().iter().filter(|(file, _)| file.starts_with("model/")) {
        for (n, line) in code(text) {
            if names(line, "crate") && !line.contains("crate::model") {
                breaches.push(format!("src/{file}:{n}: model imports nothing of ours: {line}"));
            }
        }
    }
    report(&breaches);
}

#[test]
fn every_file_says_what_lives_there_and_is_short_enough() {
    let mut breaches = Vec::new();
    for (file, text) in &sources() {
        let first = text.lines().next().unwrap_or_default();
        if !first.starts_with("//! ")
            || !text.lines().take(8).any(|l| l.starts_with("//!") && l.ends_with('.'))
        {
            breaches.push(format!("src/{file}:1: opens without a `//!` sentence: {first}"));
        }
        let lines = text.lines().count();
        if lines > 500 {
            breaches.push(format!("src/{file}: {lines} lines hold two things; split it"));
        }
    }
    report(&breaches);
}

#[test]
fn the_entry_points_stay_small() {
    for name in ["main.rs", "lib.rs"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(name);
        let lines = fs::read_to_string(path).unwrap().lines().count();
        assert!(lines <= 40, "src/{name} has {lines} lines");
    }
}
