//! `vigie run`: the daemon, until it is told to stop.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::check::{configuration, summary};
use super::output::Output;
use super::{ConfigArgument, Exit};
use crate::config::table::Problem;
use crate::config::{Config, Surroundings, load};
use crate::daemon::{Daemon, DaemonError, Reloader};
use crate::diagnostic::Severity;
use crate::model::time::{FastClock, SystemClock};
use crate::model::{Clock, Timestamp};
use crate::store::StoreError;
use crate::telemetry;

/// Stops on SIGTERM and SIGINT; SIGHUP reads the configuration again and changes nothing when it
/// is wrong.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  vigie run\n  vigie run -c /etc/vigie/vigie.toml")]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// Live SPEED times as fast since the instant ANCHOR: for tests of what takes days
    #[arg(long, hide = true, value_name = "ANCHOR,SPEED", value_parser = clock)]
    clock: Option<FastClock>,
}

/// What threads that cannot be stopped get at the end.
const LEAVE: Duration = Duration::from_millis(300);

fn clock(text: &str) -> Result<FastClock, String> {
    let read = text.split_once(',').and_then(|(anchor, speed)| {
        let anchor: Timestamp = anchor.parse().ok()?;
        let speed: f64 = speed.parse().ok().filter(|speed| (0.001..=1e6).contains(speed))?;
        Some(FastClock { started: anchor, origin: anchor, stretches: vec![(1.0, speed)] })
    });
    read.ok_or_else(|| "write an instant, a comma and a number".to_owned())
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Exit {
    let config = match configuration(&arguments.config, output) {
        Ok(config) => config,
        Err(exit) => return exit,
    };
    telemetry::start("info");
    telemetry::log_panics();
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => return output.fail(Exit::Unusable, error),
    };
    let reloader = reloader(&arguments.config.config);
    let clock: Arc<dyn Clock> = match &arguments.clock {
        Some(clock) => Arc::new(clock.clone()),
        None => Arc::new(SystemClock),
    };
    let what = summary(&config);
    let outcome = runtime.block_on(async {
        let daemon = Daemon::start(config, clock).await?;
        let address = daemon.address();
        output.say(format!("watching {what}; metrics and health on http://{address}/"));
        Ok::<_, DaemonError>(daemon.run_until_signal(reloader).await)
    });
    // A name that does not resolve, or a page that is read for ever, must not outlive the stop.
    runtime.shutdown_timeout(LEAVE);
    match outcome {
        Ok(Ok(())) => Exit::Done,
        Ok(Err(error)) => output.fail(Exit::Unusable, format!("cannot listen to signals: {error}")),
        Err(error) => failure(&error, output),
    }
}

/// What kept the daemon from starting, and the exit code that tells systemd whether to try again.
pub(crate) fn failure(error: &DaemonError, output: &mut Output) -> Exit {
    let exit = match error {
        DaemonError::Store(error) => store_exit(error),
        DaemonError::Index(_) => Exit::Unusable,
        DaemonError::Listen { .. } | DaemonError::Watches(_) | DaemonError::Fetch(_) => Exit::Usage,
    };
    output.fail(exit, error)
}

/// Somebody who holds the store goes away again; what is damaged does not mend itself.
pub(crate) fn store_exit(error: &StoreError) -> Exit {
    match error {
        StoreError::InUse { .. } | StoreError::Busy => Exit::InUse,
        _ => Exit::Unusable,
    }
}

pub(crate) fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

/// Reads the configuration again, all or nothing.
fn reloader(path: &Path) -> Reloader {
    let path = path.to_owned();
    Box::new(move || {
        let loaded = load(&path, &Surroundings::of_process())?;
        let wrong = |p: &&Problem| p.diagnostic.severity == Severity::Error;
        let first = loaded.problems.iter().find(wrong).map(|p| p.diagnostic.title.clone());
        let config: Option<Config> = loaded.config;
        config.ok_or_else(|| {
            let first = first.unwrap_or_else(|| "it is empty".to_owned());
            format!("{first} (`vigie check` shows everything)")
        })
    })
}
