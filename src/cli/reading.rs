//! Opening a store to read it, for the commands that look while a daemon may run.

use tokio::runtime::Runtime;

use super::check::unscored;
use super::output::Output;
use super::run::{runtime, store_exit};
use super::{ConfigArgument, Exit};
use crate::config::Config;
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
