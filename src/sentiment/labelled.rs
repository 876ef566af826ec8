//! Texts with the tone that people heard in them, from JSON lines or a table: corrections, an
//! export of the desk, a public collection.

use crate::model::finding::full_text;
use crate::model::{Lang, Tone};

/// A text that somebody labelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    /// In its file, from 1.
    pub line: usize,
    pub text: String,
    pub tone: Tone,
    pub lang: Option<Lang>,
}

/// A line that is no labelled text, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    pub line: usize,
    pub reason: String,
}

/// Longer is no text that a person labelled.
const LONGEST: usize = 1024 * 1024;

/// What a column or key may be called.
const TEXT: &[&str] = &["text", "texte"];
const TITLE: &[&str] = &["title", "titre"];
const TONE: &[&str] = &["tone", "label", "sentiment", "y"];
const LANG: &[&str] = &["lang", "language", "langue"];

/// What a tone may be called. The numbers are those of the public collections.
const TONES: &[(&str, Tone)] = &[
    ("0", Tone::Negative),
    ("1", Tone::Neutral),
    ("2", Tone::Positive),
    ("négatif", Tone::Negative),
    ("negatif", Tone::Negative),
    ("neutre", Tone::Neutral),
    ("positif", Tone::Positive),
    ("mixte", Tone::Mixed),
];

/// Reads a file: JSON lines when it begins with `{`, otherwise a table whose first line names its
/// columns, cut at commas, semicolons or tabs. What is no labelled text is told and left out.
pub fn read(bytes: &[u8]) -> (Vec<Labelled>, Vec<BadLine>) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    let found = if first == Some(&b'{') { json_lines(bytes) } else { table(bytes) };
    let mut rows = Vec::new();
    let mut bad = Vec::new();
    for (line, row) in found {
        match row {
            Ok(row) => rows.push(Labelled { line, ..row }),
            Err(reason) => bad.push(BadLine { line, reason }),
        }
    }
    (rows, bad)
}

type Found = Vec<(usize, Result<Labelled, String>)>;

fn json_lines(bytes: &[u8]) -> Found {
    let lines = bytes.split(|byte| *byte == b'\n').enumerate();
    let written = lines.filter(|(_, line)| !line.trim_ascii().is_empty());
    written.map(|(at, line)| (at + 1, json(line))).collect()
}

fn json(line: &[u8]) -> Result<Labelled, String> {
    if line.len() > LONGEST {
        return Err(format!("{} bytes are no text", line.len()));
    }
    let value: serde_json::Value =
        serde_json::from_slice(line).map_err(|error| format!("no JSON object: {error}"))?;
    let field = |names: &[&str]| {
        let found = names.iter().find_map(|name| value.get(name))?;
        match found {
            serde_json::Value::String(text) => Some(text.clone()),
            serde_json::Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    };
    labelled(&field)
}

fn table(bytes: &[u8]) -> Found {
    let header = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |sign: &u8| header.split(|byte| byte == sign).count();
    let cut = [b',', b';', b'\t'].into_iter().max_by_key(count).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new().delimiter(cut).flexible(true).from_reader(bytes);
    let columns: Vec<String> = match reader.byte_headers() {
        Ok(names) => names.iter().map(|name| lower(&String::from_utf8_lossy(name))).collect(),
        Err(error) => return vec![(1, Err(format!("no table: {error}")))],
    };
    let column = |names: &[&str]| columns.iter().position(|name| names.contains(&name.as_str()));
    if column(TEXT).is_none() || column(TONE).is_none() {
        let reason = "the first line names no columns `text` and `tone`".to_owned();
        return vec![(1, Err(reason))];
    }
    let row = |record: csv::Result<csv::ByteRecord>| {
        let record = record.map_err(|error| error.to_string())?;
        let field = |names: &[&str]| {
            let found = record.get(column(names)?)?;
            Some(String::from_utf8_lossy(found).into_owned())
        };
        labelled(&field)
    };
    let mut found = Vec::new();
    let mut record = csv::ByteRecord::new();
    loop {
        let line = usize::try_from(reader.position().line()).unwrap_or(usize::MAX);
        match reader.read_byte_record(&mut record) {
            Ok(false) => return found,
            Ok(true) => {
                let line =
                    record.position().map_or(line, |at| at.line().try_into().unwrap_or(line));
                found.push((line, row(Ok(record.clone()))));
            }
            Err(error) => found.push((line, row(Err(error)))),
        }
    }
}

/// A row of any file, by what its fields may be called.
fn labelled(field: &dyn Fn(&[&str]) -> Option<String>) -> Result<Labelled, String> {
    let text = field(TEXT).ok_or("there is no `text`")?;
    let text = full_text(&field(TITLE).unwrap_or_default(), &text);
    if text.len() > LONGEST {
        return Err(format!("{} bytes are no text", text.len()));
    }
    if text.trim().is_empty() {
        return Err("the text is empty".to_owned());
    }
    let word = field(TONE).ok_or("there is no `tone`, `label` or `y`")?;
    let tone = tone(&word).ok_or_else(|| {
        let word: String = word.chars().take(40).collect();
        format!("`{word}` is no tone: write negative, neutral, positive or mixed, or 0, 1 or 2")
    })?;
    let lang = field(LANG).as_deref().and_then(Lang::parse);
    Ok(Labelled { line: 0, text, tone, lang })
}

/// The tone that a word names, in English, in French, or by the numbers of the public collections.
pub fn tone(word: &str) -> Option<Tone> {
    let word = lower(word);
    let known = TONES.iter().find(|(known, _)| *known == word).map(|(_, tone)| *tone);
    known.or_else(|| Tone::parse(&word).filter(|tone| *tone != Tone::Unknown))
}

fn lower(word: &str) -> String {
    word.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(file: &str, rows: &[(usize, &str, Tone, Option<Lang>)], bad: &[(usize, &str)]) {
        let (found, wrong) = read(file.as_bytes());
        let found: Vec<_> =
            found.iter().map(|row| (row.line, row.text.as_str(), row.tone, row.lang)).collect();
        assert_eq!(found, rows);
        assert_eq!(wrong.len(), bad.len(), "{wrong:?}");
        for (wrong, (line, part)) in wrong.iter().zip(bad) {
            assert!(wrong.line == *line && wrong.reason.contains(part), "{wrong:?}: {part}");
        }
    }

    #[test]
    fn json_lines_call_the_tone_what_they_like() {
        check(
            "{\"text\": \"un\", \"tone\": \"negative\", \"lang\": \"fr\"}\n\n\
             {\"text\": \"two\", \"label\": \"Positive\"}\r\n{\"text\": \"trois\", \"y\": 1}\n\
             {\"title\": \"Titre\", \"text\": \"corps\", \"tone\": \"mixed\", \"by\": \"claire\"}",
            &[
                (1, "un", Tone::Negative, Some(Lang::FR)),
                (3, "two", Tone::Positive, None),
                (4, "trois", Tone::Neutral, None),
                (5, "Titre\ncorps", Tone::Mixed, None),
            ],
            &[],
        );
    }

    #[test]
    fn tables_are_cut_where_their_header_is() {
        let rows = [
            (2, "un, deux", Tone::Negative, Some(Lang::FR)),
            (3, "sur\ndeux lignes", Tone::Positive, None),
            (5, "cinq", Tone::Neutral, None),
        ];
        let table =
            "Text,tone,lang\n\"un, deux\",négatif,fr\n\"sur\ndeux lignes\",2,\ncinq,neutre\n";
        check(table, &rows, &[]);
        check(
            &table
                .replace("un, deux", "un; deux")
                .replace("ext,tone,", "ext;tone;")
                .replace("\",négatif,", "\";négatif;")
                .replace("\",2,", "\";2;")
                .replace("cinq,", "cinq;"),
            &[(2, "un; deux", Tone::Negative, Some(Lang::FR)), rows[1], rows[2]],
            &[],
        );
        check("\u{feff}texte\tlabel\nun\tpositive\n", &[(2, "un", Tone::Positive, None)], &[]);
    }

    #[test]
    fn lines_that_are_none_are_told_with_their_numbers() {
        check(
            "{\"text\": \"un\", \"y\": -1}\n{\"text\": \"deux\"}\n{\"y\": 1}\n{\"text\n\
             {\"text\": \" \", \"y\": 0}\n{\"text\": \"six\", \"y\": 0}\n\
             {\"text\": \"sept\", \"tone\": \"unknown\"}",
            &[(6, "six", Tone::Negative, None)],
            &[
                (1, "`-1` is no tone"),
                (2, "no `tone`"),
                (3, "no `text`"),
                (4, "no JSON"),
                (5, "empty"),
                (7, "`unknown` is no tone"),
            ],
        );
        check(
            "text,tone\nun,\n,1\ndeux,2\n",
            &[(4, "deux", Tone::Positive, None)],
            &[(2, "`` is no tone"), (3, "empty")],
        );
        check("a,b\n1,2\n", &[], &[(1, "names no columns")]);
        check("", &[], &[(1, "names no columns")]);
    }
}
