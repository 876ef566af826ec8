//! A span of time in which the sources were listened to, and how much of them could be heard.

use serde::Serialize;

use super::Timestamp;

/// From one instant to another the same share of the usual volume could be heard. Between two of
/// them nobody listened: the daemon did not run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Listened {
    pub since: Timestamp,
    /// Up to when it is known to hold; the last one goes on while the daemon runs.
    pub until: Timestamp,
    /// 0 to 1.
    pub share: f64,
}
