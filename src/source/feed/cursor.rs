//! Where a feed stands between two polls: validators, moves, what was seen, its own pace.

use serde::{Deserialize, Serialize};
use url::Url;

use super::document::Document;
use super::pace::{self, OwnPace};
use crate::model::{Item, ItemKey, Timestamp};
use crate::source::{Cursor, HttpReply, Pace};

/// Entries whose state is remembered, to tell a poll that brought something from one that did not.
const REMEMBERED: usize = 256;
/// Identical answers to conditional requests after which a validator counts as useless.
const USELESS_AFTER: u8 = 5;
/// Polls that must agree before a permanent redirect is believed: captive portals and parked
/// domains redirect "permanently" too.
const MOVE_POLLS: u32 = 3;
const MOVE_SECONDS: i64 = 24 * 3600;
/// How long an address other than the configured one may give nothing before the configured one
/// is asked again.
const REPLACEMENT_SECONDS: i64 = 24 * 3600;

/// Bytes kept in JSON as one character each (Latin-1): reversible, and readable when they are
/// text. Validators are opaque, quotes and `W/` included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Opaque(String);

impl Opaque {
    fn of(bytes: &[u8]) -> Opaque {
        Opaque(bytes.iter().map(|byte| char::from(*byte)).collect())
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.chars().filter_map(|c| u8::try_from(u32::from(c)).ok()).collect()
    }
}

/// The validators of one answer, good for the address that was asked and the one that answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Validators {
    asked: Url,
    answered: Url,
    etag: Option<Opaque>,
    last_modified: Option<Opaque>,
}

/// A permanent redirect that is not believed yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Move {
    to: Url,
    since: Timestamp,
    polls: u32,
}

/// An address asked in place of the configured one: a page named it, or it has moved there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Replacement {
    url: Url,
    /// When it was found, or last gave a feed.
    good: Timestamp,
}

/// The cursor of a feed. It belongs to the configured address: another one starts afresh.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    configured: String,
    replacement: Option<Replacement>,
    moving: Option<Move>,
    validators: Option<Validators>,
    /// SHA-256 of the last body that parsed whole.
    body: Option<String>,
    /// Identical bodies in a row although the request was conditional.
    same: u8,
    etag_useless: bool,
    date_useless: bool,
    /// Hashes of (key, content) of the newest entries.
    known: Vec<String>,
    pace: OwnPace,
}

impl State {
    pub(super) fn of(cursor: &Cursor, configured: &Url) -> State {
        let state: State = cursor.state();
        if state.configured == configured.as_str() {
            return state;
        }
        State { configured: configured.to_string(), ..State::default() }
    }

    pub(super) fn into_cursor(self) -> Cursor {
        Cursor::from_state(&self)
    }

    /// The address to ask now.
    pub(super) fn asked(&self, configured: &Url, now: Timestamp) -> Url {
        match &self.replacement {
            Some(other) if seconds_between(other.good, now) <= REPLACEMENT_SECONDS => {
                other.url.clone()
            }
            _ => configured.clone(),
        }
    }

    /// The headers of a conditional request to this address.
    pub(super) fn conditions(&self, url: &Url) -> Vec<(String, Vec<u8>)> {
        let Some(known) = self.validators.as_ref().filter(|known| known.asked == *url) else {
            return Vec::new();
        };
        let etag = known.etag.as_ref().filter(|_| !self.etag_useless);
        let date = known.last_modified.as_ref().filter(|_| !self.date_useless);
        etag.map(|value| ("if-none-match".to_owned(), value.bytes()))
            .into_iter()
            .chain(date.map(|value| ("if-modified-since".to_owned(), value.bytes())))
            .collect()
    }

    pub(super) fn is_same_body(&self, digest: &str) -> bool {
        self.body.as_deref() == Some(digest)
    }

    /// Counts an identical body. After five the ETag is no longer sent, after five more the date
    /// neither: Apache's `-gzip` suffix and rotating back-ends give validators that never match.
    pub(super) fn count_useless_validators(&mut self) {
        let etag = !self.etag_useless && self.has(|known| known.etag.is_some());
        let date = !self.date_useless && self.has(|known| known.last_modified.is_some());
        if !etag && !date {
            return;
        }
        self.same = self.same.saturating_add(1);
        if self.same >= USELESS_AFTER {
            self.same = 0;
            if etag {
                self.etag_useless = true;
            } else {
                self.date_useless = true;
            }
        }
    }

    fn has(&self, what: impl Fn(&Validators) -> bool) -> bool {
        self.validators.as_ref().is_some_and(what)
    }

    pub(super) fn accept_body(&mut self, digest: String) {
        self.body = Some(digest);
        self.same = 0;
    }

    /// Takes the validators of an answer whose body was read whole.
    pub(super) fn keep_validators(&mut self, configured: &Url, reply: &HttpReply, now: Timestamp) {
        self.alive(now);
        // `Expires: 0` says that the server wants nothing kept.
        if reply.header("expires").is_some_and(|value| value.trim_ascii() == b"0") {
            self.validators = None;
            return;
        }
        let value = |name| validator(reply, name);
        let (etag, last_modified) = (value("etag"), value("last-modified"));
        let asked = self.replacement.as_ref().map_or_else(|| configured.clone(), |r| r.url.clone());
        self.validators = (etag.is_some() || last_modified.is_some()).then(|| Validators {
            asked,
            answered: reply.url.clone(),
            etag,
            last_modified,
        });
    }

    pub(super) fn forget_validators(&mut self) {
        self.validators = None;
        self.body = None;
    }

    /// A 304 from the address the validators came from; it may bring new ones.
    pub(super) fn confirm(&mut self, reply: &HttpReply, now: Timestamp) {
        self.alive(now);
        self.same = 0;
        let Some(known) = self.validators.as_mut() else { return };
        if known.answered != reply.url {
            // Another address answered to a date it never gave: what it holds was never read.
            self.forget_validators();
            return;
        }
        let value = |name| validator(reply, name);
        known.etag = value("etag").or(known.etag.take());
        known.last_modified = value("last-modified").or(known.last_modified.take());
    }

    /// Counts a permanent redirect that led to a feed, and believes it in the end.
    pub(super) fn follow_move(&mut self, configured: &Url, reply: &HttpReply, now: Timestamp) {
        let Some(to) = &reply.moved else {
            self.moving = None;
            return;
        };
        let (since, polls) = match &self.moving {
            Some(known) if known.to == *to => (known.since, known.polls.saturating_add(1)),
            _ => (now, 1),
        };
        if polls < MOVE_POLLS || seconds_between(since, now) < MOVE_SECONDS {
            self.moving = Some(Move { to: to.clone(), since, polls });
            return;
        }
        self.moving = None;
        if to == configured {
            self.replacement = None;
        } else {
            self.replacement = Some(Replacement { url: to.clone(), good: now });
        }
        if let Some(known) = self.validators.as_mut().filter(|known| known.answered == *to) {
            known.asked = to.clone();
        }
    }

    /// Forgets an address that gave nothing for so long that the configured one was asked.
    pub(super) fn settle(&mut self, configured: &Url, now: Timestamp) {
        if self.asked(configured, now) == *configured {
            self.replacement = None;
        }
    }

    /// The address that was asked in place of the configured one.
    pub(super) fn replaced(&self) -> Option<&Url> {
        self.replacement.as_ref().map(|replacement| &replacement.url)
    }

    pub(super) fn replace(&mut self, url: Url, now: Timestamp) {
        self.forget_validators();
        self.moving = None;
        self.replacement = Some(Replacement { url, good: now });
    }

    /// Whatever address is in use gave a feed now.
    pub(super) fn alive(&mut self, now: Timestamp) {
        if let Some(replacement) = &mut self.replacement {
            replacement.good = now;
        }
    }

    /// Remembers the newest entries (the last of a page) and says whether one was new or edited.
    /// What is known stays as long as there is room: a 226 holds only what is new, and the
    /// servers behind one address are not always of one mind.
    pub(super) fn remember(&mut self, items: &[Item]) -> bool {
        let newest = items.iter().rev().take(REMEMBERED);
        let mut known: Vec<String> = newest.map(print_of).collect();
        let fresh = known.iter().any(|print| !self.known.contains(print));
        let older: Vec<String> =
            self.known.drain(..).filter(|print| !known.contains(print)).collect();
        known.extend(older);
        known.truncate(REMEMBERED);
        self.known = known;
        fresh
    }

    pub(super) fn learn_pace(&mut self, document: &Document, items: &[Item]) {
        self.pace = OwnPace::of(document, items);
    }

    pub(super) fn pace(&self, reply: &HttpReply, now: Timestamp) -> Pace {
        let known = self.validators.as_ref();
        let validators = known.is_some_and(|known| {
            (known.etag.is_some() && !self.etag_useless)
                || (known.last_modified.is_some() && !self.date_useless)
        });
        pace::with_headers(&self.pace, validators, reply, now)
    }
}

/// A validator as sent; one longer than any server's is not worth keeping.
fn validator(reply: &HttpReply, name: &str) -> Option<Opaque> {
    reply.header(name).filter(|value| (1..=1_024).contains(&value.len())).map(Opaque::of)
}

/// 64 bits are enough to notice that one of 256 entries changed.
fn print_of(item: &Item) -> String {
    let key = item.key.to_string();
    let whole = ItemKey::of(&[&key, &item.title, &item.text]).to_string();
    whole.chars().take(16).collect()
}

fn seconds_between(from: Timestamp, to: Timestamp) -> i64 {
    to.as_second().saturating_sub(from.as_second())
}
