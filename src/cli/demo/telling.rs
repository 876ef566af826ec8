//! What the demo tells while it runs, and what it says to look at.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::super::Exit;
use super::super::output::Output;
use super::story::Story;
use crate::daemon::Daemon;
use crate::model::{Clock, Event, Incident, Matter, Timestamp, Tone, WatchId};
use crate::store::{IncidentQuery, MentionQuery, Store};

/// How often the store is asked what is new.
const LOOK: Duration = Duration::from_millis(200);

/// Without a limit of the caller, the story gives up after this long.
const GIVE_UP: Duration = Duration::from_secs(120);

/// Tells the story until the limit, or until the person has seen enough (Ctrl-C).
pub(super) async fn tell(
    daemon: &Daemon,
    clock: &Arc<dyn Clock>,
    story: &Story,
    mut mails: mpsc::Receiver<PathBuf>,
    directory: &Path,
    limit: Option<Duration>,
    output: &mut Output,
) -> Exit {
    let Ok(watch) = WatchId::new("brindille") else { return Exit::Bug };
    output.say("vigie demo: a quiet week of the biscuit maker Brindille, then a bad buzz.");
    output.say(format!("metrics  http://{}/metrics\n", daemon.address()));
    let began = Instant::now();
    let mut narrator = Narrator { day: 0, turned: false, events: 0, told: None };
    let mut first_mail = None;
    loop {
        let mut arrived = None;
        let mut interrupted = false;
        tokio::select! {
            Some(path) = mails.recv() => arrived = Some(path),
            () = tokio::time::sleep(LOOK) => {}
            _ = tokio::signal::ctrl_c() => interrupted = true,
        }
        // The incident first: it was committed before its mail could leave.
        let truth = daemon.store();
        if let Err(error) = narrator.look(truth.as_ref(), &watch, clock.now(), story, output).await
        {
            return output.fail(Exit::Unusable, error);
        }
        if let Some(path) = arrived {
            output.say(format!(
                "  mail      {}\n            {}",
                narrator.subject(),
                path.display()
            ));
            if first_mail.is_none() {
                first_mail = Some(path);
                look(daemon, directory, began.elapsed(), output);
                if limit.is_none() {
                    output.say("\nThe story goes on; Ctrl-C ends it.\n");
                }
            }
        }
        // Without a limit the demo stays up for whoever looks around, once there is something.
        let over = match limit {
            Some(limit) => began.elapsed() >= limit,
            None => first_mail.is_none() && began.elapsed() >= GIVE_UP,
        };
        if over || interrupted {
            break;
        }
    }
    if first_mail.is_some() {
        output.say(format!("\neverything is kept in {}", directory.display()));
        return Exit::Done;
    }
    output.fail(Exit::No, "no mail arrived: this should not happen, please report it")
}

struct Narrator {
    day: i64,
    turned: bool,
    events: u32,
    told: Option<Incident>,
}

impl Narrator {
    /// The subject of the thread, as a mail reader shows it.
    fn subject(&self) -> &str {
        let known = self.told.as_ref().and_then(|incident| incident.subjects.first());
        known.map_or("(no subject)", |subject| subject.text.as_str())
    }

    async fn look(
        &mut self,
        store: &dyn Store,
        watch: &WatchId,
        now: Timestamp,
        tale: &Story,
        output: &mut Output,
    ) -> Result<(), crate::store::StoreError> {
        let since_turn = now.duration_since(tale.turn);
        let day = 8 + since_turn.as_hours().div_euclid(24);
        while self.day < day.min(8) {
            self.day += 1;
            if self.day > 1 {
                let until = at(tale, self.day - 8);
                let (all, negative) = counts(store, watch, at(tale, self.day - 9), until).await?;
                let share = 100 * negative / all.max(1);
                output.say(format!(
                    "  day {}     {all} mentions, {share} % negative: quiet",
                    self.day - 1
                ));
            }
        }
        if !self.turned && since_turn.is_positive() {
            self.turned = true;
            output.say("\n  Now: plastic in the biscuits. The first angry posts appear.\n");
        }
        let query = IncidentQuery {
            watch: Some(watch.clone()),
            matter: Some(Matter::BadBuzz),
            limit: 1,
            ..IncidentQuery::default()
        };
        if let Some(incident) = store.incidents(&query).await?.into_iter().next() {
            let new = self.told.as_ref().is_none_or(|told| told.id != incident.id);
            if new || incident.events > self.events {
                self.events = incident.events;
                let event = match (&self.told, incident.closed) {
                    (_, Some(_)) => Event::Closed,
                    (Some(told), None) if !new && told.level < incident.level => Event::Raised,
                    (Some(_), None) if !new => Event::Fading,
                    _ => Event::Opened,
                };
                output.say(line(&incident, event, since_turn.as_mins()));
                self.told = Some(incident);
            }
        }
        Ok(())
    }
}

fn at(story: &Story, days: i64) -> Timestamp {
    story.turn.saturating_add(jiff::SignedDuration::from_hours(24 * days)).unwrap_or(story.turn)
}

async fn counts(
    store: &dyn Store,
    watch: &WatchId,
    since: Timestamp,
    until: Timestamp,
) -> Result<(u64, u64), crate::store::StoreError> {
    let query = MentionQuery {
        watch: Some(watch.clone()),
        since: Some(since),
        until: Some(until),
        ..MentionQuery::default()
    };
    let all = store.count_mentions(&query).await?;
    let negative = MentionQuery { tone: Some(Tone::Negative), ..query };
    Ok((all, store.count_mentions(&negative).await?))
}

fn line(incident: &Incident, event: Event, minutes: i64) -> String {
    let r = &incident.because;
    format!(
        "  {:<9} {} — {} min after the first angry post: {:.0} negative mentions in {} min \
         (usual {:.1} to {:.1}), {:.0} % negative (usual {:.0} %), {:.0} authors, score {:.0}",
        event.as_str(),
        incident.level.as_str().to_uppercase(),
        minutes,
        r.observed,
        r.window_minutes,
        r.usual_low,
        r.usual_high,
        r.share * 100.0,
        r.usual_share * 100.0,
        r.authors,
        r.score
    )
}

fn look(daemon: &Daemon, directory: &Path, after: Duration, output: &mut Output) {
    let text = String::from_utf8(daemon.metrics().text()).unwrap_or_default();
    output.say(format!("\n{} seconds in. What to look at:", after.as_secs()));
    output
        .say(format!("  the mail      open {}/mails/01.eml in a mail reader", directory.display()));
    output.say(format!("  the metrics   curl http://{}/metrics, for instance:", daemon.address()));
    let shown =
        ["vigie_brand_crisis_level{", "vigie_brand_velocity_ratio{", "vigie_brand_negative_ratio{"];
    for line in text.lines().filter(|line| shown.iter().any(|start| line.starts_with(start))) {
        output.say(format!("                {line}"));
    }
    let config = directory.join("vigie.toml");
    output.say(format!(
        "  the mentions  vigie search -c {} 'plastique AND rappel'",
        config.display()
    ));
    output.say(format!("  the incident  vigie incidents -c {}", config.display()));
}
