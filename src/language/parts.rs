//! Texts that change their language: the sentences that are in another one than the whole.

use super::{Prior, detect, voices, words};
use crate::model::{Lang, Language, Span};

/// Sentences with fewer letters are too short to be heard as another language than the rest.
const FEWEST_LETTERS: usize = 20;
/// Sentences that are looked at; the rest of an article is in the language of the whole.
const MOST_SENTENCES: usize = 64;

/// The language of a text, and the sentences that are in another.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Heard {
    pub whole: Language,
    /// In bytes of the text, in order; empty for nearly every text.
    pub foreign: Vec<(Span, Language)>,
}

impl Heard {
    /// One language throughout.
    pub fn all(whole: Language) -> Heard {
        Heard { whole, foreign: Vec::new() }
    }

    /// The language of the sentence that holds the first of these places.
    pub fn at(&self, places: &[Span]) -> Language {
        let Some(first) = places.first() else { return self.whole };
        let holds =
            |(span, _): &&(Span, Language)| span.start <= first.start && first.start < span.end;
        self.foreign.iter().find(holds).map_or(self.whole, |(_, language)| *language)
    }
}

/// Hears a text as a whole, and its sentences where their small words do not agree: then the
/// language that most letters are in is that of the whole, and the other sentences are foreign.
pub fn hear(text: &str, prior: impl Into<Prior>, allowed: &[Lang]) -> Heard {
    let whole = detect(text, prior, allowed);
    let usual = super::usual();
    let allowed = if allowed.is_empty() { usual.as_slice() } else { allowed };
    let clear = sentences(text).into_iter().filter_map(|span| {
        let sentence = text.get(span.start..span.end)?;
        let vote = words::vote(sentence, allowed)?;
        (vote.is_clear() && vote.heard >= 2.0).then_some((span, vote.lang))
    });
    let clear: Vec<(Span, Lang)> = clear.collect();
    let one = clear.iter().all(|(_, lang)| Some(*lang) == whole.code);
    if one { Heard::all(whole) } else { mixed(text, whole, &clear) }
}

/// A text whose sentences may be in several languages. One is believed when the linear model hears
/// the same, since a quotation or a title of three small words is no change of language.
fn mixed(text: &str, whole: Language, clear: &[(Span, Lang)]) -> Heard {
    let mut believed: Vec<(Span, Lang, usize)> = Vec::new();
    for (span, lang) in clear {
        let prose = super::prose(text.get(span.start..span.end).unwrap_or_default());
        let letters = prose.chars().filter(|c| c.is_alphabetic()).count();
        if letters >= FEWEST_LETTERS && voices::whole(&prose) == Some(*lang) {
            believed.push((*span, *lang, letters));
        }
    }
    let letters = |lang: Lang| -> usize {
        believed.iter().filter(|(_, other, _)| *other == lang).map(|(_, _, letters)| letters).sum()
    };
    // The first of those with as many letters: the order of the text decides.
    let first = believed.iter().map(|(_, lang, _)| *lang).rev().max_by_key(|lang| letters(*lang));
    let several = first.is_some_and(|main| believed.iter().any(|(_, lang, _)| *lang != main));
    let Some(main) = first.filter(|_| several) else { return Heard::all(whole) };
    let heard = |lang| Language { code: Some(lang), confidence: super::AGREED };
    let whole = if whole.code == Some(main) { whole } else { heard(main) };
    let foreign = believed.iter().filter(|(_, lang, _)| *lang != main);
    Heard { whole, foreign: foreign.map(|(span, lang, _)| (*span, heard(*lang))).collect() }
}

/// The sentences of a text that has several; nothing for a single one.
fn sentences(text: &str) -> Vec<Span> {
    let ends = text.match_indices(['.', '!', '?', '\n', '…']).map(|(at, sign)| at + sign.len());
    let mut start = 0;
    let cut = |end: usize| {
        // Abbreviations and runs of signs do not make sentences.
        let long = end - start >= FEWEST_LETTERS || end == text.len();
        let span = Span { start, end };
        if long {
            start = end;
        }
        (long && span.end > span.start).then_some(span)
    };
    let ends = ends.chain(std::iter::once(text.len()));
    let mut sentences: Vec<Span> = ends.filter_map(cut).take(MOST_SENTENCES).collect();
    if sentences.len() < 2 {
        sentences.clear();
    }
    sentences
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MIXED: &str = "Le colis est arrivé trois semaines trop tard et personne ne répond. \
                         They told me that it was my fault and hung up. Bravo Acme !";

    #[test]
    fn a_sentence_in_another_language_is_told_apart() {
        let heard = hear(MIXED, None, &[]);
        assert_eq!(heard.whole.code, Some(Lang::FR));
        let found: Vec<(&str, Option<Lang>)> = heard
            .foreign
            .iter()
            .map(|(span, language)| {
                (MIXED.get(span.start..span.end).unwrap().trim(), language.code)
            })
            .collect();
        assert_eq!(found, [("They told me that it was my fault and hung up.", Some(Lang::EN))]);
    }

    #[test]
    fn a_match_has_the_language_of_its_sentence() {
        let heard = hear(MIXED, None, &[]);
        let place = |word: &str| {
            let start = MIXED.find(word).unwrap();
            [Span { start, end: start + word.len() }]
        };
        assert_eq!(heard.at(&place("fault")).code, Some(Lang::EN));
        assert_eq!(heard.at(&place("Acme")).code, Some(Lang::FR));
        assert_eq!(heard.at(&[]).code, Some(Lang::FR));
    }

    #[test]
    fn a_loan_word_or_a_name_changes_nothing() {
        let text =
            "Le best of de la Business Class est au top du top. Le management by fear aussi.";
        assert_eq!(hear(text, None, &[]).foreign, []);
        let one = "They told me that it was my fault and hung up";
        assert_eq!(hear(one, None, &[]).foreign, []);
    }

    proptest! {
        #[test]
        fn parts_lie_in_the_text(text in ".{0,200}") {
            for (span, _) in hear(&text, None, &[]).foreign {
                prop_assert!(text.get(span.start..span.end).is_some());
            }
        }
    }
}
