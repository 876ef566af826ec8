//! One text made ready to be asked many queries: folded, cut into words.
use crate::text::fold::Folded;

/// A text, folded and cut into words once.
#[derive(Debug, Clone, Default)]
pub struct Prepared {
    folded: Folded,
}

/// A word at its place among the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence<'a> {
    pub word: &'a str,
    /// Words before it: neighbours of a phrase have neighbouring positions.
    pub position: usize,
}

impl Prepared {
    pub fn new(_text: &str) -> Prepared {
        todo!()
    }

    /// The folded text.
    pub fn folded(&self) -> &str {
        &self.folded.text
    }

    /// Every word that a query can ask for, with positions: what an index has to hold.
    pub fn occurrences(&self) -> impl Iterator<Item = Occurrence<'_>> {
        std::iter::empty()
    }
}
