//! Seeded chance that draws the same on every machine: its functions come from one library, not
//! from the platform.

/// Splitmix64: small, and independent enough for streams of mentions.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Chance {
        Chance(seed.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Evenly in [0, 1).
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn likely(&mut self, probability: f64) -> bool {
        self.share() < probability
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.share()
    }

    /// Between two bounds above 0, each order of magnitude as likely as another.
    pub fn scaled(&mut self, low: f64, high: f64) -> f64 {
        libm::exp(self.between(libm::log(low), libm::log(high)))
    }

    /// A whole number in [low, high].
    pub fn whole(&mut self, low: i64, high: i64) -> i64 {
        whole(self.between(low as f64, high as f64 + 1.0)).min(high)
    }

    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        let count = i64::try_from(list.len()).unwrap();
        &list[usize::try_from(self.whole(0, count - 1)).unwrap()]
    }

    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for place in (1..list.len()).rev() {
            let other = self.whole(0, i64::try_from(place).unwrap());
            list.swap(place, usize::try_from(other).unwrap());
        }
    }

    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * libm::log(1.0 - self.share())
    }

    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(1.0 - self.share())).sqrt();
        radius * libm::cos(2.0 * std::f64::consts::PI * self.share())
    }

    /// A factor of mean 1 and variance 1/shape (Marsaglia and Tsang); shape 1 or more.
    pub fn gamma(&mut self, shape: f64) -> f64 {
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let cube = 1.0 + c * x;
            let v = cube * cube * cube;
            if v > 0.0 && libm::log(1.0 - self.share()) < 0.5 * x * x + d - d * v + d * libm::log(v)
            {
                return d * v / shape;
            }
        }
    }

    /// A count of this mean; nearly normal when it is large.
    pub fn poisson(&mut self, mean: f64) -> u32 {
        if mean > 60.0 {
            let drawn = mean + mean.sqrt() * self.normal();
            return u32::try_from(whole(drawn.max(0.0) + 0.5)).unwrap_or(u32::MAX);
        }
        let limit = libm::exp(-mean);
        let mut product = self.share();
        let mut count = 0;
        while product > limit {
            product *= self.share();
            count += 1;
        }
        count
    }
}

/// The whole part: seconds and counts, far from the bounds of either type.
#[expect(clippy::cast_possible_truncation, reason = "the one place that cuts, on purpose")]
pub fn whole(x: f64) -> i64 {
    x.floor() as i64
}

#[test]
fn draws_have_the_mean_and_the_spread_that_were_asked_for() {
    let mut chance = Chance::new(1);
    let mut check = |what: &str, mean: f64, variance: f64, draw: &dyn Fn(&mut Chance) -> f64| {
        let drawn: Vec<f64> = (0..20_000).map(|_| draw(&mut chance)).collect();
        let count = drawn.len() as f64;
        let average = drawn.iter().sum::<f64>() / count;
        let spread = drawn.iter().map(|x| (x - average) * (x - average)).sum::<f64>() / count;
        let wide = variance.sqrt();
        assert!((average - mean).abs() < 0.03 * wide.max(mean), "{what}: mean {average}");
        assert!((spread / variance - 1.0).abs() < 0.08, "{what}: variance {spread}");
    };
    check("exponential", 3.0, 9.0, &|chance| chance.exponential(3.0));
    check("normal", 0.0, 1.0, &Chance::normal);
    check("gamma", 1.0, 0.25, &|chance| chance.gamma(4.0));
    check("few", 0.4, 0.4, &|chance| f64::from(chance.poisson(0.4)));
    check("many", 200.0, 200.0, &|chance| f64::from(chance.poisson(200.0)));
}
