//! Opens files of labelled texts and tells what in them is none.

use std::path::PathBuf;

use super::super::Exit;
use super::super::output::Output;
use crate::config::bounded;
use crate::model::Tone;
use crate::sentiment::labelled::{Labelled, read};

/// Larger files are cut up by whoever has them.
const MOST_BYTES: u64 = 512 << 20;

/// Bad lines of one file that are told; the rest are counted.
const MOST_TOLD: usize = 10;

/// A labelled text of one of the files.
pub(super) struct Text {
    /// Index of its file.
    pub file: usize,
    pub row: Labelled,
    /// 0 negative, 1 neutral, 2 positive.
    pub truth: usize,
}

/// What the files hold.
pub(super) struct Texts {
    pub rows: Vec<Text>,
    /// Lines that are no labelled text.
    pub bad: usize,
    /// Texts that people heard both in: the figures know three tones.
    pub mixed: usize,
}

/// Reads all files, or has said why not: one cannot be opened, or there is no text in any.
pub(super) fn open(paths: &[PathBuf], output: &mut Output) -> Result<Texts, Exit> {
    let mut all = Texts { rows: Vec::new(), bad: 0, mixed: 0 };
    for (file, path) in paths.iter().enumerate() {
        let bytes = bounded::bytes(path, MOST_BYTES).map_err(|error| {
            output.fail(Exit::Usage, format!("cannot read {}: {error}", path.display()))
        })?;
        let (found, bad) = read(&bytes);
        for wrong in bad.iter().take(MOST_TOLD) {
            output.say(format!("{}:{}: {}", path.display(), wrong.line, wrong.reason));
        }
        if let Some(more) = bad.len().checked_sub(MOST_TOLD).filter(|more| *more > 0) {
            output.say(format!("{}: and {more} more such lines", path.display()));
        }
        all.bad += bad.len();
        for row in found {
            match truth(row.tone) {
                Some(truth) => all.rows.push(Text { file, row, truth }),
                None => all.mixed += 1,
            }
        }
    }
    if all.rows.is_empty() {
        let what = "no labelled text: each line needs `text` and `tone` (negative, neutral or \
                    positive), as JSON or in a table with a header";
        return Err(output.fail(Exit::Usage, what));
    }
    Ok(all)
}

fn truth(tone: Tone) -> Option<usize> {
    match tone {
        Tone::Negative => Some(0),
        Tone::Neutral => Some(1),
        Tone::Positive => Some(2),
        Tone::Mixed | Tone::Unknown => None,
    }
}
