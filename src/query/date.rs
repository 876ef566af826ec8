//! Dates as they are written in a query: instants, days, months, years, and so long ago.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// A moment that a query names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    At(Timestamp),
    /// Seconds before the moment of asking.
    Ago(i64),
}

impl Edge {
    pub fn resolve(self, now: Timestamp) -> Timestamp {
        match self {
            Edge::At(at) => at,
            Edge::Ago(seconds) => {
                now.saturating_sub(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MIN)
            }
        }
    }
}

/// What to write instead of what is no date.
pub(super) const FORMS: &str =
    "write a day, a month or a year (2026-11-24, 2026-11), an instant, or 7d for seven days ago";

/// The beginning of what is written: of `2026-11` the first instant of November.
pub fn edge(text: &str, zone: &TimeZone) -> Option<Edge> {
    stretch(text, zone).map(|(from, _)| from)
}

/// First instant and end of what is written; the end of `7d` is open, and an instant by itself is
/// no period. Two of them may be joined by `..`.
pub(super) fn period(text: &str, zone: &TimeZone) -> Option<(Edge, Option<Edge>)> {
    match text.split_once("..") {
        Some((from, until)) => Some((stretch(from, zone)?.0, Some(stretch(until, zone)?.1))),
        None => match stretch(text, zone)? {
            (Edge::Ago(seconds), _) => Some((Edge::Ago(seconds), None)),
            (from, until) => Some((from, Some(until))).filter(|_| from != until),
        },
    }
}

fn stretch(text: &str, zone: &TimeZone) -> Option<(Edge, Edge)> {
    if let Some(seconds) = ago(text) {
        return Some((Edge::Ago(seconds), Edge::Ago(seconds)));
    }
    if let Some((first, next)) = days(text) {
        return Some((Edge::At(midnight(first, zone)?), Edge::At(midnight(next, zone)?)));
    }
    let at = text.parse().ok()?;
    Some((Edge::At(at), Edge::At(at)))
}

/// The first day of a day, month or year, and the first one after it.
fn days(text: &str) -> Option<(Date, Date)> {
    let digits = |part: &str, length: usize| {
        let good = part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
        good.then(|| part.parse::<i16>().ok()).flatten()
    };
    let mut parts = text.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map(|part| digits(part, 2));
    let day = parts.next().map(|part| digits(part, 2));
    let (month, day, length) = match (month, day, parts.next()) {
        (None, None, None) => (1, 1, 1.year()),
        (Some(month), None, None) => (month?, 1, 1.month()),
        (Some(month), Some(day), None) => (month?, day?, 1.day()),
        _ => return None,
    };
    let first = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    Some((first, first.checked_add(length).ok()?))
}

fn midnight(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    day.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
}

/// `90s`, `30m`, `2h`, `7d`, `7j`, `2w`: seconds; at most ten years.
fn ago(text: &str) -> Option<i64> {
    let unit = text.chars().next_back()?;
    let number: i64 = text.strip_suffix(unit)?.trim_end().parse().ok()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' | 'j' => 86_400,
        'w' => 7 * 86_400,
        _ => return None,
    };
    number.checked_mul(seconds).filter(|seconds| (0..=3_653 * 86_400).contains(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, &str)>) {
        let zone = TimeZone::get("Europe/Paris").unwrap();
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let shown = |edge: Edge| edge.resolve(now).to_string();
        let found = period(text, &zone);
        let found =
            found.map(|(from, until)| (shown(from), until.map_or("open".to_owned(), shown)));
        let expected = expected.map(|(from, until)| (from.to_owned(), until.to_owned()));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_date_is_as_long_as_it_is_vague_and_follows_the_zones_clock() {
        check("2026-11-24", Some(("2026-11-23T23:00:00Z", "2026-11-24T23:00:00Z")));
        check("2026-10", Some(("2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z")));
        check("2026", Some(("2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z")));
        check("2026-11-01..2026-11-02", Some(("2026-10-31T23:00:00Z", "2026-11-02T23:00:00Z")));
        check("7d", Some(("2026-11-17T12:00:00Z", "open")));
        check("14d..7d", Some(("2026-11-10T12:00:00Z", "2026-11-17T12:00:00Z")));
        check(
            "2026-11-24T03:12:00Z..2026-11-24T04:00:00Z",
            Some(("2026-11-24T03:12:00Z", "2026-11-24T04:00:00Z")),
        );
        for wrong in [
            "2026-11-24T03:12:00Z",
            "",
            "hier",
            "2026-13",
            "2026-2-3",
            "2026-02-30",
            "-7d",
            "99999999d",
            "é",
            "7é",
        ] {
            check(wrong, None);
        }
    }
}
