//! `vigie explain`: why a text matches, and how it is scored, word by word.

use std::io::BufRead;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::check::configuration;
use super::output::Output;
use super::{ConfigArgument, Exit};
use crate::model::finding::full_text;
use crate::model::{Author, Item, ItemKey, Lang, Language, Sentiment, Span};
use crate::rules::Rules;
use crate::standing::Exclusion;
use crate::topic::Spoken;
use crate::understand::{Declined, Explanation, Reason, Watches, explain};

/// Texts are arguments, or lines of standard input; a line that is a JSON object with `text` (and
/// `title`, `lang`, `author`, `handle`, `url`) is read as one.
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
}

impl Given {
    fn item(self) -> Item {
        let mut item = Item::new(ItemKey::of(&["given"]), "given");
        item.lang_hint = self.lang;
        item.url = self.url;
        if !self.author.is_empty() || self.handle.is_some() {
            let (name, handle) = (self.author, self.handle);
            item.author = Some(Author { name, handle, ..Author::default() });
        }
        Item { title: self.title, text: self.text, ..item }
    }
}

#[derive(Serialize)]
struct Line<'a> {
    language: Language,
    sentiment: &'a Sentiment,
    topics: &'a [Spoken],
    matches: &'a [crate::understand::Match],
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Exit {
    let forced = match arguments.lang.as_deref().map(|lang| (lang, Lang::parse(lang))) {
        Some((lang, None)) => {
            return output.fail(Exit::Usage, format!("`{lang}` is no language code: use \"fr\""));
        }
        Some((_, lang)) => lang,
        None => None,
    };
    let (watches, rules) = match known(&arguments.config, output) {
        Ok(known) => known,
        Err(exit) => return exit,
    };
    let mut one = |text: &str| {
        let item = given(text).item();
        let settled = forced.map(|code| Language { code: Some(code), confidence: 1.0 });
        show(arguments.json, &item, &explain(&item, settled, &watches, &rules), output);
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

/// The pieces of a text, as they are written there.
fn words(text: &str, spans: &[Span]) -> String {
    let pieces = spans.iter().filter_map(|span| text.get(span.start..span.end));
    pieces.collect::<Vec<_>>().join(", ")
}

fn show(json: bool, item: &Item, said: &Explanation, output: &mut Output) {
    if json {
        output.json(&Line {
            language: said.language,
            sentiment: &said.sentiment,
            topics: &said.topics,
            matches: &said.matches,
        });
        return;
    }
    let text = full_text(&item.title, &item.text);
    output.data(&text);
    let language = said.language.code.map_or("undetermined".to_owned(), |code| code.to_string());
    output
        .data(format!("  language   {language} ({:.0} % sure)", said.language.confidence * 100.0));
    let s = &said.sentiment;
    output.data(format!(
        "  tone       {} (negative {:.2}, neutral {:.2}, positive {:.2}, mixed {:.2})",
        s.label.as_str(),
        s.negative,
        s.neutral,
        s.positive,
        s.mixed
    ));
    for evidence in &s.evidence {
        output.data(format!("    {:+.1}  {}", evidence.weight, evidence.text));
    }
    for spoken in &said.topics {
        output.data(format!("  topic      {} by: {}", spoken.topic, words(&text, &spoken.spans)));
    }
    for found in &said.matches {
        output.data(format!("  matches    {} by: {}", found.watch, words(&text, &found.spans)));
        if let Some(aside) = &found.aside {
            output.data(format!("  aside      {}: {aside}; it counts for nothing", found.watch));
        }
    }
    for declined in &said.declined {
        output.data(format!("  no match   {}: {}", declined.watch, why_not(declined)));
    }
    output.data("");
}

fn why_not(declined: &Declined) -> String {
    let watch = &declined.watch;
    match &declined.reason {
        Reason::NotFound => "what it asks for is not there".to_owned(),
        Reason::Excluded => "it excludes something that is there".to_owned(),
        Reason::Language => "it keeps other languages only".to_owned(),
        Reason::OnList(Exclusion::Author(entry)) => {
            format!("its author is on the exclusion list of `{watch}` (`{entry}`)")
        }
        Reason::OnList(Exclusion::Site(entry)) => {
            format!("its site is on the exclusion list of `{watch}` (`{entry}`)")
        }
    }
}
