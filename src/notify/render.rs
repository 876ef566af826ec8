//! From facts to everything a mail is made of, in one language.

use super::facts::AlertFacts;
use super::letter::{self, Letter};
use super::words::Words;
use super::{chart, html, plain, words};
use crate::model::{Event, Incident, Lang, Level, Matter};

/// A message in one language, not yet addressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub language: Lang,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// PNG of the chart; `None` when there is no history or it could not be drawn.
    pub chart: Option<Vec<u8>>,
    /// For the headers that filters read.
    pub level: Level,
    pub event: Event,
    pub watch: String,
    pub watch_name: String,
    pub incident: String,
}

/// The name by which the HTML refers to the chart.
pub const CHART_ID: &str = "chart@vigie";

/// Renders an alert; any language but French reads English.
pub fn render(facts: &AlertFacts, language: Lang) -> Rendered {
    let words = words::of(language);
    let chart = chart::png(&facts.history, &facts.zone, words);
    let letter = letter::write(facts, words);
    Rendered {
        language: words.lang(),
        subject: subject(facts, words),
        text: plain::text(&letter),
        html: html::page(&letter, chart.is_some()),
        chart,
        level: facts.incident.level,
        event: facts.event,
        watch: facts.watch.id.to_string(),
        watch_name: super::excerpt::line(&facts.watch.name, 60),
        incident: facts.incident.id.to_string(),
    }
}

/// The subject: that of the thread while its level holds, since Gmail splits a thread whose
/// subject changes; an escalation takes a new one, so that it is seen on a locked phone.
pub fn subject(facts: &AlertFacts, words: &dyn Words) -> String {
    if let Some(thread) = &facts.thread {
        let escalated = facts.event == Event::Raised && facts.incident.level > thread.level;
        if !escalated {
            return super::excerpt::line(&thread.subject, 120);
        }
    }
    let name = super::excerpt::line(&facts.watch.name, 60);
    let Incident { matter, level, because, .. } = &facts.incident;
    let line = match (matter, facts.leading_risk()) {
        (Matter::BadBuzz, Some(risk)) => words.risk_subject(*level, &name, risk),
        (Matter::BadBuzz, None) => {
            words.subject(*level, &name, because, Letter::topic(facts, words).as_deref())
        }
        _ => words.notice_subject(&name, &facts.incident),
    };
    super::excerpt::line(&line, 120)
}
