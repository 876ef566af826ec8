//! `vigie explain`: why a text matches, and how it is scored, word by word.

use std::io::BufRead;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::check::configuration;
use super::output::Output;
use super::{ConfigArgument, Exit};
use crate::model::finding::full_text;
use crate::model::{Lang, Language, Sentiment, Span};
use crate::rules::Rules;
use crate::topic::Spoken;
use crate::understand::{Explanation, Reason, Watches, explain, explain_in};

/// Texts are arguments, or lines of standard input; a line that is a JSON object with `text` (and
/// `title`, `lang`) is read as one.
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

#[derive(Deserialize)]
struct Given {
    text: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    lang: Option<String>,
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
        let (given, lang) = given(text);
        let explanation = match forced {
            Some(code) => {
                let language = Language { code: Some(code), confidence: 1.0 };
                explain_in(&full_text(&given.title, &given.text), language, &watches, &rules)
            }
            None => explain(&given.title, &given.text, lang, &watches, &rules),
        };
        show(arguments.json, &given, &explanation, output);
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

fn given(line: &str) -> (Given, Option<Lang>) {
    let parsed = line.trim_start().starts_with('{').then(|| serde_json::from_str::<Given>(line));
    let given = match parsed {
        Some(Ok(given)) => given,
        _ => Given { text: line.to_owned(), title: String::new(), lang: None },
    };
    let lang = given.lang.as_deref().and_then(Lang::parse);
    (given, lang)
}

/// The pieces of a text, as they are written there.
fn words(text: &str, spans: &[Span]) -> String {
    let pieces = spans.iter().filter_map(|span| text.get(span.start..span.end));
    pieces.collect::<Vec<_>>().join(", ")
}

fn show(json: bool, given: &Given, said: &Explanation, output: &mut Output) {
    if json {
        output.json(&Line {
            language: said.language,
            sentiment: &said.sentiment,
            topics: &said.topics,
            matches: &said.matches,
        });
        return;
    }
    let text = full_text(&given.title, &given.text);
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
    }
    for declined in &said.declined {
        let why = match declined.reason {
            Reason::NotFound => "what it asks for is not there",
            Reason::Excluded => "it excludes something that is there",
            Reason::Language => "it keeps other languages only",
        };
        output.data(format!("  no match   {}: {why}", declined.watch));
    }
    output.data("");
}
