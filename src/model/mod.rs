//! The words of the program: plain values that every other folder speaks in.

pub mod finding;
pub mod id;
pub mod incident;
pub mod item;
pub mod language;
pub mod listened;
pub mod mention;
pub mod notification;
pub mod reading;
pub mod risk;
pub mod roster;
pub mod secret;
pub mod story;
pub mod time;
pub mod verdict;
pub mod watch;

pub use finding::{Aside, AsideKind, Evidence, Finding, Opinion, Sentiment, Span, Tone};
pub use id::{IncidentId, ItemKey, SourceId, WatchId};
pub use incident::{Ended, Event, Former, Incident, Level, Matter, Severity, State, Unheard};
pub use item::{Author, Counts, Item, Rating};
pub use language::{Lang, Language};
pub use listened::Listened;
pub use mention::{Mention, Seq};
pub use notification::Notification;
pub use reading::{Planned, Reading, ScoreTerm, Volume};
pub use risk::{Measure, Risk};
pub use roster::Roster;
pub use story::{Story, StoryId};
pub use time::{Clock, Timestamp};
pub use verdict::{Heeded, Ruling, Said, Verdict};
pub use watch::{Sensitivity, Watch};
