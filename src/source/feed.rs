//! Feeds: RSS 0.9 to 2.0, RDF, Atom and JSON Feed.
//!
//! An entry is identified by what its publisher calls it, never by what a parser makes up: see
//! [`identity`]. `feed-rs` reads what it can; a forgiving scan of the same text completes it and
//! takes over where it refuses (truncated feeds, undeclared entities, odd versions).

mod charset;
mod cursor;
mod discover;
mod document;
mod entry;
mod identity;
mod item;
mod json;
mod known;
mod links;
mod pace;
mod scan;
#[cfg(test)]
mod tests;

pub use discover::{Candidate, discover};

use sha2::{Digest, Sha256};
use toml::de::DeValue;
use url::Url;

use self::cursor::State;
use self::document::Body;
use super::{
    Cursor, HttpReply, HttpRequest, KindOption, Page, Problem, Reason, Reply, Request, Source,
    SourceKind, Table, Unreadable, dates, status,
};
use crate::diagnostic::Diagnostic;
use crate::model::Timestamp;

/// Declares feed types: sites that serve a page and a feed at one address tell them apart by it.
const ACCEPT: &[u8] = b"application/atom+xml, application/rss+xml, application/feed+json, \
    application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1";

const OPTIONS: &[KindOption] = &[KindOption {
    name: "url",
    required: true,
    help: "address of the feed, or of a page that names one",
}];

/// The kind `feed`.
pub struct FeedKind;

impl SourceKind for FeedKind {
    fn name(&self) -> &'static str {
        "feed"
    }

    fn summary(&self) -> &'static str {
        "RSS, RDF, Atom and JSON Feed, by their address or by that of a page that names one"
    }

    fn options(&self) -> &'static [KindOption] {
        OPTIONS
    }

    fn example(&self) -> &'static str {
        "[[source]]\nid = \"example-blog\"\nkind = \"feed\"\nurl = \"https://blog.example.org/\"\n"
    }

    fn build(&self, table: Table<'_>) -> Result<Box<dyn Source>, Vec<Diagnostic>> {
        let place = table.span();
        let DeValue::Table(options) = table.into_inner() else {
            return Err(vec![Diagnostic::error(place, "a source is a table of options")]);
        };
        let mut wrong = Vec::new();
        let mut url = None;
        for (key, value) in &options {
            match key.get_ref().as_ref() {
                "url" => match address(value.get_ref()) {
                    Ok(read) => url = Some(read),
                    Err(why) => wrong.push(
                        Diagnostic::error(value.span(), why)
                            .label("not a web address")
                            .help("write it whole, as in \"https://blog.example.org/feed.xml\""),
                    ),
                },
                unknown => wrong.push(
                    Diagnostic::error(key.span(), format!("unknown option `{unknown}`"))
                        .label("no such option")
                        .help(format!("options of the kind feed: {}", names())),
                ),
            }
        }
        let named = options.iter().any(|(key, _)| key.get_ref().as_ref() == "url");
        if !named {
            wrong.push(
                Diagnostic::error(place, "a source of the kind `feed` needs `url`")
                    .label("no `url` here")
                    .help("add url = \"https://…\", the address of the feed or of a page that names one"),
            );
        }
        match url {
            Some(url) if wrong.is_empty() => Ok(Box::new(Feed { url })),
            _ => Err(wrong),
        }
    }
}

fn names() -> String {
    OPTIONS.iter().map(|option| option.name).collect::<Vec<_>>().join(", ")
}

fn address(value: &DeValue<'_>) -> Result<Url, String> {
    let text = value
        .as_str()
        .ok_or_else(|| format!("`url` is a text between quotes, not {}", value.type_str()))?;
    let url = Url::parse(text.trim()).map_err(|e| format!("`{text}` is not a web address: {e}"))?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(url),
        other => Err(format!("`{text}`: feeds are read over http or https, not {other}")),
    }
}

/// One configured feed.
#[derive(Debug)]
struct Feed {
    url: Url,
}

impl Source for Feed {
    fn request(&self, cursor: &Cursor, now: Timestamp) -> Request {
        let state = State::of(cursor, &self.url);
        let url = state.asked(&self.url, now);
        let mut headers =
            vec![("accept".to_owned(), ACCEPT.to_vec()), ("a-im".to_owned(), b"feed".to_vec())];
        headers.extend(state.conditions(&url));
        Request::Http(HttpRequest { url, headers })
    }

    fn read(&self, cursor: &Cursor, reply: &Reply, seen: Timestamp) -> Result<Page, Unreadable> {
        let Reply::Http(reply) = reply;
        let mut state = State::of(cursor, &self.url);
        state.settle(&self.url, seen);
        match reply.status {
            // 226 (RFC 3229) is a whole document that holds only what is new; nothing here
            // concludes anything from an entry that is missing, so it needs no other treatment.
            200 | 226 => self.read_body(state, reply, seen),
            304 => Ok(self.not_modified(state, reply, seen)),
            _ => Err(status::refusal(reply, seen)),
        }
    }

    fn address(&self) -> &Url {
        &self.url
    }
}

impl Feed {
    fn not_modified(&self, mut state: State, reply: &HttpReply, seen: Timestamp) -> Page {
        state.confirm(reply, seen);
        state.follow_move(&self.url, reply, seen);
        let pace = state.pace(reply, seen);
        Page { unchanged: true, pace, cursor: state.into_cursor(), ..Page::default() }
    }

    fn read_body(
        &self,
        mut state: State,
        reply: &HttpReply,
        seen: Timestamp,
    ) -> Result<Page, Unreadable> {
        let digest = hex(&Sha256::digest(&reply.body));
        if state.is_same_body(&digest) {
            state.count_useless_validators();
            state.keep_validators(&self.url, reply, seen);
            state.follow_move(&self.url, reply, seen);
            let pace = state.pace(reply, seen);
            return Ok(Page {
                unchanged: true,
                pace,
                cursor: state.into_cursor(),
                ..Page::default()
            });
        }
        let (text, mut problems) = charset::decode(&reply.body, reply.header_text("content-type"));
        match document::read(&text, &reply.url) {
            Body::Feed(document) => {
                problems.extend(document.problems.iter().cloned());
                let host = identity::host_of(&self.url);
                let (items, wrong) = item::items(&document, &host);
                if items.is_empty() && document.broken {
                    return Err(unreadable(format!(
                        "the feed at {} breaks off before the end of its first entry",
                        status::shown(&reply.url)
                    )));
                }
                problems.extend(wrong);
                let fresh = state.remember(&items);
                state.learn_pace(&document, &items);
                // A truncated answer must be read again in full: it keeps neither its validators
                // nor its digest, so that the next poll is not told "not modified".
                if document.broken {
                    state.forget_validators();
                } else {
                    state.accept_body(digest);
                    state.keep_validators(&self.url, reply, seen);
                    state.follow_move(&self.url, reply, seen);
                }
                state.alive(seen);
                let mut pace = state.pace(reply, seen);
                pace.fresh = fresh;
                problems.truncate(item::MAX_PROBLEMS);
                Ok(Page { items, problems, pace, cursor: state.into_cursor(), ..Page::default() })
            }
            Body::Html => self.look_for_feed(state, reply, &text, seen),
            Body::Other(why) => Err(unreadable(format!("{why} at {}", status::shown(&reply.url)))),
        }
    }

    /// The address is that of a page: take the feed it names, and have that one asked at once.
    fn look_for_feed(
        &self,
        mut state: State,
        reply: &HttpReply,
        html: &str,
        seen: Timestamp,
    ) -> Result<Page, Unreadable> {
        if let Some(found) = state.replaced() {
            return Err(unreadable(format!(
                "the feed {} now answers with a web page",
                status::shown(found)
            )));
        }
        let links = reply.header_text("link");
        // A page that names itself would be asked for ever.
        let best = discover(html, &reply.url, links)
            .into_iter()
            .find(|candidate| candidate.url != reply.url && candidate.url != self.url);
        let Some(best) = best else {
            return Err(unreadable("this is a web page that names no feed".to_owned()));
        };
        let (page, feed) = (status::shown(&self.url), status::shown(&best.url));
        let what = format!("{page} is a web page: reads the feed it names, {feed}");
        state.replace(best.url, seen);
        Ok(Page {
            problems: vec![Problem { what }],
            cursor: state.into_cursor(),
            more: true,
            ..Page::default()
        })
    }
}

fn unreadable(detail: String) -> Unreadable {
    Unreadable { reason: Reason::Parse, detail, retry_after: None }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a String cannot fail.
        let _written = write!(out, "{byte:02x}");
        out
    })
}
