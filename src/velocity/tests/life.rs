//! Behaviour on simulated streams.
