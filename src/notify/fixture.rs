//! A written alert for the tests of this folder: a food recall, seen from Paris.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::facts::{AlertFacts, ChartPoint, Coverage, Said, Spread};
use crate::model::finding::Ground;
use crate::model::{
    AsideKind, Author, Event, Evidence, Finding, Heeded, Incident, IncidentId, Item, ItemKey, Lang,
    Language, Level, Matter, Mention, Reading, Roster, Sensitivity, Sentiment, Severity, SourceId,
    Span, State, Timestamp, Tone, Unheard, Volume, Watch, WatchId,
};

pub(super) fn now() -> Timestamp {
    "2026-11-23T13:35:00Z".parse().unwrap()
}

pub(super) fn facts() -> AlertFacts {
    let watch = WatchId::new("acme").unwrap();
    let opened = now();
    let texts = [
        ("Rappel de lot", "Le yaourt Acme est dangereux pour les enfants, vérifiez vos frigos."),
        ("", "Acme savait et n'a rien dit : c'est une honte."),
        (
            "Acme rappelle 1 250 pots",
            "Les clients décrivent un goût horrible et une odeur suspecte.",
        ),
        ("", "Plus jamais Acme. Mon fils malade toute la nuit, et le service client injoignable."),
        ("", "@acme un scandale votre silence !"),
    ];
    let telling = ["dangereux", "honte", "horrible", "malade", "scandale"];
    let mentions: Vec<Mention> = texts
        .iter()
        .zip(telling)
        .enumerate()
        .map(|(index, ((title, text), word))| mention(&watch, index, title, text, word))
        .collect();
    AlertFacts {
        incident: Incident {
            subjects: Vec::new(),
            id: IncidentId::new(&watch, Matter::BadBuzz, opened),
            watch: watch.clone(),
            matter: Matter::BadBuzz,
            severity: Severity::default(),
            caution: 0.0,
            false_alarm: false,
            closed_by_hand: false,
            former: None,
            heeded: Heeded::default(),
            unheard: Unheard::default(),
            level: Level::Crisis,
            peak: Level::Crisis,
            state: State::Open,
            opened,
            changed: opened,
            closed: None,
            events: 1,
            because: reading(),
            worst: reading(),
            justified: opened,
        },
        event: Event::Opened,
        reason: "surprise above threshold in two readings".into(),
        watch: Watch {
            id: watch,
            name: "Acme".into(),
            query: "acme".into(),
            languages: vec![],
            sensitivity: Sensitivity::Balanced,
            timezone: "Europe/Paris".into(),
            recipients: vec!["anne".into()],
            roster: Roster::default(),
        },
        first: mentions.first().cloned(),
        spread: Spread { stories: 24, copies: 7 },
        news: [("rappel de lot", 12), ("odeur suspecte", 7)]
            .map(|(text, mentions)| Said { text: text.into(), mentions })
            .into(),
        mentions,
        coverage: Coverage {
            up: 18,
            late: vec![(SourceId::new("forum-lait").unwrap(), hours(-3))],
            silent: vec![(SourceId::new("mastodon-fr").unwrap(), hours(-6))],
        },
        aside: vec![(AsideKind::OwnAccount, 2), (AsideKind::Spam, 9)],
        history: history(),
        recipients: vec!["Anne Durand".into(), "Cellule de crise".into()],
        zone: TimeZone::get("Europe/Paris").unwrap(),
        thread: None,
    }
}

fn hours(hours: i64) -> Timestamp {
    now() + SignedDuration::from_hours(hours)
}

fn mention(watch: &WatchId, index: usize, title: &str, text: &str, word: &str) -> Mention {
    let full = crate::model::finding::full_text(title, text);
    let start = full.find(word).unwrap();
    let end = start + word.len();
    let mut item = Item::new(ItemKey::of(&[text]), format!("m{index}"));
    item.title = title.into();
    item.text = text.into();
    item.url = Some(format!("https://forum.example.org/post/{index}"));
    item.author = Some(Author { name: format!("lectrice{index}"), ..Author::default() });
    item.published =
        Some(now() - SignedDuration::from_mins(9 * (5 - i64::try_from(index).unwrap())));
    Mention {
        seq: index as u64 + 1,
        item,
        source: SourceId::new("forum-parents").unwrap(),
        kind: "feed".into(),
        first_seen: now(),
        fingerprint: index as u64,
        findings: vec![Finding {
            watch: watch.clone(),
            spans: vec![Span { start: 0, end: 4 }],
            language: Language { code: Some(Lang::FR), confidence: 0.9 },
            sentiment: Sentiment {
                label: Tone::Negative,
                negative: 0.9,
                evidence: vec![Evidence {
                    start,
                    end,
                    text: word.into(),
                    weight: -2.0,
                    ground: Ground::Word,
                }],
                ..Sentiment::unknown()
            },
            topics: vec!["rappel-produit".into()],
            aside: None,
        }],
        revision: 0,
    }
}

fn reading() -> Reading {
    Reading {
        at: now(),
        window_minutes: 60,
        observed: 24.3,
        expected: 3.0,
        usual_low: 0.0,
        usual_high: 7.0,
        total: 41.0,
        raw_negative: 31.0,
        authors: 17.0,
        kinds: 2,
        share: 0.63,
        usual_share: 0.12,
        copies: 0.22,
        surprise_velocity: 9.2,
        surprise_share: 4.1,
        surprise: 6.4,
        surprise_now: 6.4,
        score: 86.0,
        score_now: 86.0,
        terms: vec![],
        learned_hours: 900.0,
        audible: 1.0,
        volume: Volume::default(),
        planned: Vec::new(),
        risks: Vec::new(),
    }
}

fn history() -> Vec<ChartPoint> {
    (0..168_i32)
        .map(|hour| {
            let start = hours(i64::from(hour) - 167) - SignedDuration::from_mins(35);
            let day = (f64::from(hour % 24) / 24.0 * std::f64::consts::TAU).sin();
            let expected_mean = 2.2 - 1.6 * day;
            let noise = f64::from(hour * 7919 % 5) - 2.0;
            let wave = if hour > 163 { 7.0 * f64::from(hour - 163) } else { 0.0 };
            let negative = (expected_mean + noise * 0.6).max(0.0).round() + wave;
            ChartPoint {
                start,
                total: (12.0 - 8.0 * day + noise * 1.5).max(0.0).round() + wave * 1.2,
                negative,
                expected_mean,
                low: (expected_mean - 2.0).max(0.0),
                high: expected_mean + 2.6,
            }
        })
        .collect()
}
