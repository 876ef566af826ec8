//! The labelled texts of the shared data folder, which are not part of the project.

use std::io::Read;
use std::path::{Path, PathBuf};

/// One text with what people said of it.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Row {
    pub text: String,
    /// 0 negative, 1 neutral, 2 positive; −1 where nobody said.
    pub y: i64,
}

/// Where the sets are; without `VIGIE_DATA` it says so and gives nothing.
pub fn folder() -> Option<PathBuf> {
    let data = std::env::var_os("VIGIE_DATA");
    if data.is_none() {
        println!("VIGIE_DATA is not set: no labelled texts to measure with");
    }
    data.map(|data| PathBuf::from(data).join("sentiment"))
}

pub fn read(path: &Path) -> Vec<Row> {
    let text = unpacked(path);
    text.lines().map(|line| serde_json::from_str(line).expect("each line is a row")).collect()
}

/// A whole file of the data folder, unpacked when it is gzipped.
pub fn unpacked(path: &Path) -> String {
    let bytes = std::fs::read(path).expect("the data folder holds every set");
    let mut text = String::new();
    if path.extension().is_some_and(|extension| extension == "gz") {
        flate2::read::GzDecoder::new(bytes.as_slice())
            .read_to_string(&mut text)
            .expect("a whole gzip file");
    } else {
        text = String::from_utf8(bytes).expect("the sets are UTF-8");
    }
    text
}
