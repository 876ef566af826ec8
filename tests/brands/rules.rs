//! The fixed rules that commercial tools publish, on counts by arrival as they count.

use vigie::model::Tone;

use super::month::Month;
use super::ours::Told;

/// Steps of five minutes in an hour, a day and a week.
const HOUR: usize = 12;
const DAY: usize = 24 * HOUR;
const WEEK: usize = 7 * DAY;

/// No rule speaks before it has seen a day, nor of fewer mentions than this.
const LEAST: f64 = 5.0;

/// A rule alarms again once it was silent for three hours.
const QUIET: usize = 3 * HOUR;

/// Sums of a month up to each step of five minutes.
pub struct Counts {
    start: i64,
    total: Vec<f64>,
    negative: Vec<f64>,
    /// Sums of the squares of hourly counts, up to each step.
    squares: Vec<f64>,
}

/// A published rule: whether it alarms at a step.
pub struct Rule {
    pub name: &'static str,
    alarms: fn(&Counts, usize) -> bool,
}

pub const RULES: [Rule; 6] = [
    Rule { name: "1 h ≥ 2 × mean of 12 h, day and week", alarms: doubles },
    Rule { name: "1 h > 150 % of the mean of 7 days", alarms: |c, t| c.hour_over(t, 1.5) },
    Rule { name: "rate[1h] > 3 × avg[7d]", alarms: |c, t| c.hour_over(t, 3.0) },
    Rule { name: "24 h > 3 × mean of 7 days", alarms: |c, t| c.over(t, DAY, 3.0, WEEK) },
    Rule { name: "z-score 3σ, 1 h of 7 days", alarms: deviates },
    Rule { name: "≥ 20 negatives an hour", alarms: |c, t| sum(&c.negative, t, HOUR) >= 20.0 },
];

fn doubles(counts: &Counts, step: usize) -> bool {
    [12 * HOUR, DAY, WEEK].into_iter().all(|span| {
        let now = sum(&counts.total, step, HOUR);
        now >= LEAST && now >= 2.0 * counts.mean(step, span, HOUR)
    })
}

fn deviates(counts: &Counts, step: usize) -> bool {
    let span = WEEK.min(step);
    let now = sum(&counts.total, step, HOUR);
    let mean = counts.mean(step, WEEK, HOUR);
    let squares = (counts.squares[step] - counts.squares[step - span]) / span as f64;
    now >= LEAST && now > mean + 3.0 * (squares - mean * mean).max(0.0).sqrt()
}

/// Count of the `span` steps before `step`, from sums up to each step.
fn sum(sums: &[f64], step: usize, span: usize) -> f64 {
    sums[step] - sums[step.saturating_sub(span)]
}

impl Counts {
    pub fn of(month: &Month) -> Counts {
        let steps = usize::try_from((month.end - month.start) / 300).unwrap();
        let mut counts = Counts {
            start: month.start,
            total: vec![0.0],
            negative: vec![0.0],
            squares: vec![0.0],
        };
        let mut waiting = month.signals.iter().peekable();
        for step in 1..=steps {
            let end = month.start + 300 * i64::try_from(step).unwrap();
            let (mut total, mut negative) = (counts.total[step - 1], counts.negative[step - 1]);
            while let Some(signal) = waiting.next_if(|signal| signal.arrived.as_second() < end) {
                total += 1.0;
                negative += if signal.tone == Tone::Negative { 1.0 } else { 0.0 };
            }
            counts.total.push(total);
            counts.negative.push(negative);
            let hour = sum(&counts.total, step, HOUR);
            counts.squares.push(counts.squares[step - 1] + hour * hour);
        }
        counts
    }

    /// Mean count of `width` steps over the `span` before, or over what was seen.
    fn mean(&self, step: usize, span: usize, width: usize) -> f64 {
        let span = span.min(step);
        sum(&self.total, step, span) * width as f64 / span as f64
    }

    fn over(&self, step: usize, width: usize, times: f64, span: usize) -> bool {
        let now = sum(&self.total, step, width);
        now >= LEAST && now > times * self.mean(step, span, width)
    }

    fn hour_over(&self, step: usize, times: f64) -> bool {
        self.over(step, HOUR, times, WEEK)
    }

    pub fn told(&self, rule: &Rule) -> Told {
        let mut told = Told::default();
        let mut last: Option<usize> = None;
        for step in DAY..self.total.len() {
            if !(rule.alarms)(self, step) {
                continue;
            }
            if last.is_none_or(|last| step - last > QUIET) {
                told.opened.push(self.start + 300 * i64::try_from(step).unwrap());
            }
            last = Some(step);
        }
        told.alarms.clone_from(&told.opened);
        told
    }
}
