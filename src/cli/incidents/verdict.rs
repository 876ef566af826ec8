//! A person's word about an incident.

use clap::Args;

use super::super::output::Output;
use super::super::reading::Writing;
use super::super::run::store_exit;
use super::super::{ConfigArgument, Exit};
use crate::incident::{Feedback, judged};
use crate::model::time::SystemClock;
use crate::model::{Clock, Incident, IncidentId, Matter, Ruling, Timestamp, Verdict};
use crate::store::{Store, StoreError};

/// Characters of a name and of a note: both stand in timelines and mails.
const NAME: usize = 80;
const NOTE: usize = 1000;

/// Which incident, who says so, and why.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// The incident, as mails and `vigie incidents` name it
    id: String,
    /// Who says so
    #[arg(long, env = "USER", default_value = "")]
    by: String,
    /// In your own words
    #[arg(long, default_value = "")]
    note: String,
}

pub(super) fn run(arguments: &Arguments, ruling: Ruling, output: &mut Output) -> Exit {
    let too_long = |text: &str, most: usize| text.chars().count() > most;
    if too_long(&arguments.by, NAME) || too_long(&arguments.note, NOTE) {
        let what = format!("a name has at most {NAME} characters, a note at most {NOTE}");
        return output.fail(Exit::Usage, what);
    }
    if ruling == Ruling::Note && arguments.note.is_empty() {
        return output.fail(Exit::Usage, "there is nothing to note: add `--note \"…\"`");
    }
    let Writing { store, runtime, .. } = match Writing::open(&arguments.config, output) {
        Ok(writing) => writing,
        Err(exit) => return exit,
    };
    let id = IncidentId(arguments.id.clone());
    let before = match runtime.block_on(store.incident(&id)) {
        Ok(Some(before)) => before,
        Ok(None) => {
            let what = format!("no incident `{id}`: `vigie incidents` lists them");
            return output.fail(Exit::No, what);
        }
        Err(error) => return output.fail(store_exit(&error), error),
    };
    let now = SystemClock.now();
    let after = match judged(&before, ruling, now) {
        Ok(after) => after,
        Err(unjust) => return output.fail(Exit::No, format!("{id}: {unjust}")),
    };
    let verdict = Verdict {
        incident: id,
        watch: before.watch.clone(),
        matter: before.matter,
        at: now,
        ruling,
        by: arguments.by.trim().to_owned(),
        note: arguments.note.trim().to_owned(),
    };
    let judge = async {
        store.judge(&before, &after, &verdict).await?;
        store.verdicts(&before.watch).await
    };
    match runtime.block_on(judge) {
        Ok(verdicts) => {
            output.say(outcome(&after, ruling, verdicts, now));
            Exit::Done
        }
        Err(error @ StoreError::Refused(_)) => output.fail(Exit::No, error),
        Err(error) => output.fail(store_exit(&error), error),
    }
}

fn outcome(incident: &Incident, ruling: Ruling, verdicts: Vec<Verdict>, now: Timestamp) -> String {
    let caution = Feedback::new(verdicts).caution(now);
    let id = &incident.id;
    match ruling {
        Ruling::FalseAlarm | Ruling::Acknowledged if incident.matter == Matter::BadBuzz => format!(
            "{id}: {}; the threshold of {} is now {caution:.2} above its setting",
            ruling.as_str(),
            incident.watch
        ),
        _ => format!("{id}: {}", ruling.as_str()),
    }
}
