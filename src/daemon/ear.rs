//! The ear of the evaluator: how much of the sources can be heard, and since when.

use std::cmp::Reverse;
use std::time::Duration;

use super::Shared;
use super::evaluator::{instant, signed};
use crate::model::{Timestamp, Unheard};
use crate::replay::Audible;
use crate::store::{SourceStatus, StoreError};

/// A gap between two passes that is longer than this was no pause but a stop.
const DEAF: Duration = Duration::from_secs(15 * 60);

/// The store is told this often that somebody still listens; what is lost by a crash is bridged.
const TOLD: Duration = Duration::from_secs(60);

/// What could be heard so far, and up to when the store knows it.
#[derive(Default)]
pub(super) struct Ear {
    pub audible: Audible,
    told: Option<Timestamp>,
}

impl Ear {
    /// Listens to the sources: how they do now, and whether that is other than before. A stop before
    /// this pass is found in what the store knows: nobody listened meanwhile.
    pub(super) async fn listen(
        &mut self,
        shared: &Shared,
    ) -> Result<Vec<SourceStatus>, StoreError> {
        let sources = shared.store.sources().await?;
        let now = instant(shared);
        let deaf = signed(shared.lease(DEAF));
        if self.audible.latest().is_none_or(|last| now.duration_since(last.until) > deaf) {
            *self = Ear { audible: Audible::new(&shared.store.listened().await?), told: None };
        }
        let changed = self.audible.listen(share(&sources), deaf, now);
        let due =
            self.told.is_none_or(|told| now.duration_since(told) >= signed(shared.lease(TOLD)));
        if due || changed.len() > 1 {
            if let Err(error) = shared.store.keep_listened(&changed).await {
                // What is in memory is ahead of the store: read it again.
                *self = Ear::default();
                return Err(error);
            }
            self.told = Some(now);
        }
        Ok(sources)
    }
}

/// Share of the usual volume that can be heard now: a source that is down must not look like calm.
/// Each source weighs what it brought in a week, and a little more so that a new one counts.
fn share(sources: &[SourceStatus]) -> f64 {
    let weight = |source: &&SourceStatus| source.recent_mentions as f64 + 0.1;
    let configured = || sources.iter().filter(|source| source.configured);
    let all: f64 = configured().map(|source| weight(&source)).sum();
    let up: f64 = configured().filter(|s| answers(s)).map(|source| weight(&source)).sum();
    if all > 0.0 { up / all } else { 1.0 }
}

/// One failure may be a hiccup of the net.
fn answers(source: &SourceStatus) -> bool {
    source.failures < 2
}

/// The sources that cannot be heard now, those that usually say the most first.
pub(super) fn unheard(sources: &[SourceStatus]) -> Unheard {
    let mut deaf: Vec<&SourceStatus> =
        sources.iter().filter(|source| source.configured && !answers(source)).collect();
    deaf.sort_by_key(|source| (Reverse(source.recent_mentions), &source.id));
    Unheard::new(deaf.into_iter().map(|source| source.id.clone()).collect())
}
