//! How grave an incident is, 1 to 5: the one number for who reads one line.

use crate::model::incident::SeverityTerm;
use crate::model::{Level, Reading, Risk, Severity};

/// Kinds of source that speak of it at once. Two are usual: a forum, and who links to it.
const WIDE: u32 = 3;

/// The severity of a level with these numbers behind it.
///
/// A notice is 1, the levels of a bad buzz are 2 to 4. What makes it worse than its number of
/// mentions adds one each: the press took it up (the first sign of a real crisis for those who
/// count them), a sensitive topic, an audience beyond the usual, and a spread over three kinds of
/// source or more. What was planned takes one off, and so does a text that many accounts copy within
/// minutes: that is a campaign rather than a crowd. The score needs no term: it makes the level.
pub fn severity(level: Level, reading: &Reading) -> Severity {
    let is = |kinds: &[&str]| reading.risks.iter().any(|risk| kinds.contains(&Risk::kind(risk)));
    let terms = [
        ("level", rank(level)),
        ("press", i8::from(is(&["press"]))),
        ("topic", i8::from(is(&["topic"]))),
        ("audience", i8::from(is(&["audience", "viral"]))),
        ("spread", i8::from(reading.kinds >= WIDE)),
        ("copies", -i8::from(is(&["coordinated"]))),
        ("planned", -i8::from(!reading.planned.is_empty())),
    ];
    let mut terms: Vec<SeverityTerm> = terms
        .into_iter()
        .filter(|(_, value)| *value != 0)
        .map(|(name, value)| SeverityTerm { name: name.to_owned(), value })
        .collect();
    let sum: i8 = terms.iter().map(|term| term.value).sum();
    let most = if level == Level::Notice { 1 } else { 5 };
    let value = sum.clamp(1, most);
    if value != sum {
        terms.push(SeverityTerm { name: "bounds".to_owned(), value: value - sum });
    }
    Severity { value: value.unsigned_abs(), terms }
}

fn rank(level: Level) -> i8 {
    match level {
        Level::Notice => 1,
        Level::Watch => 2,
        Level::Warning => 3,
        Level::Crisis => 4,
    }
}
