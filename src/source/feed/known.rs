//! The reading of `feed-rs`, behind a wall: it panics on some valid feeds.

use std::panic::{AssertUnwindSafe, catch_unwind};

use feed_rs::{model, parser};
use url::Url;

use super::document::Document;
use super::entry::{self, Entry, Link, Prose};
use super::{dates, links};
use crate::model::{Author, Timestamp};

/// What `feed-rs` reads, or nothing when it refuses or panics; the scan then stands alone.
pub(super) fn read(text: &str, base: &Url) -> Option<Document> {
    // Its own ids change with the title, or with every poll: the scan knows which are real.
    let parser = parser::Builder::new()
        .base_uri(Some(base.as_str()))
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(|text| dates::parse(text)?.to_string().parse().ok())
        .build();
    // A `managingEditor` in « guillemets » makes it slice inside a character (feed-rs 3.0.0).
    let feed = catch_unwind(AssertUnwindSafe(|| parser.parse(text.as_bytes()))).ok()?.ok()?;
    let atom = feed.feed_type == model::FeedType::Atom;
    let json = feed.feed_type == model::FeedType::JSON;
    let inherited = if atom || json { feed.authors.first().and_then(author) } else { None };
    Some(Document {
        entries: feed.entries.into_iter().map(|entry| convert(entry, base, atom || json)).collect(),
        lang: feed.language,
        author: inherited,
        ..Document::default()
    })
}

fn convert(entry: model::Entry, base: &Url, typed: bool) -> Entry {
    let media = entry.media.first();
    let views = media.and_then(|m| m.community.as_ref()).and_then(|c| c.stats_views);
    let described = media.and_then(|media| media.description.clone());
    // The crate's time type cannot be named without depending on the crate it comes from.
    let published =
        entry.published.and_then(|at| instant(at.timestamp(), at.timestamp_subsec_nanos()));
    let updated = entry.updated.and_then(|at| instant(at.timestamp(), at.timestamp_subsec_nanos()));
    Entry {
        id: Some(entry.id.trim().to_owned()).filter(|id| !id.is_empty()),
        id_is_opaque: false,
        links: entry.links.iter().filter_map(|found| link(found, base)).collect(),
        title: entry.title.map(|text| prose(text, typed)),
        summary: entry.summary.or(described).map(|text| prose(text, typed)),
        content: entry.content.and_then(|content| {
            let body = content.body?;
            let kind = content.content_type.as_str();
            // Anything else is base64, which the scan undoes.
            let is_text = kind.starts_with("text/") || kind.ends_with("xml");
            is_text.then(|| by_type(body, kind, true))
        }),
        author: entry.authors.first().and_then(author),
        published,
        // RSS has no such date there: the crate repeats `published`.
        updated: updated.filter(|at| Some(*at) != published),
        lang: entry.language,
        base: entry.base.and_then(|inner| links::nested(Some(base), &inner)),
        views,
        replies: None,
    }
}

fn instant(seconds: i64, nanoseconds: u32) -> Option<Timestamp> {
    Timestamp::new(seconds, i32::try_from(nanoseconds).ok()?).ok()
}

/// RSS has no types: whatever may be markup is. Atom and JSON Feed say what their texts are.
fn prose(text: model::Text, typed: bool) -> Prose {
    by_type(text.content, text.content_type.as_str(), typed)
}

fn by_type(text: String, kind: &str, typed: bool) -> Prose {
    if typed && kind == "text/plain" { Prose::Plain(text) } else { Prose::Html(text) }
}

fn link(found: &model::Link, base: &Url) -> Option<Link> {
    if found.target.is_some() {
        return None;
    }
    let url = links::resolve(&found.href, Some(base))?;
    Some(Link { url, rel: found.rel.clone().unwrap_or_else(|| "alternate".to_owned()) })
}

fn author(person: &model::Person) -> Option<Author> {
    let name = person.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let named = entry::person(name.or(person.email.as_deref())?)?;
    Some(Author { url: person.uri.as_deref().and_then(|uri| links::resolve(uri, None)), ..named })
}
