//! From labelled texts to a model: pure, and the same bytes every time.

mod calibrate;
pub(super) mod chance;
mod lbfgs;
mod logistic;
pub mod sets;
mod templates;
pub mod trial;

use std::collections::{BTreeMap, HashSet};
use std::hash::BuildHasher;

use xxhash_rust::xxh3::xxh3_64;

use super::features::{self, Choice};
use super::model::{Model, TONES, Voice};
use super::reading::Reading;
use crate::model::{Lang, Span};
use crate::rules::Rules;
use crate::text::fold;
use logistic::{Rows, change, fit};

pub use templates::sentences;

/// A text and the tone that people heard in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    pub text: String,
    pub lang: Option<Lang>,
    /// 0 negative, 1 neutral, 2 positive.
    pub tone: usize,
    /// Brand names to be masked.
    pub names: Vec<Span>,
    /// The collection it is from: a number that only has to differ from the others.
    pub set: usize,
    /// How much it counts beside others.
    pub counts: f32,
}

/// What to train.
#[derive(Debug, Clone)]
pub struct Recipe {
    pub choice: Choice,
    /// How dear a weight is.
    pub strength: f32,
    /// The rows are cut into this many parts, each judged by a model of the others.
    pub parts: u64,
    /// What the model will speak, and the sets that say how sure it may be in each.
    pub voices: Vec<(Option<Lang>, Vec<usize>)>,
    /// How often each tone stands in the sets of which only some texts were taken.
    pub whole: BTreeMap<usize, [f64; TONES]>,
}

/// A model, and what models of the other parts said of each row.
#[derive(Debug, Clone)]
pub struct Trained {
    pub model: Model,
    /// Calibrated probabilities, in the order of the rows.
    pub blind: Vec<[f64; TONES]>,
}

/// Trains a model on rows.
pub fn train(rows: &[Row], recipe: &Recipe, rules: &Rules) -> Trained {
    let prepared = prepared(rows, recipe.choice, rules);
    let parts = recipe.parts.max(1);
    let part = |row: usize| xxh3_64(rows[row].text.as_bytes()) % parts;
    let mut blind = vec![[0.0; TONES]; rows.len()];
    for out in 0..recipe.parts {
        let include: Vec<bool> = (0..rows.len()).map(|row| part(row) != out).collect();
        let weights = fit(&prepared, &include, recipe.strength);
        for row in (0..rows.len()).filter(|row| !include[*row]) {
            blind[row] = weights.logits(prepared.row(row)).map(f64::from);
        }
    }
    let weights = fit(&prepared, &vec![true; rows.len()], recipe.strength);
    let voices: Vec<Voice> = recipe
        .voices
        .iter()
        .map(|(lang, sets)| {
            let of = |row: &usize| rows[*row].lang == *lang && sets.contains(&rows[*row].set);
            let heard: Vec<usize> = (0..rows.len()).filter(of).collect();
            calibrate::voice(*lang, rows, &heard, &blind, &recipe.whole)
        })
        .collect();
    for (row, logits) in rows.iter().zip(&mut blind) {
        if let Some(voice) = voices.iter().find(|voice| voice.lang == row.lang) {
            *logits = voice.probabilities(*logits);
        }
    }
    Trained { model: Model::new(&weights.buckets, weights.bias, recipe.choice, voices), blind }
}

/// What a correction may cost: weights move as far as a few texts can make them, and no further.
const CORRECTION: f32 = 25.0;

/// A model that has learned from corrected texts. Words that they do not hold keep their weights.
pub fn adapt(model: &Model, rows: &[Row], rules: &Rules) -> Model {
    let prepared = prepared(rows, model.choice, rules);
    let known: Vec<[f32; TONES]> =
        (0..rows.len()).map(|row| model.sums(prepared.row(row))).collect();
    let mut adapted = model.clone();
    let changes = change(&prepared, &known, CORRECTION).into_iter().map(|(bucket, change)| {
        let mut weights = model.weight(bucket);
        weights.iter_mut().zip(change).for_each(|(weight, change)| *weight += change);
        (bucket, weights)
    });
    adapted.change(changes);
    adapted
}

fn prepared(rows: &[Row], choice: Choice, rules: &Rules) -> Rows {
    let mut prepared = Rows::default();
    for row in rows {
        let folded = fold::fold(&row.text);
        let reading = Reading::new(&row.text, &folded, &row.names, row.lang, rules);
        let found = features::of(&reading, row.lang, choice);
        prepared.push(found.iter().map(|f| (f.bucket, f.scale)), row.tone, row.counts);
    }
    prepared
}

/// Makes every tone of every set count alike, and each set as its weight says.
pub fn balance(rows: &mut [Row], weights: &[f32]) {
    for (set, weight) in weights.iter().enumerate() {
        let mut found = [0.0_f32; TONES];
        for row in rows.iter().filter(|row| row.set == set) {
            found[row.tone.min(TONES - 1)] += 1.0;
        }
        let all: f32 = found.iter().sum();
        let kinds = found.iter().filter(|count| **count > 0.0).count() as f32;
        for row in rows.iter_mut().filter(|row| row.set == set) {
            row.counts = weight * all / kinds / found[row.tone.min(TONES - 1)];
        }
    }
}

/// What two copies of a text share: its words, without links, accounts and signs.
pub fn likeness(text: &str) -> u64 {
    let folded = fold::folded(text);
    let kept = folded.split_whitespace().filter(|word| {
        !word.starts_with(['@']) && !word.starts_with("http") && !word.starts_with("www.")
    });
    let prose: Vec<&str> = kept.collect();
    let prose = prose.join(" ");
    let words: Vec<&str> = fold::words(&prose).map(|word| word.text).collect();
    xxh3_64(words.join(" ").as_bytes())
}

/// Rows whose like was not seen before.
pub fn fresh<S: BuildHasher>(rows: Vec<Row>, seen: &mut HashSet<u64, S>) -> Vec<Row> {
    rows.into_iter().filter(|row| seen.insert(likeness(&row.text))).collect()
}

#[cfg(test)]
mod tests;
