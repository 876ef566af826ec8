//! `vigie sentiment train`: adapts the model to labelled texts, and says whether that helped.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use clap::Args;

use super::super::check::unscored;
use super::super::output::Output;
use super::super::{ConfigArgument, Exit};
use super::labelled::{self, Text};
use crate::config::Config;
use crate::language;
use crate::model::{Lang, Language};
use crate::rules::{Corrections, Rules, corrections};
use crate::sentiment::evaluate::Figures;
use crate::sentiment::train::trial::Trial;
use crate::sentiment::train::{Row, adapt, fresh};
use crate::sentiment::{MODELS, Models};

/// Starts from the model that came with the program, for each language of which there are enough
/// texts. The adapted model is kept in the rules directory, over the shipped one, and only when it
/// is better on texts that it did not learn from. The same texts give the same model.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  vigie sentiment train\n  vigie sentiment train labels.csv rules/corrections.jsonl --lang fr"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// Labelled texts, as for `evaluate`; the corrections when none is named
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Take every text to be in this language
    #[arg(long)]
    lang: Option<String>,
    /// Where the models go, instead of the rules directory
    #[arg(long, value_name = "DIRECTORY")]
    output: Option<PathBuf>,
    /// Keep the adapted model even when it is not better
    #[arg(long)]
    force: bool,
}

/// Fewer texts than this teach nothing that holds on others.
const FEWEST: usize = 50;

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Exit {
    let config = match unscored(&arguments.config, output) {
        Ok(config) => config,
        Err(exit) => return exit,
    };
    let (files, directory) = match places(arguments, &config) {
        Ok(places) => places,
        Err(what) => return output.fail(Exit::Usage, what),
    };
    let opened = super::forced(arguments.lang.as_deref(), output)
        .and_then(|lang| Ok((lang, labelled::open(&files, output)?)));
    let (lang, texts) = match opened {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    let rules = match shipped_models(config.rules) {
        Ok(rules) => rules,
        Err(what) => return output.fail(Exit::Bug, what),
    };
    let mut adopted = 0;
    for (lang, rows) in by_language(&texts.rows, lang) {
        match learn(lang, &rows, &rules, arguments.force, output) {
            None => {}
            Some(model) => match keep(&directory, lang, &model) {
                Ok(path) => {
                    output.say(format!("{lang}: kept in {}", path.display()));
                    adopted += 1;
                }
                Err(error) => {
                    let what = format!("cannot write to {}: {error}", directory.display());
                    return output.fail(Exit::Unusable, what);
                }
            },
        }
    }
    if adopted == 0 {
        return Exit::No;
    }
    output.say("`systemctl reload vigie` puts it in force");
    Exit::Done
}

/// What to learn from, and where to put what was learned.
fn places(arguments: &Arguments, config: &Config) -> Result<(Vec<PathBuf>, PathBuf), String> {
    let rules = config.rules_directory.as_deref();
    let nowhere = "there is no rules directory: add `[rules]` with `directory = \"rules\"`";
    let files = match (arguments.files.as_slice(), rules) {
        ([], Some(rules)) => vec![rules.join(corrections::FILE)],
        ([], None) => return Err(nowhere.to_owned()),
        (files, _) => files.to_vec(),
    };
    let own = || rules.map(|rules| rules.join(MODELS));
    let directory = arguments.output.clone().or_else(own).ok_or(nowhere)?;
    Ok((files, directory))
}

/// The operator's words with the models that came with the program, and nobody else's say.
fn shipped_models(rules: Rules) -> Result<Rules, String> {
    let models = Models::shipped().map_err(|error| error.to_string())?;
    Ok(Rules { models, corrections: Corrections::default(), second: None, ..rules })
}

/// The texts of each language, without copies; a language that nobody names is found out.
fn by_language(texts: &[Text], lang: Option<Language>) -> BTreeMap<Lang, Vec<Row>> {
    let usual = language::usual();
    let mut rows: BTreeMap<Lang, Vec<Row>> = BTreeMap::new();
    for Text { row, truth, .. } in texts {
        let said = lang.and_then(|lang| lang.code).or(row.lang);
        let lang = said.or_else(|| language::detect(&row.text, None, &usual).code);
        let Some(lang) = lang else { continue };
        let text = row.text.clone();
        let row = Row { text, lang: Some(lang), tone: *truth, counts: 1.0, ..Row::default() };
        rows.entry(lang).or_default().push(row);
    }
    rows.into_iter().map(|(lang, rows)| (lang, fresh(rows, &mut HashSet::new()))).collect()
}

/// The adapted model as bytes, when it is to be kept.
fn learn(
    lang: Lang,
    rows: &[Row],
    rules: &Rules,
    force: bool,
    output: &mut Output,
) -> Option<Vec<u8>> {
    if rows.len() < FEWEST {
        let count = rows.len();
        output
            .say(format!("{lang}: {count} different texts; {FEWEST} are the least to learn from"));
        return None;
    }
    let Some((shipped, _)) = rules.models.speaking(Some(lang)) else {
        output.say(format!("{lang}: no model speaks it, so there is none to adapt"));
        return None;
    };
    let adapted = |rows: &[Row]| adapt(shipped, rows, rules);
    let trial = Trial::new(rows, rules, adapted);
    let (mended, broken) = trial.changed();
    output.data(format!("{lang} before  {}", Figures::of(&trial.before)));
    output.data(format!("{lang} after   {}", Figures::of(&trial.after)));
    output.data(format!("{lang} {mended} texts mended, {broken} broken"));
    if !trial.is_better() && !force {
        output.say(format!(
            "{lang}: not better on your own texts: kept the shipped one (`--force` adopts it)"
        ));
        return None;
    }
    let mut model = adapted(rows);
    model.voices.retain(|voice| voice.lang == Some(lang));
    Some(model.write())
}

/// Whole or not at all: a daemon may read it while it is written.
fn keep(directory: &Path, lang: Lang, model: &[u8]) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(directory)?;
    let path = directory.join(format!("{lang}.tone"));
    let unfinished = directory.join(format!("{lang}.tone.new"));
    std::fs::write(&unfinished, model)?;
    std::fs::File::open(&unfinished)?.sync_all()?;
    std::fs::rename(&unfinished, &path)?;
    Ok(path)
}
