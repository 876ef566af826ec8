//! The daemon: seven loops over one store, from the first request to the last mail.
//!
//! Each loop follows the store and keeps nothing that cannot be read from it again, so a loop that
//! dies is started again, and a daemon that dies goes on where its last transaction ended.

mod ear;
mod evaluator;
mod facts;
mod indexer;
mod janitor;
mod lifecycle;
mod matching;
mod memory;
pub(crate) mod news;
mod poller;
mod rematch;
mod sender;
mod stories;
mod supervise;

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::calendar::Plan;
use crate::config::Config;
use crate::fetch::Fetch;
use crate::fetch::http::{HttpFetch, HttpSettings};
use crate::fetch::polite;
use crate::index::{IndexError, Searcher};
use crate::language::Habits;
use crate::metrics::Metrics;
use crate::model::{Clock, SourceId, Watch, WatchId};
use crate::replay::Course;
use crate::rules::Alerts;
use crate::store::sqlite::SqliteStore;
use crate::store::{SourceSeed, SourceStatus, Store, StoreError, WatchSeed};
use crate::understand::Watches;

pub use lifecycle::Reloader;

/// Why a daemon did not start.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the search index cannot be opened: {0}")]
    Index(#[from] IndexError),
    #[error("cannot listen on {address}: {error}")]
    Listen { address: SocketAddr, error: std::io::Error },
    #[error("the watch {0}")]
    Watches(String),
    #[error("cannot prepare to fetch: {0}")]
    Fetch(String),
}

/// A configuration in force: swapped whole, never changed.
pub(crate) struct Live {
    pub config: Config,
    pub watches: Watches,
    /// Topics that call for an alert.
    alerts: Arc<Alerts>,
}

impl Live {
    fn new(config: Config) -> Result<Live, DaemonError> {
        let watches = Watches::compile(&config.watches).map_err(|wrong| {
            let told: Vec<String> = wrong
                .iter()
                .map(|(watch, problem)| format!("{watch}: {}", problem.title))
                .collect();
            DaemonError::Watches(told.join("; "))
        })?;
        let alerts = Arc::new(config.rules.alerts());
        Ok(Live { config, watches, alerts })
    }

    /// Tells whoever follows a watch through time what is configured.
    fn guide(&self, watch: &Watch, course: &mut Course) {
        let plan = Plan::of(&self.config.events, &watch.id);
        course.follow(plan, Arc::clone(&self.alerts));
    }

    /// The watches as the store wants to know them.
    fn definitions(&self) -> Vec<WatchSeed> {
        let watches = self.config.watches.iter();
        let seed =
            |watch: &Watch| WatchSeed { id: watch.id.clone(), definition: watch.definition() };
        watches.map(seed).collect()
    }

    /// The sources as the store wants to know them. First polls are spread over time by how many
    /// sources are new: thousands do not start together, and one more does not wait for thousands.
    fn seeds(&self, known: &[SourceStatus], now: crate::model::Timestamp) -> Vec<SourceSeed> {
        let known: HashSet<&SourceId> = known.iter().map(|source| &source.id).collect();
        let new = self.config.sources.iter().filter(|source| !known.contains(&source.id)).count();
        let spread = polite::start_spread(new);
        self.config
            .sources
            .iter()
            .map(|source| SourceSeed {
                id: source.id.clone(),
                kind: source.kind,
                host: polite::host_of(source.source.address()),
                fingerprint: source.source.address().to_string(),
                first_due: polite::first_due(&source.id, now, spread),
            })
            .collect()
    }
}

/// Authors whose usual language is remembered: a megabyte.
const AUTHORS: usize = 25_000;

/// What every loop works with.
#[derive(Clone)]
pub(crate) struct Shared {
    pub store: Arc<dyn Store>,
    pub fetch: Arc<dyn Fetch>,
    pub clock: Arc<dyn Clock>,
    pub metrics: Metrics,
    pub live: watch::Receiver<Arc<Live>>,
    pub hints: Arc<Hints>,
    /// What authors usually write in; made again from the store at a start.
    pub habits: Arc<std::sync::Mutex<Habits>>,
    /// Cancelled when it is time to stop: no loop takes new work after that.
    pub stop: CancellationToken,
    pub tasks: TaskTracker,
    /// This process, in leases.
    pub node: String,
}

/// Wake-ups between loops. Nothing depends on them: every loop also looks by itself.
#[derive(Default)]
pub(crate) struct Hints {
    /// Sources changed, or a lease came back.
    pub poll: Notify,
    /// Mentions were accepted.
    pub index: Notify,
    pub stories: Notify,
    /// Their stories are known.
    pub evaluate: Notify,
    /// Messages were queued.
    pub send: Notify,
    /// A watch was edited.
    pub rematch: Notify,
    /// The disk is nearly full: polls wait.
    pub disk_guard: AtomicBool,
    /// Position up to which the index is committed, for whoever measures how far it is behind.
    pub indexed: AtomicU64,
    /// Held while sources are claimed and while a configuration is swapped: a poll of the old
    /// place must not take a lease of the new one.
    pub reloading: tokio::sync::Mutex<()>,
    /// Each loop shows that it goes round.
    pub pulse: supervise::Pulse,
}

/// No loop rests longer, however slow the clock: the watchdog counts real time.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The store's part of a stop: a disk that hangs must not keep the process.
const RELEASE: Duration = Duration::from_millis(1_500);

impl Shared {
    pub(crate) fn live(&self) -> Arc<Live> {
        self.live.borrow().clone()
    }

    /// Waits until `hint`, this much of the clock's time, or the end; at least a few milliseconds
    /// of real time, so that a fast clock does not make a loop spin.
    pub(crate) async fn pause(&self, hint: &Notify, at_most: Duration) {
        let wait = crate::model::time::real(self.clock.as_ref(), at_most);
        let wait = wait.clamp(Duration::from_millis(25), LONGEST_PAUSE);
        tokio::select! {
            () = hint.notified() => {}
            () = self.stop.cancelled() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }

    /// A lease that outlives this much real work, in the clock's time.
    pub(crate) fn lease(&self, real: Duration) -> Duration {
        crate::model::time::shown(self.clock.as_ref(), real)
    }

    /// Counts a failed store operation; says so unless the daemon is only being fenced off.
    pub(crate) fn store_failed(&self, op: &'static str, error: &StoreError) {
        self.metrics.store_errors.with_label_values(&[op, error.reason()]).inc();
        match error {
            StoreError::Fenced(what) => {
                self.metrics.lease_lost.with_label_values(&[op]).inc();
                tracing::info!(op, what, "somebody else went on with this");
            }
            error => tracing::error!(op, %error, "the store failed; trying again"),
        }
    }
}

/// A running daemon.
pub struct Daemon {
    shared: Shared,
    live: watch::Sender<Arc<Live>>,
    address: SocketAddr,
    searcher: Searcher,
}

impl Daemon {
    /// Opens the store and the index, binds, starts the loops. When it returns, metrics answer and
    /// polling goes on; the index may still be catching up.
    pub async fn start(config: Config, clock: Arc<dyn Clock>) -> Result<Daemon, DaemonError> {
        let now = clock.now();
        let directory = config.store.directory.clone();
        let live = Arc::new(Live::new(config)?);
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&directory)?);
        let contact = live.config.fetch.contact.clone();
        let fetch = HttpFetch::new(HttpSettings { contact, ..HttpSettings::default() });
        let fetch = fetch.map_err(|error| DaemonError::Fetch(error.to_string()))?;
        // One process owns the directory, so leases found at start are those of a dead one.
        let node = "local".to_owned();
        store.release(&node).await?;
        store.sync_sources(&live.seeds(&store.sources().await?, now), now).await?;
        store.sync_watches(&live.definitions(), now).await?;
        let metrics = Metrics::new(now);
        let (sender, receiver) = watch::channel(live.clone());
        let shared = Shared {
            store,
            fetch: Arc::new(fetch),
            clock,
            metrics,
            live: receiver,
            hints: Arc::new(Hints::default()),
            habits: Arc::new(std::sync::Mutex::new(Habits::new(AUTHORS))),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            node,
        };
        measure_configuration(&shared, &live, now);
        matching::remember(&shared).await?;
        let opened = indexer::open(&shared, &directory).await?;
        shared.hints.indexed.store(opened.view.committed().0, Ordering::Relaxed);
        // The disk is known before the first poll, and a source that fails before the first scrape.
        janitor::measure(&shared).await;
        janitor::sources(&shared).await;
        let searcher = opened.view.searcher();
        let listen = live.config.http.listen;
        let refused = |error| DaemonError::Listen { address: listen, error };
        let listener = tokio::net::TcpListener::bind(listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let daemon = Daemon { shared, live: sender, address, searcher };
        daemon.spawn_loops(opened, listener, &directory);
        Ok(daemon)
    }

    fn spawn_loops(
        &self,
        opened: crate::index::Opened,
        listener: tokio::net::TcpListener,
        directory: &std::path::Path,
    ) {
        let shared = &self.shared;
        supervise::keep_alive(shared, "poller", poller::run);
        supervise::keep_alive(shared, "stories", stories::run);
        supervise::keep_alive(shared, "evaluator", evaluator::run);
        supervise::keep_alive(shared, "sender", sender::run);
        supervise::keep_alive(shared, "janitor", janitor::run);
        supervise::keep_alive(shared, "rematcher", rematch::run);
        let directory = directory.to_owned();
        let first = std::sync::Mutex::new(Some(opened));
        supervise::keep_alive(shared, "indexer", move |shared| {
            let opened = first.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
            indexer::run(shared, directory.clone(), opened)
        });
        let state = crate::http::State {
            store: shared.store.clone(),
            metrics: shared.metrics.clone(),
            refresh: Arc::new({
                let shared = shared.clone();
                move || {
                    let shared = shared.clone();
                    Box::pin(async move { janitor::measure(&shared).await })
                }
            }),
        };
        let stop = shared.stop.clone();
        shared.tasks.spawn(async move { crate::http::serve(listener, state, stop).await });
    }

    /// Where metrics and health answer.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Searches while the daemon indexes.
    pub fn searcher(&self) -> Searcher {
        self.searcher.clone()
    }

    pub fn store(&self) -> Arc<dyn Store> {
        self.shared.store.clone()
    }

    pub fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    /// Everything that can fail happens before anything is changed: a refused configuration leaves
    /// the present one fully in force.
    pub async fn reload(&self, config: Config) -> Result<(), DaemonError> {
        let now = self.shared.clock.now();
        let live = Arc::new(Live::new(config)?);
        {
            let _nobody_claims = self.shared.hints.reloading.lock().await;
            let known = self.shared.store.sources().await?;
            self.shared.store.sync_sources(&live.seeds(&known, now), now).await?;
            self.shared.store.sync_watches(&live.definitions(), now).await?;
            warn_of_restart(&self.shared.live().config, &live.config);
            self.live.send_replace(live.clone());
        }
        measure_configuration(&self.shared, &live, now);
        self.shared.hints.poll.notify_one();
        self.shared.hints.evaluate.notify_one();
        self.shared.hints.rematch.notify_one();
        Ok(())
    }

    /// Stops taking work, finishes what is under way within the limit, gives leases back.
    pub async fn stop(&self, limit: Duration) {
        self.shared.stop.cancel();
        self.shared.tasks.close();
        if tokio::time::timeout(limit, self.shared.tasks.wait()).await.is_err() {
            tracing::warn!(?limit, "some work did not end in time and is left to the next start");
        }
        let release = self.shared.store.release(&self.shared.node);
        match tokio::time::timeout(RELEASE, release).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.shared.store_failed("release", &error),
            Err(_) => tracing::warn!("the store did not answer; the next start gives leases back"),
        }
    }
}

/// Names what a reload cannot change: a value that is read and ignored would be a trap.
fn warn_of_restart(old: &Config, new: &Config) {
    let changed = [
        ("store.url", old.store.directory != new.store.directory),
        ("http.listen", old.http.listen != new.http.listen),
        ("fetch.contact", old.fetch.contact != new.fetch.contact),
        ("fetch.parallel", old.fetch.parallel != new.fetch.parallel),
    ];
    for (key, _) in changed.iter().filter(|(_, changed)| *changed) {
        tracing::warn!(key, "this change takes effect at the next restart only");
    }
}

fn measure_configuration(shared: &Shared, live: &Live, now: crate::model::Timestamp) {
    let metrics = &shared.metrics;
    configured_series(shared, live);
    metrics.config_hash.reset();
    metrics.config_hash.with_label_values(&[live.config.hash.as_str()]).set(1);
    metrics.reload_successful.set(1);
    metrics.reload_time.set(crate::metrics::seconds(now));
}

/// Starts the series of what is configured and ends those of what is not.
fn configured_series(shared: &Shared, live: &Live) {
    let watches: Vec<WatchId> = live.config.watches.iter().map(|watch| watch.id.clone()).collect();
    let sources: Vec<(&str, &'static str)> =
        live.config.sources.iter().map(|source| (source.id.as_str(), source.kind)).collect();
    shared.metrics.configure(&watches, &sources);
}

/// A number from 0 to 1 that depends on a text only: jitter that can be repeated.
fn spread(text: &str) -> f64 {
    // The upper 53 bits are as many as a double holds exactly.
    (xxhash_rust::xxh3::xxh3_64(text.as_bytes()) >> 11) as f64 / (1_u64 << 53) as f64
}
