//! How the shipped models do on labelled texts that they were not trained on, beside three
//! lexicons. Needs `VIGIE_DATA`, the path to the shared data folder; the texts are not part of the
//! project. The checklists are, and are always held.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use vigie::model::{Lang, Language, Sentiment, Span, Tone};
use vigie::rules::Rules;
use vigie::sentiment::evaluate::{Answer, Figures, calibration_by_chance};
use vigie::sentiment::train::sets::is_kept;
use vigie::sentiment::{Passage, score};

use super::support::labelled;

mod baselines;

/// A set, its language, whether only the texts that training leaves out are judged, the lowest
/// macro-F1 that is still as good as what was measured, and the highest calibration error.
const SETS: &[(&str, &str, bool, f64, f64)] = &[
    ("umsab_fr_val.jsonl", "fr", false, 65.5, 5.5),
    ("umsab_en_val.jsonl", "en", false, 70.5, 5.0),
    ("umsab_de_val.jsonl", "de", false, 65.5, 7.5),
    ("umsab_es_val.jsonl", "es", false, 58.0, 5.5),
    ("umsab_it_val.jsonl", "it", false, 60.0, 5.5),
    ("umsab_pt_val.jsonl", "pt", false, 60.0, 7.5),
    ("te_val.jsonl", "en", false, 65.5, 3.5),
    ("tv_fr_dev.jsonl", "fr", false, 90.0, 5.0),
    ("deft_fr_train.jsonl", "fr", true, 74.0, 4.5),
    ("tp_fr_train.jsonl.gz", "fr", true, 50.0, 8.5),
];

/// A checklist and the least share (in percent) of its cases that comes out as expected.
const CHECKLISTS: &[(&str, f64)] =
    &[("dev-fr", 92.0), ("dev-en", 96.0), ("held-fr", 86.0), ("held-en", 82.0)];

#[derive(Deserialize)]
struct Case {
    text: String,
    lang: String,
    expect: String,
    group: String,
    /// What a watch would match: a name says nothing good or bad.
    #[serde(default)]
    brand: String,
}

impl Case {
    fn is_right(&self, rules: &Rules) -> bool {
        let places = self.text.match_indices(&self.brand).filter(|(_, name)| !name.is_empty());
        let named = |(start, name): (usize, &str)| Span { start, end: start + name.len() };
        let watch: Vec<Span> = places.map(named).collect();
        let language = Language { code: Lang::parse(&self.lang), confidence: 1.0 };
        let passage = Passage { text: &self.text, language, watch: &watch, ..Passage::default() };
        score(&passage, rules).label.as_str() == self.expect
    }
}

#[test]
fn the_shipped_models_are_as_good_as_when_they_were_trained() {
    let Some(folder) = labelled::folder() else { return };
    let lexicons = folder.with_file_name("lexicons");
    let rules = Rules::builtin();
    let (mut below, mut tweets) = (Vec::new(), Vec::new());
    for (name, lang, kept, floor, ceiling) in SETS {
        let mut rows = labelled::read(&folder.join(name));
        rows.retain(|row| !kept || is_kept(&row.text));
        let said = |row: &labelled::Row| Answer::of(truth(row), &scored(&row.text, lang, &rules));
        let answers: Vec<Answer> = rows.iter().map(said).collect();
        let found = Figures::of(&answers);
        let by_chance = calibration_by_chance(&answers);
        println!("{name:22} vigie    {found} (by chance {by_chance:.1})");
        if name.starts_with("umsab") {
            tweets.push(found.macro_f1);
        }
        for (baseline, lexicon) in baselines::of(lang, &lexicons) {
            let said =
                |row: &labelled::Row| Answer { truth: truth(row), said: lexicon.said(&row.text) };
            let answers: Vec<Answer> = rows.iter().map(said).collect();
            let found = Figures::of(&answers);
            println!(
                "{:22} {baseline:8} n {:5}  F1 {:5.1}  accuracy {:5.1}  average recall {:5.1}  \
                 negative recall {:5.1} precision {:5.1}",
                "",
                found.texts,
                found.macro_f1,
                found.accuracy,
                found.average_recall,
                found.negative_recall,
                found.negative_precision
            );
        }
        if found.macro_f1 < *floor {
            below.push(format!("{name}: macro-F1 {:.1} < {floor}", found.macro_f1));
        }
        if found.calibration_error > *ceiling {
            below.push(format!(
                "{name}: calibration error {:.1} > {ceiling}",
                found.calibration_error
            ));
        }
    }
    println!("mean F1 of the UMSAB sets: {:.1}", tweets.iter().sum::<f64>() / tweets.len() as f64);
    assert!(below.is_empty(), "{below:#?}");
}

#[test]
fn the_checklists_come_out_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sentiment");
    let rules = Rules::builtin();
    let mut below = Vec::new();
    for (name, floor) in CHECKLISTS {
        let text = fs::read_to_string(folder.join(format!("checklist-{name}.jsonl"))).unwrap();
        let cases: Vec<Case> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let right = cases.iter().filter(|case| case.is_right(&rules)).count();
        let share = 100.0 * right as f64 / cases.len() as f64;
        println!("checklist {name:8} {right:3} of {:3}: {share:.1} %", cases.len());
        let mut groups: Vec<&str> = cases.iter().map(|case| case.group.as_str()).collect();
        groups.sort_unstable();
        groups.dedup();
        for group in groups {
            let of: Vec<&Case> = cases.iter().filter(|case| case.group == group).collect();
            println!(
                "    {group:14} {:2} of {:2}",
                of.iter().filter(|case| case.is_right(&rules)).count(),
                of.len()
            );
        }
        if share < *floor {
            below.push(format!("{name}: {share:.1} < {floor}"));
        }
    }
    assert!(below.is_empty(), "{below:#?}");
}

/// The tone `mixed` is not in the sets: it has to stay rare there.
#[test]
fn few_posts_are_called_mixed() {
    let Some(folder) = labelled::folder() else { return };
    let rules = Rules::builtin();
    for (name, lang) in [("umsab_fr_val.jsonl", "fr"), ("te_val.jsonl", "en")] {
        let rows = labelled::read(&folder.join(name));
        let is_mixed = |row: &&labelled::Row| scored(&row.text, lang, &rules).label == Tone::Mixed;
        let mixed = rows.iter().filter(is_mixed).count();
        println!("{name}: {mixed} of {} are called mixed", rows.len());
        assert!(mixed * 100 <= rows.len() * 3, "{name}: {mixed}");
    }
}

fn truth(row: &labelled::Row) -> usize {
    usize::try_from(row.y).expect("the tone of each row is known")
}

fn scored(text: &str, lang: &str, rules: &Rules) -> Sentiment {
    let language = Language { code: Lang::parse(lang), confidence: 1.0 };
    score(&Passage { text, language, ..Passage::default() }, rules)
}
