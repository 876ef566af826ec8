//! Words that everybody uses, in the seven languages of the program.

use std::sync::LazyLock;

use crate::text::fold::{folded, words};

/// The list of stopwords-iso, folded as texts are.
static STOP: LazyLock<std::collections::HashSet<String, foldhash::fast::FixedState>> =
    LazyLock::new(|| {
        let languages = ["fr", "en", "de", "es", "it", "pt", "nl"];
        let listed = languages.into_iter().filter_map(stop_words::lookup).flatten();
        let mut stop: std::collections::HashSet<String, foldhash::fast::FixedState> =
            std::collections::HashSet::default();
        for listed in listed {
            // `aujourd'hui` is two words to us.
            stop.extend(words(&folded(listed)).map(|word| word.text.to_owned()));
        }
        stop
    });

/// Whether a folded word says nothing by itself: a stop word, or an elided rest (`l`, `qu`).
pub(super) fn is_stop(word: &str) -> bool {
    (word.is_ascii() && word.len() < 3) || STOP.contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_languages_have_their_stop_words_and_none_has_those_of_a_crisis() {
        for word in ["les", "avec", "the", "und", "pero", "perche", "nao", "maar", "l", "tres"] {
            assert!(is_stop(word), "{word}");
        }
        for word in ["rappel", "panne", "boycott", "greve", "recall", "strike", "streik", "huelga"]
        {
            assert!(!is_stop(word), "{word}");
        }
    }
}
