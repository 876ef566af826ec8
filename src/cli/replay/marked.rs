//! Which rule found the crises that a team remembers, and how early.

use serde::Serialize;

use super::outcome::{Episode, Outcome};
use super::report::{Report, day, lasted};
use crate::cli::output::Output;
use crate::replay::{Caught, Mark, Peak, caught};

/// A mark with its peak.
pub(super) struct Marked {
    mark: Mark,
    /// The peak is the hour with most negatives, since nobody said when it was.
    counted: bool,
}

/// One mark under one rule as `--json` prints it; scripts depend on it.
#[derive(Serialize)]
struct Line<'a> {
    watch: &'a str,
    mark: &'a Mark,
    rule: &'a str,
    /// `null` for one that was missed.
    caught: Option<Caught>,
}

impl Marked {
    pub(super) fn of((mark, looked_for): &(Mark, Option<Peak>)) -> Marked {
        let found = looked_for.as_ref().and_then(Peak::found);
        let mark = Mark { peak: mark.peak.or(found), ..mark.clone() };
        Marked { mark, counted: found.is_some() }
    }

    /// As the team calls it, or else its day.
    fn name(&self) -> String {
        if self.mark.name.is_empty() { day(self.mark.at) } else { self.mark.name.clone() }
    }
}

impl Report<'_> {
    pub(super) fn show_marks(&self, output: &mut Output) {
        if self.marks.is_empty() {
            return;
        }
        let mut rows = Vec::new();
        for marked in self.marks {
            for (rule, outcome) in self.shown() {
                rows.push(vec![marked.name(), rule.name.clone(), outcome.verdict(marked)]);
            }
        }
        output.data("");
        output.table(&["mark", "rule", "found"], rows);
    }

    pub(super) fn print_marks(&self, output: &mut Output) {
        for Marked { mark, .. } in self.marks {
            for (rule, outcome) in self.shown() {
                let (watch, rule) = (mark.watch.as_str(), rule.name.as_str());
                output.json(&Line { watch, mark, rule, caught: outcome.caught(mark) });
            }
        }
    }

    /// How many of the marks an outcome has found.
    pub(super) fn found(&self, outcome: &Outcome) -> String {
        let found = self.marks.iter().filter(|marked| outcome.caught(&marked.mark).is_some());
        format!("{} of {}", found.count(), self.marks.len())
    }
}

impl Outcome {
    fn caught(&self, mark: &Mark) -> Option<Caught> {
        let span = |e: &Episode| (e.incident.opened, e.incident.closed);
        caught(mark, &self.episodes.iter().map(span).collect::<Vec<_>>())
    }

    fn verdict(&self, marked: &Marked) -> String {
        let Some(found) = self.caught(&marked.mark) else { return "missed".to_owned() };
        let onset = match found.after_onset {
            early if early < 0 => format!("{} before its beginning", lasted(-early)),
            late => format!("{} after its beginning", lasted(late)),
        };
        let peak = if marked.counted { "fullest hour" } else { "peak" };
        match found.before_peak {
            None => onset,
            Some(lead) if lead < 0 => format!("{onset}, {} after its {peak}", lasted(-lead)),
            Some(lead) => format!("{onset}, {} before its {peak}", lasted(lead)),
        }
    }
}
