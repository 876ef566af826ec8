//! The expressions of all topics in one automaton: one pass over a text finds those of every
//! language.

use std::collections::BTreeMap;

use daachorse::DoubleArrayAhoCorasick;

use crate::model::Lang;
use crate::text::fold;

/// An expression of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Folded words, each after a space; a space at the end too unless the last word may go on.
    pattern: String,
    /// Counts in texts of this language and in those whose language nobody can say; `None`: in all.
    pub lang: Option<Lang>,
    /// Whether it speaks of the topic; otherwise it only looks so, and silences what lies in it.
    pub speaks: bool,
}

impl Term {
    /// Reads a term as it is written; none when it holds no word.
    pub fn parse(written: &str, lang: Option<Lang>, speaks: bool) -> Option<Term> {
        let folded = fold::folded(written);
        let mut pattern = String::with_capacity(folded.len() + 2);
        for word in fold::words(&folded) {
            pattern.push(' ');
            pattern.push_str(word.text);
        }
        if pattern.is_empty() {
            return None;
        }
        if !folded.ends_with('*') {
            pattern.push(' ');
        }
        Some(Term { pattern, lang, speaks })
    }
}

/// All terms of all topics, ready to be looked for.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    automaton: Option<Automaton>,
    /// For each pattern, the terms that are written so.
    behind: Vec<Vec<Meaning>>,
}

/// `DoubleArrayAhoCorasick`, which says nothing of itself.
#[derive(Clone)]
struct Automaton(DoubleArrayAhoCorasick<u32>);

impl std::fmt::Debug for Automaton {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Automaton")
    }
}

#[derive(Debug, Clone, Copy)]
struct Meaning {
    topic: usize,
    lang: Option<Lang>,
    speaks: bool,
}

/// A term that stands in a line of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Its place in the list of topics.
    pub topic: usize,
    pub speaks: bool,
    /// Bytes of the line, without the spaces around; the last word may go on.
    pub start: usize,
    pub end: usize,
}

impl Vocabulary {
    /// The terms of topics, in the order of the topics. The same pattern may stand in several.
    pub fn new<'a>(topics: impl Iterator<Item = &'a [Term]>) -> Vocabulary {
        let mut patterns: BTreeMap<&str, Vec<Meaning>> = BTreeMap::new();
        for (topic, terms) in topics.enumerate() {
            for term in terms {
                let meaning = Meaning { topic, lang: term.lang, speaks: term.speaks };
                patterns.entry(&term.pattern).or_default().push(meaning);
            }
        }
        let numbered = patterns.keys().copied().zip(0_u32..);
        // It refuses an empty list: there is nothing to find then.
        let automaton = DoubleArrayAhoCorasick::with_values(numbered).ok().map(Automaton);
        Vocabulary { automaton, behind: patterns.into_values().collect() }
    }

    /// Every term that counts in the language at its place, longer and shorter ones, by where they
    /// end. The line holds folded words with one space around each.
    pub fn hits(
        &self,
        line: &str,
        language: impl Fn(usize) -> Option<Lang>,
    ) -> impl Iterator<Item = Hit> {
        let found =
            self.automaton.iter().flat_map(move |known| known.0.find_overlapping_iter(line));
        found.flat_map(move |found| {
            let (start, end) = (found.start() + 1, found.end());
            let closed = line.as_bytes().get(end - 1) == Some(&b' ');
            let end = if closed { end - 1 } else { end };
            let behind = self.behind.get(found.value() as usize).map_or(&[][..], Vec::as_slice);
            let language = if behind.is_empty() { None } else { language(start) };
            behind.iter().filter(move |meaning| meaning.counts(language)).map(move |meaning| {
                let Meaning { topic, speaks, .. } = *meaning;
                Hit { topic, speaks, start, end }
            })
        })
    }
}

impl Meaning {
    fn counts(self, language: Option<Lang>) -> bool {
        self.lang.is_none() || language.is_none() || self.lang == language
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, language: &str, expected: &[(&str, usize, bool)]) {
        let [fr, nl] = ["fr", "nl"].map(Lang::parse);
        let term = |written, lang, speaks| Term::parse(written, lang, speaks).unwrap();
        let outage = [term("panne*", fr, true), term("en panne", fr, true)];
        let plain = [term("panne d’idées", fr, false), term("Pannes", None, true)];
        let pans = [term("panne", nl, true)];
        let topics = [outage.to_vec(), plain.to_vec(), pans.to_vec()];
        let vocabulary = Vocabulary::new(topics.iter().map(Vec::as_slice));
        let found: Vec<_> = vocabulary
            .hits(line, |_| Lang::parse(language))
            .map(|hit| (line.get(hit.start..hit.end).unwrap(), hit.topic, hit.speaks))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_term_counts_in_its_language_and_where_nobody_can_say() {
        check(" une panne ", "fr", &[("panne", 0, true)]);
        check(" een panne ", "nl", &[("panne", 2, true)]);
        check(" panne ", "", &[("panne", 0, true), ("panne", 2, true)]);
        check(" pannes ", "de", &[("pannes", 1, true)]);
    }

    #[test]
    fn longer_and_shorter_terms_are_all_found() {
        let all = [("panne", 0, true), ("en panne", 0, true), ("panne d idees", 1, false)];
        check(" en panne d idees ", "fr", &all);
        check(" empanne pan depanne ", "fr", &[]);
    }

    #[test]
    fn a_term_without_a_word_is_none_and_no_terms_find_nothing() {
        assert_eq!(Term::parse("*", None, true), None);
        assert_eq!(Vocabulary::default().hits(" a ", |_| None).count(), 0);
    }
}
