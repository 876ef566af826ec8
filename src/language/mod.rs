//! Which language a text is in, sentence by sentence where it changes, or that nobody can say.

mod habit;
mod parts;
mod voices;
mod words;

use words::Vote;

use crate::model::{Lang, Language};

pub use habit::Habits;
pub use parts::{Heard, hear};

/// Below this many letters, what is known of the source and the author is worth more than what the
/// letters say: single words are recognised one time in three.
const SHORT: usize = 20;

/// Two voices that disagree are not believed below this many letters.
const DOUBTFUL: usize = 40;

/// Bytes of a text that are read: the language of an article is clear by then, and the cost bounded.
const MOST_READ: usize = 700;

/// How much each kind of answer is worth: about the share of recorded texts for which it was right
/// (`tests/data_language.rs` prints them).
const TOLD: f64 = 0.6;
const CONFIRMED: f64 = 0.97;
const AGREED: f64 = 0.95;
const RELIABLE: f64 = 0.9;
const ALONE: f64 = 0.6;

/// What is looked for when nothing is said.
const USUAL: [&str; 7] = ["fr", "en", "de", "es", "it", "pt", "nl"];

/// The languages that are looked for when nothing is said.
pub fn usual() -> Vec<Lang> {
    USUAL.iter().filter_map(|code| Lang::parse(code)).collect()
}

/// What is likely before a letter is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Prior {
    /// What the item or its source declares.
    pub declared: Option<Lang>,
    /// What its author usually writes in.
    pub author: Option<Lang>,
}

impl Prior {
    fn expects(self, lang: Lang) -> bool {
        self.declared == Some(lang) || self.author == Some(lang)
    }

    /// The author knows better than a form that somebody filled in once.
    fn told(self) -> Option<Lang> {
        self.author.or(self.declared)
    }
}

impl From<Option<Lang>> for Prior {
    fn from(declared: Option<Lang>) -> Prior {
        Prior { declared, author: None }
    }
}

/// The language of a text, among `allowed` (the usual ones when empty) and what is expected. What
/// is expected wins on short texts; a doubtful long one is undetermined.
///
/// Three voices are heard, the cheap ones first: small words (`les`, `und`), a linear model over
/// letters, and only where these two do not agree the slow trigrams. Addresses, mentions and
/// hashtags are not read: they have no language. A script that is not Latin is an answer by itself,
/// whatever is allowed: a Russian post is no doubtful French one.
pub fn detect(text: &str, prior: impl Into<Prior>, allowed: &[Lang]) -> Language {
    let prior = prior.into();
    let mut allowed = if allowed.is_empty() { usual() } else { allowed.to_vec() };
    // What the source says is possible, whatever is usual elsewhere.
    allowed.extend(prior.declared.into_iter().chain(prior.author));
    settle(&prose(text), prior, &allowed)
}

fn settle(prose: &str, prior: Prior, allowed: &[Lang]) -> Language {
    let letters = prose.chars().filter(|c| c.is_alphabetic()).count();
    if letters == 0 {
        return prior.told().map_or_else(Language::default, |lang| sure(lang, TOLD));
    }
    if prose.chars().filter(|c| !is_latin(*c)).count() * 2 > letters {
        let found = voices::by_script(prose);
        return found.map_or_else(Language::default, |answer| {
            let believed = answer.reliable || prior.expects(answer.lang);
            sure(answer.lang, if believed { RELIABLE } else { ALONE })
        });
    }
    let vote = words::vote(prose, allowed);
    let clear = vote.filter(|vote| vote.is_clear()).map(|vote| vote.lang);
    let linear = voices::whole(prose).filter(|lang| allowed.contains(lang));
    if let Some(lang) = linear.filter(|lang| Some(*lang) == clear)
        && (letters >= SHORT || vote.is_some_and(|vote| vote.heard >= 2.0))
    {
        return sure(lang, if prior.expects(lang) { CONFIRMED } else { AGREED });
    }
    // Nearly every source says its language: when the linear model hears the same in a text that is
    // long enough, the slow voice would only cost ten times as much.
    if let Some(lang) = linear.filter(|lang| letters >= DOUBTFUL && prior.expects(*lang)) {
        return sure(lang, CONFIRMED);
    }
    if letters < SHORT {
        if let Some(lang) = prior.told() {
            return sure(lang, TOLD);
        }
        // Nothing is known: two voices have to say the same, and none against it.
        if let Some(lang) = linear.filter(|lang| clear == Some(*lang)) {
            return sure(lang, ALONE);
        }
        let slow = voices::trigrams(prose, allowed).filter(|_| letters >= SHORT / 2);
        let agreed = slow.filter(|slow| {
            slow.reliable
                || (linear == Some(slow.lang) && vote.is_none_or(|vote| vote.lang == slow.lang))
        });
        return agreed.map_or_else(Language::default, |answer| sure(answer.lang, ALONE));
    }
    arbitrate(prose, prior, allowed, (linear, vote))
}

/// The slow voice decides between the quick ones.
fn arbitrate(
    prose: &str,
    prior: Prior,
    allowed: &[Lang],
    (linear, vote): (Option<Lang>, Option<Vote>),
) -> Language {
    let small = vote.map(|vote| vote.lang);
    let seconded =
        |lang: &Lang| linear == Some(*lang) || small == Some(*lang) || prior.expects(*lang);
    let slow = voices::trigrams(prose, allowed);
    if let Some(answer) = slow.filter(|answer| answer.reliable || seconded(&answer.lang)) {
        return sure(answer.lang, RELIABLE);
    }
    let expected = [linear, small].into_iter().flatten().find(|lang| prior.expects(*lang));
    // The linear model is right nine times in ten where no small word contradicts it.
    let alone = linear.filter(|lang| small.is_none_or(|small| small == *lang));
    expected.or(alone).map_or_else(Language::default, |lang| sure(lang, ALONE))
}

/// Letters beyond the Latin blocks belong to another script; signs belong to none.
fn is_latin(c: char) -> bool {
    c <= '\u{24f}' || !c.is_alphabetic()
}

fn sure(lang: Lang, confidence: f64) -> Language {
    Language { code: Some(lang), confidence }
}

/// The beginning of a text without addresses, mentions and hashtags.
fn prose(text: &str) -> String {
    let is_word = |word: &&str| {
        !word.starts_with(['@', '#']) && !word.contains("://") && !word.starts_with("www.")
    };
    let mut prose = String::with_capacity(text.len().min(MOST_READ + 64));
    for word in text.split_whitespace().filter(is_word) {
        if prose.len() > MOST_READ {
            break;
        }
        prose.push_str(word);
        prose.push(' ');
    }
    prose
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, hint: &str, expected: &str) {
        let found = detect(text, Lang::parse(hint), &[]);
        assert_eq!(found.code, Lang::parse(expected), "{text}: {found:?}");
        assert!((0.0..=1.0).contains(&found.confidence));
    }

    #[test]
    fn sentences_are_recognised() {
        check("Le train est encore en retard ce matin, personne ne répond au guichet", "", "fr");
        check("c'est nul", "", "fr");
        check("c'est vraiment nul votre service client, je vais resilier", "", "fr");
        check("The train is late again this morning and nobody answers the phone", "", "en");
        check("Der Zug hat heute Morgen schon wieder Verspätung, niemand antwortet", "", "de");
        check("El tren llega tarde otra vez esta mañana y nadie contesta", "", "es");
    }

    #[test]
    fn the_source_is_believed_on_short_texts() {
        check("Super !", "fr", "fr");
        check("Super !", "", "");
        check("merci @sncf https://example.org/a/very/long/english/address", "fr", "fr");
        check("#english #words #only #here", "", "");
    }

    #[test]
    fn a_clear_long_text_is_believed_against_its_source() {
        let english = "The company said on Tuesday that the recall would cover every product that \
                       was sold in the country since the beginning of the year.";
        check(english, "fr", "en");
    }

    #[test]
    fn a_language_that_only_the_source_knows_of_can_be_confirmed() {
        check("Pociąg znowu się dzisiaj spóźnił i nikt nie odbiera telefonu", "pl", "pl");
    }

    #[test]
    fn another_script_is_an_answer_whatever_is_allowed() {
        check("Поезд снова опоздал сегодня утром, и никто не отвечает на звонки", "", "ru");
        check("今朝もまた電車が遅れていて、誰も電話に出ません", "", "ja");
        check("Το τρένο άργησε πάλι σήμερα το πρωί", "", "el");
    }

    #[test]
    fn the_author_is_believed_before_the_source() {
        let prior = Prior { declared: Lang::parse("en"), author: Some(Lang::FR) };
        assert_eq!(detect("Super !", prior, &[]).code, Some(Lang::FR));
        let english = "The train is late again this morning and nobody answers the phone";
        assert_eq!(detect(english, prior, &[]).code, Lang::parse("en"));
    }

    #[test]
    fn what_has_no_letters_has_no_language() {
        check("", "", "");
        check("!!! 12345 😡😡😡 12345 67890", "", "");
        check("https://example.org @anne", "", "");
    }

    #[test]
    fn only_allowed_languages_are_answered() {
        let text = "Der Zug hat heute Morgen schon wieder Verspätung, niemand antwortet";
        let found = detect(text, None, &[Lang::FR, Lang::EN]);
        assert_ne!(found.code, Lang::parse("de"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,80}") {
            let found = detect(&text, None, &[]);
            prop_assert!((0.0..=1.0).contains(&found.confidence));
        }
    }
}
