//! What a polar word says where it stands: negation, intensity, contrast, question, quotation.

use std::ops::Range;

use crate::rules::phrases::{Found, Phrases};
use crate::rules::{Lexicon, Role, Weight};

use super::tokens::{Kind, Token, squeezed};

/// Words that a negation reaches forwards, and that `pas` reaches back.
const FORWARDS: usize = 4;
const BACK: usize = 2;
/// « pas bon » says nearly « mauvais », « pas mauvais » much less than « bon ».
const PRAISE_TURNED: f64 = -0.9;
const BLAME_TURNED: f64 = -0.6;
const TWICE_TURNED: f64 = 0.6;
const INTENSE: f64 = 1.3;
const DIMINISHED: f64 = 0.6;
const SHOUTED: f64 = 1.2;
const AFTER_CONTRAST: f64 = 1.5;
const CONCEDED: f64 = 0.4;
const ASKED: f64 = 0.25;
const QUOTED: f64 = 0.4;

/// A polar expression with what it weighs after all that stands around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hit {
    /// Its first and its last token.
    pub first: usize,
    pub last: usize,
    /// What the lexicon says of it alone.
    pub base: f64,
    pub weight: f64,
    /// What negations make of it: below 0 they turn it.
    pub turned: f64,
    /// What intensifiers make of it: above 1 it is intense.
    pub intense: f64,
    pub after_contrast: bool,
    /// The weight is the operator's.
    pub told: bool,
}

/// What a token is once expressions are found: the first word of one carries it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Part {
    weight: Option<(Weight, usize)>,
    pub role: Option<Role>,
    /// The expression begins with its own `ne`: the `pas` or `jamais` after it closes that one.
    negates_itself: bool,
    /// It insults or is obscene.
    pub profane: bool,
}

impl Part {
    /// Whether the operator has said that this word means nothing.
    pub(super) fn is_muted(self) -> bool {
        self.weight.is_some_and(|(weight, _)| weight.told && weight.value == 0.0)
    }
}

/// All hits of a text in order.
pub(super) fn hits(tokens: &[Token<'_>], parts: &[Part]) -> Vec<Hit> {
    let mut out = Vec::new();
    let mut start = 0;
    while start < tokens.len() {
        let is_end = |token: &Token<'_>| matches!(token.kind, Kind::Sentence { .. });
        let rest = tokens.iter().skip(start);
        let len = rest.clone().position(is_end).map_or(tokens.len() - start, |at| at + 1);
        let symbols = rest.skip(len).take_while(|token| matches!(token.kind, Kind::Symbol { .. }));
        let end = start + len + symbols.count();
        if let (Some(tokens), Some(parts)) = (tokens.get(start..end), parts.get(start..end)) {
            let from = out.len();
            sentence(tokens, parts, &mut out);
            for hit in out.iter_mut().skip(from) {
                (hit.first, hit.last) = (hit.first + start, hit.last + start);
            }
        }
        start = end;
    }
    out
}

/// What each token is, word for word.
pub(super) fn parts(tokens: &[Token<'_>], lexicon: Option<&Lexicon>) -> Vec<Part> {
    let mut parts = vec![Part::default(); tokens.len()];
    let mut at = 0;
    while at < tokens.len() {
        let mut taken = 1;
        if let Kind::Symbol { weight, .. } = tokens[at].kind {
            parts[at].weight = weight.filter(|_| !tokens[at].masked).map(|weight| (weight, 1));
        } else if let Some(lexicon) = lexicon.filter(|known| may_begin(&tokens[at], known)) {
            let polar = look_up(&lexicon.weights, tokens, at);
            let role = look_up(&lexicon.roles, tokens, at);
            let words = |found: Option<usize>| found.unwrap_or(0);
            let (long, wide) = (words(polar.map(|f| f.words)), words(role.map(|f| f.words)));
            // `super` is both; of two expressions the longer is meant.
            if long >= wide {
                parts[at].weight = polar.map(|found| (found.value, found.words));
            }
            parts[at].negates_itself =
                long > wide && role.is_some_and(|found| found.value == Role::NegatorOpening);
            let profane = look_up(&lexicon.profanity, tokens, at).map(|found| found.words);
            parts
                .iter_mut()
                .skip(at)
                .take(profane.unwrap_or(0))
                .for_each(|part| part.profane = true);
            if wide >= long {
                parts[at].role = role.map(|found| found.value);
            }
            taken = long.max(wide).max(1);
        }
        at += taken;
    }
    parts
}

/// An elongated word is looked up in two spellings.
fn may_begin(token: &Token<'_>, lexicon: &Lexicon) -> bool {
    matches!(token.kind, Kind::Word { elongated: true, .. })
        || token.word().is_some_and(|word| lexicon.begins(word))
}

fn look_up<V: Copy>(phrases: &Phrases<V>, tokens: &[Token<'_>], at: usize) -> Option<Found<V>> {
    let token = tokens.get(at)?;
    let first = token.word()?;
    let rest = tokens.iter().skip(at + 1).map_while(Token::word);
    phrases.at(first, &rest).or_else(|| match token.kind {
        Kind::Word { elongated: true, .. } => phrases.at(&squeezed(first, 1), &rest),
        _ => None,
    })
}

fn sentence(tokens: &[Token<'_>], parts: &[Part], out: &mut Vec<Hit>) {
    let contrast = parts.iter().rposition(|part| part.role == Some(Role::Contrast));
    let conceded = conceded(tokens, parts);
    let (mut asked, mut exclaimed) = (false, false);
    for token in tokens {
        if let Kind::Sentence { question, exclamation, .. } = token.kind {
            (asked, exclaimed) = (question && !exclamation, exclamation);
        }
    }
    for (at, part) in parts.iter().enumerate() {
        let Some((Weight { value: base, told }, words)) =
            part.weight.filter(|(weight, _)| weight.value != 0.0)
        else {
            continue;
        };
        let Some(token) = tokens.get(at) else { continue };
        let (mut weight, mut turned, mut intense) = (base, 1.0, 1.0);
        if let Kind::Word { elongated, capitals, .. } = token.kind {
            turned = negation(tokens, parts, at, (base, words));
            intense = intensity(tokens, parts, at);
            weight *= turned * intense;
            weight *= if elongated || capitals { SHOUTED } else { 1.0 };
            weight *= if exclaimed { 1.1 } else { 1.0 };
            weight *= if asked { ASKED } else { 1.0 };
        }
        let after_contrast = contrast.is_some_and(|contrast| at > contrast)
            || (conceded.start < conceded.end && at >= conceded.end);
        weight *= if conceded.contains(&at) { CONCEDED } else { 1.0 };
        weight *= if after_contrast { AFTER_CONTRAST } else { 1.0 };
        weight *= if token.quoted { QUOTED } else { 1.0 };
        let last = at + words - 1;
        out.push(Hit { first: at, last, base, weight, turned, intense, after_contrast, told });
    }
}

/// « Malgré le retard, je suis ravie »: the tokens of what is granted, none where nothing is.
fn conceded(tokens: &[Token<'_>], parts: &[Part]) -> Range<usize> {
    let Some(start) = parts.iter().position(|part| part.role == Some(Role::Concession)) else {
        return 0..0;
    };
    let ends = |token: &Token<'_>| matches!(token.kind, Kind::Clause(_));
    let len = tokens.iter().skip(start).position(ends);
    start..len.map_or(tokens.len(), |len| start + len)
}

/// 1, or what a negation makes of it; two negations leave it standing, weakened.
fn negation(tokens: &[Token<'_>], parts: &[Part], at: usize, hit: (f64, usize)) -> f64 {
    let (base, words) = hit;
    let (mut count, mut opening, mut adjacent, mut passed) = (0_u32, false, false, false);
    for (token, part) in before(tokens, parts, at).take(FORWARDS) {
        if matches!(token.kind, Kind::Clause(_)) || part.role == Some(Role::Contrast) {
            break;
        }
        match part.role {
            Some(Role::NegatorOpening) => opening = true,
            // « sans aucun » is one negation, and « ni aimable ni compétent » one each.
            Some(Role::Negator | Role::NegatorAfter) => {
                count += u32::from(!adjacent && (!passed || count == 0));
            }
            _ => {}
        }
        adjacent = matches!(part.role, Some(Role::Negator | Role::NegatorAfter));
        passed |= part.weight.is_some_and(|(weight, _)| weight.value != 0.0);
    }
    let next = tokens.iter().zip(parts).skip(at + words);
    let next = next.filter(|(token, _)| !token.is_aside()).take(BACK);
    let closed = next
        .take_while(|(token, _)| token.is_word())
        .position(|(_, part)| part.role == Some(Role::NegatorAfter));
    // « j'aime pas » and « n'aime vraiment pas », but not « c'est bon, pas cher ».
    let negates_itself = parts.get(at).is_some_and(|part| part.negates_itself);
    if !negates_itself && closed.is_some_and(|distance| distance == 0 || opening) {
        count += 1;
    }
    // « ne marche pas » is one expression: its `ne` is not a second negation.
    if count == 0 && opening && words == 1 {
        count = 1;
    }
    match count {
        0 => 1.0,
        n if n % 2 == 0 => TWICE_TURNED,
        _ if base > 0.0 => PRAISE_TURNED,
        _ => BLAME_TURNED,
    }
}

fn intensity(tokens: &[Token<'_>], parts: &[Part], at: usize) -> f64 {
    let near = before(tokens, parts, at).take(2);
    let near = near.take_while(|(token, _)| token.is_word());
    let factor = |(_, part): (_, &Part)| match part.role {
        Some(Role::Intensifier) => INTENSE,
        Some(Role::Diminisher) => DIMINISHED,
        _ => 1.0,
    };
    near.map(factor).product()
}

/// Tokens and parts before a place, the nearest first.
fn before<'a, 't>(
    tokens: &'a [Token<'t>],
    parts: &'a [Part],
    at: usize,
) -> impl Iterator<Item = (&'a Token<'t>, &'a Part)> {
    let skipped = tokens.len().min(parts.len()).saturating_sub(at);
    tokens.iter().zip(parts).rev().skip(skipped).filter(|(token, _)| !token.is_aside())
}
