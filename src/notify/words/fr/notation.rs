//! How French writes numbers, times and quotations.

use jiff::tz::TimeZone;

use super::super::{Notation, digits, listed};
use super::French;
use crate::model::Timestamp;

const DAYS: [&str; 7] = ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."];
const MONTHS: [&str; 12] = [
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.",
    "déc.",
];

impl Notation for French {
    fn quoted(&self, text: &str) -> String {
        format!("«\u{a0}{text}\u{a0}»")
    }

    fn listed(&self, names: &[&str], more: usize) -> String {
        let others = if more == 1 { "autre" } else { "autres" };
        listed(names, "et", (more > 0).then(|| format!("{more}\u{a0}{others}")))
    }

    fn percent(&self, share: f64) -> String {
        format!("{:.0}\u{a0}%", share.clamp(0.0, 1.0) * 100.0)
    }

    fn number(&self, value: f64) -> String {
        digits(value, ",", "\u{a0}")
    }

    fn range(&self, low: f64, high: f64) -> String {
        format!("{} à {}", self.number(low), self.number(high))
    }

    fn moment(&self, at: Timestamp, zone: &TimeZone) -> String {
        let at = at.to_zoned(zone.clone());
        let month = MONTHS.get(usize::from(at.month().unsigned_abs()) - 1).copied().unwrap_or("");
        format!(
            "{}\u{a0}{month}\u{a0}{}, {}\u{a0}h\u{a0}{:02}",
            self.day(at.timestamp(), zone),
            at.year(),
            at.hour(),
            at.minute()
        )
    }

    fn day(&self, at: Timestamp, zone: &TimeZone) -> String {
        let at = at.to_zoned(zone.clone());
        let day = usize::from(at.weekday().to_monday_zero_offset().unsigned_abs());
        format!("{}\u{a0}{}", DAYS.get(day).copied().unwrap_or(""), at.day())
    }
}
