//! Signals, and what systemd is told: ready, reloading, alive, stopping.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};

use super::Daemon;
use crate::config::Config;

/// Reads the configuration again; the text says what is wrong with it.
pub type Reloader = Box<dyn Fn() -> Result<Config, String> + Send + Sync>;

/// Time to finish what is under way at a stop: systemd waits 30 s before it kills.
const GRACE: Duration = Duration::from_secs(8);

/// A loop that has not gone round for this long keeps the watchdog from being fed.
const STALL: Duration = Duration::from_secs(90);

impl Daemon {
    /// Runs until SIGTERM or SIGINT; SIGHUP reloads. Fails when signals cannot be listened to.
    pub async fn run_until_signal(&self, reload: Reloader) -> std::io::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut hangup = signal(SignalKind::hangup())?;
        tell(&[NotifyState::Ready, NotifyState::Status(&self.status())]);
        let mut tick = tokio::time::interval(watchdog_interval());
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                _ = hangup.recv() => self.reload_from(&reload).await,
                _ = tick.tick() => self.attest(),
            }
        }
        tracing::info!("stopping");
        tell(&[NotifyState::Stopping]);
        self.stop(GRACE).await;
        tracing::info!("stopped");
        Ok(())
    }

    async fn reload_from(&self, reload: &Reloader) {
        let monotonic = NotifyState::monotonic_usec_now();
        match monotonic {
            Ok(at) => tell(&[NotifyState::Reloading, at]),
            Err(_) => tell(&[NotifyState::Reloading]),
        }
        let outcome = match reload() {
            Ok(config) => self.reload(config).await.map_err(|error| error.to_string()),
            Err(error) => Err(error),
        };
        match outcome {
            Ok(()) => tracing::info!("the new configuration is in force"),
            Err(error) => {
                self.shared.metrics.reload_successful.set(0);
                tracing::error!(
                    error,
                    "the configuration on disk is refused; the present one stays"
                );
            }
        }
        tell(&[NotifyState::Ready, NotifyState::Status(&self.status())]);
    }

    /// Feeds the watchdog while every loop goes round.
    fn attest(&self) {
        let stalled = self.shared.hints.pulse.stalled(STALL);
        if stalled.is_empty() {
            tell(&[NotifyState::Watchdog, NotifyState::Status(&self.status())]);
        } else {
            tracing::error!(?stalled, "loops do not go round; the watchdog is not fed");
        }
    }

    fn status(&self) -> String {
        let live = self.shared.live();
        let metrics = &self.shared.metrics;
        format!(
            "{} watches, {} sources, index {} behind",
            live.config.watches.len(),
            live.config.sources.len(),
            metrics.index_lag.get()
        )
    }
}

fn watchdog_interval() -> Duration {
    sd_notify::watchdog_enabled().map_or(Duration::from_secs(15), |limit| limit / 3)
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd does not listen");
    }
}
