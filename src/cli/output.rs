//! The only place that prints: data to standard output, everything else to standard error.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use comfy_table::{ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::Exit;
use crate::model::Span;

/// Where a command writes. A reader that goes away (`vigie search … | head`) is no failure, so
/// errors of writing are not reported.
pub(crate) struct Output {
    data: Box<dyn Write>,
    talk: Box<dyn Write>,
    pub colour: bool,
    /// Whether the data goes to a terminal that shows bold letters.
    bold: bool,
}

impl Output {
    pub(crate) fn standard() -> Output {
        let stderr = std::io::stderr();
        let plain = std::env::var_os("NO_COLOR").is_some();
        let colour = stderr.is_terminal() && !plain;
        let bold = std::io::stdout().is_terminal() && !plain;
        Output { data: Box::new(std::io::stdout()), talk: Box::new(stderr), colour, bold }
    }

    /// A line of data, or several.
    pub(crate) fn data(&mut self, line: impl AsRef<str>) {
        drop(writeln!(self.data, "{}", harmless(line.as_ref())));
        drop(self.data.flush());
    }

    /// A text with the places that matter in it: bold and underlined on a terminal, in square
    /// brackets elsewhere. The places are sorted and apart.
    pub(crate) fn marked(&mut self, text: &str, places: &[Span]) {
        let (open, close) = if self.bold { ("\x1b[1;4m", "\x1b[0m") } else { ("[", "]") };
        let mut line = String::with_capacity(text.len() + 16);
        let mut at = 0;
        for place in places {
            line.push_str(&harmless(text.get(at..place.start).unwrap_or_default()));
            line.push_str(open);
            line.push_str(&harmless(text.get(place.start..place.end).unwrap_or_default()));
            line.push_str(close);
            at = place.end;
        }
        line.push_str(&harmless(text.get(at..).unwrap_or_default()));
        drop(writeln!(self.data, "{line}"));
        drop(self.data.flush());
    }

    /// A value as one line of JSON.
    pub(crate) fn json(&mut self, value: &impl Serialize) {
        match serde_json::to_string(value) {
            Ok(line) => self.data(line),
            Err(error) => self.say(format!("cannot write this as JSON: {error}")),
        }
    }

    /// A table for people.
    pub(crate) fn table(&mut self, header: &[&str], rows: Vec<Vec<String>>) {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(header.to_vec());
        for row in rows {
            table.add_row(row);
        }
        for line in table.to_string().lines() {
            self.data(line.strip_prefix(" ").unwrap_or(line).trim_end());
        }
    }

    /// How far something long is, shown while it runs where somebody looks; without a length,
    /// only how much is done.
    #[expect(clippy::unused_self, reason = "whoever writes decides where")]
    pub(crate) fn progress(&self, length: u64, what: &'static str) -> ProgressBar {
        let style = if length > 0 {
            "{wide_bar} {percent:>3} % of {len} {msg}, {eta} left"
        } else {
            "{spinner} {pos} {msg}"
        };
        let bar = ProgressBar::new(length).with_message(what);
        // A style that cannot be read is a fault of this file; the plain one does too.
        match ProgressStyle::with_template(style) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        }
    }

    /// A line for people.
    pub(crate) fn say(&mut self, line: impl AsRef<str>) {
        drop(writeln!(self.talk, "{}", line.as_ref()));
    }

    /// Says what is wrong, and gives the exit code that goes with it.
    pub(crate) fn fail(&mut self, exit: Exit, what: impl std::fmt::Display) -> Exit {
        self.say(format!("error: {what}"));
        exit
    }
}

/// What strangers wrote must not command the terminal: control characters other than tabs and line
/// ends are replaced.
fn harmless(text: &str) -> String {
    let commands = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    text.replace(commands, "\u{fffd}")
}

/// What the parser has to say: help goes to standard output and is no error.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    drop(error.print());
    if error.use_stderr() { ExitCode::from(Exit::Usage as u8) } else { ExitCode::SUCCESS }
}
