//! Text being written with its white space collapsed and nothing invisible, up to a limit.

use std::mem;

/// The white space owed before the next character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    None,
    Space,
    Line,
    Paragraph,
}

/// Text being written, with white space owed until a character needs it.
pub(super) struct Writer {
    pub(super) out: String,
    pub(super) gap: Gap,
    max: usize,
    full: bool,
}

impl Writer {
    pub(super) fn new(max: usize) -> Writer {
        Writer { out: String::new(), gap: Gap::None, max, full: false }
    }

    /// The end or beginning of a block: a line of its own, however many blocks begin here.
    pub(super) fn block(&mut self) {
        self.gap = self.gap.max(Gap::Line);
    }

    /// A line feed of the author's; the second makes a paragraph.
    pub(super) fn line(&mut self) {
        self.gap = if self.gap >= Gap::Line { Gap::Paragraph } else { Gap::Line };
    }

    /// Writes words of ASCII whole and the rest by character, which is several times faster than
    /// looking at each.
    pub(super) fn text(&mut self, mut text: &str) {
        while !text.is_empty() {
            let word = text.bytes().position(|b| !b.is_ascii_graphic()).unwrap_or(text.len());
            let (word, rest) = text.split_at_checked(word).unwrap_or((text, ""));
            if self.out.len() + word.len() + 2 <= self.max {
                self.piece(word);
            } else {
                word.chars().for_each(|c| self.char(c));
            }
            let mut rest = rest.chars();
            rest.by_ref().take(1).for_each(|c| self.char(c));
            text = rest.as_str();
        }
    }

    pub(super) fn char(&mut self, c: char) {
        if c.is_whitespace() {
            self.gap = self.gap.max(Gap::Space);
        } else if !is_removed(c) {
            self.piece(c.encode_utf8(&mut [0; 4]));
        }
    }

    /// Writes the white space owed and a piece without any; nothing once something did not fit.
    fn piece(&mut self, piece: &str) {
        if self.full || piece.is_empty() {
            return;
        }
        let gap = match mem::replace(&mut self.gap, Gap::None) {
            _ if self.out.is_empty() => "",
            Gap::None => "",
            Gap::Space => " ",
            Gap::Line => "\n",
            Gap::Paragraph => "\n\n",
        };
        if self.out.len() + gap.len() + piece.len() > self.max {
            self.full = true;
            return;
        }
        self.out.push_str(gap);
        self.out.push_str(piece);
    }
}

/// Characters that show nothing and can deceive: controls, direction overrides, tag characters.
/// The joiner U+200D stays, since emoji are made with it.
fn is_removed(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffc}'
                | '\u{e0000}'..='\u{e007f}'
        )
}
