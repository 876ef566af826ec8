//! When an undelivered message is tried again, and when it is given up: a pure schedule.

use jiff::{SignedDuration, Timestamp};

use crate::model::{Event, Level};
use crate::store::Settlement;

/// How an attempt to send ended. `reason` is a value from a small fixed set: it labels metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The server took the message; its words.
    Accepted { response: String },
    /// Not taken, may be taken later.
    Temporary { reason: &'static str, error: String },
    /// Refused for good.
    Permanent { stage: Stage, error: String },
    /// The final dot left and no verdict came: the server may have taken it.
    Ambiguous { error: String },
}

impl Delivery {
    /// The label `result` of the metric that counts attempts.
    pub fn label(&self) -> &'static str {
        match self {
            Delivery::Accepted { .. } => "accepted",
            Delivery::Temporary { reason, .. } => reason,
            Delivery::Permanent { stage: Stage::Message, .. } => "message",
            Delivery::Permanent { stage: Stage::Recipient, .. } => "recipient_refused",
            Delivery::Permanent { stage: Stage::Data, .. } => "data_refused",
            Delivery::Ambiguous { .. } => "ambiguous",
        }
    }
}

/// Where a refusal for good happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The message itself cannot be sent: its address is none.
    Message,
    Recipient,
    Data,
}

/// Minutes between attempts, in seconds: quick at first, since most failures are short.
const STEPS: [i64; 8] = [30, 60, 120, 300, 600, 900, 1800, 1800];
/// After this an alert is history.
const GIVE_UP: SignedDuration = SignedDuration::from_hours(48);
/// Greylisting servers refuse whoever comes back sooner.
const GREYLIST: i64 = 60;

/// How long to wait after the attempt that followed `attempts` earlier ones.
///
/// `jitter` from −1 to 1 moves the wait by up to 20 %, so that many messages do not come back at
/// once; values outside are clamped, and one that is no number counts as 0.
pub fn wait(attempts: u32, greylisted: bool, jitter: f64) -> SignedDuration {
    let step = STEPS.get(attempts as usize).or(STEPS.last()).copied().unwrap_or(1800);
    let jitter = if jitter.is_nan() { 0.0 } else { jitter.clamp(-1.0, 1.0) };
    #[expect(clippy::cast_possible_truncation, reason = "at most 2,160")]
    let seconds = (step as f64 * (1.0 + 0.2 * jitter)).round() as i64;
    SignedDuration::from_secs(if greylisted { seconds.max(GREYLIST) } else { seconds })
}

/// Says what becomes of a message after an attempt.
///
/// `attempts` were made before this one; `created` is when the message entered the outbox. An
/// ambiguous end is tried again at once for a crisis or an escalation (a copy with the same
/// Message-ID beats silence) and after 15 minutes otherwise.
pub fn settle(
    delivery: &Delivery,
    attempts: u32,
    created: Timestamp,
    event: Event,
    level: Level,
    now: Timestamp,
    jitter: f64,
) -> Settlement {
    let age = now.duration_since(created);
    let later = |wait: SignedDuration| now.saturating_add(wait).unwrap_or(now);
    match delivery {
        Delivery::Accepted { response } => Settlement::Sent { response: response.clone() },
        Delivery::Permanent { error, .. } => Settlement::Dead { error: error.clone() },
        Delivery::Temporary { error, .. } | Delivery::Ambiguous { error } if age >= GIVE_UP => {
            Settlement::Dead { error: format!("given up after {} h: {error}", age.as_hours()) }
        }
        Delivery::Temporary { reason, error } => Settlement::Retry {
            at: later(wait(attempts, *reason == "greylisted", jitter)),
            error: error.clone(),
        },
        Delivery::Ambiguous { error } => {
            let urgent = level == Level::Crisis || event == Event::Raised;
            let floor = SignedDuration::from_mins(if urgent { 0 } else { 15 });
            let at = later(wait(attempts, false, jitter).max(floor));
            Settlement::Unknown { at, error: error.clone() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + seconds).unwrap()
    }

    fn temporary(reason: &'static str) -> Delivery {
        Delivery::Temporary { reason, error: "451 later".into() }
    }

    #[test]
    fn the_schedule_is_quick_at_first_and_then_every_half_hour() {
        let waits: Vec<i64> = (0..10).map(|n| wait(n, false, 0.0).as_secs()).collect();
        assert_eq!(waits, [30, 60, 120, 300, 600, 900, 1800, 1800, 1800, 1800]);
    }

    #[test]
    fn jitter_moves_a_wait_by_a_fifth_at_most() {
        for (jitter, secs) in [(-1.0, 24), (1.0, 36), (9.0, 36), (f64::NAN, 30)] {
            assert_eq!(wait(0, false, jitter).as_secs(), secs, "{jitter}");
        }
        assert_eq!(wait(0, true, -1.0).as_secs(), 60);
    }

    #[test]
    fn a_message_is_given_up_after_two_days_and_not_before() {
        let end = |age| {
            settle(&temporary("refused"), 99, at(0), Event::Opened, Level::Watch, at(age), 0.0)
        };
        assert!(matches!(end(48 * 3600 - 1), Settlement::Retry { .. }));
        assert!(matches!(end(48 * 3600), Settlement::Dead { .. }));
    }

    #[test]
    fn without_a_verdict_a_crisis_is_sent_again_soon_and_the_rest_waits() {
        let lost = Delivery::Ambiguous { error: "closed".into() };
        let due = |event, level| match settle(&lost, 0, at(0), event, level, at(0), 0.0) {
            Settlement::Unknown { at: due, .. } => due.duration_since(at(0)).as_secs(),
            other => panic!("{other:?}"),
        };
        assert_eq!(due(Event::Opened, Level::Crisis), 30);
        assert_eq!(due(Event::Raised, Level::Warning), 30);
        assert_eq!(due(Event::Closed, Level::Watch), 900);
    }

    #[test]
    fn a_refusal_for_good_is_kept_for_people_to_see() {
        let refused = Delivery::Permanent { stage: Stage::Recipient, error: "550 no".into() };
        let end = settle(&refused, 0, at(0), Event::Opened, Level::Crisis, at(0), 0.0);
        assert_eq!(end, Settlement::Dead { error: "550 no".into() });
    }
}
