//! The life of an incident: one pure transition that says why.
