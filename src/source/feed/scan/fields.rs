//! The fields of an entry: what each element of RSS, Atom and their modules fills.

use quick_xml::events::BytesStart;
use url::Url;

use super::super::entry::{self, Entry, Link, Prose};
use super::super::{dates, links};
use super::elements::{Space, attribute};

/// An element whose text is being collected.
pub(super) struct Field {
    pub(super) space: Space,
    /// In lower case, without prefix.
    pub(super) local: String,
    /// Where its content begins.
    pub(super) start: usize,
    /// Its text, references resolved, without what is inside tags.
    pub(super) text: String,
    /// Elements were inside it: only the raw text tells what it says.
    pub(super) has_markup: bool,
    kind: Option<String>,
    mode: Option<String>,
    href: Option<String>,
    rel: Option<String>,
    is_permalink: Option<String>,
}

impl Field {
    pub(super) fn begin(tag: &BytesStart<'_>, space: Space, local: &str, start: usize) -> Field {
        Field {
            space,
            local: local.to_owned(),
            start,
            text: String::new(),
            has_markup: false,
            kind: attribute(tag, "type").map(|kind| kind.to_ascii_lowercase()),
            mode: attribute(tag, "mode"),
            href: attribute(tag, "href"),
            rel: attribute(tag, "rel"),
            is_permalink: attribute(tag, "isPermaLink"),
        }
    }

    /// Its text by its type. RSS has none: whatever may be markup is.
    fn prose(self, raw: &str, atom: bool) -> Option<Prose> {
        if self.is_base64(atom) {
            let text = base64(&self.text).and_then(|bytes| String::from_utf8(bytes).ok());
            // Some write plain text under a type of their own.
            let is_text = !self.kind.as_deref().is_some_and(is_binary);
            let text = text.or_else(|| is_text.then_some(self.text))?;
            return Some(Prose::Html(text)).filter(|text| !text.is_blank());
        }
        let kind = self.kind.as_deref().unwrap_or(if atom { "text" } else { "html" });
        let prose = match kind {
            _ if self.has_markup => Prose::Html(inner(raw)),
            "xhtml" | "application/xhtml+xml" => Prose::Html(inner(raw)),
            "text" | "text/plain" if atom => Prose::Plain(self.text),
            _ => Prose::Html(self.text),
        };
        (!prose.is_blank()).then_some(prose)
    }

    /// RFC 4287 §4.1.3.3: a media type that is neither text nor XML holds base64.
    fn is_base64(&self, atom: bool) -> bool {
        let kind = self.kind.as_deref().unwrap_or_default();
        let is_medium = kind.contains('/') && !kind.starts_with("text/") && !kind.ends_with("xml");
        match self.mode.as_deref() {
            Some(mode) => mode == "base64",
            None => atom && is_medium,
        }
    }
}

fn is_binary(kind: &str) -> bool {
    ["image/", "audio/", "video/", "application/octet-stream"]
        .iter()
        .any(|start| kind.starts_with(start))
}

/// The bytes of a base64 text; nothing when it is none.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0);
    for byte in text.bytes().filter(|b| !b.is_ascii_whitespace() && *b != b'=') {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.extend(u8::try_from((bits >> held) & 0xFF));
        }
    }
    Some(out)
}

/// Markup as it stands in the document, with its CDATA marks taken off.
fn inner(raw: &str) -> String {
    raw.replace("<![CDATA[", "").replace("]]>", "")
}

/// An entry at its start tag.
pub(super) fn begin(tag: &BytesStart<'_>, lang: Option<&str>, base: &Url) -> Entry {
    let about = attribute(tag, "rdf:about").filter(|about| !about.is_empty());
    Entry { id: about, lang: lang.map(str::to_owned), base: Some(base.clone()), ..Entry::default() }
}

/// Puts a field where it belongs. The first of a kind wins, and the feed's own vocabulary wins
/// over a module's, which repeats it for other readers.
pub(super) fn take(entry: &mut Entry, field: Field, raw: &str, base: &Url, atom: bool) {
    use Space::{Content, Dublin, Itunes, Media, Own, Slash, Thread, Xhtml};
    let local = field.local.clone();
    let text = field.text.trim();
    match (field.space, local.as_str()) {
        (Own, "guid" | "id") if !text.is_empty() => {
            entry.id = Some(text.to_owned());
            entry.id_is_opaque = field.is_permalink.as_deref() == Some("false");
        }
        (Own, "link") => {
            let address = field.href.as_deref().unwrap_or(text);
            let rel = field.rel.clone().unwrap_or_else(|| "alternate".to_owned());
            entry.links.extend(links::resolve(address, Some(base)).map(|url| Link { url, rel }));
        }
        (Own, "pubdate" | "published" | "issued") => {
            entry.published = dates::parse(text).or(entry.published);
        }
        (Own | Dublin, "created") | (Dublin, "date" | "issued" | "available") => {
            entry.published = entry.published.or_else(|| dates::parse(text));
        }
        (Own | Dublin, "updated" | "modified" | "lastbuilddate") => {
            entry.updated = dates::parse(text).or(entry.updated);
        }
        (Dublin, "creator" | "author") | (Itunes, "author") => {
            entry.author = entry.author.take().or_else(|| entry::person(text));
        }
        (Dublin | Own, "language") if !text.is_empty() => entry.lang = Some(text.to_owned()),
        (Slash, "comments") | (Thread, "total") => {
            entry.replies = text.parse().ok().or(entry.replies);
        }
        (Own, "title") => entry.title = field.prose(raw, atom).or(entry.title.take()),
        (Dublin | Media | Itunes, "title") => {
            entry.title = entry.title.take().or_else(|| field.prose(raw, false));
        }
        (Own, "description" | "summary") => {
            entry.summary = field.prose(raw, atom).or(entry.summary.take());
        }
        (Dublin | Media | Itunes, "description" | "summary" | "abstract") => {
            entry.summary = entry.summary.take().or_else(|| field.prose(raw, false));
        }
        (Own, "content") => {
            entry.base = Some(base.clone());
            entry.content = field.prose(raw, atom).or(entry.content.take());
        }
        (Content, "encoded") | (Own, "fullitem") => {
            entry.content = field.prose(raw, false).or(entry.content.take());
        }
        (Xhtml | Own, "body") => {
            entry.content = entry.content.take().or_else(|| field.prose(raw, false));
        }
        _ => {}
    }
}
