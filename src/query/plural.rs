//! Singular and plural of a folded word, in French and English, without a dictionary.

/// Endings that take `-es` in English: `boxes`, `crashes`.
const HISSING: [&str; 6] = ["s", "x", "z", "ch", "sh", "o"];

/// Shorter words are left as they are: `os`, `jus` and `bus` are no plurals.
const SHORTEST: usize = 4;

/// The forms of a word: each is a piece of it and an ending. The word itself comes first.
///
/// French `-s`, `-x` after `u` (`bijoux`, `bateaux`), `-al` and `-ail` to `-aux`; English `-s`,
/// `-es` and `-y` to `-ies`; and back from each of them. Rules of spelling, so that a form may be
/// no word at all, which finds nothing.
pub fn forms(word: &str) -> impl Iterator<Item = (&str, &'static str)> {
    let cut = |ending: &str| word.strip_suffix(ending).filter(|_| word.chars().count() >= SHORTEST);
    let hisses = |stem: &str| HISSING.iter().any(|ending| stem.ends_with(ending));
    let rules: [Option<(&str, &'static str)>; 13] = [
        Some((word, "")),
        Some((word, "s")),
        word.ends_with('u').then_some((word, "x")),
        hisses(word).then_some((word, "es")),
        cut("al").map(|stem| (stem, "aux")),
        cut("ail").map(|stem| (stem, "aux")),
        cut("y").map(|stem| (stem, "ies")),
        cut("s").filter(|stem| !stem.ends_with('s')).map(|stem| (stem, "")),
        cut("x").filter(|stem| stem.ends_with('u')).map(|stem| (stem, "")),
        cut("es").filter(|stem| hisses(stem)).map(|stem| (stem, "")),
        cut("aux").map(|stem| (stem, "al")),
        cut("aux").map(|stem| (stem, "ail")),
        cut("ies").map(|stem| (stem, "y")),
    ];
    rules.into_iter().flatten()
}

/// Whether a word of a text is a form of the word that is asked for.
pub(super) fn is_form(asked: &str, found: &str) -> bool {
    forms(asked).any(|(stem, ending)| found.strip_prefix(stem) == Some(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(asked: &str, found: &[&str], missed: &[&str]) {
        for word in found {
            assert!(is_form(asked, word), "`{asked}` has the form `{word}`");
        }
        for word in missed {
            assert!(!is_form(asked, word), "`{asked}` has no form `{word}`");
        }
    }

    #[test]
    fn a_word_and_its_plural_find_each_other_in_both_languages() {
        check("rappel", &["rappel", "rappels"], &["rappelle", "rappeler"]);
        check("rappels", &["rappel", "rappels"], &[]);
        check("cheval", &["chevaux"], &["chevalier"]);
        check("travail", &["travaux"], &[]);
        check("travaux", &["travail"], &[]);
        check("journaux", &["journal"], &[]);
        check("bateau", &["bateaux"], &[]);
        check("bateaux", &["bateau"], &[]);
        check("box", &["boxes"], &["boxx"]);
        check("crashes", &["crash"], &[]);
        check("company", &["companies"], &["compan"]);
        check("companies", &["company"], &[]);
        check("port", &["ports"], &["porte", "portes", "portx"]);
        check("jus", &["jus"], &["ju"]);
    }
}
