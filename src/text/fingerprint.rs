//! Likeness of texts: a fingerprint whose bits are close when the texts are, and the memory of
//! the texts of a day.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::fold::words;
use super::spoken::spoken;
use crate::model::Timestamp;

/// Bits in which copies of one text may differ. Of seven thousand real posts on a few brands, the
/// pairs up to 7 bits apart were copies, quotations and edits of one text; from 9 on there were
/// different texts on the same news. Three bits found one copy in six of them.
const NEAR: u32 = 7;

/// Texts with fewer words coincide by chance (`Acme est en panne` is not copied from anyone), so
/// they have no fingerprint.
const FEWEST_WORDS: usize = 6;

/// How long a text is remembered after its last copy.
const DAY: i64 = 24 * 3600;

/// Simhash of a text, 64 bits; 0 when the text is too short to be recognised.
///
/// Case, accents, addresses, mentions of accounts and the order of words do not count: a copy
/// with another tracking link or another `@name` is a copy.
pub fn fingerprint(text: &str) -> u64 {
    let mut votes = [0_i32; 64];
    let mut count = 0;
    for word in words(&spoken(text)) {
        count += 1;
        let hash = xxh3_64(word.text.as_bytes());
        for (bit, vote) in votes.iter_mut().enumerate() {
            *vote += if hash >> bit & 1 == 1 { 1 } else { -1 };
        }
    }
    if count < FEWEST_WORDS {
        return 0;
    }
    let bits = votes.iter().enumerate().filter(|(_, vote)| **vote > 0);
    // Zero is taken: a text whose votes all fail gets the nearest other value.
    bits.fold(0, |print, (bit, _)| print | 1 << bit).max(1)
}

/// Whether two fingerprints belong to copies of one text. 0 is like nothing, itself included.
pub fn alike(a: u64, b: u64) -> bool {
    a != 0 && b != 0 && (a ^ b).count_ones() <= NEAR
}

/// The texts of the last 24 hours, most recently copied last; bounded.
///
/// A story is known by the fingerprint of its first copy, so a chain of small edits cannot walk
/// from one story to another. A scan is enough: a thousand comparisons take a microsecond, less
/// than an index of four times sixteen bits would cost in memory and in saved state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Copies {
    capacity: usize,
    recent: VecDeque<Story>,
}

/// Fingerprint, copies seen, second of the last one. A tuple, since it is saved by the hundred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Story(u64, u32, i64);

impl Copies {
    /// Remembers at most `capacity` texts; the one that was not copied for longest is forgotten.
    pub fn new(capacity: usize) -> Copies {
        Copies { capacity, recent: VecDeque::new() }
    }

    /// Counts a text and says the how-manieth copy it is: 1 for a text that is new today.
    ///
    /// Call in order of arrival. A text without fingerprint (0) is always the first.
    pub fn count(&mut self, fingerprint: u64, at: Timestamp) -> u32 {
        if fingerprint == 0 {
            return 1;
        }
        let now = at.as_second();
        while self.recent.front().is_some_and(|story| now - story.2 >= DAY) {
            self.recent.pop_front();
        }
        let known = self
            .recent
            .iter()
            .rposition(|story| alike(story.0, fingerprint) && now - story.2 < DAY)
            .and_then(|place| self.recent.remove(place));
        let story = known.map_or(Story(fingerprint, 1, now), |Story(first, copies, last)| {
            Story(first, copies.saturating_add(1), last.max(now))
        });
        if self.recent.len() >= self.capacity {
            self.recent.pop_front();
        }
        self.recent.push_back(story);
        story.1
    }

    /// How many texts are remembered.
    pub fn len(&self) -> usize {
        self.recent.len()
    }

    pub fn is_empty(&self) -> bool {
        self.recent.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPLAINT: &str = "Trois heures d'attente au guichet, personne ne répond et le colis \
        est reparti sans explication, c'est la dernière fois que je commande chez eux";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_772_409_600 + second).unwrap()
    }

    #[track_caller]
    fn check(other: &str, copy: bool) {
        let (a, b) = (fingerprint(COMPLAINT), fingerprint(other));
        assert_eq!(alike(a, b), copy, "{} bits: {other}", (a ^ b).count_ones());
    }

    #[test]
    fn copies_are_recognised_through_case_addresses_and_accounts() {
        check(&COMPLAINT.to_uppercase(), true);
        check(&format!("@acme {COMPLAINT} https://t.example/x?utm=1"), true);
        check(&COMPLAINT.replace("é", "e").replace(',', " !"), true);
    }

    #[test]
    fn texts_on_one_subject_are_not_copies() {
        check("Deux heures d'attente au téléphone et mon colis est toujours introuvable", false);
        check("Le colis est arrivé en avance, merci au guichet, je commande encore", false);
    }

    #[test]
    fn a_short_text_is_nobodys_copy() {
        for text in ["", "Acme est en panne ?", "🔥🔥🔥", "https://a.example/b"] {
            assert_eq!(fingerprint(text), 0, "{text}");
        }
        assert!(!alike(0, 0));
    }

    #[test]
    fn copies_are_counted_for_a_day_after_the_last() {
        let mut memory = Copies::new(10);
        let text = fingerprint(COMPLAINT);
        let hours = [(0, 1), (10, 2), (30, 3), (54, 1), (55, 2)];
        for (hour, copies) in hours {
            assert_eq!(memory.count(text ^ 0b101, at(hour * 3600)), copies, "hour {hour}");
        }
        assert_eq!((memory.count(0, at(0)), memory.count(0, at(0))), (1, 1));
    }

    #[test]
    fn the_memory_is_bounded_and_keeps_what_is_copied() {
        let mut memory = Copies::new(5);
        let flood = 0xffff_0000_ffff_0000;
        for n in 1..200_u64 {
            memory.count(n.wrapping_mul(0x9e37_79b9_7f4a_7c15), at(0));
            assert_eq!(u64::from(memory.count(flood, at(0))), n);
            assert!(memory.len() <= 5);
        }
        let saved = serde_json::to_string(&memory).unwrap();
        assert_eq!(serde_json::from_str::<Copies>(&saved).unwrap(), memory);
    }
}
