//! Many words and expressions looked up at once, over words that are already folded.

use foldhash::HashMap;

use crate::text::fold;

/// Terms of one or more words with a value each. A term found later replaces an equal earlier one,
/// so that an operator's file can correct a shipped one.
#[derive(Debug, Clone)]
pub struct Phrases<V> {
    by_first: HashMap<String, Vec<Phrase<V>>>,
    /// Terms of one word that end in `*`, without it, by how they begin; the longest first. Nearly
    /// every word is asked about, and most begin like none: one look-up settles it.
    prefixes: HashMap<[u8; START], Vec<(String, V)>>,
    /// Those that are too short to have a beginning.
    short: HashMap<String, V>,
}

/// Bytes that prefixes are told apart by.
const START: usize = 3;

#[derive(Debug, Clone)]
struct Phrase<V> {
    rest: Vec<String>,
    /// The last word of `rest` may go on.
    open: bool,
    value: V,
}

/// A term that stands at the beginning of a list of words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found<V> {
    pub words: usize,
    pub value: V,
}

impl<V> Default for Phrases<V> {
    fn default() -> Phrases<V> {
        let by_first = HashMap::default();
        Phrases { by_first, prefixes: HashMap::default(), short: HashMap::default() }
    }
}

impl<V: Copy> Phrases<V> {
    /// Adds a term; false when it holds no word.
    pub fn add(&mut self, term: &str, value: V) -> bool {
        let folded = fold::folded(term);
        let open = folded.ends_with('*');
        let mut words = fold::words(&folded).map(|word| word.text.to_owned());
        let Some(first) = words.next() else { return false };
        let rest: Vec<String> = words.collect();
        if open && rest.is_empty() {
            self.add_prefix(first, value);
            return true;
        }
        let same = self.by_first.entry(first).or_default();
        same.retain(|phrase| phrase.rest != rest || phrase.open != open);
        same.push(Phrase { rest, open, value });
        // The longest expression wins, so it is tried first.
        same.sort_by_key(|phrase| std::cmp::Reverse(phrase.rest.len()));
        true
    }

    /// Whether some term begins with this word: what is asked first when there are many lists.
    pub fn begins(&self, first: &str) -> bool {
        self.by_first.contains_key(first) || self.prefix(first).is_some()
    }

    /// Takes the first words of another list, whatever follows them there.
    pub fn take_beginnings<W>(&mut self, other: &Phrases<W>, value: V) {
        for first in other.by_first.keys() {
            self.by_first.entry(first.clone()).or_default();
        }
        let long = other.prefixes.values().flatten().map(|(prefix, _)| prefix);
        for prefix in long.chain(other.short.keys()) {
            self.add_prefix(prefix.clone(), value);
        }
    }

    fn add_prefix(&mut self, prefix: String, value: V) {
        let Some(start) = prefix.as_bytes().first_chunk().copied() else {
            self.short.insert(prefix, value);
            return;
        };
        let same = self.prefixes.entry(start).or_default();
        same.retain(|(known, _)| *known != prefix);
        same.push((prefix, value));
        same.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
    }

    /// The longest prefix that a word begins with.
    fn prefix(&self, word: &str) -> Option<V> {
        let start: Option<&[u8; START]> = word.as_bytes().first_chunk();
        let same = start.and_then(|start| self.prefixes.get(start));
        let long = same.and_then(|same| same.iter().find(|(prefix, _)| word.starts_with(prefix)));
        if let Some((_, value)) = long {
            return Some(*value);
        }
        if self.short.is_empty() {
            return None;
        }
        (1..START).rev().find_map(|end| self.short.get(word.get(..end)?).copied())
    }

    /// The longest term at the beginning of `words`; an exact word wins over a prefix.
    pub fn at<'a>(
        &self,
        first: &str,
        rest: &(impl Iterator<Item = &'a str> + Clone),
    ) -> Option<Found<V>> {
        let phrases = self.by_first.get(first).map_or(&[][..], Vec::as_slice);
        // Hundreds of expressions begin with `pas`; a look at the second word leaves few of them.
        let second = rest.clone().next();
        let mut likely = phrases.iter().filter(|phrase| phrase.goes_on_with(second));
        if let Some(phrase) = likely.find(|phrase| phrase.stands(rest.clone())) {
            return Some(Found { words: 1 + phrase.rest.len(), value: phrase.value });
        }
        self.prefix(first).map(|value| Found { words: 1, value })
    }
}

impl<V> Phrase<V> {
    fn goes_on_with(&self, second: Option<&str>) -> bool {
        self.rest.first().is_none_or(|want| second.is_some_and(|word| word.starts_with(want)))
    }

    fn stands<'a>(&self, mut words: impl Iterator<Item = &'a str>) -> bool {
        let last = self.rest.len().saturating_sub(1);
        self.rest.iter().enumerate().all(|(i, want)| {
            words.next().is_some_and(|word| {
                if self.open && i == last { word.starts_with(want.as_str()) } else { word == want }
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &str, expected: Option<(usize, u8)>) {
        let mut phrases = Phrases::default();
        let terms = [
            ("nul*", 1),
            ("pas mal", 2),
            ("mal", 3),
            ("fuite de donnée*", 4),
            ("J’adore", 5),
            ("nullis*", 6),
            ("zz*", 7),
        ];
        assert!(terms.into_iter().all(|(term, value)| phrases.add(term, value)));
        let mut words = words.split(' ');
        let first = words.next().unwrap();
        assert_eq!(phrases.at(first, &words).map(|found| (found.words, found.value)), expected);
    }

    #[test]
    fn the_longest_term_wins_and_a_star_leaves_the_end_open() {
        check("nullement", Some((1, 1)));
        check("nullissime", Some((1, 6)));
        check("zzz", Some((1, 7)));
        check("z", None);
        check("pas mal", Some((2, 2)));
        check("pas bien", None);
        check("mal fait", Some((1, 3)));
        check("malheur", None);
        check("fuite de donnees massive", Some((3, 4)));
        check("fuite de gaz", None);
        check("j adore ca", Some((2, 5)));
    }

    #[test]
    fn a_term_without_a_word_is_refused() {
        assert!(!Phrases::default().add("*", 1));
    }
}
