//! What the view promises: the same answers whatever was killed, replayed or damaged.

mod following;
mod searching;

use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::{IndexView, Opened, Result, SearchRequest, Searcher, StoreMark};
use crate::model::{
    Finding, Item, ItemKey, Lang, Language, Mention, Sentiment, Seq, SourceId, Tone, WatchId,
};
use crate::query::{Ending, Expr, Part, Term};
use crate::store::{Change, Position};

const STORE: StoreMark<'static> = StoreMark { identity: "store-a", last: Position(1_000_000) };

fn noon() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

fn open(dir: &Path) -> Opened {
    IndexView::open(dir, STORE, noon()).unwrap()
}

fn mention(seq: Seq, text: &str) -> Mention {
    let mut item = Item::new(ItemKey::of(&[&seq.to_string()]), seq.to_string());
    text.clone_into(&mut item.text);
    let seen = noon() + SignedDuration::from_secs(i64::try_from(seq).unwrap());
    Mention {
        seq,
        item,
        source: SourceId::new("forum").unwrap(),
        kind: "feed".to_owned(),
        first_seen: seen,
        fingerprint: 0,
        findings: vec![finding("acme", Lang::FR, Tone::Neutral)],
        revision: 0,
    }
}

fn finding(watch: &str, lang: Lang, tone: Tone) -> Finding {
    Finding {
        watch: WatchId::new(watch).unwrap(),
        spans: Vec::new(),
        language: Language { code: Some(lang), confidence: 1.0 },
        sentiment: Sentiment { label: tone, ..Sentiment::unknown() },
        topics: Vec::new(),
        aside: None,
    }
}

fn put(mention: Mention) -> Change {
    Change::Put(Box::new(mention))
}

fn delete(seq: Seq) -> Change {
    Change::Delete { seq, key: ItemKey::of(&[&seq.to_string()]) }
}

fn phrase(words: &str) -> Expr {
    let ending = if words.ends_with('*') { Ending::Open } else { Ending::Whole };
    let words = words.trim_end_matches('*').split(' ').map(str::to_owned).collect();
    Expr::Term(Term { words, written: Vec::new(), ending, part: Part::Anywhere })
}

fn not(expr: Expr) -> Expr {
    Expr::Not(Box::new(expr))
}

fn ask(searcher: &Searcher, expr: Expr) -> Result<Vec<Seq>> {
    find(searcher, &SearchRequest { expr: Some(expr), ..SearchRequest::default() })
}

/// Newest first.
fn find(searcher: &Searcher, request: &SearchRequest) -> Result<Vec<Seq>> {
    Ok(searcher.search(request, &mut unread)?.hits.iter().map(|hit| hit.seq).collect())
}

/// For requests that the index decides by itself.
fn unread(_: &[Seq]) -> Result<Vec<Mention>> {
    panic!("the store is not asked");
}

fn all(searcher: &Searcher) -> Vec<Seq> {
    find(searcher, &SearchRequest::default()).unwrap()
}
