//! The examples that rules files carry, and whether the rules do what they say.

use std::ops::Range;

use super::{Problem, Rules};
use crate::diagnostic::Diagnostic;
use crate::language::Heard;
use crate::model::{Aside, Lang, Language, Tone};
use crate::query::Query;
use crate::sentiment::Passage;
use crate::{sentiment, spam, topic};

/// A text and what the rules must make of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The file that it stands in.
    pub file: String,
    /// Bytes of the text in that file.
    pub span: Range<usize>,
    pub text: String,
    /// The account that wrote it, where the rule looks at that.
    pub author: Option<String>,
    pub expect: Expect,
}

/// What an example promises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expect {
    Tone(Option<Lang>, Tone),
    /// The named topic fires on a text of this language, or of one that nobody can say.
    Topic(Option<Lang>, String),
    /// The named topic stays silent.
    Nothing(Option<Lang>, String),
    /// The query finds it, or does not.
    Found {
        query: String,
        found: bool,
    },
    /// The named rule takes it for spam.
    Spam(String),
    /// No rule takes it for spam.
    Count,
    /// The address stands on a press site of this country.
    Press(String),
    /// The address stands on no press site.
    NoPress,
}

impl Expect {
    pub(super) fn tone(lang: Option<Lang>, word: &str) -> Option<Expect> {
        let tone = Tone::parse(word).filter(|tone| *tone != Tone::Unknown)?;
        Some(Expect::Tone(lang, tone))
    }

    pub(super) fn topic(lang: Option<Lang>, name: &str, word: &str) -> Option<Expect> {
        match word {
            "topic" => Some(Expect::Topic(lang, name.to_owned())),
            "nothing" => Some(Expect::Nothing(lang, name.to_owned())),
            _ => None,
        }
    }

    pub(super) fn spam(name: &str, word: &str) -> Option<Expect> {
        match word {
            "spam" => Some(Expect::Spam(name.to_owned())),
            "nothing" => Some(Expect::Count),
            _ => None,
        }
    }

    pub(super) fn press(country: &str, word: &str) -> Option<Expect> {
        match word {
            "press" => Some(Expect::Press(country.to_owned())),
            "nothing" => Some(Expect::NoPress),
            _ => None,
        }
    }

    /// Whether the example shows the rule at work, rather than its silence.
    pub fn fires(&self) -> bool {
        !matches!(
            self,
            Expect::Nothing(..)
                | Expect::Count
                | Expect::NoPress
                | Expect::Tone(_, Tone::Neutral)
                | Expect::Found { found: false, .. }
        )
    }
}

/// Every example that does not come out as promised, with its place.
pub fn check_examples(rules: &Rules) -> Vec<Problem> {
    rules.examples.iter().filter_map(|example| check(example, rules)).collect()
}

fn check(example: &Example, rules: &Rules) -> Option<Problem> {
    let problem = |title: String| {
        let help = "change the rule, or the example if it is the one that is wrong";
        Some((example.file.clone(), Diagnostic::error(example.span.clone(), title).help(help)))
    };
    match &example.expect {
        Expect::Tone(lang, expected) => {
            let language = Language { code: *lang, confidence: 1.0 };
            let passage = Passage { text: &example.text, language, ..Passage::default() };
            let found = sentiment::by_words(&passage, rules).label;
            // Without a language, a text in which no symbol speaks is unknown: that is silence.
            let found = if found == Tone::Unknown { Tone::Neutral } else { found };
            if found == *expected {
                return None;
            }
            problem(format!("expected {}, got {}", expected.as_str(), found.as_str()))
        }
        Expect::Topic(lang, name) => match heard(&example.text, *lang, name, rules) {
            Some(_) => None,
            None => problem(format!("expected topic `{name}`, got none")),
        },
        Expect::Nothing(lang, name) => {
            let words = heard(&example.text, *lang, name, rules)?;
            problem(format!("expected nothing, got topic `{name}` by: {words}"))
        }
        Expect::Found { query, found } => match Query::parse(query) {
            Err(wrong) => {
                let why = wrong.first().map(|wrong| wrong.title.as_str()).unwrap_or_default();
                problem(format!("`{query}` cannot be read: {why}"))
            }
            Ok(read) if read.finds_in(&example.text) == *found => None,
            Ok(_) if *found => problem(format!("`{query}` does not find it")),
            Ok(_) => problem(format!("`{query}` finds it")),
        },
        Expect::Spam(name) => match taken(example, rules) {
            Some((rule, _)) if rule == *name => None,
            Some((rule, _)) => problem(format!("expected spam `{name}`, got spam `{rule}`")),
            None => problem(format!("expected spam `{name}`, got nothing")),
        },
        Expect::Count => {
            let (rule, signs) = taken(example, rules)?;
            problem(format!("expected nothing, got spam `{rule}` by: {}", signs.join(", ")))
        }
        Expect::Press(country) => match rules.press.of(&example.text) {
            Some(site) if site.country == *country => None,
            Some(site) => {
                problem(format!("expected a site of `{country}`, got `{}`", site.country))
            }
            None => problem("expected a press site, got none".to_owned()),
        },
        Expect::NoPress => {
            let site = rules.press.of(&example.text)?;
            problem(format!("expected nothing, got press site `{}`", site.host))
        }
    }
}

/// The rule that takes an example for spam, and by what.
fn taken(example: &Example, rules: &Rules) -> Option<(String, Vec<String>)> {
    match spam::spam(&example.text, example.author.as_deref(), rules)? {
        Aside::Spam { rule, signs } => Some((rule, signs)),
        _ => None,
    }
}

/// The words by which a text speaks of a topic.
fn heard(text: &str, lang: Option<Lang>, name: &str, rules: &Rules) -> Option<String> {
    let heard = Heard::all(Language { code: lang, confidence: 1.0 });
    let spoken =
        topic::spoken(text, &heard, rules).into_iter().find(|spoken| spoken.topic == name)?;
    let words: Vec<&str> =
        spoken.spans.iter().filter_map(|span| text.get(span.start..span.end)).collect();
    Some(words.join(", "))
}
