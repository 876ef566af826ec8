//! From the items of a page to mentions, on a thread that may take its time.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use super::{Live, Shared, supervise};
use crate::config::SourceConfig;
use crate::model::finding::full_text;
use crate::model::{Item, Mention, Timestamp};
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
    let work = move || {
        let mut understood = Understood::default();
        for item in items {
            let id = item.id.clone();
            let one = AssertUnwindSafe(|| mention(&live, &source, item, now));
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
fn mention(live: &Live, source: &SourceConfig, item: Item, now: Timestamp) -> Option<Mention> {
    let origin = Origin {
        source: &source.id,
        kind: source.kind,
        lang: source.lang,
        author_lang: None,
        seen: now,
    };
    let findings = understand(&item, &origin, &live.watches, &live.config.rules);
    if findings.is_empty() {
        return None;
    }
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
