//! The only place that prints: data to standard output, everything else to standard error.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use super::Exit;

/// Where a command writes. A reader that goes away (`vigie search … | head`) is no failure, so
/// errors of writing are not reported.
pub(crate) struct Output {
    data: Box<dyn Write>,
    talk: Box<dyn Write>,
    pub colour: bool,
}

impl Output {
    pub(crate) fn standard() -> Output {
        let stderr = std::io::stderr();
        let colour = stderr.is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Output { data: Box::new(std::io::stdout()), talk: Box::new(stderr), colour }
    }

    /// A line of data, or several. What strangers wrote must not command the terminal: control
    /// characters other than tabs and line ends are replaced.
    pub(crate) fn data(&mut self, line: impl AsRef<str>) {
        let commands = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
        drop(writeln!(self.data, "{}", line.as_ref().replace(commands, "\u{fffd}")));
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

/// What the parser has to say: help goes to standard output and is no error.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    drop(error.print());
    if error.use_stderr() { ExitCode::from(Exit::Usage as u8) } else { ExitCode::SUCCESS }
}
