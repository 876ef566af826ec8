//! Which language a text is in, or that nobody can say.

use crate::model::{Lang, Language};

/// Below this many letters, what the source says is worth more than what the letters say: single
/// words are recognised one time in three.
const SHORT: usize = 20;

/// Two detectors that disagree are not believed below this many letters.
const DOUBTFUL: usize = 40;

/// How much each kind of answer is worth: about the share of texts for which it was right.
const HINT_ALONE: f64 = 0.6;
const HINT_CONFIRMED: f64 = 0.95;
const BOTH_AGREE: f64 = 0.85;
const SECOND_ALONE: f64 = 0.6;

/// What is looked for when nothing is said.
const USUAL: [&str; 7] = ["fr", "en", "de", "es", "it", "pt", "nl"];

/// The languages that are looked for when nothing is said.
pub fn usual() -> Vec<Lang> {
    USUAL.iter().filter_map(|code| Lang::parse(code)).collect()
}

/// The language of a text, among `allowed` (all that are known when empty). The source's hint wins
/// on short texts; a doubtful long one is undetermined.
///
/// Addresses, mentions and hashtags are not read: they have no language.
pub fn detect(text: &str, hint: Option<Lang>, allowed: &[Lang]) -> Language {
    let mut allowed = if allowed.is_empty() { usual() } else { allowed.to_vec() };
    // What the source says is possible, whatever is usual elsewhere.
    allowed.extend(hint);
    let allowed = allowed.as_slice();
    let prose = prose(text);
    let letters = prose.chars().filter(|c| c.is_alphabetic()).count();
    let told = |code| Language { code: Some(code), confidence: HINT_ALONE };
    let second = whole(&prose).filter(|lang| allowed.contains(lang));
    // Nearly every source says its language: when the fast detector hears the same in a text that
    // is long enough, the slow one would only cost ten times as much.
    if let Some(code) = hint.filter(|hint| letters >= DOUBTFUL && second == Some(*hint)) {
        return Language { code: Some(code), confidence: HINT_CONFIRMED };
    }
    let first = trigrams(&prose, allowed);
    if letters < SHORT {
        let sure = first.filter(|answer| answer.reliable && letters >= SHORT / 2);
        return hint.map_or_else(|| sure.map(Answer::language).unwrap_or_default(), told);
    }
    let confirmed = |hint| second == Some(hint) || first.is_some_and(|answer| answer.lang == hint);
    match (hint, first, second) {
        (_, Some(answer), _) if answer.reliable => answer.language(),
        (Some(hint), ..) if confirmed(hint) => {
            Language { code: Some(hint), confidence: HINT_CONFIRMED }
        }
        (_, Some(answer), Some(second)) if answer.lang == second => {
            Language { code: Some(second), confidence: BOTH_AGREE }
        }
        (_, _, Some(second)) if letters >= DOUBTFUL => {
            Language { code: Some(second), confidence: SECOND_ALONE }
        }
        _ => Language::default(),
    }
}

/// What the trigram model says.
#[derive(Debug, Clone, Copy)]
struct Answer {
    lang: Lang,
    confidence: f64,
    reliable: bool,
}

impl Answer {
    fn language(self) -> Language {
        Language { code: Some(self.lang), confidence: self.confidence }
    }
}

/// whatlang among the allowed languages: right nearly always when it calls itself reliable, which
/// it does for half of the tweets. Without the list it is two and a half times slower, and worse.
fn trigrams(text: &str, allowed: &[Lang]) -> Option<Answer> {
    let list: Vec<whatlang::Lang> = whatlang::Lang::all()
        .iter()
        .copied()
        .filter(|known| two_letters(known.code()).is_some_and(|lang| allowed.contains(&lang)))
        .collect();
    if list.is_empty() {
        return None;
    }
    let found = whatlang::Detector::with_allowlist(list).detect(text)?;
    let (confidence, reliable) = (found.confidence(), found.is_reliable());
    two_letters(found.lang().code()).map(|lang| Answer { lang, confidence, reliable })
}

/// whichlang: ten times faster and better on short texts, but always sure of itself, and blind to
/// languages outside its sixteen.
fn whole(text: &str) -> Option<Lang> {
    two_letters(whichlang::detect_language(text).three_letter_code())
}

/// ISO 639-1 for the ISO 639-3 codes that the two detectors share or that Europe reads.
fn two_letters(code: &str) -> Option<Lang> {
    let two = match code {
        "ara" => "ar",
        "bul" => "bg",
        "cat" => "ca",
        "ces" => "cs",
        "cmn" => "zh",
        "dan" => "da",
        "deu" => "de",
        "ell" => "el",
        "eng" => "en",
        "fin" => "fi",
        "fra" => "fr",
        "hin" => "hi",
        "hrv" => "hr",
        "hun" => "hu",
        "ita" => "it",
        "jpn" => "ja",
        "kor" => "ko",
        "nld" => "nl",
        "nob" => "nb",
        "pol" => "pl",
        "por" => "pt",
        "ron" => "ro",
        "rus" => "ru",
        "slk" => "sk",
        "spa" => "es",
        "swe" => "sv",
        "tur" => "tr",
        "ukr" => "uk",
        "vie" => "vi",
        _ => return None,
    };
    Lang::parse(two)
}

/// The text without addresses, mentions and hashtags.
fn prose(text: &str) -> String {
    let is_word = |word: &&str| {
        !word.starts_with(['@', '#']) && !word.contains("://") && !word.starts_with("www.")
    };
    text.split_whitespace().filter(is_word).collect::<Vec<_>>().join(" ")
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
