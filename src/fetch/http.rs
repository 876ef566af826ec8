//! Fetching over HTTP: capped, guarded, by hand from hop to hop.
