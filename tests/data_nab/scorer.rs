//! The published rules of the Numenta Anomaly Benchmark: what a detection is worth.
//!
//! A window of an anomaly is worth most at its left edge and nothing at its right one; only its best
//! detection counts. A detection outside costs the more the further it is behind the last window.
//! The first 15 % of a series, 750 rows at most, do not count. One threshold serves the whole
//! corpus, the best one there is for the profile. The score is 100 for one detection at the left
//! edge of each window and nothing else, and 0 for no detection at all.

use std::collections::HashMap;

/// What hits, false alarms and misses weigh.
#[derive(Debug, Clone, Copy)]
pub struct Profile {
    pub name: &'static str,
    pub hit: f64,
    pub false_alarm: f64,
    pub miss: f64,
}

pub const PROFILES: [Profile; 3] = [
    Profile { name: "standard", hit: 1.0, false_alarm: 0.11, miss: 1.0 },
    Profile { name: "low FP", hit: 1.0, false_alarm: 0.22, miss: 1.0 },
    Profile { name: "low FN", hit: 1.0, false_alarm: 0.11, miss: 2.0 },
];

/// A series as it was scored: a score for each row, and the first and last row of each window.
#[derive(Clone)]
pub struct Scored {
    pub scores: Vec<f64>,
    pub windows: Vec<(usize, usize)>,
}

/// What a row is worth if it is detected: its score, its worth, its window.
struct Row {
    score: f64,
    worth: f64,
    window: Option<(usize, usize)>,
}

/// A threshold and the normalised score with it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Best {
    pub threshold: f64,
    pub score: f64,
}

pub fn probation(rows: usize) -> usize {
    (rows * 15 / 100).min(750)
}

/// 1 far left of zero, -1 far right of it, and -1 from three window widths on.
pub fn sigmoid(position: f64) -> f64 {
    if position >= 3.0 { -1.0 } else { 2.0 / (1.0 + (5.0 * position).exp()) - 1.0 }
}

/// The worth of every row of a series, and its window by number.
pub fn worths(
    rows: usize,
    windows: &[(usize, usize)],
    profile: &Profile,
) -> Vec<(f64, Option<usize>)> {
    let width = |(first, last): (usize, usize)| (last - first + 1) as f64;
    let of = |row: usize| {
        if let Some(number) = windows.iter().position(|w| (w.0..=w.1).contains(&row)) {
            let position = -((windows[number].1 - row + 1) as f64) / width(windows[number]);
            return (profile.hit * sigmoid(position) / sigmoid(-1.0), Some(number));
        }
        let before = windows.iter().rfind(|window| window.1 < row);
        let position =
            before.map_or(3.0, |before| (row - before.1) as f64 / (width(*before) - 1.0));
        (profile.false_alarm * sigmoid(position), None)
    };
    (0..rows).map(of).collect()
}

fn rows(corpus: &[Scored], profile: &Profile) -> Vec<Row> {
    let mut rows = Vec::new();
    for (number, series) in corpus.iter().enumerate() {
        let worths = worths(series.scores.len(), &series.windows, profile);
        let scored = series.scores.iter().zip(worths).skip(probation(series.scores.len()));
        rows.extend(scored.map(|(score, (worth, window))| Row {
            score: *score,
            worth,
            window: window.map(|window| (number, window)),
        }));
    }
    rows.sort_by(|a, b| b.score.total_cmp(&a.score));
    rows
}

/// The normalised score with every threshold, the highest first; the first detects nothing.
fn sweep(corpus: &[Scored], profile: &Profile) -> Vec<Best> {
    let rows = rows(corpus, profile);
    let mut windows: HashMap<(usize, usize), f64> =
        rows.iter().filter_map(|row| Some((row.window?, -profile.miss))).collect();
    let count = windows.len() as f64;
    let null = -profile.miss * count;
    let normal = |sum: f64| 100.0 * (sum - null) / (profile.hit * count - null);
    let (mut sum, mut swept) = (null, Vec::new());
    let mut threshold = 1.1;
    for row in &rows {
        if row.score.total_cmp(&threshold).is_ne() {
            swept.push(Best { threshold, score: normal(sum) });
            threshold = row.score;
        }
        match row.window.and_then(|window| windows.get_mut(&window)) {
            None => sum += row.worth,
            Some(best) if row.worth > *best => {
                sum += row.worth - *best;
                *best = row.worth;
            }
            Some(_) => {}
        }
    }
    swept.push(Best { threshold, score: normal(sum) });
    swept
}

/// The best threshold for the corpus, and its score.
pub fn best(corpus: &[Scored], profile: &Profile) -> Best {
    let swept = sweep(corpus, profile);
    swept.into_iter().max_by(|a, b| a.score.total_cmp(&b.score)).unwrap()
}

/// The score with one threshold given beforehand.
pub fn at(corpus: &[Scored], profile: &Profile, threshold: f64) -> f64 {
    let swept = sweep(corpus, profile);
    swept.into_iter().rfind(|best| best.threshold >= threshold).unwrap().score
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(value: f64, expected: f64) {
        assert!((value - expected).abs() < 1e-4, "{value} is not {expected}");
    }

    #[test]
    fn the_sigmoid_has_its_published_values() {
        for (position, value) in [(-1.0, 0.98661), (-0.5, 0.84828), (0.0, 0.0), (1.0, -0.98661)] {
            close(sigmoid(position), value);
        }
        close(sigmoid(3.0), -1.0);
    }

    #[test]
    fn probation_is_fifteen_of_a_hundred_rows_and_750_at_most() {
        assert_eq!([100, 5000, 6000].map(probation), [15, 750, 750]);
    }

    #[test]
    fn rows_inside_a_window_are_worth_something_and_rows_outside_cost() {
        let worths = worths(100, &[(30, 39), (75, 95)], &PROFILES[0]);
        for (row, (worth, window)) in worths.iter().enumerate() {
            let inside = (30..=39).contains(&row) || (75..=95).contains(&row);
            assert_eq!((window.is_some(), *worth > 0.0), (inside, inside), "{row}");
        }
        close(worths[30].0, 1.0);
        close(worths[29].0, -0.11);
        // One row behind a window of ten: a ninth of its width.
        close(worths[40].0, 0.11 * sigmoid(1.0 / 9.0));
    }

    /// Two windows of ten rows; the scores of some rows.
    fn corpus(detections: &[(usize, f64)]) -> [Scored; 1] {
        let mut scores = vec![0.0; 100];
        for (row, score) in detections {
            scores[*row] = *score;
        }
        [Scored { scores, windows: vec![(30, 39), (75, 84)] }]
    }

    #[test]
    fn perfect_is_a_hundred_and_nothing_is_zero() {
        for profile in &PROFILES {
            close(best(&corpus(&[(30, 1.0), (75, 1.0)]), profile).score, 100.0);
            close(at(&corpus(&[]), profile, 0.5), 0.0);
        }
    }

    #[test]
    fn a_hit_at_half_a_window_a_miss_and_a_false_alarm_by_hand() {
        let corpus = corpus(&[(35, 0.9), (37, 0.9), (20, 0.9), (5, 1.0)]);
        // Row 35 is half a window before the right edge: 0.84828 / 0.98661. The false alarm at 20
        // has no window before it; the one at 5 is on probation.
        let sum = 0.84828 / 0.98661 - 0.11 - 1.0;
        close(at(&corpus, &PROFILES[0], 0.5), 100.0 * (sum + 2.0) / 4.0);
        let sum = 0.84828 / 0.98661 - 0.22 - 1.0;
        close(at(&corpus, &PROFILES[1], 0.5), 100.0 * (sum + 2.0) / 4.0);
        let sum = 0.84828 / 0.98661 - 0.11 - 2.0;
        close(at(&corpus, &PROFILES[2], 0.5), 100.0 * (sum + 4.0) / 6.0);
    }

    #[test]
    fn the_threshold_is_the_best_one() {
        let corpus = corpus(&[(30, 0.8), (76, 0.6), (50, 0.5), (51, 0.5)]);
        let best = best(&corpus, &PROFILES[0]);
        close(best.threshold, 0.6);
        assert!(best.score > at(&corpus, &PROFILES[0], 0.5));
        assert!(best.score > at(&corpus, &PROFILES[0], 0.7));
    }
}
