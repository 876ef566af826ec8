//! Why a source is due when it is, in words.

use std::fmt;
use std::time::Duration;

use super::FLOOR;

/// The rule that decided when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueReason {
    /// The operator's own `every`.
    Every(Duration),
    /// Half the usual gap between two items.
    Gap(Duration),
    /// The syndication module's period.
    Hint(Duration),
    /// The hourly floor.
    Floor,
    NoValidators,
    /// The longest wait there is.
    Cap,
    /// So many polls in a row gave nothing new.
    Unchanged(u32),
    /// ttl, max-age or Expires.
    ServerAsks(Duration),
    /// skipHours or skipDays.
    SkippedHour,
    RetryAfter(Duration),
    /// So many polls in a row failed.
    Failing(u32),
    /// So many that it is asked once a day.
    Circuit(u32),
    /// 401 or 403.
    Denied,
    /// 404 for more than three days.
    Missing,
    /// 410.
    Gone,
    /// 404 or 410 for more than a week.
    GoneForAWeek,
}

impl fmt::Display for DueReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DueReason::Every(every) => write!(f, "every {} is configured", Words(*every)),
            DueReason::Gap(gap) => write!(f, "something new comes every {}", Words(*gap)),
            DueReason::Hint(hint) => write!(f, "the feed says it changes every {}", Words(*hint)),
            DueReason::Floor => write!(f, "politeness: at most every {}", Words(FLOOR)),
            DueReason::NoValidators => f.write_str(
                "the server cannot say \"not modified\", so once a day unless `every` is set",
            ),
            DueReason::Cap => f.write_str("once a day at least"),
            DueReason::Unchanged(1) => f.write_str("nothing new in the last poll"),
            DueReason::Unchanged(polls) => write!(f, "nothing new in {polls} polls"),
            DueReason::ServerAsks(wait) => {
                write!(f, "the server asks for {} (ttl, max-age or Expires)", Words(*wait))
            }
            DueReason::SkippedHour => {
                f.write_str("the feed asks not to be polled before (skipHours or skipDays)")
            }
            DueReason::RetryAfter(wait) => {
                write!(f, "the server asks to wait {} (Retry-After)", Words(*wait))
            }
            DueReason::Failing(1) => f.write_str("the last poll failed"),
            DueReason::Failing(polls) => write!(f, "{polls} polls in a row failed"),
            DueReason::Circuit(polls) => {
                write!(f, "{polls} polls in a row failed, so once a day")
            }
            DueReason::Denied => f.write_str("the server denies access, so once a day"),
            DueReason::Missing => f.write_str("not found for more than 3 days, so once a day"),
            DueReason::Gone => f.write_str("the server says it is gone, so once a day"),
            DueReason::GoneForAWeek => f.write_str("gone for more than a week, so once a week"),
        }
    }
}

/// A duration as people say it, of at most two units: `45 s`, `61 min`, `2 h`, `2 d 4 h`.
pub(super) struct Words(pub(super) Duration);

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3600, seconds / 60);
        match (days, hours, minutes) {
            (0, 0, 0) => write!(f, "{seconds} s"),
            (0, 0..=1, _) if minutes != 60 => write!(f, "{minutes} min"),
            (0, ..) if minutes % 60 == 0 => write!(f, "{hours} h"),
            (0, ..) => write!(f, "{hours} h {} min", minutes % 60),
            _ if hours % 24 == 0 => write!(f, "{days} d"),
            _ => write!(f, "{days} d {} h", hours % 24),
        }
    }
}
