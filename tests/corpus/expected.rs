//! What the suites expect of each feed, in one shape.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use vigie::model::Timestamp;

use super::{files_under, python};

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Field {
    Title,
    Link,
    Author,
    /// Seconds since 1970.
    Date,
    Id,
    Text,
}

/// The fields of an entry that a suite says something about.
pub(crate) type Entry = BTreeMap<Field, String>;

/// One feed of a suite.
pub(crate) struct Case {
    pub(crate) suite: &'static str,
    pub(crate) name: String,
    pub(crate) body: Vec<u8>,
    pub(crate) content_type: Option<String>,
    /// In the order of the document.
    pub(crate) entries: Vec<Entry>,
}

/// Every feed about whose entries a suite says something.
pub(crate) fn cases(feeds: &Path) -> Vec<Case> {
    let mut cases = Vec::new();
    for path in files_under(&feeds.join("gofeed/testdata")) {
        if path.extension().is_some_and(|ending| ending == "xml")
            && let Some(expected) = json(&path.with_extension("json"))
        {
            cases.extend(case("gofeed", &path, entries(&expected)));
        } else if let Some(whole) = path.to_str().filter(|name| name.ends_with("_expected.json"))
            && let Some(expected) = json(&path)
        {
            let input = whole.replace("_expected", "");
            cases.extend(case("gofeed", Path::new(&input), entries(&expected)));
        }
    }
    for path in files_under(&feeds.join("rss-parser/test/input")) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let expected = json(&feeds.join(format!("rss-parser/test/output/{name}.json")));
        let expected = expected.and_then(|whole| whole.get("feed").cloned());
        cases.extend(expected.and_then(|feed| case("rss-parser", &path, entries(&feed))));
    }
    for path in files_under(&feeds.join("feedparser/tests")) {
        let Ok(body) = std::fs::read(&path) else { continue };
        let comment =
            String::from_utf8_lossy(body.get(..body.len().min(4_096)).unwrap_or_default());
        let Some(entry) = python::expected(&comment) else { continue };
        let mut case = case("feedparser", &path, vec![entry]);
        if let Some(case) = &mut case {
            case.content_type = python::content_type(&comment);
        }
        cases.extend(case);
    }
    cases
}

fn json(path: &Path) -> Option<Value> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

fn case(suite: &'static str, path: &Path, entries: Vec<Entry>) -> Option<Case> {
    let body = std::fs::read(path).ok()?;
    if entries.iter().all(BTreeMap::is_empty) {
        return None;
    }
    Some(Case { suite, name: path.display().to_string(), body, content_type: None, entries })
}

fn entries(feed: &Value) -> Vec<Entry> {
    let list = feed.get("items").or_else(|| feed.get("entries")).and_then(Value::as_array);
    list.into_iter().flatten().map(entry).collect()
}

fn entry(item: &Value) -> Entry {
    let first = |paths: &[&str]| {
        paths.iter().find_map(|path| item.pointer(path)?.as_str()).map(str::to_owned)
    };
    let date = first(&["/publishedParsed", "/pubDateParsed", "/isoDate"]);
    let found = [
        (Field::Title, first(&["/title"])),
        (Field::Link, first(&["/link"])),
        (Field::Author, first(&["/author/name", "/authors/0/name", "/author", "/creator"])),
        (Field::Date, date.and_then(|date| seconds(&date))),
        (Field::Id, first(&["/guid/value", "/guid", "/id"])),
        (
            Field::Text,
            first(&[
                "/content:encoded",
                "/content/value",
                "/content",
                "/description",
                "/summary/value",
                "/summary",
            ]),
        ),
    ];
    found.into_iter().filter_map(|(field, value)| Some((field, value?))).collect()
}

fn seconds(date: &str) -> Option<String> {
    date.parse::<Timestamp>().ok().map(|at| at.as_second().to_string())
}
