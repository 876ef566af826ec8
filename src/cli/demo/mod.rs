//! `vigie demo`: the real daemon on a story of our own, without a network or a configuration.

mod feeds;
mod sink;
mod story;
mod telling;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Exit;
use super::output::Output;
use super::run::{failure, runtime};
use crate::config::{Config, Surroundings, load};
use crate::daemon::Daemon;
use crate::model::Clock;
use crate::model::time::{FastClock, SystemClock};
use crate::telemetry;
use story::Story;

/// A week passes in about twenty seconds, then the bad buzz begins: local servers play it, the
/// daemon notices, and the mails land as .eml files.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  vigie demo\n  vigie demo --state /tmp/demo --seconds 60")]
pub(crate) struct Arguments {
    /// How much faster than usual the story is told: 2 is twice as fast
    #[arg(long, default_value_t = 1.0, value_parser = speed)]
    speed: f64,
    /// Stop after this many seconds; without it, the demo stays up for you to look around
    #[arg(long)]
    seconds: Option<u64>,
    /// Where to keep everything; a new directory under the system's temporary one by default
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (0.1..=10.0).contains(&speed) => Ok(speed),
        _ => Err("the speed is a number from 0.1 to 10".to_owned()),
    }
}

/// Real seconds that the quiet week takes, and how fast time goes during the bad buzz.
const WEEK_SECONDS: f64 = 20.0;
const BUZZ_SPEED: f64 = 420.0;

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Exit {
    telemetry::start("error");
    let directory = match directory(arguments) {
        Ok(directory) => directory,
        Err(error) => return output.fail(Exit::Unusable, error),
    };
    match runtime() {
        Ok(runtime) => runtime.block_on(play(arguments, &directory, output)),
        Err(error) => output.fail(Exit::Unusable, error),
    }
}

/// A directory of its own: a demo never touches the state of a real daemon.
fn directory(arguments: &Arguments) -> Result<PathBuf, String> {
    let directory = arguments
        .state
        .clone()
        .unwrap_or_else(|| std::env::temp_dir().join(format!("vigie-demo-{}", std::process::id())));
    if directory.join("state").exists() {
        return Err(format!("{} holds an earlier demo: name another --state", directory.display()));
    }
    std::fs::create_dir_all(&directory)
        .map_err(|error| format!("cannot create {}: {error}", directory.display()))?;
    std::path::absolute(&directory).map_err(|error| error.to_string())
}

/// The clock of the story, and when it began.
fn clock(speed: f64) -> Arc<dyn Clock> {
    let started = SystemClock.now();
    // The story ends about now, so that its mails carry today's date.
    let past = jiff::SignedDuration::from_hours(story::QUIET_DAYS * 24 + 4);
    let week = WEEK_SECONDS / speed;
    let quiet = (story::QUIET_DAYS * 86_400) as f64;
    Arc::new(FastClock {
        started,
        origin: started.saturating_sub(past).unwrap_or(started),
        stretches: vec![(week, quiet / week), (1.0, BUZZ_SPEED * speed)],
    })
}

async fn play(arguments: &Arguments, directory: &Path, output: &mut Output) -> Exit {
    let clock = clock(arguments.speed);
    let story = Arc::new(Story::beginning(clock.now()));
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let servers = async {
        let feeds = feeds::serve(&story, &clock, &tasks, &stop).await?;
        let (relay, mails) = sink::serve(&directory.join("mails"), &tasks, &stop).await?;
        Ok::<_, std::io::Error>((feeds, relay, mails))
    };
    let (feeds, relay, mails) = match servers.await {
        Ok(servers) => servers,
        Err(error) => return output.fail(Exit::Unusable, format!("no local server: {error}")),
    };
    let config = match configuration(directory, &feeds, relay) {
        Ok(config) => config,
        Err(error) => return output.fail(Exit::Bug, error),
    };
    let daemon = match Daemon::start(config, clock.clone()).await {
        Ok(daemon) => daemon,
        Err(error) => return failure(&error, output),
    };
    let limit = arguments.seconds.map(Duration::from_secs);
    let exit = telling::tell(&daemon, &clock, &story, mails, directory, limit, output).await;
    daemon.stop(Duration::from_secs(8)).await;
    stop.cancel();
    tasks.close();
    if tokio::time::timeout(Duration::from_secs(5), tasks.wait()).await.is_err() {
        output.say("a local server did not stop in time");
    }
    exit
}

/// The configuration of the demo, written where a person can read it and use it again.
fn configuration(
    directory: &Path,
    feeds: &[String],
    relay: std::net::SocketAddr,
) -> Result<Config, String> {
    let mut text = format!(
        r#"# The configuration of `vigie demo`.
[store]
url = "sqlite:state"

[http]
listen = "127.0.0.1:0"

[mail]
relay = "{relay}"
tls = "none"                    # the relay is this very process
from = "Vigie <vigie@brindille.example>"

[[watch]]
id = "brindille"
name = "{brand}"
query = "{brand}"
languages = ["fr"]
recipients = ["communication"]

[[recipient]]
id = "communication"
name = "Communication"
email = "communication@brindille.example"
language = "fr"
"#,
        brand = story::BRAND
    );
    for (place, url) in story::PLACES.iter().zip(feeds) {
        text.push_str(&format!(
            "\n[[source]]\nid = \"{place}\"\nkind = \"feed\"\nurl = \"{url}\"\nevery = \"10m\"\n\
             allow_private = [\"127.0.0.1\"]\n"
        ));
    }
    let path = directory.join("vigie.toml");
    std::fs::write(&path, text)
        .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    let loaded = load(&path, &Surroundings::default())?;
    let problems: Vec<String> =
        loaded.problems.iter().map(|problem| problem.diagnostic.title.clone()).collect();
    loaded.config.ok_or_else(|| problems.join("; "))
}
