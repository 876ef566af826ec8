//! Which series there are: those of what is configured, from 0 on, and none of what is gone.

use std::collections::HashSet;
use std::sync::PoisonError;

use super::{Metrics, seconds};
use crate::model::{AsideKind, Event, Level, Opinion, State, Timestamp, Tone, WatchId};
use crate::source::KINDS;

/// Above this many sources, series are kept for each kind only.
const PER_SOURCE_LIMIT: usize = 1_000;

/// Results of a poll: every one starts at 0, so that a first failure is a step and not a birth.
const RESULTS: &[&str] = &[
    "ok",
    "not_modified",
    "http_4xx",
    "http_5xx",
    "rate_limited",
    "timeout",
    "dns",
    "connect",
    "tls",
    "refused_ssrf",
    "too_large",
    "redirect",
    "broken",
    "parse",
];

/// What becomes of an item.
const OUTCOMES: &[&str] = &["new", "duplicate", "unmatched", "invalid", "revised", "deleted"];

/// What becomes of the finding of a mention that is read again.
const REREAD: &[&str] = &["added", "replaced", "removed", "same", "overtaken"];

/// Languages that are counted by name; there are dozens of others, and few mentions in them.
const LANGUAGES: &[&str] =
    &["fr", "en", "de", "es", "it", "nl", "pt", "pl", "ru", "ar", "tr", "ja", "und"];

/// Verdicts on a message that are watched for; a first one must be a step, not a birth.
const VERDICTS: &[&str] = &["accepted", "ambiguous", "recipient_refused", "data_refused"];

/// How a source did the last time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Polled {
    pub up: bool,
    /// Consecutive ones.
    pub failures: u32,
    pub next: Timestamp,
    /// When it last succeeded; `None` leaves what is known.
    pub success: Option<Timestamp>,
}

/// What has series of its own at present, so that the series of what is gone can be ended.
#[derive(Default)]
pub(super) struct Shown {
    watches: HashSet<WatchId>,
    sources: HashSet<(String, &'static str)>,
}

impl Metrics {
    /// Starts at 0 the series that nothing but the program bounds.
    pub(super) fn begin(&self) {
        for task in ["poll", "read", "understand", "rematch", "send"] {
            self.panics.with_label_values(&[task]);
        }
        for lang in LANGUAGES.iter().chain(&["other"]) {
            self.languages.with_label_values(&[*lang]);
        }
        for outcome in REREAD {
            self.rematched.with_label_values(&[*outcome]);
        }
        for from in Opinion::FROM {
            self.opinions.with_label_values(&[from]);
        }
        for result in ["ok", "failed"] {
            self.index_commits.with_label_values(&[result]);
        }
        for event in [Event::Opened, Event::Raised, Event::Fading, Event::Closed] {
            for verdict in VERDICTS {
                self.notifications.with_label_values(&["email", event.as_str(), *verdict]);
            }
        }
        for level in Level::ALL {
            self.notification_latency.with_label_values(&["email", level.as_str()]);
        }
        self.notification_duplicates.with_label_values(&["email"]);
    }

    /// Starts every series that configuration bounds at 0, and ends those of what is gone: an alert
    /// on a series that nobody moves any more would never clear. May be called again at any time.
    pub fn configure(&self, watches: &[WatchId], sources: &[(&str, &'static str)]) {
        self.watches.set(watches.len().try_into().unwrap_or(i64::MAX));
        for kind in KINDS {
            let count = sources.iter().filter(|(_, known)| *known == kind.name()).count();
            let count = count.try_into().unwrap_or(i64::MAX);
            self.sources.with_label_values(&[kind.name()]).set(count);
        }
        let truncated = sources.len() > PER_SOURCE_LIMIT;
        self.truncated.set(i64::from(truncated));
        let named = sources.iter().filter(|_| !truncated);
        let now = Shown {
            watches: watches.iter().cloned().collect(),
            sources: named.map(|(source, kind)| ((*source).to_owned(), *kind)).collect(),
        };
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.watches.difference(&now.watches).for_each(|gone| self.end_watch(gone.as_str()));
        shown.sources.difference(&now.sources).for_each(|(id, kind)| self.end_source(id, kind));
        now.watches.difference(&shown.watches).for_each(|new| self.begin_watch(new.as_str()));
        now.sources.difference(&shown.sources).for_each(|(id, kind)| {
            for result in RESULTS {
                self.polls.with_label_values(&[id, *kind, *result]);
            }
        });
        *shown = now;
    }

    fn begin_watch(&self, watch: &str) {
        for labels in mention_labels(watch) {
            self.mentions.with_label_values(&labels);
        }
        for kind in AsideKind::ALL {
            self.aside.with_label_values(&[watch, kind.as_str()]);
        }
        for gauges in [&self.crisis_level, &self.rematch_remaining] {
            gauges.with_label_values(&[watch]);
        }
        for gauges in [&self.velocity, &self.negative, &self.score] {
            gauges.with_label_values(&[watch]);
        }
        for level in Level::ALL {
            self.incidents_opened.with_label_values(&[watch, level.as_str()]);
        }
        for labels in incident_labels(watch) {
            self.incidents.with_label_values(&labels);
        }
    }

    /// A series that is not there need not be ended, so errors of ending are none.
    fn end_watch(&self, watch: &str) {
        for labels in mention_labels(watch) {
            drop(self.mentions.remove_label_values(&labels));
        }
        for kind in AsideKind::ALL {
            drop(self.aside.remove_label_values(&[watch, kind.as_str()]));
        }
        for gauges in [&self.crisis_level, &self.rematch_remaining] {
            drop(gauges.remove_label_values(&[watch]));
        }
        for gauges in [&self.velocity, &self.negative, &self.score] {
            drop(gauges.remove_label_values(&[watch]));
        }
        for level in Level::ALL {
            drop(self.incidents_opened.remove_label_values(&[watch, level.as_str()]));
        }
        for labels in incident_labels(watch) {
            drop(self.incidents.remove_label_values(&labels));
        }
    }

    fn end_source(&self, source: &str, kind: &str) {
        for result in RESULTS {
            drop(self.polls.remove_label_values(&[source, kind, *result]));
        }
        for outcome in OUTCOMES {
            drop(self.items.remove_label_values(&[source, kind, *outcome]));
        }
        let labels = &[source, kind];
        drop(self.received_bytes.remove_label_values(labels));
        for gauges in [&self.source_up, &self.source_failures] {
            drop(gauges.remove_label_values(labels));
        }
        for gauges in [&self.source_last_success, &self.source_next_poll] {
            drop(gauges.remove_label_values(labels));
        }
    }

    /// Shows how a source, by id and kind, did; nothing when sources have no series of their own.
    pub fn source_polled(&self, labels: &[&str; 2], polled: &Polled) {
        if labels[0].is_empty() {
            return;
        }
        self.source_up.with_label_values(labels).set(i64::from(polled.up));
        self.source_failures.with_label_values(labels).set(i64::from(polled.failures));
        self.source_next_poll.with_label_values(labels).set(seconds(polled.next));
        if let Some(at) = polled.success {
            self.source_last_success.with_label_values(labels).set(seconds(at));
        }
    }

    /// Counts the language of an accepted mention.
    pub fn language(&self, code: Option<&str>) {
        let code = code.unwrap_or("und");
        let label = if LANGUAGES.contains(&code) { code } else { "other" };
        self.languages.with_label_values(&[label]).inc();
    }

    /// Counts who had a say on the tone of an accepted finding.
    pub fn opinions(&self, opinions: &[Opinion]) {
        for opinion in opinions {
            self.opinions.with_label_values(&[opinion.from()]).inc();
        }
    }

    /// The label `source` of per-source families: the id, or nothing when there are too many.
    pub fn source_label<'a>(&self, source: &'a str) -> &'a str {
        if self.truncated.get() == 1 { "" } else { source }
    }
}

fn mention_labels(watch: &str) -> impl Iterator<Item = [&str; 3]> {
    let tones = move |kind: &'static str| Tone::ALL.map(|tone| [watch, kind, tone.as_str()]);
    KINDS.iter().flat_map(move |kind| tones(kind.name()))
}

fn incident_labels(watch: &str) -> impl Iterator<Item = [&str; 3]> {
    Level::ALL.into_iter().flat_map(move |level| {
        let open = State::ALL.into_iter().filter(|state| *state != State::Closed);
        open.map(move |state| [watch, level.as_str(), state.as_str()])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_has_no_series_and_what_stays_keeps_its_count() {
        let metrics = Metrics::new(Timestamp::UNIX_EPOCH);
        let (acme, bolt) = (WatchId::new("acme").unwrap(), WatchId::new("bolt").unwrap());
        metrics.configure(&[acme.clone(), bolt], &[("blog", "feed"), ("forum", "feed")]);
        let polled = Polled { up: false, failures: 3, next: Timestamp::MAX, success: None };
        for source in ["blog", "forum"] {
            metrics.source_polled(&[source, "feed"], &polled);
            metrics.polls.with_label_values(&[source, "feed", "dns"]).inc();
        }
        metrics.configure(&[acme], &[("blog", "feed")]);
        let text = String::from_utf8(metrics.text()).unwrap();
        assert!(!text.contains("forum") && !text.contains("bolt"), "{text}");
        assert!(
            text.contains("vigie_source_consecutive_failures{kind=\"feed\",source=\"blog\"} 3")
        );
        assert!(text.contains("result=\"dns\",source=\"blog\"} 1"));
        assert!(text.contains("vigie_brand_crisis_level{brand=\"acme\"} 0"));
    }

    #[test]
    fn a_rare_language_has_no_series_of_its_own() {
        let metrics = Metrics::new(Timestamp::UNIX_EPOCH);
        for code in [Some("fr"), Some("eo"), None] {
            metrics.language(code);
        }
        for lang in ["fr", "other", "und"] {
            assert_eq!(metrics.languages.with_label_values(&[lang]).get(), 1, "{lang}");
        }
    }
}
