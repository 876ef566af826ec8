//! Telling people: what is due, how it reads, how it leaves.
