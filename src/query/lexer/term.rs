//! From a word or a quotation of a query to a term.

use std::ops::Range;

use super::{Lexer, Mark, Token};
use crate::query::expr::{Ending, Part, Term};
use crate::text::fold::{as_written, fold, folded, tag_parts, words};

impl Lexer<'_> {
    pub(super) fn bare(&mut self, word: &str, span: Range<usize>, mark: Mark) {
        if word.starts_with('@') {
            return self.handle(word, span, mark);
        }
        match word.strip_prefix('#') {
            Some(tag) => {
                let (tag, star) = if tag.ends_with('*') { (tag, "*") } else { (tag, "") };
                let parts = tag_parts(tag).into_iter().filter_map(|part| tag.get(part));
                let text = parts.collect::<Vec<_>>().join(" ");
                self.phrase(&format!("{text}{star}"), span, mark, false);
            }
            None => self.phrase(word, span, mark, true),
        }
    }

    fn handle(&mut self, word: &str, span: Range<usize>, mark: Mark) {
        let (word, open) = star(word);
        let handle = folded(word.trim_end_matches(['.', '-', '@']));
        let name = handle.trim_start_matches('@');
        let good = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '@');
        if name.is_empty() || !name.chars().all(good) {
            let title = format!("`{word}` names no account");
            self.problem(span, title, "write the handle as it is shown: `@sncf_connect`");
        } else if mark != Mark::None {
            let title = "an account has neither a plural nor letters of its own";
            self.problem(span, title, format!("write `{word}` alone"));
        } else {
            self.finish(vec![format!("@{name}")], Vec::new(), ending(mark, open), span);
        }
    }

    /// A phrase as it is written; `bare` when nothing marks where it begins and ends.
    pub(super) fn phrase(&mut self, text: &str, span: Range<usize>, mark: Mark, bare: bool) {
        let (text, open) = star(text);
        if text.contains('*') {
            let title = "a star stands at the end of a word only";
            return self.problem(span, title, "write `rappel*`, or several words with OR");
        }
        if open && mark == Mark::Plural {
            let title = "a star finds the plural already";
            return self.problem(span, title, "leave out the `~` or the `*`");
        }
        let fold = fold(text);
        let mut folds = Vec::new();
        let mut written = Vec::new();
        for word in words(&fold.text) {
            let place = fold.original(word.start, word.end());
            folds.push(word.text.to_owned());
            if mark == Mark::Exact {
                written.push(as_written(text.get(place.start..place.end).unwrap_or_default()));
            }
        }
        if bare && fold.text.contains('\'') && is_elided(&folds) {
            folds.remove(0);
            written.drain(..written.len().min(1));
        }
        if folds.is_empty() {
            let title = "there is no letter or digit to look for here";
            return self.problem(span, title, "write a word, or `-word` to exclude one");
        }
        self.finish(folds, written, ending(mark, open), span);
    }

    fn finish(
        &mut self,
        words: Vec<String>,
        written: Vec<String>,
        ending: Ending,
        span: Range<usize>,
    ) {
        let letters = words.last().map_or(0, |word| word.trim_start_matches('@').chars().count());
        if ending == Ending::Open && letters < 3 {
            let title = "a star needs three letters before it";
            return self.problem(span, title, "write more of the word");
        }
        let term = Term { words, written, ending, part: Part::Anywhere };
        self.push(Token::Term(term), span);
    }
}

fn ending(mark: Mark, open: bool) -> Ending {
    match (open, mark) {
        (true, _) => Ending::Open,
        (false, Mark::Plural) => Ending::Plural,
        (false, _) => Ending::Whole,
    }
}

/// `d'Orange` and `qu'EDF` ask for the brand. `l'` stays, since it belongs to names (L'Oréal,
/// L'Équipe), and so do the letters of N'Golo or M'Bappé.
fn is_elided(words: &[String]) -> bool {
    let elided = ["d", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"];
    words.len() > 1 && words.first().is_some_and(|word| elided.contains(&word.as_str()))
}

fn star(text: &str) -> (&str, bool) {
    text.strip_suffix('*').map_or((text, false), |text| (text, true))
}
