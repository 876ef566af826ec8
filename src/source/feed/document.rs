//! A body that may be a feed: which kind it is, and the two readings of it put together.

use url::Url;

use super::entry::Entry;
use super::pace::Schedule;
use super::{json, known, scan};
use crate::model::Author;
use crate::source::Problem;

/// What a text turned out to be.
#[derive(Debug)]
pub(super) enum Body {
    Feed(Box<Document>),
    Html,
    /// Neither; says what it looks like.
    Other(String),
}

/// A feed as it is written.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Document {
    /// In the order of the document.
    pub(super) entries: Vec<Entry>,
    pub(super) lang: Option<String>,
    /// Holds for every entry that names none (Atom, JSON Feed).
    pub(super) author: Option<Author>,
    pub(super) schedule: Schedule,
    /// Only the scan, which has limits of its own, may read it.
    pub(super) too_deep: bool,
    /// It ends before its end: there is more on the server.
    pub(super) broken: bool,
    pub(super) problems: Vec<Problem>,
}

/// Reads a decoded body that came from `base`.
pub(super) fn read(text: &str, base: &Url) -> Body {
    let first = text.trim_start();
    let is_json = first.starts_with('{');
    let scanned = if is_json { json::read(first) } else { scan::read(first, base) };
    // `feed-rs` takes no other roots than the scan does, and lets nested bases fill the memory.
    let is_safe = is_json || scanned.as_ref().is_some_and(|scanned| !scanned.too_deep);
    let known = if is_safe { known::read(first, base) } else { None };
    match (known, scanned) {
        (Some(known), Some(scanned)) => Body::Feed(Box::new(together(known, scanned))),
        (None, Some(document)) => Body::Feed(Box::new(document)),
        (Some(known), None) => Body::Feed(Box::new(known)),
        (None, None) if scan::is_html(first) => Body::Html,
        (None, None) => Body::Other(looks_like(first)),
    }
}

/// One document out of two readings. They agree on the entries nearly always; when they do not,
/// the one with more has seen something the other has not.
fn together(known: Document, scanned: Document) -> Document {
    if known.entries.len() != scanned.entries.len() {
        let more = if known.entries.len() > scanned.entries.len() {
            known.entries
        } else {
            scanned.entries.clone()
        };
        return Document { entries: more, ..scanned };
    }
    let entries = known
        .entries
        .into_iter()
        .zip(scanned.entries)
        .map(|(mine, other)| mine.completed_by(other))
        .collect();
    Document {
        entries,
        // `feed-rs` puts it into lower case.
        lang: scanned.lang.or(known.lang),
        author: known.author.or(scanned.author),
        ..scanned
    }
}

fn looks_like(text: &str) -> String {
    if text.is_empty() {
        return "there is nothing to read".to_owned();
    }
    let start: String =
        text.chars().take(40).map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("neither a feed nor a web page: it starts with `{start}`")
}
