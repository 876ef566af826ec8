//! The past of the store, as its daemon heard it.

use std::collections::VecDeque;

use super::Setting;
use super::side::Side;
use crate::cli::Exit;
use crate::cli::output::Output;
use crate::cli::reading::Reading;
use crate::cli::run::store_exit;
use crate::model::time::SystemClock;
use crate::model::{Clock, Listened, Seq, Timestamp, Watch, WatchId};
use crate::replay::{Audible, Heard, Hearing, heard_at};
use crate::store::{MentionQuery, Store, StoreError, StoredSignal, feedback};

/// Mentions read at once: only what the detector hears of them, no text.
const PAGE: usize = 10_000;

/// Replays every configured watch, or the one that was named.
pub(super) fn replay(
    setting: &Setting<'_>,
    reading: &Reading,
    output: &mut Output,
) -> Result<Exit, Exit> {
    let spans = reading.runtime.block_on(reading.store.listened());
    let spans = spans.map_err(|error| output.fail(store_exit(&error), error))?;
    let only = setting.arguments.watch.as_deref();
    let mut watches = reading.config.watches.iter();
    if let Some(only) = only
        && !watches.any(|watch| watch.id.as_str() == only)
    {
        let known: Vec<&str> = reading.config.watches.iter().map(|w| w.id.as_str()).collect();
        let what = format!("no watch `{only}`; configured: {}", known.join(", "));
        return Err(output.fail(Exit::Usage, what));
    }
    let meant = |watch: &&Watch| only.is_none_or(|only| watch.id.as_str() == only);
    for (number, watch) in reading.config.watches.iter().filter(meant).enumerate() {
        if number > 0 && !setting.arguments.json {
            output.data("");
        }
        one(setting, reading, watch, &spans, output)?;
    }
    Ok(Exit::Done)
}

fn one(
    setting: &Setting<'_>,
    reading: &Reading,
    watch: &Watch,
    spans: &[Listened],
    output: &mut Output,
) -> Result<(), Exit> {
    let failed = |error: StoreError, output: &mut Output| output.fail(store_exit(&error), error);
    let query = MentionQuery { watch: Some(watch.id.clone()), ..MentionQuery::default() };
    let known = reading.runtime.block_on(async {
        Ok((reading.store.began(&watch.id).await?, reading.store.count_mentions(&query).await?))
    });
    let (began, total) = known.map_err(|error| failed(error, output))?;
    let mut past = Past::new(reading, &watch.id);
    past.fill();
    let Some(start) = began.or_else(|| past.waiting.front().map(|signal| signal.arrived)) else {
        output.say(format!("{}: nothing is stored of it yet", watch.id));
        return Ok(());
    };
    // As far as the daemon has listened: what it has not come to yet is no past.
    let end = spans.last().map_or_else(|| SystemClock.now(), |span| span.until);
    let mut side = Side::begin(setting, watch, start, Audible::new(spans), end, output)?;
    let said = reading.runtime.block_on(async {
        Ok((feedback(&reading.store, &watch.id).await?, reading.store.marks().await?))
    });
    let (feedback, mut marks) = said.map_err(|error| failed(error, output))?;
    side.feedback = feedback;
    marks.extend_from_slice(&setting.marks);
    side.remember(marks);
    side.live(&mut past, total, 0, output);
    if let Some(error) = past.failed {
        return Err(failed(error, output));
    }
    side.report(output);
    Ok(())
}

/// The signals of a watch in the order in which they were heard, read page by page.
struct Past<'a> {
    reading: &'a Reading,
    watch: &'a WatchId,
    waiting: VecDeque<StoredSignal>,
    /// The last one read, and when the last one was heard.
    after: Seq,
    last: Timestamp,
    ended: bool,
    /// What kept the store from being read on.
    failed: Option<StoreError>,
}

impl<'a> Past<'a> {
    fn new(reading: &'a Reading, watch: &'a WatchId) -> Past<'a> {
        let (waiting, last) = (VecDeque::new(), Timestamp::MIN);
        Past { reading, watch, waiting, after: 0, last, ended: false, failed: None }
    }

    fn fill(&mut self) {
        if self.ended || !self.waiting.is_empty() {
            return;
        }
        let store = &self.reading.store;
        let page = self.reading.runtime.block_on(store.signals_after(self.watch, self.after, PAGE));
        match page {
            Ok(page) => {
                self.ended = page.len() < PAGE;
                self.after = page.last().map_or(self.after, |signal| signal.seq);
                self.waiting.extend(page);
            }
            Err(error) => {
                self.ended = true;
                self.failed = Some(error);
            }
        }
    }
}

impl Iterator for Past<'_> {
    type Item = Heard;

    fn next(&mut self) -> Option<Heard> {
        self.fill();
        let signal = self.waiting.pop_front()?;
        self.last = signal.heard.unwrap_or_else(|| heard_at(signal.arrived, self.last));
        // What was found late would have been heard, had the watch been as it is now.
        let hearing = match signal.hearing {
            Hearing::New | Hearing::Late => Hearing::New,
            Hearing::Counted => Hearing::Counted,
        };
        Some(Heard { hearing, ..signal.as_heard(self.last, &self.reading.config.rules.press) })
    }
}
