//! From paths to a checked configuration: reads the files, gives all problems at once.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Config;
use super::check;
use super::surroundings::Surroundings;
use super::table::{Problem, Problems};
use crate::diagnostic::{Diagnostic, Severity};

/// A file as it was read; inline secrets are masked, so that it can be shown.
#[derive(Debug, Clone)]
pub struct File {
    pub path: PathBuf,
    pub text: String,
}

/// What came of reading a configuration.
pub struct Loaded {
    /// Those of the configuration, then those of the operator's rules.
    pub files: Vec<File>,
    /// Present when nothing is an error; warnings do not stand in the way.
    pub config: Option<Config>,
    /// In the order of the files.
    pub problems: Vec<Problem>,
}

/// Reads one file, or every `*.toml` of a directory in the order of their names. The error is
/// about the path itself; what is wrong inside the files is in `problems`.
pub fn load(path: &Path, surroundings: &Surroundings) -> Result<Loaded, String> {
    let files = read(path)?;
    let base = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new(".")) };
    Ok(check_files(files, base, surroundings))
}

fn read(path: &Path) -> Result<Vec<File>, String> {
    let said =
        |path: &Path, error: &std::io::Error| format!("cannot read {}: {error}", path.display());
    let mut paths = vec![path.to_owned()];
    if path.is_dir() {
        let entries = std::fs::read_dir(path).map_err(|error| said(path, &error))?;
        paths = entries
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
            .collect();
        paths.sort();
        if paths.is_empty() {
            return Err(format!("{} holds no .toml file", path.display()));
        }
    }
    paths
        .into_iter()
        .map(|path| match std::fs::read_to_string(&path) {
            Ok(text) => Ok(File { path, text }),
            Err(error) => Err(said(&path, &error)),
        })
        .collect()
}

/// The same for texts that are already in memory; `base` is what relative paths start from.
pub fn check_files(files: Vec<File>, base: &Path, surroundings: &Surroundings) -> Loaded {
    let hash = hash(&files);
    let mut problems = Problems::default();
    let roots: Vec<Spanned<DeValue<'_>>> = files
        .iter()
        .enumerate()
        .map(|(file, File { text, .. })| {
            let (root, syntax) = DeTable::parse_recoverable(text);
            for error in syntax {
                let span = error.span().unwrap_or(0..0);
                problems.push(file, Diagnostic::error(span, first_line(error.message())));
            }
            Spanned::new(root.span(), DeValue::Table(root.into_inner()))
        })
        .collect();
    let (config, rules) = check::check(roots, &files, base, surroundings, &mut problems);
    let mut problems = problems.0;
    problems.sort_by_key(|problem| (problem.file, problem.diagnostic.span.start));
    let masked = |file: File| File { text: without_secrets(&file.text), ..file };
    let files: Vec<File> = files.into_iter().map(masked).chain(rules).collect();
    let failed = problems.iter().any(|p| p.diagnostic.severity == Severity::Error);
    let config = config.filter(|_| !failed).map(|config| Config { hash, ..config });
    Loaded { files, config, problems }
}

/// The same text, byte for byte as long, with stars for the value of every key that holds a secret:
/// a snippet shows whole lines, also when the problem is another one on the same line.
fn without_secrets(text: &str) -> String {
    let mask = |line: &str| match line.split_once('=') {
        Some((key, value)) if ["password", "token"].contains(&key.trim()) => {
            let hide = |c: char| match c {
                '"' | '\'' | ' ' | '\r' => c.to_string(),
                c => "*".repeat(c.len_utf8()),
            };
            format!("{key}={}", value.chars().map(hide).collect::<String>())
        }
        _ => line.to_owned(),
    };
    text.split('\n').map(mask).collect::<Vec<String>>().join("\n")
}

fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().to_owned()
}

fn hash(files: &[File]) -> String {
    let mut hash = Sha256::new();
    for File { text, .. } in files {
        hash.update(text.as_bytes());
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_and_every_other_byte_stays_where_it_was() {
        let text = "a = 1\n  password = \"s3crét\"\npassword_file = \"x\"\n";
        let shown = without_secrets(text);
        assert_eq!(shown, "a = 1\n  password = \"*******\"\npassword_file = \"x\"\n");
        assert_eq!(shown.len(), text.len());
    }
}
