//! How much of the sources could be heard at each instant of the past.

use jiff::{SignedDuration, Timestamp};

use crate::model::Listened;

/// A share that changes by less is the same: it would only make rows.
const NOTABLE: f64 = 0.03;

/// The changes of what could be heard, oldest first. Empty, everything could.
#[derive(Debug, Clone, Default)]
pub struct Audible {
    changes: Vec<(Timestamp, f64)>,
    latest: Option<Listened>,
}

impl Audible {
    /// From the spans in which somebody listened, oldest first.
    pub fn new(spans: &[Listened]) -> Audible {
        let mut audible = Audible::default();
        for span in spans {
            audible.push(*span);
        }
        audible
    }

    /// Adds the next span. Where it does not begin at the end of the one before, nobody listened.
    pub fn push(&mut self, span: Listened) {
        if let Some(before) = self.latest.filter(|before| before.until < span.since) {
            self.changes.push((before.until, 0.0));
        }
        self.changes.push((span.since, span.share));
        self.latest = Some(span);
    }

    /// Listens until now, when `share` can be heard: the last span goes on, or another one begins.
    /// `pause` is the longest gap that is not a stop. Gives the spans that are others than before,
    /// oldest first.
    pub fn listen(&mut self, share: f64, pause: SignedDuration, now: Timestamp) -> Vec<Listened> {
        let mut changed = Vec::with_capacity(2);
        let mut since = now;
        if let Some(last) = self.latest {
            since = now.max(last.until);
            if since.duration_since(last.until) <= pause {
                // The old share held until this look.
                let last = Listened { until: since, ..last };
                self.latest = Some(last);
                changed.push(last);
                if (last.share - share).abs() < NOTABLE {
                    return changed;
                }
            }
        }
        let span = Listened { since, until: since, share };
        self.push(span);
        changed.push(span);
        changed
    }

    /// The span that goes on.
    pub fn latest(&self) -> Option<Listened> {
        self.latest
    }

    /// The share that can be heard at an instant.
    pub fn share_at(&self, at: Timestamp) -> f64 {
        let known = self.changes.partition_point(|(since, _)| *since <= at);
        known
            .checked_sub(1)
            .and_then(|last| self.changes.get(last))
            .map_or(1.0, |(_, share)| *share)
    }

    /// The changes after one instant and up to another.
    pub fn between(&self, after: Timestamp, upto: Timestamp) -> &[(Timestamp, f64)] {
        let first = self.changes.partition_point(|(since, _)| *since <= after);
        let end = self.changes.partition_point(|(since, _)| *since <= upto);
        self.changes.get(first..end).unwrap_or_default()
    }
}
