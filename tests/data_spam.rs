//! What the rules about spam set aside in recorded posts. Needs `VIGIE_DATA`, the path to the shared
//! data folder; with `VIGIE_SPAM_HITS` it prints the hits too, for somebody who judges them.

use std::collections::BTreeMap;

use vigie::language::Heard;
use vigie::model::{Aside, Language};
use vigie::rules::Rules;
use vigie::{spam, topic};

use super::support::labelled;

/// Sets of posts and reviews as they were written.
const SETS: &[&str] = &[
    "unl_fr_tweets.jsonl.gz",
    "umsab_fr_trainclean.jsonl",
    "deft_fr_train.jsonl",
    "semeval_en.jsonl.gz",
    "brandemo_en_train.jsonl.gz",
    "sanders_en_train.jsonl",
    "masto_en_train.jsonl",
    "umsab_de_trainclean.jsonl",
    "umsab_es_trainclean.jsonl",
    "umsab_it_trainclean.jsonl",
    "umsab_pt_trainclean.jsonl",
    "germeval_de_dev.jsonl",
    "tp_fr_train.jsonl.gz",
];

/// The largest share of a set that may be set aside: what people took the trouble to label is seldom
/// spam, and a rule that takes more takes people.
const MOST: f64 = 0.002;

#[test]
fn little_of_what_people_write_is_set_aside() {
    let Some(folder) = labelled::folder() else { return };
    let rules = Rules::builtin();
    let anybody = Heard::all(Language::default());
    let show = std::env::var_os("VIGIE_SPAM_HITS").is_some();
    for name in SETS {
        let rows = labelled::read(&folder.join(name));
        let mut hits: BTreeMap<String, usize> = BTreeMap::new();
        for row in &rows {
            if !topic::topics(&row.text, &anybody, &rules).is_empty() {
                continue;
            }
            if let Some(Aside::Spam { rule, signs }) = spam::spam(&row.text, None, &rules) {
                if show {
                    println!("HIT {rule} [{}] {}", signs.join(" | "), row.text.replace('\n', " "));
                }
                *hits.entry(rule).or_default() += 1;
            }
        }
        let (all, taken) = (rows.len(), hits.values().sum::<usize>());
        let share = taken as f64 / all.max(1) as f64;
        println!("{name:30} {all:6} posts, {taken:4} aside ({:.2} %) {hits:?}", 100.0 * share);
        assert!(share <= MOST, "{name}: {share}");
    }
}
