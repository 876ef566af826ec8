//! One logistic regression for each tone against the rest, on features scaled by how much more
//! often they stand in that tone (Wang & Manning 2012, with logistic loss).

use super::lbfgs::{minimise, narrow};
use crate::sentiment::features::BUCKETS;
use crate::sentiment::model::TONES;

const ITERATIONS: usize = 150;
const TOLERANCE: f64 = 2e-5;

/// Texts as features, with what each of them counts.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    /// Where each row ends in `buckets` and `scales`.
    ends: Vec<usize>,
    buckets: Vec<u32>,
    scales: Vec<f32>,
    /// The right tone, 0 to 2.
    pub tones: Vec<usize>,
    pub counts: Vec<f32>,
}

impl Rows {
    pub(super) fn push(
        &mut self,
        features: impl Iterator<Item = (u32, f32)>,
        tone: usize,
        counts: f32,
    ) {
        for (bucket, scale) in features {
            self.buckets.push(bucket);
            self.scales.push(scale);
        }
        self.ends.push(self.buckets.len());
        self.tones.push(tone);
        self.counts.push(counts);
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The included rows alone.
    fn only(&self, include: &[bool]) -> Rows {
        let mut kept = Rows::default();
        for row in (0..self.len()).filter(|row| include[*row]) {
            let features = self
                .row(row)
                .map(|(bucket, scale)| (u32::try_from(bucket).unwrap_or_default(), scale));
            kept.push(features, self.tones[row], self.counts[row]);
        }
        kept
    }

    /// The same rows with the buckets that they use numbered from 0, and which these are.
    fn compact(&self) -> (Rows, Vec<u32>) {
        let mut columns = self.buckets.clone();
        columns.sort_unstable();
        columns.dedup();
        let mut of = vec![0_u32; BUCKETS];
        for (column, bucket) in (0_u32..).zip(&columns) {
            of[*bucket as usize] = column;
        }
        let buckets = self.buckets.iter().map(|bucket| of[*bucket as usize]).collect();
        (Rows { buckets, ..self.clone() }, columns)
    }

    /// Bucket and scale of each feature of a row.
    pub(super) fn row(&self, at: usize) -> impl Iterator<Item = (usize, f32)> {
        let start = at.checked_sub(1).and_then(|at| self.ends.get(at)).copied().unwrap_or(0);
        let range = start..self.ends.get(at).copied().unwrap_or(start);
        let buckets = self.buckets.get(range.clone()).unwrap_or_default();
        let scales = self.scales.get(range).unwrap_or_default();
        buckets.iter().map(|bucket| *bucket as usize).zip(scales.iter().copied())
    }
}

/// Weights by bucket (three each) and the biases.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Weights {
    pub buckets: Vec<f32>,
    pub bias: [f32; TONES],
}

impl Weights {
    pub(super) fn logits(&self, row: impl Iterator<Item = (usize, f32)>) -> [f32; TONES] {
        sums(&self.buckets, self.bias, row)
    }
}

fn sums(
    weights: &[f32],
    bias: [f32; TONES],
    row: impl Iterator<Item = (usize, f32)>,
) -> [f32; TONES] {
    let mut sums = bias;
    for (bucket, scale) in row {
        for (sum, weight) in sums.iter_mut().zip(&weights[bucket * TONES..]) {
            *sum += scale * weight;
        }
    }
    sums
}

/// The weights that explain the included rows; `strength` is how dear a weight is.
pub(super) fn fit(rows: &Rows, include: &[bool], strength: f32) -> Weights {
    let rows = rows.only(include);
    let (rows, columns) = rows.compact();
    let size = columns.len() * TONES;
    let ratio = ratios(&rows, columns.len());
    let mut x = vec![0.0; size + TONES];
    let mut scaled = vec![0.0; size];
    minimise(&mut x, ITERATIONS, TOLERANCE, &mut |x, gradient| {
        scaled.iter_mut().zip(x).zip(&ratio).for_each(|((to, x), ratio)| *to = x * ratio);
        let (_, bias) = x.split_at(size);
        gradient.fill(0.0);
        let (pulls, bias_pulls) = gradient.split_at_mut(size);
        let mut loss = 0.0;
        for row in 0..rows.len() {
            let start = sums(&scaled, [bias[0], bias[1], bias[2]], rows.row(row));
            loss += learn(&rows, row, start, pulls, bias_pulls);
        }
        // The biases are free.
        for ((gradient, x), ratio) in pulls.iter_mut().zip(x).zip(&ratio) {
            *gradient = *gradient * ratio + strength * x;
            loss += f64::from(0.5 * strength * x * x);
        }
        loss
    });
    let bias = [x[size], x[size + 1], x[size + 2]];
    let mut buckets = vec![0.0; BUCKETS * TONES];
    for (column, bucket) in columns.iter().enumerate() {
        for tone in 0..TONES {
            let at = column * TONES + tone;
            buckets[*bucket as usize * TONES + tone] = x[at] * ratio[at];
        }
    }
    Weights { buckets, bias }
}

/// What a few rows change in weights that are known: where `known` says what these come to for
/// each row. Nothing else moves, and each change is dear.
pub(super) fn change(
    rows: &Rows,
    known: &[[f32; TONES]],
    strength: f32,
) -> Vec<(usize, [f32; TONES])> {
    let (rows, columns) = rows.compact();
    let mut x = vec![0.0; columns.len() * TONES];
    minimise(&mut x, ITERATIONS, TOLERANCE, &mut |x, gradient| {
        gradient.fill(0.0);
        let mut loss = 0.0;
        for (row, known) in (0..rows.len()).zip(known) {
            let start = sums(x, *known, rows.row(row));
            loss += learn(&rows, row, start, gradient, &mut [0.0; TONES]);
        }
        for (gradient, x) in gradient.iter_mut().zip(x) {
            *gradient += strength * x;
            loss += f64::from(0.5 * strength * x * x);
        }
        loss
    });
    columns
        .into_iter()
        .zip(x.chunks_exact(TONES))
        .map(|(b, x)| (b as usize, [x[0], x[1], x[2]]))
        .collect()
}

/// Adds one row's part to the gradients of weights and biases; returns its loss.
fn learn(
    rows: &Rows,
    row: usize,
    sums: [f32; TONES],
    gradient: &mut [f32],
    bias: &mut [f32],
) -> f64 {
    let (tone, counts) = (rows.tones[row], rows.counts[row]);
    let mut pull = [0.0; TONES];
    let mut loss = 0.0;
    for (of, sum) in sums.into_iter().enumerate() {
        let (truth, sign) = if of == tone { (1.0, -sum) } else { (0.0, sum) };
        // ln(1 + e^sign) without overflow.
        loss += f64::from(counts * (sign.max(0.0) + (-sign.abs()).exp().ln_1p()));
        pull[of] = counts * (1.0 / (1.0 + (-sum).exp()) - truth);
    }
    for (bucket, scale) in rows.row(row) {
        for (gradient, pull) in gradient[bucket * TONES..].iter_mut().zip(pull) {
            *gradient += scale * pull;
        }
    }
    bias.iter_mut().zip(pull).for_each(|(bias, pull)| *bias += pull);
    loss
}

/// `ln` of how much larger a column's share is in the texts of a tone than in the others.
fn ratios(rows: &Rows, columns: usize) -> Vec<f32> {
    let mut found = vec![0.0_f64; columns * TONES];
    for row in 0..rows.len() {
        for (column, scale) in rows.row(row) {
            found[column * TONES + rows.tones[row]] += f64::from(scale * rows.counts[row]);
        }
    }
    let mut totals = [0.0; TONES];
    for column in found.chunks(TONES) {
        totals.iter_mut().zip(column).for_each(|(total, sum)| *total += sum);
    }
    let (all, columns): (f64, f64) = (totals.iter().sum(), columns as f64);
    let mut ratios = Vec::with_capacity(found.len());
    for column in found.chunks(TONES) {
        let whole: f64 = column.iter().sum();
        for (sum, total) in column.iter().zip(totals) {
            let here = (sum + 1.0) / (total + columns);
            let elsewhere = (whole - sum + 1.0) / (all - total + columns);
            ratios.push(narrow((here / elsewhere).ln()));
        }
    }
    ratios
}
