//! The evaluator: what was accepted → velocity → incident → outbox, one transaction each time.

use std::collections::HashMap;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::Instant;

use super::ear::Ear;
use super::{Live, Shared, facts, memory};
use crate::incident::{self, Decision, Feedback, Latest, Rule};
use crate::model::{Event, Level, Matter, Reading, State, Timestamp, Watch, WatchId};
use crate::replay::{Audible, Course, Heard, Hearing};
use crate::store::{
    Checkpoint, Evaluation, IncidentQuery, SourceStatus, StoreError, WatchLease, feedback,
};

/// How often a watch is looked at when nothing arrives.
const STEP: Duration = Duration::from_secs(15);

/// How long the right to evaluate lasts; it is taken again well before.
const LEASE: Duration = Duration::from_secs(60);

/// Signals heard in one transaction.
pub(super) const BATCH: usize = 5_000;

/// A detector at rest is saved this often, so that a restart replays little.
const SAVE: Duration = Duration::from_secs(3600);

/// A watch being evaluated. All of it comes from the store and can be read from it again.
struct Bench {
    /// A commit gives it back, so its end is then in the past: the next decision claims it again.
    lease: WatchLease,
    course: Course,
    latest: Latest,
    /// What people said of its incidents; who says more takes the lease away, so it is read again.
    feedback: Feedback,
    saved: Timestamp,
}

/// What a pass over all watches works with.
struct Pass<'a> {
    shared: &'a Shared,
    live: &'a Live,
    sources: &'a [SourceStatus],
    audible: &'a Audible,
}

pub(super) async fn run(shared: Shared) {
    let mut benches: HashMap<WatchId, Bench> = HashMap::new();
    let mut ear = Ear::default();
    while !shared.stop.is_cancelled() {
        let began = Instant::now();
        let live = shared.live();
        benches.retain(|id, _| live.config.watches.iter().any(|watch| watch.id == *id));
        match ear.listen(&shared).await {
            Ok(sources) => {
                let (sources, audible) = (&*sources, &ear.audible);
                let pass = Pass { shared: &shared, live: &live, sources, audible };
                evaluate_all(&pass, &mut benches).await;
            }
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

/// The present as the store keeps it: what is decided at an instant must be decided again at the
/// same one when it is read back.
pub(super) fn instant(shared: &Shared) -> Timestamp {
    let now = shared.clock.now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}

async fn evaluate_all(pass: &Pass<'_>, benches: &mut HashMap<WatchId, Bench>) {
    let Pass { shared, live, .. } = pass;
    for watch in &live.config.watches {
        shared.hints.pulse.beat("evaluator");
        if shared.stop.is_cancelled() {
            return;
        }
        if let Err(error) = evaluate(pass, watch, benches).await {
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
        let Some(mut bench) = benches.remove(&watch.id) else { continue };
        let outcome = async {
            let now = shared.clock.now();
            // Somebody else may have gone on with it: there is nothing of ours to save.
            if bench.lease.until <= now {
                let Some(lease) = claim(shared, watch, now).await? else { return Ok(()) };
                if !follows(&lease, &bench.lease) {
                    return Ok(());
                }
                bench.lease = lease;
            }
            let evaluation = bench.evaluation(bench.lease.evaluated, bench.course.at, true);
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
        let written = save.then(|| serde_json::to_vec(&self.course)).transpose();
        let course = written.unwrap_or_else(|error| {
            // The one that was saved before stays, and more is replayed from it.
            tracing::error!(watch = %self.lease.watch, %error, "a detector cannot be saved");
            None
        });
        let checkpoint = course.map(|course| Checkpoint { upto, at, course });
        Evaluation { upto, at, checkpoint, ..Evaluation::default() }
    }
}

pub(super) fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

/// Works off every instant of a watch that is due.
async fn evaluate(
    pass: &Pass<'_>,
    watch: &Watch,
    benches: &mut HashMap<WatchId, Bench>,
) -> Result<(), StoreError> {
    let shared = pass.shared;
    loop {
        let held = benches.remove(&watch.id);
        let Some(mut bench) = hold(pass, watch, held).await? else { return Ok(()) };
        // A reload may have changed what is planned.
        pass.live.guide(watch, &mut bench.course);
        let signals = shared.store.signals_after(&watch.id, bench.lease.evaluated, BATCH).await?;
        let now = instant(shared);
        for at in bench.course.quiet_before(now) {
            shared.hints.pulse.beat("evaluator");
            step(pass, watch, &mut bench, at, None).await?;
            if shared.stop.is_cancelled() {
                benches.insert(watch.id.clone(), bench);
                return Ok(());
            }
        }
        let page = signals.len();
        if let Some(upto) = signals.last().map(|signal| signal.seq) {
            // What is found late is learned when reading the past again has ended, with all of it.
            let aloud = signals.into_iter().filter(|signal| signal.hearing != Hearing::Late);
            let press = &pass.live.config.rules.press;
            let mut heard: Vec<Heard> = aloud.map(|signal| signal.as_heard(now, press)).collect();
            step(pass, watch, &mut bench, now, Some((upto, &mut heard))).await?;
        } else {
            // What is shown is as it is now; what is decided waits for an instant that is due.
            let reading = bench.course.clone().look(now, pass.audible, &mut []);
            measure(shared, watch, &reading, &bench.latest);
        }
        benches.insert(watch.id.clone(), bench);
        if page < BATCH || shared.stop.is_cancelled() {
            return Ok(());
        }
    }
}

async fn claim(
    shared: &Shared,
    watch: &Watch,
    now: Timestamp,
) -> Result<Option<WatchLease>, StoreError> {
    shared.store.claim_watch(&shared.node, &watch.id, shared.lease(LEASE), now).await
}

/// Whether nobody had the right to evaluate between these two leases.
fn follows(lease: &WatchLease, before: &WatchLease) -> bool {
    before.evaluated == lease.evaluated && before.epoch + 1 == lease.epoch
}

/// Has the right to evaluate, or says that somebody else has it. A detector in memory that stands
/// where the lease stands goes on; otherwise the saved one is replayed up to there.
async fn hold(
    pass: &Pass<'_>,
    watch: &Watch,
    held: Option<Bench>,
) -> Result<Option<Bench>, StoreError> {
    let now = instant(pass.shared);
    if held.as_ref().is_some_and(|held| held.lease.until > now) {
        return Ok(held);
    }
    let Some(lease) = claim(pass.shared, watch, now).await? else { return Ok(None) };
    match held {
        Some(held) if follows(&lease, &held.lease) => Ok(Some(Bench { lease, ..held })),
        _ => restore(pass, watch, lease).await,
    }
}

/// Everything about a watch as the store knows it; nothing when the daemon stops meanwhile.
async fn restore(
    pass: &Pass<'_>,
    watch: &Watch,
    mut lease: WatchLease,
) -> Result<Option<Bench>, StoreError> {
    let shared = pass.shared;
    let feedback = feedback(shared.store.as_ref(), &watch.id).await?;
    let mut latest = Latest::default();
    for matter in Matter::ALL {
        let watch = Some(watch.id.clone());
        let query = IncidentQuery { watch, matter: Some(matter), limit: 1, ..Default::default() };
        shared.store.incidents(&query).await?.into_iter().for_each(|incident| latest.put(incident));
    }
    let Some(remembered) = memory::remember(shared, watch, &lease, pass.audible).await? else {
        return Ok(None);
    };
    lease.evaluated = remembered.upto;
    Ok(Some(Bench { lease, course: remembered.course, latest, feedback, saved: remembered.saved }))
}

/// One decision: hear, read, decide, render, commit. At an instant at which nothing is heard it
/// commits only what changed; a decision that changed nothing is taken again after a crash.
async fn step(
    pass: &Pass<'_>,
    watch: &Watch,
    bench: &mut Bench,
    at: Timestamp,
    heard: Option<(u64, &mut [Heard])>,
) -> Result<(), StoreError> {
    let Pass { shared, live, sources, audible } = *pass;
    let arrived = heard.is_some();
    let (upto, heard) = heard.unwrap_or((bench.lease.evaluated, &mut []));
    let reading = bench.course.look(at, audible, heard);
    let rule = Rule { watch, feedback: Some(&bench.feedback) };
    let decisions = incident::decide(&bench.latest, &reading, rule, at);
    let told = decisions.iter().any(|decision| decision.event.is_some());
    let save = told || at.duration_since(bench.saved) >= signed(SAVE);
    let mut latest = bench.latest.clone();
    if arrived || !decisions.is_empty() || save {
        let mut evaluation = bench.evaluation(upto, at, save);
        for decision in &decisions {
            let Some(mut incident) = decision.incident.clone() else { continue };
            let detector = &bench.course.detector;
            let messages =
                facts::messages(shared, live, watch, decision, &mut incident, detector, sources);
            evaluation.outbox.extend(messages.await?);
            latest.put(incident.clone());
            evaluation.incidents.push((incident, decision.event));
        }
        commit(shared, watch, bench, &evaluation).await?;
    }
    for decision in &decisions {
        tell(shared, watch, decision);
    }
    bench.latest = latest;
    measure(shared, watch, &reading, &bench.latest);
    Ok(())
}

/// Commits an evaluation, under a lease taken again when another commit gave it back.
async fn commit(
    shared: &Shared,
    watch: &Watch,
    bench: &mut Bench,
    evaluation: &Evaluation,
) -> Result<(), StoreError> {
    let now = instant(shared);
    if bench.lease.until <= now {
        let fenced = || StoreError::Fenced(format!("watch {}", watch.id));
        let lease = claim(shared, watch, now).await?.ok_or_else(fenced)?;
        if !follows(&lease, &bench.lease) {
            return Err(fenced());
        }
        bench.lease = lease;
    }
    let timer = shared.metrics.store_transaction.with_label_values(&["commit_evaluation"]);
    let timer = timer.start_timer();
    shared.store.commit_evaluation(&bench.lease, evaluation, now).await?;
    timer.observe_duration();
    // The commit gave the lease back: the next decision claims it again.
    bench.lease.until = now;
    bench.lease.evaluated = evaluation.upto;
    bench.lease.evaluated_at = Some(evaluation.at);
    if evaluation.checkpoint.is_some() {
        bench.saved = evaluation.at;
    }
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

fn measure(shared: &Shared, watch: &Watch, reading: &Reading, latest: &Latest) {
    let metrics = &shared.metrics;
    // What a reload removed meanwhile is not shown again.
    if !shared.live().config.watches.iter().any(|known| known.id == watch.id) {
        return;
    }
    let id = watch.id.as_str();
    metrics.velocity.with_label_values(&[id]).set(reading.factor());
    metrics.negative.with_label_values(&[id]).set(reading.share);
    metrics.score.with_label_values(&[id]).set(reading.score / 100.0);
    let alarm = latest.open().find(|incident| incident.matter == Matter::BadBuzz);
    let level = alarm.map_or(0, |incident| match incident.level {
        Level::Notice => 0,
        Level::Watch => 1,
        Level::Warning => 2,
        Level::Crisis => 3,
    });
    metrics.crisis_level.with_label_values(&[id]).set(level);
    for level in Level::ALL {
        for state in State::ALL.into_iter().filter(|state| *state != State::Closed) {
            let here = latest.open().filter(|i| i.level == level && i.state == state).count();
            let labels = [id, level.as_str(), state.as_str()];
            metrics.incidents.with_label_values(&labels).set(here.try_into().unwrap_or(i64::MAX));
        }
    }
}
