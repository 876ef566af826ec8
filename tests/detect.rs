//! `vigie detect` as people use it: a pipe that waits, a table that is broken.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

fn detect() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vigie"));
    command.arg("detect");
    command
}

#[test]
fn a_line_is_answered_when_it_comes() {
    let mut child = detect().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(answers.next().unwrap().unwrap(), "timestamp,count,score");
    input.write_all(b"time,count\n").unwrap();
    for line in ["2026-03-01 08:00:00,12", "2026-03-01 08:05:00,1000000000000"] {
        input.write_all(format!("{line}\n").as_bytes()).unwrap();
        // The pipe stays open: an answer that waits for more would never come.
        assert_eq!(answers.next().unwrap().unwrap(), format!("{line},0.000000"));
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_burst_has_the_only_high_score_of_a_table() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("counts.csv");
    let rows: String = (0..24 * 14)
        .map(|hour| {
            let usual = if hour % 24 < 7 { 20 } else { 60 } + hour * 7 % 11;
            format!("{},{}\n", 1_772_409_600 + hour * 3600, if hour == 300 { 900 } else { usual })
        })
        .collect();
    std::fs::write(&path, rows).unwrap();
    let output = detect().arg(&path).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let high = |line: &&str| {
        line.rsplit(',').next().unwrap().parse::<f64>().is_ok_and(|score| score >= 0.5)
    };
    let told: Vec<&str> = text.lines().filter(high).collect();
    assert_eq!(text.lines().count(), 1 + 24 * 14);
    assert!(told.len() == 1 && told[0].contains(",900,"), "{told:?}");
}

#[test]
fn a_line_that_cannot_be_read_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("counts.csv");
    for (rows, told) in [
        ("60,1\n120,NaN\n", "counts.csv:2: `NaN` is no count"),
        ("60,1\n120,2\n120,3\n", "counts.csv:3: the time is not after the one before it"),
        ("60,1\n70,2\n", "counts.csv:2: 10 s after the row before it"),
    ] {
        std::fs::write(&path, rows).unwrap();
        let output = detect().arg(&path).arg("--json").output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(told), "{stderr}");
        assert!(String::from_utf8_lossy(&output.stdout).starts_with(r#"{"timestamp":"60","#));
    }
    let zone = detect().args(["--zone", "Mars/Olympus"]).output().unwrap();
    assert_eq!(zone.status.code(), Some(2));
}
