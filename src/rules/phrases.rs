//! Many words and expressions looked up at once, over words that are already folded.

use foldhash::HashMap;

use crate::text::fold;

/// Terms of one or more words with a value each. A term found later replaces an equal earlier one,
/// so that an operator's file can correct a shipped one.
#[derive(Debug, Clone)]
pub struct Phrases<V> {
    by_first: HashMap<String, Vec<Phrase<V>>>,
    /// Terms of one word that end in `*`, without it.
    prefixes: HashMap<String, V>,
    /// Byte lengths of the shortest and the longest prefix: what is worth probing.
    shortest: usize,
    longest: usize,
}

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
        let (by_first, prefixes) = (HashMap::default(), HashMap::default());
        Phrases { by_first, prefixes, shortest: usize::MAX, longest: 0 }
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
            self.shortest = self.shortest.min(first.len());
            self.longest = self.longest.max(first.len());
            self.prefixes.insert(first, value);
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
        for prefix in other.prefixes.keys() {
            self.shortest = self.shortest.min(prefix.len());
            self.longest = self.longest.max(prefix.len());
            self.prefixes.insert(prefix.clone(), value);
        }
    }

    fn prefix(&self, first: &str) -> Option<V> {
        let longest = first.len().min(self.longest);
        (self.shortest..=longest)
            .rev()
            .find_map(|end| self.prefixes.get(first.get(..end)?).copied())
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
        let terms =
            [("nul*", 1), ("pas mal", 2), ("mal", 3), ("fuite de donnée*", 4), ("J’adore", 5)];
        assert!(terms.into_iter().all(|(term, value)| phrases.add(term, value)));
        let mut words = words.split(' ');
        let first = words.next().unwrap();
        assert_eq!(phrases.at(first, &words).map(|found| (found.words, found.value)), expected);
    }

    #[test]
    fn the_longest_term_wins_and_a_star_leaves_the_end_open() {
        check("nullissime", Some((1, 1)));
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
