//! The chart of seven days: our own SVG, drawn to a PNG with an embedded font, and its text twin.

mod palette;

use std::fmt::Write as _;

use jiff::tz::TimeZone;

use super::facts::ChartPoint;
use super::words::{Label, Words};

/// Letters are large because a phone shows the image at less than a third of its size.
const WIDTH: f64 = 1200.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 70.0;
const BOTTOM: f64 = 58.0;
/// More than this many points cannot be told apart, and a caller's mistake must not cost memory.
const MOST_POINTS: usize = 24 * 31;

/// Draws the chart, 1200×400 (shown at half size), white and opaque since clients in dark mode
/// leave images alone. Nothing without at least two points.
pub fn png(history: &[ChartPoint], zone: &TimeZone, words: &dyn Words) -> Option<Vec<u8>> {
    let drawn = charts_rs::svg_to_png(&svg(history, zone, words)?).ok()?;
    // An image that cannot be made smaller is still an image.
    Some(palette::reduce(&drawn).unwrap_or(drawn))
}

/// The drawing behind [`png`].
pub fn svg(history: &[ChartPoint], zone: &TimeZone, words: &dyn Words) -> Option<String> {
    let points = history.get(history.len().saturating_sub(MOST_POINTS)..)?;
    if points.len() < 2 {
        return None;
    }
    let top = ceiling(points.iter().flat_map(|p| [p.total, p.high]).fold(1.0, f64::max));
    let scale = Scale { last: (points.len() - 1) as f64, top };
    let mut out = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="Roboto" font-size="30" fill="#4a5460"><rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>"##
    );
    grid(&mut out, &scale, words);
    days(&mut out, points, &scale, zone, words);
    band(&mut out, points, &scale);
    curve(&mut out, points.iter().map(|p| p.total), &scale, "#8a95a3", 2.0);
    curve(&mut out, points.iter().map(|p| p.negative), &scale, "#b3261e", 4.0);
    legend(&mut out, words);
    out.push_str("</svg>");
    Some(out)
}

struct Scale {
    last: f64,
    top: f64,
}

impl Scale {
    fn x(&self, index: usize) -> f64 {
        LEFT + (WIDTH - LEFT - RIGHT) * index as f64 / self.last
    }

    fn y(&self, value: f64) -> f64 {
        let value = if value.is_finite() { value.clamp(0.0, self.top) } else { 0.0 };
        HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / self.top
    }
}

/// The smallest round number that holds a value and whose quarters are whole.
fn ceiling(value: f64) -> f64 {
    let mut decade = 1.0;
    while decade < 1e12 {
        for step in [4.0, 6.0, 8.0, 12.0, 16.0, 20.0, 28.0] {
            let top = step * decade;
            if top >= value && top % 4.0 == 0.0 {
                return top;
            }
        }
        decade *= 10.0;
    }
    decade
}

fn grid(out: &mut String, scale: &Scale, words: &dyn Words) {
    for quarter in 0..=4 {
        let value = scale.top * f64::from(quarter) / 4.0;
        let y = scale.y(value);
        let _infallible = write!(
            out,
            r##"<path d="M{LEFT} {y:.1}H{:.1}" stroke="#e3e6ea" stroke-width="2"/><text x="{:.1}" y="{:.1}" text-anchor="end">{}</text>"##,
            WIDTH - RIGHT,
            LEFT - 12.0,
            y + 11.0,
            words.number(value)
        );
    }
}

/// A tick at each midnight of the reader's clock, its day named when there is room for it.
fn days(
    out: &mut String,
    points: &[ChartPoint],
    scale: &Scale,
    zone: &TimeZone,
    words: &dyn Words,
) {
    let mut free_from = LEFT;
    for (index, point) in points.iter().enumerate() {
        if point.start.to_zoned(zone.clone()).hour() != 0 {
            continue;
        }
        let x = scale.x(index);
        let _infallible = write!(
            out,
            r##"<path d="M{x:.1} {TOP}V{:.1}" stroke="#e3e6ea" stroke-width="2"/>"##,
            HEIGHT - BOTTOM + 8.0
        );
        if x >= free_from && x + 112.0 < WIDTH {
            let y = HEIGHT - 16.0;
            let day = words.day(point.start, zone);
            let _infallible = write!(out, r#"<text x="{:.1}" y="{y}">{day}</text>"#, x + 6.0);
            free_from = x + 130.0;
        }
    }
}

fn band(out: &mut String, points: &[ChartPoint], scale: &Scale) {
    let upper = points.iter().enumerate().map(|(i, p)| (scale.x(i), scale.y(p.high)));
    let lower = points.iter().enumerate().rev().map(|(i, p)| (scale.x(i), scale.y(p.low)));
    let corners: Vec<String> = upper.chain(lower).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let _infallible = write!(out, r##"<polygon points="{}" fill="#cfe0f3"/>"##, corners.join(" "));
    curve(out, points.iter().map(|p| p.expected_mean), scale, "#6d9bd1", 2.0);
}

fn curve(
    out: &mut String,
    values: impl Iterator<Item = f64>,
    scale: &Scale,
    color: &str,
    width: f64,
) {
    let corners: Vec<String> = values
        .enumerate()
        .map(|(index, value)| format!("{:.1},{:.1}", scale.x(index), scale.y(value)))
        .collect();
    let _infallible = write!(
        out,
        r#"<polyline points="{}" fill="none" stroke="{color}" stroke-width="{width}" stroke-linejoin="round"/>"#,
        corners.join(" ")
    );
}

fn legend(out: &mut String, words: &dyn Words) {
    let entries = [
        (Label::ChartNegative, "#b3261e", 6.0),
        (Label::ChartTotal, "#8a95a3", 4.0),
        (Label::ChartUsual, "#cfe0f3", 20.0),
    ];
    let mut x = LEFT;
    for (label, color, height) in entries {
        let text = words.label(label);
        let _infallible = write!(
            out,
            r#"<rect x="{x:.1}" y="{:.1}" width="34" height="{height}" fill="{color}"/><text x="{:.1}" y="39">{text}</text>"#,
            28.0 - height / 2.0,
            x + 44.0
        );
        // Roboto at 30 px is about 15 px a letter; a rough width is enough between entries.
        x += 44.0 + text.chars().count() as f64 * 15.0 + 36.0;
    }
}

/// Negative mentions of the last seven days, one sign for three hours; empty without history.
pub fn sparkline(history: &[ChartPoint]) -> String {
    const SIGNS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let recent = history.get(history.len().saturating_sub(168)..).unwrap_or_default();
    let sums: Vec<f64> = recent
        .chunks(3)
        .map(|hours| hours.iter().map(|hour| hour.negative.max(0.0)).sum())
        .collect();
    let top = sums.iter().copied().fold(1.0, f64::max);
    sums.iter()
        .map(|sum| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between 0 and 7, and casts saturate"
            )]
            let place = (sum / top * 7.0).round() as usize;
            SIGNS.get(place).copied().unwrap_or('█')
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_ends_at_a_number_with_whole_quarters() {
        for (value, top) in [(1.0, 4.0), (5.0, 8.0), (50.0, 60.0), (61.0, 80.0), (290.0, 400.0)] {
            assert!((ceiling(value) - top).abs() < 1e-9, "{value}: {}", ceiling(value));
        }
        assert!(ceiling(f64::INFINITY).is_finite());
    }

    #[test]
    fn numbers_that_are_none_are_drawn_as_nothing() {
        let mut history = super::super::facts_for_tests().history;
        history[3].negative = f64::NAN;
        history[4].high = f64::INFINITY;
        let svg = svg(&history, &TimeZone::UTC, super::super::words::of(crate::model::Lang::EN));
        let svg = svg.unwrap();
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }
}
