//! One text made ready to be asked many queries: folded, cut into words.

use crate::model::Span;
use crate::text::fold::{Folded, as_written, fold, tag_parts, words};

use super::expr::{Ending, Term};
use super::plural::is_form;

/// A piece of the folded text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Piece {
    pub start: usize,
    pub end: usize,
}

/// A text, folded and cut into words once.
#[derive(Debug, Clone, Default)]
pub struct Prepared<'t> {
    written: &'t str,
    folded: Folded,
    words: Vec<Piece>,
    /// The same words with hashtags and handles cut at their capitals (`#BalanceTonPorc`); empty
    /// when there is nothing to cut, as nearly always.
    split: Vec<Piece>,
    /// Accounts named, from the `@` on.
    handles: Vec<Piece>,
}

impl<'t> Prepared<'t> {
    pub fn new(text: &'t str) -> Prepared<'t> {
        let folded = fold(text);
        let words = words(&folded.text).map(|w| Piece { start: w.start, end: w.end() }).collect();
        let mut prepared =
            Prepared { written: text, folded, words, split: Vec::new(), handles: Vec::new() };
        if text.bytes().any(|b| b == b'#' || b == b'@' || b == 0xef) {
            // 0xef begins the full-width `＃` and `＠`.
            prepared.read_tags(text);
        }
        prepared
    }

    /// The folded text.
    pub fn folded(&self) -> &str {
        &self.folded.text
    }

    /// The words, tags and handles uncut: what an index has to hold, with the other two.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|piece| self.text(*piece))
    }

    /// The words once more with tags and handles cut at their capitals; none when that changes
    /// nothing.
    pub fn split_words(&self) -> impl Iterator<Item = &str> {
        self.split.iter().map(|piece| self.text(*piece))
    }

    /// The accounts, each with its `@`.
    pub fn handles(&self) -> impl Iterator<Item = &str> {
        self.handles.iter().map(|piece| self.text(*piece))
    }

    /// Adds the places of a term, wherever it may be looked for.
    pub(super) fn locate(&self, term: &Term, out: &mut Vec<Piece>) {
        if let Some(handle) = term.handle() {
            return self.locate_handle(handle, term.ending == Ending::Open, out);
        }
        let before = out.len();
        self.locate_words(&term.words, term.ending, out);
        if !term.written.is_empty() {
            let mut at = before;
            out.retain(|piece| {
                at += 1;
                at <= before || self.is_written(*piece, term)
            });
        }
        if let Some(one) = term.joined() {
            self.locate_words(&[one], term.ending, out);
        }
    }

    fn locate_words(&self, words: &[String], ending: Ending, out: &mut Vec<Piece>) {
        for lane in [&self.words, &self.split] {
            for window in lane.windows(words.len()) {
                if self.is_phrase(window, words, ending)
                    && let [first, ..] = window
                    && let [.., last] = window
                {
                    out.push(Piece { start: first.start, end: last.end });
                }
            }
        }
    }

    fn is_phrase(&self, window: &[Piece], words: &[String], ending: Ending) -> bool {
        let last = words.len().saturating_sub(1);
        window.iter().zip(words).enumerate().all(|(at, (piece, word))| match ending {
            Ending::Plural => is_form(word, self.text(*piece)),
            Ending::Open if at == last => self.text(*piece).starts_with(word.as_str()),
            Ending::Whole | Ending::Open => self.text(*piece) == word,
        })
    }

    /// Whether the words of a place are written letter by letter as the term asks.
    fn is_written(&self, place: Piece, term: &Term) -> bool {
        let last = term.written.len().saturating_sub(1);
        let uncut = within(&self.words, place);
        let pieces =
            if uncut.len() == term.words.len() { uncut } else { within(&self.split, place) };
        pieces.len() == term.written.len()
            && pieces.iter().zip(&term.written).enumerate().all(|(at, (piece, written))| {
                let Span { start, end } = self.original(*piece);
                let found = as_written(self.written.get(start..end).unwrap_or_default());
                let goes_on = term.ending == Ending::Open && at == last;
                found == *written || (goes_on && found.starts_with(written.as_str()))
            })
    }

    /// `@sncf` names `@sncf` and `@sncf@social.example`, since a federated handle adds its server.
    fn locate_handle(&self, handle: &str, open: bool, out: &mut Vec<Piece>) {
        out.extend(self.handles.iter().copied().filter(|piece| {
            let rest = self.text(*piece).strip_prefix(handle);
            rest.is_some_and(|rest| open || rest.is_empty() || rest.starts_with('@'))
        }));
    }

    /// Bytes of the original text.
    pub(super) fn original(&self, piece: Piece) -> Span {
        self.folded.original(piece.start, piece.end)
    }

    /// The words before a place and those up to its end, as positions in the finest cut.
    pub(super) fn positions(&self, place: Piece) -> (usize, usize) {
        let lane = if self.split.is_empty() { &self.words } else { &self.split };
        let first = lane.partition_point(|piece| piece.end <= place.start);
        let after = lane.partition_point(|piece| piece.start < place.end);
        (first, after.saturating_sub(1).max(first))
    }

    /// Whether a word begins at this byte of the folded text, and whether one ends at that one.
    pub(super) fn bounds(&self, start: usize, end: usize) -> (bool, bool) {
        let begins =
            |lane: &[Piece]| lane.binary_search_by_key(&start, |piece| piece.start).is_ok();
        let ends = |lane: &[Piece]| lane.binary_search_by_key(&end, |piece| piece.end).is_ok();
        (begins(&self.words) || begins(&self.split), ends(&self.words) || ends(&self.split))
    }

    fn text(&self, piece: Piece) -> &str {
        self.folded.text.get(piece.start..piece.end).unwrap_or_default()
    }

    fn read_tags(&mut self, text: &str) {
        let mut cuts = Vec::new();
        // Where the tag being read ends: `@anne@piaille.fr` is one handle.
        let mut until = 0;
        for (at, sign) in self.folded.text.match_indices(['#', '@']) {
            let before = self.folded.text.get(..at).and_then(|text| text.chars().next_back());
            if at < until || before.is_some_and(char::is_alphanumeric) {
                continue;
            }
            let rest = self.folded.text.get(at + 1..).unwrap_or_default();
            let end = at + 1 + tag_length(rest, sign == "@");
            until = end;
            if sign == "@" && end > at + 1 {
                self.handles.push(Piece { start: at, end });
            }
            let tag = self.folded.original(at + 1, end);
            let parts = tag_parts(text.get(tag.start..tag.end).unwrap_or_default());
            cuts.extend(parts.iter().map(|part| self.folded.position(tag.start + part.start)));
        }
        self.split = cut(&self.words, &cuts);
        if self.split.len() == self.words.len() {
            self.split = Vec::new();
        }
    }
}

/// The words of a cut that lie in a place.
fn within(lane: &[Piece], place: Piece) -> &[Piece] {
    let first = lane.partition_point(|piece| piece.start < place.start);
    let after = lane.partition_point(|piece| piece.end <= place.end);
    lane.get(first..after).unwrap_or_default()
}

/// How many bytes belong to a tag: letters, digits, `_`; in a handle also the dots, hyphens and
/// the server that follow, but not the punctuation of the sentence.
fn tag_length(rest: &str, handle: bool) -> usize {
    let inside =
        |c: char| c.is_alphanumeric() || c == '_' || (handle && matches!(c, '.' | '-' | '@'));
    let end = rest.find(|c| !inside(c)).unwrap_or(rest.len());
    rest.get(..end).map_or(0, |tag| tag.trim_end_matches(['.', '-', '@']).len())
}

/// The words, cut at the given places; both are sorted.
fn cut(words: &[Piece], cuts: &[usize]) -> Vec<Piece> {
    let mut out = Vec::with_capacity(words.len() + cuts.len());
    let mut cuts = cuts.iter().copied().peekable();
    for word in words {
        let mut start = word.start;
        while let Some(at) = cuts.next_if(|at| *at < word.end) {
            if at > start {
                out.push(Piece { start, end: at });
                start = at;
            }
        }
        out.push(Piece { start, end: word.end });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, words: &[&str], split: &[&str], handles: &[&str]) {
        let prepared = Prepared::new(text);
        assert_eq!(prepared.words().collect::<Vec<_>>(), words, "{text}");
        assert_eq!(prepared.split_words().collect::<Vec<_>>(), split, "{text}");
        assert_eq!(prepared.handles().collect::<Vec<_>>(), handles, "{text}");
    }

    #[test]
    fn a_tag_is_there_whole_and_in_parts() {
        check(
            "l'été #BalanceTonPorc !",
            &["l", "ete", "balancetonporc"],
            &["l", "ete", "balance", "ton", "porc"],
            &[],
        );
    }

    #[test]
    fn a_handle_is_kept_with_its_server_and_without_the_full_stop() {
        check(
            "vu par @Anne_B@piaille.fr. Oui",
            &["vu", "par", "anne", "b", "piaille", "fr", "oui"],
            &[],
            &["@anne_b@piaille.fr"],
        );
    }

    #[test]
    fn an_address_is_no_handle() {
        check("jean@orange.fr", &["jean", "orange", "fr"], &[], &[]);
    }
}
