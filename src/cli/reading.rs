//! Opening a store beside a daemon that may run: to look, or to write a few words.

use tokio::runtime::Runtime;

use super::check::unscored;
use super::output::Output;
use super::run::{runtime, store_exit};
use super::{ConfigArgument, Exit};
use crate::config::Config;
use crate::model::WatchId;
use crate::store::sqlite::SqliteStore;

/// What such a command works with.
pub(crate) struct Reading {
    pub config: Config,
    pub store: SqliteStore,
    pub runtime: Runtime,
}

impl Reading {
    /// Opens what the configuration names, or has said why not.
    pub(crate) fn open(argument: &ConfigArgument, output: &mut Output) -> Result<Reading, Exit> {
        let config = unscored(argument, output)?;
        let runtime = runtime().map_err(|error| output.fail(Exit::Unusable, error))?;
        let store = SqliteStore::open_reader(&config.store.directory)
            .map_err(|error| output.fail(store_exit(&error), error))?;
        Ok(Reading { config, store, runtime })
    }
}

/// What a command works with that writes a person's word.
pub(crate) struct Writing {
    pub config: Config,
    pub store: SqliteStore,
    pub runtime: Runtime,
}

impl Writing {
    /// Opens what the configuration names, or has said why not.
    pub(crate) fn open(argument: &ConfigArgument, output: &mut Output) -> Result<Writing, Exit> {
        let config = unscored(argument, output)?;
        let runtime = runtime().map_err(|error| output.fail(Exit::Unusable, error))?;
        let store = SqliteStore::open_beside(&config.store.directory)
            .map_err(|error| output.fail(store_exit(&error), error))?;
        Ok(Writing { config, store, runtime })
    }

    /// A configured watch by name, or has said which there are.
    pub(crate) fn watch(&self, name: &str, output: &mut Output) -> Result<WatchId, Exit> {
        let known = || self.config.watches.iter().map(|watch| &watch.id);
        known().find(|id| id.as_str() == name).cloned().ok_or_else(|| {
            let names: Vec<&str> = known().map(WatchId::as_str).collect();
            let what = format!("no watch `{name}`; configured: {}", names.join(", "));
            output.fail(Exit::Usage, what)
        })
    }
}
