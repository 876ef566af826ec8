//! One watch lived under its rules, over the time that was asked for.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::marked::Marked;
use super::outcome::{Line, Outcome};
use super::report::Report;
use super::rules::{Rule, rules};
use super::{Arguments, Setting};
use crate::calendar::Plan;
use crate::cli::Exit;
use crate::cli::output::Output;
use crate::config::Recipient;
use crate::incident::Feedback;
use crate::model::time::SystemClock;
use crate::model::{Clock, Timestamp, Watch, WatchId};
use crate::query;
use crate::replay::{Audible, Course, Heard, Hearing, Mark, Peak, Replay, Told};

/// A watch, and what each rule would have told.
pub(super) struct Side<'a> {
    watch: WatchId,
    sides: Vec<(Rule, Outcome)>,
    course: Course,
    audible: Audible,
    since: Option<Timestamp>,
    until: Timestamp,
    /// What people said of the incidents of the time.
    pub feedback: Feedback,
    /// What the team remembers of it, with the peak that is looked for where nobody knows it.
    marks: Vec<(Mark, Option<Peak>)>,
    recipients: &'a [Recipient],
    json: bool,
    /// Mentions heard in the time asked for.
    mentions: u64,
}

impl<'a> Side<'a> {
    /// Everything before the first mention; `end` is where the past ends unless it is said.
    pub(super) fn begin(
        setting: &Setting<'a>,
        watch: &Watch,
        start: Timestamp,
        audible: Audible,
        end: Timestamp,
        output: &mut Output,
    ) -> Result<Side<'a>, Exit> {
        let Arguments { since, until, json, .. } = setting.arguments;
        let mut edge = |text: &Option<String>, end: Timestamp| {
            let read = text.as_deref().map(|text| instant(text, end)).transpose();
            read.map_err(|error| output.fail(Exit::Usage, error))
        };
        let until = edge(until, SystemClock.now())?.unwrap_or(end);
        let since = edge(since, until)?;
        let rules = rules(watch, &setting.against, output);
        let events = setting.config.map_or(&[][..], |config| &config.events);
        // Checked by the configuration; UTC if the machine lost its zone database since.
        let zone = TimeZone::get(&watch.timezone).unwrap_or(TimeZone::UTC);
        let mut course = Course::begin(zone, start, &audible);
        course.follow(Plan::of(events, &watch.id), Arc::clone(&setting.alerts));
        Ok(Side {
            watch: watch.id.clone(),
            sides: rules.into_iter().map(|rule| (rule, Outcome::default())).collect(),
            course,
            audible,
            since,
            until,
            feedback: Feedback::default(),
            marks: Vec::new(),
            recipients: setting.config.map_or(&[][..], |config| &config.recipients),
            json: *json,
            mentions: 0,
        })
    }

    /// Keeps the marks that are of this watch.
    pub(super) fn remember(&mut self, marks: Vec<Mark>) {
        let own = marks.into_iter().filter(|mark| mark.watch == self.watch);
        self.marks = own.map(|mark| (mark.clone(), Peak::of(&mark))).collect();
    }

    /// Lives the whole past: mentions in the order in which they were heard, about `total` of them.
    pub(super) fn live(
        &mut self,
        heard: &mut dyn Iterator<Item = Heard>,
        total: u64,
        output: &mut Output,
    ) {
        let progress = output.progress(total, "mentions");
        let several = self.sides.iter().filter(|(rule, _)| rule.shown).count() > 1;
        let watches: Vec<Watch> = self.sides.iter().map(|(rule, _)| rule.watch.clone()).collect();
        let (course, audible) = (self.course.clone(), self.audible.clone());
        let feedback = std::mem::take(&mut self.feedback);
        let (since, until, json) = (self.since, self.until, self.json);
        let (sides, recipients) = (&mut self.sides, self.recipients);
        let within = |at: Timestamp| since.is_none_or(|since| at >= since);
        let tell = |told: &Told<'_>| {
            let Some((rule, outcome)) = sides.get_mut(told.rule).filter(|_| within(told.at)) else {
                return;
            };
            outcome.add(told, &rule.watch, recipients);
            if json && rule.shown {
                let line = Line::new(told, several.then_some(rule.name.as_str()));
                progress.suspend(|| output.json(&line));
            }
        };
        let mut replay = Replay::new(course, audible, &watches, tell);
        replay.heed(feedback);
        for heard in heard.take_while(|heard| heard.at <= until) {
            if heard.hearing != Hearing::Counted {
                self.mentions += u64::from(within(heard.at));
                self.marks.iter_mut().filter_map(|(_, peak)| peak.as_mut()).for_each(|peak| {
                    peak.hear(&heard.echo.signal);
                });
            }
            replay.hear(heard);
            progress.inc(1);
        }
        replay.finish(until);
        progress.finish_and_clear();
    }

    /// Says what came of it: all of it to people, the sentence alone beside JSON.
    pub(super) fn report(&self, output: &mut Output) {
        let marks: Vec<Marked> = self.marks.iter().map(Marked::of).collect();
        let report = Report {
            watch: &self.watch,
            mentions: self.mentions,
            since: self.since.unwrap_or(self.course.at),
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

/// Reads an instant, a day, or a length of time before the end.
fn instant(text: &str, end: Timestamp) -> Result<Timestamp, String> {
    let edge = query::edge(text, &TimeZone::system());
    edge.map(|edge| edge.resolve(end)).ok_or_else(|| {
        format!("`{text}` is no time: write 2026-11-24, 2026-11-24T03:12:00Z or 90d")
    })
}
