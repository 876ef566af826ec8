//! Crisis vocabulary: which known risks a text speaks of, and the words that say so.

use serde::Serialize;

use crate::language::Heard;
use crate::model::Span;
use crate::query::merged;
use crate::rules::Rules;
use crate::rules::vocabulary::Hit;
use crate::text::fold::{self, Folded};

/// A topic that a text speaks of, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Spoken {
    pub topic: String,
    /// Bytes of the text, in order, apart from each other.
    pub spans: Vec<Span>,
}

/// Names of the topics in a text, sorted, each once.
pub fn topics(text: &str, heard: &Heard, rules: &Rules) -> Vec<String> {
    spoken(text, heard, rules).into_iter().map(|spoken| spoken.topic).collect()
}

/// The topics in a text with the words that speak of them, sorted by name, each once.
///
/// A term of a language counts in the sentences of that language, and where nobody can say which
/// it is: better one topic too many than a crisis missed. What all languages borrow (« data
/// breach ») stands in the list for any of them.
pub fn spoken(text: &str, heard: &Heard, rules: &Rules) -> Vec<Spoken> {
    let folded = fold::fold(text);
    let line = Line::new(text, &folded);
    let language = |place: usize| {
        let (start, end) = line.place(place, place + 1);
        heard.at(&[folded.original(start, end)]).code
    };
    let mut hits: Vec<Hit> = rules.vocabulary.hits(&line.text, language).collect();
    hits.sort_unstable_by_key(|hit| (hit.topic, hit.start));
    let mut found: Vec<Spoken> = hits
        .chunk_by(|a, b| a.topic == b.topic)
        .filter_map(|hits| {
            let topic = rules.topics.get(hits.first()?.topic)?.name.clone();
            let spans = speaking(hits).map(|hit| {
                let (start, end) = line.place(hit.start, hit.end);
                folded.original(start, end)
            });
            let spans = merged(spans.collect());
            (!spans.is_empty()).then_some(Spoken { topic, spans })
        })
        .collect();
    found.sort_unstable_by(|a, b| a.topic.cmp(&b.topic));
    found
}

/// The hits of one topic that no plain expression covers. They come by where they start, so the
/// farthest end of the plain ones so far says whether one covers this hit.
fn speaking(hits: &[Hit]) -> impl Iterator<Item = &Hit> {
    let plain: Vec<&Hit> = hits.iter().filter(|hit| !hit.speaks).collect();
    let mut ends: Vec<usize> = plain.iter().map(|hit| hit.end).collect();
    for i in 1..ends.len() {
        ends[i] = ends[i].max(ends[i - 1]);
    }
    hits.iter().filter(move |hit| {
        let before = plain.partition_point(|plain| plain.start <= hit.start);
        let covered = ends.get(before.wrapping_sub(1)).is_some_and(|end| *end >= hit.end);
        hit.speaks && !covered
    })
}

/// The words of a folded text with one space around each, whatever stood between them; then those
/// of its hashtags cut at their capitals (`#FuiteDeDonnées`), each tag behind a sign that no
/// expression crosses.
struct Line {
    text: String,
    /// Where each word starts in the line, and in the folded text.
    starts: Vec<(usize, usize)>,
}

impl Line {
    fn new(text: &str, folded: &Folded) -> Line {
        let room = folded.text.len() + 2;
        let mut line = Line { text: String::with_capacity(room), starts: Vec::new() };
        line.text.push(' ');
        for word in fold::words(&folded.text) {
            line.push(word.text, word.start);
        }
        for (sign, _) in folded.text.match_indices('#') {
            let rest = folded.text.get(sign + 1..).unwrap_or_default();
            let Some(tag) = fold::words(rest).next().filter(|word| word.start == 0) else {
                continue;
            };
            line.push_tag(text, folded, sign + 1, sign + 1 + tag.end());
        }
        line
    }

    fn push(&mut self, word: &str, start: usize) {
        self.starts.push((self.text.len(), start));
        self.text.push_str(word);
        self.text.push(' ');
    }

    /// The parts of a tag, which only the capitals of the original tell.
    fn push_tag(&mut self, text: &str, folded: &Folded, start: usize, end: usize) {
        let span = folded.original(start, end);
        let parts = fold::tag_parts(text.get(span.start..span.end).unwrap_or_default());
        if parts.len() < 2 {
            return;
        }
        self.text.push_str("# ");
        for part in parts {
            let at = |place: usize| folded.position(span.start + place);
            let (start, end) = (at(part.start), at(part.end));
            self.push(folded.text.get(start..end).unwrap_or_default(), start);
        }
    }

    /// From where to where a piece of the line stands in the folded text, its last word whole.
    fn place(&self, start: usize, end: usize) -> (usize, usize) {
        let at = |place: usize| {
            let word = self.starts.partition_point(|(start, _)| *start <= place).saturating_sub(1);
            self.starts.get(word).copied().unwrap_or_default()
        };
        let (last_in_line, last) = at(end - 1);
        let length = self.text.get(last_in_line..).and_then(|rest| rest.find(' ')).unwrap_or(0);
        (at(start).1, last + length)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::model::{Lang, Language};

    static RULES: LazyLock<Rules> = LazyLock::new(Rules::builtin);

    proptest! {
        #[test]
        fn spans_are_pieces_of_any_text(
            text in r"([ #'\-]|\PC|#?(Grève|vol|ÉLECTROCUTÉ|œ|Rappel de lot)){0,20}",
        ) {
            for said in spoken(&text, &Heard::default(), &RULES) {
                prop_assert!(!said.spans.is_empty());
                for span in said.spans {
                    prop_assert!(text.get(span.start..span.end).is_some_and(|piece| !piece.is_empty()));
                }
            }
        }
    }

    fn in_language(code: &str) -> Heard {
        Heard::all(Language { code: Lang::parse(code), confidence: 1.0 })
    }

    #[test]
    fn each_sentence_is_heard_in_its_own_language() {
        let text = "Wij zoeken een goede panne. Grosse panne chez Acme.";
        let [dutch, french] = ["nl", "fr"].map(|code| in_language(code).whole);
        let rest = Span { start: 28, end: text.len() };
        let mixed = Heard { whole: dutch, foreign: vec![(rest, french)] };
        let found = spoken(text, &mixed, &RULES);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].spans, [Span { start: 35, end: 40 }]);
        assert_eq!(spoken(text, &in_language("nl"), &RULES), []);
    }

    #[test]
    fn topics_are_sorted_and_named_once() {
        let text = "Rappel de produit : trois blessés, plainte et rappel de lots, appel au boycott";
        let found = topics(text, &in_language("fr"), &RULES);
        assert_eq!(found, ["accident", "boycott", "justice", "recall"]);
    }

    #[test]
    fn a_quiet_text_has_no_topic() {
        for text in ["", "Bonjour à tous", "💐 …"] {
            assert_eq!(topics(text, &Heard::default(), &RULES), Vec::<String>::new(), "{text}");
        }
    }

    /// The words that speak of `vol`, for a small topic.
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let file = "topic = \"vol\"\nterms = [\"vol*\", \"vol à main armée\", \"main armée\"]\n\
            plain = [\"vol de nuit\", \"vol-au-vent\"]\n\
            [[example]]\ntext = \"un vol\"\nexpect = \"topic\"\n\
            [[example]]\ntext = \"un vol de nuit\"\nexpect = \"nothing\"\n";
        let rules = Rules::parse(&[("vol.toml".to_owned(), file.to_owned())]).unwrap();
        let spoken = spoken(text, &Heard::default(), &rules);
        let spans = spoken.iter().flat_map(|spoken| &spoken.spans);
        let words: Vec<&str> = spans.map(|span| text.get(span.start..span.end).unwrap()).collect();
        assert_eq!(words, expected);
    }

    #[test]
    fn the_words_that_speak_are_named_as_they_are_written() {
        check("Les VOLÉS, c’est nous", &["VOLÉS"]);
        check("Vol à main armée… puis un vol", &["Vol à main armée", "vol"]);
        check("vols\n– à (main) armée", &["vols", "main) armée"]);
        check("#StopVolÀMainArmée #voleurs", &["VolÀMainArmée", "voleurs"]);
        check("#AssezDe vol", &["vol"]);
    }

    #[test]
    fn a_hashtag_ends_where_it_ends() {
        check("#PasDeMain armée", &[]);
        check("main #Armée #vol", &["main #Armée", "vol"]);
        check("## # #️⃣ #ÉÀ", &[]);
    }

    #[test]
    fn a_plain_expression_silences_what_lies_in_it_and_nothing_else() {
        check("Vol de nuit", &[]);
        check("Un vol-au-vent pendant le vol de nuit", &[]);
        check("Un vol de nuit, et le vol de mon vélo", &["vol"]);
    }
}
