//! Spam and lottery bots: which rule takes a text for spam, and the words and counts that made it.

use foldhash::HashSet;

use crate::model::Aside;
use crate::rules::Rules;
use crate::rules::phrases::Phrases;
use crate::rules::spam::{Measure, SpamRule, When};
use crate::text::fold;

/// What is longer is an article, and no rule knows articles.
const LONGEST_WORDS: usize = 150;
/// Signs that are kept, and characters of each: the text is a stranger's.
const SIGNS: usize = 8;
const SIGN_LENGTH: usize = 60;

/// The verdict of the first rule that takes a text for spam; `handle` is the author's account.
///
/// The caller says nothing of a text with a crisis topic: whatever it looks like, it counts.
pub fn spam(text: &str, handle: Option<&str>, rules: &Rules) -> Option<Aside> {
    let known = &rules.spam;
    if known.rules.is_empty() {
        return None;
    }
    let seen = Seen::of(text, handle)?;
    let folded = fold::folded(&seen.prose);
    let words: Vec<&str> = fold::words(&folded).map(|word| word.text).take(LONGEST_WORDS).collect();
    let begins: Vec<usize> =
        (0..words.len()).filter(|i| known.beginnings.begins(words[*i])).collect();
    let text = Text { words: &words, begins: &begins, seen: &seen };
    if text.find(&known.unless).is_some() {
        return None;
    }
    known.rules.iter().find_map(|rule| {
        let signs = rule.whens.iter().find_map(|when| text.signs(rule, when))?;
        Some(Aside::Spam { rule: rule.name.clone(), signs })
    })
}

/// What a rule is asked about.
struct Text<'t> {
    words: &'t [&'t str],
    /// Places of the words that some expression begins with.
    begins: &'t [usize],
    seen: &'t Seen,
}

impl Text<'_> {
    /// All that one `when` asks for, or nothing.
    fn signs(&self, rule: &SpamRule, when: &When) -> Option<Vec<String>> {
        let mut signs = Vec::new();
        for list in &when.lists {
            let (_, terms) = rule.lists.get(*list)?;
            signs.push(self.find(terms)?);
        }
        for (measure, least) in &when.measures {
            let found = self.seen.measure(*measure);
            if found < *least {
                return None;
            }
            signs.push(format!("{found} {}", measure.unit()));
        }
        signs.truncate(SIGNS);
        Some(signs)
    }

    /// The first expression of a list that stands in the text.
    fn find(&self, terms: &Phrases<()>) -> Option<String> {
        self.begins.iter().find_map(|&i| {
            let rest = self.words.iter().skip(i + 1).copied();
            let found = terms.at(self.words.get(i)?, &rest)?;
            let phrase = self.words.get(i..i + found.words)?.join(" ");
            Some(phrase.chars().take(SIGN_LENGTH).collect())
        })
    }
}

/// A text as it looks from afar.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    /// The text without its links.
    prose: String,
    tokens: u32,
    hashtags: u32,
    mentions: u32,
    links: u32,
    letters: u32,
    capitals: u32,
    repeated: u32,
    handle_digits: u32,
}

impl Seen {
    /// One pass over the text; nothing for an article.
    fn of(text: &str, handle: Option<&str>) -> Option<Seen> {
        let mut seen = Seen { handle_digits: handle.map_or(0, final_digits), ..Seen::default() };
        let mut met = HashSet::default();
        for token in text.split_whitespace() {
            seen.tokens += 1;
            if seen.tokens as usize > LONGEST_WORDS {
                return None;
            }
            if is_link(token) {
                seen.links += 1;
                continue;
            }
            let tags = marked(token, '#');
            seen.hashtags += tags;
            seen.mentions += marked(token, '@');
            if tags == 0 && token.chars().count() > 3 && !met.insert(token) {
                seen.repeated += 1;
            }
            for letter in token.chars().filter(|c| c.is_alphabetic()) {
                seen.letters += 1;
                seen.capitals += u32::from(letter.is_uppercase());
            }
            seen.prose.push_str(token);
            seen.prose.push(' ');
        }
        Some(seen)
    }

    fn measure(&self, measure: Measure) -> u32 {
        // A share of next to nothing says nothing.
        let share = |part: u32, whole: u32, least: u32| {
            if whole < least { 0 } else { part * 100 / whole }
        };
        match measure {
            Measure::Hashtags => self.hashtags,
            Measure::Mentions => self.mentions,
            Measure::Links => self.links,
            Measure::Tagged => share(self.hashtags, self.tokens, 8),
            Measure::Capitals => share(self.capitals, self.letters, 20),
            Measure::Repeated => share(self.repeated, self.tokens, 10),
            Measure::HandleDigits => self.handle_digits,
        }
    }
}

fn is_link(token: &str) -> bool {
    ["http://", "https://", "www."].iter().any(|start| {
        let token = token.trim_start_matches(|c: char| !c.is_alphanumeric());
        token.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
    })
}

/// How often a mark stands before a word: `#jeu#concours` has two, `C#` and `a@b.c` none.
fn marked(token: &str, mark: char) -> u32 {
    let mut count = 0;
    let mut tag = false;
    let mut before = ' ';
    for c in token.chars() {
        // A tag ends where the next one begins, so that tags without spaces are told apart.
        if before == mark && c.is_alphanumeric() && tag {
            count += 1;
        }
        if c == mark {
            tag = !before.is_alphanumeric() || count > 0;
        }
        before = c;
    }
    count
}

/// Digits at the end of an account's user: bots are numbered, `anne_42` is a person.
fn final_digits(handle: &str) -> u32 {
    let handle = handle.trim_start_matches('@');
    let user = handle.split(['@', '.']).next().unwrap_or_default();
    let digits = user.chars().rev().take_while(char::is_ascii_digit).count();
    u32::try_from(digits).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_measured_in_one_pass() {
        let text = "GAGNEZ un vol #jeu#concours #Acme @anne @paul https://x.example/#a WWW.x.example C# a@b.c";
        let seen = Seen::of(text, Some("@bot123456@x.example")).unwrap();
        let measures = Measure::ALL.map(|measure| (measure.name(), seen.measure(measure)));
        let expected = [
            ("hashtags", 3),
            ("mentions", 2),
            ("links", 2),
            ("tagged", 27),
            ("capitals", 21),
            ("repeated", 0),
            ("handle-digits", 6),
        ];
        assert_eq!(measures, expected);
    }

    #[test]
    fn the_same_words_again_and_again_are_repeated() {
        let seen = Seen::of(&"buy now quick ".repeat(5), None).unwrap();
        assert_eq!(seen.measure(Measure::Repeated), 26);
        assert_eq!(Seen::of("un mot deux mots", None).unwrap().measure(Measure::Repeated), 0);
    }

    #[test]
    fn an_article_is_never_spam() {
        let call = "RT + follow pour tenter de gagner, tirage au sort demain ";
        let rules = Rules::builtin();
        assert!(spam(call, None, &rules).is_some());
        assert_eq!(spam(&call.repeat(20), None, &rules), None);
    }

    #[test]
    fn strange_texts_are_measured_without_a_panic() {
        for text in ["", "#", "@@##", "é#é", "\u{1F600}#\u{1F600}", "http", "https://", "#\u{301}a"]
        {
            spam(text, Some(text), &Rules::builtin());
        }
    }
}
