//! A trained model: a weight of each tone for each feature in eight bits, and how its answers
//! become probabilities in each language.

use std::borrow::Cow;

use foldhash::{HashMap, HashMapExt};

use crate::model::Lang;

use super::features::{BUCKETS, Choice, Features, Owner};
use super::softmax;

/// Negative, neutral, positive: the order of everything that has three numbers here.
pub const TONES: usize = 3;

/// The first bytes of a model; the number changes whenever the features do.
const MAGIC: &[u8; 12] = b"vigie-tone 2";
const MOST_VOICES: usize = 64;

/// A linear model over hashed features.
///
/// A weight is `step · q·|q|` with `q` from -127 to 127: fine near zero, where most weights are,
/// and wide enough for the few heavy ones.
#[derive(Debug, Clone)]
pub struct Model {
    /// `BUCKETS` times three bytes, each a `q` in two's complement.
    weights: Cow<'static, [u8]>,
    step: f32,
    /// What each byte of `weights` weighs.
    worth: [f32; 256],
    bias: [f32; TONES],
    pub choice: Choice,
    pub voices: Vec<Voice>,
    /// Weights that were learned from corrections, in place of the shipped ones.
    changed: HashMap<usize, [f32; TONES]>,
}

/// How a model speaks a language: `probabilities = softmax(sharpness · logits + shift)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Voice {
    /// None is a text whose language nobody can say.
    pub lang: Option<Lang>,
    pub sharpness: f32,
    pub shift: [f32; TONES],
}

impl Voice {
    /// What the sums of a model come to in this language.
    pub(super) fn sharpened(&self, logits: [f64; TONES]) -> [f64; TONES] {
        let mut out = logits.map(|logit| logit * f64::from(self.sharpness));
        out.iter_mut().zip(self.shift).for_each(|(logit, shift)| *logit += f64::from(shift));
        out
    }

    pub(super) fn probabilities(&self, logits: [f64; TONES]) -> [f64; TONES] {
        softmax(self.sharpened(logits))
    }
}

impl Model {
    /// Packs weights; a bucket's three stand together.
    pub fn new(weights: &[f32], bias: [f32; TONES], choice: Choice, voices: Vec<Voice>) -> Model {
        let most = weights.iter().fold(f32::MIN_POSITIVE, |most, weight| most.max(weight.abs()));
        let step = most / (127.0 * 127.0);
        let pack = |weight: &f32| {
            let size = (weight.abs() / step).sqrt().round().min(127.0);
            // The cast cannot cut: the size is at most 127.
            #[expect(clippy::cast_possible_truncation, reason = "at most 127")]
            let q = size.copysign(*weight) as i8;
            q.cast_unsigned()
        };
        let mut packed: Vec<u8> = weights.iter().map(pack).collect();
        packed.resize(BUCKETS * TONES, 0);
        let (worth, changed) = (worth(step), HashMap::new());
        Model { weights: Cow::Owned(packed), step, worth, bias, choice, voices, changed }
    }

    /// The voice for a language, when the model speaks it.
    pub fn voice(&self, lang: Option<Lang>) -> Option<&Voice> {
        self.voices.iter().find(|voice| voice.lang == lang)
    }

    /// Puts learned weights in place of the packed ones.
    pub(super) fn change(&mut self, weights: impl IntoIterator<Item = (usize, [f32; TONES])>) {
        self.changed.extend(weights);
    }

    pub(super) fn weight(&self, bucket: usize) -> [f32; TONES] {
        self.changed.get(&bucket).copied().unwrap_or_else(|| self.packed(bucket))
    }

    fn packed(&self, bucket: usize) -> [f32; TONES] {
        let at = bucket * TONES;
        let Some([n, o, p]) = self.weights.get(at..at + TONES) else { return [0.0; TONES] };
        let worth = |byte: u8| self.worth[usize::from(byte)];
        [worth(*n), worth(*o), worth(*p)]
    }

    /// What the features add up to, and how far each of their owners pulls towards positive.
    pub(super) fn logits(&self, features: &Features) -> ([f32; TONES], Vec<(Owner, f64)>) {
        // A loop without a look-up in it keeps its sums at hand: twice as quick.
        if self.changed.is_empty() {
            self.added(features, |bucket| self.packed(bucket))
        } else {
            self.added(features, |bucket| self.weight(bucket))
        }
    }

    #[inline]
    fn added(
        &self,
        features: &Features,
        weight: impl Fn(usize) -> [f32; TONES],
    ) -> ([f32; TONES], Vec<(Owner, f64)>) {
        let [mut negative, mut neutral, mut positive] = self.bias;
        let mut pulls = Vec::with_capacity(features.owners());
        for (owner, run) in features.runs() {
            let mut pull = 0.0;
            for feature in run {
                let [n, o, p] = weight(feature.bucket as usize);
                let [n, o, p] = [n * feature.scale, o * feature.scale, p * feature.scale];
                (negative, neutral, positive) = (negative + n, neutral + o, positive + p);
                pull += f64::from(p - n);
            }
            pulls.push((owner, pull));
        }
        ([negative, neutral, positive], pulls)
    }

    /// What the weights of buckets add up to, each scaled.
    pub(super) fn sums(&self, features: impl Iterator<Item = (usize, f32)>) -> [f32; TONES] {
        let mut sums = self.bias;
        for (bucket, scale) in features {
            for (sum, weight) in sums.iter_mut().zip(self.weight(bucket)) {
                *sum += weight * scale;
            }
        }
        sums
    }

    /// The model as bytes.
    pub fn write(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.weights.len() + 256);
        out.extend(MAGIC);
        out.push(u8::from(self.choice.tagged) | u8::from(self.choice.affirmed) << 1);
        out.extend(self.step.to_le_bytes());
        out.extend(self.bias.iter().flat_map(|bias| bias.to_le_bytes()));
        out.push(u8::try_from(self.voices.len()).unwrap_or(u8::MAX));
        for voice in self.voices.iter().take(MOST_VOICES) {
            let code = voice.lang.map_or([0; 2], |lang| {
                let mut code = [0; 2];
                code.iter_mut().zip(lang.code().bytes()).for_each(|(to, from)| *to = from);
                code
            });
            out.extend(code);
            out.extend(voice.sharpness.to_le_bytes());
            out.extend(voice.shift.iter().flat_map(|shift| shift.to_le_bytes()));
        }
        let mut changed: Vec<_> = self.changed.iter().collect();
        changed.sort_by_key(|(bucket, _)| **bucket);
        out.extend(u32::try_from(changed.len()).unwrap_or(u32::MAX).to_le_bytes());
        for (bucket, weights) in changed {
            out.extend(u32::try_from(*bucket).unwrap_or(u32::MAX).to_le_bytes());
            out.extend(weights.iter().flat_map(|weight| weight.to_le_bytes()));
        }
        out.extend(self.weights.iter());
        out
    }

    /// Reads what [`Model::write`] wrote; borrowed bytes are not copied.
    pub fn read(bytes: Cow<'static, [u8]>) -> Result<Model, Unreadable> {
        let mut from = Bytes(&bytes);
        if from.take::<12>()? != *MAGIC {
            return Err(Unreadable::Kind);
        }
        let [choice] = from.take::<1>()?;
        if choice > 3 {
            return Err(Unreadable::Kind);
        }
        let choice = Choice { tagged: choice & 1 != 0, affirmed: choice & 2 != 0 };
        let step = from.number()?;
        let bias = from.numbers()?;
        let [count] = from.take::<1>()?;
        let mut voices = Vec::new();
        for _ in 0..usize::from(count).min(MOST_VOICES) {
            let code = from.take::<2>()?;
            let lang = std::str::from_utf8(&code).ok().and_then(Lang::parse);
            voices.push(Voice { lang, sharpness: from.number()?, shift: from.numbers()? });
        }
        let mut changed = HashMap::new();
        for _ in 0..(u32::from_le_bytes(from.take()?) as usize).min(BUCKETS) {
            let bucket = u32::from_le_bytes(from.take()?) as usize;
            changed.insert(bucket, from.numbers()?);
        }
        if from.0.len() != BUCKETS * TONES {
            return Err(Unreadable::Length);
        }
        let start = bytes.len() - from.0.len();
        let weights = match bytes {
            Cow::Borrowed(bytes) => Cow::Borrowed(bytes.get(start..).unwrap_or_default()),
            Cow::Owned(bytes) => Cow::Owned(bytes.get(start..).unwrap_or_default().to_vec()),
        };
        Ok(Model { weights, step, worth: worth(step), bias, choice, voices, changed })
    }
}

/// What a byte weighs, for each byte: a look-up is quicker than the product.
fn worth(step: f32) -> [f32; 256] {
    std::array::from_fn(|byte| {
        let q = i16::from(u8::try_from(byte).unwrap_or_default().cast_signed());
        f32::from(q * q.abs()) * step
    })
}

/// Why bytes are no model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("no model of tone, or one of another version: train it again")]
    Kind,
    #[error("the model is cut off or holds too much: fetch or train it again")]
    Length,
    #[error("the model holds a weight that is no number: fetch or train it again")]
    Number,
}

/// What is left to read.
struct Bytes<'b>(&'b [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Unreadable> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(Unreadable::Length)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn number(&mut self) -> Result<f32, Unreadable> {
        let number = f32::from_le_bytes(self.take()?);
        if number.is_finite() { Ok(number) } else { Err(Unreadable::Number) }
    }

    fn numbers(&mut self) -> Result<[f32; TONES], Unreadable> {
        Ok([self.number()?, self.number()?, self.number()?])
    }
}
