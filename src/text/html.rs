//! Plain text out of HTML: linear in its length, whatever the markup.

/// What a reader sees, and what the author only quotes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plain {
    pub text: String,
    pub quoted: String,
}

/// Text of an HTML fragment or page: entities decoded, paragraphs kept as line feeds, scripts and
/// styles dropped, quotations apart, control and bidi-override characters removed.
pub fn to_text(_html: &str) -> Plain {
    todo!()
}

/// Makes text that is already plain fit to keep: controls and bidi overrides removed, white space
/// runs shortened, cut at `max` bytes on a character boundary.
pub fn clean(_text: &str, _max: usize) -> String {
    todo!()
}
