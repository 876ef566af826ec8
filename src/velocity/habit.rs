//! How surprising surprises are: every series has its own, and one threshold should serve them all.

/// One row in two hundred is beyond the edge, where the tail begins.
const BEYOND: f64 = 0.005;

/// How far one row moves the edge, in ln(1 + surprise).
const STEP: f64 = 0.025;

/// The edge before anything is known: a surprise of 1.
const FIRST_EDGE: f64 = std::f64::consts::LN_2;
const LEAST_EDGE: f64 = 0.05;

/// Mean excess over the edge that is assumed, and how many excesses that is worth. It grows with
/// ln(1 + usual count): where counts are small, their clusters bound what a burst can surprise. From
/// about a hundred on it is their dispersion, whatever the count.
const PRIOR_EXCESS: f64 = 0.3;
const PRIOR_GROWTH: f64 = 0.4;
const GROWN: f64 = 100.0;
const PRIOR_WEIGHT: f64 = 10.0;

/// Excesses after which half is forgotten.
const HALF_LIFE: f64 = 1000.0;

/// One excess teaches at most this many usual ones: a crisis must not make the next one usual.
const CLIP: f64 = 6.0;

/// The learned tail of ln(1 + surprise): exponential beyond an edge that one row in two hundred
/// passes. A power law of the surprises, that is: people talk in bursts, and a few are large.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Habit {
    edge: f64,
    /// Decayed sum of the excesses, and of their number.
    excess: (f64, f64),
}

impl Habit {
    pub(super) fn new() -> Habit {
        Habit { edge: FIRST_EDGE, excess: (0.0, 0.0) }
    }

    /// −log10 of the share of rows of this series that surprise as much, where so many are a usual
    /// count; learns from it after.
    pub(super) fn rarity(&mut self, surprise: f64, usual: f64) -> f64 {
        let x = surprise.max(0.0).ln_1p();
        let prior = PRIOR_EXCESS + PRIOR_GROWTH * usual.clamp(0.0, GROWN).ln_1p();
        let (sum, count) = self.excess;
        let mean = (prior * PRIOR_WEIGHT + sum) / (PRIOR_WEIGHT + count);
        let beyond = x - self.edge;
        let start = -BEYOND.log10();
        if beyond <= 0.0 {
            let rarity = start * x / self.edge;
            self.edge = (self.edge - STEP * BEYOND).max(LEAST_EDGE);
            return rarity;
        }
        let kept = 0.5_f64.powf(1.0 / HALF_LIFE);
        self.excess = (sum * kept + beyond.min(CLIP * mean), count * kept + 1.0);
        self.edge += STEP * (1.0 - BEYOND);
        start + beyond / mean / std::f64::consts::LN_10
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_surprises_every_day_is_no_longer_rare() {
        let (mut calm, mut restless) = (Habit::new(), Habit::new());
        for row in 0..5000 {
            calm.rarity(if row % 50 == 0 { 0.5 } else { 0.0 }, 9.0);
            restless.rarity(if row % 50 == 0 { 12.0 } else { 0.0 }, 9.0);
        }
        let (unheard, daily) = (calm.rarity(12.0, 9.0), restless.rarity(12.0, 9.0));
        assert!(unheard > 3.0 && daily < 2.6, "{unheard} {daily}");
    }

    #[test]
    fn more_surprise_is_never_less_rare() {
        let habit = Habit::new();
        let rarities: Vec<f64> = (0..200).map(|n| habit.clone_rarity(f64::from(n) / 4.0)).collect();
        assert!(rarities.is_sorted(), "{rarities:?}");
        assert!(habit.clone_rarity(f64::MAX).is_finite());
    }

    impl Habit {
        fn clone_rarity(self, surprise: f64) -> f64 {
            let mut copy = self;
            copy.rarity(surprise, 9.0)
        }
    }
}
