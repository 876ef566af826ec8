//! One watch lived under its rules, over the time that was asked for.

use std::cell::RefCell;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::marked::Marked;
use super::outcome::{Line, Outcome};
use super::report::Report;
use super::rules::{Rule, Terms, rules};
use super::{Arguments, Setting};
use crate::cli::Exit;
use crate::cli::output::Output;
use crate::incident::Feedback;
use crate::model::time::SystemClock;
use crate::model::{Clock, Timestamp, Watch, WatchId};
use crate::query;
use crate::replay::{Audible, Heard, Hearing, Mark, Peak, Replay, Told};

/// A watch, and what each rule would have told.
pub(super) struct Side {
    watch: WatchId,
    sides: Vec<(Rule, Outcome)>,
    /// When the past begins.
    start: Timestamp,
    audible: Audible,
    since: Option<Timestamp>,
    until: Timestamp,
    /// What people said of the incidents of the time.
    pub feedback: Feedback,
    /// What the team remembers of it, with the peak that is looked for where nobody knows it.
    marks: Vec<(Mark, Option<Peak>)>,
    json: bool,
    /// Mentions heard in the time asked for.
    mentions: u64,
}

impl Side {
    /// Everything before the first mention; `end` is where the past ends unless it is said.
    pub(super) fn begin(
        setting: &Setting<'_>,
        watch: &Watch,
        start: Timestamp,
        audible: Audible,
        end: Timestamp,
        output: &mut Output,
    ) -> Result<Side, Exit> {
        let Arguments { since, until, json, .. } = setting.arguments;
        let mut edge = |text: &Option<String>, end: Timestamp| {
            let read = text.as_deref().map(|text| instant(text, end)).transpose();
            read.map_err(|error| output.fail(Exit::Usage, error))
        };
        let until = edge(until, SystemClock.now())?.unwrap_or(end);
        let since = edge(since, until)?;
        let terms = Terms::of(watch, setting.config, &setting.alerts);
        let again = setting.arguments.from.is_some();
        let rules = rules(watch, terms, (&setting.against, again), output);
        Ok(Side {
            watch: watch.id.clone(),
            sides: rules.into_iter().map(|rule| (rule, Outcome::default())).collect(),
            start,
            audible,
            since,
            until,
            feedback: Feedback::default(),
            marks: Vec::new(),
            json: *json,
            mentions: 0,
        })
    }

    /// Keeps the marks that are of this watch.
    pub(super) fn remember(&mut self, marks: Vec<Mark>) {
        let own = marks.into_iter().filter(|mark| mark.watch == self.watch);
        self.marks = own.map(|mark| (mark.clone(), Peak::of(&mark))).collect();
    }

    /// Lives the whole past under the rules that hear with these ears: mentions in the order in which
    /// they were heard, about `total` of them. The first ears are those of the present rule.
    pub(super) fn live(
        &mut self,
        heard: &mut dyn Iterator<Item = Heard>,
        total: u64,
        ears: usize,
        output: &mut Output,
    ) {
        let progress = output.progress(total, "mentions");
        let several = self.sides.iter().filter(|(rule, _)| rule.shown).count() > 1;
        let rules: Vec<Rule> = self.sides.iter().map(|(rule, _)| rule.clone()).collect();
        let feedback = self.feedback.clone();
        let (since, until, json) = (self.since, self.until, self.json);
        let within = |at: Timestamp| since.is_none_or(|since| at >= since);
        let sides = RefCell::new((&mut self.sides, output));
        let tell = |number: usize, told: &Told<'_>| {
            let (sides, output) = &mut *sides.borrow_mut();
            let Some((rule, outcome)) = sides.get_mut(number).filter(|_| within(told.at)) else {
                return;
            };
            outcome.add(told, &rule.watch, &rule.terms.recipients);
            if json && rule.shown {
                let line = Line::new(told, several.then_some(rule.name.as_str()));
                progress.suspend(|| output.json(&line));
            }
        };
        let mut groups = alike(&rules);
        groups.retain(|(terms, _)| terms.ears == ears);
        let mut replays = replays(groups, self.start, &self.audible, &feedback, &tell);
        for heard in heard.take_while(|heard| heard.at <= until) {
            if ears == 0 && heard.hearing != Hearing::Counted {
                self.mentions += u64::from(within(heard.at));
                self.marks.iter_mut().filter_map(|(_, peak)| peak.as_mut()).for_each(|peak| {
                    peak.hear(&heard.echo.signal);
                });
            }
            for replay in &mut replays {
                replay.hear(heard.clone());
            }
            progress.inc(1);
        }
        for replay in &mut replays {
            replay.finish(until);
        }
        progress.finish_and_clear();
    }

    /// Says what came of it: all of it to people, the sentence alone beside JSON.
    pub(super) fn report(&self, output: &mut Output) {
        let marks: Vec<Marked> = self.marks.iter().map(Marked::of).collect();
        let report = Report {
            watch: &self.watch,
            mentions: self.mentions,
            since: self.since.unwrap_or(self.start),
            until: self.until,
            sides: &self.sides,
            marks: &marks,
        };
        if self.json {
            report.print_marks(output);
            output.say(format!("{}: {}", self.watch, report.sentence()));
        } else {
            report.show(output);
        }
    }
}

/// One replay for the rules that share a detector; each is told with the number of its rule.
fn replays<'r>(
    groups: Vec<Alike<'r>>,
    start: Timestamp,
    audible: &Audible,
    feedback: &Feedback,
    tell: &'r impl Fn(usize, &Told<'_>),
) -> Vec<Replay<'r, impl FnMut(&Told<'_>)>> {
    let one = |(terms, members): Alike<'r>| {
        let course = terms.course(start, audible);
        let watches: Vec<&Watch> = members.iter().map(|(_, rule)| &rule.watch).collect();
        let tell = move |told: &Told<'_>| {
            if let Some((number, _)) = members.get(told.rule) {
                tell(*number, told);
            }
        };
        let mut replay = Replay::new(course, audible.clone(), watches, tell);
        replay.heed(feedback.clone());
        replay
    };
    groups.into_iter().map(one).collect()
}

/// Rules with their numbers, and the terms that all of them have.
type Alike<'a> = (&'a Arc<Terms>, Vec<(usize, &'a Rule)>);

/// The rules, those together that hear and know the same: they share a detector.
fn alike(rules: &[Rule]) -> Vec<Alike<'_>> {
    let mut groups: Vec<Alike<'_>> = Vec::new();
    for (number, rule) in rules.iter().enumerate() {
        match groups.iter_mut().find(|(terms, _)| Arc::ptr_eq(terms, &rule.terms)) {
            Some((_, members)) => members.push((number, rule)),
            None => groups.push((&rule.terms, vec![(number, rule)])),
        }
    }
    groups
}

/// Reads an instant, a day, or a length of time before the end.
fn instant(text: &str, end: Timestamp) -> Result<Timestamp, String> {
    let edge = query::edge(text, &TimeZone::system());
    edge.map(|edge| edge.resolve(end)).ok_or_else(|| {
        format!("`{text}` is no time: write 2026-11-24, 2026-11-24T03:12:00Z or 90d")
    })
}
