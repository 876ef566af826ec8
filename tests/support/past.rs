//! The past of a site: what its daemon decided, and what `vigie replay` decides about the same.

use serde_json::Value;
use vigie::model::{Event, Incident, Timestamp};
use vigie::store::sqlite::SqliteStore;
use vigie::store::{IncidentQuery, Store, TimelineEntry};

use super::daemon::Site;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// The incidents of a site, oldest first, with their timelines.
pub fn incidents(site: &Site) -> Vec<(Incident, Vec<TimelineEntry>)> {
    let Ok(store) = SqliteStore::open_reader(&site.state()) else { return Vec::new() };
    block_on(async {
        let mut found = Vec::new();
        for incident in store.incidents(&IncidentQuery::default()).await.unwrap() {
            let timeline = store.timeline(&incident.id).await.unwrap();
            found.push((incident, timeline));
        }
        found.reverse();
        found
    })
}

/// An event as the daemon and the replay both tell it: which, what, how bad, when.
pub type Line = (String, String, String, Timestamp);

/// What the daemon told, oldest first.
pub fn decided(incidents: &[(Incident, Vec<TimelineEntry>)]) -> Vec<Line> {
    let events = [Event::Opened, Event::Raised, Event::Fading, Event::Closed].map(Event::as_str);
    let mut lines: Vec<Line> = Vec::new();
    for (incident, timeline) in incidents {
        for entry in timeline.iter().filter(|entry| events.contains(&entry.what.as_str())) {
            let level = entry.level.unwrap().as_str().to_owned();
            lines.push((incident.id.to_string(), entry.what.clone(), level, entry.at));
        }
    }
    lines
}

/// What `vigie replay --json` says of it, and all that it says.
pub fn replayed(site: &Site) -> (Vec<Line>, Vec<Value>) {
    let output = site.run(&["replay", "--json"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let lines = String::from_utf8(output.stdout).unwrap();
    let events: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let field = |event: &Value, name: &str| event[name].as_str().unwrap().to_owned();
    let lines = events.iter().map(|event| {
        let at = field(event, "at").parse().unwrap();
        (field(event, "incident"), field(event, "event"), field(event, "level"), at)
    });
    (lines.collect(), events)
}
