//! `vigie kinds`: what can be read, with options and an example each.

use clap::Args;
use serde::Serialize;

use super::Exit;
use super::output::Output;
use crate::source::{KINDS, KindOption};

/// The options that every source has are `id`, `kind`, `every`, `allow_private` and `lang`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  vigie kinds\n  vigie kinds --json")]
pub(crate) struct Arguments {
    /// One JSON object a line: name, summary, options, example
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    name: &'a str,
    summary: &'a str,
    options: &'a [KindOption],
    example: &'a str,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Exit {
    for kind in KINDS {
        let line = Line {
            name: kind.name(),
            summary: kind.summary(),
            options: kind.options(),
            example: kind.example(),
        };
        if arguments.json {
            output.json(&line);
            continue;
        }
        output.data(format!("{}: {}\n", line.name, line.summary));
        for option in line.options {
            let required = if option.required { " (required)" } else { "" };
            output.data(format!("  {}{required}: {}", option.name, option.help));
        }
        output.data(format!("\n{}\n", line.example.trim()));
    }
    Exit::Done
}
