//! Telling people: what is due, how it reads, how it leaves.

pub mod chart;
pub mod email;
pub mod excerpt;
pub mod facts;
pub mod html;
pub mod letter;
pub mod plain;
pub mod plan;
pub mod render;
pub mod retry;
pub mod words;

pub use excerpt::line;
pub use facts::{AlertFacts, ChartPoint, Coverage, Said, Spread};
pub use plan::{Plan, Planned, plan};
pub use render::{Rendered, render};

/// One way of telling people. `vigie kinds`, `vigie check` and the sender read this list only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotifierKind {
    /// The value of `Notification::channel`.
    pub name: &'static str,
    pub summary: &'static str,
}

/// Every notifier there is.
pub const KINDS: &[NotifierKind] = &[NotifierKind {
    name: email::KIND,
    summary: "one e-mail for each recipient, through an SMTP relay",
}];

#[cfg(test)]
mod fixture;
#[cfg(test)]
use fixture::facts as facts_for_tests;
#[cfg(test)]
mod tests;
