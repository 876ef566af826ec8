//! `vigie search`: past mentions, by the same query language as the watches.

use clap::Args;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::output::Output;
use super::reading::Reading;
use super::{ConfigArgument, Exit};
use crate::diagnostic::{self, Diagnostic};
use crate::index::{IndexError, SearchRequest, Searcher};
use crate::model::time::SystemClock;
use crate::model::{Aside, Clock, Counts, Lang, Mention, Timestamp, WatchId};
use crate::query::{self, Expr, Field, Filter, Limits, Query};
use crate::store::Store;

/// Words, "phrases", AND, OR, NOT (ET, OU, SAUF), NEAR, fields and brackets, as in a watch. Works
/// while the daemon runs.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  vigie search 'rappel NEAR/5 (lot OR produit)' --since 7d\n  vigie search 'Acme site:example.fr -lang:en' --sentiment negative --json"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// What to look for; nothing gives the newest mentions
    query: Option<String>,
    #[arg(long)]
    watch: Option<String>,
    /// An instant, a day (2026-11-24), or a length of time ago (7d)
    #[arg(long)]
    since: Option<String>,
    #[arg(long)]
    until: Option<String>,
    #[arg(long)]
    lang: Option<String>,
    /// negative, neutral, positive, mixed or unknown
    #[arg(long)]
    sentiment: Option<String>,
    #[arg(long)]
    source: Option<String>,
    /// Only what counts for nothing (yes: own voices and spam), or only what counts (no)
    #[arg(long, value_name = "yes|no")]
    aside: Option<String>,
    /// At most this many, newest first
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// One JSON object a line
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Comma-separated values, safe to open in a spreadsheet
    #[arg(long)]
    csv: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    seq: u64,
    id: &'a str,
    url: Option<&'a str>,
    title: &'a str,
    text: &'a str,
    author: Option<&'a str>,
    published: Option<Timestamp>,
    first_seen: Timestamp,
    source: &'a str,
    watches: Vec<&'a str>,
    language: Option<&'a str>,
    tone: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    topics: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<Counts>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    aside: Vec<Apart<'a>>,
}

/// For which watch a mention counts for nothing, and why.
#[derive(Serialize)]
struct Apart<'a> {
    watch: &'a str,
    #[serde(flatten)]
    why: &'a Aside,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Exit {
    let request = match request(arguments) {
        Ok(request) => request,
        Err(what) => return output.fail(Exit::Usage, what),
    };
    let Reading { config, store, runtime } = match Reading::open(&arguments.config, output) {
        Ok(reading) => reading,
        Err(exit) => return exit,
    };
    let index = config.store.directory.join("index");
    let found = (|| {
        let searcher = Searcher::open(&index).map_err(|error| error.to_string())?;
        let mut stored = |seqs: &[u64]| {
            runtime.block_on(store.mentions(seqs)).map_err(|e| IndexError::Io(e.to_string()))
        };
        let hits = searcher.search(&request, &mut stored).map_err(|error| error.to_string())?;
        let seqs: Vec<u64> = hits.hits.iter().map(|hit| hit.seq).collect();
        let mentions =
            runtime.block_on(store.mentions(&seqs)).map_err(|error| error.to_string())?;
        Ok::<_, String>((hits.total, mentions))
    })();
    let (total, mentions) = match found {
        Ok(found) => found,
        Err(error) => return output.fail(Exit::Unusable, error),
    };
    if arguments.csv {
        csv(&mentions, output);
    }
    for mention in mentions.iter().filter(|_| !arguments.csv) {
        let line = line(mention);
        if arguments.json { output.json(&line) } else { show(&line, output) }
    }
    output.say(format!("{} of {total} mentions", mentions.len()));
    if mentions.is_empty() { Exit::No } else { Exit::Done }
}

fn request(arguments: &Arguments) -> Result<SearchRequest, String> {
    let zone = TimeZone::system();
    let mut parts = Vec::new();
    if let Some(text) = &arguments.query {
        let query = Query::parse_within(text, Limits::SEARCH, &zone).map_err(|wrong| {
            let wrong: Vec<&Diagnostic> = wrong.iter().collect();
            diagnostic::render("query", text, &wrong, false).trim_end().to_owned()
        })?;
        parts.push(query.expr);
    }
    parts.extend(filters(arguments, &zone)?.into_iter().map(Expr::Filter));
    let watch = arguments.watch.as_deref().map(WatchId::new).transpose();
    let aside = arguments.aside.as_deref().map(|aside| match aside {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(format!("`{aside}` is no answer: write --aside yes, or --aside no")),
    });
    Ok(SearchRequest {
        aside: aside.transpose()?,
        expr: if parts.len() > 1 { Some(Expr::And(parts)) } else { parts.pop() },
        watch: watch.map_err(|error| error.to_string())?,
        now: SystemClock.now(),
        limit: arguments.limit,
        ..SearchRequest::default()
    })
}

/// What the flags ask for: the same as fields of the query.
fn filters(arguments: &Arguments, zone: &TimeZone) -> Result<Vec<Filter>, String> {
    let mut filters = Vec::new();
    for (field, value) in [
        (Field::Source, &arguments.source),
        (Field::Language, &arguments.lang),
        (Field::Tone, &arguments.sentiment),
    ] {
        let Some(value) = value else { continue };
        let wrong = |wrong: query::Wrong| format!("{}: {}", wrong.title, wrong.help);
        filters.push(Filter::Is { field, any: vec![field.value(value).map_err(wrong)?] });
    }
    let read = |text: &Option<String>| text.as_deref().map(|text| edge(text, zone)).transpose();
    let (from, until) = (read(&arguments.since)?, read(&arguments.until)?);
    if from.is_some() || until.is_some() {
        filters.push(Filter::When { from, until });
    }
    Ok(filters)
}

/// Reads `2026-11-24T03:12:00Z`, `2026-11-24`, or `7d` ago.
fn edge(text: &str, zone: &TimeZone) -> Result<query::Edge, String> {
    query::edge(text, zone)
        .ok_or_else(|| format!("`{text}` is no time: write 2026-11-24, 2026-11-24T03:12:00Z or 7d"))
}

/// The same as an instant, for whoever asks at once.
pub(super) fn instant(text: &str) -> Result<Timestamp, String> {
    edge(text, &TimeZone::system()).map(|edge| edge.resolve(SystemClock.now()))
}

fn line(mention: &Mention) -> Line<'_> {
    let item = &mention.item;
    let first = mention.findings.first();
    Line {
        seq: mention.seq,
        id: &item.id,
        url: item.url.as_deref(),
        title: &item.title,
        text: &item.text,
        author: item.author.as_ref().map(|author| author.name.as_str()),
        published: item.published,
        first_seen: mention.first_seen,
        source: mention.source.as_str(),
        watches: mention.findings.iter().map(|finding| finding.watch.as_str()).collect(),
        language: first.and_then(|finding| finding.language.code.as_ref()).map(Lang::code),
        aside: mention
            .findings
            .iter()
            .filter_map(|f| Some(Apart { watch: f.watch.as_str(), why: f.aside.as_ref()? }))
            .collect(),
        tone: first.map_or("unknown", |finding| finding.sentiment.label.as_str()),
        topics: first.map_or(&[][..], |finding| finding.topics.as_slice()),
        counts: item.counts.spread().map(|_| item.counts),
    }
}

fn show(line: &Line<'_>, output: &mut Output) {
    let when = line.published.unwrap_or(line.first_seen).strftime("%Y-%m-%d %H:%M");
    let author = line.author.unwrap_or("(no author)");
    output.data(format!("{when}  {}  {}  {author}", line.tone, line.source));
    if !line.title.is_empty() {
        output.data(format!("  {}", line.title));
    }
    let start: String = line.text.chars().take(240).collect();
    if !start.is_empty() {
        output.data(format!("  {}", start.replace('\n', " ")));
    }
    for Apart { watch, why } in &line.aside {
        output.data(format!("  aside for {watch}: {why}"));
    }
    output.data(format!("  {}\n", line.url.unwrap_or(line.id)));
}

fn csv(mentions: &[Mention], output: &mut Output) {
    output.data("date,tone,source,author,title,text,url,aside");
    for mention in mentions {
        let line = line(mention);
        let at = line.published.unwrap_or(line.first_seen).to_string();
        let why: Vec<String> =
            line.aside.iter().map(|apart| format!("{}: {}", apart.watch, apart.why)).collect();
        let why = why.join("; ");
        let cells = [
            at.as_str(),
            line.tone,
            line.source,
            line.author.unwrap_or_default(),
            line.title,
            line.text,
            line.url.unwrap_or_default(),
            &why,
        ];
        let cells: Vec<String> = cells.iter().map(|cell| safe_cell(cell)).collect();
        output.data(cells.join(","));
    }
}

/// A quoted cell that no spreadsheet takes for a formula (`operations.md` §3.4).
fn safe_cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let guard = if formula { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        assert_eq!(safe_cell("=1+1"), "\"'=1+1\"");
        assert_eq!(safe_cell("say \"no\""), "\"say \"\"no\"\"\"");
    }

    #[test]
    fn a_time_is_an_instant_a_day_or_so_long_ago() {
        assert!(instant("2026-11-24T03:12:00Z").is_ok());
        assert!(instant("2026-11-24").is_ok());
        assert!(instant("7d").is_ok());
        assert!(instant("yesterday").is_err());
    }
}
