//! What is said between the store and whoever evaluates a watch.

use serde::Serialize;

use super::{Result, Store};
use crate::incident::Feedback;
use crate::model::{
    Counts, Event, Incident, Level, Matter, Notification, Seq, SourceId, Timestamp, Tone, WatchId,
};
use crate::replay::{Audible, Heard, Hearing, missed};
use crate::risk::Echo;
use crate::rules::PressSites;
use crate::source::KINDS;
use crate::velocity::Signal;

/// The right to evaluate a watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchLease {
    pub watch: WatchId,
    pub epoch: u64,
    pub until: Timestamp,
    /// The last sequence number whose evaluation is committed.
    pub evaluated: Seq,
    /// The instant up to which the watch is evaluated.
    pub evaluated_at: Option<Timestamp>,
    /// Since when its detector listens: the first claim, or the first mention of a past that was
    /// read again.
    pub began: Timestamp,
    /// The newest saved detector and where it stood; absent for a new watch.
    pub checkpoint: Option<Checkpoint>,
    /// Findings up to here changed after they were evaluated: the saved detector knows others, and
    /// has to be made again. The next checkpoint answers it.
    pub relearn: Option<Seq>,
}

/// A course at rest: its state and the position it stands at. What came after is replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    pub upto: Seq,
    pub at: Timestamp,
    pub course: Vec<u8>,
}

/// A finding as a detector is told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSignal {
    /// Its place in the order of what is heard.
    pub seq: Seq,
    /// The mention, whose own number that is unless it is counted again.
    pub mention: Seq,
    pub hearing: Hearing,
    /// When the mention was accepted or, where it is counted again, when it was.
    pub arrived: Timestamp,
    /// The instant of the evaluation that heard it; `None` when none has, or nobody kept it.
    pub heard: Option<Timestamp>,
    /// When it counts: [`Mention::event_time`].
    pub event: Timestamp,
    pub tone: Tone,
    /// A hash of the author's identity; the source's own when there is none.
    pub author: u64,
    /// The mention's own and not its story's: a decision must not depend on how far another
    /// loop has come, or a replay would not repeat it.
    pub fingerprint: u64,
    /// Audience of the author; 0 when unknown.
    pub reach: u64,
    pub kind: String,
    pub source: SourceId,
    pub url: Option<String>,
    /// Known risks that it speaks of, by name.
    pub topics: Vec<String>,
    /// What the public had done with it by then.
    pub counts: Counts,
}

impl StoredSignal {
    /// As it is heard at an instant, by one who knows these press sites.
    pub fn as_heard(self, at: Timestamp, press: &PressSites) -> Heard {
        let kind = KINDS.iter().position(|kind| kind.name() == self.kind).unwrap_or(7);
        let signal = Signal {
            arrived: self.arrived,
            event: self.event,
            tone: self.tone,
            author: self.author,
            fingerprint: self.fingerprint,
            repost: false,
            reach: self.reach,
            kind: u8::try_from(kind).unwrap_or(7),
        };
        let echo = Echo {
            seq: self.mention,
            signal,
            spread: self.counts.spread(),
            press: self.url.as_deref().and_then(|url| press.of(url)).map(|site| site.host.clone()),
            topics: self.topics,
        };
        Heard { at, hearing: self.hearing, echo }
    }
}

/// What one evaluation decided.
#[derive(Debug, Clone, Default)]
pub struct Evaluation {
    pub upto: Seq,
    pub at: Timestamp,
    pub checkpoint: Option<Checkpoint>,
    /// The incidents as they are now that the evaluation changed, with what happened (a change
    /// that is no event, such as a new worst reading, has none).
    pub incidents: Vec<(Incident, Option<Event>)>,
    pub outbox: Vec<Notification>,
}

/// What people said of a watch: their verdicts, and the crises that they marked and that no incident
/// told in time.
pub async fn feedback(store: &dyn Store, watch: &WatchId) -> Result<Feedback> {
    let verdicts = store.verdicts(watch).await?;
    let mut marks = store.marks().await?;
    marks.retain(|mark| mark.watch == *watch);
    let Some(began) = store.began(watch).await?.filter(|_| !marks.is_empty()) else {
        return Ok(Feedback::new(&verdicts, &[]));
    };
    let audible = Audible::new(&store.listened().await?);
    let listened = |at: Timestamp| at >= began && audible.share_at(at) > 0.0;
    let matter = Some(Matter::BadBuzz);
    let query = IncidentQuery { watch: Some(watch.clone()), matter, ..IncidentQuery::default() };
    let mut told = store.incidents(&query).await?;
    told.reverse();
    let spans: Vec<_> = told.iter().map(|incident| (incident.opened, incident.closed)).collect();
    Ok(Feedback::new(&verdicts, &missed(&marks, &spans, listened)))
}

/// Which incidents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IncidentQuery {
    pub watch: Option<WatchId>,
    pub matter: Option<Matter>,
    /// Only those that are not closed.
    pub open: bool,
    /// 0 means the store's own cap, 1,000.
    pub limit: usize,
}

/// A line of an incident's history.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TimelineEntry {
    pub at: Timestamp,
    /// `opened`, `raised`, `fading`, `closed`, `queued`, `sent`, `retry`, `unknown`, `dead`,
    /// and the words of a [`crate::model::Ruling`].
    pub what: String,
    pub level: Option<Level>,
    /// Recipient of a message, the reading's numbers in words, or who said what.
    pub detail: String,
}
