//! Warns about queries that would match nearly everything, or something else.

use super::parser::{Alone, parse};
use crate::diagnostic::Diagnostic;

/// Words that say nothing by themselves.
const STOP_WORDS: &[&str] = &[
    "about", "all", "also", "and", "are", "au", "aussi", "aux", "avec", "but", "can", "car", "ce",
    "ces", "cette", "comme", "dans", "de", "des", "donc", "du", "elle", "en", "est", "et", "eux",
    "fait", "for", "from", "has", "have", "il", "ils", "in", "is", "it", "je", "la", "le", "les",
    "leur", "lui", "ma", "mais", "me", "mes", "mon", "ne", "nos", "not", "notre", "nous", "of",
    "on", "or", "ou", "our", "par", "pas", "plus", "pour", "que", "qui", "sa", "sans", "se", "ses",
    "si", "son", "sont", "sur", "ta", "te", "that", "the", "their", "there", "they", "this", "to",
    "tout", "tres", "tu", "un", "une", "vos", "votre", "vous", "was", "we", "what", "which", "who",
    "with", "you", "your",
];

/// Brands whose name is an everyday word.
const AMBIGUOUS: &[&str] = &[
    "alpine",
    "amazon",
    "apple",
    "boulanger",
    "bouygues",
    "but",
    "casino",
    "free",
    "gap",
    "la halle",
    "la poste",
    "lu",
    "mars",
    "nature",
    "oasis",
    "orange",
    "poste",
    "quick",
    "shell",
    "target",
    "total",
    "visa",
];

/// Warnings about a query that can be read: too broad, or ambiguous. Spans are bytes of `text`.
///
/// A query with errors has no warnings: [`super::Query::parse`] tells them.
pub fn lint(text: &str) -> Vec<Diagnostic> {
    let Ok(node) = parse(text) else { return Vec::new() };
    let mut warnings = lower_case_operators(text);
    warnings.extend(node.alone.iter().filter_map(broad));
    warnings.sort_by_key(|warning| (warning.span.start, warning.span.end));
    warnings
}

fn broad(alone: &Alone) -> Option<Diagnostic> {
    let words = alone.words.join(" ");
    let warning = |title: String| Diagnostic::warning(alone.span.clone(), title);
    let context = format!("add words that go with it: `{words} AND (avis OR panne)`");
    if words.starts_with('@') {
        None
    } else if words.chars().count() <= 2 {
        Some(warning(format!("`{words}` is so short that many texts hold it")).help(context))
    } else if STOP_WORDS.contains(&words.as_str()) && !AMBIGUOUS.contains(&words.as_str()) {
        Some(warning(format!("`{words}` is in nearly every text")).help(context))
    } else if AMBIGUOUS.contains(&words.as_str()) && !alone.narrowed {
        let help = match words.as_str() {
            "orange" => {
                "add what tells it apart: `Orange AND (fibre OR forfait OR box)`".to_owned()
            }
            _ => format!("{context}, or exclude the other sense with NOT"),
        };
        Some(warning(format!("`{words}` is an everyday word too")).help(help))
    } else {
        None
    }
}

/// `orange or sfr` asks for three words, which is hardly what was meant.
fn lower_case_operators(text: &str) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    let mut quoted = false;
    let mut start = 0;
    for piece in text.split_inclusive(|c: char| c.is_whitespace() || "()\"«»“”".contains(c)) {
        let word = piece.trim_end_matches(|c: char| c.is_whitespace() || "()\"«»“”".contains(c));
        let upper = match word {
            "and" | "or" | "not" | "et" | "ou" | "sauf" => word.to_uppercase(),
            _ => String::new(),
        };
        if !quoted && !upper.is_empty() {
            let title = format!("`{word}` in small letters is a word to look for");
            let help = format!("write `{upper}`, or quote the phrase it belongs to");
            warnings.push(Diagnostic::warning(start..start + word.len(), title).help(help));
        }
        quoted = match piece.chars().next_back() {
            Some('"') => !quoted,
            Some('«' | '“') => true,
            Some('»' | '”') => false,
            _ => quoted,
        };
        start += piece.len();
    }
    warnings
}
