//! When a source may be asked again.

mod host;
mod reason;

use std::time::Duration;

use jiff::SignedDuration;
use xxhash_rust::xxh3::xxh3_64;

use super::FetchError;
use crate::model::{SourceId, Timestamp};
use crate::source::{Pace, Reason, Unreadable};

pub use host::host_of;
pub use reason::DueReason;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
const WEEK: Duration = Duration::from_hours(7 * 24);

/// At most once an hour while nothing changed costs the server little; one minute more, since
/// readers are scored on 59-minute intervals (`sources.md` §1.3).
const FLOOR: Duration = Duration::from_mins(61);
/// A full answer every time is asked for once a day only.
const FLOOR_WITHOUT_VALIDATORS: Duration = DAY;
/// However rare a source is, and whatever its server wishes, it is asked once a day.
const CAP: Duration = DAY;
/// The least that an operator may ask for.
const EVERY_AT_LEAST: Duration = MINUTE;
/// The next wait after an unchanged answer, in units of the one before.
const STRETCH: f64 = 1.2;
/// Jitter, as a share of the wait, upward only: a floor stays a floor.
const JITTER: f64 = 0.05;
/// More where many sources may fail at the same instant, and come back at the same instant.
const JITTER_FAILED: f64 = 0.25;
const BACK_OFF: Duration = Duration::from_secs(30);
const BACK_OFF_CAP: Duration = Duration::from_hours(6);
/// From this many failures in a row, a server that answers badly is asked once a day.
const CIRCUIT: u32 = 10;
/// New sources start at this rate, so that thousands of them are no burst.
const START_GAP: Duration = Duration::from_millis(200);

/// How a poll ended.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    Read(&'a Pace),
    Unreadable(&'a Unreadable),
    Failed(&'a FetchError),
}

/// What the operator configured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Interval {
    /// `every` of the source: replaces our own interval and its floors, not the server's wishes.
    pub every: Option<Duration>,
}

/// What is known of a source from before this poll.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Memory {
    /// Polls in a row that gave nothing new.
    pub unchanged: u32,
    /// Polls in a row that failed.
    pub failures: u32,
    /// When the first of them was.
    pub first_failure: Option<Timestamp>,
}

impl Memory {
    /// What will be known after this poll; only a poll that was read says whether anything changed.
    #[must_use]
    pub fn after(self, outcome: Outcome<'_>, now: Timestamp) -> Memory {
        match outcome {
            Outcome::Read(pace) => Memory {
                unchanged: if pace.fresh { 0 } else { self.unchanged.saturating_add(1) },
                failures: 0,
                first_failure: None,
            },
            Outcome::Unreadable(_) | Outcome::Failed(_) => Memory {
                unchanged: self.unchanged,
                failures: self.failures.saturating_add(1),
                first_failure: self.first_failure.or(Some(now)),
            },
        }
    }
}

/// When a source is due, and why then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    pub at: Timestamp,
    pub because: DueReason,
}

/// Says when a source may be asked again. `jitter` is a random number in 0..1, the caller's so
/// that the same decision can be taken twice.
///
/// - An answer that was read: the longest of our own interval and what the server asks for, at
///   most a day, then the first hour that is not to be skipped.
/// - Anything else: exponential back-off, at least what `Retry-After` says; never for ever.
pub fn next_poll(
    now: Timestamp,
    outcome: Outcome<'_>,
    interval: Interval,
    before: Memory,
    jitter: f64,
) -> Due {
    let jitter = if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 0.0 };
    let memory = before.after(outcome, now);
    let every = interval.every.map(|every| every.max(EVERY_AT_LEAST));
    let (wait, because, share) = match outcome {
        Outcome::Read(pace) => with_share(after_reading(pace, every, memory), JITTER),
        Outcome::Unreadable(answer) => {
            with_share(after_bad_answer(answer, every, memory, now), JITTER_FAILED)
        }
        Outcome::Failed(error) => with_share(after_failure(error, every, memory), JITTER_FAILED),
    };
    let at = later(now, wait.mul_f64(1.0 + share * jitter));
    match outcome {
        Outcome::Read(pace) => outside_skipped(at, pace, jitter)
            .map_or(Due { at, because }, |at| Due { at, because: DueReason::SkippedHour }),
        Outcome::Unreadable(_) | Outcome::Failed(_) => Due { at, because },
    }
}

type Wait = (Duration, DueReason);

fn with_share((wait, because): Wait, share: f64) -> (Duration, DueReason, f64) {
    (wait, because, share)
}

fn after_reading(pace: &Pace, every: Option<Duration>, memory: Memory) -> Wait {
    let own = match every {
        // Not stretched: who says five minutes means five minutes also in quiet times.
        Some(every) => (every, DueReason::Every(every)),
        None => stretched(own_interval(pace), memory.unchanged),
    };
    match pace.at_least.map(|asked| asked.min(CAP)) {
        Some(asked) if asked > own.0 => (asked, DueReason::ServerAsks(asked)),
        _ => own,
    }
}

/// What we would choose if nobody said anything.
fn own_interval(pace: &Pace) -> Wait {
    if !pace.validators {
        return (FLOOR_WITHOUT_VALIDATORS, DueReason::NoValidators);
    }
    let (wait, because) = match (pace.gap, pace.hint) {
        (Some(gap), _) => (gap / 2, DueReason::Gap(gap)),
        (None, Some(hint)) => (hint, DueReason::Hint(hint)),
        (None, None) => (FLOOR, DueReason::Floor),
    };
    if wait <= FLOOR {
        (FLOOR, DueReason::Floor)
    } else if wait >= CAP {
        (CAP, DueReason::Cap)
    } else {
        (wait, because)
    }
}

fn stretched((wait, because): Wait, unchanged: u32) -> Wait {
    if unchanged == 0 || wait >= CAP {
        return (wait, because);
    }
    // 1.2^18 already makes the floor more than a day; the bound keeps the power finite.
    let factor = STRETCH.powi(i32::try_from(unchanged.min(64)).unwrap_or(64));
    (wait.mul_f64(factor).min(CAP), DueReason::Unchanged(unchanged))
}

/// The server answered, so it bore the cost of a poll: never sooner than a good poll would be.
fn after_bad_answer(
    answer: &Unreadable,
    every: Option<Duration>,
    memory: Memory,
    now: Timestamp,
) -> Wait {
    let since = memory.first_failure.map_or(Duration::ZERO, |first| {
        now.duration_since(first).try_into().unwrap_or(Duration::ZERO)
    });
    let own = every.unwrap_or(FLOOR);
    let (wait, because) = match answer.reason {
        Reason::NotFound | Reason::Gone if since >= WEEK => (WEEK, DueReason::GoneForAWeek),
        // A mistaken 410 must not blind us for a week, so the first week is asked daily.
        Reason::Gone => (DAY, DueReason::Gone),
        Reason::NotFound if since >= 3 * DAY => (DAY, DueReason::Missing),
        Reason::Denied => (DAY, DueReason::Denied),
        _ if memory.failures >= CIRCUIT => (DAY, DueReason::Circuit(memory.failures)),
        _ => (back_off(memory.failures), DueReason::Failing(memory.failures)),
    };
    let (wait, because) = if wait >= own { (wait, because) } else { (own, because) };
    match answer.retry_after.map(|asked| asked.min(CAP)) {
        Some(asked) if asked > wait => (asked, DueReason::RetryAfter(asked)),
        _ => (wait, because),
    }
}

fn after_failure(error: &FetchError, every: Option<Duration>, memory: Memory) -> Wait {
    let failures = memory.failures;
    let (least, cap) = match error {
        // It cost the server nothing, so we may look again soon. It stays below a day: when our
        // own network was down for a night, every source looks like this the next morning.
        FetchError::Dns { .. }
        | FetchError::Connect { .. }
        | FetchError::Tls { .. }
        | FetchError::Timeout(_) => (MINUTE, None),
        FetchError::Refused { .. }
        | FetchError::TooLarge(_)
        | FetchError::Redirects(_)
        | FetchError::Broken(_) => (FLOOR, Some(DAY)),
    };
    let (wait, because) = match cap {
        Some(day) if failures >= CIRCUIT => (day, DueReason::Circuit(failures)),
        _ => (back_off(failures), DueReason::Failing(failures)),
    };
    (wait.max(every.unwrap_or(least)), because)
}

/// `min(30 s · 2^failures, 6 h)`.
fn back_off(failures: u32) -> Duration {
    BACK_OFF
        .saturating_mul(1_u32.checked_shl(failures.min(31)).unwrap_or(u32::MAX))
        .min(BACK_OFF_CAP)
}

fn later(at: Timestamp, wait: Duration) -> Timestamp {
    SignedDuration::try_from(wait)
        .ok()
        .and_then(|wait| at.saturating_add(wait).ok())
        .unwrap_or(Timestamp::MAX)
}

/// The first moment after `at` that is in no skipped hour; `None` when `at` is good already, and
/// when everything is to be skipped, which can only be a mistake.
fn outside_skipped(at: Timestamp, pace: &Pace, jitter: f64) -> Option<Timestamp> {
    let skipped = |hour: i64| {
        // 1970-01-01 was a Thursday, the day of bit 3.
        let day = (hour.div_euclid(24) + 3).rem_euclid(7);
        pace.skip_hours & (1 << hour.rem_euclid(24)) != 0 || pace.skip_days & (1 << day) != 0
    };
    let hour = at.as_second().div_euclid(3600);
    if !skipped(hour) {
        return None;
    }
    let good = (hour + 1..=hour + 8 * 24).find(|hour| !skipped(*hour))?;
    let start = Timestamp::from_second(good * 3600).ok()?;
    // Not all at the stroke of the hour.
    Some(later(start, (5 * MINUTE).mul_f64(jitter)))
}

/// When to ask a source that was never asked: at a place within `spread` that depends on its id
/// only, so that a restart changes nothing and thousands of sources are no burst.
pub fn first_due(source: &SourceId, now: Timestamp, spread: Duration) -> Timestamp {
    // The upper 32 bits are as good as all of them, and convert exactly.
    let place = (xxh3_64(source.as_str().as_bytes()) >> 32) as f64 / f64::from(u32::MAX);
    later(now, spread.mul_f64(place))
}

/// Over how long the first polls of so many sources are spread: who starts with a few sees results
/// within seconds.
pub fn start_spread(sources: usize) -> Duration {
    START_GAP.saturating_mul(u32::try_from(sources).unwrap_or(u32::MAX)).min(HOUR)
}

#[cfg(test)]
mod tests;
