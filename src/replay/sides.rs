//! A past lived under several rules at once: one detector, each rule its own incidents.

use jiff::Timestamp;

use super::audible::Audible;
use super::course::{Course, Heard};
use crate::incident::{self, Feedback, Latest, Reason, Rule};
use crate::model::{Event, Incident, Reading, Watch};

/// What a rule would have told.
#[derive(Debug, Clone, PartialEq)]
pub struct Told<'a> {
    /// Which of the rules.
    pub rule: usize,
    pub event: Event,
    pub at: Timestamp,
    /// As it is after the event.
    pub incident: &'a Incident,
    pub reason: Reason,
}

/// One past of one watch. Hearing is cheap to hold up: it keeps what is heard at one instant only.
pub struct Replay<'w, F> {
    course: Course,
    audible: Audible,
    rules: Vec<(&'w Watch, Latest)>,
    /// What people said at the time: it moved the thresholds then.
    feedback: Feedback,
    together: Vec<Heard>,
    tell: F,
}

impl<'w, F: FnMut(&Told<'_>)> Replay<'w, F> {
    /// The watch as each rule has it: they may differ in what they decide, not in what they hear.
    /// Whatever a rule would have told goes to `tell`, in order of time.
    pub fn new(
        course: Course,
        audible: Audible,
        rules: impl IntoIterator<Item = &'w Watch>,
        tell: F,
    ) -> Replay<'w, F> {
        let rules = rules.into_iter().map(|watch| (watch, Latest::default())).collect();
        let feedback = Feedback::default();
        Replay { course, audible, rules, feedback, together: Vec::new(), tell }
    }

    /// Heeds what people said of the incidents of the time.
    pub fn heed(&mut self, feedback: Feedback) {
        self.feedback = feedback;
    }

    /// Hears a mention: in the order in which they were heard.
    pub fn hear(&mut self, heard: Heard) {
        if self.together.first().is_some_and(|first| first.at != heard.at) {
            self.look();
        }
        self.together.push(heard);
    }

    /// Looks at everything that is due up to the end of the past, which is included.
    pub fn finish(&mut self, end: Timestamp) {
        self.look();
        let after = end.saturating_add(jiff::SignedDuration::from_nanos(1)).unwrap_or(end);
        self.pass(after);
    }

    /// When it was looked at last.
    pub fn at(&self) -> Timestamp {
        self.course.at
    }

    /// Hours of exposure that the detector has learned.
    pub fn learned_hours(&self) -> f64 {
        self.course.detector.learned_hours()
    }

    /// Looks at the quiet instants before what was heard together, and at that.
    fn look(&mut self) {
        let Some(at) = self.together.first().map(|heard| heard.at) else { return };
        self.pass(at);
        let reading = self.course.look(at, &self.audible, &mut self.together);
        self.together.clear();
        self.decide(&reading, at);
    }

    fn pass(&mut self, before: Timestamp) {
        for at in self.course.quiet_before(before) {
            let reading = self.course.look(at, &self.audible, &mut []);
            self.decide(&reading, at);
        }
    }

    fn decide(&mut self, reading: &Reading, at: Timestamp) {
        for (rule, (watch, latest)) in self.rules.iter_mut().enumerate() {
            for decision in incident::decide(
                latest,
                reading,
                Rule { watch, feedback: Some(&self.feedback) },
                at,
            ) {
                let Some(next) = decision.incident else { continue };
                if let Some(event) = decision.event {
                    let reason = decision.reason;
                    (self.tell)(&Told { rule, event, at, incident: &next, reason });
                }
                latest.put(next);
            }
        }
    }
}
