//! The feeds a web page names: in its head, and in the `Link` header beside it.

use url::Url;

use super::links;

/// Pages longer than this name their feeds before it, or not at all.
const MAX_PAGE: usize = 1 << 20;
const MAX_CANDIDATES: usize = 50;

/// A feed that a page names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub url: Url,
    /// As the page calls it; may be empty.
    pub title: String,
    /// `RSS`, `Atom`, `JSON Feed` or `XML`.
    pub kind: &'static str,
}

/// The feeds a page names, best first: feeds of comments come last, whatever may be something
/// other than a feed just before them. Linear in the length of the page, however broken it is.
pub fn discover(html: &str, base: &Url, link_header: Option<&str>) -> Vec<Candidate> {
    let mut found = in_header(link_header.unwrap_or_default(), base);
    found.extend(in_page(html, base));
    let mut candidates: Vec<Candidate> = Vec::new();
    for candidate in found {
        if candidates.len() < MAX_CANDIDATES
            && !candidates.iter().any(|known| known.url == candidate.url)
        {
            candidates.push(candidate);
        }
    }
    candidates.sort_by_key(|candidate| (is_comments(candidate), candidate.kind == "XML"));
    candidates
}

fn is_comments(candidate: &Candidate) -> bool {
    let says = |text: &str| text.to_lowercase().contains("comment");
    says(&candidate.title) || says(candidate.url.path())
}

/// A link of any kind: only one that is an alternate of a feed type is a candidate.
#[derive(Default)]
struct Named {
    rel: String,
    kind: String,
    href: String,
    title: String,
}

impl Named {
    fn candidate(self, base: &Url) -> Option<Candidate> {
        let rel = self.rel.to_ascii_lowercase();
        let is_alternate = rel.split_ascii_whitespace().any(|token| token == "alternate");
        let is_feed = rel.split_ascii_whitespace().any(|token| token == "feed");
        let mime = self.kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let kind = match mime.as_str() {
            "application/rss+xml" | "application/rdf+xml" | "text/rss+xml" => "RSS",
            "application/atom+xml" => "Atom",
            "application/feed+json" => "JSON Feed",
            // WordPress names its own programming interface so.
            "application/json" if !self.href.contains("wp-json") => "JSON Feed",
            "application/xml" | "text/xml" => "XML",
            "" if is_feed => "XML",
            _ => return None,
        };
        if !is_alternate && !is_feed {
            return None;
        }
        let url = Url::parse(&links::resolve(&self.href, Some(base))?).ok()?;
        Some(Candidate { url, title: self.title, kind })
    }
}

/// RFC 8288: `<feed.xml>; rel="alternate"; type="application/rss+xml"; title="…", <…>; …`.
fn in_header(header: &str, base: &Url) -> Vec<Candidate> {
    let mut rest = header;
    let mut found = Vec::new();
    while let Some((_, after)) = rest.split_once('<') {
        let Some((href, after)) = after.split_once('>') else { break };
        let mut named = Named { href: href.to_owned(), ..Named::default() };
        let end = end_of_link(after);
        for parameter in after.get(..end).unwrap_or_default().split(';') {
            let Some((name, value)) = parameter.split_once('=') else { continue };
            let value = value.trim().trim_matches('"').to_owned();
            match name.trim().to_ascii_lowercase().as_str() {
                "rel" => named.rel = value,
                "type" => named.kind = value,
                "title" => named.title = value,
                _ => {}
            }
        }
        found.extend(named.candidate(base));
        rest = after.get(end..).unwrap_or_default();
    }
    found
}

/// The comma that ends a link; one between quotes does not.
fn end_of_link(text: &str) -> usize {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => return at,
            _ => {}
        }
    }
    text.len()
}

fn in_page(html: &str, base: &Url) -> Vec<Candidate> {
    let html = html.get(..html.floor_char_boundary(MAX_PAGE)).unwrap_or(html);
    let mut base = base.clone();
    let mut named = Vec::new();
    let mut rest = html;
    while let Some((_, tag)) = rest.split_once('<') {
        rest = tag;
        if let Some(comment) = tag.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
        let name = tag.get(..end).unwrap_or_default().to_ascii_lowercase();
        match name.as_str() {
            "link" | "base" => {
                let (attributes, after) = attributes(tag.get(end..).unwrap_or_default());
                rest = after;
                if name == "link" {
                    named.push(attributes);
                } else if let Some(url) = links::nested(Some(&base), &attributes.href)
                    && !attributes.href.is_empty()
                {
                    base = url;
                }
            }
            // What looks like a tag in there is none.
            "script" | "style" | "template" => {
                rest = after_end_tag(tag, &name);
            }
            _ => {}
        }
        if named.len() > 10 * MAX_CANDIDATES {
            break;
        }
    }
    named.into_iter().filter_map(|named| named.candidate(&base)).collect()
}

/// What follows `</name`; without one, the rest, since a page is not lost for it.
fn after_end_tag<'a>(text: &'a str, name: &str) -> &'a str {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("</") {
        if after.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name)) {
            return after;
        }
        rest = after;
    }
    ""
}

/// The attributes of a tag from behind its name on, and what follows the tag.
fn attributes(mut text: &str) -> (Named, &str) {
    let mut named = Named::default();
    loop {
        text = text.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if text.is_empty() || text.starts_with(['>', '<']) {
            return (named, text.strip_prefix('>').unwrap_or(text));
        }
        let end = text
            .find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/' | '<'))
            .unwrap_or(text.len());
        // A stray `=` is a name of its own, as in HTML: something must be eaten.
        let end = end.max(text.chars().next().map_or(0, char::len_utf8));
        let name = text.get(..end).unwrap_or_default().to_ascii_lowercase();
        text = text.get(end..).unwrap_or_default().trim_ascii_start();
        let mut value = "";
        if let Some(after) = text.strip_prefix('=') {
            (value, text) = attribute_value(after.trim_ascii_start());
        }
        let value = value.trim().replace("&amp;", "&").replace("&#38;", "&");
        match name.as_str() {
            "rel" => named.rel = value,
            "type" => named.kind = value,
            "href" => named.href = value,
            "title" => named.title = value,
            _ => {}
        }
    }
}

fn attribute_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inside) = text.strip_prefix(quote) {
            return inside.split_once(quote).unwrap_or((inside, ""));
        }
    }
    let end = text.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(text.len());
    (text.get(..end).unwrap_or_default(), text.get(end..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> Url {
        Url::parse(address).unwrap()
    }

    #[track_caller]
    fn check(html: &str, header: Option<&str>, expected: &[(&str, &str)]) {
        let found = discover(html, &at("https://example.org/blog/"), header);
        let found: Vec<_> = found.iter().map(|c| (c.url.as_str(), c.kind)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn feeds_are_found_whatever_the_markup_looks_like() {
        check(
            "<LINK title=Atom href=/atom.xml type='application/atom+xml' REL=\"home Alternate\">\
             <link rel=alternate type=application/rss+xml href='?feed=rss&amp;lang=fr'/>\
             <link rel=stylesheet href=a.css><link rel=alternate hreflang=en href=/en>",
            None,
            &[
                ("https://example.org/atom.xml", "Atom"),
                ("https://example.org/blog/?feed=rss&lang=fr", "RSS"),
            ],
        );
    }

    #[test]
    fn feeds_of_comments_come_last_and_interfaces_not_at_all() {
        check(
            "<link rel=alternate type='application/rss+xml' title='Flux des commentaires' href=/c>\
             <link rel=alternate type=application/json href=/wp-json/wp/v2/pages/2>\
             <link rel=alternate type=text/xml href=/x><link rel=alternate type=application/rss+xml href=/f>",
            None,
            &[
                ("https://example.org/f", "RSS"),
                ("https://example.org/x", "XML"),
                ("https://example.org/c", "RSS"),
            ],
        );
    }

    #[test]
    fn the_base_of_the_page_and_the_link_header_count() {
        check(
            "<base href='https://cdn.example.net/a/'><link rel=alternate type=application/rss+xml href=b>",
            Some(
                "</x>; rel=preload, <feed.json>; rel=\"alternate\"; title=\"a, b\"; type=\"application/feed+json\"",
            ),
            &[
                ("https://example.org/blog/feed.json", "JSON Feed"),
                ("https://cdn.example.net/a/b", "RSS"),
            ],
        );
    }

    #[test]
    fn what_is_commented_out_or_in_a_script_is_not_there() {
        let link = "<link rel=alternate type=application/rss+xml href=/f>";
        check(&format!("<!-- {link} --><script>'{link}'</SCRIPT><style>{link}"), None, &[]);
    }

    proptest::proptest! {
        #[test]
        fn no_page_makes_it_panic(page in "(<(link|base|!--|script| |é|=|\"|'|/|>|rel|href){1,4}){0,30}") {
            let _found = discover(&page, &at("https://example.org/"), Some(&page));
        }
    }
}
