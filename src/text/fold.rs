//! Folding: one spelling for comparison (case, accents, ligatures, apostrophes), with the way back
//! to the original bytes.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::model::Span;

/// A text as it is compared, and where each of its bytes came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded {
    pub text: String,
    /// For each byte of `text`, and one past its end, the offset in the original.
    origin: Vec<u32>,
    original_len: usize,
}

impl Folded {
    /// The original bytes behind a range of the folded text.
    pub fn original(&self, start: usize, end: usize) -> Span {
        let at = |i: usize| self.origin.get(i).map_or(self.original_len, |&n| n as usize);
        Span { start: at(start), end: at(end) }
    }
}

/// Folds a text: lower case, no accents, `œ` as `oe`, every apostrophe as `'`, every kind of dash
/// as `-`, every white space as itself. Works on one character at a time, so the way back exists.
pub fn fold(text: &str) -> Folded {
    let mut folded = Folded {
        text: String::with_capacity(text.len()),
        origin: Vec::with_capacity(text.len() + 1),
        original_len: text.len(),
    };
    for (at, c) in text.char_indices() {
        let before = folded.text.len();
        fold_char(c, &mut folded.text);
        let place = u32::try_from(at).unwrap_or(u32::MAX);
        folded.origin.extend(std::iter::repeat_n(place, folded.text.len() - before));
    }
    folded.origin.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
    folded
}

/// Folds a text whose origin does not matter: a query term, a lexicon entry.
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| fold_char(c, &mut out));
    out
}

fn fold_char(c: char, out: &mut String) {
    match c {
        'a'..='z' | '0'..='9' | ' ' | '\n' => out.push(c),
        'A'..='Z' => out.push(c.to_ascii_lowercase()),
        '\0'..='\u{7f}' => out.push(c),
        'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' | 'Ë' => out.push('e'),
        'à' | 'â' | 'ä' | 'À' | 'Â' | 'Ä' => out.push('a'),
        'ç' | 'Ç' => out.push('c'),
        'œ' | 'Œ' => out.push_str("oe"),
        'æ' | 'Æ' => out.push_str("ae"),
        'ß' => out.push_str("ss"),
        'ø' | 'Ø' => out.push('o'),
        'ł' | 'Ł' => out.push('l'),
        'đ' | 'Đ' => out.push('d'),
        'ı' => out.push('i'),
        '’' | '‘' | 'ʼ' | '′' | '＇' | '`' | '´' => out.push('\''),
        '‐' | '‑' | '‒' | '–' | '—' | '−' => out.push('-'),
        // Invisible: soft hyphen, zero-width characters, direction marks.
        '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}' => {}
        _ => {
            let start = out.len();
            for d in c.nfkd().filter(|d| !is_combining_mark(*d)) {
                out.extend(d.to_lowercase().filter(|l| !is_combining_mark(*l)));
            }
            // A lone combining mark folds away, which is right; anything else must leave a trace.
            debug_assert!(
                out.len() > start || is_combining_mark(c) || c.nfkd().all(is_combining_mark)
            );
        }
    }
}

/// A word of a folded text: a run of letters and digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<'a> {
    pub text: &'a str,
    /// Byte offset in the folded text.
    pub start: usize,
}

impl Word<'_> {
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// The words of a folded text, in order. Apostrophes and hyphens separate, so that `l'oreal` is
/// `l`, `oreal` and a query for `oreal` finds it.
pub fn words(folded: &str) -> impl Iterator<Item = Word<'_>> {
    let mut rest = folded.char_indices().peekable();
    std::iter::from_fn(move || {
        while rest.next_if(|(_, c)| !c.is_alphanumeric()).is_some() {}
        let &(start, _) = rest.peek()?;
        let mut end = start;
        while let Some((at, c)) = rest.next_if(|(_, c)| c.is_alphanumeric()) {
            end = at + c.len_utf8();
        }
        folded.get(start..end).map(|text| Word { text, start })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_variants_fold_together() {
        for (written, expected) in [
            ("L’Oréal", "l'oreal"),
            ("ŒUVRE", "oeuvre"),
            ("Straße", "strasse"),
            ("e\u{301}té", "ete"),
            ("co\u{ad}operation", "cooperation"),
            ("ﬁn", "fin"),
        ] {
            assert_eq!(folded(written), expected);
            assert_eq!(fold(written).text, expected);
        }
    }

    #[test]
    fn a_folded_range_leads_back_to_the_original_bytes() {
        let text = "Chez L’Œuvre, été";
        let f = fold(text);
        let at = f.text.find("oeuvre").unwrap();
        let span = f.original(at, at + "oeuvre".len());
        assert_eq!(&text[span.start..span.end], "Œuvre");
    }

    #[test]
    fn words_are_separated_by_apostrophes_and_hyphens() {
        let found: Vec<&str> =
            words("qu'edf, rendez-vous #balance_ton 5g").map(|w| w.text).collect();
        assert_eq!(found, ["qu", "edf", "rendez", "vous", "balance", "ton", "5g"]);
    }
}
