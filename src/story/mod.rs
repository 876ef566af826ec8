//! Stories: which mentions are copies of one text, and what is said now that is not usually said.

pub mod shelf;
pub mod sketch;
#[cfg(test)]
mod tests;

pub use shelf::{Copy, Shelf, Told};
pub use sketch::{Likeness, Sketch};
