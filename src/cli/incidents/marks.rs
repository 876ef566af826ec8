//! Crises that a team remembers: what `vigie replay` is held against.

use clap::Args;

use super::super::output::Output;
use super::super::reading::{Reading, Writing};
use super::super::run::store_exit;
use super::super::{ConfigArgument, Exit};
use super::verdict::stands;
use crate::model::time::SystemClock;
use crate::model::{Clock, Timestamp, WatchId};
use crate::notify::words;
use crate::replay;
use crate::store::{Store, StoreError, feedback};

/// Characters of a name.
const NAME: usize = 80;

/// A crisis of the past.
#[derive(Debug, Args)]
pub(super) struct Mark {
    #[command(flatten)]
    config: ConfigArgument,
    /// Whose crisis it was
    #[arg(long)]
    watch: String,
    /// When it began: 2026-03-02T08:00:00Z
    #[arg(long, alias = "at")]
    from: Timestamp,
    /// When it was at its worst
    #[arg(long)]
    peak: Option<Timestamp>,
    /// When it was over; a replay then looks for the peak between the two unless it is told
    #[arg(long)]
    until: Option<Timestamp>,
    /// What the team calls it
    name: Option<String>,
}

/// Which mark to forget.
#[derive(Debug, Args)]
pub(super) struct Unmark {
    #[command(flatten)]
    config: ConfigArgument,
    /// Whose crisis it was
    #[arg(long)]
    watch: String,
    /// When it began, as `vigie incidents marks` lists it
    #[arg(long, alias = "at")]
    from: Timestamp,
}

/// The marks there are.
#[derive(Debug, Args)]
pub(super) struct Marks {
    #[command(flatten)]
    config: ConfigArgument,
    /// One JSON object a line, as `vigie replay --marks` reads them
    #[arg(long)]
    json: bool,
}

pub(super) fn mark(arguments: &Mark, output: &mut Output) -> Exit {
    let name = arguments.name.as_deref().map(str::trim);
    if name.is_some_and(|name| name.is_empty() || name.chars().count() > NAME) {
        let what = format!("a name has 1 to {NAME} characters; a crisis may also have none");
        return output.fail(Exit::Usage, what);
    }
    let now = SystemClock.now();
    if arguments.from > now {
        let what = "what is to come is planned: declare it as an `[[event]]`";
        return output.fail(Exit::Usage, what);
    }
    let writing = match Writing::open(&arguments.config, output) {
        Ok(writing) => writing,
        Err(exit) => return exit,
    };
    let watch = match writing.watch(&arguments.watch, output) {
        Ok(watch) => watch,
        Err(exit) => return exit,
    };
    let mark = replay::Mark {
        watch,
        at: arguments.from,
        peak: arguments.peak,
        until: arguments.until,
        said: Some(now),
        name: name.unwrap_or_default().to_owned(),
    };
    if let Err(unmarkable) = mark.check() {
        return output.fail(Exit::Usage, unmarkable);
    }
    let marked = writing.runtime.block_on(async {
        let before = feedback(&writing.store, &mark.watch).await?.caution(now);
        writing.store.mark(&mark).await?;
        let after = feedback(&writing.store, &mark.watch).await?.caution(now);
        Ok((before, after))
    });
    let watch = &mark.watch;
    let replay = format!("`vigie replay --watch {watch}` tells what finds it");
    let told = marked.map(|(before, after)| {
        let moved = words::moved(after - before);
        let missed = format!("no incident told it in time: {}", stands(watch, after));
        if moved { format!("marked; {missed}; {replay}") } else { format!("marked; {replay}") }
    });
    done(told, output)
}

pub(super) fn unmark(arguments: &Unmark, output: &mut Output) -> Exit {
    let writing = match Writing::open(&arguments.config, output) {
        Ok(writing) => writing,
        Err(exit) => return exit,
    };
    // A watch that is configured no more may still have marks.
    let watch = match WatchId::new(&arguments.watch) {
        Ok(watch) => watch,
        Err(error) => return output.fail(Exit::Usage, error),
    };
    match writing.runtime.block_on(writing.store.unmark(&watch, arguments.from)) {
        Ok(false) => {
            let what = format!("no mark of {watch} from {}", arguments.from);
            output.fail(Exit::No, what)
        }
        other => done(other.map(|_| "forgotten".to_owned()), output),
    }
}

fn done(outcome: Result<String, StoreError>, output: &mut Output) -> Exit {
    match outcome {
        Ok(told) => {
            output.say(told);
            Exit::Done
        }
        Err(error) => output.fail(store_exit(&error), error),
    }
}

pub(super) fn list(arguments: &Marks, output: &mut Output) -> Exit {
    let Reading { store, runtime, .. } = match Reading::open(&arguments.config, output) {
        Ok(reading) => reading,
        Err(exit) => return exit,
    };
    let marks = match runtime.block_on(store.marks()) {
        Ok(marks) => marks,
        Err(error) => return output.fail(store_exit(&error), error),
    };
    if marks.is_empty() {
        output.say("no mark");
        return Exit::No;
    }
    if arguments.json {
        for mark in &marks {
            output.json(mark);
        }
        return Exit::Done;
    }
    let rows = marks.iter().map(|mark| {
        let known = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        let (peak, until) = (known(mark.peak), known(mark.until));
        vec![mark.watch.to_string(), mark.at.to_string(), peak, until, mark.name.clone()]
    });
    output.table(&["watch", "began", "peak", "over", "name"], rows.collect());
    Exit::Done
}
