//! What of a text is said of the watch: the clause that names it most, what is said of another
//! watch least.

use std::ops::Range;

use super::Passage;
use super::features::{Features, Owner};
use super::reading::Reading;
use super::scope::Hit;
use super::tokens::{Kind, Token};
use crate::model::Span;
use crate::rules::Role;

/// What is said of another watch by name, and what follows it in the same sentence.
const OF_ANOTHER: f32 = 0.1;
/// What follows in the next sentences: likely still about the other.
const AFTER_ANOTHER: f32 = 0.4;
/// What stands before anything is named.
const BEFORE_NAMES: f32 = 0.8;
/// What a contrast sets against the watch.
const BEFORE_CONTRAST: f32 = 0.3;
/// From this many sentences a text is an article, and not all of it is about the watch.
const ARTICLE: usize = 8;
const TITLE: f32 = 1.5;
/// Sentences of an article that neither name the watch nor stand beside one that does.
const FAR: f32 = 0.5;

/// How much each token counts towards the watch; none when all count alike.
pub(super) fn nearness(reading: &Reading<'_>, passage: &Passage<'_>) -> Option<Vec<f32>> {
    let others: Vec<Span> =
        passage.others.iter().filter(|span| !overlaps(span, passage.watch)).copied().collect();
    if !others.is_empty() && !passage.watch.is_empty() {
        return Some(between(reading, passage.watch, &others));
    }
    if passage.watch.is_empty() {
        return None;
    }
    let ends = reading.tokens.iter().filter(|token| is_end(token)).count();
    if ends >= ARTICLE {
        Some(within_article(reading, passage))
    } else {
        contrasted(reading, passage)
    }
}

/// « La concurrence est géniale, mais Acme déçoit »: what stands before a contrast that brings in
/// the watch is said of something else, though no other watch is named.
fn contrasted(reading: &Reading<'_>, passage: &Passage<'_>) -> Option<Vec<f32>> {
    let named = reading.tokens.iter().position(|token| overlaps(&token.span, passage.watch))?;
    let clause = clauses(reading).into_iter().find(|clause| clause.contains(&named))?;
    let brought_in = reading.parts.get(clause.start)?.role == Some(Role::Contrast);
    let before = reading.tokens.get(..clause.start)?;
    let sentence = before.iter().rposition(is_end).map_or(0, |end| end + 1);
    if !brought_in || sentence == clause.start {
        return None;
    }
    let mut nearness = vec![1.0; reading.tokens.len()];
    nearness.get_mut(sentence..clause.start)?.fill(BEFORE_CONTRAST);
    Some(nearness)
}

/// The hits, as far as they are said of the watch.
pub(super) fn weaken(hits: &mut [Hit], nearness: &[f32]) {
    for hit in hits {
        hit.weight *= nearness.get(hit.first).copied().map_or(1.0, f64::from);
    }
}

/// The features of words, as far as they are said of the watch. Those of hits follow the hits.
pub(super) fn weaken_words(features: &mut Features, nearness: &[f32]) {
    features.weaken(|owner| match owner {
        Owner::Tokens(first, last) => {
            let words = nearness.get(first as usize..=last as usize).unwrap_or_default();
            words.iter().copied().reduce(f32::min).unwrap_or(1.0)
        }
        Owner::Hits(_) | Owner::Nobody => 1.0,
    });
}

/// Whom a clause speaks of.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Subject {
    Watch,
    Another,
    Nobody,
}

fn between(reading: &Reading<'_>, watch: &[Span], others: &[Span]) -> Vec<f32> {
    let mut nearness = Vec::with_capacity(reading.tokens.len());
    let (mut subject, mut this_sentence) = (Subject::Nobody, true);
    let clauses = clauses(reading).into_iter();
    for part in clauses.flat_map(|clause| shares(reading, clause, watch, others)) {
        let Some(tokens) = reading.tokens.get(part) else { continue };
        let names = |spans: &[Span]| tokens.iter().any(|token| overlaps(&token.span, spans));
        let here = match (names(watch), names(others)) {
            (true, _) => Some(Subject::Watch),
            (false, true) => Some(Subject::Another),
            _ => None,
        };
        this_sentence |= here.is_some();
        subject = here.unwrap_or(subject);
        let weight = match subject {
            Subject::Watch => 1.0,
            Subject::Another if this_sentence => OF_ANOTHER,
            Subject::Another => AFTER_ANOTHER,
            Subject::Nobody => BEFORE_NAMES,
        };
        nearness.resize(nearness.len() + tokens.len(), weight);
        if tokens.last().is_some_and(is_end) {
            this_sentence = false;
        }
    }
    nearness
}

/// Ranges of tokens that end with a clause or a sentence, or before a contrast.
fn clauses(reading: &Reading<'_>) -> Vec<Range<usize>> {
    let mut clauses = Vec::new();
    let mut start = 0;
    for (at, (token, part)) in reading.tokens.iter().zip(&reading.parts).enumerate() {
        if part.role == Some(Role::Contrast) && start < at {
            clauses.push(start..at);
            start = at;
        }
        if is_end(token) || matches!(token.kind, Kind::Clause(_)) {
            clauses.push(start..at + 1);
            start = at + 1;
        }
    }
    clauses.push(start..reading.tokens.len());
    clauses
}

/// « Nul chez Acme et génial chez Brindille »: a clause that names both is cut at the names, when
/// each of them has polar words of its own. Where none stands before the first name, what is said
/// of a name follows it (« Chez Acme tout est nul »); otherwise it stands before.
fn shares(
    reading: &Reading<'_>,
    clause: Range<usize>,
    watch: &[Span],
    others: &[Span],
) -> Vec<Range<usize>> {
    let mut names: Vec<(Range<usize>, bool)> = Vec::new();
    for at in clause.clone() {
        let Some(token) = reading.tokens.get(at) else { continue };
        let ours = overlaps(&token.span, watch);
        match names.last_mut() {
            _ if !ours && !overlaps(&token.span, others) => {}
            Some((place, of)) if *of == ours => place.end = at + 1,
            _ => names.push((at..at + 1, ours)),
        }
    }
    let Some(((first, _), later)) = names.split_first().filter(|(_, later)| !later.is_empty())
    else {
        return vec![clause];
    };
    let judges = |part: &Range<usize>| reading.hits.iter().any(|hit| part.contains(&hit.first));
    let cuts: Vec<usize> = if judges(&(clause.start..first.start)) {
        names.iter().take(later.len()).map(|(place, _)| place.end).collect()
    } else {
        later.iter().map(|(place, _)| place.start).collect()
    };
    let starts = std::iter::once(clause.start).chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain([clause.end]);
    let parts: Vec<Range<usize>> = starts.zip(ends).map(|(start, end)| start..end).collect();
    if parts.iter().all(judges) { parts } else { vec![clause] }
}

fn within_article(reading: &Reading<'_>, passage: &Passage<'_>) -> Vec<f32> {
    let mut sentences: Vec<(usize, bool)> = Vec::new();
    for sentence in reading.tokens.split_inclusive(is_end) {
        let names = sentence.iter().any(|token| overlaps(&token.span, passage.watch));
        sentences.push((sentence.len(), names));
    }
    let near = |at: usize| {
        let around = sentences.get(at.saturating_sub(1)..sentences.len().min(at + 2));
        around.unwrap_or_default().iter().any(|(_, names)| *names)
    };
    let mut nearness = Vec::with_capacity(reading.tokens.len());
    for (at, (len, _)) in sentences.iter().enumerate() {
        nearness.resize(nearness.len() + len, if near(at) { 1.0 } else { FAR });
    }
    for (weight, token) in nearness.iter_mut().zip(&reading.tokens) {
        if token.span.start < passage.title {
            *weight = TITLE;
        }
    }
    nearness
}

fn is_end(token: &Token<'_>) -> bool {
    matches!(token.kind, Kind::Sentence { .. })
}

fn overlaps(span: &Span, others: &[Span]) -> bool {
    others.iter().any(|other| other.start < span.end && span.start < other.end)
}
