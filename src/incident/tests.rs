//! Tests of the transition.
