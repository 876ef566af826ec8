//! `vigie check`: everything that is wrong with a configuration, with the place and a way out.

use clap::Args;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::output::Output;
use super::run::runtime;
use super::{ConfigArgument, Exit};
use crate::config::{Config, Loaded, Surroundings, load};
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::model::time::SystemClock;
use crate::model::{Clock, Lang};
use crate::notify::words;
use crate::store::feedback;
use crate::store::sqlite::SqliteStore;

/// Reads the configuration and the rules, connects to nothing, changes nothing. Says of each watch
/// how far its threshold is from its setting, and which verdicts made it so.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  vigie check\n  vigie check -c /etc/vigie/vigie.toml --json")]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// One JSON object a line: path, line, column, severity, message, label, help
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    path: String,
    #[serde(rename = "line")]
    row: usize,
    column: usize,
    severity: Severity,
    message: &'a str,
    label: &'a str,
    help: Option<&'a str>,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Exit {
    let loaded = match load(&arguments.config.config, &Surroundings::of_process()) {
        Ok(loaded) => loaded,
        Err(error) => return output.fail(Exit::Usage, error),
    };
    if arguments.json {
        json(&loaded, output);
    } else {
        show(&loaded, output);
    }
    match &loaded.config {
        Some(config) => {
            output.say(format!("the configuration is good: {}", summary(config)));
            heeded(config, output);
            Exit::Done
        }
        None => {
            let wrong =
                |p: &&crate::config::table::Problem| p.diagnostic.severity == Severity::Error;
            let errors = loaded.problems.iter().filter(wrong).count();
            output.say(format!("{errors} {}", if errors == 1 { "error" } else { "errors" }));
            Exit::No
        }
    }
}

/// Says which thresholds are others than those of their settings, and what people said that made
/// them so. A store that is not there yet, or too old to be read, tells nothing.
fn heeded(config: &Config, output: &mut Output) {
    let opened = SqliteStore::open_reader(&config.store.directory);
    let (Ok(store), Ok(runtime)) = (opened, runtime()) else { return };
    let now = SystemClock.now();
    for watch in &config.watches {
        let zone = TimeZone::get(&watch.timezone).unwrap_or(TimeZone::UTC);
        match runtime.block_on(feedback(&store, &watch.id)) {
            Err(error) => output.say(format!("{}: what people said of it: {error}", watch.id)),
            Ok(feedback) if words::moved(feedback.caution(now)) => {
                let (caution, heeded) = (feedback.caution(now), feedback.heeded(now));
                let words = words::of(Lang::EN);
                let told = words.threshold(watch.sensitivity, caution, &heeded, &zone);
                output.say(format!("{}: {told}", watch.id));
            }
            Ok(_) => {}
        }
    }
}

/// Reads the configuration for a command that needs one, telling what is wrong with it.
pub(crate) fn configuration(
    argument: &ConfigArgument,
    output: &mut Output,
) -> Result<Config, Exit> {
    read(argument, &Surroundings::of_process(), output)
}

/// The same for a command that scores no text, so that it need not wait for a transformer.
pub(crate) fn unscored(argument: &ConfigArgument, output: &mut Output) -> Result<Config, Exit> {
    read(argument, &Surroundings { unscored: true, ..Surroundings::of_process() }, output)
}

fn read(
    argument: &ConfigArgument,
    surroundings: &Surroundings,
    output: &mut Output,
) -> Result<Config, Exit> {
    let loaded = load(&argument.config, surroundings).map_err(|error| {
        output.fail(
            Exit::Usage,
            format!("{error}\n  help: `vigie init` writes a first configuration"),
        )
    })?;
    show(&loaded, output);
    loaded.config.ok_or(Exit::Usage)
}

fn show(loaded: &Loaded, output: &mut Output) {
    for (index, file) in loaded.files.iter().enumerate() {
        let here: Vec<&Diagnostic> =
            loaded.problems.iter().filter(|p| p.file == index).map(|p| &p.diagnostic).collect();
        if !here.is_empty() {
            let path = file.path.display().to_string();
            output.say(diagnostic::render(&path, &file.text, &here, output.colour).trim_end());
            output.say("");
        }
    }
}

fn json(loaded: &Loaded, output: &mut Output) {
    for problem in &loaded.problems {
        let Some(file) = loaded.files.get(problem.file) else { continue };
        let diagnostic = &problem.diagnostic;
        let (line, column) = diagnostic::line_and_column(&file.text, diagnostic.span.start);
        output.json(&Line {
            path: file.path.display().to_string(),
            row: line,
            column,
            severity: diagnostic.severity,
            message: &diagnostic.title,
            label: &diagnostic.label,
            help: diagnostic.help.as_deref(),
        });
    }
}

/// How much of each there is, in words.
pub(crate) fn summary(config: &Config) -> String {
    let count =
        |n: usize, one: &str, more: &str| format!("{n} {}", if n == 1 { one } else { more });
    let mut parts = vec![
        count(config.watches.len(), "watch", "watches"),
        count(config.sources.len(), "source", "sources"),
        count(config.recipients.len(), "recipient", "recipients"),
    ];
    if !config.events.is_empty() {
        parts.push(count(config.events.len(), "planned event", "planned events"));
    }
    parts.join(", ")
}
