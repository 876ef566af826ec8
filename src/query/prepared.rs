//! One text made ready to be asked many queries: folded, cut into words.

use crate::model::Span;
use crate::text::fold::{Folded, fold, tag_parts, words};

/// A piece of the folded text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    start: usize,
    end: usize,
}

/// A text, folded and cut into words once.
#[derive(Debug, Clone, Default)]
pub struct Prepared {
    folded: Folded,
    words: Vec<Piece>,
    /// The same words with hashtags and handles cut at their capitals (`#BalanceTonPorc`); empty
    /// when there is nothing to cut, as nearly always.
    split: Vec<Piece>,
    /// Accounts named, from the `@` on.
    handles: Vec<Piece>,
}

/// A word at its place among the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence<'a> {
    pub word: &'a str,
    /// Words before it: neighbours of a phrase have neighbouring positions.
    pub position: usize,
}

impl Prepared {
    pub fn new(text: &str) -> Prepared {
        let folded = fold(text);
        let words = words(&folded.text).map(|w| Piece { start: w.start, end: w.end() }).collect();
        let mut prepared = Prepared { folded, words, split: Vec::new(), handles: Vec::new() };
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

    /// Every word that a query can ask for, with positions: what an index has to hold.
    ///
    /// In order of position. A hashtag or handle that was cut at its capitals is there in parts
    /// and whole; a handle is there once more with its `@`.
    pub fn occurrences(&self) -> impl Iterator<Item = Occurrence<'_>> {
        let lane = if self.split.is_empty() { &self.words } else { &self.split };
        let mut whole = self.words.iter().peekable();
        let mut handles = self.handles.iter().peekable();
        lane.iter().enumerate().flat_map(move |(position, piece)| {
            let handle = handles.next_if(|h| h.start < piece.end);
            let uncut = whole.next_if(|w| w.start <= piece.start).filter(|w| *w != piece);
            [Some(piece), uncut, handle]
                .into_iter()
                .flatten()
                .map(move |p| Occurrence { word: self.text(*p), position })
        })
    }

    /// Adds the places of a phrase, in bytes of the original; whether there was any.
    pub(super) fn locate(&self, words: &[String], prefix: bool, out: &mut Vec<Span>) -> bool {
        let before = out.len();
        match words {
            [handle] if handle.starts_with('@') => self.locate_handle(handle, prefix, out),
            _ => {
                self.locate_in(&self.words, words, prefix, out);
                self.locate_in(&self.split, words, prefix, out);
            }
        }
        out.len() > before
    }

    fn locate_in(&self, lane: &[Piece], words: &[String], prefix: bool, out: &mut Vec<Span>) {
        let Some((last, first)) = words.split_last() else { return };
        for window in lane.windows(words.len()) {
            let [head @ .., tail] = window else { return };
            let ends = if prefix {
                self.text(*tail).starts_with(last.as_str())
            } else {
                self.text(*tail) == last.as_str()
            };
            if ends && head.iter().zip(first).all(|(piece, word)| self.text(*piece) == word) {
                let start = head.first().unwrap_or(tail).start;
                out.push(self.folded.original(start, tail.end));
            }
        }
    }

    /// `@sncf` names `@sncf` and `@sncf@social.example`, since a federated handle adds its server.
    fn locate_handle(&self, handle: &str, prefix: bool, out: &mut Vec<Span>) {
        for piece in &self.handles {
            let rest = self.text(*piece).strip_prefix(handle);
            if rest.is_some_and(|rest| prefix || rest.is_empty() || rest.starts_with('@')) {
                out.push(self.folded.original(piece.start, piece.end));
            }
        }
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
    fn check(text: &str, expected: &[(&str, usize)]) {
        let prepared = Prepared::new(text);
        let found: Vec<(&str, usize)> =
            prepared.occurrences().map(|o| (o.word, o.position)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn an_index_gets_parts_and_wholes_at_the_same_place() {
        check(
            "l'été #BalanceTonPorc !",
            &[("l", 0), ("ete", 1), ("balance", 2), ("balancetonporc", 2), ("ton", 3), ("porc", 4)],
        );
    }

    #[test]
    fn a_handle_is_kept_with_its_server_and_without_the_full_stop() {
        check(
            "vu par @Anne_B@piaille.fr. Oui",
            &[
                ("vu", 0),
                ("par", 1),
                ("anne", 2),
                ("@anne_b@piaille.fr", 2),
                ("b", 3),
                ("piaille", 4),
                ("fr", 5),
                ("oui", 6),
            ],
        );
    }

    #[test]
    fn an_address_is_no_handle() {
        check("jean@orange.fr", &[("jean", 0), ("orange", 1), ("fr", 2)]);
    }
}
