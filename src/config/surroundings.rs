//! What a configuration may refer to outside itself: files, environment, systemd credentials.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The process's surroundings, taken once so that checking is repeatable and testable.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    pub variables: HashMap<String, String>,
    /// The caller scores nothing: a transformer, which takes seconds to open, stays closed.
    pub unscored: bool,
}

impl Surroundings {
    /// Those of this process.
    pub fn of_process() -> Surroundings {
        Surroundings { variables: std::env::vars().collect(), unscored: false }
    }

    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Where systemd put the unit's credentials (`LoadCredential=`).
    pub fn credentials(&self) -> Option<PathBuf> {
        self.variable("CREDENTIALS_DIRECTORY")
            .or_else(|| self.variable("VIGIE_CREDENTIALS"))
            .map(PathBuf::from)
    }

    /// Where systemd put the unit's state (`StateDirectory=`); the first of a list.
    pub fn state(&self) -> Option<PathBuf> {
        self.variable("STATE_DIRECTORY").and_then(|list| list.split(':').next()).map(PathBuf::from)
    }
}

/// A secret from a file: without the line end that every editor adds, and not absurdly long.
pub fn read_secret(path: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let secret = text.trim_end_matches(['\r', '\n']);
    match secret.len() {
        0 => Err("the file is empty".to_owned()),
        1..=4096 => Ok(secret.to_owned()),
        n => Err(format!("{n} bytes are no password")),
    }
}
