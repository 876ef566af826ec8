//! What published lexicons say of the same texts, read as their authors say in short.
//!
//! VADER is simplified: words and negation by -0.74 within three words, no punctuation, capitals,
//! boosters or idioms; its thresholds of ±0.05 on the normalised sum are kept. AFINN is the sum of
//! valences, Pattern the mean of polarities with its threshold of ±0.1.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use vigie::text::fold;

/// A lexicon and how its words become an answer.
pub(super) struct Lexicon {
    words: HashMap<String, f64>,
    verdict: fn(&[f64]) -> f64,
    threshold: f64,
    negates: bool,
}

const NEGATIONS: &[&str] = &["not", "no", "never", "none", "nothing", "without", "cannot", "t"];

impl Lexicon {
    /// Weights of negative, neutral and positive: one of them is all.
    pub(super) fn said(&self, text: &str) -> [f64; 3] {
        let folded = fold::folded(text);
        let words: Vec<&str> = fold::words(&folded).map(|word| word.text).collect();
        let found: Vec<f64> = words
            .iter()
            .enumerate()
            .filter_map(|(at, word)| {
                let value = self.words.get(*word)?;
                let before = words.get(at.saturating_sub(3)..at).unwrap_or_default();
                let turned = self.negates && before.iter().any(|word| NEGATIONS.contains(word));
                Some(if turned { -0.74 * value } else { *value })
            })
            .collect();
        let verdict = (self.verdict)(&found);
        if verdict <= -self.threshold {
            [1.0, 0.0, 0.0]
        } else if verdict >= self.threshold {
            [0.0, 0.0, 1.0]
        } else {
            [0.0, 1.0, 0.0]
        }
    }
}

/// The lexicons that speak a language, by name.
pub(super) fn of(lang: &str, folder: &Path) -> Vec<(&'static str, Lexicon)> {
    match lang {
        "en" => vec![
            ("VADER", vader(&folder.join("vader_lexicon.txt"))),
            ("AFINN", afinn(&folder.join("AFINN-en-165.txt"))),
        ],
        "fr" => vec![
            ("VADER", vader(&folder.join("vader_lexicon.txt"))),
            ("AFINN", afinn(&folder.join("AFINN-fr-165.txt"))),
            ("Pattern", pattern(&folder.join("fr-sentiment.xml"))),
        ],
        _ => vec![("VADER", vader(&folder.join("vader_lexicon.txt")))],
    }
}

fn vader(path: &Path) -> Lexicon {
    let verdict = |found: &[f64]| {
        let sum: f64 = found.iter().sum();
        sum / (sum * sum + 15.0).sqrt()
    };
    Lexicon { words: columns(path), verdict, threshold: 0.05, negates: true }
}

fn afinn(path: &Path) -> Lexicon {
    let verdict = |found: &[f64]| found.iter().sum();
    Lexicon { words: columns(path), verdict, threshold: 0.5, negates: false }
}

/// Lines of a word, a tab and its valence.
fn columns(path: &Path) -> HashMap<String, f64> {
    let text = fs::read_to_string(path).expect("the data folder holds every lexicon");
    let pair = |line: &str| {
        let mut columns = line.split('\t');
        let (word, value) = (columns.next()?, columns.next()?);
        Some((fold::folded(word), value.trim().parse().ok()?))
    };
    text.lines().filter_map(pair).collect()
}

fn pattern(path: &Path) -> Lexicon {
    let text = fs::read_to_string(path).expect("the data folder holds every lexicon");
    let attribute = |entry: &str, name: &str| {
        let after = entry.split_once(&format!("{name}=\""))?.1;
        Some(after.split_once('"')?.0.to_owned())
    };
    let mut senses: HashMap<String, Vec<f64>> = HashMap::new();
    for entry in text.split("<word ").skip(1) {
        let form = attribute(entry, "form").map(|form| fold::folded(&form));
        let polarity = attribute(entry, "polarity").and_then(|value| value.parse().ok());
        if let (Some(form), Some(polarity)) = (form, polarity) {
            senses.entry(form).or_default().push(polarity);
        }
    }
    let mean = |found: &[f64]| found.iter().sum::<f64>() / found.len().max(1) as f64;
    let words = senses.into_iter().map(|(form, all)| (form, mean(&all))).collect();
    Lexicon { words, verdict: mean, threshold: 0.1, negates: false }
}
