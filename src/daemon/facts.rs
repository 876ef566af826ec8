//! Gathers what an alert tells: reads the store once, so that rendering asks nothing more.

use std::collections::HashMap;
use std::time::Duration;

use jiff::SignedDuration;

use super::ear::unheard;
use super::memory::zone;
use super::{Live, Shared, news};
use crate::incident::Decision;
use crate::model::incident::Subject;
use crate::model::{
    Event, Incident, Level, Matter, Mention, Notification, Risk, Seq, SourceId, State, StoryId,
    Timestamp, Tone, Watch, WatchId,
};
use crate::notify::email::{self, Addressed};
use crate::notify::facts::Thread;
use crate::notify::{self, AlertFacts, ChartPoint, Coverage, Said, Spread};
use crate::store::{MentionQuery, SourceStatus, StoreError, StoryQuery};
use crate::velocity::Detector;

/// Mentions quoted in a mail.
const QUOTED: usize = 5;

/// Negative mentions among which the quoted ones are chosen.
const CANDIDATES: usize = 200;

/// A source whose next poll is overdue by this much is late.
const LATE: SignedDuration = SignedDuration::from_mins(15);

/// The messages of a decision, rendered now: what is committed is what will be sent. The incident
/// remembers the subject of its thread in each language, and which sources it is about.
pub(super) async fn messages(
    shared: &Shared,
    live: &Live,
    watch: &Watch,
    decision: &Decision,
    incident: &mut Incident,
    detector: &Detector,
    sources: &[SourceStatus],
) -> Result<Vec<Notification>, StoreError> {
    if incident.matter == Matter::Blind && incident.state != State::Closed {
        incident.unheard = unheard(sources);
    }
    let (Some(event), Some(mail)) = (decision.event, &live.config.mail) else {
        return Ok(Vec::new());
    };
    let plan = notify::plan(event, incident, watch, &live.config.recipients);
    if plan.messages.is_empty() {
        return Ok(Vec::new());
    }
    let mut facts = gather(shared, watch, incident, event, detector, sources).await?;
    facts.recipients = plan
        .messages
        .iter()
        .map(|planned| planned.recipient.name.as_ref().unwrap_or(&planned.recipient.email).clone())
        .collect();
    let now = shared.clock.now();
    let mut messages = Vec::new();
    for planned in &plan.messages {
        let lang = planned.recipient.language;
        facts.reason = decision.reason.words(lang);
        let known = incident.subjects.iter().find(|subject| subject.lang == lang);
        facts.thread = known.map(|s| Thread { subject: s.text.clone(), level: s.level });
        let rendered = notify::render(&facts, lang);
        let addressed = Addressed {
            recipient: &planned.recipient,
            id: &planned.id,
            root: &planned.root,
            date: now,
        };
        match email::compose(&rendered, mail, &addressed) {
            Ok(payload) => messages.push(Notification {
                id: planned.id.clone(),
                channel: planned.channel.to_owned(),
                recipient: planned.recipient.email.clone(),
                incident: incident.id.clone(),
                event,
                level: incident.level,
                payload,
                created: now,
            }),
            // Addresses were checked with the configuration; this says that the check has a hole.
            Err(error) => tracing::error!(message = planned.id, %error, "a mail cannot be written"),
        }
        remember(incident, lang, rendered.subject);
    }
    Ok(messages)
}

/// Keeps the subject of a thread, one for each language, with the level that it names.
fn remember(incident: &mut Incident, lang: crate::model::Lang, text: String) {
    let level: Level = incident.level;
    match incident.subjects.iter_mut().find(|subject| subject.lang == lang) {
        Some(known) => {
            if known.text != text {
                *known = Subject { lang, text, level };
            }
        }
        None => incident.subjects.push(Subject { lang, text, level }),
    }
}

async fn gather(
    shared: &Shared,
    watch: &Watch,
    incident: &Incident,
    event: Event,
    detector: &Detector,
    sources: &[SourceStatus],
) -> Result<AlertFacts, StoreError> {
    let now = shared.clock.now();
    let Incident { matter, because, .. } = incident;
    // What makes the incident is what is quoted.
    let risk = notify::facts::leading_risk(incident, watch);
    let minutes = match matter {
        Matter::BadBuzz if risk.is_some() => risk.map_or(0, hours) * 60,
        Matter::BadBuzz | Matter::Blind => because.window_minutes,
        Matter::Surge | Matter::Silence => because.volume.window_minutes,
    };
    let window = SignedDuration::from_mins(i64::from(minutes).max(60));
    // A closing mail looks back on the whole of it, the others on the window that decided.
    let since = match event {
        Event::Closed => incident.opened.saturating_sub(window),
        _ => now.saturating_sub(window),
    }
    .unwrap_or(now);
    let tone = if *matter == Matter::Surge { Tone::Positive } else { Tone::Negative };
    let telling_of = MentionQuery {
        watch: Some(watch.id.clone()),
        tone: Some(tone),
        aside: Some(false),
        since: Some(since),
        limit: CANDIDATES,
        ..MentionQuery::default()
    };
    let mut wave = match risk {
        Some(risk) => shared.store.mentions(risk.seqs()).await?,
        None => shared.store.find_mentions(&telling_of).await?,
    };
    wave.sort_by_key(|mention| (mention.event_time(), mention.seq));
    let first = wave.first().cloned();
    let stories = news::stories_of(shared.store.as_ref(), wave.iter()).await?;
    let terms = news::new_terms(shared.store.as_ref(), watch, &wave, since).await?;
    Ok(AlertFacts {
        incident: incident.clone(),
        event,
        reason: String::new(),
        watch: watch.clone(),
        mentions: telling(wave, &watch.id, tone, &stories),
        first,
        spread: spread(shared, &watch.id, since).await?,
        news: terms
            .into_iter()
            .map(|term| Said { text: term.text, mentions: term.mentions.len() })
            .collect(),
        coverage: coverage(sources, now),
        aside: shared.store.asides(&watch.id, since).await?,
        history: history(shared, &watch.id, detector, now).await?,
        recipients: Vec::new(),
        zone: zone(watch),
        thread: None,
    })
}

/// The time over which a known risk was counted.
fn hours(risk: &Risk) -> u32 {
    if let Risk::Topic { hours, .. } = risk { *hours } else { 24 }
}

/// How many texts the negative mentions since then are.
async fn spread(shared: &Shared, watch: &WatchId, since: Timestamp) -> Result<Spread, StoreError> {
    let query = StoryQuery {
        watch: Some(watch.clone()),
        tone: Some(Tone::Negative),
        aside: Some(false),
        since: Some(since),
        ..StoryQuery::default()
    };
    let stories = shared.store.stories(&query).await?;
    let mentions: u64 = stories.iter().map(|story| story.mentions).sum();
    let stories = stories.len() as u64;
    Ok(Spread { stories, copies: mentions.saturating_sub(stories) })
}

/// The mentions to quote: the most negative, or positive, one of each story and of each author.
fn telling(
    mut wave: Vec<Mention>,
    watch: &WatchId,
    tone: Tone,
    stories: &HashMap<Seq, StoryId>,
) -> Vec<Mention> {
    let weight = |mention: &Mention| {
        let finding = mention.findings.iter().find(|finding| finding.watch == *watch);
        let sentiment = finding.map(|finding| &finding.sentiment);
        sentiment.map_or(0.0, |s| if tone == Tone::Positive { s.positive } else { s.negative })
    };
    wave.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then(a.seq.cmp(&b.seq)));
    let mut chosen: Vec<Mention> = Vec::new();
    for mention in wave {
        let told = |known: &Mention| {
            stories.get(&known.seq) == stories.get(&mention.seq)
                || (known.item.author.is_some() && known.item.author == mention.item.author)
        };
        if !chosen.iter().any(told) {
            chosen.push(mention);
        }
        if chosen.len() == QUOTED {
            break;
        }
    }
    chosen
}

/// Who was listening: a number that was counted with ears shut has to say so.
fn coverage(sources: &[SourceStatus], now: Timestamp) -> Coverage {
    let mut coverage = Coverage::default();
    for source in sources.iter().filter(|source| source.configured) {
        let heard: (SourceId, Timestamp) =
            (source.id.clone(), source.last_success.unwrap_or(Timestamp::UNIX_EPOCH));
        if source.failures > 0 || source.last_success.is_none() {
            coverage.silent.push(heard);
        } else if now.duration_since(source.next) > LATE {
            coverage.late.push(heard);
        } else {
            coverage.up += 1;
        }
    }
    coverage
}

/// Seven days by the hour, with what each hour usually brings.
async fn history(
    shared: &Shared,
    watch: &WatchId,
    detector: &Detector,
    now: Timestamp,
) -> Result<Vec<ChartPoint>, StoreError> {
    let hour = SignedDuration::from_hours(1);
    let until =
        Timestamp::from_second(now.as_second().div_euclid(3_600) * 3_600 + 3_600).unwrap_or(now);
    let since = until.saturating_sub(hour * (7 * 24)).unwrap_or(until);
    let counted = shared.store.buckets(watch, since, until, Duration::from_secs(3_600)).await?;
    let points = detector.expected(since, until).into_iter().map(|expected| {
        let bucket = counted.iter().find(|bucket| bucket.start == expected.start);
        ChartPoint {
            start: expected.start,
            total: bucket.map_or(0.0, |bucket| f64::from(bucket.total)),
            negative: bucket.map_or(0.0, |bucket| f64::from(bucket.negative)),
            expected_mean: expected.mean,
            low: expected.low,
            high: expected.high,
        }
    });
    Ok(points.collect())
}
