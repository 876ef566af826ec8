//! How often the topics fire on recorded texts. Needs `VIGIE_DATA`, the path to the shared data
//! folder; the texts are not part of the project. `VIGIE_SHOW=<topic>`, or `all`, prints
//! what fired and by which words.

use std::collections::BTreeMap;

use vigie::language::Heard;
use vigie::model::{Lang, Language};
use vigie::rules::Rules;
use vigie::topic::spoken;

use crate::support::labelled::{folder, read};

/// Sets of texts, most of them about no crisis, in one language each.
const SETS: &[(&str, &str)] = &[
    ("umsab_fr_trainclean.jsonl", "fr"),
    ("unl_fr_tweets.jsonl.gz", "fr"),
    ("deft_fr_train.jsonl", "fr"),
    ("tp_fr_train.jsonl.gz", "fr"),
    ("tv_fr_train.jsonl", "fr"),
    ("tv_fr_dev.jsonl", "fr"),
    ("umsab_fr_val.jsonl", "fr"),
    ("umsab_en_trainclean.jsonl", "en"),
    ("umsab_en_val.jsonl", "en"),
    ("te_val.jsonl", "en"),
    ("te_irony_train.jsonl", "en"),
    ("masto_en_train.jsonl", "en"),
    ("semeval_en.jsonl.gz", "en"),
    ("vader_tweets.jsonl.gz", "en"),
    ("sanders_en_train.jsonl", "en"),
    ("brandemo_en_train.jsonl.gz", "en"),
    ("umsab_de_trainclean.jsonl", "de"),
    ("germeval_de_dev.jsonl", "de"),
    ("umsab_es_trainclean.jsonl", "es"),
    ("umsab_it_trainclean.jsonl", "it"),
    ("umsab_pt_trainclean.jsonl", "pt"),
    ("absa_nl_train.jsonl", "nl"),
];

/// The share of texts, in percent, above which a topic says nothing any more. Outages are what
/// German travellers write about a railway, and dirt what reviewers write about a restaurant.
const TOO_OFTEN: f64 = 6.0;

#[test]
fn no_topic_fires_on_everything() {
    let Some(folder) = folder() else { return };
    let rules = Rules::builtin();
    let shown = std::env::var("VIGIE_SHOW").unwrap_or_default();
    let mut beyond = Vec::new();
    for (name, lang) in SETS {
        let texts = read(&folder.join(name));
        let heard = Heard::all(Language { code: Lang::parse(lang), confidence: 1.0 });
        let mut counts: BTreeMap<String, f64> = BTreeMap::new();
        let mut any = 0.0;
        for text in texts.iter().map(|row| row.text.as_str()) {
            let found = spoken(text, &heard, &rules);
            any += f64::from(u8::from(!found.is_empty()));
            for said in found {
                if shown == "all" || shown == said.topic {
                    let words =
                        said.spans.iter().map(|span| text.get(span.start..span.end).unwrap());
                    let words = words.collect::<Vec<_>>().join(" | ");
                    println!("shown\t{lang}\t{}\t{words}\t{text:?}", said.topic);
                }
                *counts.entry(said.topic).or_default() += 1.0;
            }
        }
        let share = |count: f64| 100.0 * count / texts.len() as f64;
        println!("{name:28} {:6} texts, {:4.1} % with a topic", texts.len(), share(any));
        for (topic, count) in counts {
            println!("    {topic:16} {count:5} {:5.2} %", share(count));
            if share(count) > TOO_OFTEN {
                beyond.push(format!("{name}: {topic} on {:.1} %", share(count)));
            }
        }
    }
    assert!(beyond.is_empty(), "{beyond:?}");
}
