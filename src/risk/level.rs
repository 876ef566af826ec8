//! The usual size of something that differs by orders of magnitude: the mean and the spread of its
//! logarithm.

use serde::{Deserialize, Serialize};

/// Parts of one unit of the natural logarithm. Whole numbers add up to the same in any order.
const PARTS: f64 = 1024.0;

/// Sizes remembered before the older half loses its weight by half.
const MEMORY: u32 = 4096;

/// What is believed before anything is learned: a size and a spread in units of the natural
/// logarithm, and how many sizes it takes to outweigh it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Prior {
    pub size: f64,
    pub spread: f64,
    pub weight: f64,
}

/// Sizes, and the sums of their logarithms and of the squares of these.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Level(u32, i64, i64);

impl Level {
    #[expect(clippy::cast_possible_truncation, reason = "a logarithm of 64 bits is below 45")]
    pub(super) fn learn(&mut self, size: f64) {
        let parts = (size.max(0.0).ln_1p().min(45.0) * PARTS).round() as i64;
        if self.0 >= MEMORY {
            *self = Level(self.0 / 2, self.1 / 2, self.2 / 2);
        }
        *self = Level(self.0 + 1, self.1 + parts, self.2 + parts * parts);
    }

    /// The usual size: the geometric mean.
    pub(super) fn usual(self, prior: Prior) -> f64 {
        self.moments(prior).0.exp_m1()
    }

    /// How many standard deviations a size is above the usual one.
    pub(super) fn deviations(self, size: f64, prior: Prior) -> f64 {
        let (mean, spread) = self.moments(prior);
        (size.max(0.0).ln_1p() - mean) / spread
    }

    /// The size that is so many standard deviations above the usual one.
    pub(super) fn at(self, deviations: f64, prior: Prior) -> f64 {
        let (mean, spread) = self.moments(prior);
        (mean + deviations * spread).exp_m1()
    }

    fn moments(self, prior: Prior) -> (f64, f64) {
        let (count, sum, squares) =
            (f64::from(self.0), self.1 as f64 / PARTS, self.2 as f64 / (PARTS * PARTS));
        let all = count + prior.weight;
        let mean = (sum + prior.size.ln_1p() * prior.weight) / all;
        // About the mean of what was seen: what was believed in vain is no spread.
        let own = (squares - sum * sum / count.max(1.0)).max(0.0);
        let square = (own + prior.spread * prior.spread * prior.weight) / all;
        // All of one size would make the next size a wonder.
        (mean, square.max(0.25).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIOR: Prior = Prior { size: 300.0, spread: 2.0, weight: 20.0 };

    #[test]
    fn what_is_learned_outweighs_what_was_believed() {
        let mut level = Level::default();
        assert!((level.usual(PRIOR) - 300.0).abs() < 1e-6);
        assert!((level.deviations(301.0 * 2.0_f64.exp() - 1.0, PRIOR) - 1.0).abs() < 1e-6);
        for _ in 0..2000 {
            level.learn(50_000.0);
        }
        let usual = level.usual(PRIOR);
        assert!((45_000.0..50_000.0).contains(&usual), "{usual}");
    }

    #[test]
    fn the_order_does_not_matter_and_no_size_breaks_it() {
        let sizes = [0.0, 1.0, 1e3, u64::MAX as f64, 17.0, -5.0, f64::INFINITY, f64::NAN];
        let (mut there, mut back) = (Level::default(), Level::default());
        for (a, b) in sizes.iter().zip(sizes.iter().rev()) {
            there.learn(*a);
            back.learn(*b);
        }
        assert_eq!(there, back);
        for _ in 0..20_000 {
            there.learn(u64::MAX as f64);
        }
        assert!(there.0 <= MEMORY && there.deviations(1.0, PRIOR).is_finite());
    }
}
