//! Crisis vocabulary: which known risks a text speaks of.

use crate::rules::Rules;
use crate::text::fold;

/// Names of the topics in a text, sorted, each once. Terms of all languages count whatever the
/// text is written in: a French post about a « data breach » is about one.
pub fn topics(text: &str, rules: &Rules) -> Vec<String> {
    let folded = fold::fold(text);
    let words: Vec<&str> = fold::words(&folded.text).map(|word| word.text).collect();
    let speaks = |terms: &crate::rules::phrases::Phrases<()>| {
        words.iter().enumerate().any(|(i, first)| {
            terms.at(first, words.iter().skip(i + 1).copied()).is_some()
        })
    };
    let spoken = rules.topics.iter().filter(|topic| speaks(&topic.terms));
    let mut names: Vec<String> = spoken.map(|topic| topic.name.clone()).collect();
    names.sort_unstable();
    names
}
