//! `vigie incidents`: what happened, the timeline of one, and what people say of it.

mod marks;
mod shown;
mod verdict;

use clap::{Args, Subcommand};

use super::output::Output;
use super::reading::Reading;
use super::run::store_exit;
use super::{ConfigArgument, Exit};
use crate::model::{IncidentId, Ruling};
use crate::store::{IncidentQuery, Store, StoreError};

/// Lists incidents, newest first; with an id, shows its numbers and its timeline.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  vigie incidents\n  vigie incidents acme-20261124-0312 --json\n  vigie incidents false-alarm acme-20261124-0312 --note \"match day\"\n  vigie incidents mark --watch acme --from 2026-03-02T08:00:00Z --until 2026-03-04T20:00:00Z \"the boycott\""
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    config: ConfigArgument,
    /// An incident to show
    id: Option<String>,
    /// Only those that are not closed
    #[arg(long)]
    open: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

/// What people say. All of it works while the daemon runs, which heeds it at its next look.
#[derive(Debug, Subcommand)]
enum Command {
    /// Somebody takes charge of an incident: it was right to tell
    Acknowledge(verdict::Arguments),
    /// It should not have been told: closes it, and raises the threshold of its watch a little
    FalseAlarm(verdict::Arguments),
    /// It is over, whatever the numbers say
    Close(verdict::Arguments),
    /// Write something into the timeline
    Note(verdict::Arguments),
    /// Remember a crisis: `vigie replay` says which rule would have found it, and one that no incident
    /// told in time lowers the threshold of its watch a little
    Mark(marks::Mark),
    /// Forget a mark
    Unmark(marks::Unmark),
    /// List the marks
    Marks(marks::Marks),
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Exit {
    match &arguments.command {
        None => read(arguments, output),
        Some(Command::Acknowledge(said)) => verdict::run(said, Ruling::Acknowledged, output),
        Some(Command::FalseAlarm(said)) => verdict::run(said, Ruling::FalseAlarm, output),
        Some(Command::Close(said)) => verdict::run(said, Ruling::Closed, output),
        Some(Command::Note(said)) => verdict::run(said, Ruling::Note, output),
        Some(Command::Mark(mark)) => marks::mark(mark, output),
        Some(Command::Unmark(mark)) => marks::unmark(mark, output),
        Some(Command::Marks(marks)) => marks::list(marks, output),
    }
}

fn read(arguments: &Arguments, output: &mut Output) -> Exit {
    let Reading { store, runtime, .. } = match Reading::open(&arguments.config, output) {
        Ok(reading) => reading,
        Err(exit) => return exit,
    };
    let read = runtime.block_on(async {
        let Some(id) = arguments.id.clone().map(IncidentId) else {
            let query = IncidentQuery { open: arguments.open, ..IncidentQuery::default() };
            return Ok::<_, StoreError>((store.incidents(&query).await?, Vec::new()));
        };
        let incident = store.incident(&id).await?;
        Ok((incident.into_iter().collect(), store.timeline(&id).await?))
    });
    let (incidents, timeline) = match read {
        Ok(read) => read,
        Err(error) => return output.fail(store_exit(&error), error),
    };
    if arguments.json {
        for incident in &incidents {
            output.json(incident);
        }
        for entry in &timeline {
            output.json(entry);
        }
    } else if arguments.id.is_some() {
        for incident in &incidents {
            shown::show(incident, &timeline, output);
        }
    } else {
        shown::list(&incidents, output);
    }
    if incidents.is_empty() {
        output.say("no incident");
        return Exit::No;
    }
    Exit::Done
}
