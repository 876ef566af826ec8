//! The collections of labelled texts that models are trained on and judged by: where they stand,
//! what their terms are, and how much each counts.

use xxhash_rust::xxh3::xxh3_64;

/// A file of labelled texts under `sentiment/` of the data folder.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Set {
    pub file: &'static str,
    pub lang: &'static str,
    pub terms: Terms,
    /// What the set counts in the French, the English and the common model.
    pub counts: [f32; 3],
    /// At most so many positive rows are taken: reviews are nearly all praise.
    pub most_positive: usize,
}

/// What the publisher of a set says about its use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terms {
    /// The licence allows it, or the set was published for anyone's use.
    Clear(&'static str),
    /// Nothing is said: such a set weighs less than a clear one of its language, where there is one.
    Unstated,
}

/// Every text of a set is taken.
pub const ALL: usize = usize::MAX;
const UMSAB: Terms = Terms::Clear("CC BY 3.0");
const RESEARCH: Terms = Terms::Clear("released for research, without restrictions");

const fn set(
    file: &'static str,
    lang: &'static str,
    terms: Terms,
    counts: [f32; 3],
    most_positive: usize,
) -> Set {
    Set { file, lang, terms, counts, most_positive }
}

/// What models are trained on.
pub const TRAINING: &[Set] = &[
    set("umsab_fr_trainclean.jsonl", "fr", UMSAB, [3.0, 0.0, 1.0], ALL),
    set("umsab_de_trainclean.jsonl", "de", UMSAB, [0.2, 0.0, 1.0], ALL),
    set("umsab_es_trainclean.jsonl", "es", UMSAB, [0.2, 0.0, 1.0], ALL),
    set("umsab_it_trainclean.jsonl", "it", UMSAB, [0.2, 0.0, 1.0], ALL),
    set("umsab_pt_trainclean.jsonl", "pt", UMSAB, [0.2, 0.0, 1.0], ALL),
    set("umsab_en_trainclean.jsonl", "en", UMSAB, [0.2, 0.3, 0.3], ALL),
    set("deft_fr_train.jsonl", "fr", Terms::Clear("CeCILL"), [2.5, 0.0, 0.3], ALL),
    set("semeval_en.jsonl.gz", "en", RESEARCH, [0.0, 1.0, 0.0], ALL),
    set("vader_tweets.jsonl.gz", "en", Terms::Clear("MIT"), [0.0, 0.2, 0.2], ALL),
    set("tv_fr_train.jsonl", "fr", Terms::Unstated, [1.0, 0.0, 0.0], ALL),
    set("tp_fr_train.jsonl.gz", "fr", Terms::Unstated, [1.0, 0.0, 0.2], 800),
    set("sanders_en_train.jsonl", "en", Terms::Unstated, [0.0, 0.2, 0.1], ALL),
    set("brandemo_en_train.jsonl.gz", "en", Terms::Unstated, [0.0, 0.2, 0.0], ALL),
    set("germeval_de_dev.jsonl", "de", Terms::Unstated, [0.0, 0.0, 0.3], ALL),
    set("absa_nl_train.jsonl", "nl", Terms::Unstated, [0.0, 0.0, 1.0], ALL),
];

/// Made sentences: language, how many, what they count in the three models.
pub const TEMPLATES: &[(&str, usize, [f32; 3])] =
    &[("fr", 6_000, [0.4, 0.0, 0.1]), ("en", 12_000, [0.0, 1.2, 0.05])];

/// What nobody trains on: files as a whole.
pub const REPORTED: &[(&str, &str)] = &[
    ("umsab_fr_val.jsonl", "fr"),
    ("umsab_en_val.jsonl", "en"),
    ("umsab_de_val.jsonl", "de"),
    ("umsab_es_val.jsonl", "es"),
    ("umsab_it_val.jsonl", "it"),
    ("umsab_pt_val.jsonl", "pt"),
    ("te_val.jsonl", "en"),
    ("tv_fr_dev.jsonl", "fr"),
];

/// Sets of which some texts are kept for judging.
pub const SPLIT: &[&str] = &["deft_fr_train.jsonl", "tp_fr_train.jsonl.gz"];

/// Whether a text of a split set is kept for judging: 15 of 100, by its own words.
pub fn is_kept(text: &str) -> bool {
    xxh3_64(text.as_bytes()) % 100 < 15
}
