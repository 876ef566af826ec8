//! Where the log goes: journald when systemd listens, standard error otherwise.

use std::io::IsTerminal;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// Starts logging. `VIGIE_LOG` chooses what is said (`info`, `vigie=debug`), default `info`.
/// The one global of the program: the tracing subscriber.
pub fn start(default_level: &str) {
    let filter = || {
        EnvFilter::try_from_env("VIGIE_LOG")
            .unwrap_or_else(|_| EnvFilter::new(format!("warn,vigie={default_level}")))
    };
    let journal = std::env::var_os("JOURNAL_STREAM")
        .and_then(|_| tracing_journald::layer().ok())
        .map(|layer| layer.with_field_prefix(None).with_syslog_identifier("vigie".to_owned()));
    let started = match journal {
        Some(journal) => {
            tracing_subscriber::registry().with(journal.with_filter(filter())).try_init()
        }
        None => {
            let stderr = tracing_subscriber::fmt::layer()
                .with_writer(std::io::stderr)
                .with_target(false)
                .with_ansi(
                    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
                );
            tracing_subscriber::registry().with(stderr.with_filter(filter())).try_init()
        }
    };
    // A second start, in a test process, keeps the first subscriber.
    drop(started);
}

/// Makes every panic one line of the log. Whoever caught it goes on and says what it cost; the
/// spans say which task it was. For a daemon only: a command that panics should look like it.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let what = panic.payload();
        let what = what.downcast_ref::<&str>().copied().or_else(|| {
            let text = what.downcast_ref::<String>()?;
            Some(text.as_str())
        });
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(what = what.unwrap_or("(no words)"), place, "a bug was met (panic)");
    }));
}
