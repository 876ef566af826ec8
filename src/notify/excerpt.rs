//! Cuts a piece out of a stranger's text: safe to show, short, with the telling words marked.

use unicode_segmentation::UnicodeSegmentation;

use crate::model::finding::{Ground, full_text};
use crate::model::{Mention, WatchId};

/// A run of an excerpt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    /// A word that pulled the tone.
    pub marked: bool,
}

/// Graphemes kept before the first telling word, so that it is read in its sentence.
const LEAD: usize = 90;
/// Characters after which a grapheme is no letter any more but an attack on the layout.
const LONGEST_GRAPHEME: usize = 24;

/// Removes what could reorder, hide or break a line: controls, bidi marks, and the invisible.
pub fn harmless(c: char) -> bool {
    !(c.is_control()
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{feff}' | '\u{fffc}'
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}'
            | '\u{e0000}'..='\u{e007f}'))
}

/// One line of harmless text, at most `limit` graphemes, an ellipsis where it was cut.
pub fn line(text: &str, limit: usize) -> String {
    let mut out = String::new();
    let mut taken = 0;
    for grapheme in text.graphemes(true) {
        let clean = clean(grapheme);
        if clean.is_empty() || (clean == " " && (out.is_empty() || out.ends_with(' '))) {
            continue;
        }
        if taken == limit {
            return format!("{}…", out.trim_end());
        }
        out.push_str(&clean);
        taken += 1;
    }
    out.trim_end().to_owned()
}

fn clean(grapheme: &str) -> String {
    if matches!(grapheme, "\r\n" | "\n" | "\t" | "\r" | "\u{2028}" | "\u{2029}" | " ") {
        return " ".into();
    }
    grapheme.chars().filter(|c| harmless(*c)).take(LONGEST_GRAPHEME).collect()
}

/// The part of a mention that shows why it counts for a watch, at most `limit` graphemes.
///
/// Begins before the first negative word (or the first match); title and text are joined by a
/// dash. Offsets that fit no text mark nothing.
pub fn excerpt(mention: &Mention, watch: &WatchId, limit: usize) -> Vec<Piece> {
    let text = full_text(&mention.item.title, &mention.item.text);
    let finding = mention.findings.iter().find(|finding| finding.watch == *watch);
    let marks: Vec<(usize, usize)> = finding
        .iter()
        .flat_map(|finding| &finding.sentiment.evidence)
        .filter(|evidence| evidence.weight < 0.0 && evidence.ground != Ground::Rating)
        .map(|evidence| (evidence.start, evidence.end))
        .collect();
    let anchor = marks.iter().map(|mark| mark.0).min();
    let anchor =
        anchor.or_else(|| finding?.spans.first().map(|span| span.start)).unwrap_or_default();
    let graphemes: Vec<(usize, &str)> = text.grapheme_indices(true).collect();
    let place = graphemes.partition_point(|(offset, _)| *offset < anchor);
    // A short text is shown whole: a cut at its beginning would only hide words.
    let start = if graphemes.len() <= limit { 0 } else { place.saturating_sub(LEAD) };
    let title_end =
        if mention.item.title.is_empty() { None } else { Some(mention.item.title.len()) };
    let mut pieces = Pieces::default();
    if start > 0 {
        pieces.push("…", false);
    }
    for (offset, grapheme) in graphemes.iter().skip(start).take(limit) {
        let marked = marks.iter().any(|(from, to)| (*from..*to).contains(offset));
        if Some(*offset) == title_end && *grapheme == "\n" {
            pieces.push(" — ", false);
        } else {
            pieces.push(&clean(grapheme), marked);
        }
    }
    if start + limit < graphemes.len() {
        pieces.push("…", false);
    }
    pieces.0
}

#[derive(Default)]
struct Pieces(Vec<Piece>);

impl Pieces {
    fn push(&mut self, text: &str, marked: bool) {
        let after_space = self.0.last().is_none_or(|piece| piece.text.ends_with(' '));
        if text.is_empty() || (text == " " && after_space) {
            return;
        }
        match self.0.last_mut() {
            Some(piece) if piece.marked == marked => piece.text.push_str(text),
            _ => self.0.push(Piece { text: text.to_owned(), marked }),
        }
    }
}

/// The address of a mention when a mail may link to it: http or https, nothing hidden in it.
pub fn link(url: Option<&str>) -> Option<String> {
    let url = url::Url::parse(url?).ok()?;
    let web = matches!(url.scheme(), "http" | "https") && url.username().is_empty();
    (web && url.password().is_none() && url.as_str().len() <= 2000).then(|| url.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_or_reorders_text_is_removed() {
        assert_eq!(line("a\r\nBcc: x\u{202e}y\u{0}\u{200b}", 99), "a Bcc: xy");
    }

    #[test]
    fn a_cut_falls_between_graphemes() {
        assert_eq!(line("ae\u{301}e\u{301}x", 2), "ae\u{301}…");
        assert_eq!(line("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 1), "👩‍👩‍👧‍👦…");
    }

    #[test]
    fn only_plain_web_addresses_become_links() {
        for bad in ["javascript:alert(1)", "data:text/html,x", "/x", "https://u:p@example.org/"] {
            assert_eq!(link(Some(bad)), None, "{bad}");
        }
        assert_eq!(link(Some("https://example.org/\"x")).unwrap(), "https://example.org/%22x");
    }

    #[test]
    fn telling_words_are_marked_in_their_sentence() {
        let mut mention = super::super::facts_for_tests().mentions.remove(0);
        let watch = mention.findings[0].watch.clone();
        let marked: Vec<String> = excerpt(&mention, &watch, 300)
            .into_iter()
            .filter(|piece| piece.marked)
            .map(|piece| piece.text)
            .collect();
        assert_eq!(marked, ["dangereux"]);
        mention.findings[0].sentiment.evidence[0].end = usize::MAX;
        assert!(!excerpt(&mention, &watch, 300).is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_text_and_any_offsets_give_a_short_harmless_excerpt(
            title in ".{0,40}", text in "(?s).{0,400}", start in 0_usize..600, end in 0_usize..600
        ) {
            let mut mention = super::super::facts_for_tests().mentions.remove(0);
            mention.item.title = title;
            mention.item.text = text;
            mention.findings[0].sentiment.evidence[0].start = start;
            mention.findings[0].sentiment.evidence[0].end = end;
            let watch = mention.findings[0].watch.clone();
            let shown: String =
                excerpt(&mention, &watch, 50).into_iter().map(|piece| piece.text).collect();
            proptest::prop_assert!(shown.chars().all(harmless));
            // Two ellipses, and a dash with its spaces in place of a line feed.
            proptest::prop_assert!(shown.graphemes(true).count() <= 50 + 4);
        }
    }
}
