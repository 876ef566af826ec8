//! How English writes numbers, times and quotations.

use jiff::tz::TimeZone;

use super::super::{Notation, digits, listed};
use super::English;
use crate::model::Timestamp;

impl Notation for English {
    fn quoted(&self, text: &str) -> String {
        format!("“{text}”")
    }

    fn listed(&self, names: &[&str], more: usize) -> String {
        let others = (more > 0).then(|| format!("{more}\u{a0}more"));
        listed(names, "and", others.as_deref())
    }

    fn percent(&self, share: f64) -> String {
        format!("{:.0}%", share.clamp(0.0, 1.0) * 100.0)
    }

    fn number(&self, value: f64) -> String {
        digits(value, ".", ",")
    }

    fn range(&self, low: f64, high: f64) -> String {
        format!("{} to {}", self.number(low), self.number(high))
    }

    fn moment(&self, at: Timestamp, zone: &TimeZone) -> String {
        at.to_zoned(zone.clone()).strftime("%a\u{a0}%-d\u{a0}%b\u{a0}%Y, %H:%M").to_string()
    }

    fn date(&self, at: Timestamp, zone: &TimeZone) -> String {
        at.to_zoned(zone.clone()).strftime("%-d\u{a0}%b\u{a0}%Y").to_string()
    }

    fn day(&self, at: Timestamp, zone: &TimeZone) -> String {
        at.to_zoned(zone.clone()).strftime("%a\u{a0}%-d").to_string()
    }
}
