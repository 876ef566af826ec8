//! `[[event]]`: what is planned, and for which watches.

use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use toml::Spanned;
use toml::de::DeValue;

use super::table::{At, Place, Problems, TableReader};
use crate::calendar::{Every, PlannedEvent};
use crate::model::{Timestamp, WatchId};
use crate::text::nearest::nearest;

/// What a campaign brings when nobody says how much: three times the usual volume.
const FACTOR: f64 = 3.0;

/// An event, and where its watches were written.
pub(super) struct EventEntry {
    pub event: PlannedEvent,
    pub watches: Option<Vec<At<String>>>,
}

/// What a moment means: `until = 2026-12-03` is the end of that day, `from` its beginning.
#[derive(Clone, Copy)]
enum Edge {
    From,
    Until,
}

pub(super) fn event(
    value: Spanned<DeValue<'_>>,
    file: usize,
    problems: &mut Problems,
) -> Option<At<EventEntry>> {
    let mut table = TableReader::new(value, file, problems)?;
    let name = table.required_text("name").map(|name| name.value);
    let from = moment(&mut table, "from", Edge::From);
    let until = moment(&mut table, "until", Edge::Until);
    let watches = table.has("watches").then(|| table.texts("watches"));
    let factor =
        table.number("factor", 0.0..=100.0).and_then(|factor| positive(&factor, &mut table));
    let every = every(&mut table);
    let place = table.place.clone();
    table.finish();
    let (name, from, until) = (name?, from?, until?);
    order(&from, &until, every, problems)?;
    let event = PlannedEvent {
        name,
        from: from.value,
        until: until.value,
        watches: None,
        factor: factor.unwrap_or(FACTOR),
        every,
    };
    Some(At { value: EventEntry { event, watches }, place })
}

/// The events with the watches that they name, which have to be there.
pub(super) fn known_watches(
    events: Vec<At<EventEntry>>,
    known: &[&str],
    problems: &mut Problems,
) -> Vec<PlannedEvent> {
    let mut checked = Vec::with_capacity(events.len());
    for EventEntry { event, watches } in events.into_iter().map(|event| event.value) {
        for named in watches.iter().flatten().filter(|named| !known.contains(&named.value.as_str()))
        {
            let help = match nearest(&named.value, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known: {}; without `watches` it is for all", known.join(", ")),
            };
            let title = format!("there is no watch `{}`", named.value);
            problems.error(&named.place, title, "unknown", &help);
        }
        let ids = watches.map(|watches| {
            watches.iter().filter_map(|named| WatchId::new(&named.value).ok()).collect()
        });
        checked.push(PlannedEvent { watches: ids, ..event });
    }
    checked
}

/// A local date or time, written as TOML's own or as a text.
fn moment(table: &mut TableReader<'_, '_>, key: &'static str, edge: Edge) -> Option<At<DateTime>> {
    if !table.has(key) {
        table.missing(key, "2026-12-01");
    }
    let value = table.take(key)?;
    let place = Place { file: table.place.file, span: value.span() };
    let text = match value.get_ref() {
        DeValue::Datetime(moment) => moment.to_string(),
        DeValue::String(text) => text.trim().to_owned(),
        other => format!("a value of type {}", other.type_str()),
    };
    if Timestamp::from_str(&text).is_ok() {
        let title = format!("`{key}` is on the clock of the watch and takes no offset");
        let help = "leave the offset or the `Z` out: 2026-12-01T08:00:00";
        table.problems().error(&place, title, "has an offset", help);
        return None;
    }
    let value = match (Date::from_str(&text), edge) {
        // A text with a time is read as a date too, so its length tells them apart.
        (Ok(day), Edge::From) if text.len() <= 10 => {
            Some(day.to_datetime(jiff::civil::Time::midnight()))
        }
        (Ok(day), Edge::Until) if text.len() <= 10 => {
            day.to_datetime(jiff::civil::Time::midnight()).checked_add(1.day()).ok()
        }
        _ => DateTime::from_str(&text).ok(),
    };
    if value.is_none() {
        let title = format!("`{key}` is neither a date nor a time: {text}");
        let help = "write 2026-12-01 for whole days, or 2026-12-01T08:00:00";
        table.problems().error(&place, title, "not a date", help);
    }
    Some(At { value: value?, place })
}

fn positive(factor: &At<f64>, table: &mut TableReader<'_, '_>) -> Option<f64> {
    if factor.value >= 0.01 {
        return Some(factor.value);
    }
    let title = "an event of no mentions at all cannot be told from sources that are down";
    let help = "write how many times the usual volume is left, 0.01 at the least: 0.1";
    table.problems().error(&factor.place, title, "too small", help);
    None
}

fn every(table: &mut TableReader<'_, '_>) -> Option<Every> {
    let word = table.text("every")?;
    let known = Every::ALL.into_iter().find(|every| every.as_str() == word.value);
    if known.is_none() {
        let title = format!("an event cannot come back every `{}`", word.value);
        let help = "write \"week\" or \"year\", or leave it out for one that comes once";
        table.problems().error(&word.place, title, "unknown", help);
    }
    known
}

/// Until is after from, and over before the next one begins.
fn order(
    from: &At<DateTime>,
    until: &At<DateTime>,
    every: Option<Every>,
    problems: &mut Problems,
) -> Option<()> {
    if until.value <= from.value {
        let title = format!("the event ends at {} and begins at {}", until.value, from.value);
        let help = "`until` comes after `from`; a date alone is the whole day";
        problems.error(&until.place, title, "over before it begins", help);
        return None;
    }
    let next = every.and_then(|every| every.after(from.value));
    if let Some(next) = next.filter(|next| until.value > *next) {
        let title = format!("the event still lasts when the next one begins at {next}");
        let help = "end it earlier, or leave `every` out";
        problems.error(&until.place, title, "too long to come back", help);
        return None;
    }
    Some(())
}
