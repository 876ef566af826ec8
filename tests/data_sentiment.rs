//! How the shipped rules do on labelled texts. Needs `VIGIE_DATA`, the path to the shared data
//! folder; the texts are not part of the project.

use std::path::Path;

use vigie::model::{Lang, Language, Sentiment};
use vigie::rules::Rules;
use vigie::sentiment;

use super::support::labelled;

/// A set, the language it is in, and the lowest macro-F1 over three tones that is still as good
/// as what was measured when the rules were last tuned.
const SETS: &[(&str, Lang, f64)] = &[
    ("umsab_fr_trainclean.jsonl", Lang::FR, 58.5),
    ("umsab_fr_val.jsonl", Lang::FR, 56.5),
    ("deft_fr_train.jsonl", Lang::FR, 48.5),
    ("tp_fr_train.jsonl.gz", Lang::FR, 43.5),
    ("umsab_en_val.jsonl", Lang::EN, 60.0),
    ("te_val.jsonl", Lang::EN, 56.0),
];

/// Counts by `[truth][answer]`: 0 negative, 1 neutral, 2 positive.
type Confusion = [[f64; 3]; 3];

#[test]
fn the_shipped_rules_are_as_good_as_when_they_were_tuned() {
    let Some(folder) = labelled::folder() else { return };
    let rules = Rules::builtin();
    let mut below = Vec::new();
    for (name, lang, floor) in SETS {
        let confusion = measure(&folder.join(name), *lang, &rules);
        let f1 = macro_f1(&confusion);
        let (recall, precision) = (recall(&confusion, 0), precision(&confusion, 0));
        println!("{name:28} F1 {f1:5.1}  negative recall {recall:5.1} precision {precision:5.1}");
        if f1 < *floor {
            below.push(format!("{name}: {f1:.1} < {floor}"));
        }
    }
    assert!(below.is_empty(), "{below:?}");
}

fn measure(path: &Path, lang: Lang, rules: &Rules) -> Confusion {
    let mut confusion = Confusion::default();
    for row in labelled::read(path) {
        let truth = usize::try_from(row.y).expect("`y` is a tone");
        let language = Language { code: Some(lang), confidence: 1.0 };
        let found = sentiment::score(&row.text, language, &[], rules);
        confusion[truth][answer(&found)] += 1.0;
    }
    confusion
}

/// The sets know no mixed tone, so the heaviest of the other three answers.
fn answer(found: &Sentiment) -> usize {
    let weights = [found.negative, found.neutral, found.positive];
    (0..3).max_by(|a, b| weights[*a].total_cmp(&weights[*b])).unwrap_or(1)
}

fn recall(confusion: &Confusion, tone: usize) -> f64 {
    100.0 * confusion[tone][tone] / confusion[tone].iter().sum::<f64>().max(1.0)
}

fn precision(confusion: &Confusion, tone: usize) -> f64 {
    let answered: f64 = confusion.iter().map(|row| row[tone]).sum();
    100.0 * confusion[tone][tone] / answered.max(1.0)
}

/// The mean over the three tones, each of which every set has.
fn macro_f1(confusion: &Confusion) -> f64 {
    let scores = (0..3).map(|tone| {
        let (r, p) = (recall(confusion, tone), precision(confusion, tone));
        if r + p > 0.0 { 2.0 * r * p / (r + p) } else { 0.0 }
    });
    scores.sum::<f64>() / 3.0
}
