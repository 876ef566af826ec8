//! Incidents as people read them: a table, and the numbers and the timeline of one.

use jiff::tz::TimeZone;

use super::super::output::Output;
use crate::model::incident::Severity;
use crate::model::{Incident, Lang, Matter, Reading, Risk};
use crate::notify::words;
use crate::store::TimelineEntry;

pub(super) fn list(incidents: &[Incident], output: &mut Output) {
    let rows = incidents.iter().map(|incident| {
        vec![
            incident.id.to_string(),
            incident.peak.as_str().to_owned(),
            grave(&incident.severity),
            state(incident),
            incident.opened.strftime("%Y-%m-%d %H:%M UTC").to_string(),
            lasted(incident),
            told(incident),
        ]
    });
    let header = ["incident", "level", "severity", "state", "opened", "lasted", "at its worst"];
    output.table(&header, rows.collect());
}

fn grave(severity: &Severity) -> String {
    if severity.value == 0 { "–".to_owned() } else { format!("{} of 5", severity.value) }
}

fn state(incident: &Incident) -> String {
    let state = incident.state.as_str();
    if incident.false_alarm { format!("{state}, false alarm") } else { state.to_owned() }
}

fn lasted(incident: &Incident) -> String {
    let Some(closed) = incident.closed else { return "so far".to_owned() };
    let minutes = closed.duration_since(incident.opened).as_mins();
    format!("{} h {:02}", minutes / 60, minutes % 60)
}

/// What it is about, in a line.
fn told(incident: &Incident) -> String {
    let Reading { volume, audible, .. } = &incident.worst;
    match incident.matter {
        Matter::BadBuzz => {
            let r = &incident.worst;
            let (minutes, share) = (r.window_minutes, r.share * 100.0);
            format!("{:.0} in {minutes} min, ×{:.0}, {share:.0} %", r.observed, r.factor())
        }
        Matter::Surge | Matter::Silence => {
            let minutes = volume.window_minutes;
            format!("{:.0} of any tone in {minutes} min, ×{:.1}", volume.observed, volume.factor())
        }
        Matter::Blind => format!("{:.0} % can be heard", audible * 100.0),
    }
}

pub(super) fn show(incident: &Incident, timeline: &[TimelineEntry], output: &mut Output) {
    output.data(format!(
        "{}: {} at its worst, {}",
        incident.id,
        incident.peak.as_str(),
        state(incident)
    ));
    // The words of the mails, in the language of the logs.
    let words = words::of(Lang::EN);
    if incident.severity.value > 0 {
        output.data(format!("  severity      {}", words.severity(&incident.severity)));
    }
    if let Some(former) = &incident.former {
        output.data(format!("  before        {}", words.former(former, &TimeZone::UTC)));
    }
    match incident.matter {
        Matter::BadBuzz => negatives(incident, output),
        Matter::Surge | Matter::Silence => volume(incident, output),
        Matter::Blind => {
            let percent = incident.worst.audible * 100.0;
            output.data(format!("  heard         {percent:.0} % of the usual volume"));
            output.data(format!("  unheard       {}", words.unheard(&incident.unheard)));
        }
    }
    for risk in &incident.worst.risks {
        output.data(format!("  risk          {}", words.risk(risk)));
        let seqs: Vec<String> = Risk::seqs(risk).iter().map(ToString::to_string).collect();
        output.data(format!("                mentions {}", seqs.join(", ")));
    }
    for planned in &incident.worst.planned {
        output.data(format!("  planned       {} until {}", planned.name, planned.until));
    }
    output.data("");
    for entry in timeline {
        let at = entry.at.strftime("%Y-%m-%d %H:%M:%S");
        output.data(format!("  {at}  {:<12}  {}", entry.what, entry.detail));
    }
}

fn negatives(incident: &Incident, output: &mut Output) {
    let r = &incident.worst;
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
    output.data(format!("  score         {:.0} of 100", r.score));
    if words::moved(incident.caution) {
        let Incident { caution, heeded, .. } = incident;
        let heeded = words::of(Lang::EN).heeded(*caution, heeded, &TimeZone::UTC);
        output.data(format!("  threshold     that of the setting, and {heeded}"));
    }
}

fn volume(incident: &Incident, output: &mut Output) {
    let v = &incident.worst.volume;
    output.data(format!(
        "  observed      {:.1} mentions in {} min, {:.1} of them positive",
        v.observed, v.window_minutes, v.positive
    ));
    output.data(format!(
        "  expected      {:.1} (usual {:.0} to {:.0}), so ×{:.1}",
        v.expected,
        v.usual_low,
        v.usual_high,
        v.factor()
    ));
}
