//! Places to read: what a kind of source is, and the one list of them.

#[cfg(test)]
mod contract;
mod dates;
pub mod discourse;
pub mod feed;
mod status;

use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::diagnostic::Diagnostic;
use crate::model::{Item, ItemKey, Timestamp};

/// Every kind there is. Configuration, documentation, metric labels, contract tests and
/// `vigie kinds` come from this table and from nothing else.
pub const KINDS: &[&dyn SourceKind] = &[&feed::FeedKind, &discourse::DiscourseKind];

/// A kind of source, as configuration and documentation see it.
pub trait SourceKind: Sync {
    /// As written after `kind =`; a lower-case word.
    fn name(&self) -> &'static str;
    /// What it reads, in one sentence for the table of sources.
    fn summary(&self) -> &'static str;
    /// The options it takes beside those that every source has.
    fn options(&self) -> &'static [KindOption];
    /// A `[[source]]` table that works when pasted.
    fn example(&self) -> &'static str;
    /// Makes a source from its TOML table (`kind` and the common keys already taken out), or says
    /// everything that is wrong with it. Does no I/O.
    fn build(&self, table: Table<'_>) -> Result<Box<dyn Source>, Vec<Diagnostic>>;
}

/// A TOML table whose every node knows its place in the file.
pub type Table<'a> = toml::Spanned<toml::de::DeValue<'a>>;

/// One option of a kind.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct KindOption {
    pub name: &'static str,
    pub required: bool,
    pub help: &'static str,
}

/// One configured place to read. Pure: says what to ask, and reads the answer; `fetch/` talks.
pub trait Source: Send + Sync {
    /// What to ask now.
    fn request(&self, cursor: &Cursor, now: Timestamp) -> Request;

    /// Reads whatever is readable; what is not becomes a problem of the page, not an error.
    /// Never panics, whatever the bytes are.
    fn read(&self, cursor: &Cursor, reply: &Reply, seen: Timestamp) -> Result<Page, Unreadable>;

    /// The address whose host is asked, for politeness between sources of one site.
    fn address(&self) -> &Url;
}

/// Where a source stands, in the kind's own words (JSON); empty before the first poll.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cursor(pub String);

impl Cursor {
    /// The kind's own state; the default when there is none or an older version wrote another.
    pub fn state<T: DeserializeOwned + Default>(&self) -> T {
        serde_json::from_str(&self.0).unwrap_or_default()
    }

    pub fn from_state<T: Serialize>(state: &T) -> Cursor {
        Cursor(serde_json::to_string(state).unwrap_or_default())
    }
}

/// What a source wants to be asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    Http(HttpRequest),
}

/// A GET. The fetcher adds User-Agent and Accept-Encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    pub url: Url,
    /// Names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
}

/// What came back.
#[derive(Debug, Clone)]
pub enum Reply {
    Http(HttpReply),
}

/// A complete HTTP answer after redirects, body decoded from its content encoding and within the
/// size cap.
#[derive(Debug, Clone)]
pub struct HttpReply {
    pub status: u16,
    /// Names in lower case, values as sent: validators are opaque bytes.
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
    /// The URL that answered, after redirects.
    pub url: Url,
    /// Where a chain of only permanent redirects (301, 308) from the asked URL led, if there was
    /// one.
    pub moved: Option<Url>,
}

impl HttpReply {
    /// The first value of a header, as bytes.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_slice())
    }

    /// The first value of a header, when it is readable text.
    pub fn header_text(&self, name: &str) -> Option<&str> {
        self.header(name).and_then(|value| std::str::from_utf8(value).ok())
    }
}

/// What was read.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Oldest first where the source has an order.
    pub items: Vec<Item>,
    pub problems: Vec<Problem>,
    /// Takes effect in the transaction that stores the items.
    pub cursor: Cursor,
    /// There is more to read at once, with the new cursor.
    pub more: bool,
    /// Items that the source says are gone.
    pub removed: Vec<ItemKey>,
    /// When the source would like to be asked again.
    pub pace: Pace,
    /// The source answered that nothing changed (304, or the same bytes).
    pub unchanged: bool,
}

/// Something in a page that could not be read, and what was done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// `item 3: no id, no link, no title: kept under a hash of its text`.
    pub what: String,
}

/// A whole answer that gave nothing. The cursor stays, so nothing is hidden by it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Unreadable {
    /// Bounded word for the metric.
    pub reason: Reason,
    /// For people: what was wrong, and where.
    pub detail: String,
    /// When the server wants to be asked again, if it said so.
    pub retry_after: Option<std::time::Duration>,
}

/// Why an answer was unreadable: a closed list, since it labels metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// 400 to 499 but the ones below.
    Http4xx,
    /// 404: back off, and say so after three days.
    NotFound,
    /// 410: ask once a week only.
    Gone,
    /// 401, 403: an operator has to look.
    Denied,
    /// 429.
    RateLimited,
    /// 500 and above.
    Http5xx,
    /// The body was not what the kind reads.
    Parse,
}

impl Reason {
    /// The value of the label `result` of `vigie_source_polls_total`.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Http4xx | Reason::NotFound | Reason::Gone | Reason::Denied => "http_4xx",
            Reason::RateLimited => "rate_limited",
            Reason::Http5xx => "http_5xx",
            Reason::Parse => "parse",
        }
    }
}

/// What a source says about how often it wants to be asked (`sources.md` §1.2–1.4). All optional:
/// `fetch/polite.rs` decides.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pace {
    /// Not before this much time: the larger of ttl, max-age, Expires.
    pub at_least: Option<std::time::Duration>,
    /// A hint, never a floor: period ÷ frequency of the syndication module.
    pub hint: Option<std::time::Duration>,
    /// The server accepts conditional requests, so asking costs it little.
    pub validators: bool,
    /// Median gap between the publication of the last items.
    pub gap: Option<std::time::Duration>,
    /// Hours of the day, GMT, in which not to ask; bit n is hour n.
    pub skip_hours: u32,
    /// Days of the week on which not to ask; bit 0 is Monday.
    pub skip_days: u8,
    /// This page had items that the one before had not.
    pub fresh: bool,
}
