//! `vigie detect`: how unusual each count of a table is, for people who want only that.

mod rows;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use clap::Args;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::Exit;
use super::output::Output;
use crate::velocity::{Misplaced, Series, Unusual};
use rows::{Row, Rows};

/// Reads `timestamp,count`, a line a minute to a line a day, and answers each line when it comes with
/// `timestamp,count,score`.
///
/// A score is from 0 to 1, by nothing but the lines before it: 0.5 is reached by about one line in
/// five hundred, whatever the series. What goes on is told once; fewer than usual is never told. The
/// first day scores 0. Lines may be missing; a time that is not after the one before ends the reading.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  vigie detect mentions.csv\n  tail -f mentions.csv | vigie detect --zone Europe/Paris --json"
)]
pub(crate) struct Arguments {
    /// The table; standard input without it
    file: Option<PathBuf>,
    /// Whose clock the usual rhythm follows, and times without an offset are on
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    zone: String,
    /// One JSON object a line: timestamp, count, score, expected
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    timestamp: &'a str,
    count: f64,
    score: f64,
    expected: f64,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Exit {
    let Ok(zone) = TimeZone::get(&arguments.zone) else {
        let wrong = format!("unknown time zone `{}`", arguments.zone);
        return output.fail(Exit::Usage, format!("{wrong}\n  help: write \"Europe/Paris\""));
    };
    let Some(path) = &arguments.file else {
        return detect(std::io::stdin().lock(), "standard input", zone, arguments.json, output);
    };
    let name = path.display().to_string();
    match File::open(path) {
        Ok(file) => detect(BufReader::new(file), &name, zone, arguments.json, output),
        Err(error) => output.fail(Exit::Usage, format!("cannot read {name}: {error}")),
    }
}

fn detect(
    input: impl BufRead,
    name: &str,
    zone: TimeZone,
    json: bool,
    output: &mut Output,
) -> Exit {
    let mut series = Series::new(zone.clone());
    let mut rows = Rows::new(input, zone);
    if !json {
        output.data("timestamp,count,score");
    }
    loop {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => return Exit::Done,
            Err(wrong) => {
                return output.fail(Exit::Usage, format!("{name}:{}: {wrong}", rows.line));
            }
        };
        match observe(&mut series, &row) {
            Ok(unusual) if json => output.json(&Line {
                timestamp: &row.time,
                count: row.value,
                score: rounded(unusual.score),
                expected: rounded(unusual.expected),
            }),
            Ok(unusual) => {
                output.data(format!("{},{},{:.6}", row.time, row.count, unusual.score));
            }
            Err(wrong) => {
                return output.fail(Exit::Usage, format!("{name}:{}: {wrong}", rows.line));
            }
        }
    }
}

/// A local time that is shown twice is the second one when the first would go back.
fn observe(series: &mut Series, row: &Row) -> Result<Unusual, Misplaced> {
    match (series.observe(row.second, row.value), row.again) {
        (Err(Misplaced::Backward), Some(again)) => series.observe(again, row.value),
        (said, _) => said,
    }
}

/// To a millionth, as in the table.
fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}
