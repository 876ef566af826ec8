//! What an item means for each watch: match, language, sentiment, topics.

use crate::model::{Finding, Item, Lang, Watch};
use crate::query::Query;
use crate::rules::Rules;

/// Watches with their queries compiled, ready to be asked about many texts.
#[derive(Debug, Clone, Default)]
pub struct Watches {
    pub all: Vec<(Watch, Query)>,
}

/// One finding for each watch that the item matches; none means that the item is forgotten.
pub fn understand(
    _item: &Item,
    _lang: Option<Lang>,
    _watches: &Watches,
    _rules: &Rules,
) -> Vec<Finding> {
    todo!()
}
