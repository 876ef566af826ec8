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

/// Days since Monday.
fn weekday(at: Timestamp, zone: &TimeZone) -> usize {
    usize::from(at.to_zoned(zone.clone()).weekday().to_monday_zero_offset().unsigned_abs())
}

impl Notation for French {
    fn quoted(&self, text: &str) -> String {
        format!("«\u{a0}{text}\u{a0}»")
    }

    fn listed(&self, names: &[&str], more: usize) -> String {
        let others = if more == 1 { "autre" } else { "autres" };
        let others = (more > 0).then(|| format!("{more}\u{a0}{others}"));
        listed(names, "et", others.as_deref())
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
        let day = DAYS.get(weekday(at, zone)).copied().unwrap_or("");
        let clock = at.to_zoned(zone.clone());
        format!(
            "{day}\u{a0}{}, {}\u{a0}h\u{a0}{:02}",
            self.date(at, zone),
            clock.hour(),
            clock.minute()
        )
    }

    fn date(&self, at: Timestamp, zone: &TimeZone) -> String {
        let at = at.to_zoned(zone.clone());
        let month = MONTHS.get(usize::from(at.month().unsigned_abs()) - 1).copied().unwrap_or("");
        format!("{}\u{a0}{month}\u{a0}{}", at.day(), at.year())
    }

    fn day(&self, at: Timestamp, zone: &TimeZone) -> String {
        let day = DAYS.get(weekday(at, zone)).copied().unwrap_or("");
        format!("{day}\u{a0}{}", at.to_zoned(zone.clone()).day())
    }
}
