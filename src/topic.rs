//! Crisis vocabulary: which known risks a text speaks of.

use crate::rules::Rules;
use crate::rules::phrases::Phrases;
use crate::text::fold;

/// Names of the topics in a text, sorted, each once. Terms of all languages count whatever the
/// text is written in: a French post about a « data breach » is about one.
pub fn topics(text: &str, rules: &Rules) -> Vec<String> {
    let folded = fold::fold(text);
    let words: Vec<&str> = fold::words(&folded.text).map(|word| word.text).collect();
    // Few words begin an expression: the lists are asked about those only.
    let begins: Vec<usize> =
        (0..words.len()).filter(|i| rules.beginnings.begins(words[*i])).collect();
    let speaks = |terms: &Phrases<()>| {
        let rest = |i: usize| words.iter().skip(i + 1).copied();
        begins.iter().any(|&i| terms.at(words[i], &rest(i)).is_some())
    };
    let spoken = rules.topics.iter().filter(|topic| speaks(&topic.terms));
    let mut names: Vec<String> = spoken.map(|topic| topic.name.clone()).collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_sorted_and_named_once() {
        let text = "Rappel de produit : trois blessés, plainte et rappel de lots, appel au boycott";
        let found = topics(text, &Rules::builtin());
        assert_eq!(found, ["accident", "boycott", "justice", "recall"]);
    }

    #[test]
    fn a_quiet_text_has_no_topic() {
        assert_eq!(topics("Bonjour à tous", &Rules::builtin()), Vec::<String>::new());
    }
}
