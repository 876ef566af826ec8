//! Mentions from JSON lines: an export, what `vigie search --json` printed, or another tool's.

use std::io::BufRead;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::model::{Author, Counts, Item, ItemKey, SourceId, Tone, WatchId};
use crate::sentiment::labelled;

/// What a key may be called; the first that is there counts.
const PUBLISHED: &[&str] = &["published", "at", "timestamp", "time", "date"];
const ARRIVED: &[&str] = &["first_seen", "seen", "arrived"];
const TONE: &[&str] = &["tone", "sentiment", "label"];
const LANG: &[&str] = &["lang", "language"];
const SOURCE: &[&str] = &["source", "kind"];
const KIND: &[&str] = &["kind", "source"];
const REACH: &[&str] = &["reach", "followers"];

/// Longer is no mention.
const LONGEST: u64 = 1024 * 1024;

/// A mention as a line gives it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub arrived: Timestamp,
    pub item: Item,
    /// As somebody scored it; absent, it has to be scored.
    pub tone: Option<Tone>,
    /// The watches that it is said to be about; empty, it has to be matched.
    pub watches: Vec<WatchId>,
    /// The watches for which it counts for nothing.
    pub aside: Vec<WatchId>,
    pub source: Option<SourceId>,
    pub kind: Option<String>,
    pub reach: u64,
    pub repost: bool,
    /// Known risks that somebody found in it.
    pub topics: Vec<String>,
}

/// The next line, counted from 1: read, refused with the reason, or nothing at the end.
pub(super) fn next(input: &mut dyn BufRead, buffer: &mut Vec<u8>) -> Option<Result<Line, String>> {
    loop {
        buffer.clear();
        let mut bounded = std::io::Read::take(&mut *input, LONGEST);
        match bounded.read_until(b'\n', buffer) {
            Ok(0) => return None,
            Ok(_) if !buffer.ends_with(b"\n") && buffer.len() as u64 == LONGEST => {
                skip(input);
                return Some(Err(format!("longer than {LONGEST} bytes is no mention")));
            }
            Ok(_) if buffer.trim_ascii().is_empty() => return Some(Err(String::new())),
            Ok(_) => return Some(read(buffer)),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Some(Err(format!("cannot be read: {error}"))),
        }
    }
}

/// Skips the rest of a line; a reader that fails says so at the next line.
fn skip(input: &mut dyn BufRead) {
    drop(input.skip_until(b'\n'));
}

fn read(line: &[u8]) -> Result<Line, String> {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let value: Value = serde_json::from_slice(line).map_err(|error| format!("no JSON: {error}"))?;
    if !value.is_object() {
        return Err("no JSON object".to_owned());
    }
    let published = time(&value, PUBLISHED)?;
    let arrived = time(&value, ARRIVED)?.or(published);
    let arrived = arrived.ok_or_else(|| format!("no time: add one of {}", PUBLISHED.join(", ")))?;
    let text = |names: &[&str]| texts(&value, names).map(str::to_owned);
    let named = tone(&value);
    if let (None, Some(word)) = (named, texts(&value, TONE)) {
        return Err(format!("`{word}` is no tone: write negative, neutral, positive or mixed"));
    }
    let id = text(&["id", "url"]).unwrap_or_default();
    let item = Item {
        title: text(&["title"]).unwrap_or_default(),
        text: text(&["text"]).unwrap_or_default(),
        url: text(&["url"]),
        author: author(&value),
        published,
        lang_hint: text(LANG),
        counts: counts(&value),
        ..Item::new(ItemKey::of(&["replay", &id]), id)
    };
    if named.is_none() && item.title.is_empty() && item.text.is_empty() {
        return Err("neither a text nor a tone".to_owned());
    }
    Ok(Line {
        arrived,
        item,
        tone: named,
        watches: list(&value, &["watch", "watches"], "watch"),
        aside: list(&value, &["aside"], "watch"),
        source: texts(&value, SOURCE).and_then(|name| SourceId::new(&slug(name)).ok()),
        kind: text(KIND),
        reach: REACH.iter().find_map(|name| value.get(name)?.as_u64()).unwrap_or(0),
        repost: value.get("repost").and_then(Value::as_bool).unwrap_or(false),
        topics: topics(&value),
    })
}

fn texts<'a>(value: &'a Value, names: &[&str]) -> Option<&'a str> {
    let given = names.iter().find_map(|name| value.get(name)?.as_str());
    given.filter(|text| !text.is_empty())
}

/// A tone by name or number; `unknown` is an answer too.
fn tone(value: &Value) -> Option<Tone> {
    let given = TONE.iter().find_map(|name| value.get(name).filter(|value| !value.is_null()))?;
    match given {
        Value::String(word) if word == Tone::Unknown.as_str() => Some(Tone::Unknown),
        Value::String(word) => labelled::tone(word),
        Value::Number(number) => labelled::tone(&number.to_string()),
        _ => None,
    }
}

fn author(value: &Value) -> Option<Author> {
    let handle = texts(value, &["handle", "account"]).map(str::to_owned);
    let name = texts(value, &["author", "user"]).unwrap_or_default().to_owned();
    (handle.is_some() || !name.is_empty()).then(|| Author { name, handle, ..Author::default() })
}

/// What the public did with it, beside the mention or in an object of its own.
fn counts(value: &Value) -> Counts {
    let counted = value.get("counts").unwrap_or(value);
    let count = |name: &str| counted.get(name).and_then(Value::as_u64);
    Counts {
        likes: count("likes"),
        shares: count("shares"),
        replies: count("replies"),
        views: count("views"),
    }
}

fn topics(value: &Value) -> Vec<String> {
    let named = value.get("topics").and_then(Value::as_array).into_iter().flatten();
    named.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Watches, given as one name, as a list of names, or as a list of objects that hold them.
fn list(value: &Value, names: &[&str], key: &str) -> Vec<WatchId> {
    let name = |value: &Value| {
        let name = value.as_str().or_else(|| value.get(key)?.as_str())?;
        WatchId::new(&slug(name)).ok()
    };
    match names.iter().find_map(|name| value.get(name)) {
        Some(Value::Array(all)) => all.iter().filter_map(name).collect(),
        Some(one) => name(one).into_iter().collect(),
        None => Vec::new(),
    }
}

/// A name as an id: `Acme France` is `acme-france`, as in a configuration.
pub(super) fn slug(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    crate::text::fold::folded(name).chars().map(plain).take(40).collect()
}

fn time(value: &Value, names: &[&str]) -> Result<Option<Timestamp>, String> {
    let Some(given) = names.iter().find_map(|name| value.get(name).filter(|v| !v.is_null())) else {
        return Ok(None);
    };
    let read = match given {
        Value::String(text) => instant(text).or_else(|| since_1970(text.trim().parse().ok()?)),
        Value::Number(number) => number.as_f64().and_then(since_1970),
        _ => None,
    };
    let wrong = || format!("{given} is no time: write 2026-11-24T03:12:00Z or seconds since 1970");
    read.map(Some).ok_or_else(wrong)
}

/// RFC 3339, or a date or time without an offset, which is UTC.
fn instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let civil = || {
        let whole = text.parse::<DateTime>().ok();
        whole
            .or_else(|| Some(text.parse::<Date>().ok()?.to_datetime(jiff::civil::Time::midnight())))
    };
    text.parse().ok().or_else(|| Some(civil()?.to_zoned(TimeZone::UTC).ok()?.timestamp()))
}

/// Seconds, or what is so large that it must be milliseconds or microseconds.
fn since_1970(number: f64) -> Option<Timestamp> {
    let seconds = match number.abs() {
        large if large >= 1e14 => number / 1e6,
        large if large >= 1e11 => number / 1e3,
        _ => number,
    };
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and is refused then")]
    Timestamp::from_microsecond((seconds * 1e6).round() as i64).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Result<(&str, Option<Tone>), &str>) {
        let found = read(line.as_bytes());
        match (&found, expected) {
            (Ok(line), Ok((arrived, tone))) => {
                assert_eq!((line.arrived.to_string().as_str(), line.tone), (arrived, tone));
            }
            (Err(found), Err(expected)) => assert!(found.contains(expected), "{found}"),
            _ => panic!("{line}: {found:?}"),
        }
    }

    #[test]
    fn a_line_needs_a_time_and_a_text_or_a_tone() {
        let at = "2026-11-24T03:12:00Z";
        check(
            r#"{"published":"2026-11-24T03:12:00Z","tone":"negative"}"#,
            Ok((at, Some(Tone::Negative))),
        );
        check(r#"{"time":1795489920,"text":"quelle honte"}"#, Ok((at, None)));
        check(r#"{"at":"1795489920","text":"quelle honte"}"#, Ok((at, None)));
        check(r#"{"at":1795489920000,"label":"négatif"}"#, Ok((at, Some(Tone::Negative))));
        check(
            r#"{"timestamp":"2026-11-24 03:12:00","sentiment":"positive"}"#,
            Ok((at, Some(Tone::Positive))),
        );
        check(
            r#"{"published":null,"first_seen":"2026-11-24T03:12:00Z","tone":"unknown"}"#,
            Ok((at, Some(Tone::Unknown))),
        );
        check(
            r#"{"date":"2026-11-24","text":"x","tone":null}"#,
            Ok(("2026-11-24T00:00:00Z", None)),
        );
        check(r#"{"text":"quelle honte"}"#, Err("no time"));
        check(r#"{"at":"yesterday","text":"x"}"#, Err("is no time"));
        check(r#"{"at":1e300,"text":"x"}"#, Err("is no time"));
        check(r#"{"at":"2026-11-24"}"#, Err("neither a text nor a tone"));
        check(r#"{"at":"2026-11-24","tone":"furious"}"#, Err("`furious` is no tone"));
        check("[1,2]", Err("no JSON object"));
        check("rappel de lots", Err("no JSON"));
    }

    #[test]
    fn watches_are_one_or_several() {
        let names = |ids: Vec<WatchId>| ids.into_iter().map(String::from).collect::<Vec<_>>();
        let of = |line: &str| names(read(line.as_bytes()).unwrap().watches);
        assert_eq!(of(r#"{"at":0,"tone":"neutral","watch":"Électro Île"}"#), ["electro-ile"]);
        assert_eq!(of(r#"{"at":0,"tone":"neutral","watch":"acme"}"#), ["acme"]);
        assert_eq!(of(r#"{"at":0,"tone":"neutral","watches":["acme","bolt"]}"#), ["acme", "bolt"]);
        assert_eq!(of(r#"{"at":0,"tone":"neutral"}"#), Vec::<String>::new());
        let aside = r#"{"at":0,"tone":"neutral","aside":[{"watch":"acme","spam":"x"}]}"#;
        assert_eq!(names(read(aside.as_bytes()).unwrap().aside), ["acme"]);
    }

    #[test]
    fn counts_and_topics_are_read_where_they_stand() {
        let of = |line: &str| {
            let line = read(line.as_bytes()).unwrap();
            (line.item.counts.spread().map(|(_, spread)| spread), line.topics)
        };
        let beside = r#"{"at":0,"tone":"neutral","likes":3,"shares":2,"topics":["recall"]}"#;
        assert_eq!(of(beside), (Some(7), vec!["recall".to_owned()]));
        let apart = r#"{"at":0,"tone":"neutral","counts":{"views":90},"likes":1}"#;
        assert_eq!(of(apart), (Some(90), vec![]));
        let wrong = r#"{"at":0,"tone":"neutral","likes":-1,"counts":7,"topics":"recall"}"#;
        assert_eq!(of(wrong), (None, vec![]));
    }

    #[test]
    fn an_endless_line_is_refused_and_the_next_one_read() {
        let mut text = vec![b'x'; 3 << 20];
        text.extend_from_slice(b"\n\n{\"at\":0,\"tone\":\"neutral\"}");
        let (mut input, mut buffer) = (text.as_slice(), Vec::new());
        assert!(next(&mut input, &mut buffer).unwrap().is_err());
        assert_eq!(next(&mut input, &mut buffer), Some(Err(String::new())));
        assert!(next(&mut input, &mut buffer).unwrap().is_ok());
        assert_eq!(next(&mut input, &mut buffer), None);
    }
}
