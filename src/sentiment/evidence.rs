//! Which words moved the answer, and how far.

use super::Passage;
use super::features::{Owner, Which};
use super::reading::Reading;
use super::scope::Hit;
use super::stars;
use crate::model::finding::Ground;
use crate::model::{Evidence, Span};

/// As many words as a mail or a page can show; the weightiest are kept.
pub(super) const MOST: usize = 32;
/// Pulls (in logits) below this, or below a share of the strongest, moved nothing.
const LEAST: f64 = 0.25;
const LEAST_SHARE: f64 = 0.2;

/// The words that pulled, in the order of the text. `pulls` says how far the features of each owner
/// pull towards positive; where no model was asked, the hits speak for themselves.
pub(super) fn evidence(
    passage: &Passage<'_>,
    reading: &Reading<'_>,
    pulls: Option<&[(Owner, f64)]>,
) -> Vec<Evidence> {
    let alone = pulls.is_none();
    let pulls = by_token(reading, pulls.unwrap_or_default());
    let mut found = Vec::with_capacity(pulls.len());
    let mut at = 0;
    let mut hits = reading.hits.iter().peekable();
    while at < pulls.len() {
        let hit = hits.next_if(|hit| hit.first <= at);
        let last = hit.map_or(at, |hit| hit.last.min(pulls.len() - 1).max(at));
        let mut weight: f64 = pulls.get(at..=last).unwrap_or_default().iter().sum();
        if alone || hit.is_some_and(|hit| hit.told) {
            weight = hit.map_or(0.0, |hit| hit.weight);
        }
        found.push((at, last, weight));
        at = last + 1;
    }
    let strongest = found.iter().map(|(_, _, weight)| weight.abs()).fold(0.0, f64::max);
    let least = LEAST.max(strongest * LEAST_SHARE);
    found.retain(|(_, _, weight)| weight.abs() >= least);
    found.sort_by(|a, b| b.2.abs().total_cmp(&a.2.abs()));
    found.truncate(MOST);
    found.sort_by_key(|(at, _, _)| *at);
    let words = found.into_iter().filter_map(|word| quoted(passage, reading, word));
    rating(passage).into_iter().chain(words).take(MOST).collect()
}

/// How far each token pulls.
fn by_token(reading: &Reading<'_>, pulls: &[(Owner, f64)]) -> Vec<f64> {
    let mut words = vec![0.0; reading.tokens.len()];
    for (owner, pull) in pulls {
        share_out(*pull, *owner, reading, &mut words);
    }
    words
}

/// Gives a pull to the words that own it, in equal shares.
fn share_out(pull: f64, owner: Owner, reading: &Reading<'_>, pulls: &mut [f64]) {
    let mut give = |first: usize, last: usize, pull: f64| {
        let words = pulls.get_mut(first..=last).unwrap_or_default();
        let share = pull / words.len().max(1) as f64;
        for word in words {
            *word += share;
        }
    };
    match owner {
        Owner::Tokens(first, last) => give(first as usize, last as usize, pull),
        Owner::Nobody => {}
        Owner::Hits(which) => {
            let of = |(at, hit): &(usize, &Hit)| match which {
                Which::One(one) => *at == one as usize,
                Which::Positive => hit.weight > 0.0,
                Which::Negative => hit.weight < 0.0,
                Which::AfterContrast => hit.after_contrast,
                Which::All => true,
            };
            let chosen = || reading.hits.iter().enumerate().filter(of).map(|(_, hit)| hit);
            let whole: f64 = chosen().map(|hit| hit.weight.abs()).sum();
            for hit in chosen() {
                give(hit.first, hit.last, pull * hit.weight.abs() / whole.max(f64::MIN_POSITIVE));
            }
        }
    }
}

fn quoted(
    passage: &Passage<'_>,
    reading: &Reading<'_>,
    (first, last, weight): (usize, usize, f64),
) -> Option<Evidence> {
    let start = reading.tokens.get(first)?.span.start;
    let Span { end, .. } = reading.tokens.get(last)?.span;
    let text = passage.text.get(start..end).filter(|text| !text.is_empty())?.to_owned();
    let profane = reading.parts.get(first..=last)?.iter().any(|part| part.profane);
    let ground = if profane { Ground::Profanity } else { Ground::Word };
    Some(Evidence { start, end, text, weight, ground })
}

/// The stars, which stand nowhere in the text.
fn rating(passage: &Passage<'_>) -> Option<Evidence> {
    let rating = passage.rating.filter(|rating| rating.share().is_some())?;
    let text = format!("{}/{}", rating.stars, rating.best);
    Some(Evidence { start: 0, end: 0, text, weight: 2.0 * stars(passage), ground: Ground::Rating })
}
