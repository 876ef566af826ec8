//! A transformer from an ONNX file, with the tokenizer that it was trained with; pure Rust.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use tokenizers::{Encoding, Tokenizer, TruncationParams};
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::infer::Factoid;
use tract_onnx::tract_hir::internal::DimLike;
use xxhash_rust::xxh3::xxh3_128;

use super::Judge;
use crate::model::Tone;

/// What the outputs may mean; as many labels as outputs.
const TONES: [Tone; 3] = [Tone::Negative, Tone::Neutral, Tone::Positive];

/// A token is rarely longer. What lies beyond cannot be among the tokens that are kept, and a
/// hostile text must not keep the tokenizer busy.
const BYTES_A_TOKEN: usize = 64;

/// Two texts as different as can be: a model must answer both before it is let in.
const TRIALS: [&str; 2] = ["Bonjour !", "I was charged twice, and nobody answers the phone."];

/// A sequence classifier: token ids in, one number for each label out.
pub struct Transformer {
    tokenizer: Tokenizer,
    plan: Arc<TypedRunnableModel>,
    /// One text at a time, since an inference takes megabytes; and what was said of the last one,
    /// since every watch that it matches asks again.
    last: Mutex<Option<(u128, [f64; 3])>>,
    /// What each input is, in the order of the model.
    inputs: Vec<Input>,
    /// The length that the model insists on; shorter texts are filled up.
    length: Option<usize>,
    labels: Vec<Tone>,
    /// The model ends in a softmax of its own.
    finished: bool,
}

/// An input of the model, by the name that every export gives it.
#[derive(Debug, Clone, Copy)]
struct Input {
    part: Part,
    kind: DatumType,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Ids,
    Mask,
    Types,
}

const PARTS: [(&str, Part); 3] =
    [("input_ids", Part::Ids), ("attention_mask", Part::Mask), ("token_type_ids", Part::Types)];

/// Which of the two files cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    #[error("the model cannot be used: {0}")]
    Model(String),
    #[error("the tokenizer cannot be used: {0}")]
    Tokenizer(String),
    #[error("the model gives {outputs} numbers for a text, but there are {labels} labels")]
    Labels { outputs: usize, labels: usize },
}

impl Transformer {
    /// Reads the bytes of both files and tries them on two texts. Neither bytes nor shapes are
    /// trusted: whatever is wrong with them comes back as a reason.
    ///
    /// A text takes as long as it is, if the model can be read that way. Some exports cannot: they
    /// get texts of one length, filled up, which takes as long as the longest.
    pub fn read(
        model: &[u8],
        tokenizer: &[u8],
        labels: &[Tone],
        most_tokens: usize,
    ) -> Result<Transformer, Unusable> {
        let tokenizer =
            contained(|| tokens_of(tokenizer, most_tokens)).map_err(Unusable::Tokenizer)?;
        let read = |length| {
            let plan = contained(|| plan(model, length)).map_err(Unusable::Model)?;
            Transformer::tried(plan, tokenizer.clone(), labels.to_vec())
        };
        match read(None) {
            Err(Unusable::Model(_)) => read(Some(most_tokens)),
            read => read,
        }
    }

    /// Lets a model in that has an answer to each trial.
    fn tried(
        (plan, inputs, length): Plan,
        mut tokenizer: Tokenizer,
        labels: Vec<Tone>,
    ) -> Result<Transformer, Unusable> {
        if let (Some(length), Some(cut)) = (length, tokenizer.get_truncation_mut()) {
            cut.max_length = cut.max_length.min(length);
        }
        let last = Mutex::new(None);
        let mut read =
            Transformer { tokenizer, plan, last, inputs, length, labels, finished: false };
        let mut finished = true;
        for text in TRIALS {
            let said = contained(|| read.outputs(text)).map_err(Unusable::Model)?;
            if said.len() != read.labels.len() {
                let (outputs, labels) = (said.len(), read.labels.len());
                return Err(Unusable::Labels { outputs, labels });
            }
            finished &= is_distribution(&said);
        }
        read.finished = finished;
        Ok(read)
    }

    /// What the model answers, one number for each label.
    fn outputs(&self, text: &str) -> Result<Vec<f64>, String> {
        let tokens = self.tokenizer.encode(beginning(text, self.most_bytes()), true);
        let tokens = tokens.map_err(|error| format!("the tokenizer fails: {error}"))?;
        if tokens.get_ids().is_empty() {
            return Err("the tokenizer finds no token in the text".to_owned());
        }
        let filled = self.length.unwrap_or(tokens.len());
        let values = self.inputs.iter().map(|input| input.value(&tokens, filled));
        let values: TVec<TValue> = values.collect::<TractResult<_>>().map_err(reason)?;
        let said = self.plan.run(values).map_err(reason)?;
        let first = said.first().ok_or("the model has no output")?;
        let numbers = first.cast_to::<f32>().map_err(reason)?;
        let numbers = numbers.to_plain_array_view::<f32>().map_err(reason)?;
        let numbers: Vec<f64> = numbers.iter().map(|number| f64::from(*number)).collect();
        if numbers.iter().all(|number| number.is_finite()) {
            Ok(numbers)
        } else {
            Err("the model answers with what is no number".to_owned())
        }
    }

    fn most_bytes(&self) -> usize {
        let tokens = self.tokenizer.get_truncation().map_or(0, |params| params.max_length);
        tokens.saturating_mul(BYTES_A_TOKEN)
    }
}

impl Judge for Transformer {
    fn judge(&self, text: &str) -> Result<[f64; 3], String> {
        let text_hash = xxh3_128(text.as_bytes());
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, said)) = *last
            && of == text_hash
        {
            return Ok(said);
        }
        let said = contained(|| self.outputs(text))?;
        let shares = if self.finished { said } else { softmax(&said) };
        // Several labels may mean one tone: five stars are two good and two bad ones.
        let of = |tone: &Tone| {
            self.labels
                .iter()
                .zip(&shares)
                .filter(|(label, _)| *label == tone)
                .map(|(_, p)| p)
                .sum()
        };
        let said = TONES.each_ref().map(of);
        *last = Some((text_hash, said));
        Ok(said)
    }
}

impl Input {
    /// One row of `length` numbers; what the text does not fill is masked.
    fn value(self, tokens: &Encoding, length: usize) -> TractResult<TValue> {
        let numbers = match self.part {
            Part::Ids => tokens.get_ids(),
            Part::Mask => tokens.get_attention_mask(),
            Part::Types => tokens.get_type_ids(),
        };
        let mut row: Vec<i64> = numbers.iter().take(length).map(|n| i64::from(*n)).collect();
        row.resize(length, 0);
        let tensor = Tensor::from_shape(&[1, length], &row)?;
        Ok(tensor.cast_to_dt(self.kind)?.into_owned().into_tvalue())
    }
}

type Plan = (Arc<TypedRunnableModel>, Vec<Input>, Option<usize>);

/// Reads the graph, pins one text to its inputs and optimises it. The text is of the length that the
/// file insists on, or else of this one, or else of any.
fn plan(bytes: &[u8], wanted: Option<usize>) -> Result<Plan, String> {
    // The shapes that the file gives between input and output are those of many texts at once.
    let mut model = onnx()
        .with_ignore_output_shapes(true)
        .with_ignore_value_info(true)
        .model_for_read(&mut &*bytes)
        .map_err(reason)?;
    let symbol = model.symbols.sym("tokens");
    let mut inputs = Vec::new();
    let mut length = None;
    let outlets = model.input_outlets().map_err(reason)?.to_vec();
    for (at, outlet) in outlets.into_iter().enumerate() {
        let name = model.node(outlet.node).name.clone();
        let Some((_, part)) = PARTS.iter().find(|(known, _)| *known == name) else {
            let known = PARTS.map(|(known, _)| known).join(", ");
            return Err(format!("it asks for `{name}`; only {known} can be given"));
        };
        let fact = model.input_fact(at).map_err(reason)?;
        let kind = fact.datum_type.concretize().unwrap_or(DatumType::I64);
        let fixed = fact.shape.dim(1).and_then(|dim| dim.concretize());
        let fixed = fixed.and_then(|length| length.to_usize().ok()).or(wanted);
        length = length.or(fixed);
        let tokens = fixed.map_or(TDim::from(symbol.clone()), TDim::from);
        let fact = InferenceFact::dt_shape(kind, [TDim::from(1), tokens]);
        model.set_input_fact(at, fact).map_err(reason)?;
        inputs.push(Input { part: *part, kind });
    }
    if !inputs.iter().any(|input| input.part == Part::Ids) {
        return Err("it has no input `input_ids`".to_owned());
    }
    let plan = model.into_optimized().and_then(IntoRunnable::into_runnable).map_err(reason)?;
    Ok((plan, inputs, length))
}

/// Reads a tokenizer that cuts what is too long; filling up is ours.
fn tokens_of(bytes: &[u8], most: usize) -> Result<Tokenizer, String> {
    let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(|error| error.to_string())?;
    let cut = TruncationParams { max_length: most, ..TruncationParams::default() };
    tokenizer.with_truncation(Some(cut)).map_err(|error| error.to_string())?;
    tokenizer.with_padding(None);
    Ok(tokenizer)
}

/// Runs a library on what it may not be ready for: its panic is a reason like any other.
fn contained<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err("it breaks the reader".to_owned()))
}

/// An error with its causes, on one line and short enough for a log.
#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn reason(error: TractError) -> String {
    let told = format!("{error:#}").split_whitespace().collect::<Vec<_>>().join(" ");
    told.chars().take(300).collect()
}

/// As much of a text as can matter, cut between characters.
fn beginning(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

fn softmax(logits: &[f64]) -> Vec<f64> {
    let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let odds: Vec<f64> = logits.iter().map(|logit| (logit - most).exp()).collect();
    let all: f64 = odds.iter().sum();
    odds.into_iter().map(|odds| odds / all).collect()
}

/// Whether numbers are shares of a whole. Logits are so by chance only, and not for two texts.
fn is_distribution(numbers: &[f64]) -> bool {
    let sum: f64 = numbers.iter().sum();
    numbers.iter().all(|number| (0.0..=1.0).contains(number)) && (sum - 1.0).abs() < 1e-3
}
