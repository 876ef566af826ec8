//! The letter: what is said in which order, in one language, before it is text or HTML.

use std::collections::BTreeMap;

use super::excerpt::{self, Piece};
use super::facts::{AlertFacts, Said};
use super::words::{Held, Label, Title, Words, moved, window};
use super::{chart, excerpt::line};
use crate::model::{Event, Incident, Level, Matter, Mention, SourceId, Timestamp, Volume};

/// A letter. Strings of our own voice are in the reader's language; strings of strangers are
/// cleaned but not escaped: each format escapes for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub lang: String,
    pub title: String,
    pub level: &'static str,
    pub event: &'static str,
    /// Background of the banner: dark enough for white text, and never the only sign.
    pub color: &'static str,
    pub verdict: String,
    /// Warns of a watch that has not learned its rhythm yet.
    pub caution: Option<String>,
    /// What is said now and not usually.
    pub news: Option<String>,
    pub numbers_title: &'static str,
    pub numbers: Vec<(&'static str, String)>,
    pub chart_title: &'static str,
    pub chart_alt: String,
    pub sparkline: String,
    pub why_title: &'static str,
    pub why: Vec<String>,
    pub first_title: &'static str,
    pub first: Option<Quote>,
    pub mentions_title: &'static str,
    pub mentions: Vec<Quote>,
    pub no_mentions: &'static str,
    pub read: &'static str,
    pub coverage_title: &'static str,
    pub coverage: Vec<String>,
    pub footer: Vec<String>,
}

/// One quoted mention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    pub byline: String,
    /// Language of the quoted text, when known: screen readers change their voice.
    pub lang: Option<String>,
    pub pieces: Vec<Piece>,
    pub link: Option<String>,
}

/// Mentions quoted in a mail.
const QUOTES: usize = 5;
const EXCERPT: usize = 280;
/// New terms told, and graphemes of each.
const TERMS: usize = 5;
const TERM: usize = 40;
/// Sources and people named before the rest is only counted.
const NAMED: usize = 8;

impl Letter {
    /// The crisis topic most of the quoted mentions share.
    pub fn topic(facts: &AlertFacts, words: &dyn Words) -> Option<String> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let findings = facts.mentions.iter().flat_map(|mention| &mention.findings);
        for finding in findings.filter(|finding| finding.watch == facts.watch.id) {
            for topic in &finding.topics {
                *counts.entry(topic).or_default() += 1;
            }
        }
        // Of equals the first by name: the same facts give the same subject.
        let best = counts.into_iter().rev().max_by_key(|(_, count)| *count)?;
        Some(line(&words.topic(best.0), 40))
    }
}

/// Writes the letter of an alert.
pub fn write(facts: &AlertFacts, words: &dyn Words) -> Letter {
    let name = line(&facts.watch.name, 60);
    let reading = &facts.incident.because;
    let shown = if facts.event == Event::Closed { &facts.incident.worst } else { reading };
    let peak = facts.history.iter().map(|point| point.negative).fold(0.0, f64::max);
    let quote = |mention: &Mention| quote(mention, facts, words);
    // The first mention has a place of its own: quoted twice, it would look like two.
    let first = facts.first.as_ref().map(|mention| mention.item.key);
    let fresh = shown.learned_hours < 24.0;
    Letter {
        lang: words.lang().to_string(),
        title: super::render::subject(facts, words),
        level: words.level(facts.incident.level),
        event: words.event(facts.event),
        color: color(facts),
        verdict: match (facts.incident.matter, facts.leading_risk()) {
            (Matter::BadBuzz, Some(risk)) => words.risk_verdict(facts.event, &name, risk),
            (Matter::BadBuzz, None) => {
                words.verdict(facts.event, &name, reading, &facts.incident.worst)
            }
            _ => words.notice(facts.event, &name, &facts.incident),
        },
        caution: fresh.then(|| words.new_watch(shown.learned_hours)),
        news: news(facts, words),
        numbers_title: words.title(Title::Numbers),
        numbers: numbers(facts, words),
        chart_title: words.title(Title::Chart),
        chart_alt: words.chart_alt(reading, peak),
        sparkline: chart::sparkline(&facts.history),
        why_title: words.title(Title::Why),
        why: why(facts, words),
        first_title: words.title(Title::First),
        first: facts.first.as_ref().map(quote),
        mentions_title: words.title(Title::Mentions),
        mentions: facts
            .mentions
            .iter()
            .filter(|mention| Some(mention.item.key) != first)
            .take(QUOTES)
            .map(quote)
            .collect(),
        no_mentions: words.label(Label::NoMentions),
        read: words.label(Label::Read),
        coverage_title: words.title(Title::Coverage),
        coverage: coverage(facts, words),
        footer: vec![
            words.incident(&facts.incident.id.0),
            words.told(&people(&facts.recipients)),
            words.because_you(&name),
        ],
    }
}

fn coverage(facts: &AlertFacts, words: &dyn Words) -> Vec<String> {
    let mut lines = words.coverage(&facts.coverage, &facts.zone);
    lines.extend(words.aside(&facts.aside));
    lines
}

fn color(facts: &AlertFacts) -> &'static str {
    match (facts.event, facts.incident.level) {
        (Event::Closed, _) => "#2e6b3e",
        (_, Level::Crisis) => "#b3261e",
        (_, Level::Warning) => "#9a5200",
        (_, Level::Watch) => "#1d5f9e",
        (_, Level::Notice) => "#4a5563",
    }
}

fn why(facts: &AlertFacts, words: &dyn Words) -> Vec<String> {
    // At the end the question is still why it began: the worst reading answers it.
    let shown =
        if facts.event == Event::Closed { &facts.incident.worst } else { &facts.incident.because };
    let mut lines = Vec::new();
    if facts.incident.matter == Matter::BadBuzz {
        let by_risk = facts.leading_risk().is_some();
        let Incident { caution, heeded, .. } = &facts.incident;
        let (sensitivity, caution) = (facts.watch.sensitivity, *caution);
        lines = words.why(shown, Held { sensitivity, caution, by_risk });
        if moved(caution) {
            lines.insert(1, words.threshold(sensitivity, caution, heeded, &facts.zone));
        }
    }
    lines.extend(facts.incident.former.as_ref().map(|one| words.former(one, &facts.zone)));
    lines.extend(shown.risks.iter().map(|risk| line(&words.risk(risk), 300)));
    lines.extend(shown.planned.iter().map(|planned| {
        words.planned(&line(&planned.name, 80), &words.moment(planned.until, &facts.zone))
    }));
    let reason = line(&facts.reason, 300);
    if !reason.is_empty() {
        lines.push(words.decision(&reason));
    }
    lines
}

fn numbers(facts: &AlertFacts, words: &dyn Words) -> Vec<(&'static str, String)> {
    let reading = &facts.incident.because;
    let measured = match facts.incident.matter {
        Matter::BadBuzz => negatives(facts, words),
        Matter::Surge | Matter::Silence => volume(&reading.volume, words),
        Matter::Blind => vec![(Label::Audible, words.percent(reading.audible))],
    };
    let mut numbers = Vec::new();
    if facts.incident.severity.value > 0 {
        numbers.push((Label::Severity, words.severity(&facts.incident.severity)));
    }
    numbers.extend(measured);
    numbers.push((Label::At, words.moment(reading.at, &facts.zone)));
    numbers.into_iter().map(|(label, value)| (words.label(label), value)).collect()
}

fn negatives(facts: &AlertFacts, words: &dyn Words) -> Vec<(Label, String)> {
    let reading = &facts.incident.because;
    vec![
        (Label::Raw, words.number(reading.raw_negative)),
        (Label::Observed, words.number(reading.observed)),
        (Label::Expected, words.number(reading.expected)),
        (Label::Usual, words.range(reading.usual_low, reading.usual_high)),
        (Label::Factor, format!("×{}", words.number(reading.factor()))),
        (Label::Window, window(reading.window_minutes)),
        (Label::Share, words.percent(reading.share)),
        (Label::UsualShare, words.percent(reading.usual_share)),
        (Label::Authors, words.number(reading.authors)),
        (Label::Stories, words.spread(facts.spread)),
        (Label::Copies, words.percent(reading.copies)),
        (Label::Score, words.number(reading.score.round())),
    ]
}

fn volume(volume: &Volume, words: &dyn Words) -> Vec<(Label, String)> {
    vec![
        (Label::All, words.number(volume.observed)),
        (Label::Positive, words.number(volume.positive)),
        (Label::Expected, words.number(volume.expected)),
        (Label::Usual, words.range(volume.usual_low, volume.usual_high)),
        (Label::Factor, format!("×{}", words.number(volume.factor()))),
        (Label::Window, window(volume.window_minutes)),
    ]
}

fn news(facts: &AlertFacts, words: &dyn Words) -> Option<String> {
    let one = |said: &Said| {
        let text = words.quoted(&line(&said.text, TERM));
        format!("{text}\u{a0}({})", words.number(said.mentions as f64))
    };
    let terms: Vec<String> = facts.news.iter().take(TERMS).map(one).collect();
    (!terms.is_empty()).then(|| words.news(&terms))
}

fn quote(mention: &Mention, facts: &AlertFacts, words: &dyn Words) -> Quote {
    let author = mention.item.author.as_ref().map(|author| line(&author.name, 60));
    let author = author.filter(|name| !name.is_empty());
    let when = words.moment(mention.event_time(), &facts.zone);
    let finding = mention.findings.iter().find(|finding| finding.watch == facts.watch.id);
    Quote {
        byline: words.byline(&when, mention.source.as_str(), author.as_deref()),
        lang: finding.and_then(|finding| finding.language.code).map(|code| code.to_string()),
        pieces: excerpt::excerpt(mention, &facts.watch.id, EXCERPT),
        link: excerpt::link(mention.item.url.as_deref()),
    }
}

fn people(names: &[String]) -> Vec<String> {
    let mut people: Vec<String> = names.iter().take(NAMED).map(|name| line(name, 80)).collect();
    if names.len() > NAMED {
        people.push(format!("+{}", names.len() - NAMED));
    }
    people
}

/// `a (since …), b (since …), +3`; nothing for an empty list.
pub(super) fn outages(
    sources: &[(SourceId, Timestamp)],
    since: impl Fn(Timestamp) -> String,
) -> Option<String> {
    let mut names: Vec<String> =
        sources.iter().take(NAMED).map(|(id, at)| format!("{id} ({})", since(*at))).collect();
    if sources.len() > NAMED {
        names.push(format!("+{}", sources.len() - NAMED));
    }
    (!names.is_empty()).then(|| names.join(", "))
}
