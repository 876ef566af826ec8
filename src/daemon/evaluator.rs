//! The evaluator: what was accepted → velocity → incident → outbox, one transaction each time.

use std::collections::HashMap;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::{Live, Shared, facts};
use crate::incident::{self, Decision};
use crate::model::{Event, Incident, Level, Reading, State, Timestamp, Watch, WatchId};
use crate::source::KINDS;
use crate::store::{
    Checkpoint, Evaluation, IncidentQuery, SourceStatus, StoreError, StoredSignal, WatchLease,
};
use crate::velocity::{Detector, Signal};

/// How often a watch is looked at when nothing arrives.
const STEP: Duration = Duration::from_secs(15);

/// How long the right to evaluate lasts; it is taken again well before.
const LEASE: Duration = Duration::from_secs(60);

/// Signals heard in one transaction.
const BATCH: usize = 5_000;

/// A detector at rest is saved this often, so that a restart replays little.
const SAVE: Duration = Duration::from_secs(3600);

/// A gap between two looks that is longer than this was no pause but a stop.
const DEAF: Duration = Duration::from_secs(15 * 60);

/// A watch being evaluated. All of it comes from the store and can be read from it again.
struct Bench {
    lease: WatchLease,
    detector: Detector,
    incident: Option<Incident>,
    saved: Timestamp,
}

pub(super) async fn run(shared: Shared) {
    let mut benches: HashMap<WatchId, Bench> = HashMap::new();
    while !shared.stop.is_cancelled() {
        shared.hints.pulse.beat("evaluator");
        let live = shared.live();
        benches.retain(|id, _| live.config.watches.iter().any(|watch| watch.id == *id));
        let sources = match shared.store.sources().await {
            Ok(sources) => sources,
            Err(error) => {
                shared.store_failed("sources", &error);
                shared.pause(&shared.hints.evaluate, STEP).await;
                continue;
            }
        };
        for watch in &live.config.watches {
            if shared.stop.is_cancelled() {
                break;
            }
            if let Err(error) = evaluate(&shared, &live, watch, &sources, &mut benches).await {
                // Whatever was in memory may be ahead of the store: read it again.
                benches.remove(&watch.id);
                shared.store_failed("evaluate", &error);
            }
        }
        shared.pause(&shared.hints.evaluate, STEP).await;
    }
    for bench in benches.into_values() {
        let at = bench.detector.at();
        let evaluation = bench.evaluation(bench.lease.evaluated, at, true);
        if let Err(error) = shared.store.commit_evaluation(&bench.lease, &evaluation, at).await {
            shared.store_failed("save_detector", &error);
        }
    }
}

impl Bench {
    /// The evaluation of this instant, with the detector when it is time to save it.
    fn evaluation(&self, upto: u64, at: Timestamp, save: bool) -> Evaluation {
        let checkpoint = save.then(|| Checkpoint {
            upto,
            at,
            detector: serde_json::to_vec(&self.detector).unwrap_or_default(),
        });
        Evaluation { upto, at, checkpoint, ..Evaluation::default() }
    }
}

async fn evaluate(
    shared: &Shared,
    live: &Live,
    watch: &Watch,
    sources: &[SourceStatus],
    benches: &mut HashMap<WatchId, Bench>,
) -> Result<(), StoreError> {
    let now = shared.clock.now();
    let held = benches.get(&watch.id).is_some_and(|bench| {
        bench.lease.until.duration_since(now)
            > SignedDuration::try_from(shared.lease(LEASE / 3)).unwrap_or_default()
    });
    if !held {
        match claim(shared, watch, benches.remove(&watch.id), now).await? {
            Some(bench) => drop(benches.insert(watch.id.clone(), bench)),
            None => return Ok(()),
        }
    }
    let Some(bench) = benches.get_mut(&watch.id) else { return Ok(()) };
    loop {
        let signals = shared.store.signals_after(&watch.id, bench.lease.evaluated, BATCH).await?;
        let full = signals.len() == BATCH;
        step(shared, live, watch, sources, bench, &signals).await?;
        if !full {
            return Ok(());
        }
    }
}

/// Takes the right to evaluate. A detector in memory that stands where the lease stands goes on;
/// otherwise the saved one is replayed up to there.
async fn claim(
    shared: &Shared,
    watch: &Watch,
    held: Option<Bench>,
    now: Timestamp,
) -> Result<Option<Bench>, StoreError> {
    let ttl = shared.lease(LEASE);
    let Some(lease) = shared.store.claim_watch(&shared.node, &watch.id, ttl, now).await? else {
        return Ok(None);
    };
    if let Some(held) = held
        && held.lease.evaluated == lease.evaluated
        && held.lease.epoch + 1 == lease.epoch
    {
        return Ok(Some(Bench { lease, ..held }));
    }
    let query = IncidentQuery { watch: Some(watch.id.clone()), open: false, limit: 1 };
    let incident = shared.store.incidents(&query).await?.into_iter().next();
    let saved = lease.checkpoint.as_ref().and_then(|saved| {
        let detector = serde_json::from_slice::<Detector>(&saved.detector);
        detector.map_err(|error| tracing::warn!(watch = %watch.id, %error, "the saved detector is of another version; it learns again")).ok()
    });
    let (detector, saved_at) = match (saved, &lease.checkpoint) {
        (Some(detector), Some(saved)) => {
            (replay(shared, watch, detector, saved, &lease).await?, saved.at)
        }
        _ => (Detector::new(zone(watch), now), Timestamp::UNIX_EPOCH),
    };
    Ok(Some(Bench { lease, detector, incident, saved: saved_at }))
}

/// Lets a saved detector hear what was already evaluated after it was saved. Its decisions are
/// committed; only its memory is made again.
async fn replay(
    shared: &Shared,
    watch: &Watch,
    mut detector: Detector,
    saved: &Checkpoint,
    lease: &WatchLease,
) -> Result<Detector, StoreError> {
    let mut after = saved.upto;
    while after < lease.evaluated {
        let signals = shared.store.signals_after(&watch.id, after, BATCH).await?;
        let Some(last) = signals.last().map(|signal| signal.seq) else { break };
        for signal in signals.iter().filter(|signal| signal.seq <= lease.evaluated) {
            // A mention was evaluated within a step of its arrival.
            detector.advance(signal.arrived);
            detector.observe(&heard(signal));
        }
        after = last;
    }
    if let Some(at) = lease.evaluated_at {
        detector.advance(at);
    }
    Ok(detector)
}

/// One decision: hear, read, decide, render, commit.
async fn step(
    shared: &Shared,
    live: &Live,
    watch: &Watch,
    sources: &[SourceStatus],
    bench: &mut Bench,
    signals: &[StoredSignal],
) -> Result<(), StoreError> {
    let now = shared.clock.now();
    // Nobody listened since the last look: what was not heard is not calm.
    let deaf = SignedDuration::try_from(shared.lease(DEAF)).unwrap_or_default();
    if now.duration_since(bench.detector.at()) > deaf {
        bench.detector.hear(bench.detector.at(), 0.0);
    }
    bench.detector.hear(now, audible(sources));
    for signal in signals {
        bench.detector.observe(&heard(signal));
    }
    let reading = bench.detector.advance(now);
    let decision = incident::transition(bench.incident.as_ref(), &reading, watch, now);
    let upto = signals.last().map_or(bench.lease.evaluated, |signal| signal.seq);
    let mut next = decision.incident.clone();
    let saved = SignedDuration::try_from(SAVE).unwrap_or_default();
    let save = decision.event.is_some() || now.duration_since(bench.saved) >= saved;
    if !signals.is_empty() || next.is_some() || save {
        let mut evaluation = bench.evaluation(upto, now, save);
        if let Some(incident) = &mut next {
            let detector = &bench.detector;
            evaluation.outbox =
                facts::messages(shared, live, watch, &decision, incident, detector, sources)
                    .await?;
            evaluation.incident = Some((incident.clone(), decision.event));
        }
        shared.store.commit_evaluation(&bench.lease, &evaluation, now).await?;
        bench.lease.evaluated = upto;
        bench.lease.evaluated_at = Some(now);
        if save {
            bench.saved = now;
        }
    }
    tell(shared, watch, &decision);
    if next.is_some() {
        bench.incident = next;
    }
    measure(shared, watch, &reading, bench.incident.as_ref());
    Ok(())
}

fn tell(shared: &Shared, watch: &Watch, decision: &Decision) {
    let (Some(event), Some(incident)) = (decision.event, &decision.incident) else { return };
    tracing::info!(
        watch = %watch.id,
        incident = %incident.id,
        event = event.as_str(),
        level = incident.level.as_str(),
        score = incident.because.score,
        because = %decision.reason,
        "an incident changed"
    );
    if event == Event::Opened {
        let labels = [watch.id.as_str(), incident.level.as_str()];
        shared.metrics.incidents_opened.with_label_values(&labels).inc();
    }
    shared.hints.send.notify_one();
}

fn measure(shared: &Shared, watch: &Watch, reading: &Reading, incident: Option<&Incident>) {
    let metrics = &shared.metrics;
    let id = watch.id.as_str();
    metrics.velocity.with_label_values(&[id]).set(reading.factor());
    metrics.negative.with_label_values(&[id]).set(reading.share);
    metrics.score.with_label_values(&[id]).set(reading.score / 100.0);
    let open = incident.filter(|incident| incident.state != State::Closed);
    let level = open.map_or(0, |incident| match incident.level {
        Level::Watch => 1,
        Level::Warning => 2,
        Level::Crisis => 3,
    });
    metrics.crisis_level.with_label_values(&[id]).set(level);
    for level in Level::ALL {
        for state in State::ALL.into_iter().filter(|state| *state != State::Closed) {
            let here = open.is_some_and(|i| i.level == level && i.state == state);
            let labels = [id, level.as_str(), state.as_str()];
            metrics.incidents.with_label_values(&labels).set(i64::from(here));
        }
    }
}

/// Share of the usual volume that can be heard now: a source that is down must not look like calm.
/// Each source weighs what it brought in a week, and a little more so that a new one counts.
fn audible(sources: &[SourceStatus]) -> f64 {
    let weight = |source: &&SourceStatus| source.recent_mentions as f64 + 0.1;
    let configured = || sources.iter().filter(|source| source.configured);
    let all: f64 = configured().map(|source| weight(&source)).sum();
    let up: f64 = configured().filter(|s| s.failures < 2).map(|source| weight(&source)).sum();
    if all > 0.0 { up / all } else { 1.0 }
}

fn heard(signal: &StoredSignal) -> Signal {
    let kind = KINDS.iter().position(|kind| kind.name() == signal.kind).unwrap_or(7);
    Signal {
        arrived: signal.arrived,
        event: signal.event,
        tone: signal.tone,
        author: signal.author,
        fingerprint: signal.fingerprint,
        repost: false,
        reach: signal.reach,
        kind: u8::try_from(kind).unwrap_or(7),
    }
}

pub(super) fn zone(watch: &Watch) -> TimeZone {
    // Checked by the configuration; UTC if the machine lost its zone database since.
    TimeZone::get(&watch.timezone).unwrap_or(TimeZone::UTC)
}
