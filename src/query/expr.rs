//! What a query says: the expression that matching, search and printing share.

use super::date::Edge;
use super::field::Field;

/// Built by [`super::Query::parse`] only, within its limits.
///
/// Every `Or` branch, every operand of `Not` and the whole ask for at least one word or field:
/// nothing in here means "all texts but". `And` and `Or` have two children or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    Term(Term),
    Near(Box<Near>),
    Filter(Filter),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
}

/// Words that follow each other; a single word is a phrase of one.
///
/// A word that begins with `@` is an account's handle with its dots and underscores
/// (`@sncf_connect`) and stands alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Folded, never empty.
    pub words: Vec<String>,
    /// The same words letter by letter as they must be written (`="Orange"`); empty when folding
    /// decides.
    pub written: Vec<String>,
    pub ending: Ending,
    pub part: Part,
}

impl Term {
    /// The words in one (`laposte`), where that is another writing of the same name: in tags and
    /// addresses `coca-cola`, `La Redoute` and `l'Oréal` are written so. Not below five letters:
    /// `H&M` is no `hm`. Not when the letters must be as written.
    pub fn joined(&self) -> Option<String> {
        let letters = || self.words.iter().map(|word| word.chars().count()).sum::<usize>();
        let names = self.words.len() > 1 && self.written.is_empty();
        (names && letters() >= 5).then(|| self.words.concat())
    }

    /// The account that the term names, with its `@`.
    pub fn handle(&self) -> Option<&str> {
        match self.words.as_slice() {
            [only] if only.starts_with('@') => Some(only),
            _ => None,
        }
    }
}

/// How a term's words may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// As they are.
    Whole,
    /// The last with any letters: `rappel*`.
    Open,
    /// Each in the singular or the plural: `~rappel`.
    Plural,
}

/// Where in a mention a term is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Anywhere,
    Title,
    Text,
}

/// Two sides with few words between: each side is one of several terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    pub left: Vec<Term>,
    pub right: Vec<Term>,
    /// At most this many words stand between the two.
    pub within: usize,
    /// The left side comes first.
    pub ordered: bool,
}

impl Near {
    /// The terms of both sides.
    pub fn terms(&self) -> impl Iterator<Item = &Term> {
        self.left.iter().chain(&self.right)
    }
}

/// What is asked of a mention beside its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// One of the values is one that the mention has.
    Is { field: Field, any: Vec<Value> },
    /// Its time is not before the first instant, and before the second; one is given at least.
    When { from: Option<Edge>, until: Option<Edge> },
}

/// A value in the spelling that [`Field`] compares in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    pub text: String,
    /// It may go on: `site:blog.*`.
    pub open: bool,
}

impl Value {
    pub fn accepts(&self, found: &str) -> bool {
        found == self.text || (self.open && found.starts_with(self.text.as_str()))
    }
}

/// What a query has to know beside the text: what is settled late, because it is costly or comes
/// after matching.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asks {
    pub language: bool,
    pub topics: bool,
    pub tone: bool,
}

impl Expr {
    pub(super) fn asks(&self) -> Asks {
        let mut asks = Asks::default();
        self.visit(&mut |expr| {
            if let Expr::Filter(Filter::Is { field, .. }) = expr {
                asks.language |= *field == Field::Language;
                asks.topics |= *field == Field::Topic;
                asks.tone |= *field == Field::Tone;
            }
        });
        asks
    }

    /// Calls for this expression and everything inside it, exclusions too.
    pub fn visit<'e>(&'e self, see: &mut impl FnMut(&'e Expr)) {
        see(self);
        match self {
            Expr::And(children) | Expr::Or(children) => {
                for child in children {
                    child.visit(see);
                }
            }
            Expr::Not(child) => child.visit(see),
            Expr::Term(_) | Expr::Near(_) | Expr::Filter(_) => {}
        }
    }
}
