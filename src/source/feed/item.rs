//! From entries to items: plain text, absolute links, stable keys, oldest first.

use std::collections::{HashMap, HashSet};

use encoding_rs::WINDOWS_1252;

use super::document::Document;
use super::entry::{Entry, Prose};
use super::identity::{self, Known};
use crate::model::{Author, Counts, Item, ItemKey};
use crate::source::Problem;
use crate::text::html::{self, Plain};

/// Problems of one page that are told; the first ones tell the story.
pub(super) const MAX_PROBLEMS: usize = 20;
/// Items of one page: no feed has more that are news.
const MAX_ITEMS: usize = 2_000;
const MAX_TEXT: usize = 64 << 10;
const MAX_TITLE: usize = 1 << 10;
const MAX_NAME: usize = 200;
const MAX_ID: usize = 2 << 10;
/// Markup of one text: ten times what is kept of it.
const MAX_MARKUP: usize = 640 << 10;

/// The items of a document read from a feed on `host`, oldest first, and what was wrong.
pub(super) fn items(document: &Document, host: &str) -> (Vec<Item>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut drafts = Vec::new();
    for (entry, number) in document.entries.iter().zip(1..) {
        match draft(document, entry, host) {
            Some(draft) => {
                if draft.guid.is_none() && draft.item.url.is_none() {
                    problems.push(Problem { what: without_id(number, &draft.item) });
                }
                drafts.push(draft);
            }
            None => problems.push(Problem { what: format!("entry {number}: nothing in it") }),
        }
    }
    let mut items = distinct(drafts, host, &mut problems);
    oldest_first(&mut items);
    if items.len() > MAX_ITEMS {
        let what = format!("{} entries: only the newest {MAX_ITEMS} were read", items.len());
        problems.push(Problem { what });
        items.drain(..items.len() - MAX_ITEMS);
    }
    problems.truncate(MAX_PROBLEMS);
    (items, problems)
}

fn without_id(number: usize, item: &Item) -> String {
    let under = if item.title.is_empty() { "text" } else { "title and day" };
    format!("entry {number}: no id, no link: kept under a hash of its {under}")
}

/// An item whose key may still have to make way for another's.
struct Draft {
    item: Item,
    guid: Option<String>,
}

impl Draft {
    fn known(&self) -> Known<'_> {
        Known {
            guid: self.guid.as_deref(),
            link: self.item.url.as_deref(),
            title: &self.item.title,
            text: &self.item.text,
            published: self.item.published,
        }
    }
}

fn draft(document: &Document, entry: &Entry, host: &str) -> Option<Draft> {
    let title = entry.title.as_ref().map(plain).unwrap_or_default();
    let body = [&entry.content, &entry.summary]
        .into_iter()
        .flatten()
        .map(plain)
        .find(|body| !body.text.is_empty() || !body.quoted.is_empty())
        .unwrap_or_default();
    let title = html::clean(&one_line(&title.text), MAX_TITLE);
    let text = html::clean(&body.text, MAX_TEXT);
    let guid = entry.id.as_deref().map(|id| html::clean(id, MAX_ID)).filter(|id| !id.is_empty());
    let url = link(entry);
    let says_nothing = title.is_empty() && text.is_empty() && body.quoted.is_empty();
    let is_nothing = guid.is_none() && url.is_none() && entry.author.is_none();
    if says_nothing && is_nothing && entry.published.or(entry.updated).is_none() {
        return None;
    }
    let published = entry.published.or(entry.updated);
    let mut draft = Draft { item: Item::new(ItemKey([0; 16]), ""), guid };
    draft.item = Item {
        url,
        title,
        text,
        quoted: html::clean(&body.quoted, MAX_TEXT),
        author: entry.author.as_ref().or(document.author.as_ref()).map(author),
        published,
        edited: entry.updated.filter(|at| published.is_some_and(|published| *at > published)),
        lang_hint: entry.lang.as_ref().or(document.lang.as_ref()).map(|lang| html::clean(lang, 35)),
        counts: Counts { views: entry.views, replies: entry.replies, ..Counts::default() },
        ..draft.item
    };
    draft.item.key = identity::key(host, &draft.known());
    let id = draft.guid.clone().or_else(|| draft.item.url.clone());
    draft.item.id = id.unwrap_or_else(|| draft.item.key.to_string());
    Some(draft)
}

/// The first link to the entry itself; else its id, when that is an address.
fn link(entry: &Entry) -> Option<String> {
    let by_rel = |rel: &str| entry.links.iter().find(|link| link.rel == rel);
    let found = by_rel("alternate").map(|link| link.url.clone());
    let id = entry.id.as_deref().filter(|_| !entry.id_is_opaque);
    found
        .or_else(|| {
            id.filter(|id| id.starts_with("http")).and_then(|id| super::links::resolve(id, None))
        })
        .or_else(|| by_rel("self").or_else(|| by_rel("related")).map(|link| link.url.clone()))
        // A longer one cannot be cut: it would lead elsewhere.
        .filter(|url| url.len() <= MAX_ID)
}

fn author(author: &Author) -> Author {
    let url = author.url.clone().filter(|url| url.len() <= MAX_ID);
    Author { name: html::clean(&one_line(&author.name), MAX_NAME), url, ..author.clone() }
}

fn plain(prose: &Prose) -> Plain {
    if prose.written().contains(is_c1) {
        return plain(&match prose {
            Prose::Plain(text) => Prose::Plain(without_c1(text)),
            Prose::Html(markup) => Prose::Html(without_c1(markup)),
        });
    }
    match prose {
        Prose::Plain(text) => Plain { text: text.trim().to_owned(), quoted: String::new() },
        Prose::Html(markup) => {
            let read = html::to_text(up_to(markup, MAX_MARKUP));
            // Escaped once too often: what should be tags has come out as text.
            let escaped_twice = !markup.contains('<')
                && ["</", "<br", "<p>", "/>"].iter().any(|sign| read.text.contains(sign));
            if escaped_twice { html::to_text(&read.text) } else { read }
        }
    }
}

fn is_c1(c: char) -> bool {
    ('\u{80}'..='\u{9f}').contains(&c)
}

/// Control characters that nobody means: bytes of windows-1252 taken for Latin-1, as `&#146;`
/// for an apostrophe. HTML reads them so too.
fn without_c1(text: &str) -> String {
    let meant = |c: char| {
        let byte = u8::try_from(u32::from(c)).unwrap_or(b' ');
        let bytes = [byte];
        let (read, _) = WINDOWS_1252.decode_without_bom_handling(&bytes);
        // Five bytes stand for nothing there either.
        read.chars().next().filter(|c| !is_c1(*c)).unwrap_or(' ')
    };
    text.chars().map(|c| if is_c1(c) { meant(c) } else { c }).collect()
}

fn up_to(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max)).unwrap_or(text)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Gives entries that share a key each their own, by their links; exact copies are kept once.
fn distinct(drafts: Vec<Draft>, host: &str, problems: &mut Vec<Problem>) -> Vec<Item> {
    let mut uses: HashMap<ItemKey, usize> = HashMap::new();
    for draft in &drafts {
        *uses.entry(draft.item.key).or_default() += 1;
    }
    let mut taken = HashSet::new();
    let mut items = Vec::with_capacity(drafts.len());
    let mut copies = 0;
    for mut draft in drafts {
        if uses.get(&draft.item.key).is_some_and(|count| *count > 1) {
            draft.item.key = identity::key_with_link(host, &draft.known());
        }
        if taken.insert(draft.item.key) {
            items.push(draft.item);
        } else {
            copies += 1;
        }
    }
    if copies > 0 {
        problems
            .push(Problem { what: format!("{copies} entries stand twice: the first was kept") });
    }
    items
}

/// By date when all have one; else the document's order, turned round if it is newest first or
/// says nothing, as feeds are.
fn oldest_first(items: &mut [Item]) {
    let mut dated = items.iter().filter_map(|item| item.published);
    let is_ascending = dated.next() < dated.next_back();
    if !is_ascending {
        items.reverse();
    }
    if items.iter().all(|item| item.published.is_some()) {
        items.sort_by_key(|item| item.published);
    }
}
