//! How often a feed wants to be read: what it says itself, what its server says, what it does.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::dates;
use super::document::Document;
use crate::model::{Item, Timestamp};
use crate::source::{HttpReply, Pace};

/// Publications whose gaps are looked at: one more than the gaps.
const LAST_PUBLICATIONS: usize = 21;

/// The pace of the document itself, remembered because a 304 does not repeat it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct OwnPace {
    ttl: Option<Duration>,
    hint: Option<Duration>,
    gap: Option<Duration>,
    skip_hours: u32,
    skip_days: u8,
}

impl OwnPace {
    pub(super) fn of(document: &Document, items: &[Item]) -> OwnPace {
        let schedule = &document.schedule;
        OwnPace {
            ttl: schedule.ttl_minutes.map(|minutes| Duration::from_secs(minutes * 60)),
            hint: schedule.update_hint(),
            gap: median_gap(items),
            skip_hours: schedule.skip_hours,
            skip_days: schedule.skip_days,
        }
    }
}

/// What the document says about when to read it (RSS 2.0 and the syndication module).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Schedule {
    pub(super) ttl_minutes: Option<u64>,
    /// `hourly`, `daily`, `weekly`, `monthly`, `yearly`.
    pub(super) update_period: Option<String>,
    pub(super) update_frequency: Option<u64>,
    /// Bit n is hour n, GMT.
    pub(super) skip_hours: u32,
    /// Bit 0 is Monday.
    pub(super) skip_days: u8,
}

impl Schedule {
    /// Takes the text of an element, its name in lower case; whatever makes no sense says nothing.
    pub(super) fn take(&mut self, name: &str, text: &str) {
        let text = text.trim();
        match name {
            // Above a week it is a mistake of units; a poll a day costs nobody anything.
            "ttl" => self.ttl_minutes = text.parse().ok().filter(|n| (1..=7 * 24 * 60).contains(n)),
            "updateperiod" => self.update_period = Some(text.to_ascii_lowercase()),
            "updatefrequency" => self.update_frequency = text.parse().ok().filter(|n| *n >= 1),
            // 24 is midnight in the oldest RSS, as 0 is in the newer.
            "hour" => {
                if let Some(hour) = text.parse::<u32>().ok().filter(|hour| *hour <= 24) {
                    self.skip_hours |= 1 << (hour % 24);
                }
            }
            "day" => {
                const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
                let start: String = text.chars().take(3).collect::<String>().to_ascii_lowercase();
                if let Some(day) = DAYS.iter().position(|known| *known == start) {
                    self.skip_days |= 1 << day;
                }
            }
            _ => {}
        }
    }

    /// Period ÷ frequency, by the module's own defaults (daily, once).
    fn update_hint(&self) -> Option<Duration> {
        if self.update_period.is_none() && self.update_frequency.is_none() {
            return None;
        }
        let hours: u64 = match self.update_period.as_deref() {
            Some("hourly") => 1,
            None | Some("daily") => 24,
            Some("weekly") => 7 * 24,
            Some("monthly") => 30 * 24,
            Some("yearly") => 365 * 24,
            Some(_) => return None,
        };
        Some(Duration::from_secs(hours * 3600 / self.update_frequency.unwrap_or(1)))
    }
}

/// The pace of the document under what the headers of this answer add.
pub(super) fn with_headers(
    own: &OwnPace,
    validators: bool,
    reply: &HttpReply,
    now: Timestamp,
) -> Pace {
    Pace {
        at_least: [own.ttl, max_age(reply), expires(reply, now)].into_iter().flatten().max(),
        hint: own.hint,
        validators,
        gap: own.gap,
        skip_hours: own.skip_hours,
        skip_days: own.skip_days,
        fresh: false,
    }
}

/// `Cache-Control: max-age` less the `Age` the answer already has in some cache.
fn max_age(reply: &HttpReply) -> Option<Duration> {
    let control = reply.header_text("cache-control")?.to_ascii_lowercase();
    let seconds: u64 = control
        .split(',')
        .find_map(|part| part.trim().strip_prefix("max-age="))?
        .trim_matches('"')
        .parse()
        .ok()?;
    let age = reply.header_text("age").and_then(|age| age.trim().parse().ok()).unwrap_or(0);
    Some(Duration::from_secs(seconds.saturating_sub(age))).filter(|left| !left.is_zero())
}

/// The time left to `Expires`, by the server's own clock when it tells it.
fn expires(reply: &HttpReply, now: Timestamp) -> Option<Duration> {
    // RFC 9111 §5.3: max-age makes Expires void.
    if reply.header_text("cache-control").is_some_and(|value| value.contains("max-age")) {
        return None;
    }
    let until = dates::parse(reply.header_text("expires")?)?;
    let from = reply.header_text("date").and_then(dates::parse).unwrap_or(now);
    Duration::try_from(until.duration_since(from)).ok().filter(|left| !left.is_zero())
}

/// The median gap between the last publications; nothing with fewer than three of them.
fn median_gap(items: &[Item]) -> Option<Duration> {
    let mut published: Vec<i64> =
        items.iter().filter_map(|item| Some(item.published?.as_second())).collect();
    published.sort_unstable_by(|a, b| b.cmp(a));
    published.truncate(LAST_PUBLICATIONS);
    let mut gaps: Vec<i64> = published
        .iter()
        .zip(published.iter().skip(1))
        .map(|(newer, older)| newer - older)
        .collect();
    if gaps.len() < 2 {
        return None;
    }
    gaps.sort_unstable();
    let middle = gaps.get(gaps.len() / 2)?;
    u64::try_from(*middle).ok().map(Duration::from_secs)
}
