//! A problem with a place in a file: what is wrong, where, what is there, and the way out.

use std::ops::Range;

use serde::Serialize;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
}

/// One problem. Messages are lower case, without a full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    /// What is wrong: ``unknown source kind `mastadon` ``.
    pub title: String,
    /// Bytes of the file it is about: the value when the value is wrong, the key when the key is,
    /// the table's header when something is missing.
    pub span: Range<usize>,
    /// At most four words beside the pointer: `no such kind`.
    pub label: String,
    /// What to do: `known kinds: feed, mastodon`.
    pub help: Option<String>,
}

impl Diagnostic {
    pub fn error(span: Range<usize>, title: impl Into<String>) -> Diagnostic {
        let label = String::new();
        Diagnostic { severity: Severity::Error, title: title.into(), span, label, help: None }
    }

    pub fn warning(span: Range<usize>, title: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(span, title) }
    }

    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Diagnostic {
        self.label = label.into();
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// The same problem in a file that holds this text from `offset` on: a query inside TOML.
    #[must_use]
    pub fn shifted(mut self, offset: usize) -> Diagnostic {
        self.span = self.span.start + offset..self.span.end + offset;
        self
    }
}
