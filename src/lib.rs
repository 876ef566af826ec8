//! Watches what is said about a brand and tells people when it turns bad.
#![doc = include_str!("README.md")]

pub mod cli;
pub mod config;
pub mod daemon;
pub mod diagnostic;
pub mod fetch;
pub mod http;
pub mod incident;
pub mod index;
pub mod language;
pub mod metrics;
pub mod model;
pub mod notify;
pub mod query;
pub mod rules;
pub mod sentiment;
pub mod source;
pub mod spam;
pub mod standing;
pub mod store;
pub mod story;
pub mod telemetry;
pub mod text;
pub mod topic;
pub mod understand;
pub mod velocity;
