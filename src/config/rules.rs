//! The operator's own files of rules, read over the shipped ones: each problem with its place in
//! the file it is in.

use std::path::Path;

use super::check::Context;
use super::load::File;
use super::table::{At, Problems};
use crate::diagnostic::{Diagnostic, Severity};
use crate::rules::{Problem, Rules, check_examples};

/// The rules that hold, and the files they were read from. A problem's file is counted on from
/// those of the configuration.
pub(super) fn read(
    directory: Option<&At<String>>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> (Rules, Vec<File>) {
    let Some(At { value, place }) = directory else { return (Rules::builtin(), Vec::new()) };
    let files = match files(&context.base.join(value)) {
        Ok(files) => files,
        Err(error) => {
            problems.error(place, error, "unreadable", "name a directory of .toml files");
            return (Rules::builtin(), Vec::new());
        }
    };
    let named: Vec<(String, String)> =
        files.iter().map(|file| (file.path.display().to_string(), file.text.clone())).collect();
    let mut tell = |(name, diagnostic): Problem| {
        let at = named.iter().position(|(own, _)| *own == name);
        if let Some(at) = at {
            problems.push(context.files.len() + at, diagnostic);
        }
    };
    let rules = match Rules::extended(&named) {
        Ok(rules) => rules,
        Err(wrong) => {
            wrong.into_iter().for_each(tell);
            return (Rules::builtin(), files);
        }
    };
    // A broken promise is no reason to stop listening: the shipped rules may have changed under
    // it. Theirs are left alone, since an operator's files are there to correct them.
    for (name, broken) in check_examples(&rules) {
        tell((name, Diagnostic { severity: Severity::Warning, ..broken }));
    }
    (rules, files)
}

/// The `.toml` files of a directory, in the order of their names.
fn files(directory: &Path) -> Result<Vec<File>, String> {
    let said =
        |path: &Path, error: &std::io::Error| format!("cannot read {}: {error}", path.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(|error| said(directory, &error))? {
        let path = entry.map_err(|error| said(directory, &error))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = std::fs::read_to_string(&path).map_err(|error| said(&path, &error))?;
            files.push(File { path, text });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}
