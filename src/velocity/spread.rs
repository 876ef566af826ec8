//! How much counts vary beyond chance: by window, and between the tones of one hour.

use serde::{Deserialize, Serialize};

use super::narrow;

/// Cluster factor: mentions come in groups of about this size even on a calm day.
pub(super) const CLUSTER: f64 = 2.5;

/// The share's own cluster factor.
const SHARE_CLUSTER: f64 = 1.5;

/// Prior dispersion, its weight, and the floor.
const PRIOR: f64 = 0.10;
const PRIOR_WEIGHT: f64 = 20.0;
const FLOOR: f64 = 0.05;

/// Residuals are clipped at this many deviations: a crisis must not widen the usual band.
const CLIP: f64 = 2.0;

/// Prior correlation of the tones of one hour, its weight, and the bounds.
const LABEL_PRIOR: f64 = 0.02;
const LABEL_WEIGHT: f64 = 200.0;
const LABEL_BOUNDS: (f64, f64) = (0.002, 0.2);

/// Hours after which half of a residual is forgotten.
const HALF_LIFE: f64 = 336.0;

/// Dispersion of the negatives in windows of one length: decayed residuals and their scale.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Dispersion(f32, f32);

impl Dispersion {
    pub(super) fn new() -> Dispersion {
        Dispersion(narrow(PRIOR * PRIOR_WEIGHT), narrow(PRIOR_WEIGHT))
    }

    /// The variance of a count is `CLUSTER`·mean + this·mean².
    pub(super) fn value(self) -> f64 {
        (f64::from(self.0) / f64::from(self.1)).max(FLOOR)
    }

    /// Learns a window that brought `count` where `mean` was expected, so many hours after the one
    /// before it.
    pub(super) fn learn(&mut self, count: f64, mean: f64, hours: f64) {
        if mean <= 0.0 {
            return;
        }
        let variance = CLUSTER * mean + self.value() * mean * mean;
        let residual = ((count - mean) * (count - mean)).min(CLIP * CLIP * variance);
        let kept = 0.5_f64.powf(hours / HALF_LIFE);
        let prior = PRIOR * PRIOR_WEIGHT;
        let sum = prior + (f64::from(self.0) - prior) * kept + (residual - CLUSTER * mean);
        let scale = PRIOR_WEIGHT + (f64::from(self.1) - PRIOR_WEIGHT) * kept + mean * mean;
        *self = Dispersion(narrow(sum.max(0.0)), narrow(scale));
    }
}

/// Correlation of the tones within an hour: one post makes many alike.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct LabelCorrelation {
    sums: (f32, f32),
    value: f32,
}

impl LabelCorrelation {
    pub(super) fn new() -> LabelCorrelation {
        LabelCorrelation {
            sums: (narrow(LABEL_PRIOR * LABEL_WEIGHT), narrow(LABEL_WEIGHT)),
            value: narrow(LABEL_PRIOR),
        }
    }

    /// Learns an hour of `total` mentions, `negative` of them, where `share` was usual.
    pub(super) fn learn(&mut self, total: f64, negative: f64, share: f64) {
        if total <= 1.0 {
            return;
        }
        let error = negative - total * share;
        let chance = total * share * (1.0 - share);
        let clip = 9.0 * (SHARE_CLUSTER * chance + f64::from(self.value) * total * chance);
        let usual = SHARE_CLUSTER * chance;
        let kept = 0.5_f64.powf(1.0 / HALF_LIFE);
        let prior = LABEL_PRIOR * LABEL_WEIGHT;
        let excess = ((error * error).min(clip) - usual).max(-usual);
        let sum = prior + (f64::from(self.sums.0) - prior) * kept + excess;
        let scale = LABEL_WEIGHT + (f64::from(self.sums.1) - LABEL_WEIGHT) * kept + total * chance;
        self.sums = (narrow(sum), narrow(scale));
        self.value = narrow((sum / scale).clamp(LABEL_BOUNDS.0, LABEL_BOUNDS.1));
    }

    /// How many independent mentions `count` are worth, the share being learned from `weight`.
    pub(super) fn independent(&self, count: f64, weight: f64) -> f64 {
        let shared = f64::from(self.value) + 1.0 / (weight + 1.0);
        count / (SHARE_CLUSTER + (count - 1.0).max(0.0) * shared)
    }
}
