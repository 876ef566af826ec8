//! How surprising the present rate is for this watch at this hour.
//!
//! A [`Detector`] counts mentions by the time of their event, learns how many are usual at this
//! hour of the week, and says how improbable the present negatives are: in number, and as a share
//! of all. Only where both are improbable is there a surprise: a launch brings many mentions but
//! no bad share, and one angry post of three is no crowd. What surprised is not learned, so that
//! the second crisis of a month is as improbable as the first.
//!
//! Beside it stands the volume: mentions of every tone, many or few. A [`crate::calendar::Plan`]
//! widens what is usual for both. A [`Series`] does the same for counts that somebody else made.

mod baseline;
mod detector;
mod habit;
mod hours;
mod lateness;
mod ring;
mod score;
mod series;
mod spread;
pub mod tail;
mod weights;

pub use detector::{Detector, Expected};
pub use series::{Misplaced, STEPS, Series, Unusual};

use crate::model::{Timestamp, Tone};

/// A mention as the detector needs it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Signal {
    /// When it was first read: the order in which signals are observed.
    pub arrived: Timestamp,
    /// Its own time: the bucket in which it counts.
    pub event: Timestamp,
    pub tone: Tone,
    /// Hash of its author; 0 when unknown (then its text stands for its author).
    pub author: u64,
    /// Near-duplicate fingerprint of its text; 0 when the text is too short to be recognised.
    pub fingerprint: u64,
    /// A repost by the platform's own function: carries the text by design.
    pub repost: bool,
    /// Audience of the author; 0 when unknown.
    pub reach: u64,
    /// Small index of the source kind, 0 to 7; 7 for all others.
    pub kind: u8,
}

/// State is kept in single precision: it is read back from JSON without loss, and its error of
/// 1e-7 is far below what a count of people can mean.
#[expect(clippy::cast_possible_truncation, reason = "the one place that narrows, on purpose")]
fn narrow(x: f64) -> f32 {
    x as f32
}

#[cfg(test)]
mod tests;
