//! Dates as feeds write them: RFC 3339, RFC 822, and what is between and beside them.

use jiff::civil::DateTime;
use jiff::tz::Offset;

use crate::model::Timestamp;

/// The instant a date means, or nothing when it cannot be told. Without a zone it is UTC, without
/// a time midnight; the name of the weekday is ignored, for it is often wrong.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    // Longer than any date, shorter than any attack.
    let text = text.trim();
    if text.is_empty() || text.len() > 80 {
        return None;
    }
    iso(text).or_else(|| words(text))
}

#[derive(Default)]
struct Parts {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    time: Option<(i8, i8, i8)>,
    offset: Option<i32>,
    /// The month came from a word that may be a weekday: `mar.` is mardi, and mars.
    month_is_doubtful: bool,
}

impl Parts {
    fn instant(&self) -> Option<Timestamp> {
        let (hour, minute, second) = self.time.unwrap_or_default();
        // 24:00 is the end of the day; a leap second is the last one.
        let next_day = hour == 24;
        let date = jiff::civil::Date::new(self.year?, self.month?, self.day.unwrap_or(1)).ok()?;
        let date = if next_day { date.tomorrow().ok()? } else { date };
        let hour = if next_day { 0 } else { hour };
        let at = DateTime::from_parts(
            date,
            jiff::civil::Time::new(hour, minute, second.min(59), 0).ok()?,
        );
        Offset::from_seconds(self.offset.unwrap_or(0)).ok()?.to_timestamp(at).ok()
    }
}

/// `2026-11-24T12:31:05.5+01:00` and everything that is shorter: no zone, no time, no day, no
/// separators, a blank in place of the T, a zone without colon.
fn iso(text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let (date, rest) = match text.find(['T', 't', ' ']) {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?),
        None => (text, ""),
    };
    if !date.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
        return None;
    }
    let mut parts = Parts::default();
    let fields: Vec<&str> = date.split('-').collect();
    match fields.as_slice() {
        [whole] => compact(whole, &mut parts)?,
        [year, month] if year.len() == 4 => {
            parts.year = year.parse().ok();
            parts.month = month.parse().ok();
        }
        [year, month, day] if year.len() == 4 => {
            parts.year = year.parse().ok();
            parts.month = month.parse().ok();
            parts.day = day.parse().ok();
        }
        _ => return None,
    }
    parts.month = parts.month.or(Some(1));
    let rest = rest.trim();
    if !rest.is_empty() {
        clock_and_zone(rest, &mut parts)?;
    }
    parts.instant()
}

/// `2003`, `20031231`, and seconds since 1970, which some feeds give.
fn compact(digits: &str, parts: &mut Parts) -> Option<()> {
    match digits.len() {
        4 => parts.year = digits.parse().ok(),
        8 => {
            parts.year = digits.get(..4)?.parse().ok();
            parts.month = digits.get(4..6)?.parse().ok();
            parts.day = digits.get(6..)?.parse().ok();
        }
        9..=10 | 12..=13 => {
            let number: i64 = digits.parse().ok()?;
            let seconds = if digits.len() > 10 { number / 1000 } else { number };
            let at = Offset::UTC.to_datetime(Timestamp::from_second(seconds).ok()?);
            parts.year = Some(at.year());
            parts.month = Some(at.month());
            parts.day = Some(at.day());
            parts.time = Some((at.hour(), at.minute(), at.second()));
        }
        _ => return None,
    }
    Some(())
}

/// `12:31:05.5+0100`, `12:31 GMT`, `12h31`.
fn clock_and_zone(text: &str, parts: &mut Parts) -> Option<()> {
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ',' | 'h')))
        .unwrap_or(text.len());
    let (clock, zone) = (text.get(..end)?, text.get(end..)?.trim());
    let mut fields = clock.trim_end_matches(['.', ',']).split([':', 'h', '.', ',']);
    let mut next = || match fields.next() {
        None | Some("") => Some(0),
        Some(digits) => digits.parse::<i8>().ok(),
    };
    parts.time = Some((next()?, next()?, next()?));
    if !zone.is_empty() {
        parts.offset = Some(offset(zone)?);
    }
    Some(())
}

/// `Tue, 24 Nov 2026 12:31:05 +0100`, `mar. 24 novembre 2026 12h31`, `Nov 24, 2026 1:05 PM`,
/// `24/11/2026 12:31`: words in any order that leave no doubt.
fn words(text: &str) -> Option<Timestamp> {
    let mut parts = Parts::default();
    let mut afternoon = None;
    let lower = text.to_lowercase();
    for word in lower.split([' ', '\t', '\n', '\u{a0}', ',']).filter(|word| !word.is_empty()) {
        if starts_with_digit(word) && (word.contains(':') || is_french_clock(word)) {
            let bare = word.trim_end_matches(['a', 'p', 'm']);
            if bare.len() < word.len() {
                afternoon = Some(word.contains('p'));
            }
            clock_and_zone(bare, &mut parts)?;
        } else if word == "am" || word == "pm" {
            afternoon = Some(word == "pm");
        } else if word.starts_with(['+', '-']) && parts.time.is_some() {
            parts.offset = Some(offset(word)?);
        } else if word.contains(['/', '-', '.']) && starts_with_digit(word) {
            numeric_date(word, &mut parts)?;
        } else if starts_with_digit(word) {
            number(word, &mut parts)?;
        } else {
            name(word, &mut parts);
        }
    }
    if let (Some(pm), Some((hour, _, _))) = (afternoon, parts.time.as_mut()) {
        *hour = *hour % 12 + if pm { 12 } else { 0 };
    }
    parts.day?;
    parts.instant()
}

fn starts_with_digit(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

fn is_french_clock(word: &str) -> bool {
    word.split_once('h').is_some_and(|(hour, minute)| {
        hour.len() <= 2 && minute.len() <= 2 && minute.bytes().all(|b| b.is_ascii_digit())
    })
}

/// A day, a year, or a day with its ordinal ending (`1er`, `2nd`).
fn number(word: &str, parts: &mut Parts) -> Option<()> {
    let digits = word.trim_end_matches(|c: char| !c.is_ascii_digit());
    let value: i16 = digits.parse().ok()?;
    if digits.len() == 4 {
        parts.year = Some(value);
    } else if parts.day.is_none() && digits.len() <= 2 {
        parts.day = i8::try_from(value).ok();
    } else if parts.year.is_none() && digits.len() == 2 {
        parts.year = Some(two_digit_year(value));
    } else {
        return None;
    }
    Some(())
}

fn two_digit_year(value: i16) -> i16 {
    if value < 70 { 2000 + value } else { 1900 + value }
}

/// `24/11/2026` (day first, unless that makes no month), `2026/11/24`, `24-nov-2026`.
fn numeric_date(word: &str, parts: &mut Parts) -> Option<()> {
    let fields: Vec<&str> = word.split(['/', '-', '.']).filter(|field| !field.is_empty()).collect();
    let &[first, second, third] = fields.as_slice() else {
        return None;
    };
    if !starts_with_digit(second) {
        parts.day = first.parse().ok();
        name(second, parts);
        let year: i16 = third.parse().ok()?;
        parts.year = Some(if third.len() == 2 { two_digit_year(year) } else { year });
        return Some(());
    }
    let year_is_first = first.len() == 4;
    let (first, third) = if year_is_first { (third, first) } else { (first, third) };
    let year: i16 = third.parse().ok()?;
    parts.year = Some(if third.len() == 2 { two_digit_year(year) } else { year });
    let (a, b): (i8, i8) = (first.parse().ok()?, second.parse().ok()?);
    let (day, month) = if b > 12 && a <= 12 { (b, a) } else { (a, b) };
    parts.day = Some(day);
    parts.month = Some(month);
    Some(())
}

/// A month or a zone; anything else (a weekday, `à`, `at`) says nothing.
fn name(word: &str, parts: &mut Parts) {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '+' && c != '-');
    if let Some(month) = month(bare) {
        if parts.month.is_none() || parts.month_is_doubtful {
            parts.month = Some(month);
            parts.month_is_doubtful = bare == "mar";
        }
    } else if parts.time.is_some() && parts.offset.is_none() {
        parts.offset = offset(bare);
    }
}

/// Months in English, French, German, Spanish, Italian, Portuguese and Dutch, by the letters
/// that tell them apart.
fn month(word: &str) -> Option<i8> {
    const STARTS: [(&str, i8); 44] = [
        ("jan", 1),
        ("ene", 1),
        ("gen", 1),
        ("jän", 1),
        ("feb", 2),
        ("fév", 2),
        ("fev", 2),
        ("mar", 3),
        ("mär", 3),
        ("mrz", 3),
        ("maa", 3),
        ("mrt", 3),
        ("apr", 4),
        ("avr", 4),
        ("abr", 4),
        ("may", 5),
        ("mai", 5),
        ("mag", 5),
        ("mei", 5),
        ("juin", 6),
        ("jun", 6),
        ("giu", 6),
        ("juil", 7),
        ("jul", 7),
        ("lug", 7),
        ("jui", 7),
        ("aug", 8),
        ("aoû", 8),
        ("aou", 8),
        ("ago", 8),
        ("sep", 9),
        ("set", 9),
        ("oct", 10),
        ("okt", 10),
        ("ott", 10),
        ("out", 10),
        ("nov", 11),
        ("dec", 12),
        ("déc", 12),
        ("dez", 12),
        ("dic", 12),
        ("des", 12),
        ("mayo", 5),
        ("maio", 5),
    ];
    // French weekdays that begin like no month need no care; `mardi` and `martes` do.
    if matches!(word, "mardi" | "martes" | "martedi" | "martedì" | "mer" | "mercredi") {
        return None;
    }
    STARTS.iter().find(|(start, _)| word.starts_with(start)).map(|(_, month)| *month)
}

/// Seconds east of Greenwich.
fn offset(zone: &str) -> Option<i32> {
    let zone = zone.trim_matches(['(', ')']);
    let lower = zone.to_ascii_lowercase();
    let hours = match lower.as_str() {
        "z" | "ut" | "utc" | "gmt" | "wet" | "-0000" => 0.0,
        "west" | "bst" | "cet" | "met" | "hnec" => 1.0,
        "cest" | "mest" | "eet" | "heec" => 2.0,
        "eest" | "msk" => 3.0,
        "ist" => 5.5,
        "jst" | "kst" => 9.0,
        "aest" => 10.0,
        "aedt" => 11.0,
        "ast" | "edt" => -4.0,
        "adt" | "brt" => -3.0,
        "est" | "cdt" => -5.0,
        "cst" | "mdt" => -6.0,
        "mst" | "pdt" => -7.0,
        "pst" => -8.0,
        _ => return signed_offset(lower.trim_start_matches("gmt").trim_start_matches("utc")),
    };
    #[expect(clippy::cast_possible_truncation, reason = "half hours between -12 and 14")]
    Some((hours * 3600.0) as i32)
}

/// `+0100`, `+01:00`, `-5`.
fn signed_offset(zone: &str) -> Option<i32> {
    let sign = match zone.chars().next()? {
        '+' => 1,
        '-' | '−' => -1,
        _ => return None,
    };
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes): (i32, i32) = match digits.len() {
        1 | 2 => (digits.parse().ok()?, 0),
        3 => (digits.get(..1)?.parse().ok()?, digits.get(1..)?.parse().ok()?),
        4 => (digits.get(..2)?.parse().ok()?, digits.get(2..)?.parse().ok()?),
        _ => return None,
    };
    (hours <= 15 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: &str, expected: &str) {
        let read = parse(written).map(|at| at.to_string()).unwrap_or_default();
        assert_eq!(read, expected, "{written:?}");
    }

    #[test]
    fn standard_dates_are_read() {
        check("2026-11-24T12:31:05Z", "2026-11-24T12:31:05Z");
        check("2026-11-24T12:31:05.25+01:00", "2026-11-24T11:31:05.25Z");
        check("Tue, 24 Nov 2026 12:31:05 +0100", "2026-11-24T11:31:05Z");
        check("Tue, 24 Nov 2026 12:31:05 GMT", "2026-11-24T12:31:05Z");
    }

    #[test]
    fn shortened_and_sloppy_dates_are_read() {
        check("2003", "2003-01-01T00:00:00Z");
        check("2003-12", "2003-12-01T00:00:00Z");
        check("20031231", "2003-12-31T00:00:00Z");
        check("2003-12-31T10:14", "2003-12-31T10:14:00Z");
        check("2003-12-31 10:14:55-0500", "2003-12-31T15:14:55Z");
        check("24 Nov 26 12:31 EST", "2026-11-24T17:31:00Z");
        check("Thu, 1 Jan 2004 24:00:00 GMT", "2004-01-02T00:00:00Z");
        check("Thursday, January 01, 2004 7:30:00 PM", "2004-01-01T19:30:00Z");
        check("Thu Jan  1 19:48:21 2004", "2004-01-01T19:48:21Z");
        check("24/11/2026 12:31", "2026-11-24T12:31:00Z");
        check("11/24/2026", "2026-11-24T00:00:00Z");
        check("1795523465", "2026-11-24T12:31:05Z");
        check("Wed, 31 Dec 2003 10:14:60 GMT+1", "2003-12-31T09:14:59Z");
    }

    #[test]
    fn french_dates_are_read_although_mar_is_a_day_and_a_month() {
        check("mar. 24 novembre 2026 12h31", "2026-11-24T12:31:00Z");
        check("mar., 12 mars 2024 à 08:05 CET", "2024-03-12T07:05:00Z");
        check("mardi 12 mars 2024 08h", "2024-03-12T08:00:00Z");
        check("1er août 2025", "2025-08-01T00:00:00Z");
        check("jeu., 4 févr. 2027 06:00:00 +0100", "2027-02-04T05:00:00Z");
        check("mer, 15 juil. 2026 10:00:00 +0200", "2026-07-15T08:00:00Z");
        check("sam. 6 juin 2026", "2026-06-06T00:00:00Z");
        check("12 Mar 2024 08:05:00 GMT", "2024-03-12T08:05:00Z");
        check("mar 12 Mar 2024", "2024-03-12T00:00:00Z");
    }

    #[test]
    fn what_is_no_date_is_none() {
        for wrong in
            ["", "hier", "0000-00-00", "31 Feb 2026", "9999999-01-01", "12:30", "13/13/2026"]
        {
            check(wrong, "");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}", dateish in "[0-9:/+ ,.TZa-jé-]{0,40}") {
            let _read = (parse(&text), parse(&dateish));
        }
    }
}
