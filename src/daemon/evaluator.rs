//! The evaluator: what was accepted → velocity → incident → outbox, one transaction each time.

use std::collections::HashMap;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::Instant;

use super::{Live, Shared, facts, memory};
use crate::calendar::Plan;
use crate::incident::{self, Decision};
use crate::model::{Event, Incident, Level, Reading, State, Timestamp, Watch, WatchId};
use crate::store::{
    Checkpoint, Evaluation, IncidentQuery, SourceStatus, StoreError, StoredSignal, WatchLease,
};
use crate::velocity::Detector;

/// How often a watch is looked at when nothing arrives.
const STEP: Duration = Duration::from_secs(15);

/// How long the right to evaluate lasts; it is taken again well before.
const LEASE: Duration = Duration::from_secs(60);

/// Signals heard in one transaction.
pub(super) const BATCH: usize = 5_000;

/// A detector at rest is saved this often, so that a restart replays little.
const SAVE: Duration = Duration::from_secs(3600);

/// A gap between two looks that is longer than this was no pause but a stop.
const DEAF: Duration = Duration::from_secs(15 * 60);

/// A watch being evaluated. All of it comes from the store and can be read from it again.
struct Bench {
    /// A commit gives it back, so its end is then in the past: the next decision claims it again.
    lease: WatchLease,
    detector: Detector,
    incident: Option<Incident>,
    saved: Timestamp,
}

pub(super) async fn run(shared: Shared) {
    let mut benches: HashMap<WatchId, Bench> = HashMap::new();
    while !shared.stop.is_cancelled() {
        let began = Instant::now();
        let live = shared.live();
        benches.retain(|id, _| live.config.watches.iter().any(|watch| watch.id == *id));
        match shared.store.sources().await {
            Ok(sources) => evaluate_all(&shared, &live, &sources, &mut benches).await,
            Err(error) => shared.store_failed("sources", &error),
        }
        // Mentions may arrive faster than all watches can be looked at: half of the time at most
        // goes into looking, or the loop would never rest.
        tokio::select! {
            () = tokio::time::sleep(began.elapsed().min(STEP)) => {}
            () = shared.stop.cancelled() => {}
        }
        shared.pause(&shared.hints.evaluate, STEP).await;
    }
    save(&shared, benches).await;
}

async fn evaluate_all(
    shared: &Shared,
    live: &Live,
    sources: &[SourceStatus],
    benches: &mut HashMap<WatchId, Bench>,
) {
    for watch in &live.config.watches {
        shared.hints.pulse.beat("evaluator");
        if shared.stop.is_cancelled() {
            return;
        }
        if let Err(error) = evaluate(shared, live, watch, sources, benches).await {
            // Whatever was in memory may be ahead of the store: read it again.
            benches.remove(&watch.id);
            shared.store_failed("evaluate", &error);
        }
    }
}

/// Saves every detector at a stop, so that the next start replays nothing.
async fn save(shared: &Shared, mut benches: HashMap<WatchId, Bench>) {
    let live = shared.live();
    for watch in &live.config.watches {
        let Some(bench) = benches.remove(&watch.id) else { continue };
        let outcome = async {
            let now = shared.clock.now();
            let Some(bench) = hold(shared, watch, Some(bench), now).await? else { return Ok(()) };
            let at = bench.detector.at();
            let evaluation = bench.evaluation(bench.lease.evaluated, at, true);
            shared.store.commit_evaluation(&bench.lease, &evaluation, now).await
        };
        if let Err(error) = outcome.await {
            shared.store_failed("save_detector", &error);
        }
    }
}

impl Bench {
    /// The evaluation of this instant, with the detector when it is time to save it.
    fn evaluation(&self, upto: u64, at: Timestamp, save: bool) -> Evaluation {
        let written = save.then(|| serde_json::to_vec(&self.detector)).transpose();
        let detector = written.unwrap_or_else(|error| {
            // The one that was saved before stays, and more is replayed from it.
            tracing::error!(watch = %self.lease.watch, %error, "a detector cannot be saved");
            None
        });
        let checkpoint = detector.map(|detector| Checkpoint { upto, at, detector });
        Evaluation { upto, at, checkpoint, ..Evaluation::default() }
    }
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

async fn evaluate(
    shared: &Shared,
    live: &Live,
    watch: &Watch,
    sources: &[SourceStatus],
    benches: &mut HashMap<WatchId, Bench>,
) -> Result<(), StoreError> {
    loop {
        let now = shared.clock.now();
        let held = benches.remove(&watch.id);
        let Some(mut bench) = hold(shared, watch, held, now).await? else { return Ok(()) };
        let signals = shared.store.signals_after(&watch.id, bench.lease.evaluated, BATCH).await?;
        step(shared, live, watch, sources, &mut bench, &signals).await?;
        benches.insert(watch.id.clone(), bench);
        if signals.len() < BATCH || shared.stop.is_cancelled() {
            return Ok(());
        }
    }
}

/// Has the right to evaluate, or says that somebody else has it. A detector in memory that stands
/// where the lease stands goes on; otherwise the saved one is replayed up to there.
async fn hold(
    shared: &Shared,
    watch: &Watch,
    held: Option<Bench>,
    now: Timestamp,
) -> Result<Option<Bench>, StoreError> {
    if held.as_ref().is_some_and(|held| held.lease.until > now) {
        return Ok(held);
    }
    let ttl = shared.lease(LEASE);
    let Some(lease) = shared.store.claim_watch(&shared.node, &watch.id, ttl, now).await? else {
        return Ok(None);
    };
    match held {
        Some(held)
            if held.lease.evaluated == lease.evaluated && held.lease.epoch + 1 == lease.epoch =>
        {
            Ok(Some(Bench { lease, ..held }))
        }
        _ => restore(shared, watch, lease, now).await,
    }
}

/// Everything about a watch as the store knows it; nothing when the daemon stops meanwhile.
async fn restore(
    shared: &Shared,
    watch: &Watch,
    mut lease: WatchLease,
    now: Timestamp,
) -> Result<Option<Bench>, StoreError> {
    let query = IncidentQuery { watch: Some(watch.id.clone()), open: false, limit: 1 };
    let incident = shared.store.incidents(&query).await?.into_iter().next();
    let Some(remembered) = memory::remember(shared, watch, &lease, now).await? else {
        return Ok(None);
    };
    lease.evaluated = remembered.upto;
    Ok(Some(Bench { lease, detector: remembered.detector, incident, saved: remembered.saved }))
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
    let deaf = signed(shared.lease(DEAF));
    if now.duration_since(bench.detector.at()) > deaf {
        bench.detector.hear(bench.detector.at(), 0.0);
    }
    // A reload may have changed what is planned.
    bench.detector.follow(Plan::of(&live.config.events, &watch.id));
    bench.detector.hear(now, audible(sources));
    // What is found late is learned when reading the past again has ended, with its whole past.
    for signal in signals.iter().filter(|signal| !signal.late) {
        bench.detector.observe(&memory::heard(signal));
    }
    let reading = bench.detector.advance(now);
    let decision = incident::transition(bench.incident.as_ref(), &reading, watch, now);
    let upto = signals.last().map_or(bench.lease.evaluated, |signal| signal.seq);
    let mut next = decision.incident.clone();
    let save = decision.event.is_some() || now.duration_since(bench.saved) >= signed(SAVE);
    if !signals.is_empty() || next.is_some() || save {
        let mut evaluation = bench.evaluation(upto, now, save);
        if let Some(incident) = &mut next {
            let detector = &bench.detector;
            evaluation.outbox =
                facts::messages(shared, live, watch, &decision, incident, detector, sources)
                    .await?;
            evaluation.incident = Some((incident.clone(), decision.event));
        }
        let timer = shared.metrics.store_transaction.with_label_values(&["commit_evaluation"]);
        let timer = timer.start_timer();
        shared.store.commit_evaluation(&bench.lease, &evaluation, now).await?;
        timer.observe_duration();
        // The commit gave the lease back: the next decision claims it again.
        bench.lease.until = now;
        bench.lease.evaluated = upto;
        bench.lease.evaluated_at = Some(now);
        if evaluation.checkpoint.is_some() {
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
    // What a reload removed meanwhile is not shown again.
    if !shared.live().config.watches.iter().any(|known| known.id == watch.id) {
        return;
    }
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
