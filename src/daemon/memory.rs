//! A detector made again from what the store knows: the saved one and what came after it, or all of
//! the past when that was read again.

use jiff::tz::TimeZone;

use super::Shared;
use super::evaluator::BATCH;
use crate::calendar::Plan;
use crate::model::{Seq, Timestamp, Watch};
use crate::source::KINDS;
use crate::store::{Checkpoint, StoreError, StoredSignal, WatchLease};
use crate::velocity::{Detector, Signal};

/// A detector, and where it stands.
pub(super) struct Remembered {
    pub detector: Detector,
    /// The last sequence number that it knows of.
    pub upto: Seq,
    /// When it was saved last; long ago for one that must be saved.
    pub saved: Timestamp,
}

/// What the detector of a watch has to know before the next decision; nothing when the daemon
/// stops meanwhile.
pub(super) async fn remember(
    shared: &Shared,
    watch: &Watch,
    lease: &WatchLease,
    now: Timestamp,
) -> Result<Option<Remembered>, StoreError> {
    if let Some(changed) = lease.relearn {
        return relive(shared, watch, lease, lease.evaluated.max(changed), now).await;
    }
    let Some(saved) = &lease.checkpoint else {
        let mut detector = Detector::new(zone(watch), now);
        detector.follow(plan(shared, watch));
        let saved = Timestamp::UNIX_EPOCH;
        return Ok(Some(Remembered { detector, upto: lease.evaluated, saved }));
    };
    let Some(mut detector) = read(watch, saved) else {
        return relive(shared, watch, lease, lease.evaluated, now).await;
    };
    detector.follow(plan(shared, watch));
    if !hear_again(shared, watch, &mut detector, (saved.upto, lease.evaluated)).await? {
        return Ok(None);
    }
    if let Some(at) = lease.evaluated_at {
        detector.advance(at);
    }
    Ok(Some(Remembered { detector, upto: lease.evaluated, saved: saved.at }))
}

fn read(watch: &Watch, saved: &Checkpoint) -> Option<Detector> {
    let read = serde_json::from_slice::<Detector>(&saved.detector);
    let read = read.inspect_err(|error| {
        tracing::warn!(
            watch = %watch.id,
            %error,
            "the saved detector is of another version; it lives its past again"
        );
    });
    read.ok()
}

/// Lives the whole past of a watch again, for findings that are others than when it was lived, or a
/// memory that nobody can read.
///
/// It has watched since the first mention of the store. Hours in which the daemon did not run are
/// learned as calm, since nothing in the store tells them from calm ones.
async fn relive(
    shared: &Shared,
    watch: &Watch,
    lease: &WatchLease,
    upto: Seq,
    now: Timestamp,
) -> Result<Option<Remembered>, StoreError> {
    let first = shared.store.mentions_between(0, Seq::MAX, 1).await?;
    let start = first.first().map_or(now, |mention| mention.first_seen);
    let mut detector = Detector::new(zone(watch), start);
    detector.follow(plan(shared, watch));
    if !hear_again(shared, watch, &mut detector, (0, upto)).await? {
        return Ok(None);
    }
    detector.advance(lease.evaluated_at.unwrap_or(now));
    let learned_hours = detector.learned_hours();
    tracing::info!(watch = %watch.id, learned_hours, "a detector has learned its past again");
    Ok(Some(Remembered { detector, upto, saved: Timestamp::UNIX_EPOCH }))
}

/// Lets a detector hear what was evaluated, after one sequence number and up to another. Decisions
/// about it are taken and committed; only the memory is made again. False when the daemon stops.
async fn hear_again(
    shared: &Shared,
    watch: &Watch,
    detector: &mut Detector,
    (mut after, upto): (Seq, Seq),
) -> Result<bool, StoreError> {
    while after < upto {
        shared.hints.pulse.beat("evaluator");
        if shared.stop.is_cancelled() {
            return Ok(false);
        }
        let signals = shared.store.signals_after(&watch.id, after, BATCH).await?;
        let Some(last) = signals.last().map(|signal| signal.seq) else { break };
        for signal in signals.iter().filter(|signal| signal.seq <= upto) {
            // A mention was evaluated within a step of its arrival.
            detector.advance(signal.arrived);
            if signal.late {
                detector.learn_from(&heard(signal));
            } else {
                detector.observe(&heard(signal));
            }
        }
        after = last;
    }
    Ok(true)
}

/// A finding as the detector hears it.
pub(super) fn heard(signal: &StoredSignal) -> Signal {
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

/// What is planned for a watch, as configured now.
pub(super) fn plan(shared: &Shared, watch: &Watch) -> Plan {
    Plan::of(&shared.live().config.events, &watch.id)
}

pub(super) fn zone(watch: &Watch) -> TimeZone {
    // Checked by the configuration; UTC if the machine lost its zone database since.
    TimeZone::get(&watch.timezone).unwrap_or(TimeZone::UTC)
}
