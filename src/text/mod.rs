//! From what the net sends to what we compare: text out of HTML, folding, addresses, likeness.

pub mod canonical;
mod entity;
pub mod fingerprint;
pub mod fold;
pub mod html;
pub mod nearest;
pub mod spoken;
mod writer;
