//! Reads a TOML table key by key and remembers everything that is wrong with it.

use std::ops::{Range, RangeInclusive};
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Diagnostic, Severity};
use crate::text::nearest::nearest;

/// Where something was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Index of the file.
    pub file: usize,
    pub span: Range<usize>,
}

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    pub value: T,
    pub place: Place,
}

/// A problem in one of the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub file: usize,
    pub diagnostic: Diagnostic,
}

/// All problems so far. Nothing stops at the first one.
#[derive(Debug, Default)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|problem| problem.diagnostic.severity == Severity::Error)
    }

    pub fn push(&mut self, file: usize, diagnostic: Diagnostic) {
        self.0.push(Problem { file, diagnostic });
    }

    pub fn error(&mut self, place: &Place, title: impl Into<String>, label: &str, help: &str) {
        let diagnostic = Diagnostic::error(place.span.clone(), title).label(label).help(help);
        self.push(place.file, diagnostic);
    }

    pub fn warning(&mut self, place: &Place, title: impl Into<String>, label: &str, help: &str) {
        let diagnostic = Diagnostic::warning(place.span.clone(), title).label(label).help(help);
        self.push(place.file, diagnostic);
    }
}

/// A table being read. Every key that was asked for is known; [`TableReader::finish`] reports the
/// rest, so the list of known keys stands nowhere else.
pub struct TableReader<'a, 'p> {
    entries: DeTable<'a>,
    /// The table's header, or the whole of an inline table.
    pub place: Place,
    asked: Vec<&'static str>,
    problems: &'p mut Problems,
}

impl<'a, 'p> TableReader<'a, 'p> {
    /// Takes a value that ought to be a table; when it is none, that is the problem.
    pub fn new(
        value: Spanned<DeValue<'a>>,
        file: usize,
        problems: &'p mut Problems,
    ) -> Option<TableReader<'a, 'p>> {
        let place = Place { file, span: value.span() };
        match value.into_inner() {
            DeValue::Table(entries) => {
                Some(TableReader { entries, place, asked: Vec::new(), problems })
            }
            other => {
                let title = format!("expected a table, found {}", other.type_str());
                problems.error(&place, title, "not a table", "write it as `[name]` or `[[name]]`");
                None
            }
        }
    }

    pub fn problems(&mut self) -> &mut Problems {
        self.problems
    }

    /// A value as it stands.
    pub fn take(&mut self, key: &'static str) -> Option<Spanned<DeValue<'a>>> {
        self.asked.push(key);
        self.entries.remove(key)
    }

    /// Every key but the ones already taken, for a part of the program that knows them.
    pub fn rest(&mut self) -> DeTable<'a> {
        std::mem::take(&mut self.entries)
    }

    pub fn text(&mut self, key: &'static str) -> Option<At<String>> {
        let value = self.take(key)?;
        let place = Place { file: self.place.file, span: value.span() };
        self.as_text(key, value, place)
    }

    pub fn required_text(&mut self, key: &'static str) -> Option<At<String>> {
        if !self.entries.contains_key(key) {
            self.asked.push(key);
            self.missing(key, "\"…\"");
            return None;
        }
        self.text(key)
    }

    /// Whether a key was written and not taken yet.
    pub fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Says that a key has to be there, and how it is written.
    pub fn missing(&mut self, key: &str, written: &str) {
        let place = self.place.clone();
        self.problems.error(
            &place,
            format!("missing key `{key}`"),
            "in this table",
            &format!("add `{key} = {written}`"),
        );
    }

    pub fn flag(&mut self, key: &'static str) -> Option<At<bool>> {
        let value = self.take(key)?;
        let place = Place { file: self.place.file, span: value.span() };
        match value.get_ref().as_bool() {
            Some(value) => Some(At { value, place }),
            None => self.wrong_type(key, &place, "true or false"),
        }
    }

    /// A list of texts; absent is empty.
    pub fn texts(&mut self, key: &'static str) -> Vec<At<String>> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let place = Place { file: self.place.file, span: value.span() };
        let DeValue::Array(list) = value.into_inner() else {
            self.wrong_type::<()>(key, &place, "a list of texts");
            return Vec::new();
        };
        list.into_iter()
            .filter_map(|item| {
                let place = Place { file: self.place.file, span: item.span() };
                self.as_text(key, item, place)
            })
            .collect()
    }

    /// A length of time: `90s`, `15m`, `2h`, `1d`.
    pub fn duration(&mut self, key: &'static str) -> Option<At<Duration>> {
        let text = self.text(key)?;
        if let Some(value) = duration(&text.value) {
            return Some(At { value, place: text.place });
        }
        self.problems.error(
            &text.place,
            format!("`{}` is no length of time", text.value),
            "not a duration",
            "write a number and a unit: \"90s\", \"15m\", \"2h\", \"1d\"",
        );
        None
    }

    /// A number within limits, with or without a point.
    pub fn number(&mut self, key: &'static str, within: RangeInclusive<f64>) -> Option<At<f64>> {
        let value = self.take(key)?;
        let place = Place { file: self.place.file, span: value.span() };
        let number = match value.get_ref() {
            DeValue::Integer(whole) => whole.as_str().parse().ok(),
            DeValue::Float(number) => number.as_str().parse().ok(),
            _ => None,
        };
        match number.filter(|number| within.contains(number)) {
            Some(value) => Some(At { value, place }),
            None => {
                let wanted = format!("a number from {} to {}", within.start(), within.end());
                self.wrong(key, &place, "not one", &wanted)
            }
        }
    }

    /// A whole number within limits.
    pub fn whole(&mut self, key: &'static str, within: RangeInclusive<usize>) -> Option<At<usize>> {
        let value = self.take(key)?;
        let place = Place { file: self.place.file, span: value.span() };
        let whole = value.get_ref().as_integer();
        let whole = whole.and_then(|n| usize::from_str_radix(n.as_str(), n.radix()).ok());
        match whole.filter(|whole| within.contains(whole)) {
            Some(value) => Some(At { value, place }),
            None => {
                let wanted = format!("a whole number from {} to {}", within.start(), within.end());
                self.wrong(key, &place, "not one", &wanted)
            }
        }
    }

    fn as_text(
        &mut self,
        key: &str,
        value: Spanned<DeValue<'a>>,
        place: Place,
    ) -> Option<At<String>> {
        match value.into_inner() {
            DeValue::String(text) => Some(At { value: text.into_owned(), place }),
            _ => self.wrong_type(key, &place, "a text in quotes"),
        }
    }

    fn wrong_type<T>(&mut self, key: &str, place: &Place, wanted: &str) -> Option<T> {
        self.wrong(key, place, "wrong type", wanted)
    }

    fn wrong<T>(&mut self, key: &str, place: &Place, label: &str, wanted: &str) -> Option<T> {
        let title = format!("`{key}` has to be {wanted}");
        self.problems.error(place, title, label, &format!("write {wanted}"));
        None
    }

    /// Reports every key that nobody asked for.
    pub fn finish(self) {
        for key in self.entries.keys() {
            let known = self.asked.join(", ");
            let help = match nearest(key.get_ref(), &self.asked) {
                Some(near) => format!("did you mean `{near}`? known here: {known}"),
                None => format!("known here: {known}"),
            };
            let diagnostic =
                Diagnostic::error(key.span(), format!("unknown key `{}`", key.get_ref()))
                    .label("no such key")
                    .help(help);
            self.problems.push(self.place.file, diagnostic);
        }
    }
}

/// Reads `90s`, `15m`, `2h`, `1d`.
pub fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let amount: u64 = digits.parse().ok()?;
    let seconds = match text.get(digits.len()..)?.trim() {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        "d" | "j" => 86_400,
        _ => return None,
    };
    amount.checked_mul(seconds).filter(|s| *s <= 366 * 86_400).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        assert_eq!(duration("90s"), Some(Duration::from_secs(90)));
        assert_eq!(duration(" 2 h "), Some(Duration::from_secs(7200)));
        for bad in ["", "5", "m", "-5m", "1y", "99999999999d", "5.5m"] {
            assert_eq!(duration(bad), None, "{bad}");
        }
    }
}
