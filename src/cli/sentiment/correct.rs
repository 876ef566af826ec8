//! `vigie sentiment correct`: a person says what the tone of a text is.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use clap::Args;

use super::super::check::unscored;
use super::super::output::Output;
use super::super::{ConfigArgument, Exit};
use crate::config::Config;
use crate::model::time::SystemClock;
use crate::model::{Clock, Lang, Tone, WatchId};
use crate::rules::corrections::{self, Correction};

/// The text, and every copy of it, has this tone once the daemon has read its configuration
/// again. Corrections are kept in the rules directory, one line each.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  vigie sentiment correct --tone negative \"Merci pour l'attente, Acme\" && systemctl reload vigie"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// The whole text, as `vigie search` prints it
    text: String,
    /// negative, neutral, positive or mixed
    #[arg(long)]
    tone: String,
    /// Only towards this watch
    #[arg(long)]
    watch: Option<String>,
    /// The language of the text, for learning from it
    #[arg(long)]
    lang: Option<String>,
    /// Who says so
    #[arg(long, env = "USER")]
    by: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Exit {
    let config = match unscored(&arguments.config, output) {
        Ok(config) => config,
        Err(exit) => return exit,
    };
    let correction = match correction(arguments, &config) {
        Ok(correction) => correction,
        Err(what) => return output.fail(Exit::Usage, what),
    };
    let Some(directory) = &config.rules_directory else {
        let what = "there is no place for corrections: add `[rules]` with `directory = \"rules\"`";
        return output.fail(Exit::Usage, what);
    };
    let path = directory.join(corrections::FILE);
    if let Err(error) = append(&path, &correction) {
        return output.fail(Exit::Unusable, format!("cannot write {}: {error}", path.display()));
    }
    output.say(format!(
        "{}: {}; `systemctl reload vigie` puts it in force",
        path.display(),
        correction.tone.as_str()
    ));
    Exit::Done
}

fn correction(arguments: &Arguments, config: &Config) -> Result<Correction, String> {
    let watch = match &arguments.watch {
        Some(id) => Some(watch(id, config)?),
        None => None,
    };
    let lang = match &arguments.lang {
        Some(code) => {
            Some(Lang::parse(code).ok_or_else(|| format!("`{code}` is no language: use \"fr\""))?)
        }
        None => None,
    };
    let correction = Correction {
        text: arguments.text.clone(),
        tone: Tone::parse(&arguments.tone).unwrap_or(Tone::Unknown),
        watch,
        lang,
        by: arguments.by.clone().filter(|by| !by.is_empty()),
        at: Some(SystemClock.now()),
    };
    match correction.problem() {
        Some((title, help)) => Err(format!("{title}: {help}")),
        None => Ok(correction),
    }
}

fn watch(id: &str, config: &Config) -> Result<WatchId, String> {
    let found = config.watches.iter().find(|watch| watch.id.as_str() == id);
    found.map(|watch| watch.id.clone()).ok_or_else(|| {
        let known: Vec<&str> = config.watches.iter().map(|watch| watch.id.as_str()).collect();
        format!("there is no watch `{id}`; known: {}", known.join(", "))
    })
}

/// One line in one write, so that two people at once lose nothing; after a last line that an
/// editor left open, a new one is begun first.
fn append(path: &Path, correction: &Correction) -> std::io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).read(true).open(path)?;
    let mut line = if is_open(&mut file)? { "\n".to_owned() } else { String::new() };
    line.push_str(&serde_json::to_string(correction)?);
    line.push('\n');
    file.write_all(line.as_bytes())?;
    file.sync_all()
}

fn is_open(file: &mut File) -> std::io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}
