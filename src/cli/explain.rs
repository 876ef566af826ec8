//! `vigie explain`: why a text matches or not, and how it is scored, word by word.

mod shown;

use std::io::BufRead;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::check::configuration;
use super::output::Output;
use super::{ConfigArgument, Exit};
use crate::model::time::SystemClock;
use crate::model::{Author, Clock, Item, ItemKey, Lang, Language, Sentiment, SourceId, Timestamp};
use crate::rules::{Alerts, PressSite, Rules};
use crate::topic::Spoken;
use crate::understand::{Declined, Explanation, Match, Origin, Watches, explain};

/// Texts are arguments, or lines of standard input; a line that is a JSON object with `text` (and
/// `title`, `lang`, `author`, `handle`, `url`, `source`, `kind`, `published`) is read as one.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  vigie explain \"Acme, plus jamais !\"\n  vigie explain --json < texts.jsonl"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    texts: Vec<String>,
    /// Take every text to be in this language
    #[arg(long)]
    lang: Option<String>,
    /// One JSON object a line, in the order of the texts
    #[arg(long)]
    json: bool,
}

#[derive(Default, Deserialize)]
struct Given {
    text: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    lang: Option<String>,
    /// Name, and account where there is one: lists of authors are asked about them.
    #[serde(default)]
    author: String,
    #[serde(default)]
    handle: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    published: Option<Timestamp>,
}

#[derive(Serialize)]
struct Line<'a> {
    language: Language,
    sentiment: &'a Sentiment,
    /// Their names, and the words that spoke.
    topics: Vec<&'a str>,
    spoken: &'a [Spoken],
    /// When those of them that call for an alert do.
    alerts: &'a Alerts,
    press: Option<&'a PressSite>,
    matches: &'a [Match],
    declined: &'a [Declined],
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Exit {
    let settled = match arguments.lang.as_deref().map(|lang| (lang, Lang::parse(lang))) {
        Some((lang, None)) => {
            return output.fail(Exit::Usage, format!("`{lang}` is no language code: use \"fr\""));
        }
        Some((_, code)) => Some(Language { code, confidence: 1.0 }),
        None => None,
    };
    let (watches, rules) = match known(&arguments.config, output) {
        Ok(known) => known,
        Err(exit) => return exit,
    };
    let mut one = |line: &str| {
        let given = given(line);
        let explanation = given.explain(settled, &watches, &rules);
        if arguments.json {
            output.json(&Line {
                language: explanation.language,
                sentiment: &explanation.sentiment,
                topics: explanation.topics.iter().map(|spoken| spoken.topic.as_str()).collect(),
                spoken: &explanation.topics,
                alerts: &explanation.alerts,
                press: explanation.press.as_ref(),
                matches: &explanation.matches,
                declined: &explanation.declined,
            });
        } else {
            shown::show(&given.item(), &explanation, &watches, output);
        }
    };
    if arguments.texts.is_empty() {
        // A line that is no UTF-8 is a text like any other: its answer keeps its place.
        for line in std::io::stdin().lock().split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line);
            one(line.strip_suffix('\r').unwrap_or(&line));
        }
    } else {
        arguments.texts.iter().for_each(|text| one(text));
    }
    Exit::Done
}

/// The configured watches; without a configuration the text is still scored.
fn known(argument: &ConfigArgument, output: &mut Output) -> Result<(Watches, Rules), Exit> {
    if !argument.config.exists() {
        output.say(format!("no {}: scoring without watches", argument.config.display()));
        return Ok((Watches::default(), Rules::builtin()));
    }
    let config = configuration(argument, output)?;
    let watches = Watches::compile(&config.watches).map_err(|wrong| {
        let first = wrong.first().map(|(watch, d)| format!("{watch}: {}", d.title));
        output.fail(Exit::Usage, first.unwrap_or_default())
    })?;
    Ok((watches, config.rules))
}

fn given(line: &str) -> Given {
    let parsed = line.trim_start().starts_with('{').then(|| serde_json::from_str::<Given>(line));
    match parsed {
        Some(Ok(given)) => given,
        _ => Given { text: line.to_owned(), ..Given::default() },
    }
}

impl Given {
    fn item(&self) -> Item {
        let (name, handle) = (self.author.clone(), self.handle.clone());
        let known = !name.is_empty() || handle.is_some();
        Item {
            title: self.title.clone(),
            text: self.text.clone(),
            url: self.url.clone(),
            author: known.then(|| Author { name, handle, ..Author::default() }),
            published: self.published,
            lang_hint: self.lang.clone(),
            ..Item::new(ItemKey::of(&["given"]), "given")
        }
    }

    fn explain(&self, settled: Option<Language>, watches: &Watches, rules: &Rules) -> Explanation {
        // A text that comes from nowhere has a source that no query names.
        let source = self.source.as_deref().and_then(|id| SourceId::new(id).ok());
        let origin = Origin {
            source: &source.unwrap_or_else(nowhere),
            kind: self.kind.as_deref().unwrap_or_default(),
            lang: None,
            author_lang: None,
            seen: SystemClock.now(),
        };
        explain(&self.item(), &origin, settled, watches, rules)
    }
}

fn nowhere() -> SourceId {
    SourceId::new("none").expect("a slug")
}
