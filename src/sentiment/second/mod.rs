//! A second opinion on the tone: a model named by the operator that has a share in the answer.

use std::fmt;
use std::sync::Arc;

use crate::model::{Lang, Language, Opinion};

#[cfg(feature = "onnx")]
pub mod transformer;

/// Says what a text sounds like; knows nothing of languages, watches and weights.
pub trait Judge: Send + Sync {
    /// Probabilities of negative, neutral and positive, together 1; or why there are none.
    fn judge(&self, text: &str) -> Result<[f64; 3], String>;
}

/// Who is asked beside our own model, about what, and how much the answer counts.
#[derive(Clone)]
pub struct Second {
    judge: Arc<dyn Judge>,
    /// None is every language, and texts in a language that nobody can name.
    languages: Vec<Lang>,
    /// Its share in the mean of the probabilities, 0 to 1; with 0 it is heard and not followed.
    weight: f64,
}

impl fmt::Debug for Second {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Second { languages, weight, .. } = self;
        f.debug_struct("Second").field("languages", languages).field("weight", weight).finish()
    }
}

impl Second {
    pub fn new(judge: Arc<dyn Judge>, languages: Vec<Lang>, weight: f64) -> Second {
        Second { judge, languages, weight: weight.clamp(0.0, 1.0) }
    }

    /// What it says of a text; none where it is not asked. A text without a letter is not worth
    /// the milliseconds: a transformer has no opinion on an emoji that it was not trained with.
    pub fn ask(&self, text: &str, language: Language) -> Option<Opinion> {
        let speaks = self.languages.is_empty()
            || language.code.is_some_and(|code| self.languages.contains(&code));
        if !speaks || !text.contains(char::is_alphabetic) {
            return None;
        }
        Some(match self.judge.judge(text) {
            Ok([negative, neutral, positive]) => {
                Opinion::Second { negative, neutral, positive, weight: self.weight }
            }
            Err(reason) => Opinion::SecondFailed { reason },
        })
    }
}
