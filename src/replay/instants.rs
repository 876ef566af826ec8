//! When a watch is looked at: the one rule that the daemon and a replay share.

use jiff::{SignedDuration, Timestamp};

/// A watch of which nothing is heard is looked at this often, at whole multiples of it since 1970:
/// levels fall and incidents close while nobody says anything. An hour must be one of the
/// multiples, or what is learned would depend on when one looks.
pub const QUIET: SignedDuration = SignedDuration::from_mins(5);

/// What no daemon heard is heard at the next multiple of this after it arrived, seconds: several
/// mentions of one moment are one look.
const STEP: i64 = 15;

/// A longer absence is no past but another clock: the looks before its last ten years are left out.
const LONGEST: SignedDuration = SignedDuration::from_hours(10 * 365 * 24);

/// The quiet instants after one instant and up to another, both ends as said, oldest first.
pub fn due(after: Timestamp, upto: Timestamp) -> impl Iterator<Item = Timestamp> {
    let earliest = upto.checked_sub(LONGEST).unwrap_or(Timestamp::MIN);
    let first = after.max(earliest).as_second().div_euclid(QUIET.as_secs()) + 1;
    (first..)
        .map_while(|number| Timestamp::from_second(number.checked_mul(QUIET.as_secs())?).ok())
        .take_while(move |at| *at <= upto)
}

/// When a mention is heard that arrived then and of which no daemon says when it heard it. Mentions
/// are heard in order, so never before the last one.
pub fn heard_at(arrived: Timestamp, last: Timestamp) -> Timestamp {
    let second = arrived.as_second().div_euclid(STEP).saturating_add(1).saturating_mul(STEP);
    Timestamp::from_second(second).unwrap_or(arrived).max(last)
}
