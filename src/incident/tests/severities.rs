//! One number for who reads one line.

use super::{press, reading, topic};
use crate::incident::severity;
use crate::model::{Level, Planned, Reading, Risk};

fn planned() -> Planned {
    Planned { name: "Spring campaign".into(), factor: 3.0, until: super::at(600) }
}

#[test]
fn what_makes_it_grave_is_told_term_by_term() {
    let audience = Risk::Audience { seq: 1, reach: 2_000_000, usual: 300.0 };
    let none: fn() -> Vec<Risk> = Vec::new;
    let copied = || Risk::Coordinated { copies: 30, authors: 25, minutes: 20, seqs: vec![1] };
    let cases: [(Level, Vec<Risk>, bool, u8, &str); 10] = [
        (Level::Notice, none(), false, 1, "level 1"),
        (Level::Notice, vec![press()], false, 1, "level 1, press 1, bounds -1"),
        (Level::Watch, none(), false, 2, "level 2"),
        (Level::Watch, vec![topic(3)], false, 3, "level 2, topic 1"),
        (Level::Warning, vec![topic(3), press()], false, 5, "level 3, press 1, topic 1"),
        (Level::Warning, vec![copied()], false, 2, "level 3, copies -1"),
        (Level::Watch, vec![copied(), press()], false, 2, "level 2, press 1, copies -1"),
        (Level::Warning, none(), true, 2, "level 3, planned -1"),
        (Level::Crisis, vec![audience], false, 5, "level 4, audience 1"),
        (Level::Crisis, vec![topic(3), press()], false, 5, "level 4, press 1, topic 1, bounds -1"),
    ];
    for (level, risks, is_planned, value, terms) in cases {
        let mut reading = reading(3.0, 50.0);
        reading.risks = risks;
        reading.planned.extend(is_planned.then(planned));
        let severity = severity(level, &reading);
        let told: Vec<String> =
            severity.terms.iter().map(|term| format!("{} {}", term.name, term.value)).collect();
        assert_eq!((severity.value, told.join(", ").as_str()), (value, terms));
        let sum: i8 = severity.terms.iter().map(|term| term.value).sum();
        assert_eq!(i16::from(sum), i16::from(severity.value));
    }
}

#[test]
fn three_kinds_of_source_make_it_graver() {
    for (kinds, value) in [(1, 3), (2, 3), (3, 4), (9, 4)] {
        let severity = severity(Level::Warning, &Reading { kinds, ..reading(4.0, 65.0) });
        assert_eq!(severity.value, value, "{kinds}");
        assert_eq!(severity.terms.iter().any(|term| term.name == "spread"), kinds > 2);
    }
}
