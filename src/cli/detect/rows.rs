//! Reads lines of `timestamp,count`, whatever is in them.

use std::io::{BufRead, Read};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::model::Timestamp;

/// Bytes of a line; a timestamp and a number need fifty.
const LONGEST: u64 = 1024;

/// More mentions than people have said anything.
const LARGEST: f64 = 1e15;

/// One line that says a count.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// As they were written.
    pub time: String,
    pub count: String,
    /// When it begins: one instant, and a later one for a time that the clock shows twice.
    pub second: i64,
    pub again: Option<i64>,
    pub value: f64,
}

/// What is wrong with a line, and the way out.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unread {
    #[error("cannot read: {0}")]
    Io(#[from] std::io::Error),
    #[error("the line has more than {LONGEST} bytes; write `timestamp,count`")]
    TooLong,
    #[error("the line is no UTF-8; write `timestamp,count`")]
    NotText,
    #[error("{0} columns; write two, `timestamp,count`")]
    Columns(usize),
    #[error(
        "`{0}` is no time; write 2026-03-01T08:00:00Z, 2026-03-01 08:00:00 or seconds since 1970"
    )]
    Time(String),
    #[error("`{0}` is no count; write a number from 0 to {LARGEST:e}")]
    Count(String),
}

/// The lines of a table, one at a time: nothing is read ahead, so that a pipe may wait.
pub(super) struct Rows<R> {
    input: R,
    zone: TimeZone,
    /// Lines read so far.
    pub line: u64,
    begun: bool,
}

impl<R: BufRead> Rows<R> {
    /// `zone` is whose clock times without an offset are on.
    pub(super) fn new(input: R, zone: TimeZone) -> Rows<R> {
        Rows { input, zone, line: 0, begun: false }
    }

    /// The next row; nothing at the end. Empty lines and a heading are passed over.
    pub(super) fn next(&mut self) -> Result<Option<Row>, Unread> {
        loop {
            let Some(line) = self.line()? else { return Ok(None) };
            let text = line.trim_start_matches('\u{feff}').trim();
            if text.is_empty() {
                continue;
            }
            let heading = !std::mem::replace(&mut self.begun, true) && is_heading(text);
            if !heading {
                return self.row(text).map(Some);
            }
        }
    }

    fn line(&mut self) -> Result<Option<String>, Unread> {
        let mut bytes = Vec::new();
        self.input.by_ref().take(LONGEST + 1).read_until(b'\n', &mut bytes)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        self.line += 1;
        if bytes.len() as u64 > LONGEST {
            return Err(Unread::TooLong);
        }
        String::from_utf8(bytes).map(Some).map_err(|_| Unread::NotText)
    }

    fn row(&self, text: &str) -> Result<Row, Unread> {
        let cells: Vec<&str> = cells(text).collect();
        let [time, count] = cells[..] else { return Err(Unread::Columns(cells.len())) };
        let (second, again) = self.second(time).ok_or_else(|| Unread::Time(time.to_owned()))?;
        let value = count.parse().ok().filter(|count| (0.0..=LARGEST).contains(count));
        let value = value.ok_or_else(|| Unread::Count(count.to_owned()))?;
        Ok(Row { time: time.to_owned(), count: count.to_owned(), second, again, value })
    }

    /// Seconds since 1970 that a time can mean: two in the hour that winter time repeats.
    fn second(&self, text: &str) -> Option<(i64, Option<i64>)> {
        if let Ok(number) = text.parse::<f64>() {
            // Beyond is no time that a calendar has.
            let whole = number.is_finite() && number.abs() < 1e11;
            #[expect(clippy::cast_possible_truncation, reason = "seconds within the calendar")]
            return whole.then(|| (number.floor() as i64, None));
        }
        if let Ok(instant) = text.parse::<Timestamp>() {
            return Some((instant.as_second(), None));
        }
        let local = self.zone.to_ambiguous_timestamp(text.parse::<DateTime>().ok()?);
        let again = local.is_ambiguous().then(|| local.later().ok()).flatten();
        let first = local.compatible().ok()?.as_second();
        Some((first, again.map(Timestamp::as_second).filter(|again| *again > first)))
    }
}

/// The cells of a line, without the quotes around them.
fn cells(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ';', '\t']).map(|cell| cell.trim().trim_matches('"').trim())
}

/// A first line without a single digit names the columns.
fn is_heading(text: &str) -> bool {
    !text.contains(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8], zone: &str) -> Vec<Result<Row, String>> {
        let mut rows = Rows::new(text, TimeZone::get(zone).unwrap());
        let mut read = Vec::new();
        loop {
            match rows.next() {
                Ok(Some(row)) => read.push(Ok(row)),
                Ok(None) => return read,
                Err(wrong) => {
                    read.push(Err(format!("{}: {wrong}", rows.line)));
                    return read;
                }
            }
        }
    }

    #[track_caller]
    fn check(time: &str, expected: &str) {
        let rows = read(format!("{time},1").as_bytes(), "Europe/Paris");
        let expected = expected.parse::<Timestamp>().unwrap().as_second();
        assert_eq!(rows[0].as_ref().unwrap().second, expected, "{time}");
    }

    #[test]
    fn a_time_is_an_instant_a_local_time_or_seconds() {
        check("2026-03-01T08:00:00Z", "2026-03-01T08:00:00Z");
        check("2026-03-01T08:00:00+02:00", "2026-03-01T06:00:00Z");
        check("2026-03-01 08:00:00", "2026-03-01T07:00:00Z");
        check("2026-03-01", "2026-02-28T23:00:00Z");
        check("\"2026-03-01 08:00:00.75\"", "2026-03-01T07:00:00Z");
        check("1772352000", "2026-03-01T08:00:00Z");
        check("1772352000.9", "2026-03-01T08:00:00Z");
    }

    #[test]
    fn an_hour_that_the_clock_shows_twice_is_two_instants() {
        let rows = read(b"2026-10-25 02:30:00,1\n", "Europe/Paris");
        let row = rows[0].as_ref().unwrap();
        assert_eq!(row.again, Some(row.second + 3600));
    }

    #[test]
    fn a_heading_empty_lines_and_windows_line_ends_are_passed_over() {
        let rows = read("\u{feff}timestamp;count\r\n\r\n60;1\r\n120;2.5".as_bytes(), "UTC");
        let values: Vec<f64> = rows.into_iter().map(|row| row.unwrap().value).collect();
        assert_eq!(values, [1.0, 2.5]);
    }

    #[test]
    fn what_is_no_row_is_told_with_its_line() {
        for (text, told) in [
            ("time,count\n60,1\n120\n", "3: 1 columns"),
            ("60,1,2\n", "1: 3 columns"),
            ("60,many\n", "1: `many` is no count"),
            ("60,-1\n", "1: `-1` is no count"),
            ("60,NaN\n", "1: `NaN` is no count"),
            ("60,inf\n", "1: `inf` is no count"),
            ("60,1e16\n", "1: `1e16` is no count"),
            ("60,\n", "1: `` is no count"),
            ("yesterday 5,1\n", "1: `yesterday 5` is no time"),
            ("NaN1,1\n", "1: `NaN1` is no time"),
            ("1e300,1\n", "1: `1e300` is no time"),
            ("2026-13-01 00:00:00,1\n", "1: `2026-13-01 00:00:00` is no time"),
        ] {
            let read = read(text.as_bytes(), "UTC");
            let wrong = read.last().unwrap().as_ref().unwrap_err();
            assert!(wrong.starts_with(told), "{text:?}: {wrong}");
        }
        let long = read(&[b'1'; 5000], "UTC");
        assert!(long[0].as_ref().unwrap_err().contains("more than 1024 bytes"));
        assert!(read(&[b'6', 0xff, b'\n'], "UTC")[0].as_ref().unwrap_err().contains("no UTF-8"));
    }

    #[test]
    fn a_count_may_be_a_million_millions() {
        let rows = read(b"60,1000000000000\n", "UTC");
        assert_eq!(rows[0].as_ref().unwrap().value.to_bits(), 1e12_f64.to_bits());
    }
}
