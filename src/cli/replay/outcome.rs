//! What a rule would have told, gathered into incidents.

use serde::Serialize;

use crate::config::Recipient;
use crate::model::{Event, Incident, Level, Reading, Timestamp, Watch};
use crate::notify;
use crate::replay::Told;

/// One event as `--json` prints it; scripts depend on it.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    watch: &'a str,
    incident: &'a str,
    event: Event,
    level: Level,
    at: Timestamp,
    because: &'a Reading,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
}

impl<'a> Line<'a> {
    pub(super) fn new(told: &Told<'a>, rule: Option<&'a str>) -> Line<'a> {
        let incident = told.incident;
        Line {
            watch: incident.watch.as_str(),
            incident: &incident.id.0,
            event: told.event,
            level: incident.level,
            at: told.at,
            because: &incident.because,
            rule,
        }
    }
}

/// What became of one incident.
#[derive(Debug, Clone)]
pub(super) struct Episode {
    pub incident: Incident,
    /// The level at which it opened.
    pub first: Level,
    /// Why it opened, in a line.
    pub why: String,
}

/// What one rule would have told in the time asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcome {
    pub episodes: Vec<Episode>,
    /// Messages to all recipients together.
    pub mails: usize,
}

impl Outcome {
    /// Adds an event. An incident that opened before the time asked for is shown when it changes
    /// within it.
    pub(super) fn add(&mut self, told: &Told<'_>, watch: &Watch, recipients: &[Recipient]) {
        self.mails += mails(told, watch, recipients);
        let incident = told.incident;
        if let Some(known) = self.episodes.iter_mut().find(|e| e.incident.id == incident.id) {
            known.incident = incident.clone();
            return;
        }
        let why = told.reason.to_string();
        self.episodes.push(Episode { incident: incident.clone(), first: incident.level, why });
    }
}

/// How many mails an event is: as the plan sends them, or one where nobody is configured yet.
fn mails(told: &Told<'_>, watch: &Watch, recipients: &[Recipient]) -> usize {
    if watch.recipients.is_empty() || recipients.is_empty() {
        return usize::from(told.event != Event::Fading);
    }
    notify::plan(told.event, told.incident, watch, recipients).messages.len()
}
