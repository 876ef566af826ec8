//! What people say of incidents: kept with what it changes, and nobody decides past it.

use std::sync::Arc;

use super::sample::{at, evaluated, incident, watch, watched};
use crate::model::{Incident, Ruling, State, Verdict};
use crate::replay::Mark;
use crate::store::{Evaluation, Store, StoreError};

type Tested = Arc<dyn Store>;

fn verdict(incident: &Incident, ruling: Ruling, second: i64) -> Verdict {
    Verdict {
        incident: incident.id.clone(),
        watch: incident.watch.clone(),
        matter: incident.matter,
        at: at(second),
        ruling,
        by: "Anne".into(),
        note: "match day".into(),
    }
}

async fn opened(store: &dyn Store) -> Incident {
    let incident = incident("acme-1", State::Open);
    let incidents = vec![(incident.clone(), None)];
    let evaluation = Evaluation { incidents, ..Evaluation::default() };
    evaluated(store, evaluation, at(0)).await.expect("committed");
    incident
}

pub async fn a_verdict_is_kept_with_what_it_changes(store: Tested) {
    let before = opened(&*store).await;
    let after = Incident { state: State::Closed, closed: Some(at(9)), ..before.clone() };
    let said = verdict(&before, Ruling::FalseAlarm, 9);
    store.judge(&before, &after, &said).await.expect("judged");
    assert_eq!(store.incident(&before.id).await, Ok(Some(after.clone())));
    assert_eq!(store.verdicts(&watch("acme")).await, Ok(vec![said.clone()]));
    let lines = store.timeline(&before.id).await.expect("read");
    let last = lines.last().expect("a line");
    assert_eq!((last.what.as_str(), last.detail.as_str()), ("false-alarm", "by Anne: match day"));
    let again = store.judge(&before, &after, &said).await;
    assert!(matches!(again, Err(StoreError::Refused(_))), "it changed meanwhile: {again:?}");
    assert_eq!(store.verdicts(&watch("acme")).await.map(|all| all.len()), Ok(1));
}

pub async fn whoever_evaluates_meanwhile_is_fenced(store: Tested) {
    let before = opened(&*store).await;
    let lost = watched(&*store, at(1)).await;
    let after = Incident { state: State::Acknowledged, ..before.clone() };
    store.judge(&before, &after, &verdict(&before, Ruling::Acknowledged, 2)).await.expect("judged");
    let stale = Evaluation { incidents: vec![(before, None)], ..Evaluation::default() };
    let fenced = store.commit_evaluation(&lost, &stale, at(3)).await;
    assert!(matches!(fenced, Err(StoreError::Fenced(_))), "{fenced:?}");
    assert_eq!(store.incident(&after.id).await, Ok(Some(after)));
}

pub async fn marks_are_kept_replaced_and_forgotten(store: Tested) {
    let mark = |peak: Option<i64>, until: Option<i64>, name: &str| Mark {
        watch: watch("acme"),
        at: at(0),
        peak: peak.map(at),
        until: until.map(at),
        said: Some(at(100)),
        name: name.into(),
    };
    store.mark(&mark(None, Some(90), "boycott")).await.expect("marked");
    assert_eq!(store.marks().await, Ok(vec![mark(None, Some(90), "boycott")]));
    store.mark(&mark(Some(60), None, "the boycott")).await.expect("marked again");
    assert_eq!(store.marks().await, Ok(vec![mark(Some(60), None, "the boycott")]));
    let later = Mark { said: Some(at(200)), ..mark(None, None, "x") };
    store.mark(&later).await.expect("corrected");
    let said = store.marks().await.expect("read").into_iter().map(|mark| mark.said);
    assert_eq!(said.collect::<Vec<_>>(), [Some(at(100))], "it was said when it was said first");
    assert_eq!(store.unmark(&watch("acme"), at(1)).await, Ok(false));
    assert_eq!(store.unmark(&watch("acme"), at(0)).await, Ok(true));
    assert_eq!(store.marks().await, Ok(vec![]));
}

pub async fn a_crisis_that_was_missed_lowers_the_threshold(store: Tested) {
    let caution = async |at| {
        let feedback = crate::store::feedback(&*store, &watch("acme")).await.expect("read");
        feedback.caution(at)
    };
    watched(&*store, at(0)).await;
    let mark = |from: i64, until: i64| Mark {
        watch: watch("acme"),
        at: at(from),
        peak: None,
        until: Some(at(until)),
        said: Some(at(10_000)),
        name: String::new(),
    };
    let lost = watched(&*store, at(61)).await;
    store.mark(&mark(3_600, 7_200)).await.expect("marked");
    let stale = store.commit_evaluation(&lost, &Evaluation::default(), at(62)).await;
    assert!(matches!(stale, Err(StoreError::Fenced(_))), "{stale:?}");
    assert!(caution(at(9_999)).await.abs() < 1e-9, "nobody knew yet");
    assert!((caution(at(10_000)).await + 0.3).abs() < 1e-9);
    // Two marks of one time are one crisis, and nobody listened to another.
    store.mark(&mark(5_000, 7_200)).await.expect("marked");
    store.mark(&mark(-90_000, -80_000)).await.expect("marked");
    assert!((caution(at(10_000)).await + 0.3).abs() < 1e-9);
}
