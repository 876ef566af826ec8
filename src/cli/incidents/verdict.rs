//! A person's word about an incident.

use clap::Args;

use super::super::output::Output;
use super::super::reading::Writing;
use super::super::run::store_exit;
use super::super::{ConfigArgument, Exit};
use crate::incident::{Unjust, judged};
use crate::model::time::SystemClock;
use crate::model::{Clock, Incident, IncidentId, Matter, Ruling, Verdict, WatchId};
use crate::store::sqlite::SqliteStore;
use crate::store::{Store, StoreError, feedback};

/// Characters of a name and of a note: both stand in timelines and mails.
const NAME: usize = 80;
const NOTE: usize = 1000;

/// How often a verdict is given before a daemon that changes its incident each time is blamed.
const ATTEMPTS: usize = 20;

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
    if let Err(what) = sayable(arguments, ruling) {
        return output.fail(Exit::Usage, what);
    }
    let Writing { store, runtime, .. } = match Writing::open(&arguments.config, output) {
        Ok(writing) => writing,
        Err(exit) => return exit,
    };
    match runtime.block_on(give(&store, arguments, ruling)) {
        Ok(Given { incident, caution }) => {
            output.say(outcome(&incident, ruling, caution));
            Exit::Done
        }
        Err(Refusal::Unknown(id)) => {
            output.fail(Exit::No, format!("no incident `{id}`: `vigie incidents` lists them"))
        }
        Err(Refusal::Unjust(id, unjust)) => output.fail(Exit::No, format!("{id}: {unjust}")),
        Err(Refusal::Store(error @ StoreError::Refused(_))) => output.fail(Exit::No, error),
        Err(Refusal::Store(error)) => output.fail(store_exit(&error), error),
    }
}

/// Refuses words that are too long, or missing.
fn sayable(arguments: &Arguments, ruling: Ruling) -> Result<(), String> {
    let too_long = |text: &str, most: usize| text.chars().count() > most;
    if too_long(&arguments.by, NAME) || too_long(&arguments.note, NOTE) {
        return Err(format!("a name has at most {NAME} characters, a note at most {NOTE}"));
    }
    if arguments.by.trim().is_empty() {
        return Err("a timeline names who says it: add `--by \"your name\"`".to_owned());
    }
    if ruling == Ruling::Note && arguments.note.trim().is_empty() {
        return Err("there is nothing to note: add `--note \"…\"`".to_owned());
    }
    Ok(())
}

/// A verdict that was given: the incident after it, and what is added to the threshold then.
struct Given {
    incident: Incident,
    caution: f64,
}

/// Why none was given.
enum Refusal {
    Unknown(IncidentId),
    Unjust(IncidentId, Unjust),
    Store(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Refusal {
        Refusal::Store(error)
    }
}

/// Gives a verdict. A daemon that writes a new reading meanwhile only has it given again: what it
/// is about is judged as it is then.
async fn give(
    store: &SqliteStore,
    arguments: &Arguments,
    ruling: Ruling,
) -> Result<Given, Refusal> {
    let id = IncidentId(arguments.id.clone());
    let mut attempts = 0;
    loop {
        attempts += 1;
        let Some(before) = store.incident(&id).await? else { return Err(Refusal::Unknown(id)) };
        // A clock that was set back does not judge what has not happened yet.
        let at = SystemClock.now().max(before.changed);
        let after = match judged(&before, ruling, at) {
            Ok(after) => after,
            Err(unjust) => return Err(Refusal::Unjust(id, unjust)),
        };
        let verdict = Verdict {
            incident: id.clone(),
            watch: before.watch.clone(),
            matter: before.matter,
            at,
            ruling,
            by: arguments.by.trim().to_owned(),
            note: arguments.note.trim().to_owned(),
        };
        match store.judge(&before, &after, &verdict).await {
            Err(StoreError::Refused(_)) if attempts < ATTEMPTS => {}
            Err(error) => return Err(error.into()),
            Ok(()) => {
                let caution = feedback(store, &before.watch).await?.caution(at);
                return Ok(Given { incident: after, caution });
            }
        }
    }
}

fn outcome(incident: &Incident, ruling: Ruling, caution: f64) -> String {
    let id = &incident.id;
    match ruling {
        Ruling::FalseAlarm | Ruling::Acknowledged if incident.matter == Matter::BadBuzz => {
            format!("{id}: {}; {}", ruling.as_str(), stands(&incident.watch, caution))
        }
        _ => format!("{id}: {}", ruling.as_str()),
    }
}

/// Where the threshold of a watch stands after what people said.
pub(super) fn stands(watch: &WatchId, caution: f64) -> String {
    let way = if caution < 0.0 { "below" } else { "above" };
    format!("the threshold of {watch} is now {:.2} {way} its setting", caution.abs())
}
