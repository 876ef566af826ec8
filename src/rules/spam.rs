//! Rules about spam: what must hold together before a text is taken for it.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::phrases::Phrases;
use super::read::File;

/// Keys of a file about spam, for its messages.
pub(super) const KEYS: &str = "known keys: spam, unless, words, when, example";

/// Every rule about spam.
#[derive(Debug, Clone, Default)]
pub struct SpamRules {
    pub rules: Vec<SpamRule>,
    /// What people say who were disappointed: it silences every rule.
    pub unless: Phrases<()>,
    /// The words that some expression begins with.
    pub beginnings: Phrases<()>,
}

/// One kind of spam.
#[derive(Debug, Clone, Default)]
pub struct SpamRule {
    pub name: String,
    /// Lists of expressions by name.
    pub lists: Vec<(String, Phrases<()>)>,
    /// Any of these is enough.
    pub whens: Vec<When>,
}

/// Signs that must hold together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct When {
    /// Places in the rule's lists; an expression of each must stand in the text.
    pub lists: Vec<usize>,
    /// Each at least this much.
    pub measures: Vec<(Measure, u32)>,
}

/// What can be counted over a text without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    Hashtags,
    Mentions,
    Links,
    /// Hashtags in a hundred words.
    Tagged,
    /// Capitals in a hundred letters.
    Capitals,
    /// Words in a hundred that were there before.
    Repeated,
    /// Digits at the end of the author's account.
    HandleDigits,
}

impl Measure {
    pub const ALL: [Measure; 7] = [
        Measure::Hashtags,
        Measure::Mentions,
        Measure::Links,
        Measure::Tagged,
        Measure::Capitals,
        Measure::Repeated,
        Measure::HandleDigits,
    ];

    /// Its key in a file.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Hashtags => "hashtags",
            Measure::Mentions => "mentions",
            Measure::Links => "links",
            Measure::Tagged => "tagged",
            Measure::Capitals => "capitals",
            Measure::Repeated => "repeated",
            Measure::HandleDigits => "handle-digits",
        }
    }

    /// What its number counts, as a sign says it.
    pub fn unit(self) -> &'static str {
        match self {
            Measure::Hashtags => "hashtags",
            Measure::Mentions => "mentions",
            Measure::Links => "links",
            Measure::Tagged => "% of words are hashtags",
            Measure::Capitals => "% capitals",
            Measure::Repeated => "% of words repeated",
            Measure::HandleDigits => "digits in the account",
        }
    }
}

impl SpamRules {
    /// A later file about the same kind replaces the earlier one, so that an operator can correct
    /// or mute a shipped rule.
    fn put(&mut self, rule: SpamRule) {
        match self.rules.iter_mut().find(|known| known.name == rule.name) {
            Some(known) => *known = rule,
            None => self.rules.push(rule),
        }
    }

    /// Gathers the first words of all lists, once everything is read.
    pub(super) fn finish(&mut self) {
        let lists = self.rules.iter().flat_map(|rule| &rule.lists).map(|(_, terms)| terms);
        for terms in lists.chain([&self.unless]) {
            self.beginnings.take_beginnings(terms, ());
        }
    }
}

impl File<'_> {
    /// Reads all of a file about spam but its examples.
    pub(super) fn spam(&mut self, root: &mut DeTable<'_>, name: &str, spam: &mut SpamRules) {
        let mut rule = SpamRule { name: name.to_owned(), ..SpamRule::default() };
        if let Some(unless) = root.remove("unless") {
            self.expressions(&unless, &mut spam.unless);
        }
        if let Some(words) = root.remove("words") {
            self.lists(words, &mut rule);
        }
        if let Some(whens) = root.remove("when") {
            self.whens(whens, &mut rule);
        }
        for (key, _) in root.iter().filter(|(key, _)| key.get_ref() != "example") {
            self.error(key.span(), format!("unknown key `{}`", key.get_ref()), KEYS);
        }
        spam.put(rule);
    }

    fn expressions(&mut self, value: &Spanned<DeValue<'_>>, terms: &mut Phrases<()>) {
        for (term, span) in self.strings(value) {
            if !terms.add(&term, ()) {
                self.error(span, format!("`{term}` holds no word"), "write a word");
            }
        }
    }

    fn lists(&mut self, words: Spanned<DeValue<'_>>, rule: &mut SpamRule) {
        let span = words.span();
        let DeValue::Table(table) = words.into_inner() else {
            return self.error(span, "`words` is no table", "write `[words]` and lists below it");
        };
        for (key, value) in table {
            let mut terms = Phrases::default();
            self.expressions(&value, &mut terms);
            rule.lists.push((key.get_ref().to_string(), terms));
        }
    }

    fn whens(&mut self, whens: Spanned<DeValue<'_>>, rule: &mut SpamRule) {
        let span = whens.span();
        let DeValue::Array(array) = whens.into_inner() else {
            return self.error(span, "`when` is no list of tables", "write `[[when]]`");
        };
        for entry in array {
            let span = entry.span();
            let DeValue::Table(table) = entry.into_inner() else {
                self.error(span, "`when` is a table", "write `[[when]]`");
                continue;
            };
            let when = self.when(table, rule);
            // One sign alone takes people for bots; an empty `when` would take everybody.
            if when.lists.len() + when.measures.len() < 2 {
                let help = "name two lists of words, or a list and a count: `hashtags = 5`";
                self.error(span, "one sign is not enough to call a text spam", help);
            } else {
                rule.whens.push(when);
            }
        }
    }

    fn when(&mut self, table: DeTable<'_>, rule: &SpamRule) -> When {
        let mut when = When::default();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            if name == "words" {
                for (list, span) in self.strings(&value) {
                    match rule.lists.iter().position(|(known, _)| *known == list) {
                        Some(place) => when.lists.push(place),
                        None => {
                            let help = "name a list of `[words]`";
                            self.error(span, format!("no list `{list}`"), help);
                        }
                    }
                }
            } else if let Some(measure) = Measure::ALL.into_iter().find(|m| m.name() == name) {
                let written = value.get_ref().as_integer().map(|number| number.as_str().parse());
                match written {
                    Some(Ok(least)) if least > 0 => when.measures.push((measure, least)),
                    _ => self.error(value.span(), "no count", "write a whole number from 1 on"),
                }
            } else {
                let known = Measure::ALL.map(Measure::name).join(", ");
                let help = format!("known keys: words, {known}");
                self.error(key.span(), format!("unknown key `{name}`"), &help);
            }
        }
        when
    }
}
