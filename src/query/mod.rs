//! The watch language: words, "phrases", AND/OR/NOT (ET/OU/SAUF), brackets; read, then matched
//! against folded text with the places that made it match.

/// What a query says, folded. Built by [`Query::parse`] only, within its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// Words that follow each other; a single word is a phrase of one. Folded. The last may end
    /// with any letters when `prefix` is set (`rappel*`).
    Phrase {
        words: Vec<String>,
        prefix: bool,
    },
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
}

/// A query that was read and can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub expr: Expr,
}
