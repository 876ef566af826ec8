//! `vigie rebuild-index`: throws the search index away; the daemon builds it again.

use clap::Args;

use super::check::unscored;
use super::output::Output;
use super::{ConfigArgument, Exit};
use crate::store::StoreError;
use crate::store::sqlite::SqliteStore;

/// Loses nothing: the index is a view of the store. The daemon must not be running.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  systemctl stop vigie && vigie rebuild-index && systemctl start vigie"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Exit {
    let config = match unscored(&arguments.config, output) {
        Ok(config) => config,
        Err(exit) => return exit,
    };
    let directory = &config.store.directory;
    // Holding the store's lock is what says that no daemon runs.
    let _held = match SqliteStore::open(directory) {
        Ok(store) => store,
        Err(error @ StoreError::InUse { .. }) => return output.fail(Exit::InUse, error),
        Err(error) => return output.fail(Exit::Unusable, error),
    };
    let index = directory.join("index");
    let removed = std::fs::remove_dir_all(&index);
    match removed {
        Ok(()) => output.say("the index is gone; the next start builds it again"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            output.say("there was no index");
        }
        Err(error) => {
            let what = format!("cannot remove {}: {error}", index.display());
            return output.fail(Exit::Unusable, what);
        }
    }
    Exit::Done
}
