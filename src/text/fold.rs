//! Folding: one spelling for comparison (case, accents, ligatures, apostrophes), with the way back
//! to the original bytes.

use std::ops::Range;

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
    /// The original bytes behind a range of the folded text: whole letters, also where one letter
    /// became several (`🄒` is `(c)`).
    pub fn original(&self, start: usize, end: usize) -> Span {
        let at = |i: usize| self.origin.get(i).map_or(self.original_len, |&n| n as usize);
        let last = if end > start { at(end - 1) } else { at(end) };
        let after = (end..self.text.len()).map(at).find(|&next| end == start || next > last);
        Span { start: at(start), end: after.unwrap_or(self.original_len) }
    }

    /// The first byte of the folded text that comes from this original byte or a later one.
    pub fn position(&self, original: usize) -> usize {
        self.origin.partition_point(|&at| (at as usize) < original).min(self.text.len())
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
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        // Most of most texts are plain letters, which go over in one piece.
        let plain = rest.bytes().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
        let (run, rest) = rest.split_at(plain);
        let start = folded.text.len();
        folded.text.push_str(run);
        if let Some(run) = folded.text.get_mut(start..) {
            run.make_ascii_lowercase();
        }
        folded.origin.extend(place(at)..place(at + plain));
        at += plain;
        if let Some(c) = rest.chars().next() {
            fold_char(c, &mut folded.text);
            folded.origin.resize(folded.text.len(), place(at));
            at += c.len_utf8();
        }
    }
    folded.origin.push(place(text.len()));
    folded
}

/// Folds a text whose origin does not matter: a query term, a lexicon entry.
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| fold_char(c, &mut out));
    out
}

fn fold_char(c: char, out: &mut String) {
    if c.is_ascii() {
        out.push(c.to_ascii_lowercase());
    } else if !fold_known(c, out) {
        // What decomposition and lower case give may be in the table again (`ẞ`, `ŉ`), and folding
        // twice has to change nothing: the index and the queries fold the same words.
        for part in c.nfkd().filter(|d| !is_combining_mark(*d)).flat_map(char::to_lowercase) {
            if !is_combining_mark(part) && !fold_known(part, out) {
                out.push(part);
            }
        }
    }
}

/// The letters of our languages and the signs that have no decomposition; whether it was one.
/// Unicode decomposition of everything costs ten times as much.
fn fold_known(c: char, out: &mut String) -> bool {
    let plain = match c {
        'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' | 'Ë' => "e",
        'à' | 'â' | 'ä' | 'á' | 'ã' | 'À' | 'Â' | 'Ä' | 'Á' | 'Ã' => "a",
        'î' | 'ï' | 'í' | 'Î' | 'Ï' | 'Í' | 'ı' => "i",
        'ô' | 'ö' | 'ó' | 'õ' | 'ø' | 'Ô' | 'Ö' | 'Ó' | 'Õ' | 'Ø' => "o",
        'û' | 'ù' | 'ü' | 'ú' | 'Û' | 'Ù' | 'Ü' | 'Ú' => "u",
        'ç' | 'Ç' => "c",
        'ñ' | 'Ñ' => "n",
        'œ' | 'Œ' => "oe",
        'æ' | 'Æ' => "ae",
        'ß' | 'ẞ' => "ss",
        'ł' | 'Ł' => "l",
        'đ' | 'Đ' => "d",
        'ς' => "σ",
        '’' | '‘' | 'ʼ' | '′' | '＇' | '´' => "'",
        '‐' | '‑' | '‒' | '–' | '—' | '−' => "-",
        // Marks that brands carry: decomposed, `Orange™` would be `orangetm`.
        '™' | '℠' => "",
        // Invisible: soft hyphen, zero-width characters, direction marks, tags.
        '\u{ad}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}'
        | '\u{e0000}'..='\u{e007f}' => "",
        _ => return false,
    };
    out.push_str(plain);
    true
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
/// `l`, `oreal` and a query for `oreal` finds it. Where a script puts no spaces between its words,
/// each letter is one: a word of such a script is a phrase, and is found inside any run.
pub fn words(folded: &str) -> impl Iterator<Item = Word<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = skip(folded, at, |c| !c.is_alphanumeric());
        let first = folded.get(start..)?.chars().next()?;
        at = if is_unspaced(first) {
            start + first.len_utf8()
        } else {
            skip(folded, start, |c| c.is_alphanumeric() && !is_unspaced(c))
        };
        folded.get(start..at).map(|text| Word { text, start })
    })
}

/// Where the characters end, from `at` on, of which this is true. Most are ASCII: those are asked
/// without decoding, which halves the time.
fn skip(text: &str, mut at: usize, which: impl Fn(char) -> bool) -> usize {
    while let Some(&byte) = text.as_bytes().get(at) {
        let c = if byte.is_ascii() {
            char::from(byte)
        } else {
            let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
            c
        };
        if !which(c) {
            break;
        }
        at += c.len_utf8();
    }
    at
}

/// Whether a letter belongs to a script that is written without spaces between words: Thai, Lao,
/// Tibetan, Burmese, Khmer, kana, Han and their kin (the blocks of Unicode 16).
pub fn is_unspaced(c: char) -> bool {
    c >= '\u{0e00}'
        && matches!(c,
            '\u{0e00}'..='\u{0fff}'
            | '\u{1000}'..='\u{109f}'
            | '\u{1780}'..='\u{17ff}'
            | '\u{1950}'..='\u{19df}'
            | '\u{1a20}'..='\u{1aaf}'
            | '\u{3005}'..='\u{3007}'
            | '\u{3040}'..='\u{30ff}'
            | '\u{31f0}'..='\u{31ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{a9e0}'..='\u{a9ff}'
            | '\u{aa60}'..='\u{aadf}'
            | '\u{f900}'..='\u{faff}'
            | '\u{1b000}'..='\u{1b16f}'
            | '\u{20000}'..='\u{3ffff}')
}

/// A piece of a text for comparing letter by letter: composed, and without what folding drops, so
/// that only case, accents and ligatures are left to differ.
pub fn as_written(text: &str) -> String {
    let mut dropped = String::new();
    let stays = |c: &char| {
        dropped.clear();
        fold_char(*c, &mut dropped);
        !dropped.is_empty()
    };
    text.nfc().filter(stays).collect()
}

/// The parts of a hashtag or handle as it is written, as byte ranges: `BalanceTonPorc` has three,
/// `SNCFConnect` two, `balance_ton_porc` three, `balancetonporc` one.
pub fn tag_parts(tag: &str) -> Vec<Range<usize>> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    let mut before: [char; 2] = ['_', '_'];
    let mut cut = |start: &mut usize, end: usize| {
        if *start < end {
            parts.push(*start..end);
        }
        *start = end;
    };
    let mut previous_at = 0;
    for (at, c) in tag.char_indices() {
        if !c.is_alphanumeric() {
            cut(&mut start, at);
            start = at + c.len_utf8();
        } else if c.is_uppercase() && before[1].is_lowercase() {
            cut(&mut start, at);
        } else if c.is_lowercase() && before[1].is_uppercase() && before[0].is_uppercase() {
            // The last capital of a run begins the next word: `SNCFConnect`.
            cut(&mut start, previous_at);
        }
        before = [before[1], c];
        previous_at = at;
    }
    cut(&mut start, tag.len());
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = folded(&text);
            prop_assert_eq!(folded(&once), once);
        }

        #[test]
        fn the_way_back_stays_on_character_boundaries(text in ".{0,40}") {
            let f = fold(&text);
            prop_assert_eq!(&f.text, &folded(&text));
            for word in words(&f.text) {
                let span = f.original(word.start, word.end());
                let place = text.get(span.start..span.end);
                prop_assert!(place.is_some_and(|place| !place.is_empty()));
            }
        }
    }

    #[test]
    fn a_part_of_a_letter_that_became_several_is_the_whole_letter() {
        for (text, word, place) in [("le 🄒 !", "c", "🄒"), ("½ prix", "2", "½"), ("Ⅷ", "ii", "Ⅷ")]
        {
            let f = fold(text);
            let at = f.text.find(word).unwrap();
            let span = f.original(at, at + word.len());
            assert_eq!(text.get(span.start..span.end), Some(place), "{}", f.text);
        }
    }

    #[test]
    fn tags_are_cut_where_their_author_wrote_capitals() {
        for (tag, expected) in [
            ("BalanceTonPorc", vec!["Balance", "Ton", "Porc"]),
            ("SNCFConnect", vec!["SNCF", "Connect"]),
            ("balance_ton_porc", vec!["balance", "ton", "porc"]),
            ("balancetonporc", vec!["balancetonporc"]),
            ("iPhone15", vec!["i", "Phone15"]),
            ("OrangeÉnervé", vec!["Orange", "Énervé"]),
            ("_", vec![]),
            ("", vec![]),
        ] {
            let parts: Vec<&str> =
                tag_parts(tag).into_iter().map(|part| tag.get(part).unwrap()).collect();
            assert_eq!(parts, expected, "{tag}");
        }
    }

    #[test]
    fn spelling_variants_fold_together() {
        for (written, expected) in [
            ("L’Oréal", "l'oreal"),
            ("ŒUVRE", "oeuvre"),
            ("Straße", "strasse"),
            ("e\u{301}té", "ete"),
            ("co\u{ad}operation", "cooperation"),
            ("ﬁn", "fin"),
            ("Orange™", "orange"),
            ("STRAẞE", "strasse"),
            ("rendez\u{2011}vous", "rendez-vous"),
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
        assert_eq!(text.get(span.start..span.end), Some("Œuvre"));
    }

    #[test]
    fn words_are_separated_by_apostrophes_and_hyphens() {
        let found: Vec<&str> =
            words("qu'edf, rendez-vous #balance_ton 5g").map(|w| w.text).collect();
        assert_eq!(found, ["qu", "edf", "rendez", "vous", "balance", "ton", "5g"]);
    }

    #[test]
    fn a_letter_is_a_word_where_no_spaces_are_written() {
        for (text, expected) in [
            ("東京タワー5g", vec!["東", "京", "タ", "ワ", "ー", "5g"]),
            ("ซื้อของ", vec!["ซ", "อ", "ข", "อ", "ง"]),
            ("acme社", vec!["acme", "社"]),
        ] {
            let folded = folded(text);
            let found: Vec<&str> = words(&folded).map(|w| w.text).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn what_is_written_keeps_case_and_accents_only() {
        assert_eq!(as_written("Ora\u{ad}nge™"), "Orange");
        assert_eq!(as_written("e\u{301}te\u{301}"), "été");
        assert_ne!(as_written("ÉTÉ"), as_written("été"));
    }
}
