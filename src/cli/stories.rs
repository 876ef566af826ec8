//! `vigie stories`: which texts are copied, how far they spread, and what is newly said.

use clap::Args;
use serde::Serialize;

use super::output::Output;
use super::reading::Reading;
use super::run::store_exit;
use super::search::instant;
use super::{ConfigArgument, Exit};
use crate::daemon::news;
use crate::model::time::SystemClock;
use crate::model::{Clock, Mention, Seq, Story, StoryId, Timestamp, Watch, WatchId};
use crate::store::{MentionQuery, Store, StoreError, StoryQuery};
use crate::story::Term;

/// Lists the stories of a time, the most told first, and the terms that are new in it; with a
/// number, the mentions of that story.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  vigie stories --since 24h\n  vigie stories --watch acme --json\n  vigie stories 1234"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// A story to show, by its number
    id: Option<u64>,
    #[arg(long)]
    watch: Option<String>,
    /// An instant, a day (2026-11-24), or a length of time ago (7d)
    #[arg(long, default_value = "7d")]
    since: String,
    #[arg(long)]
    until: Option<String>,
    /// At most this many stories, or mentions of one
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// One JSON object a line: stories first, then terms
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct StoryLine<'a> {
    #[serde(flatten)]
    story: &'a Story,
    title: String,
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct MentionLine<'a> {
    seq: Seq,
    at: Timestamp,
    source: &'a str,
    author: Option<&'a str>,
    url: Option<&'a str>,
    title: String,
}

#[derive(Serialize)]
struct TermLine<'a> {
    watch: &'a WatchId,
    #[serde(flatten)]
    term: &'a Term,
}

/// What the store says of the time.
struct Told {
    /// Each with the mention that it is known by.
    stories: Vec<(Story, Mention)>,
    terms: Vec<(WatchId, Vec<Term>)>,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Exit {
    let query = match query(arguments) {
        Ok(query) => query,
        Err(what) => return output.fail(Exit::Usage, what),
    };
    let Reading { config, store, runtime } = match Reading::open(&arguments.config, output) {
        Ok(reading) => reading,
        Err(exit) => return exit,
    };
    if let Some(id) = arguments.id {
        let query = MentionQuery {
            story: Some(StoryId(id)),
            watch: query.watch,
            limit: arguments.limit,
            ..MentionQuery::default()
        };
        return match runtime.block_on(store.find_mentions(&query)) {
            Ok(mentions) => one(&mentions, arguments.json, output),
            Err(error) => output.fail(store_exit(&error), error),
        };
    }
    let asked = |watch: &&Watch| query.watch.as_ref().is_none_or(|id| *id == watch.id);
    let watches: Vec<&Watch> = config.watches.iter().filter(asked).collect();
    if let (true, Some(id)) = (watches.is_empty(), &query.watch) {
        let what = format!("no watch `{id}` is configured: `vigie status` names those there are");
        return output.fail(Exit::Usage, what);
    }
    let told = match runtime.block_on(told(&store, &query, &watches)) {
        Ok(told) => told,
        Err(error) => return output.fail(store_exit(&error), error),
    };
    if arguments.json {
        json(&told, output);
    } else {
        show(&told, output);
    }
    if told.stories.is_empty() {
        output.say("no story in this time");
        return Exit::No;
    }
    Exit::Done
}

/// The mentions of one story, newest first.
fn one(mentions: &[Mention], json: bool, output: &mut Output) -> Exit {
    let lines = mentions.iter().map(|mention| MentionLine {
        seq: mention.seq,
        at: mention.event_time(),
        source: mention.source.as_str(),
        author: mention.item.author.as_ref().map(|author| author.name.as_str()),
        url: mention.item.url.as_deref(),
        title: title(mention),
    });
    if json {
        lines.for_each(|line| output.json(&line));
    } else if !mentions.is_empty() {
        let rows = lines.map(|line| {
            let author = crate::notify::line(line.author.unwrap_or("(no author)"), 40);
            let url = line.url.unwrap_or_default().to_owned();
            vec![moment(line.at), line.source.to_owned(), author, line.title, url]
        });
        output.table(&["at", "source", "author", "text", "address"], rows.collect());
    }
    if mentions.is_empty() {
        output.say("no such story: `vigie stories` lists those there are");
        return Exit::No;
    }
    Exit::Done
}

fn query(arguments: &Arguments) -> Result<StoryQuery, String> {
    let watch = arguments.watch.as_deref().map(WatchId::new).transpose();
    Ok(StoryQuery {
        watch: watch.map_err(|error| error.to_string())?,
        since: Some(instant(&arguments.since)?),
        until: arguments.until.as_deref().map(instant).transpose()?,
        limit: arguments.limit,
        ..StoryQuery::default()
    })
}

async fn told(
    store: &dyn Store,
    query: &StoryQuery,
    watches: &[&Watch],
) -> Result<Told, StoreError> {
    let mut stories = Vec::new();
    for story in store.stories(query).await? {
        let lead = store.mentions(&[story.lead]).await?.pop();
        stories.extend(lead.map(|lead| (story, lead)));
    }
    let since = query.since.unwrap_or_else(|| SystemClock.now());
    let mut terms = Vec::new();
    for watch in watches {
        let wave = MentionQuery {
            watch: Some(watch.id.clone()),
            aside: Some(false),
            since: query.since,
            until: query.until,
            ..MentionQuery::default()
        };
        let wave = store.find_mentions(&wave).await?;
        terms.push((watch.id.clone(), news::new_terms(store, watch, &wave, since).await?));
    }
    Ok(Told { stories, terms })
}

fn json(told: &Told, output: &mut Output) {
    for (story, lead) in &told.stories {
        output.json(&StoryLine { story, title: title(lead), url: lead.item.url.as_deref() });
    }
    for (watch, terms) in &told.terms {
        for term in terms {
            output.json(&TermLine { watch, term });
        }
    }
}

fn show(told: &Told, output: &mut Output) {
    let rows = told.stories.iter().map(|(story, lead)| {
        vec![
            story.id.to_string(),
            moment(story.first_seen),
            story.mentions.to_string(),
            story.sources.to_string(),
            story.authors.to_string(),
            title(lead),
        ]
    });
    if !told.stories.is_empty() {
        let header = ["story", "first seen", "mentions", "sources", "authors", "text"];
        output.table(&header, rows.collect());
    }
    for (watch, terms) in told.terms.iter().filter(|(_, terms)| !terms.is_empty()) {
        let one = |term: &Term| format!("{} ({})", term.text, term.mentions.len());
        let terms: Vec<String> = terms.iter().map(one).collect();
        output.data(format!("\nnew in {watch}: {}", terms.join(", ")));
    }
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// The title of a mention, or how its text begins.
fn title(lead: &Mention) -> String {
    let said = if lead.item.title.is_empty() { &lead.item.text } else { &lead.item.title };
    crate::notify::line(said, 80)
}
