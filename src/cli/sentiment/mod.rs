//! `vigie sentiment`: what people correct, how good the scoring is on their texts, and learning
//! from them.

mod correct;
mod evaluate;
mod labelled;
mod train;

use clap::{Args, Subcommand};

use super::check::configuration;
use super::output::Output;
use super::{ConfigArgument, Exit};
use crate::model::{Lang, Language};
use crate::rules::{Corrections, Rules};

/// Everything stays on this machine.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say what the tone of a text is; it and its copies have that tone from then on
    Correct(correct::Arguments),
    /// Score labelled texts and say how good the scoring is
    Evaluate(evaluate::Arguments),
    /// Adapt the model to labelled texts, if that makes it better
    Train(train::Arguments),
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Exit {
    match &arguments.command {
        Command::Correct(arguments) => correct::run(arguments, output),
        Command::Evaluate(arguments) => evaluate::run(arguments, output),
        Command::Train(arguments) => train::run(arguments, output),
    }
}

/// The rules in force without the corrections: whoever knows the answers by heart learns nothing
/// about how good the rest is. Without a configuration, the rules that come with the program.
fn rules(argument: &ConfigArgument, output: &mut Output) -> Result<Rules, Exit> {
    if !argument.config.exists() {
        output.say(format!("no {}: scoring by the shipped rules", argument.config.display()));
        return Ok(Rules::builtin());
    }
    let rules = configuration(argument, output)?.rules;
    if !rules.corrections.is_empty() {
        let count = rules.corrections.len();
        output.say(format!("{count} corrections are left aside: they would answer by heart"));
    }
    Ok(Rules { corrections: Corrections::default(), ..rules })
}

/// The language that every text is taken to be in.
fn forced(lang: Option<&str>, output: &mut Output) -> Result<Option<Language>, Exit> {
    let Some(written) = lang else { return Ok(None) };
    match Lang::parse(written) {
        Some(code) => Ok(Some(Language { code: Some(code), confidence: 1.0 })),
        None => {
            let what = format!("`{written}` is no language code: use \"fr\"");
            Err(output.fail(Exit::Usage, what))
        }
    }
}
