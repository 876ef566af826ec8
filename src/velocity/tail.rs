//! How improbable a count is: tails of the negative binomial and of the normal, in log10.

use std::f64::consts::{LN_10, SQRT_2};

/// Square root of 2π.
const ROOT_TAU: f64 = 2.506_628_274_631_000_2;

/// Below this mean a probability says nothing more, and the shape would leave the numbers.
const LEAST_MEAN: f64 = 1e-9;

/// Mean from which a mass is summed as an integral.
const SMOOTH: f64 = 100.0;

/// log10 of the upper tail Q(z) of the normal.
///
/// Above 5 by its asymptotic series, which stays exact where erfc underflows.
pub fn normal(z: f64) -> f64 {
    if z < 5.0 {
        return (0.5 * libm::erfc(z / SQRT_2)).log10();
    }
    let square = z * z;
    let series = 1.0 - 1.0 / square + 3.0 / (square * square) - 15.0 / (square * square * square);
    -0.5 * square / LN_10 - (z * ROOT_TAU).log10() + series.log10()
}

/// log10 P(X ≥ x) for a negative binomial of this mean and shape (variance mean + mean²/shape).
///
/// Weighted counts are rounded down, with room for the rounding of their sum. The saddle point is
/// unusable below a shape of 1 and there the series is short.
pub fn negative_binomial(x: f64, mean: f64, shape: f64) -> f64 {
    let x = (x + 1e-4).floor();
    if x <= 0.0 {
        return 0.0;
    }
    if shape < 1.0 { exact(x, mean, shape) } else { saddle_point(x, mean, shape) }
}

/// log10 P(X ≤ x): how improbable so few are.
///
/// Weighted counts are rounded up: half a mention is no silence.
pub fn at_most(x: f64, mean: f64, shape: f64) -> f64 {
    let x = (x - 1e-4).ceil().max(0.0);
    let (mean, shape) = (mean.max(LEAST_MEAN), shape.max(LEAST_MEAN));
    if x <= 0.0 {
        return -shape * (mean / shape).ln_1p() / LN_10;
    }
    if x >= mean {
        return (1.0 - 10_f64.powf(negative_binomial(x + 1.0, mean, shape))).log10();
    }
    if shape >= 1.0 {
        return normal(-deviate(x + 0.5, mean, shape)).min(0.0);
    }
    if mean > SMOOTH { gamma(x + 0.5, mean, shape) } else { up_to(x, mean, shape).log10() }
}

/// The shape that gives a negative binomial of this mean this variance.
pub fn shape(mean: f64, variance: f64) -> f64 {
    mean * mean / (variance - mean).max(1e-12)
}

/// Sums the series, upwards above the mean and downwards below it.
fn exact(x: f64, mean: f64, shape: f64) -> f64 {
    let (mean, shape) = (mean.max(LEAST_MEAN), shape.max(LEAST_MEAN));
    let q = mean / (mean + shape);
    if x <= mean {
        return (1.0 - up_to(x - 1.0, mean, shape)).log10();
    }
    if mean > SMOOTH {
        return smooth(x, mean, shape);
    }
    let mut k = x;
    let start = log_mass(k, mean, shape);
    let (mut sum, mut term) = (1.0, 1.0);
    for _ in 0..100_000 {
        term *= (k + shape) / (k + 1.0) * q;
        sum += term;
        k += 1.0;
        if term < sum * 1e-13 {
            break;
        }
    }
    ((start + f64::ln(sum)) / LN_10).min(0.0)
}

/// P(X ≤ k), summed downwards.
fn up_to(mut k: f64, mean: f64, shape: f64) -> f64 {
    let q = mean / (mean + shape);
    let start = log_mass(k, mean, shape);
    let (mut sum, mut term) = (1.0, 1.0);
    while k > 0.0 && term >= sum * 1e-13 {
        term *= k / ((k - 1.0 + shape) * q);
        sum += term;
        k -= 1.0;
    }
    (start.exp() * sum).min(1.0 - 1e-15)
}

/// log10 P(X ≤ x) below a mean so large that the count is as good as a gamma: its power series,
/// which is short since x·shape/mean is below 1.
fn gamma(x: f64, mean: f64, shape: f64) -> f64 {
    let y = x * shape / mean;
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..=40 {
        term *= y / (shape + f64::from(k));
        sum += term;
    }
    let first = shape * y.ln() - y - libm::lgamma(shape + 1.0);
    ((first + f64::ln(sum)) / LN_10).min(0.0)
}

/// The upper tail for a mean so large that the mass is smooth: its integral, in logarithms around
/// its first value. The series would need up to a hundred thousand terms.
fn smooth(x: f64, mean: f64, shape: f64) -> f64 {
    const STEPS: u32 = 128;
    // The mass decays by e over `length`; 40 lengths are beyond double precision. Steps are
    // quadratic, since it is steepest at its start.
    let (start, length) = (x - 0.5, 1.0 / (shape / mean).ln_1p());
    let first = log_mass(start, mean, shape);
    let step = 40.0_f64.sqrt() / f64::from(STEPS);
    let sum: f64 = (0..=STEPS)
        .map(|place| {
            let u = step * f64::from(place);
            let weight = match place {
                0 | STEPS => 1.0,
                _ if place % 2 == 1 => 4.0,
                _ => 2.0,
            };
            let mass = (log_mass(start + u * u * length, mean, shape) - first).exp();
            weight * mass * 2.0 * u * length
        })
        .sum();
    ((first + (sum * step / 3.0).ln()) / LN_10).min(0.0)
}

fn log_mass(k: f64, mean: f64, shape: f64) -> f64 {
    libm::lgamma(k + shape) - libm::lgamma(shape) - libm::lgamma(k + 1.0)
        + shape * (shape / (shape + mean)).ln()
        + k * (mean / (shape + mean)).ln()
}

/// Lugannani–Rice with continuity correction, as Barndorff-Nielsen's r*: a few transcendental
/// calls whatever the count.
fn saddle_point(x: f64, mean: f64, shape: f64) -> f64 {
    let z = deviate(x - 0.5, mean.max(LEAST_MEAN), shape);
    if z > -8.0 { normal(z).min(0.0) } else { 0.0 }
}

/// Where a count stands on the scale of the normal.
fn deviate(mut point: f64, mean: f64, shape: f64) -> f64 {
    let least = 1e-3 * (mean + mean * mean / shape).sqrt() + 1e-9;
    if (point - mean).abs() < least {
        // At the mean the formula is 0/0; a thousandth of a deviation beside it is not.
        point = mean + least;
    }
    let far = (point + shape) / (mean + shape);
    let rate = point * (point / mean).ln() - (point + shape) * far.ln();
    let slope = (point / (mean * far)).ln();
    let variance = point + point * point / shape;
    let w = (2.0 * rate.max(0.0)).sqrt().copysign(point - mean);
    let u = 2.0 * (0.5 * slope).sinh() * variance.sqrt();
    if u / w > 0.0 { w + (u / w).ln() / w } else { w }
}

/// The 5 % and 95 % quantiles: nine counts out of ten fall between them.
pub fn band(mean: f64, shape: f64) -> (f64, f64) {
    let (mean, shape) = (mean.max(LEAST_MEAN), shape.max(LEAST_MEAN));
    if mean > 1000.0 {
        return (wilson_hilferty(mean, shape, -1.645), wilson_hilferty(mean, shape, 1.645));
    }
    let q = mean / (mean + shape);
    let mut mass = (shape * (shape / (shape + mean)).ln()).exp();
    let (mut below, mut k, mut low) = (mass, 0.0, None);
    // The bound is far above any 95 % quantile of such a mean.
    for _ in 0..100_000 {
        if low.is_none() && below >= 0.05 {
            low = Some(k);
        }
        if below >= 0.95 {
            break;
        }
        mass *= (k + shape) / (k + 1.0) * q;
        below += mass;
        k += 1.0;
    }
    (low.unwrap_or(0.0), k)
}

/// Quantile of the gamma that a negative binomial of large mean nearly is.
fn wilson_hilferty(mean: f64, shape: f64, z: f64) -> f64 {
    let spread = 1.0 / (9.0 * shape);
    (mean * (1.0 - spread + z * spread.sqrt()).max(0.0).powi(3)).round()
}
