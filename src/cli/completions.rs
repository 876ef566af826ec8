//! `vigie completions` and `vigie man`: for packagers.

use clap::{Args, CommandFactory};

use super::output::Output;
use super::{Cli, Exit};

/// Writes to standard output what a shell has to load.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  vigie completions bash > /usr/share/bash-completion/completions/vigie\n  vigie completions fish > ~/.config/fish/completions/vigie.fish"
)]
pub(crate) struct Arguments {
    shell: clap_complete::Shell,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Exit {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "vigie", &mut text);
    output.data(String::from_utf8_lossy(&text).trim_end());
    Exit::Done
}

pub(crate) fn man(output: &mut Output) -> Exit {
    let mut text = Vec::new();
    if let Err(error) = clap_mangen::Man::new(Cli::command()).render(&mut text) {
        return output.fail(Exit::Bug, error);
    }
    output.data(String::from_utf8_lossy(&text).trim_end());
    Exit::Done
}
