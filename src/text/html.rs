//! Plain text out of HTML: linear in its length, whatever the markup.

use super::entity::reference;
use super::writer::{Gap, Writer};

/// The most that is kept of one text, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// How far a tag's quoted attributes are followed. Without a limit, quotation marks that never
/// close would have each tag read to the end of the page, again and again.
const MAX_TAG_BYTES: usize = 4096;

/// What a reader sees, and what the author only quotes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plain {
    pub text: String,
    pub quoted: String,
}

/// Text of an HTML fragment or page: entities decoded, paragraphs kept as line feeds, scripts and
/// styles dropped, quotations apart, control and bidi-override characters removed.
///
/// Text and quotations have at most 64 KiB each. What is encoded twice is decoded once.
pub fn to_text(html: &str) -> Plain {
    let mut stripper = Stripper {
        html,
        last_gt: html.rfind('>'),
        text: Writer::new(MAX_BYTES),
        quoted: Writer::new(MAX_BYTES),
        quotation: None,
    };
    let mut at = 0;
    while let Some(rest) = html.get(at..).filter(|rest| !rest.is_empty()) {
        at += match rest.as_bytes().first() {
            Some(b'<') => stripper.markup(at, rest),
            Some(b'&') => stripper.entity(rest),
            _ => stripper.run(rest),
        };
    }
    Plain { text: stripper.text.out, quoted: stripper.quoted.out }
}

/// Makes text that is already plain fit to keep: controls and bidi overrides removed, white space
/// runs shortened, cut at `max` bytes on a character boundary.
pub fn clean(text: &str, max: usize) -> String {
    let mut writer = Writer::new(max);
    for c in text.chars() {
        match c {
            '\n' | '\u{2028}' => writer.line(),
            '\u{2029}' => writer.gap = Gap::Paragraph,
            _ => writer.char(c),
        }
    }
    writer.out
}

struct Stripper<'h> {
    html: &'h str,
    last_gt: Option<usize>,
    text: Writer,
    quoted: Writer,
    quotation: Option<Quotation>,
}

/// The element whose content is a quotation, and how many of its name are open.
struct Quotation {
    name: String,
    open: usize,
}

impl Stripper<'_> {
    fn writer(&mut self) -> &mut Writer {
        if self.quotation.is_some() { &mut self.quoted } else { &mut self.text }
    }

    /// Each of these returns how many bytes it read, at least one.
    fn run(&mut self, rest: &str) -> usize {
        let length = rest.bytes().position(|b| matches!(b, b'<' | b'&')).unwrap_or(rest.len());
        self.writer().text(rest.get(..length).unwrap_or_default());
        length
    }

    fn entity(&mut self, rest: &str) -> usize {
        let (c, length) = reference(rest).unwrap_or(('&', 1));
        self.writer().char(c);
        length
    }

    fn markup(&mut self, at: usize, rest: &str) -> usize {
        if rest.starts_with("<!--") {
            // A comment that never ends hides the rest, as in browsers.
            return rest.get(4..).and_then(|r| r.find("-->")).map_or(rest.len(), |n| n + 7);
        }
        let second = rest.as_bytes().get(1).copied().unwrap_or(b' ');
        let third = rest.as_bytes().get(2).copied().unwrap_or(b' ');
        let is_tag = second.is_ascii_alphabetic()
            || matches!(second, b'!' | b'?')
            || (second == b'/' && third.is_ascii_alphabetic());
        let closes = self.last_gt.is_some_and(|last| last > at);
        let length = if is_tag && closes { tag_length(rest) } else { None };
        let Some(length) = length else {
            self.writer().char('<');
            return 1;
        };
        let tag = Tag::read(rest.get(..length).unwrap_or_default());
        length + self.tag(&tag, at + length)
    }

    /// Acts on a tag; returns how many bytes after it are to be skipped.
    fn tag(&mut self, tag: &Tag<'_>, after: usize) -> usize {
        let name = tag.name.as_str();
        if !tag.closing && is_dropped(name) {
            let rest = self.html.get(after..).unwrap_or_default();
            return end_of_element(rest, name);
        }
        self.quote(tag);
        match name {
            "p" => self.writer().gap = Gap::Paragraph,
            "br" => self.writer().line(),
            "td" | "th" => self.writer().char(' '),
            "img" if tag.has_class(|c| c.contains("emoji") || c.contains("smil")) => {
                let alt = tag.attribute("alt").unwrap_or_default();
                self.writer().text(alt);
            }
            _ if is_block(name) => self.writer().block(),
            _ => {}
        }
        0
    }

    /// Enters and leaves quotations. Counting elements of one name needs no stack, so nesting a
    /// hundred thousand of them costs nothing.
    fn quote(&mut self, tag: &Tag<'_>) {
        if let Some(quotation) = &mut self.quotation {
            if quotation.name != tag.name {
                return;
            }
            if tag.closing {
                quotation.open -= 1;
            } else {
                quotation.open += 1;
            }
            if quotation.open == 0 {
                self.quotation = None;
            }
        } else if !tag.closing && tag.quotes() {
            self.quotation = Some(Quotation { name: tag.name.clone(), open: 1 });
            self.text.block();
            self.quoted.block();
        }
    }
}

/// Length of the tag at the beginning of a text, with its `>`.
fn tag_length(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, b) in text.bytes().enumerate().take(MAX_TAG_BYTES) {
        match (quote, b) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(b),
            (Some(open), _) if open == b => quote = None,
            _ => {}
        }
    }
    text.find('>').map(|at| at + 1)
}

/// Elements whose content no reader sees.
fn is_dropped(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "title"
            | "template"
            | "noscript"
            | "iframe"
            | "noembed"
            | "noframes"
            | "textarea"
            | "svg"
            | "select"
    )
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "center"
            | "dd"
            | "details"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hr"
            | "li"
            | "main"
            | "nav"
            | "ol"
            | "pre"
            | "section"
            | "summary"
            | "table"
            | "tr"
            | "ul"
    )
}

/// Where the closing tag of an element begins; the end of the text when it has none.
fn end_of_element(text: &str, name: &str) -> usize {
    let closes = |at: &usize| {
        let found = text.as_bytes().get(at + 2..at + 2 + name.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
    };
    text.match_indices("</").map(|(at, _)| at).find(closes).unwrap_or(text.len())
}

struct Tag<'h> {
    name: String,
    closing: bool,
    attributes: &'h str,
}

impl<'h> Tag<'h> {
    fn read(text: &'h str) -> Tag<'h> {
        let inside = text.trim_start_matches('<').trim_end_matches('>');
        let closing = inside.starts_with('/');
        let inside = inside.trim_start_matches('/');
        let length = inside.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(inside.len());
        let (name, attributes) = inside.split_at_checked(length).unwrap_or((inside, ""));
        // No element of HTML has a longer name; the rest need not be copied.
        let name = name.get(..name.len().min(16)).unwrap_or_default().to_ascii_lowercase();
        Tag { name, closing, attributes }
    }

    /// The value of an attribute, as written.
    fn attribute(&self, name: &str) -> Option<&'h str> {
        let mut rest = self.attributes;
        while let Some((key, after)) = rest.split_once('=') {
            let after = after.trim_start();
            let (value, next) = match after.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    let inside = after.get(1..)?;
                    inside.split_once(quote).unwrap_or((inside, ""))
                }
                _ => after.split_once(char::is_whitespace).unwrap_or((after, "")),
            };
            let key = key.split_whitespace().next_back().unwrap_or_default();
            if key.eq_ignore_ascii_case(name) {
                return Some(value);
            }
            rest = next;
        }
        None
    }

    fn has_class(&self, wanted: impl Fn(&str) -> bool) -> bool {
        self.attribute("class").is_some_and(|classes| classes.split_whitespace().any(wanted))
    }

    /// Whether what it holds are somebody else's words: HTML, Discourse, XenForo, Mastodon.
    fn quotes(&self) -> bool {
        match self.name.as_str() {
            "blockquote" => true,
            "aside" => self.has_class(|class| class == "quote"),
            "div" | "section" => self.has_class(|class| class == "bbCodeBlock--quote"),
            "span" | "p" => self.has_class(|class| class == "quote-inline"),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
