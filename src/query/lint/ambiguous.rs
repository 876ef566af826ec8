//! Brands whose name is an everyday word, and the words that tell the two apart.

use crate::text::fold::{folded, words};

/// One such brand. Read from `rules/`, so that an operator adds to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ambiguous {
    /// As written: `La Poste`.
    pub brand: String,
    /// Folded: what a query would ask for.
    pub words: Vec<String>,
    /// Terms that go with the brand.
    pub with: Vec<String>,
    /// Terms of the other sense.
    pub without: Vec<String>,
}

impl Ambiguous {
    pub fn new(brand: &str, with: Vec<String>, without: Vec<String>) -> Ambiguous {
        let fold = folded(brand);
        let words = words(&fold).map(|word| word.text.to_owned()).collect();
        Ambiguous { brand: brand.to_owned(), words, with, without }
    }

    /// A query to paste that keeps the brand and refuses the other sense, words in the singular
    /// and the plural.
    pub fn proposal(&self) -> String {
        let mut query = quoted(&self.brand);
        for (before, terms) in [(" AND ", &self.with), (" NOT ", &self.without)] {
            let terms: Vec<String> =
                terms.iter().map(|term| format!("~{}", quoted(term))).collect();
            match terms.as_slice() {
                [] => {}
                [only] => query.push_str(&format!("{before}{only}")),
                several => query.push_str(&format!("{before}({})", several.join(" OR "))),
            }
        }
        query
    }
}

fn quoted(term: &str) -> String {
    if term.contains(|c: char| c.is_whitespace()) { format!("\"{term}\"") } else { term.to_owned() }
}
