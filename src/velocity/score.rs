//! The score people see, 0 to 100, with its terms.

use crate::model::reading::ScoreTerm;

/// Below this the bonuses do not count; they count in full 30 above it.
const BONUS_FROM: f64 = 40.0;
const BONUS_RAMP: f64 = 30.0;

/// Mean over median of a log-normal reach, in log10.
const REACH_SKEW: f64 = 0.7;

/// What the score is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Evidence {
    /// Joined surprise over all windows and over those of 3 hours and less, cold start deducted.
    pub surprise: f64,
    pub surprise_now: f64,
    pub authors: f64,
    pub kinds: u32,
    /// Mean reach of a negative mention against the usual one, in log10; `None` without any.
    pub reach: Option<f64>,
    /// Rate of the last third of the window, and of the rest, per bucket.
    pub rate_now: f64,
    pub rate_before: f64,
    /// Share of copies.
    pub copies: f64,
}

/// A score, the same on windows of 3 hours and less, and the terms that add up to the first.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Score {
    pub all: f64,
    pub now: f64,
    pub terms: Vec<ScoreTerm>,
}

/// log10 of the mean reach against the usual, given as mean ln(reach + 1).
pub(super) fn reach_excess(mean: f64, usual: f64) -> f64 {
    (mean + 1.0).log10() - (usual / std::f64::consts::LN_10 + REACH_SKEW)
}

fn base(surprise: f64) -> f64 {
    100.0 * (1.0 - (-surprise / 3.0).exp2())
}

/// Joins the terms. Bonuses help only what is already surprising; a malus always counts.
pub(super) fn score(evidence: &Evidence) -> Score {
    let terms = [
        ("authors", if evidence.authors > 8.0 { authors(evidence.authors) } else { 0.0 }),
        ("sources", (2.0 * (f64::from(evidence.kinds) - 1.0)).clamp(0.0, 4.0)),
        ("reach", evidence.reach.map_or(0.0, |excess| (4.0 * excess).clamp(0.0, 8.0))),
        ("acceleration", acceleration(evidence)),
        ("copies", -15.0 * (evidence.copies - 0.3).max(0.0)),
    ];
    let bonus: f64 = terms.iter().map(|(_, value)| value).sum();
    let surprise = base(evidence.surprise);
    let gate =
        if bonus > 0.0 { ((surprise - BONUS_FROM) / BONUS_RAMP).clamp(0.0, 1.0) } else { 1.0 };
    let sum = surprise + bonus * gate;
    let all = sum.clamp(0.0, 100.0);
    let told = |name: &str, value: f64| ScoreTerm { name: name.to_owned(), value };
    let mut list = vec![told("surprise", surprise)];
    list.extend(terms.iter().map(|(name, value)| told(name, value * gate)));
    list.push(told("bounds", all - sum));
    list.retain(|term| term.value != 0.0);
    Score {
        all,
        now: (base(evidence.surprise_now) + bonus.min(0.0)).clamp(0.0, 100.0),
        terms: list,
    }
}

fn authors(count: f64) -> f64 {
    (2.0 * (count / 8.0).log2()).min(8.0)
}

fn acceleration(evidence: &Evidence) -> f64 {
    let ratio = (evidence.rate_now + 0.2) / (evidence.rate_before + 0.2);
    (3.0 * ratio.log2()).clamp(-4.0, 6.0)
}
