//! Expectations written in Python: `Expect: not bozo and entries[0]['title'] == 'text'`.

use super::expected::{Entry, Field};
use vigie::model::Timestamp;

/// The one field that a comment's expectation is about, when it is a simple equality.
pub(super) fn expected(comment: &str) -> Option<Entry> {
    let line = comment.split_once("Expect:")?.1.lines().next()?.trim();
    let line = line.strip_prefix("not bozo and ").unwrap_or(line).trim();
    let (name, literal) = line.strip_prefix("entries[0]")?.split_once("==")?;
    let field = match name.trim() {
        "['title']" | "['title_detail']['value']" => Field::Title,
        "['link']" => Field::Link,
        "['id']" | "['guid']" => Field::Id,
        "['author']" | "['author_detail']['name']" => Field::Author,
        "['description']" | "['summary']" | "['content'][0]['value']" => Field::Text,
        "['published_parsed']" | "['updated_parsed']" => Field::Date,
        _ => return None,
    };
    let value = match field {
        Field::Date => tuple(literal.trim())?,
        _ => string(literal.trim())?,
    };
    Some(Entry::from([(field, value)]))
}

/// The header a comment says the feed was served with.
pub(super) fn content_type(comment: &str) -> Option<String> {
    let line = comment.lines().find(|line| {
        line.to_ascii_lowercase().trim_start().starts_with("header:")
            && line.to_ascii_lowercase().contains("content-type:")
    })?;
    Some(line.splitn(3, ':').nth(2)?.trim().to_owned())
}

/// `(2004, 1, 1, 19, 48, 21, 3, 1, 0)`.
fn tuple(literal: &str) -> Option<String> {
    let numbers: Vec<i16> = literal
        .strip_prefix('(')?
        .strip_suffix(')')?
        .split(',')
        .filter_map(|number| number.trim().parse().ok())
        .collect();
    let &[year, month, day, hour, minute, second, ..] = numbers.as_slice() else { return None };
    let written = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
    written.parse::<Timestamp>().ok().map(|at| at.as_second().to_string())
}

/// One string literal that is the whole rest of the line.
fn string(literal: &str) -> Option<String> {
    let literal = literal.strip_prefix('u').unwrap_or(literal);
    let quote = literal.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let mut rest = literal.get(1..)?.chars();
    let mut out = String::new();
    loop {
        match rest.next()? {
            c if c == quote => break,
            '\\' => out.push(escape(&mut rest)?),
            c => out.push(c),
        }
    }
    rest.as_str().trim().is_empty().then_some(out)
}

fn escape(rest: &mut std::str::Chars<'_>) -> Option<char> {
    let digits = match rest.next()? {
        'n' => return Some('\n'),
        't' => return Some('\t'),
        'r' => return Some('\r'),
        'x' => 2,
        'u' => 4,
        'U' => 8,
        other => return Some(other),
    };
    let digits: String = rest.by_ref().take(digits).collect();
    char::from_u32(u32::from_str_radix(&digits, 16).ok()?)
}
