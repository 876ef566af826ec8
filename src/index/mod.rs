//! The search view: a tantivy index that follows the store.
//!
//! Nothing here is truth. The position up to which the view follows the change feed lives in the
//! commit of the index itself, so that a kill at any instant only makes it start a little earlier;
//! deleting the folder loses nothing. Every call blocks: run them where blocking is allowed.

mod analysis;
mod compile;
mod error;
mod excluded;
mod generation;
mod opening;
mod schema;
mod search;
mod view;

#[cfg(test)]
mod tests;

pub use error::{IndexError, Result};
pub use search::{Hit, IndexStats, SearchHits, SearchOrder, SearchRequest, Searcher, Stored};
pub use view::{IndexView, Opened, RebuildReason, StoreMark, ViewState};
