//! How well copies are found among real posts. Needs `VIGIE_DATA`, the path to the shared data
//! folder; the texts are not part of the project.
//!
//! The truth is made by rules that know nothing of sketches: tokens are lower-case runs of letters
//! and digits without addresses, accounts and `RT`; two texts share what their *exact* sets of
//! three-token shingles share. Pairs of each band were read by hand: from a Jaccard similarity of
//! one half on they are copies, edits and cuts of one text (unless each has a number that the
//! other lacks: then they are two messages of one form, `line 151, 17:02` and `line 151, 18:02`);
//! below three in ten they are different texts on one event. What lies between is neither: people
//! disagree about headlines written again, so those pairs count for nothing. Texts of fewer than
//! six tokens are left out, as three words coincide by chance.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;

use vigie::model::{StoryId, Timestamp};
use vigie::story::{Shelf, Sketch, Told};

use super::support::labelled;

/// A family of texts: its name, its files, the field with the text, how many; the lowest recall and
/// precision in percent and the most wrong pairs, a little worse than what was measured.
struct Family {
    name: &'static str,
    files: &'static [&'static str],
    field: &'static str,
    limit: usize,
    /// Nobody copies here: whoever says nearly the same says it on his own.
    own_words: bool,
    recall: f64,
    precision: f64,
    wrong: usize,
}

const FAMILIES: &[Family] = &[
    Family {
        name: "news and politics, French tweets",
        files: &[
            "sentiment/unl_fr_tweets.jsonl.gz",
            "sentiment/umsab_fr_trainclean.jsonl",
            "sentiment/deft_fr_train.jsonl",
        ],
        field: "text",
        limit: 13_000,
        own_words: false,
        recall: 89.0,
        precision: 97.0,
        wrong: 22,
    },
    Family {
        name: "brands, English tweets and retweets",
        files: &["sentiment/brandemo_en_train.jsonl.gz", "sentiment/sanders_en_train.jsonl"],
        field: "text",
        limit: 13_000,
        own_words: false,
        recall: 74.0,
        precision: 98.0,
        wrong: 40,
    },
    Family {
        name: "everything, English tweets",
        files: &["sentiment/semeval_en.jsonl.gz", "sentiment/vader_tweets.jsonl.gz"],
        field: "text",
        limit: 20_000,
        own_words: false,
        recall: 97.0,
        precision: 99.0,
        wrong: 5,
    },
    Family {
        name: "a railway, German press and posts",
        files: &["sentiment/germeval_de_dev.jsonl"],
        field: "text",
        limit: 13_000,
        own_words: false,
        recall: 89.0,
        precision: 96.0,
        wrong: 3,
    },
    Family {
        name: "reposts in a newsgroup",
        files: &["usenet/comp.lang.cobol.20k.jsonl.gz"],
        field: "body",
        limit: 6_000,
        own_words: false,
        recall: 94.0,
        precision: 98.0,
        wrong: 3,
    },
    Family {
        name: "reviews of one product, French",
        files: &["sentiment/tp_fr_train.jsonl.gz", "sentiment/tv_fr_train.jsonl"],
        field: "text",
        limit: 13_000,
        own_words: true,
        recall: 0.0,
        precision: 0.0,
        wrong: 50,
    },
];

/// Shingles in more texts than this are not followed to look for pairs: whoever shares only such
/// ones shares a turn of phrase.
const WIDEST: usize = 500;

/// Shingles from which a cut text says enough to be recognised in the whole one.
const TELLING: usize = 6;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Truth {
    Same,
    Different,
    Unclear,
}

/// A text as the truth sees it.
struct Exact {
    shingles: HashSet<u64>,
    numbers: HashSet<String>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Score {
    same: usize,
    found: usize,
    wrong: usize,
    unclear: usize,
}

impl Score {
    fn recall(self) -> f64 {
        100.0 * self.found as f64 / self.same.max(1) as f64
    }

    fn precision(self) -> f64 {
        100.0 * self.found as f64 / (self.found + self.wrong).max(1) as f64
    }

    fn add(&mut self, other: Score) {
        self.same += other.same;
        self.found += other.found;
        self.wrong += other.wrong;
        self.unclear += other.unclear;
    }
}

#[test]
fn copies_among_real_posts_are_found() {
    let Some(folder) = labelled::folder() else { return };
    let data = folder.parent().expect("the sets lie in the data folder");
    let mut all = Score::default();
    let mut below = Vec::new();
    for family in FAMILIES {
        let texts = texts(data, family);
        let score = measure(&texts, family.own_words);
        print(family.name, texts.len(), score);
        let good = score.recall() >= family.recall && score.precision() >= family.precision;
        if !good || score.wrong > family.wrong {
            below.push(format!("{}: {score:?}", family.name));
        }
        all.add(score);
    }
    print("all", 0, all);
    assert!(below.is_empty(), "{below:#?}");
}

fn print(name: &str, texts: usize, score: Score) {
    println!(
        "{name:<38}{texts:>6} texts {:>6} pairs  recall {:5.1}  precision {:5.1}  \
         ({} wrong, {} unclear found)",
        score.same,
        score.recall(),
        score.precision(),
        score.wrong,
        score.unclear
    );
}

fn texts(data: &Path, family: &Family) -> Vec<String> {
    let mut texts = Vec::new();
    for file in family.files {
        for line in labelled::unpacked(&data.join(file)).lines() {
            let row: serde_json::Value =
                serde_json::from_str(line).expect("each line is a JSON object");
            let text = own_lines(row[family.field].as_str().expect("the field is a string"));
            if tokens(&text).len() >= 6 {
                texts.push(text);
            }
        }
    }
    texts.truncate(family.limit);
    texts
}

/// What the author says, without the lines that he quotes: the readers of sources do the same.
fn own_lines(text: &str) -> String {
    let quoted = |line: &&str| line.trim_start_matches(':').starts_with(['>', '›', '|']);
    text.lines().filter(|line| !quoted(line)).collect::<Vec<_>>().join("\n")
}

fn measure(texts: &[String], own_words: bool) -> Score {
    let exact: Vec<Exact> = texts.iter().map(|text| exact(text)).collect();
    let stories = stories(texts);
    let mut pairs = near(&exact);
    for members in stories.values() {
        for (place, &a) in members.iter().enumerate() {
            pairs.extend(members.iter().skip(place + 1).map(|&b| (a, b)));
        }
    }
    let story_of: HashMap<usize, StoryId> =
        stories.iter().flat_map(|(id, members)| members.iter().map(|m| (*m, *id))).collect();
    let mut score = Score::default();
    let show = std::env::var_os("VIGIE_MISSED").is_some();
    for (a, b) in pairs {
        let found = story_of[&a] == story_of[&b];
        let truth = truth(&exact[a], &exact[b], own_words);
        score.same += usize::from(truth == Truth::Same);
        score.found += usize::from(truth == Truth::Same && found);
        score.wrong += usize::from(truth == Truth::Different && found);
        score.unclear += usize::from(truth == Truth::Unclear && found);
        if show && ((truth == Truth::Same) != found) && truth != Truth::Unclear {
            println!("{truth:?}\n  {}\n  {}", one_line(&texts[a]), one_line(&texts[b]));
        }
    }
    score
}

fn one_line(text: &str) -> String {
    text.chars().take(200).collect::<String>().escape_debug().to_string()
}

/// What the program makes of the texts, in their order.
fn stories(texts: &[String]) -> HashMap<StoryId, Vec<usize>> {
    let mut shelf = Shelf::new(20_000);
    let mut stories: HashMap<StoryId, Vec<usize>> = HashMap::new();
    let now = Timestamp::UNIX_EPOCH;
    for (place, text) in texts.iter().enumerate() {
        let seq = place as u64;
        // The sets do not say who speaks: everybody is somebody else.
        let told = Sketch::of(text).map(|sketch| Told { seq, sketch, voice: seq });
        let story = shelf.place(seq, told, None, now);
        stories.entry(story).or_default().push(place);
    }
    let (kept, bytes) = (shelf.len(), shelf.bytes());
    println!("{kept} stories in {bytes} bytes, {} each", bytes / kept.max(1));
    stories
}

fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    for word in text.split_whitespace() {
        if word == "RT" || word.contains('@') || word.contains("://") {
            continue;
        }
        let lower = word.to_lowercase();
        let parts = lower.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
        tokens.extend(parts.map(str::to_owned));
    }
    tokens
}

fn exact(text: &str) -> Exact {
    use std::hash::{BuildHasher, RandomState};
    thread_local!(static KEYS: RandomState = RandomState::new());
    let tokens = tokens(text);
    let digits = |token: &String| token.chars().filter(char::is_ascii_digit).collect::<String>();
    let numbers = tokens.iter().map(digits).filter(|digits| !digits.is_empty());
    let hash = |triple: &[String]| KEYS.with(|keys| keys.hash_one(triple));
    Exact { numbers: numbers.collect(), shingles: tokens.windows(3).map(hash).collect() }
}

/// The pairs that share a shingle which is not in too many texts.
fn near(texts: &[Exact]) -> BTreeSet<(usize, usize)> {
    let mut holders: HashMap<u64, Vec<usize>> = HashMap::new();
    for (place, text) in texts.iter().enumerate() {
        for shingle in &text.shingles {
            holders.entry(*shingle).or_default().push(place);
        }
    }
    let mut pairs = BTreeSet::new();
    for places in holders.values().filter(|places| places.len() <= WIDEST) {
        for (n, &a) in places.iter().enumerate() {
            pairs.extend(places.iter().skip(n + 1).map(|&b| (a, b)));
        }
    }
    pairs
}

fn truth(a: &Exact, b: &Exact, own_words: bool) -> Truth {
    let shared = a.shingles.intersection(&b.shingles).count();
    let smaller = a.shingles.len().min(b.shingles.len());
    let jaccard = shared as f64 / (a.shingles.len() + b.shingles.len() - shared).max(1) as f64;
    let contained = shared as f64 / smaller.max(1) as f64;
    if own_words {
        return if jaccard >= 0.9 { Truth::Same } else { Truth::Different };
    }
    let lacks = |a: &Exact, b: &Exact| a.numbers.difference(&b.numbers).next().is_some();
    if smaller < 40 && lacks(a, b) && lacks(b, a) {
        return if jaccard < 0.9 { Truth::Different } else { Truth::Unclear };
    }
    if jaccard >= 0.5 {
        Truth::Same
    } else if jaccard < 0.3 && (contained < 0.6 || smaller < TELLING) {
        Truth::Different
    } else {
        Truth::Unclear
    }
}
