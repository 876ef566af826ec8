//! A forgiving reading of an XML feed: one pass, no namespace or nesting rule that breaks it.
//!
//! It serves twice: as the side pass for what `feed-rs` does not expose (real ids, reply counts,
//! `skipHours`, the syndication module, older date elements), and as the fallback for what
//! `feed-rs` refuses. Entities that the document declares are never expanded.

mod elements;
mod fields;

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use url::Url;

use self::elements::{Element, Names, Role};
use self::fields::Field;
use super::document::Document;
use super::entry::Entry;
use super::links;
use crate::model::Author;
use crate::source::Problem;
use crate::text::html;

/// Broken places after which the reading goes on at the next entry. Each may cost a look at the
/// whole rest, so that there must be a limit.
const RESUMPTIONS: usize = 20;
/// Open elements that may each have a base of their own. Every one makes the address longer, so
/// that without a limit a small feed fills the memory.
const MAX_BASES: usize = 16;
/// Entries after which nothing more is read: five times what a page may hold.
const MAX_ENTRIES: usize = 10_000;

/// The feed in a text, or nothing when its root is that of no feed.
/// `too_deep` of the document says that no other reader should be tried on it.
pub(super) fn read(text: &str, base: &Url) -> Option<Document> {
    let mut scan = Scan {
        text,
        base,
        open: Vec::new(),
        counts: HashMap::new(),
        names: Names::default(),
        bases: Vec::new(),
        langs: Vec::new(),
        based: Vec::new(),
        root: Root::Unseen,
        entry: None,
        field: None,
        person: None,
        document: Document::default(),
    };
    scan.run();
    match scan.root {
        Root::Unseen | Root::Foreign => None,
        Root::Rss | Root::Atom => Some(scan.document),
    }
}

/// Whether a text that is no feed is a web page.
pub(super) fn is_html(text: &str) -> bool {
    let start: String = text.chars().take(4096).collect::<String>().to_ascii_lowercase();
    ["<!doctype html", "<html", "<head", "<body"].iter().any(|sign| start.contains(sign))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Root {
    Unseen,
    Foreign,
    Rss,
    Atom,
}

/// An author being read: parts of an Atom person, or the text of an RSS one.
#[derive(Default)]
struct Person {
    text: String,
    name: Option<String>,
    email: Option<String>,
    url: Option<String>,
}

struct Scan<'a> {
    text: &'a str,
    base: &'a Url,
    open: Vec<Element>,
    /// How often each name is open: an end tag that closes nothing must cost nothing.
    counts: HashMap<String, usize>,
    names: Names,
    /// `xml:base` and `xml:lang`, each with the depth of its element.
    bases: Vec<(usize, Url)>,
    langs: Vec<(usize, String)>,
    /// Depths of all elements that have a base, whether it is followed or not.
    based: Vec<usize>,
    root: Root,
    entry: Option<Entry>,
    field: Option<Field>,
    person: Option<Person>,
    document: Document,
}

impl Scan<'_> {
    fn run(&mut self) {
        let mut from = 0;
        let mut stumbles = Vec::new();
        while let Some(error) = self.run_from(from) {
            let (at, what) = error;
            stumbles.push(what);
            let next = at.max(from + 1);
            match self.next_entry(next).filter(|_| stumbles.len() <= RESUMPTIONS) {
                Some(resumed) => {
                    self.abandon_entry();
                    from = resumed;
                }
                None => break,
            }
        }
        let read = self.document.entries.len();
        if !self.open.is_empty() && self.root != Root::Foreign {
            self.document.broken = true;
            let why = stumbles.pop().unwrap_or_else(|| "its last elements are not closed".into());
            let what = format!("the feed breaks off after {read} entries: {why}");
            self.document.problems.push(Problem { what });
        }
        let problems = stumbles.into_iter().map(|what| Problem { what });
        self.document.problems.extend(problems);
    }

    /// Reads from a place on; gives the place and nature of what it stumbled over.
    fn run_from(&mut self, from: usize) -> Option<(usize, String)> {
        let mut reader = Reader::from_str(self.text.get(from..)?);
        let config = reader.config_mut();
        config.allow_dangling_amp = true;
        config.allow_unmatched_ends = true;
        config.check_end_names = false;
        loop {
            let before = from + position(reader.buffer_position());
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    let at = from + position(reader.error_position());
                    return Some((at, format!("broken XML near byte {at}: {error}")));
                }
            };
            let after = from + position(reader.buffer_position());
            match event {
                Event::Start(tag) => self.start(&tag, before, after),
                Event::Empty(tag) => {
                    self.start(&tag, before, after);
                    self.end(tag.name().as_ref(), after);
                }
                Event::End(tag) => self.end(tag.name().as_ref(), before),
                Event::Text(text) => self.write(&text),
                Event::CData(text) => self.write(&text),
                Event::GeneralRef(name) => {
                    let shown = name.resolve_char_ref().ok().flatten();
                    match shown {
                        Some(c) => self.write(c.encode_utf8(&mut [0; 4])),
                        None => self.write(&named(&name)),
                    }
                }
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
                Event::Eof => return None,
            }
            if self.root == Root::Foreign || self.document.entries.len() >= MAX_ENTRIES {
                return None;
            }
        }
    }

    /// Where the next entry begins, from a place on.
    fn next_entry(&self, from: usize) -> Option<usize> {
        let from = (from..self.text.len()).find(|at| self.text.is_char_boundary(*at))?;
        let rest = self.text.get(from..)?;
        let tag = if self.root == Root::Atom { "<entry" } else { "<item" };
        rest.find(tag).map(|at| from + at)
    }

    /// Forgets the entry in hand and closes all up to what holds entries.
    fn abandon_entry(&mut self) {
        self.entry = None;
        self.field = None;
        self.person = None;
        while self.open.last().is_some_and(|element| element.role != Role::Head) {
            self.forget_last();
        }
    }

    fn write(&mut self, text: &str) {
        if let Some(field) = &mut self.field {
            field.text.push_str(text);
        } else if let Some(person) = &mut self.person
            && self.open.last().is_some_and(|element| element.role == Role::Person)
        {
            person.text.push_str(text);
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, before: usize, after: usize) {
        self.names.learn(tag);
        let (space, local) = self.names.resolve(tag.name().as_ref());
        let parent = self.open.last().map_or(Role::Outside, |element| element.role);
        if parent == Role::Outside && self.root == Root::Unseen {
            self.root = match local.as_str() {
                "rss" | "rdf" | "channel" => Root::Rss,
                "feed" | "entry" => Root::Atom,
                _ => Root::Foreign,
            };
        }
        let role = elements::role(parent, space, &local);
        if role == Role::Entry && self.entry.is_some() {
            // An entry inside an entry: the one before was never closed.
            self.close_down_to_head(before);
        }
        let depth = self.open.len();
        if matches!(role, Role::Head | Role::Entry | Role::Field | Role::Person) {
            self.take_scope(tag, depth);
        }
        match role {
            Role::Entry => self.entry = Some(fields::begin(tag, self.lang(), self.scope_base())),
            Role::Person => self.person = Some(Person::default()),
            Role::Field => self.field = Some(Field::begin(tag, space, &local, after)),
            Role::Media if local == "statistics" => {
                if let Some(entry) = &mut self.entry {
                    let views = elements::attribute(tag, "views");
                    entry.views = views.and_then(|n| n.trim().parse().ok()).or(entry.views);
                }
            }
            Role::Inner => {
                if let Some(field) = &mut self.field {
                    field.has_markup = true;
                }
            }
            _ => {}
        }
        if tag.attributes_raw().contains("xml:base") {
            self.based.push(depth);
            self.document.too_deep |= self.based.len() > MAX_BASES;
        }
        let name = tag.name().as_ref().to_owned();
        *self.counts.entry(name.clone()).or_default() += 1;
        self.open.push(Element { name, role });
    }

    /// Notes `xml:base` and `xml:lang`.
    fn take_scope(&mut self, tag: &BytesStart<'_>, depth: usize) {
        if let Some(base) = elements::attribute(tag, "xml:base")
            && self.bases.len() < MAX_BASES
            && let Some(base) = links::nested(Some(self.scope_base()), &base)
        {
            self.bases.push((depth, base));
        }
        if let Some(lang) = elements::attribute(tag, "xml:lang") {
            if depth == 0 {
                self.document.lang = Some(lang.clone()).filter(|lang| !lang.is_empty());
            }
            self.langs.push((depth, lang));
        }
    }

    fn scope_base(&self) -> &Url {
        self.bases.last().map_or(self.base, |(_, base)| base)
    }

    fn lang(&self) -> Option<&str> {
        self.langs.last().map(|(_, lang)| lang.as_str()).filter(|lang| !lang.is_empty())
    }

    /// An end tag: closes the innermost element of its name and all that is open inside it.
    fn end(&mut self, name: &str, before: usize) {
        if self.counts.get(name).is_none_or(|count| *count == 0) {
            return;
        }
        while let Some(element) = self.open.last() {
            let last = element.name == name;
            self.close_last(before);
            if last {
                break;
            }
        }
    }

    fn close_down_to_head(&mut self, before: usize) {
        while self.open.last().is_some_and(|element| element.role != Role::Head) {
            self.close_last(before);
        }
    }

    fn close_last(&mut self, before: usize) {
        let parent = self.open.iter().rev().nth(1).map_or(Role::Outside, |element| element.role);
        match self.open.last().map(|element| element.role) {
            Some(Role::Field) => {
                if let Some(field) = self.field.take() {
                    self.finish_field(field, parent, before);
                }
            }
            Some(Role::Person) => {
                if let Some(author) = self.person.take().and_then(finish_person) {
                    match (&mut self.entry, parent) {
                        (Some(entry), Role::Entry) => {
                            entry.author.get_or_insert(author);
                        }
                        _ if self.root == Root::Atom => {
                            self.document.author.get_or_insert(author);
                        }
                        _ => {}
                    }
                }
            }
            Some(Role::Entry) => self.document.entries.extend(self.entry.take()),
            _ => {}
        }
        self.forget_last();
    }

    fn forget_last(&mut self) {
        let Some(element) = self.open.pop() else { return };
        if let Some(count) = self.counts.get_mut(&element.name) {
            *count = count.saturating_sub(1);
        }
        let depth = self.open.len();
        self.bases.pop_if(|(at, _)| *at >= depth);
        self.langs.pop_if(|(at, _)| *at >= depth);
        self.based.pop_if(|at| *at >= depth);
    }

    fn finish_field(&mut self, field: Field, parent: Role, end: usize) {
        let raw = self.text.get(field.start..end).unwrap_or_default();
        let atom = self.root == Root::Atom;
        match (parent, &mut self.entry, &mut self.person) {
            (Role::Person, _, Some(person)) => person.take(&field),
            (Role::Entry | Role::Media, Some(entry), _) => {
                let base = self.bases.last().map_or(self.base, |(_, base)| base);
                fields::take(entry, field, raw, base, atom);
            }
            (Role::Head, None, _) if field.local == "language" => {
                let lang = field.text.trim().to_owned();
                self.document.lang = Some(lang).filter(|lang| !lang.is_empty());
            }
            (Role::Head | Role::Skip, None, _) => {
                self.document.schedule.take(&field.local, &field.text);
            }
            _ => {}
        }
    }
}

impl Person {
    fn take(&mut self, field: &Field) {
        let text = field.text.trim();
        if text.is_empty() {
            return;
        }
        let place = match field.local.as_str() {
            "name" => &mut self.name,
            "email" => &mut self.email,
            "uri" | "url" | "homepage" => &mut self.url,
            _ => return,
        };
        *place = Some(text.to_owned());
    }
}

fn finish_person(person: Person) -> Option<Author> {
    let text = Some(person.text).filter(|text| !text.trim().is_empty());
    let named = super::entry::person(&person.name.or(person.email).or(text)?)?;
    Some(Author { url: person.url.and_then(|url| links::resolve(&url, None)), ..named })
}

/// The text of a named reference. Only HTML's own names are known; one that the document
/// declares stays as it is written, so that no declaration can grow.
fn named(name: &str) -> String {
    let written = format!("&{name};");
    if let Some(predefined) = quick_xml::escape::resolve_predefined_entity(name) {
        return predefined.to_owned();
    }
    if name == "nbsp" {
        return "\u{a0}".to_owned();
    }
    let is_name = name.len() <= 32 && name.bytes().all(|b| b.is_ascii_alphanumeric());
    let read = if is_name { html::to_text(&written).text } else { String::new() };
    if read.is_empty() { written } else { read }
}

fn position(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}
