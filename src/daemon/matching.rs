//! From the items of a page to mentions, on a thread that may take its time.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Live, Shared, supervise};
use crate::config::SourceConfig;
use crate::language::Habits;
use crate::model::finding::full_text;
use crate::model::{Item, Mention, Timestamp};
use crate::store::{MentionQuery, StoreError};
use crate::text::fingerprint::fingerprint;
use crate::understand::{Origin, understand};

/// What a page says about the watches.
#[derive(Default)]
pub(super) struct Understood {
    pub mentions: Vec<Mention>,
    /// Items that met a bug of ours.
    pub lost: usize,
}

/// The items that some watch is about, with what is understood of them. Understanding is total; if
/// it panics all the same, it costs that item and not the source, which would be blind for as long
/// as the item is in its feed.
pub(super) async fn mentions(
    shared: &Shared,
    live: &Arc<Live>,
    source: &SourceConfig,
    items: Vec<Item>,
    now: Timestamp,
) -> Result<Understood, String> {
    let (live, source) = (live.clone(), source.clone());
    let timer = shared.metrics.understanding.start_timer();
    let habits = shared.habits.clone();
    let work = move || {
        let mut understood = Understood::default();
        for item in items {
            let id = item.id.clone();
            let one = AssertUnwindSafe(|| mention(&live, &habits, &source, item, now));
            match std::panic::catch_unwind(one) {
                Ok(mention) => understood.mentions.extend(mention),
                Err(_) => {
                    tracing::error!(item = id, "an item cannot be understood and is left out");
                    understood.lost += 1;
                }
            }
        }
        understood
    };
    let understood = supervise::computed(shared, "understand", work).await?;
    timer.observe_duration();
    shared.metrics.panics.with_label_values(&["understand"]).inc_by(understood.lost as u64);
    Ok(understood)
}

/// An item with what each watch finds in it; nothing when no watch is about it.
fn mention(
    live: &Live,
    habits: &Mutex<Habits>,
    source: &SourceConfig,
    item: Item,
    now: Timestamp,
) -> Option<Mention> {
    let origin = Origin {
        source: &source.id,
        kind: source.kind,
        lang: source.lang,
        author_lang: locked(habits).usual(source.kind, &item),
        seen: now,
    };
    let findings = understand(&item, &origin, &live.watches, &live.config.rules);
    locked(habits).hear(source.kind, &item, findings.first()?.language);
    let fingerprint = fingerprint(&full_text(&item.title, &item.text));
    Some(Mention {
        seq: 0,
        item,
        source: source.id.clone(),
        kind: source.kind.to_owned(),
        first_seen: now,
        fingerprint,
        findings,
        revision: 0,
    })
}

/// Learns again what authors usually write in, from the newest mentions.
pub(super) async fn remember(shared: &Shared) -> Result<(), StoreError> {
    let mut newest = shared.store.find_mentions(&MentionQuery::default()).await?;
    newest.reverse();
    let mut habits = locked(&shared.habits);
    for mention in &newest {
        if let Some(finding) = mention.findings.first() {
            habits.hear(&mention.kind, &mention.item, finding.language);
        }
    }
    Ok(())
}

/// A thread that died while it held the memory left at worst one author half counted.
pub(super) fn locked(habits: &Mutex<Habits>) -> MutexGuard<'_, Habits> {
    habits.lock().unwrap_or_else(PoisonError::into_inner)
}
