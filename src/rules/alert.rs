//! When a topic calls for an alert: so many mentions by so many authors within so many hours.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use toml::Spanned;
use toml::de::DeValue;

use super::read::File;

/// A known risk's count. It is held against what a watch is used to all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TopicAlert {
    /// Mentions, 1 to 50.
    pub count: u32,
    /// Distinct authors of them, 1 to `count`.
    pub authors: u32,
    /// 1 to 48.
    pub hours: u32,
}

/// The topics that call for one, by name.
pub type Alerts = BTreeMap<String, TopicAlert>;

/// Keys, and the most that each may say.
const KEYS: [(&str, u32); 3] = [("count", 50), ("authors", 50), ("hours", 48)];

/// Hours where the file names none.
const HOURS: u32 = 24;

const HELP: &str = "write `alert = { count = 3, authors = 2, hours = 24 }`, or `alert = false`";

impl fmt::Display for TopicAlert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count: u32| if count == 1 { "" } else { "s" };
        let TopicAlert { count, authors, hours } = *self;
        let (s, t, u) = (plural(count), plural(authors), plural(hours));
        write!(f, "{count} mention{s} by {authors} author{t} within {hours} hour{u}")
    }
}

impl File<'_> {
    /// The alert of a topic; `false` takes back the one of an earlier file.
    pub(super) fn alert(&mut self, value: &Spanned<DeValue<'_>>) -> Option<TopicAlert> {
        let DeValue::Table(table) = value.get_ref() else {
            if value.get_ref().as_bool() != Some(false) {
                self.error(value.span(), "`alert` is no table", HELP);
            }
            return None;
        };
        let mut said = [None; KEYS.len()];
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let known = KEYS.iter().zip(&mut said).find(|((known, _), _)| *known == name);
            match known {
                Some(((_, most), said)) => *said = Some(self.number(name, value, *most)?),
                None => {
                    let help = "known keys: count, authors, hours";
                    self.error(key.span(), format!("unknown key `{name}`"), help);
                }
            }
        }
        let [count, authors, hours] = said;
        let Some(count) = count else {
            self.error(value.span(), "an alert needs `count`", HELP);
            return None;
        };
        let authors = authors.unwrap_or(1);
        if authors > count {
            let title = format!("{count} mentions cannot have {authors} authors");
            self.error(value.span(), title, "raise `count` or lower `authors`");
        }
        Some(TopicAlert { count, authors, hours: hours.unwrap_or(HOURS) })
    }

    fn number(&mut self, name: &str, value: &Spanned<DeValue<'_>>, most: u32) -> Option<u32> {
        let written = value.get_ref().as_integer().and_then(|n| n.as_str().parse().ok());
        let number = written.filter(|number| (1..=most).contains(number));
        if number.is_none() {
            let help = format!("write a whole number from 1 to {most}");
            self.error(value.span(), format!("`{name}` is out of range"), &help);
        }
        number
    }
}
