//! A replay for people: incidents rule by rule, the rules side by side, and one sentence.

use jiff::{SignedDuration, Timestamp};

use super::marked::Marked;
use super::outcome::{Episode, Outcome};
use super::rules::Rule;
use crate::cli::output::Output;
use crate::model::{Sensitivity, WatchId};

/// Incidents listed for one rule; of the rest only the number is told.
const LISTED: usize = 30;

/// The replay of one watch under its rules.
pub(super) struct Report<'a> {
    pub watch: &'a WatchId,
    pub mentions: u64,
    pub since: Timestamp,
    pub until: Timestamp,
    pub sides: &'a [(Rule, Outcome)],
    pub marks: &'a [Marked],
}

impl Report<'_> {
    /// The whole report; the first rule is the present one.
    pub(super) fn show(&self, output: &mut Output) {
        output.data(format!(
            "{}: {} mentions heard from {} to {}",
            self.watch,
            self.mentions,
            day(self.since),
            day(self.until)
        ));
        for (number, (rule, outcome)) in self.shown().enumerate() {
            let present = if number == 0 { ", the present rule" } else { "" };
            let count = plural(outcome.episodes.len(), "incident");
            output.data(format!(
                "\n{}{present}: {count}, {:.1} mails a week",
                rule.name,
                self.weekly(outcome)
            ));
            episodes(outcome, output);
        }
        if self.shown().count() > 1 {
            self.side_by_side(output);
        }
        self.show_marks(output);
        output.data(format!("\n{}", self.sentence()));
    }

    pub(super) fn shown(&self) -> impl Iterator<Item = &(Rule, Outcome)> {
        self.sides.iter().filter(|(rule, _)| rule.shown)
    }

    fn time(&self) -> SignedDuration {
        self.until.duration_since(self.since)
    }

    fn weekly(&self, outcome: &Outcome) -> f64 {
        let weeks = self.time().as_secs_f64() / (7.0 * 86_400.0);
        // Less than a week is told as if it were one.
        outcome.mails as f64 / weeks.max(1.0)
    }

    fn side_by_side(&self, output: &mut Output) {
        let mut header = vec!["side by side"];
        header.extend(self.shown().map(|(rule, _)| rule.name.as_str()));
        let row = |name: &str, cell: &dyn Fn(&Outcome) -> String| {
            let mut row = vec![name.to_owned()];
            row.extend(self.shown().map(|(_, outcome)| cell(outcome)));
            row
        };
        let mut rows = vec![row("incidents", &|outcome| outcome.episodes.len().to_string())];
        for level in crate::model::Level::ALL {
            let peaked = |outcome: &Outcome| {
                outcome.episodes.iter().filter(|e| e.incident.peak == level).count().to_string()
            };
            rows.push(row(&format!("  peak {}", level.as_str()), &peaked));
        }
        rows.push(row("mails a week", &|outcome| format!("{:.1}", self.weekly(outcome))));
        if !self.marks.is_empty() {
            rows.push(row("marks found", &|outcome| self.found(outcome)));
        }
        output.data("");
        output.table(&header, rows);
    }

    /// What each word would have meant, and what the present one promises.
    pub(super) fn sentence(&self) -> String {
        let days = (self.time().as_secs_f64() / 86_400.0).round().max(1.0);
        let words = Sensitivity::ALL.into_iter().filter_map(|word| {
            let (rule, outcome) = self.sides.iter().find(|(rule, _)| rule.name == word.as_str())?;
            Some((rule.name.as_str(), outcome.episodes.len()))
        });
        let present = self.sides.first().map(|(rule, _)| rule);
        let present_name = present.map_or("", |rule| rule.name.as_str());
        let mut words: Vec<(&str, usize)> = words.collect();
        words.sort_by_key(|(name, _)| *name != present_name);
        let counts = words.iter().enumerate().map(|(at, (name, count))| match at {
            0 => format!("{} ({name})", plural(*count, "alert")),
            _ => format!("{count} ({name})"),
        });
        let counts: Vec<String> = counts.collect();
        let budget = present.map_or(0.0, |rule| rule.watch.sensitivity.budget());
        format!(
            "on your last {days:.0} days: {}; the budget of {present_name} is {budget} false alarms \
             a month",
            counts.join(", ")
        )
    }
}

fn episodes(outcome: &Outcome, output: &mut Output) {
    if outcome.episodes.is_empty() {
        return;
    }
    let row = |episode: &Episode| {
        let incident = &episode.incident;
        let length = incident.closed.map_or_else(
            || "still open".to_owned(),
            |closed| lasted(closed.duration_since(incident.opened).as_mins()),
        );
        vec![
            minute(incident.opened),
            episode.first.as_str().to_owned(),
            incident.peak.as_str().to_owned(),
            incident.closed.map_or_else(String::new, minute),
            length,
            format!("{:.0}", incident.worst.score),
        ]
    };
    let header = ["opened (UTC)", "as", "peak", "closed", "lasted", "score"];
    output.table(&header, outcome.episodes.iter().take(LISTED).map(row).collect());
    for episode in outcome.episodes.iter().take(LISTED) {
        output.data(format!("  {}  {}", minute(episode.incident.opened), episode.why));
    }
    if outcome.episodes.len() > LISTED {
        output.data(format!("  and {} more", outcome.episodes.len() - LISTED));
    }
}

fn plural(count: usize, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

pub(super) fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// Minutes as people say them.
pub(super) fn lasted(minutes: i64) -> String {
    match minutes {
        0..90 => format!("{minutes} min"),
        90..2_880 => format!("{} h", (minutes + 30) / 60),
        _ => format!("{} days", (minutes + 720) / 1440),
    }
}
