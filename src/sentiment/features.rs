//! From words to the numbered features that a model weighs, each with the words that own it.

use crate::model::Lang;
use crate::rules::Role;

use super::reading::Reading;
use super::scope::Part;
use super::tokens::{Kind, Token, squeezed};

/// Buckets of words, word sequences and letter sequences, in powers of two.
pub(super) const WORD_BITS: u32 = 18;
/// Buckets of what the lexicons say, kept apart: they are few and weigh most.
const LEXICON_BITS: u32 = 12;
pub(super) const BUCKETS: usize = (1 << WORD_BITS) + (1 << LEXICON_BITS);

/// Letters of a word that are looked at.
const MOST_LETTERS: usize = 40;
/// A negation marks this many words that follow it, and two before a `pas`.
const MARKED: usize = 5;
const MARKED_BACK: usize = 2;
/// Tokens from which the words of a text count less and less.
const LONG: f32 = 60.0;
/// Letter sequences overlap each other; each counts half.
const LETTERS: f32 = 0.5;

/// One thing that is true of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Feature {
    /// Below [`BUCKETS`].
    pub bucket: u32,
    pub scale: f32,
}

/// What is true of a text, each thing once, in the order of the text.
#[derive(Debug, Clone, Default)]
pub(super) struct Features {
    all: Vec<Feature>,
    /// Whose the features are from here on.
    runs: Vec<(Owner, usize)>,
}

impl Features {
    pub(super) fn owners(&self) -> usize {
        self.runs.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Feature> {
        self.all.iter()
    }

    /// Features that stand together because the same words own them.
    pub(super) fn runs(&self) -> impl Iterator<Item = (Owner, &[Feature])> {
        let ends = self.runs.iter().skip(1).map(|(_, start)| *start).chain([self.all.len()]);
        let run = |((owner, start), end): (&(Owner, usize), usize)| {
            (*owner, self.all.get(*start..end).unwrap_or_default())
        };
        self.runs.iter().zip(ends).map(run)
    }

    /// Makes the features of each owner count as much as `share` says.
    pub(super) fn weaken(&mut self, share: impl Fn(Owner) -> f32) {
        let ends = self.runs.iter().skip(1).map(|(_, start)| *start).chain([self.all.len()]);
        for ((owner, start), end) in self.runs.iter().zip(ends) {
            let share = share(*owner);
            let run = self.all.get_mut(*start..end).unwrap_or_default();
            for feature in run {
                feature.scale *= share;
            }
        }
    }
}

/// Whose words make a feature true.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Owner {
    /// Tokens from the first to the last.
    Tokens(u32, u32),
    Hits(Which),
    /// The absence of something.
    Nobody,
}

/// Some of the polar words of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Which {
    One(u32),
    Positive,
    Negative,
    AfterContrast,
    All,
}

/// Which features a model weighs beside those that every model does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Choice {
    /// Words and their sequences are those of their language, since the model speaks several;
    /// letters, signs and lexicons are shared by all.
    pub tagged: bool,
    /// A word that no negation reaches is a feature of its own, and a hashtag is a word. Where
    /// there are many labelled texts, the other features have said it already.
    pub affirmed: bool,
}

/// The features of a text, each once.
pub(super) fn of(reading: &Reading<'_>, lang: Option<Lang>, choice: Choice) -> Features {
    let letters: usize = reading.tokens.iter().map(|t| t.word().map_or(2, str::len)).sum();
    let tokens = reading.tokens.len();
    let mut out = Gathered::new(letters * 3 + tokens * 6 + reading.hits.len() * 2, tokens * 4);
    words(reading, lang, choice, &mut out);
    let length = tokens as f32;
    if length > LONG {
        // A hundred sentences do not make a judgement a hundred times as sure.
        let damped = (LONG / length).sqrt();
        out.found.all.iter_mut().for_each(|feature| feature.scale *= damped);
    }
    lexicon(reading, &mut out);
    out.found
}

/// A template of features: two with the same words are different features.
#[derive(Debug, Clone, Copy)]
enum Template {
    Word = 1,
    Pair,
    Triple,
    Negated,
    Sign,
    Hashtag,
    Letters,
    Lexicon,
    Affirmed = 10,
}

fn words(reading: &Reading<'_>, lang: Option<Lang>, choice: Choice, out: &mut Gathered) {
    let seed = lang.filter(|_| choice.tagged).map_or(0, |lang| key(0, lang.code()));
    let marks = negated(&reading.tokens, &reading.parts);
    let mut before: [Option<(u64, u32)>; 2] = [None, None];
    for (at, token) in (0_u32..).zip(&reading.tokens) {
        let part = reading.parts.get(at as usize);
        if part.is_some_and(|part| part.is_muted()) {
            continue;
        }
        let here = Owner::Tokens(at, at);
        out.owned_by(here);
        let Some(word) = word_key(seed, token) else {
            if let Kind::Hashtag(tag) = token.kind {
                out.add(Template::Hashtag, key(seed, tag), 1.0);
                if choice.affirmed {
                    // A word with a sign before it is that word too.
                    out.add(Template::Word, key(seed, tag), 1.0);
                }
            } else if let Kind::Clause(sign) = token.kind {
                out.add(Template::Sign, u64::from(sign), 1.0);
            } else {
                out.add(Template::Sign, 1, 1.0);
            }
            continue;
        };
        if token.masked && before[1].is_some_and(|(last, _)| last == word) {
            continue; // A name of several words is one name.
        }
        if token.is_word() || token.masked {
            out.add(Template::Word, word, 1.0);
            if marks.get(at as usize).copied().unwrap_or_default() {
                out.add(Template::Negated, word, 1.0);
            } else if choice.affirmed {
                out.add(Template::Affirmed, word, 1.0);
            }
            style(token, seed, out);
        } else {
            sign(token, out);
        }
        if let Some((last, from)) = before[1] {
            out.owned_by(Owner::Tokens(from, at));
            out.add(Template::Pair, joined(last, word), 1.0);
            if let Some((first, from)) = before[0] {
                out.owned_by(Owner::Tokens(from, at));
                out.add(Template::Triple, joined(joined(first, last), word), 1.0);
            }
        }
        before = [before[1], Some((word, at))];
        if let Some(word) = token.word() {
            out.owned_by(here);
            letters(word, out);
        }
    }
}

/// What stands for a token in sequences; nothing for signs that only divide.
fn word_key(seed: u64, token: &Token<'_>) -> Option<u64> {
    if token.masked {
        return Some(key(1, "<name>"));
    }
    match &token.kind {
        Kind::Word { text, .. } if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(key(1, "<number>"))
        }
        Kind::Word { text, .. } => Some(key(seed, text)),
        Kind::Account => Some(key(1, "<account>")),
        Kind::Address => Some(key(1, "<address>")),
        Kind::Symbol { text, .. } => Some(key(1, text)),
        Kind::Sentence { question, exclamation, length } => match (question, exclamation, length) {
            (false, false, 1) => None,
            (false, false, _) => Some(key(1, "...")),
            (true, true, _) => Some(key(1, "?!")),
            (true, false, 1) => Some(key(1, "?")),
            (true, false, _) => Some(key(1, "??")),
            (false, true, 1) => Some(key(1, "!")),
            (false, true, 2) => Some(key(1, "!!")),
            (false, true, _) => Some(key(1, "!!!")),
        },
        Kind::Hashtag(_) | Kind::Clause(_) | Kind::Quote => None,
    }
}

fn style(token: &Token<'_>, seed: u64, out: &mut Gathered) {
    let Kind::Word { text, elongated, capitals } = &token.kind else { return };
    if token.masked {
        return;
    }
    if *elongated {
        out.add(Template::Sign, key(1, "elongated"), 1.0);
        out.add(Template::Word, key(seed, &squeezed(text, 1)), 1.0);
    }
    if *capitals {
        out.add(Template::Sign, key(1, "capitals"), 1.0);
    }
}

fn sign(token: &Token<'_>, out: &mut Gathered) {
    if let Some(word) = word_key(1, token) {
        out.add(Template::Sign, word, 1.0);
    }
    if let Kind::Symbol { weight: Some(weight), .. } = token.kind {
        let class = if weight.value > 0.0 { "praise" } else { "blame" };
        out.add(Template::Sign, key(1, class), 1.0);
    }
}

/// Sequences of three to five letters, the ends of the word among them.
fn letters(word: &str, out: &mut Gathered) {
    let mut chars = ['<'; MOST_LETTERS + 2];
    let mut len = 1;
    for c in word.chars().take(MOST_LETTERS) {
        chars[len] = c;
        len += 1;
    }
    chars[len] = '>';
    let written = chars.get(..=len).unwrap_or_default();
    for start in 0..=len {
        let mut hash = BASIS;
        let sequence = written.get(start..(start + 5).min(len + 1)).unwrap_or_default();
        for (n, c) in sequence.iter().enumerate() {
            hash = (hash ^ u64::from(*c)).wrapping_mul(PRIME);
            if n >= 2 {
                out.add(Template::Letters, hash, LETTERS);
            }
        }
    }
}

/// Which words stand under a negation: those after it up to a clause or a contrast, and the two
/// before a `pas`.
fn negated(tokens: &[Token<'_>], parts: &[Part]) -> Vec<bool> {
    let mut marks = vec![false; tokens.len()];
    let mut left = 0;
    for (at, (token, part)) in tokens.iter().zip(parts).enumerate() {
        match (&token.kind, part.role) {
            (Kind::Clause(_) | Kind::Sentence { .. } | Kind::Address | Kind::Account, _)
            | (_, Some(Role::Contrast)) => left = 0,
            (_, Some(role @ (Role::Negator | Role::NegatorAfter | Role::NegatorOpening))) => {
                left = MARKED;
                if role == Role::NegatorAfter {
                    let back = tokens.iter().zip(&mut marks).take(at).rev().take(MARKED_BACK);
                    back.take_while(|(token, _)| token.is_word())
                        .for_each(|(_, mark)| *mark = true);
                }
            }
            _ if left > 0 && token.is_word() => {
                marks[at] = true;
                left -= 1;
            }
            _ => {}
        }
    }
    marks
}

/// What the lexicons say, in classes that every language and topic shares. Where only signs could
/// be looked up, their silence says less: these classes are features of their own.
fn lexicon(reading: &Reading<'_>, out: &mut Gathered) {
    let hits = reading.hits.as_slice();
    out.unread = !reading.spoken;
    let Some(last) = hits.last() else {
        return out.lexicon("none", &[], Owner::Nobody);
    };
    let sum = |sign: f64| hits.iter().map(|hit| (hit.weight * sign).max(0.0)).sum::<f64>();
    let (positive, negative) = (sum(1.0), sum(-1.0));
    let net = positive - negative;
    let side = if net > 0.0 { Which::Positive } else { Which::Negative };
    let density = 3.0 * net / (reading.tokens.len().max(1) as f64).sqrt();
    out.lexicon("net", &[class(net)], Owner::Hits(side));
    out.lexicon("density", &[class(density)], Owner::Hits(side));
    out.lexicon("positive", &[class(positive)], Owner::Hits(Which::Positive));
    out.lexicon("negative", &[class(negative)], Owner::Hits(Which::Negative));
    let one = |at: usize| Owner::Hits(Which::One(u32::try_from(at).unwrap_or(u32::MAX)));
    out.lexicon("last", &[class(last.weight)], one(hits.len() - 1));
    if positive > 0.0 && negative > 0.0 {
        out.lexicon("both", &[], Owner::Hits(Which::All));
    }
    let after: f64 = hits.iter().filter(|hit| hit.after_contrast).map(|hit| hit.weight).sum();
    if after != 0.0 {
        out.lexicon("contrast", &[class(after)], Owner::Hits(Which::AfterContrast));
    }
    for (at, hit) in hits.iter().enumerate() {
        let told = [class(hit.base), u8::from(hit.turned < 0.0), u8::from(hit.intense > 1.0)];
        out.lexicon("hit", &told, one(at));
    }
}

/// The sign and size of a sum of weights, one of twelve.
fn class(sum: f64) -> u8 {
    let steps = [0.5, 1.5, 3.0, 5.0, 8.0];
    let size = steps.iter().take_while(|step| sum.abs() >= **step).count();
    let size = u8::try_from(size).unwrap_or(u8::MAX);
    if sum > 0.0 { 16 + size } else { size }
}

const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// FNV-1a: short words, and the same number on every machine for ever, as models need it.
fn key(seed: u64, text: &str) -> u64 {
    let basis = BASIS ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    text.bytes().fold(basis, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}

fn joined(a: u64, b: u64) -> u64 {
    (a.rotate_left(23) ^ b).wrapping_mul(0xd6e8_feb8_6659_fd93)
}

/// Features in the order they came, each bucket once.
struct Gathered {
    found: Features,
    /// A bit for each bucket that came.
    seen: Vec<u64>,
    /// No lexicon of the text's language was at hand.
    unread: bool,
}

impl Gathered {
    fn new(expected: usize, runs: usize) -> Gathered {
        let found = Features { all: Vec::with_capacity(expected), runs: Vec::with_capacity(runs) };
        Gathered { found, seen: vec![0; BUCKETS / 64], unread: false }
    }

    /// Says whose the features are that come from now on.
    fn owned_by(&mut self, owner: Owner) {
        self.found.runs.push((owner, self.found.all.len()));
    }

    fn add(&mut self, template: Template, key: u64, scale: f32) {
        let hash = finished(key ^ (template as u64).wrapping_mul(0xa076_1d64_78bd_642f));
        self.insert(hash & ((1 << WORD_BITS) - 1), scale);
    }

    fn lexicon(&mut self, name: &str, classes: &[u8], owner: Owner) {
        let mut hash = key(Template::Lexicon as u64 + u64::from(self.unread), name);
        for class in classes {
            hash = (hash ^ u64::from(*class)).wrapping_mul(PRIME);
        }
        let bucket = finished(hash) & ((1 << LEXICON_BITS) - 1);
        self.owned_by(owner);
        self.insert((1 << WORD_BITS) + bucket, 1.0);
    }

    fn insert(&mut self, bucket: u64, scale: f32) {
        let bucket = u32::try_from(bucket).unwrap_or_default();
        let (place, bit) = (bucket as usize / 64, 1 << (bucket % 64));
        if let Some(seen) = self.seen.get_mut(place).filter(|seen| **seen & bit == 0) {
            *seen |= bit;
            self.found.all.push(Feature { bucket, scale });
        }
    }
}

/// Spreads a key over all bits.
fn finished(key: u64) -> u64 {
    let key = (key ^ (key >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    key ^ (key >> 33)
}
