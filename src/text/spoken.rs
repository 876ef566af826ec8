//! What an author says: the folded words of a text, without what a platform puts around them.

use super::fold::folded;

/// The folded words of a text, with a space between.
///
/// Addresses and accounts are gone (another tracking link or another `@name` makes no other text),
/// and so are the `RT` before a repost and a last word that an ellipsis has cut. Emoji and
/// punctuation are left for [`words`](super::fold::words) to pass over.
pub fn spoken(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for piece in text.split_whitespace().filter(|piece| !is_platform(piece)) {
        kept.push_str(piece);
        kept.push(' ');
    }
    let kept = kept.trim_end();
    let whole = match kept.strip_suffix('…') {
        // `une honte…` may be whole, but the copy that was not cut only loses a word by it.
        Some(cut) => cut.rsplit_once(char::is_whitespace).map_or("", |(whole, _)| whole),
        None => kept,
    };
    folded(whole)
}

/// Whether a piece is an address, an account or the mark of a repost: nobody says it.
pub fn is_platform(piece: &str) -> bool {
    let www = piece.get(..4).is_some_and(|opening| opening.eq_ignore_ascii_case("www."));
    www || piece == "RT" || piece.contains('@') || piece.contains("://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_platform_adds_is_not_said() {
        for (text, said) in [
            ("RT @anne: Quelle HONTE https://t.example/x", "quelle honte"),
            ("“@anne: Quelle honte” via@jean", "quelle honte”"),
            ("Quelle honte, trois heures d'att… https://t.example/x", "quelle honte, trois heures"),
            ("www.acme.example", ""),
            ("…", ""),
        ] {
            // The piece `“@anne:` goes with its quotation mark, which is no word anyway.
            assert_eq!(spoken(text), said, "{text}");
        }
    }
}
