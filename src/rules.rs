//! The rules directory: lexicons, topics, kinds of spam and press sites, each file with its own
//! examples. Pure: takes texts.

mod alert;
pub mod corrections;
mod examples;
pub mod phrases;
pub mod press;
mod read;
pub mod spam;
pub mod symbols;
pub mod vocabulary;

use crate::diagnostic::Diagnostic;
use crate::model::Lang;
use crate::query::Ambiguous;
use crate::sentiment::Models;
use crate::sentiment::second::Second;

pub use alert::{Alerts, TopicAlert};
pub use corrections::Corrections;
pub use examples::{Example, Expect, check_examples};
use phrases::Phrases;
pub use press::{PressClass, PressSite, PressSites};
use spam::SpamRules;
use symbols::Symbols;
use vocabulary::{Term, Vocabulary};

/// A file name and what is wrong in that file.
pub type Problem = (String, Diagnostic);

/// Everything read from `rules/`, compiled. Building it costs milliseconds: do it at start and at
/// reload, and share it.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// One for each language; the one without a language holds what needs none (emoji).
    pub lexicons: Vec<(Option<Lang>, Lexicon)>,
    pub topics: Vec<Topic>,
    /// The terms of all topics, to be looked for at once.
    pub vocabulary: Vocabulary,
    /// Brands whose name is an everyday word.
    pub ambiguous: Vec<Ambiguous>,
    pub spam: SpamRules,
    /// Who is the press.
    pub press: PressSites,
    pub examples: Vec<Example>,
    /// What was learned from labelled texts; none where only given files are read.
    pub models: Models,
    /// What people said of texts that were heard wrong.
    pub corrections: Corrections,
    /// Who else is asked how a text sounds; nobody, unless the operator names a model.
    pub second: Option<Second>,
}

/// The polar words of a language, and the words that change what they say.
#[derive(Debug, Clone, Default)]
pub struct Lexicon {
    pub weights: Phrases<Weight>,
    /// Emoji and emoticons.
    pub symbols: Symbols,
    pub roles: Phrases<Role>,
    /// Words that are insults or obscene, whatever they weigh.
    pub profanity: Phrases<()>,
    /// How the terms of all three lists begin.
    beginnings: Phrases<()>,
}

impl Lexicon {
    /// Whether a term may begin with this word: few words do, and one look-up says so.
    pub fn begins(&self, word: &str) -> bool {
        self.beginnings.begins(word)
    }

    /// Gathers the first words of the lists, once everything is read.
    fn finish(&mut self) {
        self.beginnings.take_beginnings(&self.weights, ());
        self.beginnings.take_beginnings(&self.roles, ());
        self.beginnings.take_beginnings(&self.profanity, ());
    }
}

/// How much a form pulls, and whose word that is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Weight {
    /// -3 to +3; 0 mutes the form.
    pub value: f64,
    /// Said by the operator of this machine, who is believed before what was learned elsewhere.
    pub told: bool,
}

/// What a word does to the polar words around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Turns what follows: `sans`, `not`.
    Negator,
    /// Turns what follows and also the verb before it: `pas`, `jamais`.
    NegatorAfter,
    /// Announces a negation and is none where another one follows: `ne`.
    NegatorOpening,
    Intensifier,
    Diminisher,
    /// What follows is what is meant: `mais`.
    Contrast,
    /// Grants what follows, up to the end of its clause: `malgré`, `although`.
    Concession,
    /// Looks like one of the above and is nothing: `sans doute`, `not only`.
    Plain,
}

/// A known risk and the expressions that speak of it.
#[derive(Debug, Clone, Default)]
pub struct Topic {
    pub name: String,
    pub terms: Vec<Term>,
    /// From how many mentions on it is a risk by itself; a mild one never is.
    pub alert: Option<TopicAlert>,
}

/// The files that come with the program. Those derived from other people's lists stand first: a
/// later file corrects an earlier one.
pub const SHIPPED: &[(&str, &str)] = &[
    ("lexicon/fr-derived.toml", include_str!("../rules/lexicon/fr-derived.toml")),
    ("lexicon/fr.toml", include_str!("../rules/lexicon/fr.toml")),
    ("lexicon/fr-service.toml", include_str!("../rules/lexicon/fr-service.toml")),
    ("lexicon/fr-quotidien.toml", include_str!("../rules/lexicon/fr-quotidien.toml")),
    ("lexicon/fr-produits.toml", include_str!("../rules/lexicon/fr-produits.toml")),
    ("lexicon/fr-presse.toml", include_str!("../rules/lexicon/fr-presse.toml")),
    ("lexicon/fr-ressenti.toml", include_str!("../rules/lexicon/fr-ressenti.toml")),
    ("lexicon/fr-argot.toml", include_str!("../rules/lexicon/fr-argot.toml")),
    ("lexicon/fr-profanity.toml", include_str!("../rules/lexicon/fr-profanity.toml")),
    ("lexicon/en-derived.toml", include_str!("../rules/lexicon/en-derived.toml")),
    ("lexicon/en.toml", include_str!("../rules/lexicon/en.toml")),
    ("lexicon/en-service.toml", include_str!("../rules/lexicon/en-service.toml")),
    ("lexicon/en-press.toml", include_str!("../rules/lexicon/en-press.toml")),
    ("lexicon/en-talk.toml", include_str!("../rules/lexicon/en-talk.toml")),
    ("lexicon/en-profanity.toml", include_str!("../rules/lexicon/en-profanity.toml")),
    ("lexicon/de.toml", include_str!("../rules/lexicon/de.toml")),
    ("lexicon/de-complaints.toml", include_str!("../rules/lexicon/de-complaints.toml")),
    ("lexicon/de-profanity.toml", include_str!("../rules/lexicon/de-profanity.toml")),
    ("lexicon/es.toml", include_str!("../rules/lexicon/es.toml")),
    ("lexicon/es-complaints.toml", include_str!("../rules/lexicon/es-complaints.toml")),
    ("lexicon/es-profanity.toml", include_str!("../rules/lexicon/es-profanity.toml")),
    ("lexicon/it.toml", include_str!("../rules/lexicon/it.toml")),
    ("lexicon/it-complaints.toml", include_str!("../rules/lexicon/it-complaints.toml")),
    ("lexicon/it-profanity.toml", include_str!("../rules/lexicon/it-profanity.toml")),
    ("lexicon/pt.toml", include_str!("../rules/lexicon/pt.toml")),
    ("lexicon/pt-complaints.toml", include_str!("../rules/lexicon/pt-complaints.toml")),
    ("lexicon/pt-profanity.toml", include_str!("../rules/lexicon/pt-profanity.toml")),
    ("lexicon/nl.toml", include_str!("../rules/lexicon/nl.toml")),
    ("lexicon/nl-complaints.toml", include_str!("../rules/lexicon/nl-complaints.toml")),
    ("lexicon/nl-profanity.toml", include_str!("../rules/lexicon/nl-profanity.toml")),
    ("lexicon/emoji.toml", include_str!("../rules/lexicon/emoji.toml")),
    ("topic/accident.toml", include_str!("../rules/topic/accident.toml")),
    ("topic/animal-cruelty.toml", include_str!("../rules/topic/animal-cruelty.toml")),
    ("topic/boycott.toml", include_str!("../rules/topic/boycott.toml")),
    ("topic/corruption.toml", include_str!("../rules/topic/corruption.toml")),
    ("topic/counterfeit.toml", include_str!("../rules/topic/counterfeit.toml")),
    ("topic/cyberattack.toml", include_str!("../rules/topic/cyberattack.toml")),
    ("topic/data-breach.toml", include_str!("../rules/topic/data-breach.toml")),
    ("topic/death.toml", include_str!("../rules/topic/death.toml")),
    ("topic/discrimination.toml", include_str!("../rules/topic/discrimination.toml")),
    ("topic/disinformation.toml", include_str!("../rules/topic/disinformation.toml")),
    ("topic/fire.toml", include_str!("../rules/topic/fire.toml")),
    ("topic/fraud.toml", include_str!("../rules/topic/fraud.toml")),
    ("topic/harassment.toml", include_str!("../rules/topic/harassment.toml")),
    ("topic/health.toml", include_str!("../rules/topic/health.toml")),
    ("topic/hygiene.toml", include_str!("../rules/topic/hygiene.toml")),
    ("topic/insolvency.toml", include_str!("../rules/topic/insolvency.toml")),
    ("topic/justice.toml", include_str!("../rules/topic/justice.toml")),
    ("topic/labour.toml", include_str!("../rules/topic/labour.toml")),
    ("topic/layoffs.toml", include_str!("../rules/topic/layoffs.toml")),
    ("topic/misleading-ads.toml", include_str!("../rules/topic/misleading-ads.toml")),
    ("topic/outage.toml", include_str!("../rules/topic/outage.toml")),
    ("topic/pollution.toml", include_str!("../rules/topic/pollution.toml")),
    ("topic/prices.toml", include_str!("../rules/topic/prices.toml")),
    ("topic/recall.toml", include_str!("../rules/topic/recall.toml")),
    ("topic/strike.toml", include_str!("../rules/topic/strike.toml")),
    ("ambiguous.toml", include_str!("../rules/ambiguous.toml")),
    ("press/any.toml", include_str!("../rules/press/any.toml")),
    ("press/fr.toml", include_str!("../rules/press/fr.toml")),
    ("press/be.toml", include_str!("../rules/press/be.toml")),
    ("press/ch.toml", include_str!("../rules/press/ch.toml")),
    ("press/lu.toml", include_str!("../rules/press/lu.toml")),
    ("press/ca.toml", include_str!("../rules/press/ca.toml")),
    ("press/gb.toml", include_str!("../rules/press/gb.toml")),
    ("press/us.toml", include_str!("../rules/press/us.toml")),
    ("press/ie.toml", include_str!("../rules/press/ie.toml")),
    ("press/de.toml", include_str!("../rules/press/de.toml")),
    ("press/at.toml", include_str!("../rules/press/at.toml")),
    ("press/es.toml", include_str!("../rules/press/es.toml")),
    ("press/it.toml", include_str!("../rules/press/it.toml")),
    ("press/pt.toml", include_str!("../rules/press/pt.toml")),
    ("press/nl.toml", include_str!("../rules/press/nl.toml")),
    ("spam/adult.toml", include_str!("../rules/spam/adult.toml")),
    ("spam/coupon.toml", include_str!("../rules/spam/coupon.toml")),
    ("spam/crypto.toml", include_str!("../rules/spam/crypto.toml")),
    ("spam/giveaway.toml", include_str!("../rules/spam/giveaway.toml")),
    ("spam/seo-link.toml", include_str!("../rules/spam/seo-link.toml")),
    ("spam/tag-stuffing.toml", include_str!("../rules/spam/tag-stuffing.toml")),
];

impl Rules {
    /// The rules that come with the program.
    pub fn builtin() -> Rules {
        Rules::extended(&[]).expect("the shipped rules are valid: a test reads them")
    }

    /// The shipped files without what was learned from labelled texts: what training starts from.
    pub fn untrained() -> Rules {
        let none = std::iter::empty();
        read::read(SHIPPED.iter().copied(), none)
            .expect("the shipped rules are valid: a test reads them")
    }

    /// Reads files of rules, and nothing but them: all problems of all files at once.
    pub fn parse(files: &[(String, String)]) -> Result<Rules, Vec<Problem>> {
        let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        read::read(std::iter::empty(), files)
    }

    /// The shipped rules with an operator's files over them: a form given again takes the new
    /// weight, 0 mutes it.
    pub fn extended(files: &[(String, String)]) -> Result<Rules, Vec<Problem>> {
        let own = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let mut rules = read::read(SHIPPED.iter().copied(), own)?;
        rules.models = Models::shipped().expect("the shipped models are valid: a test reads them");
        Ok(rules)
    }

    /// The topics that call for an alert.
    pub fn alerts(&self) -> Alerts {
        self.topics.iter().filter_map(|topic| Some((topic.name.clone(), topic.alert?))).collect()
    }

    /// The lexicon of a language, or with `None` the one that needs none.
    pub fn lexicon(&self, lang: Option<Lang>) -> Option<&Lexicon> {
        self.lexicons.iter().find(|(of, _)| *of == lang).map(|(_, lexicon)| lexicon)
    }

    fn lexicon_mut(&mut self, lang: Option<Lang>) -> &mut Lexicon {
        let at = self.lexicons.iter().position(|(of, _)| *of == lang).unwrap_or_else(|| {
            self.lexicons.push((lang, Lexicon::default()));
            self.lexicons.len() - 1
        });
        &mut self.lexicons[at].1
    }

    fn topic_mut(&mut self, name: &str) -> &mut Topic {
        let at = self.topics.iter().position(|topic| topic.name == name).unwrap_or_else(|| {
            self.topics.push(Topic { name: name.to_owned(), ..Topic::default() });
            self.topics.len() - 1
        });
        &mut self.topics[at]
    }
}

#[cfg(test)]
mod tests;
