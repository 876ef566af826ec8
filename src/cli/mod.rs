//! The command line: one file per command; `output.rs` is the only one that prints.

mod check;
mod completions;
mod demo;
mod detect;
mod explain;
mod incidents;
mod init;
mod kinds;
mod output;
mod reading;
mod rebuild;
mod replay;
mod run;
mod search;
mod sentiment;
mod status;
mod stories;
mod try_source;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use output::Output;

/// What a command says to whoever called it (`design.md` §7): scripts depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Done = 0,
    /// The answer is no: `check` found errors, `search` found nothing.
    No = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    /// A bug.
    Bug = 70,
    /// The state directory is in use.
    InUse = 75,
    /// The state cannot be used: damaged, or written by a newer version.
    Unusable = 78,
}

/// Watches what is said about a brand, notices a bad buzz while it is small, and says why.
#[derive(Debug, Parser)]
#[command(name = "vigie", version, max_term_width = 100, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show it all at work: the real daemon, local feeds, a bad buzz, no network
    Demo(demo::Arguments),
    /// Write a commented vigie.toml for a brand
    Init(init::Arguments),
    /// Check a configuration and say everything that is wrong with it
    Check(check::Arguments),
    /// Watch, score and alert until stopped
    Run(run::Arguments),
    /// Read one source once and show what it found; nothing is stored
    Try(try_source::Arguments),
    /// Show why a text matches, and how it is scored, word by word
    Explain(explain::Arguments),
    /// Correct the tone of a text, measure the scoring on labelled texts, learn from them
    Sentiment(sentiment::Arguments),
    /// Say how unusual each count of a table is, line by line as they come
    Detect(detect::Arguments),
    /// Search past mentions
    Search(search::Arguments),
    /// List what is copied and how far it spread, and what is newly said
    Stories(stories::Arguments),
    /// List incidents, or show one with its timeline
    Incidents(incidents::Arguments),
    /// Live the past again: which alerts a rule, or another one, would have raised
    Replay(replay::Arguments),
    /// Show how the sources, the outbox and the index do
    Status(status::Arguments),
    /// Throw the search index away; the daemon builds it again from the store
    RebuildIndex(rebuild::Arguments),
    /// List source and notifier kinds, their options and an example
    Kinds(kinds::Arguments),
    /// Print completions for a shell
    Completions(completions::Arguments),
    /// Print the manual page
    Man,
}

/// Where the configuration is; the same for every command that needs one.
#[derive(Debug, Args)]
pub(crate) struct ConfigArgument {
    /// The configuration: a file, or a directory of .toml files
    #[arg(short, long, value_name = "CONFIG", default_value = "vigie.toml", env = "VIGIE_CONFIG")]
    config: PathBuf,
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return output::usage(&error),
    };
    let mut output = Output::standard();
    let exit = match cli.command {
        Command::Demo(arguments) => demo::run(&arguments, &mut output),
        Command::Init(arguments) => init::run(&arguments, &mut output),
        Command::Check(arguments) => check::run(&arguments, &mut output),
        Command::Run(arguments) => run::run(&arguments, &mut output),
        Command::Try(arguments) => try_source::run(&arguments, &mut output),
        Command::Explain(arguments) => explain::run(&arguments, &mut output),
        Command::Sentiment(arguments) => sentiment::run(&arguments, &mut output),
        Command::Detect(arguments) => detect::run(&arguments, &mut output),
        Command::Search(arguments) => search::run(&arguments, &mut output),
        Command::Stories(arguments) => stories::run(&arguments, &mut output),
        Command::Incidents(arguments) => incidents::run(&arguments, &mut output),
        Command::Replay(arguments) => replay::run(&arguments, &mut output),
        Command::Status(arguments) => status::run(&arguments, &mut output),
        Command::RebuildIndex(arguments) => rebuild::run(&arguments, &mut output),
        Command::Kinds(arguments) => kinds::run(&arguments, &mut output),
        Command::Completions(arguments) => completions::run(&arguments, &mut output),
        Command::Man => completions::man(&mut output),
    };
    ExitCode::from(exit as u8)
}
