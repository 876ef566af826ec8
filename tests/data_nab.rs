//! The detector of counts on recorded mentions of brands, scored by the rules of the Numenta Anomaly
//! Benchmark. Needs `VIGIE_DATA`, the path to the shared data folder.

mod scorer;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use vigie::velocity::Series;

use scorer::{PROFILES, Scored};

/// What was measured, a little less: normalised scores of the three profiles.
const FLOORS: [f64; 3] = [80.0, 65.0, 86.0];

/// What others reach on all ten series, by the same rules; only five of them are here.
const PUBLISHED: [(&str, [f64; 3]); 7] = [
    ("ARTime", [81.8, 70.1, 87.9]),
    ("contextOSE", [74.5, 73.1, 76.5]),
    ("earthgecko Skyline", [68.9, 45.3, 78.3]),
    ("Numenta HTM", [68.0, 58.7, 72.6]),
    ("KNN-CAD", [64.3, 42.2, 73.2]),
    ("relative entropy", [59.8, 55.0, 63.1]),
    ("Twitter ADVec", [59.6, 35.8, 69.0]),
];

/// A recorded series: rows of second and count, and the first and last row of each window.
struct Recorded {
    name: String,
    rows: Vec<(i64, f64)>,
    windows: Vec<(usize, usize)>,
}

fn second(text: &str) -> i64 {
    let local: DateTime = text.split('.').next().unwrap().parse().unwrap();
    TimeZone::UTC.to_timestamp(local).unwrap().as_second()
}

fn recorded() -> Option<Vec<Recorded>> {
    let folder = std::env::var_os("VIGIE_DATA")?;
    let folder = Path::new(&folder).join("nab");
    let text = std::fs::read_to_string(folder.join("windows.json")).unwrap();
    let labels: BTreeMap<String, Vec<[String; 2]>> = serde_json::from_str(&text).unwrap();
    let read = |(path, windows): (String, Vec<[String; 2]>)| {
        let text = std::fs::read_to_string(folder.join(&path)).unwrap();
        let rows: Vec<(i64, f64)> = text
            .lines()
            .skip(1)
            .map(|line| line.split_once(',').unwrap())
            .map(|(time, count)| (second(time), count.parse().unwrap()))
            .collect();
        let row = |time: &str| rows.iter().position(|row| row.0 == second(time)).unwrap();
        let windows = windows.iter().map(|[from, until]| (row(from), row(until))).collect();
        let name = path.rsplit(['_', '/']).next().unwrap().replace(".csv", "");
        Recorded { name, rows, windows }
    };
    Some(labels.into_iter().map(read).collect())
}

fn scored(series: &Recorded, score: &mut impl FnMut(i64, f64) -> f64) -> Scored {
    let scores = series.rows.iter().map(|(second, count)| score(*second, *count)).collect();
    Scored { scores, windows: series.windows.clone() }
}

fn ours(series: &Recorded) -> Scored {
    let mut detector = Series::new(TimeZone::UTC);
    scored(series, &mut |second, count| detector.observe(second, count).unwrap().score)
}

fn print(name: &str, scores: [f64; 3], note: &str) {
    let [standard, low_false, low_missed] = scores;
    println!("{name:28} {standard:8.1} {low_false:8.1} {low_missed:8.1}  {note}");
}

#[test]
fn recorded_brands_are_scored_as_the_benchmark_scores_them() {
    let Some(recorded) = recorded() else { return };
    println!("{:28} {:>8} {:>8} {:>8}", "", "standard", "low FP", "low FN");
    let corpus: Vec<Scored> = recorded.iter().map(ours).collect();
    let best = PROFILES.map(|profile| scorer::best(&corpus, &profile));
    let half = PROFILES.map(|profile| scorer::at(&corpus, &profile, 0.5));
    let rows: usize = corpus.iter().map(|series| series.scores.len()).sum();
    let loud =
        corpus.iter().flat_map(|series| &series.scores).filter(|score| **score >= 0.5).count();
    let thresholds = best.map(|best| format!("{:.3}", best.threshold)).join(", ");
    print("vigie detect", best.map(|best| best.score), &format!("thresholds {thresholds}"));
    print("vigie detect, at 0.5", half, &format!("no threshold chosen; {loud} rows of {rows}"));
    for (number, series) in recorded.iter().enumerate() {
        let alone = &corpus[number..=number];
        let mut others = corpus.clone();
        others.remove(number);
        // A threshold that knows nothing of the series it is used on.
        let scores = PROFILES
            .map(|profile| scorer::at(alone, &profile, scorer::best(&others, &profile).threshold));
        print(&format!("  {}", series.name), scores, "with the threshold of the other four");
    }
    let null: Vec<Scored> = recorded.iter().map(|series| scored(series, &mut |_, _| 0.5)).collect();
    print("null", PROFILES.map(|profile| scorer::at(&null, &profile, 0.6)), "");
    let mut state = 1_u64;
    let mut chance = |_: i64, _: f64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let random: Vec<Scored> = recorded.iter().map(|series| scored(series, &mut chance)).collect();
    print("random", PROFILES.map(|profile| scorer::best(&random, &profile).score), "");
    for (name, scores) in PUBLISHED {
        print(name, scores, "published, on all ten series");
    }
    for ((best, floor), profile) in best.iter().zip(FLOORS).zip(PROFILES) {
        assert!(best.score >= floor, "{}: {} is below {floor}", profile.name, best.score);
    }
}
