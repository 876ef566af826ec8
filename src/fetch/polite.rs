//! When a source may be asked again.
