//! Trains the models of tone from the labelled collections and writes `rules/model/`.

#![expect(clippy::print_stdout, reason = "the figures are what this program is run for")]

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use vigie::model::Lang;
use vigie::rules::Rules;
use vigie::sentiment::Choice;
use vigie::sentiment::evaluate::{Answer, Figures, calibration_by_chance};
use vigie::sentiment::train::sets::{
    ALL, REPORTED, SPLIT, Set, TEMPLATES, TRAINING, Terms, is_kept,
};
use vigie::sentiment::train::{Recipe, Row, balance, fresh, sentences, train};

/// A model to train.
struct Plan {
    name: &'static str,
    languages: &'static [&'static str],
    /// Many English texts say by pairs of words what `affirmed` would say: it lost there.
    choice: Choice,
    /// How dear a weight is.
    strength: f32,
    /// Parts for blind judging.
    parts: u64,
}

const PLANS: &[Plan] = &[
    Plan {
        name: "fr",
        languages: &["fr"],
        choice: Choice { tagged: false, affirmed: true },
        strength: 12.0,
        parts: 10,
    },
    Plan {
        name: "en",
        languages: &["en"],
        choice: Choice { tagged: false, affirmed: false },
        strength: 10.0,
        parts: 2,
    },
    Plan {
        name: "multi",
        languages: &["de", "es", "it", "pt", "nl"],
        choice: Choice { tagged: true, affirmed: true },
        strength: 17.0,
        parts: 5,
    },
];

/// In the common model every row is also read as if nobody knew its language, for this share.
const UNKNOWN: f32 = 0.5;

#[derive(Deserialize)]
struct Line {
    text: String,
    y: usize,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (flags, rest): (Vec<&String>, Vec<&String>) =
        arguments.iter().partition(|argument| argument.starts_with("--"));
    let clean = flags.iter().any(|flag| *flag == "--clean");
    let [data, out] = rest.as_slice() else {
        bail!(
            "usage: train_sentiment [--clean] [--only=MODEL] DATA OUT, as in `train_sentiment ../shared/data rules/model`"
        );
    };
    let only = flags.iter().find_map(|flag| flag.strip_prefix("--only="));
    let folder = PathBuf::from(data).join("sentiment");
    let rules = Rules::untrained();
    let (rows, whole) = rows(&folder, clean)?;
    for (at, plan) in PLANS.iter().enumerate() {
        let name = plan.name;
        if only.is_some_and(|only| only != name) {
            continue;
        }
        let (mut chosen, counts) = chosen(&rows, at);
        balance(&mut chosen, &counts);
        if plan.choice.tagged {
            let unknown = chosen.clone().into_iter().map(|row| Row {
                lang: None,
                counts: row.counts * UNKNOWN,
                ..row
            });
            chosen.extend(unknown.collect::<Vec<_>>());
        }
        let recipe = recipe(at, plan, &whole);
        let trained = train(&chosen, &recipe, &rules);
        show(plan, &chosen, &trained.blind);
        let bytes = trained.model.write();
        let path = PathBuf::from(out).join(format!("{name}.tone"));
        fs::write(&path, &bytes).with_context(|| format!("cannot write {}", path.display()))?;
        println!("{}: {} bytes", path.display(), bytes.len());
    }
    Ok(())
}

/// How often each tone stands in the sets that lose some of their praise.
type Whole = BTreeMap<usize, [f64; 3]>;

/// Every row that may be trained on, each text once; what is judged by comes first and leaves.
fn rows(folder: &Path, clean: bool) -> Result<(Vec<Row>, Whole)> {
    let mut seen = HashSet::new();
    for (file, lang) in REPORTED {
        fresh(read(&folder.join(file), lang, 0)?, &mut seen);
    }
    for file in SPLIT {
        let kept = read(&folder.join(file), "fr", 0)?;
        fresh(kept.into_iter().filter(|row| is_kept(&row.text)).collect(), &mut seen);
    }
    let (mut rows, mut whole) = (Vec::new(), BTreeMap::new());
    for (at, set) in TRAINING.iter().enumerate() {
        if clean && set.terms == Terms::Unstated {
            continue;
        }
        let found = fresh(read(&folder.join(set.file), set.lang, at)?, &mut seen);
        let mut tones = [0.0; 3];
        for row in &found {
            tones[row.tone] += 1.0;
        }
        let kept = capped(found, set);
        if set.most_positive < ALL {
            whole.insert(at, tones);
        }
        rows.extend(kept);
    }
    for (at, (lang, count, _)) in TEMPLATES.iter().enumerate() {
        let Some(lang) = Lang::parse(lang) else { continue };
        let made = sentences(lang, *count, 1)?;
        rows.extend(made.into_iter().map(|row| Row { set: TRAINING.len() + at, ..row }));
    }
    Ok((rows, whole))
}

fn capped(rows: Vec<Row>, set: &Set) -> Vec<Row> {
    let mut positive = 0;
    let keep = |row: &Row| {
        positive += usize::from(row.tone == 2);
        row.tone != 2 || positive <= set.most_positive
    };
    rows.into_iter().filter(keep).collect()
}

fn read(path: &Path, lang: &str, set: usize) -> Result<Vec<Row>> {
    let problem = || format!("cannot read {}: is it the data folder?", path.display());
    let bytes = fs::read(path).with_context(problem)?;
    let mut text = String::new();
    if path.extension().is_some_and(|extension| extension == "gz") {
        flate2::read::GzDecoder::new(bytes.as_slice())
            .read_to_string(&mut text)
            .with_context(problem)?;
    } else {
        text = String::from_utf8(bytes).with_context(problem)?;
    }
    let mut rows = Vec::new();
    for line in text.lines() {
        let Line { text, y: tone } = serde_json::from_str(line).with_context(problem)?;
        rows.push(Row { text, lang: Lang::parse(lang), tone, set, ..Row::default() });
    }
    Ok(rows)
}

/// The rows of one model, and what each set counts in it.
fn chosen(rows: &[Row], model: usize) -> (Vec<Row>, Vec<f32>) {
    let sets = TRAINING.iter().map(|set| set.counts);
    let counts: Vec<f32> =
        sets.chain(TEMPLATES.iter().map(|made| made.2)).map(|counts| counts[model]).collect();
    let chosen = rows.iter().filter(|row| counts[row.set] > 0.0).cloned().collect();
    (chosen, counts)
}

/// The recipe of one model. How sure it may be is judged by the sets that count fully in it: they
/// are how people write; templates and borrowed sets are not.
fn recipe(model: usize, plan: &Plan, whole: &Whole) -> Recipe {
    let sets = |lang: Option<&str>| {
        let fits = |(_, set): &(usize, &Set)| {
            set.counts[model] >= 1.0 && lang.is_none_or(|lang| lang == set.lang)
        };
        TRAINING.iter().enumerate().filter(fits).map(|(at, _)| at).collect::<Vec<usize>>()
    };
    let Plan { choice, strength, parts, .. } = *plan;
    let mut voices: Vec<_> =
        plan.languages.iter().map(|lang| (Lang::parse(lang), sets(Some(lang)))).collect();
    if choice.tagged {
        voices.push((None, sets(None)));
    }
    Recipe { choice, strength, parts, voices, whole: whole.clone() }
}

fn show(plan: &Plan, rows: &[Row], blind: &[[f64; 3]]) {
    println!("{}: {} texts; what models of the other parts said:", plan.name, rows.len());
    let files = TRAINING.iter().map(|set| (set.file, set.lang));
    let files = files.chain(TEMPLATES.iter().map(|made| (made.0, made.0)));
    for (set, (file, lang)) in files.enumerate() {
        for known in [true, false] {
            let of = |(row, said): (&Row, &[f64; 3])| {
                (row.set == set && row.lang.is_some() == known)
                    .then_some(Answer { truth: row.tone, said: *said })
            };
            let answers: Vec<Answer> = rows.iter().zip(blind).filter_map(of).collect();
            if answers.is_empty() {
                continue;
            }
            print!("  {file:28} {}", Figures::of(&answers));
            // What it says of a language that it does not speak are no probabilities.
            if !known || plan.languages.contains(&lang) {
                print!(" (by chance {:.1})", calibration_by_chance(&answers));
            }
            println!("{}", if known { "" } else { " (language unknown)" });
        }
    }
}
