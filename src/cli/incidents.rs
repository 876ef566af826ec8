//! `vigie incidents`: what happened, and the timeline of one.

use clap::Args;

use super::output::Output;
use super::reading::Reading;
use super::run::store_exit;
use super::{ConfigArgument, Exit};
use crate::model::{Incident, IncidentId};
use crate::store::{IncidentQuery, Store, StoreError, TimelineEntry};

/// Lists incidents, newest first; with an id, shows its numbers and its timeline.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  vigie incidents\n  vigie incidents acme-20261124-0312 --json")]
pub(crate) struct Arguments {
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

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Exit {
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
            show(incident, &timeline, output);
        }
    } else {
        list(&incidents, output);
    }
    if incidents.is_empty() {
        output.say("no incident");
        return Exit::No;
    }
    Exit::Done
}

fn list(incidents: &[Incident], output: &mut Output) {
    let rows = incidents.iter().map(|incident| {
        let worst = &incident.worst;
        vec![
            incident.id.to_string(),
            incident.peak.as_str().to_owned(),
            incident.state.as_str().to_owned(),
            incident.opened.strftime("%Y-%m-%d %H:%M UTC").to_string(),
            format!("{:.0} in {} min", worst.observed, worst.window_minutes),
            format!("×{:.0}", worst.factor()),
            format!("{:.0} %", worst.share * 100.0),
        ]
    });
    let header = ["incident", "level", "state", "opened", "negative", "usual", "share"];
    output.table(&header, rows.collect());
}

fn show(incident: &Incident, timeline: &[TimelineEntry], output: &mut Output) {
    let r = &incident.worst;
    output.data(format!(
        "{}: {} at its worst, {}",
        incident.id,
        incident.peak.as_str(),
        incident.state.as_str()
    ));
    output.data(format!(
        "  observed      {:.1} negative mentions in {} min, by {:.0} authors",
        r.observed, r.window_minutes, r.authors
    ));
    output.data(format!(
        "  expected      {:.1} (usual {:.0} to {:.0}), so ×{:.1}",
        r.expected,
        r.usual_low,
        r.usual_high,
        r.factor()
    ));
    output.data(format!(
        "  negative      {:.0} % (usual {:.0} %)",
        r.share * 100.0,
        r.usual_share * 100.0
    ));
    output.data(format!("  copies        {:.0} %", r.copies * 100.0));
    output.data(format!("  surprise      {:.2}", r.surprise));
    for term in &r.terms {
        output.data(format!("    {:<12}{:+.1}", term.name, term.value));
    }
    output.data(format!("  score         {:.0} of 100\n", r.score));
    for entry in timeline {
        let at = entry.at.strftime("%Y-%m-%d %H:%M:%S");
        output.data(format!("  {at}  {:<8}  {}", entry.what, entry.detail));
    }
}
