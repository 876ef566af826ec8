//! A value that must not be printed: shown as `***` wherever it goes.

pub use secrecy::{ExposeSecret, SecretString};
