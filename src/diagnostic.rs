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

/// The problems of one file as rustc would show them: the line, a pointer, a way out.
pub fn render(path: &str, text: &str, problems: &[&Diagnostic], colour: bool) -> String {
    use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for problem in problems {
        let level = match problem.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let span = within(text, &problem.span);
        let annotation = AnnotationKind::Primary.span(span).label(problem.label.as_str());
        let snippet = Snippet::source(text).path(path).annotation(annotation);
        let mut group = level.primary_title(problem.title.as_str()).element(snippet);
        if let Some(help) = &problem.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        out.push_str(&renderer.render(&[group]));
        out.push_str("\n\n");
    }
    out
}

/// Line and column of a byte, both from 1, the column in characters.
pub fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let at = floor(text, at);
    let before = text.get(..at).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// A span that is safe to show: inside the text, on character boundaries.
fn within(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = floor(text, span.start);
    start..floor(text, span.end).max(start)
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_shows_its_line_and_the_way_out() {
        let text = "kind = \"mastadon\"\n";
        let problem = Diagnostic::error(7..17, "unknown source kind `mastadon`")
            .label("no such kind")
            .help("known kinds: feed, mastodon");
        let shown = render("vigie.toml", text, &[&problem], false);
        for part in [
            "error: unknown source kind",
            "vigie.toml:1:8",
            "^^^^^^^^^^ no such kind",
            "help: known kinds",
        ] {
            assert!(shown.contains(part), "{part} is not in\n{shown}");
        }
    }

    #[test]
    fn a_span_outside_the_text_does_no_harm() {
        let problem = Diagnostic::error(1..99, "é");
        assert!(render("x", "é", &[&problem], false).contains("error: é"));
        assert_eq!(line_and_column("é\nb", 3), (2, 1));
        assert_eq!(line_and_column("é\nb", 400), (2, 2));
    }
}
