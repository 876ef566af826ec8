//! What the operator adds to what comes with the program: rules, corrections, adapted models.
//! Each problem has its place in the file it is in.

use std::borrow::Cow;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::bounded;
use super::check::Context;
use super::load::File;
use super::table::{At, Problems};
use crate::diagnostic::{Diagnostic, Severity};
use crate::rules::{Corrections, Problem, Rules, check_examples, corrections};
use crate::sentiment::{MODELS, Model};

/// Larger is no file that people wrote.
const MOST_BYTES: u64 = 64 << 20;

/// The rules that hold, and the files they were read from. A problem's file is counted on from
/// those of the configuration.
pub(super) fn read(
    directory: Option<&At<String>>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> (Rules, Vec<File>) {
    let Some(At { value, place }) = directory else { return (Rules::builtin(), Vec::new()) };
    let directory = context.base.join(value);
    let found = files(&directory).and_then(|files| Ok((files, corrected(&directory)?)));
    let (mut files, corrected) = match found {
        Ok(found) => found,
        Err(error) => {
            problems.error(place, error, "unreadable", "name a directory of .toml files");
            return (Rules::builtin(), Vec::new());
        }
    };
    let first = context.files.len();
    let rules = ruled(&files, first, problems);
    let corrections = corrected.map_or_else(Corrections::default, |file| {
        let (corrections, wrong) = Corrections::read(&file.text);
        for problem in wrong {
            problems.push(first + files.len(), problem);
        }
        files.push(file);
        corrections
    });
    let mut rules = Rules { corrections, ..rules };
    match models(&directory.join(MODELS)) {
        Ok(models) => models.into_iter().for_each(|model| rules.models.prefer(model)),
        Err(wrong) => {
            let help = "`vigie sentiment train` makes a model again; without one, ours speaks";
            for title in wrong {
                problems.error(place, title, "in here", help);
            }
        }
    }
    (rules, files)
}

/// The shipped rules with these files over them; the shipped ones alone when a file is wrong.
fn ruled(files: &[File], first: usize, problems: &mut Problems) -> Rules {
    let named: Vec<(String, String)> =
        files.iter().map(|file| (file.path.display().to_string(), file.text.clone())).collect();
    let mut tell = |(name, diagnostic): Problem| {
        let at = named.iter().position(|(own, _)| *own == name);
        if let Some(at) = at {
            problems.push(first + at, diagnostic);
        }
    };
    let rules = match Rules::extended(&named) {
        Ok(rules) => rules,
        Err(wrong) => {
            wrong.into_iter().for_each(tell);
            return Rules::builtin();
        }
    };
    // A broken promise is no reason to stop listening: the shipped rules may have changed under
    // it. Theirs are left alone, since an operator's files are there to correct them.
    for (name, broken) in check_examples(&rules) {
        tell((name, Diagnostic { severity: Severity::Warning, ..broken }));
    }
    rules
}

fn said(path: &Path, error: &std::io::Error) -> String {
    format!("cannot read {}: {error}", path.display())
}

/// The `.toml` files of a directory, in the order of their names.
fn files(directory: &Path) -> Result<Vec<File>, String> {
    let mut files = Vec::new();
    for path in listed(directory, "toml").map_err(|error| said(directory, &error))? {
        let text = bounded::text(&path, MOST_BYTES).map_err(|error| said(&path, &error))?;
        files.push(File { path, text });
    }
    Ok(files)
}

/// What people corrected, when they did.
fn corrected(directory: &Path) -> Result<Option<File>, String> {
    let path = directory.join(corrections::FILE);
    match bounded::text(&path, MOST_BYTES) {
        Ok(text) => Ok(Some(File { path, text })),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(said(&path, &error)),
    }
}

/// Models that were adapted to the operator's texts; none, when there is no such folder. Otherwise
/// everything that is wrong with them.
fn models(directory: &Path) -> Result<Vec<Model>, Vec<String>> {
    let paths = match listed(directory, "tone") {
        Ok(paths) => paths,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(vec![said(directory, &error)]),
    };
    let (mut models, mut wrong) = (Vec::new(), Vec::new());
    for path in paths {
        let bytes = bounded::bytes(&path, MOST_BYTES).map_err(|error| said(&path, &error));
        let model = bytes.and_then(|bytes| {
            Model::read(Cow::Owned(bytes)).map_err(|error| format!("{}: {error}", path.display()))
        });
        match model {
            Ok(model) => models.push(model),
            Err(title) => wrong.push(title),
        }
    }
    if wrong.is_empty() { Ok(models) } else { Err(wrong) }
}

/// The files of a directory with this ending, in the order of their names.
fn listed(directory: &Path, ending: &str) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == ending) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
