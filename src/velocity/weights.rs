//! How much a mention counts: less for each repetition by its author, and for each copy of its text.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::Signal;
use crate::model::{Timestamp, Tone};
use crate::text::fingerprint::Copies;

/// An author who was silent for six hours is heard afresh.
const SILENCE: i64 = 6 * 3600;

/// Authors and texts remembered. Whoever repeats is recent, so the bound does not forget a flood.
const AUTHORS: usize = 1024;
const STORIES: usize = 400;

/// The authors of the last six hours and the texts of the last day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Weights {
    /// In the order of their last mention.
    authors: VecDeque<Author>,
    stories: Copies,
}

/// Key, mentions, second of the last one. A tuple, since it is saved by the thousand.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Author(u32, u8, i64);

/// What a mention weighs, and whether its author was not heard for six hours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Weight {
    pub value: f64,
    pub first: bool,
    /// Whether its words are its own: no repost, and no copy of a text of the last day.
    pub own: bool,
}

impl Weights {
    pub(super) fn new() -> Weights {
        Weights { authors: VecDeque::new(), stories: Copies::new(STORIES) }
    }

    /// Weighs a mention, in order of arrival: author 1, ½, ¼, 0 times text 1/j for its j-th copy, or
    /// 1/√j where the j-th is a platform's repost.
    ///
    /// Who reposts agrees, so he counts; but all reposts have the tone that one text was heard with,
    /// right or wrong, and are no independent voices.
    pub(super) fn weigh(&mut self, signal: &Signal, arrived: Timestamp) -> Weight {
        let before = self.mentions_before(signal, arrived.as_second());
        let author = match before {
            0 => 1.0,
            1 => 0.5,
            2 => 0.25,
            _ => 0.0,
        };
        let copies = f64::from(self.stories.count(signal.fingerprint, arrived));
        let text = if signal.repost { 1.0 / copies.sqrt() } else { 1.0 / copies };
        Weight { value: author * text, first: before == 0, own: !signal.repost && copies < 1.5 }
    }

    fn mentions_before(&mut self, signal: &Signal, now: i64) -> u8 {
        let Some(key) = key(signal) else { return 0 };
        while self.authors.front().is_some_and(|author| now - author.2 >= SILENCE) {
            self.authors.pop_front();
        }
        let known = self
            .authors
            .iter()
            .rposition(|author| author.0 == key && now - author.2 < SILENCE)
            .and_then(|place| self.authors.remove(place));
        let before = known.map_or(0, |author| author.1);
        let last = known.map_or(now, |author| author.2.max(now));
        if self.authors.len() >= AUTHORS {
            self.authors.pop_front();
        }
        self.authors.push_back(Author(key, before.saturating_add(1), last));
        before
    }
}

/// Negative or not is part of the key: a neutral author who turns negative counts again. Who is
/// unknown is told apart by the text; without either, each mention stands for itself.
fn key(signal: &Signal) -> Option<u32> {
    let identity = if signal.author == 0 { signal.fingerprint } else { signal.author };
    let negative = u64::from(signal.tone == Tone::Negative);
    let mixed = (identity.rotate_left(1) ^ negative).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (identity != 0).then(|| u32::try_from(mixed >> 32).unwrap_or(u32::MAX))
}
