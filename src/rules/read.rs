//! From TOML to rules: every problem of every file at once, each with its place.

mod brands;
mod shown;

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::vocabulary::{Term, Vocabulary};
use super::{Lexicon, Problem, Role, Rules, Weight};
use crate::diagnostic::Diagnostic;
use crate::model::Lang;
use crate::text::fold;

const ROLES: &[(&str, Role)] = &[
    ("negators", Role::Negator),
    ("negators-after", Role::NegatorAfter),
    ("negators-opening", Role::NegatorOpening),
    ("intensifiers", Role::Intensifier),
    ("diminishers", Role::Diminisher),
    ("contrasts", Role::Contrast),
    ("concessions", Role::Concession),
    ("plain", Role::Plain),
];
const LEXICON_KEYS: &str = "known keys: lexicon, weights, negators, negators-after, \
    negators-opening, intensifiers, diminishers, contrasts, concessions, plain, profanity, example";
const TOPIC_KEYS: &str = "known keys: topic, terms, plain, alert, example";

type Entries<'i> = DeTable<'i>;

/// Reads the files that come with the program, then an operator's over them.
pub(super) fn read<'a>(
    shipped: impl Iterator<Item = (&'a str, &'a str)>,
    own: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<Rules, Vec<Problem>> {
    let mut rules = Rules::default();
    let mut problems = Vec::new();
    let shipped = shipped.map(|file| (file, false));
    for ((name, text), told) in shipped.chain(own.map(|file| (file, true))) {
        let mut file = File { name, told, wrong: Vec::new() };
        file.read(text, &mut rules);
        problems.extend(file.wrong.into_iter().map(|wrong| (name.to_owned(), wrong)));
    }
    rules.vocabulary = Vocabulary::new(rules.topics.iter().map(|topic| topic.terms.as_slice()));
    rules.spam.finish();
    rules.lexicons.iter_mut().for_each(|(_, lexicon)| lexicon.finish());
    if problems.is_empty() { Ok(rules) } else { Err(problems) }
}

/// What a file is about, by its first key.
enum Subject {
    Lexicon(Option<Lang>),
    Topic(String),
    Spam(String),
    /// The country.
    Press(String),
}

/// What is wrong was already noted.
struct Told;

pub(super) struct File<'f> {
    name: &'f str,
    /// It is an operator's.
    pub(super) told: bool,
    wrong: Vec<Diagnostic>,
}

impl File<'_> {
    pub(super) fn error(&mut self, span: Range<usize>, title: impl Into<String>, help: &str) {
        self.wrong.push(Diagnostic::error(span, title).help(help));
    }

    fn read(&mut self, text: &str, rules: &mut Rules) {
        let (root, syntax) = DeTable::parse_recoverable(text);
        for error in &syntax {
            let span = error.span().unwrap_or(0..0);
            self.error(span, error.message().to_owned(), "see rules/README.md for the format");
        }
        if !syntax.is_empty() {
            return;
        }
        let mut root = root.into_inner();
        let lexicon = root.remove("lexicon");
        let topic = root.remove("topic");
        let spam = root.remove("spam");
        let press = root.remove("press");
        let brands = root.remove("ambiguous");
        let subject = match (lexicon, topic, spam, press, brands) {
            (Some(code), None, None, None, None) => self.language(&code).ok().map(Subject::Lexicon),
            (None, Some(name), None, None, None) => self.name(&name, "topic").map(Subject::Topic),
            (None, None, Some(name), None, None) => {
                self.name(&name, "kind of spam").map(Subject::Spam)
            }
            (None, None, None, Some(country), None) => self.country(&country).map(Subject::Press),
            (None, None, None, None, Some(brands)) => {
                return brands::read(self, root, brands, rules);
            }
            _ => {
                let help = "begin with `lexicon = \"fr\"`, `topic = \"recall\"`, \
                            `spam = \"giveaway\"`, `press = \"fr\"` or `[[ambiguous]]`";
                let title = "a file is one lexicon, one topic, one kind of spam, a list of press \
                             sites or one of brands";
                self.error(0..0, title, help);
                None
            }
        };
        match subject {
            Some(Subject::Lexicon(lang)) => self.lexicon(root, lang, rules),
            Some(Subject::Topic(name)) => self.topic(root, &name, rules),
            Some(Subject::Spam(name)) => {
                self.spam(&mut root, &name, &mut rules.spam);
                let examples = root.remove("example");
                let examples = examples.map(|value| self.examples(value, &Subject::Spam(name)));
                self.keep(examples.unwrap_or_default(), rules);
            }
            Some(Subject::Press(country)) => {
                self.press(&mut root, &country, &mut rules.press);
                let examples = root.remove("example");
                let examples = examples.map(|value| self.examples(value, &Subject::Press(country)));
                self.keep(examples.unwrap_or_default(), rules);
            }
            None => {}
        }
    }

    /// A language, or none for `any`.
    fn language(&mut self, code: &Spanned<DeValue<'_>>) -> Result<Option<Lang>, Told> {
        self.code(code.get_ref().as_str().unwrap_or_default(), code.span())
    }

    fn code(&mut self, written: &str, span: Range<usize>) -> Result<Option<Lang>, Told> {
        match written {
            "any" => Ok(None),
            _ if written.len() == 2 && Lang::parse(written).is_some() => Ok(Lang::parse(written)),
            _ => {
                let help = "two letters such as `fr`, or `any` for what needs no language";
                self.error(span, "no language code", help);
                Err(Told)
            }
        }
    }

    fn country(&mut self, written: &Spanned<DeValue<'_>>) -> Option<String> {
        let code = written.get_ref().as_str().unwrap_or_default();
        let good =
            code == "any" || (code.len() == 2 && code.chars().all(|c| c.is_ascii_lowercase()));
        if !good {
            let help = "two letters such as `fr`, or `any` for what speaks to many countries";
            self.error(written.span(), "no country code", help);
        }
        good.then(|| code.to_owned())
    }

    fn name(&mut self, name: &Spanned<DeValue<'_>>, what: &str) -> Option<String> {
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        match name.get_ref().as_str() {
            Some(text) if (1..=40).contains(&text.len()) && text.chars().all(good) => {
                Some(text.to_owned())
            }
            _ => {
                let help = format!("the name of a {what} is 1 to 40 of a-z, 0-9 and -");
                self.error(name.span(), format!("no name for a {what}"), &help);
                None
            }
        }
    }

    fn lexicon(&mut self, root: Entries<'_>, lang: Option<Lang>, rules: &mut Rules) {
        let subject = Subject::Lexicon(lang);
        let mut examples = Vec::new();
        for (key, value) in root {
            let name = key.get_ref().as_ref();
            if let Some((_, role)) = ROLES.iter().find(|(known, _)| *known == name) {
                for (term, span) in self.strings(&value) {
                    if !rules.lexicon_mut(lang).roles.add(&term, *role) {
                        self.error(span, format!("`{term}` holds no word"), "write a word");
                    }
                }
            } else if name == "profanity" {
                for (term, span) in self.strings(&value) {
                    if !rules.lexicon_mut(lang).profanity.add(&term, ()) {
                        self.error(span, format!("`{term}` holds no word"), "write a word");
                    }
                }
            } else if name == "weights" {
                self.weights(value, rules.lexicon_mut(lang));
            } else if name == "example" {
                examples = self.examples(value, &subject);
            } else {
                self.error(key.span(), format!("unknown key `{name}`"), LEXICON_KEYS);
            }
        }
        self.keep(examples, rules);
    }

    fn weights(&mut self, table: Spanned<DeValue<'_>>, lexicon: &mut Lexicon) {
        let span = table.span();
        let DeValue::Table(table) = table.into_inner() else {
            return self.error(span, "`weights` is no table", "write `[weights]`");
        };
        for (key, forms) in table {
            let value = key.get_ref().parse().ok().filter(|w: &f64| (-3.0..=3.0).contains(w));
            let Some(value) = value else {
                let title = format!("`{}` is no weight", key.get_ref());
                self.error(key.span(), title, "a number from -3 to +3, in quotes");
                continue;
            };
            let weight = Weight { value, told: self.told };
            for (form, span) in self.strings(&forms) {
                let folded = fold::folded(&form);
                let symbol = folded.starts_with(|c: char| !c.is_alphanumeric() && c != '*');
                if symbol {
                    lexicon.symbols.add(folded, weight);
                } else if !lexicon.weights.add(&form, weight) {
                    self.error(span, format!("`{form}` holds no word"), "write a word or an emoji");
                }
            }
        }
    }

    fn topic(&mut self, root: Entries<'_>, topic: &str, rules: &mut Rules) {
        let subject = Subject::Topic(topic.to_owned());
        rules.topic_mut(topic);
        let mut examples = Vec::new();
        let speaks = root.contains_key("terms") || root.contains_key("plain");
        for (key, value) in root {
            match key.get_ref().as_ref() {
                "alert" => rules.topic_mut(topic).alert = self.alert(&value),
                "terms" => self.terms(&value, topic, true, rules),
                "plain" => self.terms(&value, topic, false, rules),
                "example" => examples = self.examples(value, &subject),
                name => {
                    let title = format!("unknown key `{name}`");
                    self.error(key.span(), title, TOPIC_KEYS);
                }
            }
        }
        // A file that only sets the alert of a known topic has nothing to show.
        if speaks || !examples.is_empty() || rules.topic_mut(topic).terms.is_empty() {
            self.keep(examples, rules);
        }
    }

    /// The expressions of a topic: a list for any language, or a table with a list for each.
    fn terms(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        topic: &str,
        speaks: bool,
        rules: &mut Rules,
    ) {
        let DeValue::Table(table) = value.get_ref() else {
            return self.list(value, None, topic, speaks, rules);
        };
        for (key, forms) in table {
            if let Ok(lang) = self.code(key.get_ref(), key.span()) {
                self.list(forms, lang, topic, speaks, rules);
            }
        }
    }

    fn list(
        &mut self,
        forms: &Spanned<DeValue<'_>>,
        lang: Option<Lang>,
        topic: &str,
        speaks: bool,
        rules: &mut Rules,
    ) {
        for (written, span) in self.strings(forms) {
            if written.trim_end_matches('*').contains('*') {
                let title = format!("`{written}` leaves a word open that is not its last");
                self.error(span, title, "`*` stands at the end only: write the other forms out");
                continue;
            }
            match Term::parse(&written, lang, speaks) {
                Some(term) => rules.topic_mut(topic).terms.push(term),
                None => self.error(span, format!("`{written}` holds no word"), "write a word"),
            }
        }
    }

    /// The strings of a list with their places.
    pub(super) fn strings(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<(String, Range<usize>)> {
        let empty = DeArray::new();
        let array = value.get_ref().as_array().unwrap_or_else(|| {
            self.error(value.span(), "no list of words", "write `[\"one\", \"two\"]`");
            &empty
        });
        let mut strings = Vec::with_capacity(array.len());
        for entry in array {
            match entry.get_ref().as_str() {
                Some(text) => strings.push((text.to_owned(), entry.span())),
                None => self.error(entry.span(), "no string", "put the word in quotes"),
            }
        }
        strings
    }
}
