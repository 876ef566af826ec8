//! The newest of something by time, at most so many.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::Echo;
use crate::model::Seq;

/// Something that was said, and when.
pub(super) trait Said {
    /// Second of the event, and the mention.
    fn at(&self) -> (i64, Seq);
}

/// A mention and who speaks. A tuple, since it is saved by the dozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Mark(pub i64, pub Seq, pub u32);

impl Mark {
    pub(super) fn of(echo: &Echo) -> Mark {
        Mark(echo.second(), echo.seq, echo.voice())
    }
}

impl Said for Mark {
    fn at(&self) -> (i64, Seq) {
        (self.0, self.1)
    }
}

/// In the order of time, whatever the order in which it was heard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Recent<T>(VecDeque<T>);

impl<T> Default for Recent<T> {
    fn default() -> Recent<T> {
        Recent(VecDeque::new())
    }
}

impl<T: Said> Recent<T> {
    /// Adds something, once; the oldest beyond `most` are forgotten.
    pub(super) fn add(&mut self, new: T, most: usize) {
        let place = self.0.partition_point(|known| known.at() < new.at());
        if self.0.get(place).is_some_and(|known| known.at() == new.at()) {
            return;
        }
        self.0.insert(place, new);
        while self.0.len() > most {
            self.0.pop_front();
        }
    }

    pub(super) fn forget_until(&mut self, second: i64) {
        while self.0.front().is_some_and(|said| said.at().0 <= second) {
            self.0.pop_front();
        }
    }

    /// What was said in the seconds before `now`, oldest first.
    pub(super) fn within(&self, seconds: i64, now: i64) -> impl Iterator<Item = &T> {
        let first = self.0.partition_point(|said| said.at().0 <= now.saturating_sub(seconds));
        self.0.range(first..).take_while(move |said| said.at().0 <= now)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The second of the oldest that is remembered.
    pub(super) fn oldest(&self) -> Option<i64> {
        self.0.front().map(|said| said.at().0)
    }
}

/// How many different voices there are.
pub(super) fn voices<'a>(marks: impl Iterator<Item = &'a Mark>) -> u32 {
    let mut voices: Vec<u32> = marks.map(|mark| mark.2).collect();
    voices.sort_unstable();
    voices.dedup();
    u32::try_from(voices.len()).unwrap_or(u32::MAX)
}
