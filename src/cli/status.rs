//! `vigie status`: how the sources, the outbox and the store do.

use clap::Args;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::output::Output;
use super::reading::Reading;
use super::run::store_exit;
use super::{ConfigArgument, Exit};
use crate::calendar::{Occasion, Plan};
use crate::config::Config;
use crate::model::time::SystemClock;
use crate::model::{Clock, Timestamp, Watch, WatchId};
use crate::store::{OutboxStatus, RematchStatus, SourceStatus, Store, StoreError, StoreHealth};

/// Reads the store while the daemon runs or stands still; answers no when something is wrong.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  vigie status\n  vigie status --verify --json")]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// Check the whole store for damage; takes a while
    #[arg(long)]
    verify: bool,
    /// One JSON object a line: first the store, then sources, messages, watches that read the past again,
    /// what is planned
    #[arg(long)]
    json: bool,
}

/// How far ahead planned events are shown: a week.
const AHEAD: i64 = 7 * 86_400;

/// A planned event that is on or comes soon.
#[derive(Serialize)]
struct PlannedSoon {
    watch: WatchId,
    planned: String,
    factor: f64,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

struct Known {
    health: StoreHealth,
    sources: Vec<SourceStatus>,
    outbox: Vec<OutboxStatus>,
    rematches: Vec<RematchStatus>,
    damage: Vec<String>,
    planned: Vec<PlannedSoon>,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Exit {
    let Reading { config, store, runtime } = match Reading::open(&arguments.config, output) {
        Ok(reading) => reading,
        Err(exit) => return exit,
    };
    let known = runtime.block_on(async {
        Ok::<_, StoreError>(Known {
            health: store.health().await?,
            sources: store.sources().await?,
            outbox: store.outbox().await?,
            rematches: store.rematches().await?,
            damage: if arguments.verify { store.verify().await? } else { Vec::new() },
            planned: planned(&config, SystemClock.now()),
        })
    });
    let known = match known {
        Ok(known) => known,
        Err(error) => return output.fail(store_exit(&error), error),
    };
    if arguments.json {
        output.json(&known.health);
        known.sources.iter().for_each(|source| output.json(source));
        known.outbox.iter().for_each(|status| output.json(status));
        known.rematches.iter().for_each(|job| output.json(job));
        known.planned.iter().for_each(|event| output.json(event));
    } else {
        show(&known, output);
    }
    for damage in &known.damage {
        output.say(format!("damaged: {damage}"));
    }
    let failing = known.sources.iter().filter(|s| s.configured && s.failures > 0).count();
    let stuck = known.outbox.iter().any(|status| status.state == "dead");
    if failing == 0 && !stuck && known.damage.is_empty() { Exit::Done } else { Exit::No }
}

/// What is planned from now on, watch by watch.
fn planned(config: &Config, now: Timestamp) -> Vec<PlannedSoon> {
    let second = now.as_second();
    let of = |watch: &Watch| {
        // Checked by the configuration.
        let zone = TimeZone::get(&watch.timezone).unwrap_or(TimeZone::UTC);
        let occasions = Plan::of(&config.events, &watch.id).between(&zone, second, second + AHEAD);
        let instant = |second: i64| Timestamp::from_second(second).ok();
        let shown = |occasion: Occasion| PlannedSoon {
            watch: watch.id.clone(),
            planned: occasion.name,
            factor: occasion.factor,
            from: instant(occasion.from),
            until: instant(occasion.until),
        };
        occasions.into_iter().map(shown).collect::<Vec<_>>()
    };
    config.watches.iter().flat_map(of).collect()
}

fn show(known: &Known, output: &mut Output) {
    output.data(format!(
        "{} mentions, {:.1} MB\n",
        known.health.mentions,
        known.health.bytes as f64 / 1e6
    ));
    for job in &known.rematches {
        let (read, total) = (grouped(job.read), grouped(job.total));
        output.data(format!("{}: {read} of {total} mentions read again", job.watch));
    }
    if !known.rematches.is_empty() {
        output.data("");
    }
    let when = |at: Option<Timestamp>| {
        at.map_or("never".to_owned(), |at| at.strftime("%m-%d %H:%M").to_string())
    };
    let rows = known.sources.iter().filter(|source| source.configured).map(|source| {
        vec![
            source.id.to_string(),
            source.kind.clone(),
            when(source.last_success),
            when(Some(source.next)),
            source.recent_mentions.to_string(),
            source.last_error.clone().unwrap_or_else(|| "ok".to_owned()),
        ]
    });
    let header = ["source", "kind", "last read", "next", "7 days", "state"];
    output.table(&header, rows.collect());
    output.data("");
    let rows = known.outbox.iter().map(|status| {
        let count = status.count.to_string();
        vec![status.channel.clone(), status.state.clone(), count, when(status.oldest)]
    });
    output.table(&["channel", "state", "messages", "oldest"], rows.collect());
    if known.planned.is_empty() {
        return;
    }
    output.data("");
    let rows = known.planned.iter().map(|event| {
        let (watch, factor) = (event.watch.to_string(), format!("× {}", event.factor));
        vec![event.planned.clone(), watch, factor, when(event.from), when(event.until)]
    });
    output.table(&["planned", "watch", "volume", "from", "until"], rows.collect());
}

/// A count as people read it: `80,000`.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_grouped() {
        for (count, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (80_123_456, "80,123,456")]
        {
            assert_eq!(grouped(count), text);
        }
    }
}
