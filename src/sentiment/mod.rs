//! How a text speaks of a watch, with the words that made it so.

mod scope;
mod tokens;

use crate::model::{Evidence, Language, Sentiment, Span, Tone};
use crate::rules::{Lexicon, Rules};
use crate::text::fold;
use scope::Hit;

/// As many words as a mail or a page can show; the weightiest are kept.
const MOST_EVIDENCE: usize = 32;

/// Scores a text. `masked` are the spans that name the watch: a brand called `Bon Prix` says
/// nothing good by its name. Evidence is in the order of the text, at most 32. The label is the
/// heaviest of the four weights; unknown where the language has no lexicon and no emoji speaks.
pub fn score(text: &str, language: Language, masked: &[Span], rules: &Rules) -> Sentiment {
    let own = language.code.and_then(|code| rules.lexicon(Some(code)));
    let lexicons: Vec<&Lexicon> = own.into_iter().chain(rules.lexicon(None)).collect();
    let folded = fold::fold(text);
    let tokens = tokens::tokens(text, &folded, masked, &lexicons);
    let hits = scope::hits(&tokens, own);
    if own.is_none() && hits.is_empty() {
        return Sentiment::unknown();
    }
    Sentiment { evidence: evidence(text, hits.as_slice()), ..weigh(&hits) }
}

/// Squashes the hits into four weights that add up to 1.
///
/// With P and N the sums of positive and negative weights, each tone has the logit
/// `bias + a·ln(1+P) + b·ln(1+N)`, fitted by logistic regression on UMSAB-fr (× 2), DEFT-2017,
/// French Trustpilot (× 0.5) and TweetEval's validation set, tones weighted equally in each: where
/// one is rare, its weight comes out too high. No set knows mixed: by our own rule it takes its
/// share from the rest when both sums are heavy and near each other.
fn weigh(hits: &[Hit]) -> Sentiment {
    let sum = |sign: f64| hits.iter().map(|hit| (hit.weight * sign).max(0.0)).sum::<f64>();
    let (positive, negative) = (sum(1.0), sum(-1.0));
    let features = [1.0, positive.ln_1p(), negative.ln_1p()];
    let odds = |weights: [f64; 3]| {
        weights.iter().zip(features).map(|(weight, value)| weight * value).sum::<f64>().exp()
    };
    let [n, o, p] = LOGITS.map(odds);
    let total = n + o + p;
    let (weaker, stronger) = (positive.min(negative), positive.max(negative));
    let heavy = ((weaker - 1.5) / 1.5).clamp(0.0, 1.0);
    let near =
        if stronger > 0.0 { ((weaker / stronger - 0.3) / 0.25).clamp(0.0, 1.0) } else { 0.0 };
    let mixed = 0.7 * heavy * near;
    let share = |odds: f64| odds / total * (1.0 - mixed);
    let weights = [
        (Tone::Neutral, share(o)),
        (Tone::Negative, share(n)),
        (Tone::Positive, share(p)),
        (Tone::Mixed, mixed),
    ];
    let heaviest = weights.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let label = heaviest.map_or(Tone::Neutral, |(tone, _)| *tone);
    let [(_, neutral), (_, negative), (_, positive), (_, mixed)] = weights;
    Sentiment { label, negative, neutral, positive, mixed, evidence: Vec::new() }
}

/// Negative, neutral, positive: bias, positive sum, negative sum. Without a hit neutral wins.
const LOGITS: [[f64; 3]; 3] = [[-0.66, -0.09, 1.47], [0.0, 0.0, 0.0], [-0.63, 1.3, -0.95]];

fn evidence(text: &str, hits: &[Hit]) -> Vec<Evidence> {
    let mut kept: Vec<&Hit> = hits.iter().collect();
    kept.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
    kept.truncate(MOST_EVIDENCE);
    kept.sort_by_key(|hit| hit.span);
    let quote = |hit: &Hit| {
        let Span { start, end } = hit.span;
        let text = text.get(start..end)?.to_owned();
        Some(Evidence { start, end, text, weight: hit.weight })
    };
    kept.into_iter().filter_map(quote).collect()
}

#[cfg(test)]
mod tests;
