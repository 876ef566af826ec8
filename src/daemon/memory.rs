//! A detector made again from what the store knows: the saved one and what came after it, or all of
//! the past when that was read again.

use jiff::tz::TimeZone;

use super::Shared;
use super::evaluator::BATCH;
use crate::model::{Seq, Timestamp, Watch};
use crate::replay::{Audible, Course, Heard, heard_at};
use crate::store::{Checkpoint, StoreError, WatchLease};

/// A detector, and where it stands.
pub(super) struct Remembered {
    pub course: Course,
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
    audible: &Audible,
) -> Result<Option<Remembered>, StoreError> {
    if let Some(changed) = lease.relearn {
        return relive(shared, watch, lease, lease.evaluated.max(changed), audible).await;
    }
    let saved = lease.checkpoint.as_ref().and_then(|saved| read(watch, saved));
    let Some(mut course) = saved else {
        // Nothing is saved: what was evaluated, if anything was, is all there is to live again.
        return relive(shared, watch, lease, lease.evaluated, audible).await;
    };
    shared.live().guide(watch, &mut course);
    let (saved, stood) = (course.at, lease.checkpoint.as_ref().map_or(0, |saved| saved.upto));
    let upto = lease.evaluated;
    if !hear_again(shared, watch, &mut course, (stood, upto), audible).await? {
        return Ok(None);
    }
    settle(&mut course, lease, audible);
    Ok(Some(Remembered { course, upto, saved }))
}

/// Looks at what was due up to the last evaluation, and at that: there it was decided last.
fn settle(course: &mut Course, lease: &WatchLease, audible: &Audible) {
    if let Some(at) = lease.evaluated_at.filter(|at| *at > course.at) {
        course.pass(at, audible);
        course.look(at, audible, &mut []);
    }
}

fn read(watch: &Watch, saved: &Checkpoint) -> Option<Course> {
    let read = serde_json::from_slice::<Course>(&saved.course);
    let read = read.inspect_err(|error| {
        tracing::warn!(
            watch = %watch.id,
            %error,
            "the saved detector is of another version; it lives its past again"
        );
    });
    read.ok()
}

/// Lives the whole past of a watch again: for a detector that was never saved, for one that cannot
/// be read, or for findings that are others than when it was lived. It has listened since the watch
/// began, but for the hours in which the daemon did not run.
async fn relive(
    shared: &Shared,
    watch: &Watch,
    lease: &WatchLease,
    upto: Seq,
    audible: &Audible,
) -> Result<Option<Remembered>, StoreError> {
    let mut course = Course::begin(zone(watch), lease.began, audible);
    shared.live().guide(watch, &mut course);
    if !hear_again(shared, watch, &mut course, (0, upto), audible).await? {
        return Ok(None);
    }
    settle(&mut course, lease, audible);
    if upto > 0 {
        let learned_hours = course.detector.learned_hours();
        tracing::info!(watch = %watch.id, learned_hours, "a detector has learned its past again");
    }
    Ok(Some(Remembered { course, upto, saved: Timestamp::UNIX_EPOCH }))
}

/// Lets a detector hear what was evaluated, after one sequence number and up to another. Decisions
/// about it are taken and committed; only the memory is made again. False when the daemon stops.
async fn hear_again(
    shared: &Shared,
    watch: &Watch,
    course: &mut Course,
    (mut after, upto): (Seq, Seq),
    audible: &Audible,
) -> Result<bool, StoreError> {
    // What is heard at one instant is heard together, also when a page ends in the middle of it.
    let mut together: Vec<Heard> = Vec::new();
    let live = shared.live();
    while after < upto {
        shared.hints.pulse.beat("evaluator");
        if shared.stop.is_cancelled() {
            return Ok(false);
        }
        let signals = shared.store.signals_after(&watch.id, after, BATCH).await?;
        let Some(last) = signals.last().map(|signal| signal.seq) else { break };
        for signal in signals.into_iter().filter(|signal| signal.seq <= upto) {
            let before = together.last().map_or(course.at, |heard| heard.at);
            let at = signal.heard.unwrap_or_else(|| heard_at(signal.arrived, before));
            if at != before {
                course.relive(&mut together, audible);
                together.clear();
            }
            together.push(signal.as_heard(at, &live.config.rules.press));
        }
        after = last;
    }
    course.relive(&mut together, audible);
    Ok(true)
}

pub(super) fn zone(watch: &Watch) -> TimeZone {
    // Checked by the configuration; UTC if the machine lost its zone database since.
    TimeZone::get(&watch.timezone).unwrap_or(TimeZone::UTC)
}
