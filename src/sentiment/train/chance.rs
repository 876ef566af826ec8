//! Chance with a seed: the same numbers on every machine for ever.

/// SplitMix64 (Steele, Lea, Flood 2014). Libraries change their generators between versions; a
/// model that is trained twice must come out the same.
#[derive(Debug, Clone)]
pub(in crate::sentiment) struct Chance(pub u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// True this share of the time.
    pub(in crate::sentiment) fn is(&mut self, share: f64) -> bool {
        self.share() < share
    }

    /// From 0 to just under 1.
    pub(in crate::sentiment) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A place in a list of `len`, 0 when there is none.
    pub(in crate::sentiment) fn place(&mut self, len: usize) -> usize {
        let len = u64::try_from(len).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % len).unwrap_or(0)
    }

    pub(in crate::sentiment) fn one<'a>(&mut self, list: &'a [String]) -> &'a str {
        list.get(self.place(list.len())).map_or("", String::as_str)
    }
}
