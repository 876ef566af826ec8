//! A notification: one message for one recipient on one channel, kept until a server took it.

use serde::{Deserialize, Serialize};

use super::{Event, IncidentId, Level, Timestamp};

/// A message in the outbox. Its bytes are rendered before they are committed and never again:
/// a retry sends the same ones, so that a recipient can tell a copy from a second alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Deterministic: `{incident}.{event number}-{event}.{recipient hash}`; also the left part of
    /// the Message-ID. Planning the same event twice gives the same id.
    pub id: String,
    /// A notifier kind: `email`.
    pub channel: String,
    /// What the channel addresses: an e-mail address.
    pub recipient: String,
    pub incident: IncidentId,
    pub event: Event,
    pub level: Level,
    pub payload: Vec<u8>,
    pub created: Timestamp,
}
