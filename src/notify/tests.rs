//! The letter as its readers get it.
