//! The detector against its vectors, against the prototype it was measured with, and in life.

mod golden;
mod life;
mod planned;
mod series;
mod volume;
mod world;

use super::tail;

#[track_caller]
fn close(value: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((value - expected).abs() <= tolerance, "{what}: {value} is not {expected}");
}

#[test]
fn negative_binomial_tails_follow_the_vectors() {
    for (x, mean, variance, surprise) in [
        (5.0, 1.0, 2.6, 1.362_878),
        (12.0, 2.0, 5.4, 2.241_126),
        (37.0, 6.0, 18.6, 4.425_469),
        (3.0, 0.05, 0.13, 2.315_986),
        (15.0, 0.3, 0.76, 4.596_447),
        (60.0, 50.0, 375.0, 0.552_944),
        (200.0, 150.0, 1500.0, 0.971_973),
    ] {
        let value = -tail::negative_binomial(x, mean, tail::shape(mean, variance));
        close(value, surprise, 1e-3, &format!("{x} of {mean}"));
    }
}

#[test]
fn normal_tails_follow_the_vectors() {
    for (z, surprise) in
        [(0.5, 0.510_692), (2.0, 1.643_016), (4.0, 4.499_335), (6.0, 9.005_887), (10.0, 23.118_054)]
    {
        close(-tail::normal(z), surprise, 1e-3, &format!("z {z}"));
    }
}

#[test]
fn the_lower_tail_is_what_the_upper_one_leaves() {
    for (x, mean, shape) in [
        (0.0, 0.3, 0.4),
        (2.0, 6.0, 2.9),
        (0.0, 6.0, 2.9),
        (40.0, 150.0, 16.7),
        (30.0, 90.0, 0.5),
        (80.0, 400.0, 0.5),
        (700.0, 400.0, 0.7),
        (9.0e8, 1.0e9, 12.0),
    ] {
        let few = 10_f64.powf(tail::at_most(x, mean, shape));
        let many = 10_f64.powf(tail::negative_binomial(x + 1.0, mean, shape));
        close(few + many, 1.0, 3e-3, &format!("{x} of {mean}, shape {shape}: {few} {many}"));
    }
}

#[test]
fn half_a_mention_is_no_silence() {
    close(tail::at_most(0.5, 9.0, 4.0), tail::at_most(1.0, 9.0, 4.0), 1e-12, "rounded up");
}

#[test]
fn a_band_holds_nine_counts_of_ten() {
    for (mean, variance) in [(0.3, 0.76), (6.0, 18.6), (150.0, 1500.0)] {
        let shape = tail::shape(mean, variance);
        let (low, high) = tail::band(mean, shape);
        let above = |x: f64| 10_f64.powf(tail::negative_binomial(x, mean, shape));
        assert!(above(high + 1.0) <= 0.051 && above(high) >= 0.049, "{mean}: high {high}");
        assert!(1.0 - above(low + 1.0) >= 0.045, "{mean}: low {low}");
    }
}

#[test]
fn a_large_mean_of_small_shape_is_summed_alike_on_both_sides_of_the_limit() {
    for (shape, factor) in [(0.3, 1.1), (0.3, 6.0), (0.9, 1.1), (0.9, 9.0), (0.05, 2.0)] {
        let tail = |mean: f64| -tail::negative_binomial((mean * factor).floor(), mean, shape);
        close(tail(100.0), tail(100.001), 1e-3, &format!("{shape} {factor}"));
    }
}
