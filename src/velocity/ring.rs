//! The last day in buckets of five minutes, by the time of the events.

use serde::{Deserialize, Serialize};

use super::narrow;
use crate::model::Tone;

/// Seconds of a bucket.
pub(super) const BUCKET: i64 = 300;

/// Buckets kept: the longest window (12 hours), and the hours that still wait to be learned.
const KEPT: i64 = 288;
const LENGTH: usize = 288;

/// Source kinds told apart; the last stands for all others.
pub(super) const KINDS: usize = 8;

/// What five minutes brought.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Bucket {
    pub negative: f32,
    pub total: f32,
    pub positive: f32,
    /// Authors of negative mentions not heard of for six hours.
    pub authors: u32,
    /// Those of them who used words of their own.
    pub texts: u32,
    /// Negative mentions, each counted once.
    pub raw: u32,
    /// Audience of the negative mentions.
    pub reach: f32,
    /// Weighted negatives by source kind.
    pub kinds: [f32; KINDS],
}

impl Bucket {
    fn is_empty(&self) -> bool {
        *self == Bucket::default()
    }
}

/// One mention as it is counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Counted {
    pub weight: f64,
    pub tone: Tone,
    pub first: bool,
    pub own: bool,
    pub reach: u64,
    pub kind: u8,
}

/// Buckets by number (seconds since 1970 / 300), the newest replacing the oldest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Saved", into = "Saved")]
pub(super) struct Ring {
    newest: i64,
    buckets: Vec<Bucket>,
}

/// The saved form lists only the buckets in which something happened.
#[derive(Serialize, Deserialize)]
struct Saved {
    newest: i64,
    filled: Vec<Filled>,
}

/// Age in buckets, negative, total, authors, raw, reach, kinds up to the last that counts, positive,
/// texts (which the first saved forms did not have). A tuple, since names would be half of the saved
/// form.
#[derive(Serialize, Deserialize)]
struct Filled(
    i64,
    f32,
    f32,
    u32,
    u32,
    f32,
    Vec<f32>,
    #[serde(default)] f32,
    #[serde(default)] Option<u32>,
);

impl From<Ring> for Saved {
    fn from(ring: Ring) -> Saved {
        let filled = (0..KEPT)
            .filter_map(|age| Some((age, ring.get(ring.newest.checked_sub(age)?)?)))
            .filter(|(_, bucket)| !bucket.is_empty())
            .map(|(age, b)| {
                let used = b.kinds.iter().rposition(|kind| *kind != 0.0).map_or(0, |last| last + 1);
                let kinds = b.kinds.iter().copied().take(used).collect();
                let texts = Some(b.texts);
                let (authors, positive) = (b.authors, b.positive);
                Filled(age, b.negative, b.total, authors, b.raw, b.reach, kinds, positive, texts)
            })
            .collect();
        Saved { newest: ring.newest, filled }
    }
}

impl From<Saved> for Ring {
    fn from(saved: Saved) -> Ring {
        let mut ring = Ring::new(saved.newest);
        for filled in saved.filled {
            let Filled(age, negative, total, authors, raw, reach, listed, positive, texts) = filled;
            let number = saved.newest.saturating_sub(age);
            let Some(bucket) = ring.get_mut(number) else { continue };
            // Where it was not told apart, each author is taken at his word.
            let texts = texts.unwrap_or(authors);
            let kinds = [0.0; KINDS];
            *bucket = Bucket { negative, total, positive, authors, texts, raw, reach, kinds };
            for (kind, value) in bucket.kinds.iter_mut().zip(listed) {
                *kind = value;
            }
        }
        ring
    }
}

impl Ring {
    pub(super) fn new(newest: i64) -> Ring {
        Ring { newest, buckets: vec![Bucket::default(); LENGTH] }
    }

    pub(super) fn newest(&self) -> i64 {
        self.newest
    }

    /// Opens the buckets up to this one, forgetting as many of the oldest.
    pub(super) fn open(&mut self, number: i64) {
        let first = (self.newest + 1).max(number.saturating_sub(KEPT - 1));
        for fresh in first..=number {
            if let Some(bucket) = self.buckets.get_mut(place(fresh)) {
                *bucket = Bucket::default();
            }
        }
        self.newest = self.newest.max(number);
    }

    /// A bucket; `None` when it is forgotten or not open yet.
    pub(super) fn get(&self, number: i64) -> Option<&Bucket> {
        self.holds(number).then(|| self.buckets.get(place(number)))?
    }

    fn get_mut(&mut self, number: i64) -> Option<&mut Bucket> {
        self.holds(number).then(|| self.buckets.get_mut(place(number)))?
    }

    fn holds(&self, number: i64) -> bool {
        number <= self.newest && self.newest.saturating_sub(number) < KEPT
    }

    /// Counts a mention in its bucket, if that one is still kept.
    pub(super) fn count(&mut self, number: i64, counted: &Counted) {
        let Some(bucket) = self.get_mut(number) else { return };
        bucket.total += narrow(counted.weight);
        if counted.tone == Tone::Positive {
            bucket.positive += narrow(counted.weight);
        }
        if counted.tone == Tone::Negative {
            bucket.negative += narrow(counted.weight);
            bucket.authors += u32::from(counted.first);
            bucket.texts += u32::from(counted.first && counted.own);
            bucket.raw = bucket.raw.saturating_add(1);
            bucket.reach += narrow(counted.reach as f64);
            if let Some(kind) = bucket.kinds.get_mut(usize::from(counted.kind).min(KINDS - 1)) {
                *kind += narrow(counted.weight);
            }
        }
    }

    /// Weighted negatives, and all, of `count` buckets from `first` on.
    pub(super) fn sums(&self, first: i64, count: i64) -> (f64, f64) {
        (first..first + count).filter_map(|number| self.get(number)).fold(
            (0.0, 0.0),
            |(negative, total), bucket| {
                (negative + f64::from(bucket.negative), total + f64::from(bucket.total))
            },
        )
    }
}

fn place(number: i64) -> usize {
    // A remainder by 288 always fits.
    usize::try_from(number.rem_euclid(KEPT)).unwrap_or(0)
}
