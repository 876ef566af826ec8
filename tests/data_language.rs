//! How the language is heard on recorded texts. Needs `VIGIE_DATA`, the path to the shared data
//! folder; the texts are not part of the project.

use vigie::language::detect;
use vigie::model::Lang;

use super::support::labelled;

/// A set, its language, and the least share of texts (in %) that must be heard right with no hint,
/// a little under what was measured.
const SETS: &[(&str, &str, f64)] = &[
    ("umsab_fr_val.jsonl", "fr", 97.0),
    ("deft_fr_train.jsonl", "fr", 98.0),
    ("tp_fr_train.jsonl.gz", "fr", 97.5),
    ("umsab_en_val.jsonl", "en", 99.0),
    ("te_val.jsonl", "en", 99.0),
    ("umsab_de_val.jsonl", "de", 86.5),
    ("umsab_es_val.jsonl", "es", 94.5),
    ("umsab_it_val.jsonl", "it", 93.5),
    ("umsab_pt_val.jsonl", "pt", 86.0),
    ("absa_nl_train.jsonl", "nl", 94.5),
];

#[test]
fn recorded_texts_are_heard_in_their_language() {
    let Some(folder) = labelled::folder() else { return };
    let mut below = Vec::new();
    println!(
        "{:24} {:>6} {:>7} {:>6}   {:>10} {:>10}",
        "set", "right", "unsure", "wrong", "hint right", "hint wrong"
    );
    for (name, code, floor) in SETS {
        let lang = Lang::parse(code);
        let rows = labelled::read(&folder.join(name));
        let share = |right: &dyn Fn(&str) -> bool| {
            let count = rows.iter().filter(|row| right(&row.text)).count();
            100.0 * count as f64 / rows.len() as f64
        };
        let misled = if *code == "fr" { Lang::parse("en") } else { Lang::parse("fr") };
        let right = share(&|text| detect(text, None, &[]).code == lang);
        let unsure = share(&|text| detect(text, None, &[]).code.is_none());
        println!(
            "{name:24} {right:6.1} {unsure:7.1} {:6.1}   {:10.1} {:10.1}",
            100.0 - right - unsure,
            share(&|text| detect(text, lang, &[]).code == lang),
            share(&|text| detect(text, misled, &[]).code == lang),
        );
        if right < *floor {
            below.push(format!("{name}: {right:.1} < {floor}"));
        }
    }
    assert!(below.is_empty(), "{below:?}");
}
