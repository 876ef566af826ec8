//! JSON Feed read forgivingly: numbers for ids, no version, cut off in the middle.

use serde_json::Value;

use super::dates;
use super::document::Document;
use super::entry::{Entry, Link, Prose};
use super::links;
use crate::model::Author;
use crate::source::Problem;

/// The items of a JSON Feed, also of one that ends too early; nothing if it is none.
pub(super) fn read(text: &str) -> Option<Document> {
    match serde_json::from_str::<Value>(text) {
        Ok(whole) => {
            let items = whole.get("items")?.as_array()?;
            let entries = items.iter().map(entry).collect();
            let lang = string(&whole, "language");
            Some(Document { entries, lang, author: author(&whole), ..Document::default() })
        }
        Err(error) => cut_off(text, &error),
    }
}

/// The items before the place where the text stops making sense.
fn cut_off(text: &str, error: &serde_json::Error) -> Option<Document> {
    let head = text.get(..text.find("\"items\"")?)?;
    if !head.contains("jsonfeed.org/version") {
        return None;
    }
    let mut rest = text.get(head.len() + "\"items\"".len()..)?.trim_start().strip_prefix(':')?;
    rest = rest.trim_start().strip_prefix('[')?;
    let mut entries = Vec::new();
    loop {
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let Some(Ok(item @ Value::Object(_))) = values.next() else { break };
        entries.push(entry(&item));
        let read = values.byte_offset();
        rest = rest.get(read..).unwrap_or_default().trim_start();
        let Some(next) = rest.strip_prefix(',') else { break };
        rest = next;
    }
    let what =
        format!("the feed breaks off: {error}; {} entries before it were read", entries.len());
    Some(Document {
        entries,
        broken: true,
        problems: vec![Problem { what }],
        ..Document::default()
    })
}

fn entry(item: &Value) -> Entry {
    let link = |name, rel: &str| {
        let url = links::resolve(&string(item, name)?, None)?;
        Some(Link { url, rel: rel.to_owned() })
    };
    Entry {
        id: string(item, "id"),
        links: link("url", "alternate")
            .into_iter()
            .chain(link("external_url", "related"))
            .collect(),
        title: string(item, "title").map(Prose::Plain),
        summary: string(item, "summary").map(Prose::Plain),
        content: string(item, "content_html")
            .map(Prose::Html)
            .or_else(|| string(item, "content_text").map(Prose::Plain)),
        author: author(item),
        published: string(item, "date_published").and_then(|date| dates::parse(&date)),
        updated: string(item, "date_modified").and_then(|date| dates::parse(&date)),
        lang: string(item, "language"),
        ..Entry::default()
    }
}

/// `authors` since version 1.1, `author` before.
fn author(object: &Value) -> Option<Author> {
    let first =
        object.get("authors").and_then(|list| list.get(0)).or_else(|| object.get("author"))?;
    let name = string(first, "name").or_else(|| first.as_str().map(str::to_owned))?;
    let url = string(first, "url").and_then(|url| links::resolve(&url, None));
    Some(Author { name, url, ..Author::default() })
}

/// A text that is not blank; the version 1.0 allows numbers where it means texts.
fn string(object: &Value, name: &str) -> Option<String> {
    let text = match object.get(name)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}
