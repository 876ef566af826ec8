//! Feeds: RSS 0.9 to 2.0, RDF, Atom and JSON Feed.

use super::{KindOption, Source, SourceKind, Table};
use crate::diagnostic::Diagnostic;

/// The kind `feed`.
pub struct FeedKind;

impl SourceKind for FeedKind {
    fn name(&self) -> &'static str {
        "feed"
    }
    fn summary(&self) -> &'static str {
        "RSS, RDF, Atom and JSON Feed"
    }
    fn options(&self) -> &'static [KindOption] {
        &[KindOption {
            name: "url",
            required: true,
            help: "address of the feed, or of a page that names one",
        }]
    }
    fn example(&self) -> &'static str {
        ""
    }
    fn build(&self, _table: Table<'_>) -> Result<Box<dyn Source>, Vec<Diagnostic>> {
        todo!()
    }
}
