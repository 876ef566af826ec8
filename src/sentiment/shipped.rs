//! The models that come with the program, and which of them speaks a language.

use std::borrow::Cow;

use super::model::{Model, Unreadable, Voice};
use crate::model::Lang;

/// The folder in the operator's rules directory that holds models of their own.
pub const MODELS: &str = "model";

/// Bytes of the program itself: reading them copies nothing.
const SHIPPED: &[&[u8]] = &[
    include_bytes!("../../rules/model/fr.tone"),
    include_bytes!("../../rules/model/en.tone"),
    include_bytes!("../../rules/model/multi.tone"),
];

/// Models for all languages; without any, lexicons speak alone.
#[derive(Debug, Clone, Default)]
pub struct Models(Vec<Model>);

impl Models {
    /// The models that come with the program.
    pub fn shipped() -> Result<Models, Unreadable> {
        let read = |bytes: &&'static [u8]| Model::read(Cow::Borrowed(*bytes));
        SHIPPED.iter().map(read).collect::<Result<Vec<_>, _>>().map(Models)
    }

    /// Puts a model before the others: what it speaks, it answers.
    pub fn prefer(&mut self, model: Model) {
        self.0.insert(0, model);
    }

    /// The first model that speaks a language (or, without one, texts of any), and how.
    pub fn speaking(&self, lang: Option<Lang>) -> Option<(&Model, &Voice)> {
        self.0.iter().find_map(|model| Some((model, model.voice(lang)?)))
    }
}
