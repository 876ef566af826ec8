//! Living a past again: when a watch is looked at, what is heard by then, and what is decided.
//!
//! The daemon takes its decisions through [`Course`] too, so that a replay of what it stored
//! decides the same at the same instants, whatever killed it in between.
//!
//! ```text
//! heard, in order ─▸ instants: every five minutes, and whenever something was heard
//!                      │ what was listened to since ─▸ detector, radar ─▸ reading
//!                      └─▸ each rule ─▸ incident::transition ─▸ what it would have told
//! ```

mod audible;
mod course;
mod instants;
mod marks;
mod sides;
#[cfg(test)]
mod tests;

pub use audible::Audible;
pub use course::{Course, Heard, Hearing};
pub use instants::{QUIET, due, heard_at};
pub use marks::{Caught, Mark, Peak, Unmarkable, caught, missed};
pub use sides::{Replay, Told};
