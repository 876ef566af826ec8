//! The five loops and their life.
