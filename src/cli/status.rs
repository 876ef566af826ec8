//! `vigie status`: how the sources, the outbox and the store do.

use clap::Args;

use super::output::Output;
use super::reading::Reading;
use super::run::store_exit;
use super::{ConfigArgument, Exit};
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
    /// One JSON object a line: first the store, then sources, messages, watches that read the past again
    #[arg(long)]
    json: bool,
}

struct Known {
    health: StoreHealth,
    sources: Vec<SourceStatus>,
    outbox: Vec<OutboxStatus>,
    rematches: Vec<RematchStatus>,
    damage: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Exit {
    let Reading { store, runtime, .. } = match Reading::open(&arguments.config, output) {
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
    let when = |at: Option<crate::model::Timestamp>| {
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
