//! `vigie try`: reads one source once and prints what it found; nothing is stored.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde::Serialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use url::Url;

use super::check::configuration;
use super::output::Output;
use super::run::runtime;
use super::{ConfigArgument, Exit};
use crate::fetch::http::{HttpFetch, HttpSettings};
use crate::fetch::{Fetch, Policy};
use crate::language;
use crate::model::finding::full_text;
use crate::model::time::SystemClock;
use crate::model::{Clock, Item, Lang};
use crate::source::{Cursor, HttpReply, KINDS, Page, Reply, Source};

/// Pages followed at most: a web page leads to its feed, a feed to its next part.
const PAGES: usize = 5;

/// Reads a configured source, an address, or a file, exactly as the daemon would.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  vigie try acme-blog\n  vigie try --url https://blog.example/ --json\n  vigie try --file feed.xml --json"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// Id of a configured source
    #[arg(conflicts_with_all = ["url", "file"])]
    source: Option<String>,
    /// Kind of the source at --url or in --file
    #[arg(long, default_value = "feed")]
    kind: String,
    /// Address to read
    #[arg(long, conflicts_with = "file")]
    url: Option<String>,
    /// File to read as if it had been fetched
    #[arg(long)]
    file: Option<PathBuf>,
    /// Address that the file came from, for relative links
    #[arg(long, value_name = "URL", requires = "file")]
    base: Option<String>,
    /// Host that may be reached although it is private; may be given several times
    #[arg(long, value_name = "HOST")]
    allow_private: Vec<String>,
    /// One JSON object a line: id, url, title, text, author, published, lang
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    url: Option<&'a str>,
    title: &'a str,
    text: &'a str,
    author: Option<&'a str>,
    published: Option<String>,
    lang: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Exit {
    let page = match (&arguments.source, &arguments.url, &arguments.file) {
        (Some(id), _, _) => configured(id, &arguments.config, output),
        (_, Some(url), _) => build(&arguments.kind, url, output).and_then(|source| {
            let policy =
                Policy { allow_private: arguments.allow_private.clone(), ..Policy::default() };
            fetched(source.as_ref(), &policy, None, output)
        }),
        (_, _, Some(file)) => from_file(file, arguments, output),
        _ => Err(output.fail(Exit::Usage, "name a source, or use --url or --file")),
    };
    let page = match page {
        Ok(page) => page,
        Err(exit) => return exit,
    };
    for problem in &page.problems {
        output.say(format!("note: {}", problem.what));
    }
    for item in &page.items {
        show(item, arguments.json, output);
    }
    let count = page.items.len();
    output.say(format!("{count} {}", if count == 1 { "item" } else { "items" }));
    Exit::Done
}

fn configured(id: &str, config: &ConfigArgument, output: &mut Output) -> Result<Page, Exit> {
    let config = configuration(config, output)?;
    let Some(source) = config.sources.iter().find(|source| source.id.as_str() == id) else {
        let known: Vec<&str> = config.sources.iter().map(|source| source.id.as_str()).collect();
        let known = known.join(", ");
        return Err(output.fail(Exit::Usage, format!("no source `{id}`; configured: {known}")));
    };
    let policy = Policy { allow_private: source.allow_private.clone(), ..Policy::default() };
    fetched(source.source.as_ref(), &policy, config.fetch.contact.as_deref(), output)
}

fn build(kind: &str, url: &str, output: &mut Output) -> Result<Box<dyn Source>, Exit> {
    let Some(known) = KINDS.iter().find(|known| known.name() == kind) else {
        let all: Vec<&str> = KINDS.iter().map(|kind| kind.name()).collect();
        let all = all.join(", ");
        return Err(output.fail(Exit::Usage, format!("unknown kind `{kind}`; known: {all}")));
    };
    let mut table = DeTable::new();
    table.insert(Spanned::new(0..0, "url".into()), Spanned::new(0..0, DeValue::String(url.into())));
    known.build(Spanned::new(0..0, DeValue::Table(table))).map_err(|wrong| {
        let titles: Vec<&str> = wrong.iter().map(|d| d.title.as_str()).collect();
        output.fail(Exit::Usage, titles.join("; "))
    })
}

/// Asks as the daemon would: with its limits, guard and names.
fn fetched(
    source: &dyn Source,
    policy: &Policy,
    contact: Option<&str>,
    output: &mut Output,
) -> Result<Page, Exit> {
    let runtime = runtime().map_err(|error| output.fail(Exit::Unusable, error))?;
    let contact = contact.map(str::to_owned);
    let settings = HttpSettings { contact, ..HttpSettings::default() };
    let fetch = HttpFetch::new(settings).map_err(|error| output.fail(Exit::Unusable, error))?;
    let mut whole = Page::default();
    for _ in 0..PAGES {
        let now = SystemClock.now();
        let request = source.request(&whole.cursor, now);
        let asked = runtime.block_on(async {
            // The policy's deadline ends every fetch; this one is for a fault in the fetcher.
            let limit = policy.deadline + Duration::from_secs(5);
            tokio::time::timeout(limit, fetch.fetch(&request, policy)).await
        });
        let reply = match asked {
            Ok(Ok(reply)) => reply,
            Ok(Err(error)) => return Err(output.fail(Exit::No, error)),
            Err(_) => return Err(output.fail(Exit::Bug, "the fetch did not end")),
        };
        let page = source.read(&whole.cursor, &reply, now);
        let page = page.map_err(|error| output.fail(Exit::No, error))?;
        let more = page.more;
        whole.items.extend(page.items);
        whole.problems.extend(page.problems);
        whole.cursor = page.cursor;
        if !more {
            break;
        }
    }
    Ok(whole)
}

fn from_file(file: &PathBuf, arguments: &Arguments, output: &mut Output) -> Result<Page, Exit> {
    let body = std::fs::read(file).map_err(|error| {
        output.fail(Exit::Usage, format!("cannot read {}: {error}", file.display()))
    })?;
    let base = arguments.base.as_deref().unwrap_or("https://file.invalid/");
    let source = build(&arguments.kind, base, output)?;
    let url = Url::parse(base)
        .map_err(|error| output.fail(Exit::Usage, format!("`{base}` is no address: {error}")))?;
    let reply = Reply::Http(HttpReply { status: 200, headers: Vec::new(), body, url, moved: None });
    source
        .read(&Cursor::default(), &reply, SystemClock.now())
        .map_err(|error| output.fail(Exit::No, error))
}

fn show(item: &Item, json: bool, output: &mut Output) {
    let author = item.author.as_ref().map(|author| author.name.as_str());
    let published = item.published.map(|at| at.to_string());
    if json {
        let hint = item.lang_hint.as_deref().and_then(Lang::parse);
        let lang = language::detect(&full_text(&item.title, &item.text), hint, &[]);
        output.json(&Line {
            id: &item.id,
            url: item.url.as_deref(),
            title: &item.title,
            text: &item.text,
            author,
            published,
            lang: lang.code.map(|code| code.to_string()),
        });
        return;
    }
    output.data(if item.title.is_empty() { "(no title)" } else { &item.title });
    let when = published.unwrap_or_else(|| "undated".to_owned());
    output.data(format!("  {when}  {}", author.unwrap_or("(no author)")));
    output.data(format!("  {}", item.url.as_deref().unwrap_or(&item.id)));
    let start: String = item.text.chars().take(200).collect();
    if !start.is_empty() {
        output.data(format!("  {}", start.replace('\n', " ")));
    }
    output.data("");
}
