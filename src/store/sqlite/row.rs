//! A mention as a row, and back.

use rusqlite::Row;
use serde::{Deserialize, Serialize};

use super::sql::{damaged, instant, number, small, source_id};
use crate::model::{
    Aside, AsideKind, Author, Counts, Finding, Item, ItemKey, Mention, Rating, Timestamp, Tone,
};
use crate::store::{Result, StoreError};

/// The columns that [`decode`] reads, in its order.
pub(super) const COLUMNS: &str = "m.seq, m.key, m.source, m.kind, m.first_seen, m.revision, \
                                  m.fingerprint, m.url, m.title, m.text, m.rest, m.findings";

/// What of an item nobody asks the database for.
#[derive(Debug, Serialize, Deserialize)]
struct Rest {
    id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    quoted: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    author: Option<Author>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    published: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    edited: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lang_hint: Option<String>,
    #[serde(default)]
    counts: Counts,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rating: Option<Rating>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent: Option<ItemKey>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    thread: Option<ItemKey>,
}

/// A mention ready to be bound to a statement.
#[derive(Debug)]
pub(super) struct Encoded {
    pub mention: Mention,
    pub author: Option<String>,
    pub author_hash: i64,
    pub reach: i64,
    pub rest: String,
    pub findings: String,
    /// One for each watch; should a watch come twice, its first finding counts.
    pub found: Vec<Found>,
}

/// What of a finding is asked for.
#[derive(Debug)]
pub(super) struct Found {
    pub watch: String,
    pub tone: Tone,
    pub aside: Option<AsideKind>,
    /// Names with a space between.
    pub topics: String,
}

impl Encoded {
    pub(super) fn new(mention: &Mention) -> Result<Encoded> {
        let item = &mention.item;
        let rest = Rest {
            id: item.id.clone(),
            quoted: item.quoted.clone(),
            author: item.author.clone(),
            published: item.published,
            edited: item.edited,
            lang_hint: item.lang_hint.clone(),
            counts: item.counts,
            rating: item.rating,
            parent: item.parent,
            thread: item.thread,
        };
        let failed = |e: serde_json::Error| {
            StoreError::Refused(format!("mention {} cannot be written: {e}", item.key))
        };
        let mut found: Vec<Found> = Vec::with_capacity(mention.findings.len());
        for finding in &mention.findings {
            if found.iter().all(|known| known.watch != finding.watch.as_str()) {
                found.push(Found {
                    watch: finding.watch.as_str().to_owned(),
                    tone: finding.sentiment.label,
                    aside: finding.aside.as_ref().map(Aside::kind),
                    topics: finding.topics.join(" "),
                });
            }
        }
        let followers = item.author.as_ref().and_then(|author| author.followers);
        Ok(Encoded {
            author: item.author.as_ref().map(|author| author.identity().to_owned()),
            author_hash: mention.voice().cast_signed(),
            reach: super::sql::to_i64(followers.unwrap_or(0)),
            rest: serde_json::to_string(&rest).map_err(failed)?,
            findings: serde_json::to_string(&mention.findings).map_err(failed)?,
            found,
            mention: mention.clone(),
        })
    }
}

pub(super) fn decode(row: &Row<'_>) -> Result<Mention> {
    let seq = number(row, 0)?;
    let rest: Rest = json(seq, &row.get::<_, String>(10)?)?;
    let findings: Vec<Finding> = json(seq, &row.get::<_, String>(11)?)?;
    let item = Item {
        key: ItemKey(row.get(1)?),
        id: rest.id,
        url: row.get(7)?,
        title: row.get(8)?,
        text: row.get(9)?,
        quoted: rest.quoted,
        author: rest.author,
        published: rest.published,
        edited: rest.edited,
        lang_hint: rest.lang_hint,
        counts: rest.counts,
        rating: rest.rating,
        parent: rest.parent,
        thread: rest.thread,
    };
    Ok(Mention {
        seq,
        item,
        source: source_id(row, 2)?,
        kind: row.get(3)?,
        first_seen: instant(row, 4)?,
        revision: small(row, 5)?,
        fingerprint: row.get::<_, i64>(6)?.cast_unsigned(),
        findings,
    })
}

fn json<T: serde::de::DeserializeOwned>(seq: u64, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| damaged(format_args!("mention {seq}: {e}")))
}
