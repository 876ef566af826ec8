//! What is said between the store and whoever sends messages.

use serde::Serialize;

use crate::model::{Notification, Timestamp};

/// The right to send a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxLease {
    pub notification: Notification,
    pub epoch: u64,
    pub until: Timestamp,
    /// Attempts before this one.
    pub attempts: u32,
    /// An attempt before this one ended without a verdict: this one may be a copy.
    pub ambiguous: bool,
}

/// What became of an attempt to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// The server took it; its words, for whoever has to look for the message.
    Sent { response: String },
    /// Not taken: try again then.
    Retry { at: Timestamp, error: String },
    /// The server may have taken it: try again then, and count a possible copy.
    Unknown { at: Timestamp, error: String },
    /// Refused for good, or expired: kept for people to see.
    Dead { error: String },
}

/// Messages of one channel in one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutboxStatus {
    pub channel: String,
    /// `queued`, `sending`, `unknown`, `sent`, `dead`.
    pub state: String,
    pub count: u64,
    pub oldest: Option<Timestamp>,
}
