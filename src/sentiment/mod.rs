//! How a text speaks of a watch, with the words that made it so.

pub mod evaluate;
mod evidence;
mod features;
pub mod labelled;
mod model;
mod opinions;
mod reading;
mod scope;
pub mod second;
mod shipped;
mod tokens;
mod towards;
pub mod train;

use crate::model::item::Rating;
use crate::model::{Language, Sentiment, Span, Tone, WatchId};
use crate::rules::Rules;
use crate::text::fold;
use evidence::evidence;
use features::Features;
use opinions::heard;
use reading::Reading;
use scope::Hit;

pub use features::Choice;
pub use model::{Model, TONES, Unreadable, Voice};
pub use shipped::{MODELS, Models};

/// A text and what is known about it before it is read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Passage<'a> {
    pub text: &'a str,
    /// Bytes at its beginning that are a title; 0 when there is none.
    pub title: usize,
    pub language: Language,
    /// What names the watch. Names are masked: a brand called `Bon Prix` says nothing good by it.
    pub watch: &'a [Span],
    /// What other watches match, the watch's own among it or not: what is said there is said of
    /// them. Not masked: what another watch looks for may be a word that judges.
    pub others: &'a [Span],
    /// The stars that its author gave.
    pub rating: Option<Rating>,
    /// The watch whose tone it is: a person may have corrected it for that one alone.
    pub id: Option<&'a WatchId>,
}

/// Without a model for the language, no answer is surer than this.
const UNTRAINED: f64 = 0.5;
/// A model that has to do without knowing the language is believed this much.
const LANGUAGE_UNKNOWN: f64 = 0.6;
/// What one unit of an operator's weight adds to its side, in logits: the heaviest words (3) win
/// over nearly every text.
const TOLD: f64 = 2.0;
/// What five of five stars add to the positive side.
const STARS: f64 = 1.5;

/// Scores a text. Evidence is in the order of the text, at most 32. The label is the heaviest of
/// the four weights; unknown where no model speaks the language and no lexicon finds a word.
///
/// A person who corrected the text has the last word; nobody else is asked then.
pub fn score(passage: &Passage<'_>, rules: &Rules) -> Sentiment {
    let own = own(passage, rules);
    let corrected = rules.corrections.find(passage.text, passage.id).cloned();
    let second = || rules.second.as_ref()?.ask(passage.text, passage.language);
    match corrected.or_else(second) {
        Some(opinion) => heard(own, opinion),
        None => own,
    }
}

/// What the words say to us.
fn own(passage: &Passage<'_>, rules: &Rules) -> Sentiment {
    let lang = passage.language.code;
    let folded = fold::fold(passage.text);
    let mut reading = Reading::new(passage.text, &folded, passage.watch, lang, rules);
    let nearness = towards::nearness(&reading, passage);
    if let Some(nearness) = &nearness {
        towards::weaken(&mut reading.hits, nearness);
    }
    let Some((model, voice)) = rules.models.speaking(lang) else {
        return by_lexicon(passage, &reading);
    };
    let mut features = features::of(&reading, lang, model.choice);
    if let Some(nearness) = &nearness {
        towards::weaken_words(&mut features, nearness);
    }
    by_model(passage, &reading, &features, model, voice)
}

fn by_model(
    passage: &Passage<'_>,
    reading: &Reading<'_>,
    features: &Features,
    model: &Model,
    voice: &Voice,
) -> Sentiment {
    let (sums, mut pulls) = model.logits(features);
    for (_, pull) in &mut pulls {
        *pull *= f64::from(voice.sharpness);
    }
    let mut logits = voice.sharpened(sums.map(f64::from));
    for hit in reading.hits.iter().filter(|hit| hit.told) {
        logits[if hit.weight < 0.0 { 0 } else { 2 }] += TOLD * hit.weight.abs();
    }
    let stars = stars(passage);
    logits[2] += stars;
    logits[0] -= stars;
    let known = if passage.language.code.is_some() {
        passage.language.confidence
    } else {
        LANGUAGE_UNKNOWN
    };
    Sentiment {
        evidence: evidence(passage, reading, Some(&pulls)),
        ..weighed(softmax(logits), reading, known)
    }
}

/// What the lexicons alone say of a text, as if no model spoke its language: what the examples of
/// a lexicon are held against, since they show what its words do.
pub(crate) fn by_words(passage: &Passage<'_>, rules: &Rules) -> Sentiment {
    let folded = fold::fold(passage.text);
    let lang = passage.language.code;
    by_lexicon(passage, &Reading::new(passage.text, &folded, passage.watch, lang, rules))
}

/// With P and N the sums of positive and negative weights, each tone has the logit
/// `bias + a·ln(1+P) + b·ln(1+N)`, fitted by logistic regression on French and English posts and
/// reviews, tones weighted equally in each: where one is rare, its weight comes out too high.
fn by_lexicon(passage: &Passage<'_>, reading: &Reading<'_>) -> Sentiment {
    if !reading.spoken && reading.hits.is_empty() && passage.rating.is_none() {
        return Sentiment::unknown();
    }
    let (positive, negative) = sums(&reading.hits);
    let inputs = [1.0, positive.ln_1p(), negative.ln_1p()];
    let logit = |weights: [f64; 3]| weights.iter().zip(inputs).map(|(w, x)| w * x).sum::<f64>();
    let mut logits = LEXICON_ALONE.map(logit);
    let stars = stars(passage);
    logits[2] += stars;
    logits[0] -= stars;
    Sentiment {
        evidence: evidence(passage, reading, None),
        ..weighed(softmax(logits), reading, UNTRAINED)
    }
}

/// Negative, neutral, positive: bias, positive sum, negative sum. Without a hit neutral wins.
const LEXICON_ALONE: [[f64; 3]; TONES] =
    [[-0.66, -0.09, 1.47], [0.0, 0.0, 0.0], [-0.63, 1.3, -0.95]];

/// What the stars say, in logits: above 0 is praise.
fn stars(passage: &Passage<'_>) -> f64 {
    let share = passage.rating.and_then(Rating::share);
    share.map_or(0.0, |share| STARS * (2.0 * share - 1.0))
}

fn sums(hits: &[Hit]) -> (f64, f64) {
    let sum = |sign: f64| hits.iter().map(|hit| (hit.weight * sign).max(0.0)).sum::<f64>();
    (sum(1.0), sum(-1.0))
}

/// Four weights from the probabilities of three tones.
fn weighed(three: [f64; TONES], reading: &Reading<'_>, known: f64) -> Sentiment {
    let mixed = mixed(three, reading);
    let [negative, neutral, positive] = three.map(|share| share * (1.0 - mixed));
    let weights = [
        (Tone::Neutral, neutral),
        (Tone::Negative, negative),
        (Tone::Positive, positive),
        (Tone::Mixed, mixed),
    ];
    let heaviest = weights.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let (label, weight) = heaviest.unwrap_or((Tone::Neutral, neutral));
    let confidence = weight * known.clamp(0.0, 1.0);
    Sentiment { label, negative, neutral, positive, mixed, confidence, ..Sentiment::unknown() }
}

/// How far a text is mixed. No collection of labelled texts knows that tone: by our own rule it
/// takes its share from the rest when praise and blame are both heavy and near each other, and the
/// three tones do not decide between them; where a few words are full of both, their decision is
/// worth less.
fn mixed([negative, _, positive]: [f64; TONES], reading: &Reading<'_>) -> f64 {
    let (praise, blame) = sums(&reading.hits);
    let (weaker, stronger) = (praise.min(blame), praise.max(blame));
    let ratio = |a: f64, b: f64| if b > 0.0 { a / b } else { 0.0 };
    let heavy = (weaker - 0.8) / 1.2;
    let near = (ratio(weaker, stronger) - 0.3) / 0.25;
    let dense = weaker / (reading.tokens.len().max(1) as f64).sqrt() - 0.7;
    let undecided = 1.5 + 2.0 * dense.clamp(0.0, 1.0)
        - 2.5 * ratio((positive - negative).abs(), positive + negative);
    [heavy, near, undecided].into_iter().fold(0.8, |share, of| share * of.clamp(0.0, 1.0))
}

fn softmax(logits: [f64; TONES]) -> [f64; TONES] {
    let most = logits.into_iter().fold(f64::NEG_INFINITY, f64::max);
    let odds = logits.map(|logit| (logit - most).exp());
    let sum: f64 = odds.iter().sum();
    odds.map(|odds| odds / sum)
}

#[cfg(test)]
mod tests;
