//! The section `[sentiment]`: a second opinion, its files read and tried.

use super::check::Context;
use super::table::{At, Problems, TableReader};
use crate::model::{Lang, Tone};
use crate::sentiment::second::Second;

/// Labels that are enough for any classifier of tones; five stars take five.
const MOST_LABELS: usize = 16;
/// What transformers of this kind were trained with; time and memory grow with its square.
const MOST_TOKENS: usize = 512;
const USUAL_TOKENS: usize = 128;

/// What the section says, before its files are opened.
#[cfg_attr(not(feature = "onnx"), expect(dead_code, reason = "checked, and then refused"))]
struct Written {
    model: At<String>,
    tokenizer: At<String>,
    labels: Vec<Tone>,
    /// Where the labels stand, or else the model.
    labelled: super::table::Place,
    languages: Vec<Lang>,
    weight: f64,
    most_tokens: usize,
}

/// Reads the section; `None` when it is wrong, or when the caller does not score and no file is
/// opened.
pub(super) fn second(table: &mut TableReader<'_, '_>, context: &Context<'_>) -> Option<Second> {
    let written = written(table)?;
    if context.surroundings.unscored {
        return None;
    }
    open(&written, context, table.problems())
}

fn written(table: &mut TableReader<'_, '_>) -> Option<Written> {
    let model = table.required_text("onnx");
    let tokenizer = table.required_text("tokenizer");
    let labels = table.texts("labels");
    let languages = table.texts("languages").into_iter();
    let languages = languages.filter_map(|code| language(&code, table.problems())).collect();
    let weight = table.number("weight", 0.0..=1.0).map_or(0.5, |weight| weight.value);
    let most_tokens = table.whole("most_tokens", 8..=MOST_TOKENS);
    let first = labels.first().map(|label| label.place.clone());
    let labels = tones(labels, table.problems());
    let (model, tokenizer) = (model?, tokenizer?);
    let labelled = first.unwrap_or_else(|| model.place.clone());
    Some(Written {
        labels: labels?,
        model,
        tokenizer,
        labelled,
        languages,
        weight,
        most_tokens: most_tokens.map_or(USUAL_TOKENS, |most| most.value),
    })
}

fn language(code: &At<String>, problems: &mut Problems) -> Option<Lang> {
    let lang = Lang::parse(&code.value);
    if lang.is_none() {
        let title = format!("`{}` is no language code", code.value);
        problems.error(&code.place, title, "unknown", "two letters: \"fr\", \"en\"");
    }
    lang
}

/// What each output means; several may mean one tone, as stars do.
fn tones(labels: Vec<At<String>>, problems: &mut Problems) -> Option<Vec<Tone>> {
    if labels.is_empty() {
        return Some(vec![Tone::Negative, Tone::Neutral, Tone::Positive]);
    }
    let first = labels.first()?.place.clone();
    let mut tones = Vec::new();
    for label in labels {
        match Tone::parse(&label.value) {
            Some(tone @ (Tone::Negative | Tone::Neutral | Tone::Positive)) => tones.push(tone),
            _ => {
                let title = format!("`{}` is no label of a tone", label.value);
                let help = "write negative, neutral or positive for each output, in their order";
                problems.error(&label.place, title, "unknown", help);
                return None;
            }
        }
    }
    let both = tones.contains(&Tone::Negative) && tones.contains(&Tone::Positive);
    if !both || tones.len() > MOST_LABELS {
        let help = format!("at most {MOST_LABELS} labels, negative and positive among them");
        problems.error(&first, "these labels are no tones of a text", "here", &help);
        return None;
    }
    Some(tones)
}

#[cfg(not(feature = "onnx"))]
fn open(written: &Written, _: &Context<'_>, problems: &mut Problems) -> Option<Second> {
    let title = "this vigie was built without onnx";
    let help = "build with `--features onnx`, or remove the section `[sentiment]`";
    problems.error(&written.model.place, title, "not built in", help);
    None
}

#[cfg(feature = "onnx")]
fn open(written: &Written, context: &Context<'_>, problems: &mut Problems) -> Option<Second> {
    use std::sync::Arc;

    use crate::sentiment::second::transformer::{Transformer, Unusable};

    let Written { model, tokenizer, labels, labelled, languages, weight, most_tokens } = written;
    let bytes = [
        read(model, MOST_MODEL, context, problems),
        read(tokenizer, MOST_TOKENIZER, context, problems),
    ];
    let [Some(model_bytes), Some(tokenizer_bytes)] = bytes else { return None };
    match Transformer::read(&model_bytes, &tokenizer_bytes, labels, *most_tokens) {
        Ok(transformer) => Some(Second::new(Arc::new(transformer), languages.clone(), *weight)),
        Err(unusable) => {
            let (place, help) = match &unusable {
                Unusable::Model(_) => {
                    (&model.place, "name an ONNX file of a text classifier, weights included")
                }
                Unusable::Tokenizer(_) => {
                    (&tokenizer.place, "name the tokenizer.json that came with the model")
                }
                Unusable::Labels { .. } => (labelled, "give each output its label, in order"),
            };
            problems.error(place, unusable.to_string(), "unusable", help);
            None
        }
    }
}

/// A protobuf cannot be larger.
#[cfg(feature = "onnx")]
const MOST_MODEL: u64 = 2 << 30;
/// Ten times the largest vocabulary in use.
#[cfg(feature = "onnx")]
const MOST_TOKENIZER: u64 = 256 << 20;

#[cfg(feature = "onnx")]
fn read(
    named: &At<String>,
    most: u64,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Vec<u8>> {
    let path = context.base.join(&named.value);
    match super::bounded::bytes(&path, most) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            let title = format!("cannot read {}: {error}", path.display());
            let help = "name a file that this user can read";
            problems.error(&named.place, title, "unreadable", help);
            None
        }
    }
}
