//! Reads the feeds of three public test suites and compares with what the suites expect.
//!
//! They are not part of the project: `VIGIE_DATA` names the folder that holds `feeds/gofeed`,
//! `feeds/rss-parser` and `feeds/feedparser`. Without it there is nothing to check.

#![expect(clippy::print_stdout, reason = "the table of shares is what these tests are run for")]

pub(crate) mod expected;
mod python;

use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use toml::de::DeValue;
use url::Url;
use vigie::model::{Item, Timestamp};
use vigie::source::{Cursor, HttpReply, KINDS, Page, Reply, Source, Unreadable};
use vigie::text::html::to_text;

use self::expected::{Entry, Field};

/// Share of the expectations that must be met, in percent, just below what was measured. What is
/// missing is by choice (entities of the document are not expanded, mail addresses of authors are
/// dropped, escaped markup is read as markup, the full text goes before the summary) or not worth
/// its code (CDF channels, ids relative to a base), or the suite's own reader lost characters.
const FLOORS: [(&str, Field, f64); 18] = [
    ("feedparser", Field::Title, 98.0),
    ("feedparser", Field::Link, 79.0),
    ("feedparser", Field::Author, 83.0),
    ("feedparser", Field::Date, 85.0),
    ("feedparser", Field::Id, 66.0),
    ("feedparser", Field::Text, 98.0),
    ("gofeed", Field::Title, 92.0),
    ("gofeed", Field::Link, 76.0),
    ("gofeed", Field::Author, 96.0),
    ("gofeed", Field::Date, 99.0),
    ("gofeed", Field::Id, 88.0),
    ("gofeed", Field::Text, 86.0),
    ("rss-parser", Field::Title, 99.0),
    ("rss-parser", Field::Link, 99.0),
    ("rss-parser", Field::Author, 99.0),
    ("rss-parser", Field::Date, 99.0),
    ("rss-parser", Field::Id, 99.0),
    ("rss-parser", Field::Text, 89.0),
];

const HOME: &str = "http://127.0.0.1:8097/feed.xml";

#[test]
fn feeds_of_public_suites_are_read_as_their_suites_expect() {
    let Some(data) = data() else { return };
    let mut table: BTreeMap<(&str, Field), (u32, u32)> = BTreeMap::new();
    let mut missed = Vec::new();
    for case in expected::cases(&data.join("feeds")) {
        let items = read(&case.body, case.content_type.as_deref()).map(|page| page.items);
        let items = items.unwrap_or_default();
        for (at, entry) in case.entries.iter().enumerate() {
            let item = counterpart(&items, entry, at, case.entries.len());
            for (field, wanted) in entry {
                let got = item.map(|item| shown(item, *field)).unwrap_or_default();
                let met = is_met(*field, wanted, &got);
                let (meets, all) = table.entry((case.suite, *field)).or_default();
                *meets += u32::from(met);
                *all += 1;
                if !met {
                    missed.push(format!("{} {field:?}: {wanted:?}, got {got:?}", case.name));
                }
            }
        }
    }
    for ((suite, field), (met, all)) in &table {
        println!(
            "{suite:<12}{:<8}{met:>5} of {all:>5}  {:.1} %",
            format!("{field:?}"),
            share(*met, *all)
        );
    }
    if std::env::var_os("VIGIE_MISSED").is_some() {
        for line in &missed {
            println!("{}", line.escape_debug());
        }
    }
    for (suite, field, floor) in FLOORS {
        let (met, all) = table[&(suite, field)];
        assert!(share(met, all) >= floor, "{suite} {field:?}: {met} of {all}, below {floor} %");
    }
}

#[test]
fn no_feed_of_the_suites_panics_wherever_it_is_cut() {
    let Some(data) = data() else { return };
    let silenced = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut guilty = Vec::new();
    let (mut files, mut reads) = (0, 0);
    for path in files_under(&data.join("feeds")) {
        let Ok(whole) = std::fs::read(&path) else { continue };
        files += 1;
        let step = if whole.len() < 4_096 { 1 } else { whole.len() / 64 };
        for end in (0..whole.len()).step_by(step).chain([whole.len()]) {
            reads += 1;
            if catch_unwind(|| drop(read(&whole[..end], None))).is_err() {
                guilty.push(format!("{} cut at {end}", path.display()));
                break;
            }
        }
    }
    std::panic::set_hook(silenced);
    println!("{files} files, {reads} readings, {} panics", guilty.len());
    assert!(guilty.is_empty(), "{guilty:#?}");
}

fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("VIGIE_DATA").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: VIGIE_DATA does not name the folder of the test suites");
    }
    folder
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

fn source() -> Box<dyn Source> {
    let kind = KINDS.iter().find(|kind| kind.name() == "feed").expect("the kind `feed`");
    kind.build(DeValue::parse(&format!("{{ url = \"{HOME}\" }}")).expect("a table"))
        .expect("a feed")
}

fn home() -> Url {
    Url::parse(HOME).expect("an address")
}

fn read(body: &[u8], content_type: Option<&str>) -> Result<Page, Unreadable> {
    let headers = content_type.map(|value| ("content-type".to_owned(), value.as_bytes().to_vec()));
    let reply = Reply::Http(HttpReply {
        status: 200,
        headers: headers.into_iter().collect(),
        body: body.to_vec(),
        url: home(),
        moved: None,
    });
    let now: Timestamp = "2026-11-24T12:00:00Z".parse().expect("a date");
    source().read(&Cursor::default(), &reply, now)
}

/// The item that an expected entry is about: items come oldest first, suites keep the order of
/// the document.
fn counterpart<'a>(
    items: &'a [Item],
    entry: &Entry,
    at: usize,
    entries: usize,
) -> Option<&'a Item> {
    let same = |field: Field| {
        let wanted = entry.get(&field)?;
        items.iter().find(|item| is_met(field, wanted, &shown(item, field)))
    };
    let by_place = || items.len().checked_sub(1 + at).and_then(|place| items.get(place));
    let found = if entries > 1 {
        [Field::Id, Field::Link, Field::Title].into_iter().find_map(same)
    } else {
        None
    };
    found.or_else(by_place)
}

fn shown(item: &Item, field: Field) -> String {
    match field {
        Field::Title => item.title.clone(),
        Field::Text => item.text.clone() + &item.quoted,
        Field::Link => item.url.clone().unwrap_or_default(),
        Field::Id => item.id.clone(),
        Field::Author => item.author.as_ref().map(|a| a.name.clone()).unwrap_or_default(),
        Field::Date => item.published.map(|at| at.as_second().to_string()).unwrap_or_default(),
    }
}

/// Suites give markup where we give text: the text of their markup is what counts, white space
/// aside.
fn is_met(field: Field, wanted: &str, got: &str) -> bool {
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    match field {
        Field::Title | Field::Text => {
            let got = squeezed(got);
            let plain = to_text(wanted);
            got == squeezed(wanted) || got == squeezed(&(plain.text + &plain.quoted))
        }
        // Ours are absolute and in one spelling.
        Field::Link => {
            let base = home();
            base.join(wanted.trim()).is_ok_and(|wanted| wanted.as_str() == got)
        }
        Field::Id | Field::Author => wanted.trim() == got,
        Field::Date => wanted == got,
    }
}

fn share(met: u32, all: u32) -> f64 {
    100.0 * f64::from(met) / f64::from(all.max(1))
}
