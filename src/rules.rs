//! The rules directory: lexicons and topics, each file with its own examples.

/// Everything read from `rules/`, compiled.
#[derive(Debug, Clone, Default)]
pub struct Rules {}
