//! Many queries asked about one text at once.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;

use daachorse::{DoubleArrayAhoCorasick, DoubleArrayAhoCorasickBuilder};
use foldhash::HashMap;

use super::expr::{Ending, Expr, Term};
use super::plural::forms;
use super::{Document, Prepared, Query};
use crate::model::Span;

/// Queries behind one automaton, so that thousands of watches cost about as much as one.
///
/// A query can only match a text that holds one of its *needles*: words of which every match needs
/// at least one. One pass over the folded text finds the needles that stand there as words; only
/// the queries behind them are asked. Nothing that is done for a text grows with the number of
/// queries, but for those that have no needle.
#[derive(Clone, Default)]
pub struct QuerySet {
    queries: Vec<Query>,
    automaton: Option<DoubleArrayAhoCorasick<u32>>,
    /// Whether each needle may go on (`rappel*`), and where its queries begin in `behind`.
    needles: Vec<Needle>,
    /// The queries of all needles, one needle after the other.
    behind: Vec<u32>,
    /// Queries without needles, asked every time: those of fields alone.
    always: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Needle {
    open: bool,
    begin: u32,
    end: u32,
}

/// The words of one cover, each with whether it may go on.
type Cover = Vec<(String, bool)>;

impl QuerySet {
    pub fn new(queries: Vec<Query>) -> QuerySet {
        let known = popularity(&queries);
        let mut covered: BTreeMap<String, (bool, Vec<u32>)> = BTreeMap::new();
        let mut always = Vec::new();
        for (query, place) in queries.iter().zip(0_u32..) {
            match cover(&query.expr, &known) {
                Some(cover) => {
                    for (word, open) in cover {
                        let needle = covered.entry(word).or_default();
                        needle.0 |= open;
                        needle.1.push(place);
                    }
                }
                None => always.push(place),
            }
        }
        let mut set = QuerySet { queries, always, ..QuerySet::default() };
        set.compile(covered);
        set
    }

    fn compile(&mut self, covered: BTreeMap<String, (bool, Vec<u32>)>) {
        let words = covered.keys().zip(0_u32..).map(|(word, at)| (word.as_bytes(), at));
        self.automaton = DoubleArrayAhoCorasickBuilder::new().build_with_values(words).ok();
        if self.automaton.is_none() {
            // No needles at all, or too many for the automaton: slower, and as right.
            self.always = (0_u32..).take(self.queries.len()).collect();
            return;
        }
        let length = |behind: &Vec<u32>| u32::try_from(behind.len()).unwrap_or(u32::MAX);
        for (open, queries) in covered.into_values() {
            let begin = length(&self.behind);
            self.behind.extend(queries);
            self.needles.push(Needle { open, begin, end: length(&self.behind) });
        }
        self.behind.shrink_to_fit();
    }

    /// The queries, in the order they were given.
    pub fn queries(&self) -> &[Query] {
        &self.queries
    }

    /// Bytes of memory that finding candidates takes, without the queries themselves.
    pub fn heap_bytes(&self) -> usize {
        self.automaton.as_ref().map_or(0, DoubleArrayAhoCorasick::heap_bytes)
            + self.needles.capacity() * size_of::<Needle>()
            + (self.behind.capacity() + self.always.capacity()) * size_of::<u32>()
    }

    /// The queries that match, by their place in [`QuerySet::queries`], in that order, with spans;
    /// see [`Query::find`] for what is unknown.
    pub fn find(&self, document: &Document<'_>) -> Vec<(usize, Vec<Span>)> {
        let ask = |place: u32| {
            let place = place as usize;
            Some((place, self.queries.get(place)?.find(document)?))
        };
        self.candidates(document.text).into_iter().filter_map(ask).collect()
    }

    fn candidates(&self, text: &Prepared<'_>) -> Vec<u32> {
        let mut candidates = self.always.clone();
        for found in self.found(text) {
            let queries = self.behind.get(found.begin as usize..found.end as usize);
            candidates.extend(queries.unwrap_or_default());
        }
        candidates.sort_unstable();
        candidates.dedup();
        candidates
    }

    /// Each needle that stands in the text as a word, once. A word is seen more than once in a
    /// text, so that this is bounded by the text, not by the needles.
    fn found(&self, text: &Prepared<'_>) -> impl Iterator<Item = Needle> {
        let mut found: Vec<u32> = Vec::new();
        if let Some(automaton) = &self.automaton {
            // Overlapping: `orange` must be seen beside the handle `@orange`.
            for hit in automaton.find_overlapping_iter(text.folded()) {
                let Some(needle) = self.needles.get(hit.value() as usize) else { continue };
                if stands(text, hit.start(), hit.end(), needle.open) {
                    found.push(hit.value());
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().filter_map(|needle| self.needles.get(needle as usize).copied())
    }
}

/// Whether a needle stands as a word where it was seen.
fn stands(text: &Prepared<'_>, start: usize, end: usize, open: bool) -> bool {
    if text.folded().as_bytes().get(start) == Some(&b'@') {
        // Only the query knows where a handle ends.
        return true;
    }
    let (begins, ends) = text.bounds(start, end);
    begins && (open || ends)
}

impl fmt::Debug for QuerySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QuerySet")
            .field("queries", &self.queries)
            .field("always", &self.always)
            .finish_non_exhaustive()
    }
}

/// How many queries name each word. A word that many name is common (`avis`, `panne`); the one
/// that only this query names tells it apart, and is the needle to look for.
fn popularity(queries: &[Query]) -> HashMap<String, u32> {
    let mut known: HashMap<String, u32> = HashMap::default();
    for query in queries {
        query.expr.visit(&mut |expr| {
            let mut count = |term: &Term| {
                for word in &term.words {
                    match known.get_mut(word) {
                        Some(count) => *count += 1,
                        None => drop(known.insert(word.clone(), 1)),
                    }
                }
            };
            match expr {
                Expr::Term(term) => count(term),
                Expr::Near(near) => near.terms().for_each(count),
                _ => {}
            }
        });
    }
    known
}

/// Words of which each match of the expression holds at least one; `None` when there are none.
fn cover(expr: &Expr, known: &HashMap<String, u32>) -> Option<Cover> {
    match expr {
        Expr::Term(term) => of_term(term, known),
        Expr::Near(near) => rarest(
            [&near.left, &near.right]
                .into_iter()
                .map(|side| all_of(side.iter().map(|term| of_term(term, known)))),
            known,
        ),
        Expr::And(all) => rarest(all.iter().map(|child| cover(child, known)), known),
        Expr::Or(any) => all_of(any.iter().map(|child| cover(child, known))),
        Expr::Filter(_) | Expr::Not(_) => None,
    }
}

/// The rarest word of a phrase in its forms, and the phrase in one word.
fn of_term(term: &Term, known: &HashMap<String, u32>) -> Option<Cover> {
    let open = |at: usize| term.ending == Ending::Open && at + 1 == term.words.len();
    let rarity = |word: &String| (Reverse(known.get(word).copied()), word.len());
    let (at, word) = term.words.iter().enumerate().max_by_key(|(_, word)| rarity(word))?;
    let mut words = vec![word.clone()];
    words.extend(term.joined());
    let ends = |word: String, open: bool| -> Cover {
        if term.ending == Ending::Plural {
            forms(&word).map(|(stem, ending)| (format!("{stem}{ending}"), false)).collect()
        } else {
            vec![(word, open)]
        }
    };
    let joined_open = term.ending == Ending::Open;
    let opens = [open(at), joined_open];
    Some(words.into_iter().zip(opens).flat_map(|(word, open)| ends(word, open)).collect())
}

fn all_of(covers: impl Iterator<Item = Option<Cover>>) -> Option<Cover> {
    Some(covers.collect::<Option<Vec<Cover>>>()?.concat())
}

/// The cover whose most common word is the rarest, then the smallest one, then the longest words.
fn rarest(
    covers: impl Iterator<Item = Option<Cover>>,
    known: &HashMap<String, u32>,
) -> Option<Cover> {
    covers.flatten().min_by_key(|cover| {
        let commonest = cover.iter().filter_map(|(word, _)| known.get(word)).max().copied();
        let shortest = cover.iter().map(|(word, _)| word.len()).min();
        (commonest, cover.len(), Reverse(shortest))
    })
}
