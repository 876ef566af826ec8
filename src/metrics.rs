//! What is measured: every family once, on a registry that is given, with bounded labels.

mod series;

use std::sync::{Arc, Mutex};

use prometheus::core::Collector;
use prometheus::{
    Counter, Encoder, Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounterVec,
    IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};

use crate::model::Timestamp;
pub use series::Polled;
use series::Shown;

/// Every family, with handles that cost no look-up where the hot paths are.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    shown: Arc<Mutex<Shown>>,
    pub start_time: Gauge,
    pub reload_successful: IntGauge,
    pub reload_time: Gauge,
    pub config_hash: IntGaugeVec,
    pub sources: IntGaugeVec,
    pub watches: IntGauge,
    pub source_up: IntGaugeVec,
    pub polls: IntCounterVec,
    pub poll_duration: HistogramVec,
    pub source_last_success: GaugeVec,
    pub source_next_poll: GaugeVec,
    pub source_failures: IntGaugeVec,
    pub received_bytes: IntCounterVec,
    pub items: IntCounterVec,
    pub truncated: IntGauge,
    pub scheduler_lag: HistogramVec,
    pub polls_in_flight: IntGaugeVec,
    pub mentions: IntCounterVec,
    pub aside: IntCounterVec,
    pub mention_lag: HistogramVec,
    pub understanding: Histogram,
    pub languages: IntCounterVec,
    pub opinions: IntCounterVec,
    pub velocity: GaugeVec,
    pub negative: GaugeVec,
    pub crisis_level: IntGaugeVec,
    pub score: GaugeVec,
    pub incidents: IntGaugeVec,
    pub incidents_opened: IntCounterVec,
    pub outbox: IntGaugeVec,
    pub outbox_oldest_age: GaugeVec,
    pub notifications: IntCounterVec,
    pub notification_latency: HistogramVec,
    pub notification_duplicates: IntCounterVec,
    pub rematched: IntCounterVec,
    pub rematch_remaining: IntGaugeVec,
    pub index_docs: IntGauge,
    pub index_segments: IntGauge,
    pub index_bytes: IntGauge,
    pub index_lag: IntGauge,
    pub stories_lag: IntGauge,
    pub index_commit: Histogram,
    pub index_commits: IntCounterVec,
    pub index_rebuilds: IntCounterVec,
    pub store_errors: IntCounterVec,
    pub store_transaction: HistogramVec,
    pub store_bytes: IntGauge,
    pub wal_bytes: IntGauge,
    pub disk_free: IntGauge,
    pub disk_guard: IntGauge,
    pub lease_lost: IntCounterVec,
    pub http_requests: IntCounterVec,
    pub http_duration: HistogramVec,
    pub task_restarts: IntCounterVec,
    pub panics: IntCounterVec,
    pub resident_bytes: IntGauge,
    pub open_fds: IntGauge,
    pub cpu_seconds: Counter,
}

/// Registers on the one registry; a family that is registered twice is a bug that the first test
/// of this file finds.
struct Families<'a>(&'a Registry);

impl Families<'_> {
    fn keep<C: Collector + Clone + 'static>(&self, made: prometheus::Result<C>) -> C {
        let family = made.expect("names and labels of families are constants that a test checks");
        self.0.register(Box::new(family.clone())).expect("each family is registered once");
        family
    }

    fn seconds(&self, name: &str, help: &str) -> Counter {
        self.keep(Counter::new(name, help))
    }

    fn counters(&self, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
        self.keep(IntCounterVec::new(Opts::new(name, help), labels))
    }

    fn gauge(&self, name: &str, help: &str) -> Gauge {
        self.keep(Gauge::new(name, help))
    }

    fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> GaugeVec {
        self.keep(GaugeVec::new(Opts::new(name, help), labels))
    }

    fn whole(&self, name: &str, help: &str) -> IntGauge {
        self.keep(IntGauge::new(name, help))
    }

    fn wholes(&self, name: &str, help: &str, labels: &[&str]) -> IntGaugeVec {
        self.keep(IntGaugeVec::new(Opts::new(name, help), labels))
    }

    fn histogram(&self, name: &str, help: &str, buckets: &[f64]) -> Histogram {
        let opts = HistogramOpts::new(name, help).buckets(buckets.to_vec());
        self.keep(Histogram::with_opts(opts))
    }

    fn histograms(&self, name: &str, help: &str, labels: &[&str], buckets: &[f64]) -> HistogramVec {
        let opts = HistogramOpts::new(name, help).buckets(buckets.to_vec());
        self.keep(HistogramVec::new(opts, labels))
    }
}

const SECONDS: &[f64] = &[0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0];
const QUICK: &[f64] = &[0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0];
const LAG: &[f64] = &[60.0, 300.0, 900.0, 3_600.0, 21_600.0, 86_400.0, 604_800.0];

impl Metrics {
    #[expect(clippy::too_many_lines, reason = "one line a family: a table, not a procedure")]
    pub fn new(now: Timestamp) -> Metrics {
        let registry = Registry::new();
        let f = Families(&registry);
        let build = f.wholes(
            "vigie_build_info",
            "What is running; whoever packages it sets VIGIE_REVISION and VIGIE_RUSTC.",
            &["version", "revision", "rustc", "features"],
        );
        let revision = option_env!("VIGIE_REVISION").unwrap_or("unknown");
        let rustc = option_env!("VIGIE_RUSTC").unwrap_or("unknown");
        build.with_label_values(&[env!("CARGO_PKG_VERSION"), revision, rustc, "default"]).set(1);
        let source = &["source", "kind"];
        let metrics = Metrics {
            start_time: f.gauge("vigie_start_time_seconds", "When the process started, Unix time."),
            reload_successful: f.whole(
                "vigie_config_last_reload_successful",
                "Whether the configuration on disk was accepted the last time it was read.",
            ),
            reload_time: f.gauge(
                "vigie_config_last_reload_success_timestamp_seconds",
                "When a configuration was last accepted, Unix time.",
            ),
            config_hash: f.wholes(
                "vigie_config_hash_info",
                "Hash of the configuration in force.",
                &["hash"],
            ),
            sources: f.wholes("vigie_sources", "Configured sources.", &["kind"]),
            watches: f.whole("vigie_brands", "Configured watches."),
            source_up: f.wholes(
                "vigie_source_up",
                "Whether the last poll of a source succeeded.",
                source,
            ),
            polls: f.counters(
                "vigie_source_polls_total",
                "Polls by result.",
                &["source", "kind", "result"],
            ),
            poll_duration: f.histograms(
                "vigie_source_poll_duration_seconds",
                "From the request to the committed transaction.",
                &["kind"],
                SECONDS,
            ),
            source_last_success: f.gauges(
                "vigie_source_last_success_timestamp_seconds",
                "When a source was last read, Unix time.",
                source,
            ),
            source_next_poll: f.gauges(
                "vigie_source_next_poll_timestamp_seconds",
                "When a source is polled next, Unix time.",
                source,
            ),
            source_failures: f.wholes(
                "vigie_source_consecutive_failures",
                "Polls of a source that failed since one succeeded.",
                source,
            ),
            received_bytes: f.counters(
                "vigie_source_received_bytes_total",
                "Decoded bytes of answers.",
                source,
            ),
            items: f.counters(
                "vigie_source_items_total",
                "Items read, by what became of them.",
                &["source", "kind", "outcome"],
            ),
            truncated: f.whole(
                "vigie_metrics_truncated",
                "Whether there are too many sources for series of their own.",
            ),
            scheduler_lag: f.histograms(
                "vigie_scheduler_lag_seconds",
                "From due to started.",
                &["kind"],
                SECONDS,
            ),
            polls_in_flight: f.wholes(
                "vigie_polls_in_flight",
                "Polls that are running.",
                &["kind"],
            ),
            aside: f.counters(
                "vigie_mentions_aside_total",
                "Accepted mentions of a watch that count for nothing, by why.",
                &["watch", "reason"],
            ),
            mentions: f.counters(
                "vigie_mentions_total",
                "Accepted mentions of a watch by tone.",
                &["brand", "kind", "sentiment"],
            ),
            mention_lag: f.histograms(
                "vigie_mention_lag_seconds",
                "From published to accepted.",
                &["kind"],
                LAG,
            ),
            understanding: f.histogram(
                "vigie_understanding_duration_seconds",
                "Matching, language and sentiment of one page.",
                QUICK,
            ),
            languages: f.counters(
                "vigie_languages_total",
                "Accepted mentions by language; und is undetermined.",
                &["lang"],
            ),
            opinions: f.counters(
                "vigie_opinions_total",
                "Findings on whose tone somebody else had a say, by who it was.",
                &["from"],
            ),
            velocity: f.gauges(
                "vigie_brand_velocity_ratio",
                "Negative mentions now against what is usual at this hour.",
                &["brand"],
            ),
            negative: f.gauges(
                "vigie_brand_negative_ratio",
                "Share of negative mentions now, 0 to 1.",
                &["brand"],
            ),
            crisis_level: f.wholes(
                "vigie_brand_crisis_level",
                "0 calm, 1 watch, 2 warning, 3 crisis.",
                &["brand"],
            ),
            score: f.gauges(
                "vigie_brand_score_ratio",
                "Bad-buzz score of a watch, 0 to 1.",
                &["brand"],
            ),
            incidents: f.wholes(
                "vigie_incidents",
                "Incidents that are not closed.",
                &["brand", "severity", "state"],
            ),
            incidents_opened: f.counters(
                "vigie_incidents_opened_total",
                "Incidents opened, by the level they opened at.",
                &["brand", "severity"],
            ),
            outbox: f.wholes("vigie_outbox_messages", "Messages by state.", &["channel", "state"]),
            outbox_oldest_age: f.gauges(
                "vigie_outbox_oldest_age_seconds",
                "Age of the oldest message that has not left.",
                &["channel"],
            ),
            notifications: f.counters(
                "vigie_notifications_total",
                "Attempts to send, by result.",
                &["channel", "kind", "result"],
            ),
            notification_latency: f.histograms(
                "vigie_notification_latency_seconds",
                "From the decision to the server's yes.",
                &["channel", "severity"],
                &[1.0, 5.0, 15.0, 60.0, 300.0, 1_800.0, 14_400.0],
            ),
            notification_duplicates: f.counters(
                "vigie_notification_duplicates_total",
                "Messages that may have been delivered twice.",
                &["channel"],
            ),
            rematched: f.counters(
                "vigie_rematch_mentions_total",
                "Stored mentions read again for an edited watch, by what became of its finding.",
                &["outcome"],
            ),
            rematch_remaining: f.wholes(
                "vigie_rematch_remaining",
                "Stored mentions that an edited watch still has to read again.",
                &["brand"],
            ),
            index_docs: f.whole("vigie_index_docs", "Mentions that can be searched."),
            index_segments: f.whole("vigie_index_segments", "Segments of the index."),
            index_bytes: f.whole("vigie_index_size_bytes", "Size of the index on disk."),
            index_lag: f
                .whole("vigie_index_lag_mentions", "Changes accepted but not yet searchable."),
            stories_lag: f.whole(
                "vigie_stories_lag_mentions",
                "Changes accepted whose story is not yet known.",
            ),
            index_commit: f.histogram(
                "vigie_index_commit_duration_seconds",
                "Duration of an index commit.",
                SECONDS,
            ),
            index_commits: f.counters(
                "vigie_index_commits_total",
                "Index commits by result.",
                &["result"],
            ),
            index_rebuilds: f.counters(
                "vigie_index_rebuilds_total",
                "Rebuilds of the index by reason.",
                &["reason"],
            ),
            store_errors: f.counters(
                "vigie_store_errors_total",
                "Failed store operations.",
                &["op", "reason"],
            ),
            store_transaction: f.histograms(
                "vigie_store_transaction_duration_seconds",
                "Duration of a store operation.",
                &["op"],
                QUICK,
            ),
            store_bytes: f.whole("vigie_store_size_bytes", "Size of the store on disk."),
            wal_bytes: f.whole("vigie_store_wal_bytes", "Size of the store's write-ahead log."),
            disk_free: f.whole("vigie_disk_free_bytes", "Free space where the state lives."),
            disk_guard: f.whole(
                "vigie_disk_guard_active",
                "Whether polls are paused because the disk is nearly full.",
            ),
            lease_lost: f.counters(
                "vigie_lease_lost_total",
                "Writes refused because somebody else went on.",
                &["kind"],
            ),
            http_requests: f.counters(
                "vigie_http_requests_total",
                "Requests served.",
                &["route", "method", "code"],
            ),
            http_duration: f.histograms(
                "vigie_http_request_duration_seconds",
                "Duration of a request.",
                &["route"],
                QUICK,
            ),
            task_restarts: f.counters(
                "vigie_task_restarts_total",
                "Tasks that ended unexpectedly and were started again.",
                &["task"],
            ),
            panics: f.counters(
                "vigie_panics_total",
                "Bugs that cost one piece of work and were contained.",
                &["task"],
            ),
            resident_bytes: f
                .whole("process_resident_memory_bytes", "Resident memory size in bytes."),
            open_fds: f.whole("process_open_fds", "Number of open file descriptors."),
            cpu_seconds: f.seconds(
                "process_cpu_seconds_total",
                "Total user and system CPU time spent in seconds.",
            ),
            registry: registry.clone(),
            shown: Arc::default(),
        };
        metrics.start_time.set(seconds(now));
        metrics.begin();
        metrics
    }

    /// The exposition text, format 0.0.4.
    pub fn text(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if TextEncoder::new().encode(&self.registry.gather(), &mut out).is_err() {
            out.clear();
        }
        out
    }
}

/// Unix time in seconds, as Prometheus wants it.
pub fn seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::WatchId;

    #[test]
    fn every_family_has_help_and_a_name_in_the_house_style() {
        let metrics = Metrics::new(Timestamp::UNIX_EPOCH);
        metrics.configure(&[WatchId::new("acme").unwrap()], &[("blog", "feed")]);
        let text = String::from_utf8(metrics.text()).unwrap();
        let names: Vec<&str> =
            text.lines().filter_map(|l| l.strip_prefix("# HELP ")?.split(' ').next()).collect();
        assert!(names.len() > 20, "{names:?}");
        for name in names {
            assert!(name.starts_with("vigie_") || name.starts_with("process_"), "{name}");
        }
        assert!(
            text.contains(
                "vigie_source_polls_total{kind=\"feed\",result=\"dns\",source=\"blog\"} 0"
            )
        );
    }
}
