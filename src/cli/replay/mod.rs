//! `vigie replay`: what a rule would have told about the past, and another one beside it.

mod heard;
mod lines;
mod marked;
mod outcome;
mod report;
mod rules;
mod side;
mod stored;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use self::heard::{Ears, Given};
use self::rules::{Against, against};
use self::side::Side;
use super::check::configuration;
use super::output::Output;
use super::{ConfigArgument, Exit};
use crate::config::Config;
use crate::model::{Roster, Sensitivity, Watch, WatchId};
use crate::replay::{Audible, Heard, Mark};
use crate::rules::{Alerts, Rules};
use crate::understand::Watches;

/// Lives the past of the store, or of a file, under the present rule and others, and says which
/// incidents each would have raised, when, and how many mails a week. Works while the daemon runs.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  vigie replay --since 90d\n  vigie replay --against prudent,sensitive --marks crises.jsonl\n  vigie replay --from export.jsonl --name acme --json\n\nA line of a file is a JSON object with a time (published, at, timestamp or time) and a text or a\ntone; first_seen, title, author, lang, watch, url, source, reach, repost, topics and counts (likes,\nshares, replies, views) are used where they are. A line of --marks has watch, at, and where known peak, until and name."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// JSON lines instead of the store: a file, or - for standard input
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// What a file is about that names no watch, without a configuration
    #[arg(long, default_value = "replay")]
    name: String,
    /// Only this watch
    #[arg(long)]
    watch: Option<String>,
    /// What happened before is lived, but not told: a day, an instant, or 90d before the end
    #[arg(long)]
    since: Option<String>,
    /// The end of the past: what was listened to, unless it is named
    #[arg(long)]
    until: Option<String>,
    /// Other rules: prudent, balanced, sensitive, or another configuration, of which the sensitivity,
    /// the clock, what is planned, which topics alert and who is told are compared; over a file also
    /// what it finds and how it scores
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    against: Vec<String>,
    /// Crises that the team remembers, as JSON lines: which rule would have found them
    #[arg(long, value_name = "FILE")]
    marks: Option<PathBuf>,
    /// One incident event a line: watch, incident, event, level, at, because, and the rule where
    /// there are several; then a line for each mark and rule: watch, mark, rule, caught
    #[arg(long)]
    json: bool,
}

/// What a replay works with, whatever its past comes from.
struct Setting<'a> {
    arguments: &'a Arguments,
    config: Option<&'a Config>,
    /// Topics that call for an alert.
    alerts: Arc<Alerts>,
    against: Vec<Against>,
    marks: Vec<Mark>,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Exit {
    replay(arguments, output).unwrap_or_else(|exit| exit)
}

fn replay(arguments: &Arguments, output: &mut Output) -> Result<Exit, Exit> {
    let against = against(&arguments.against, output)?;
    let marks = arguments.marks.as_deref().map(|path| marks(path, output)).transpose()?;
    let (alerts, marks) = (Arc::default(), marks.unwrap_or_default());
    let mut setting = Setting { arguments, config: None, alerts, against, marks };
    let Some(file) = &arguments.from else {
        let reading = super::reading::Reading::open(&arguments.config, output)?;
        setting.alerts = Arc::new(reading.config.rules.alerts());
        setting.config = Some(&reading.config);
        return stored::replay(&setting, &reading, output);
    };
    let config = arguments.config.config.exists();
    let config = config.then(|| configuration(&arguments.config, output)).transpose()?;
    setting.config = config.as_ref();
    let builtin = Rules::builtin();
    let rules = config.as_ref().map_or(&builtin, |config| &config.rules);
    setting.alerts = Arc::new(rules.alerts());
    from_lines(&setting, rules, file, output)
}

/// A replay of JSON lines.
fn from_lines(
    setting: &Setting<'_>,
    rules: &Rules,
    file: &Path,
    output: &mut Output,
) -> Result<Exit, Exit> {
    let mut given = given(setting, rules, file, output)?;
    let configured = setting.config.map_or(&[][..], |config| &config.watches);
    for (id, heard) in std::mem::take(&mut given.watches) {
        if setting.arguments.watch.as_deref().is_some_and(|only| only != id.as_str()) {
            continue;
        }
        let others = given.others.iter_mut().map(|other| other.remove(&id).unwrap_or_default());
        let streams: Vec<Vec<Heard>> = std::iter::once(heard).chain(others).collect();
        let begin = streams.iter().filter_map(|heard| Some(heard.first()?.echo.signal.arrived));
        let end = streams.iter().filter_map(|heard| Some(heard.last()?.at));
        let (Some(start), Some(end)) = (begin.min(), end.max()) else { continue };
        let known = configured.iter().find(|watch| watch.id == id).cloned();
        let watch = known.unwrap_or_else(|| unconfigured(&id));
        let mut side = Side::begin(setting, &watch, start, Audible::default(), end, output)?;
        side.remember(setting.marks.clone());
        for (ears, heard) in streams.into_iter().enumerate() {
            let total = heard.len() as u64;
            side.live(&mut heard.into_iter(), total, ears, output);
        }
        side.report(output);
    }
    Ok(Exit::Done)
}

/// What the present watches hear of a file, and those of every configuration that they are held
/// against; or has said why there is nothing.
fn given(
    setting: &Setting<'_>,
    rules: &Rules,
    file: &Path,
    output: &mut Output,
) -> Result<Given, Exit> {
    let named = WatchId::new(&lines::slug(&setting.arguments.name));
    let alone = named.map_err(|error| output.fail(Exit::Usage, error))?;
    let alone = setting.config.is_none().then_some(&alone);
    let configured = setting.config.map_or(&[][..], |config| &config.watches);
    let watches = compiled(configured, output)?;
    let ears = Ears { watches: &watches, rules, alone, only: only(configured) };
    let files = || setting.against.iter().filter_map(Against::config);
    let compile = |other: &Config| compiled(&other.watches, output);
    let compiled: Vec<Watches> = files().map(compile).collect::<Result<_, Exit>>()?;
    let others = files().zip(&compiled).map(|(other, watches)| {
        let Config { rules, watches: known, .. } = other;
        Ears { watches, rules, alone: None, only: only(known) }
    });
    let others: Vec<Ears<'_>> = others.collect();
    let (mut input, length) = open(file).map_err(|error| output.fail(Exit::Usage, error))?;
    let progress = output.progress(length, "bytes read");
    let given = heard::read(&mut *input, &ears, &others, &progress, output);
    progress.finish_and_clear();
    let given = given.map_err(|error| output.fail(Exit::Usage, error))?;
    output.say(format!(
        "{} lines, {} of them bad, {} about no watch",
        given.lines, given.bad, given.unmatched
    ));
    if given.watches.is_empty() {
        let all_bad = given.bad > 0 && given.unmatched == 0;
        let exit = if all_bad { Exit::Usage } else { Exit::No };
        return Err(output.fail(exit, "there is nothing to replay"));
    }
    Ok(given)
}

/// Watches whose queries are ready, or has said what is wrong with one.
fn compiled(watches: &[Watch], output: &mut Output) -> Result<Watches, Exit> {
    Watches::compile(watches).map_err(|wrong| {
        let first = wrong.first().map(|(watch, d)| format!("{watch}: {}", d.title));
        output.fail(Exit::Usage, first.unwrap_or_default())
    })
}

/// The watch, where there is only one.
fn only(watches: &[Watch]) -> Option<&WatchId> {
    if let [only] = watches { Some(&only.id) } else { None }
}

/// A file or standard input, and its length where it has one.
fn open(file: &Path) -> Result<(Box<dyn BufRead>, u64), String> {
    if file == Path::new("-") {
        return Ok((Box::new(std::io::stdin().lock()), 0));
    }
    let failed = |error: std::io::Error| format!("cannot read {}: {error}", file.display());
    let opened = File::open(file).map_err(failed)?;
    let length = opened.metadata().map_err(failed)?.len();
    Ok((Box::new(BufReader::with_capacity(1 << 16, opened)), length))
}

/// A watch that a file names and no configuration knows.
fn unconfigured(id: &WatchId) -> Watch {
    Watch {
        id: id.clone(),
        name: id.to_string(),
        query: String::new(),
        languages: Vec::new(),
        sensitivity: Sensitivity::default(),
        timezone: "Europe/Paris".to_owned(),
        recipients: Vec::new(),
        roster: Roster::default(),
    }
}

/// Reads the crises that a team remembers; a line that is none is refused, since a mark that is
/// left out would look like one that was found.
fn marks(path: &Path, output: &mut Output) -> Result<Vec<Mark>, Exit> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        output.fail(Exit::Usage, format!("cannot read {}: {error}", path.display()))
    })?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let mark = |(number, line): (usize, &str)| {
        let read = serde_json::from_str::<Mark>(line).map_err(|error| error.to_string());
        let whole = |mark: Mark| mark.check().map(|()| mark).map_err(|error| error.to_string());
        read.and_then(whole).map_err(|error| {
            let place = format!("{}:{}", path.display(), number + 1);
            let help = "write {\"watch\":\"acme\",\"at\":\"2026-11-24T08:00:00Z\"}";
            output.fail(Exit::Usage, format!("{place}: {error}\n  help: {help}"))
        })
    };
    lines.map(mark).collect()
}
