//! Stories: which mentions are copies of one text, and what is said now that is not usually said.

pub mod shelf;
pub mod sketch;
mod stop;
pub mod terms;
#[cfg(test)]
mod tests;

pub use shelf::{Copy, Shelf, Told};
pub use sketch::{Likeness, Sketch};
pub use terms::{Heard, Term, new_terms};
