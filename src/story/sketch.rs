//! A sketch of a text: a sample of its word triples that says how much two texts share.

use xxhash_rust::xxh3::xxh3_64;

use crate::text::fold::words;
use crate::text::spoken::spoken;

/// Words that make one shingle. Pairs are shared by everybody who speaks of one thing; four words
/// break at every edit.
const SHINGLE: usize = 3;

/// Texts with fewer words coincide by chance (`Acme est en panne` is not copied from anyone).
const FEWEST_WORDS: usize = 6;

/// Words looked at: copies of a long text share its beginning.
const MOST_WORDS: usize = 600;

/// Shingles kept. A text of 130 words or fewer is kept whole; of a longer one the smallest hashes,
/// which are a random sample that any two texts draw alike (bottom-k: Broder, "On the resemblance
/// and containment of documents", 1997). Half a kibibyte at most.
const SAMPLE: usize = 128;

/// Numbers kept.
const NUMBERS: usize = 8;

/// What is remembered of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch {
    /// Hashes of shingles in rising order, all of the text's that are not above `ceiling`.
    shingles: Box<[u32]>,
    ceiling: u32,
    /// How many different shingles the text has.
    all: u32,
    /// Hashes of the numbers in its words (`23h` has 23), in rising order.
    numbers: Box<[u32]>,
}

impl Sketch {
    /// Nothing for a text that is too short to be recognised.
    pub fn of(text: &str) -> Option<Sketch> {
        let said = spoken(text);
        let words: Vec<&str> = words(&said).take(MOST_WORDS).map(|word| word.text).collect();
        let hashes: Vec<u64> = words.iter().map(|word| xxh3_64(word.as_bytes())).collect();
        if hashes.len() < FEWEST_WORDS {
            return None;
        }
        let mut shingles: Vec<u32> = hashes.windows(SHINGLE).map(mixed).collect();
        shingles.sort_unstable();
        shingles.dedup();
        let all = u32::try_from(shingles.len()).unwrap_or(u32::MAX);
        let mut ceiling = u32::MAX;
        if shingles.len() > SAMPLE {
            shingles.truncate(SAMPLE);
            ceiling = shingles.last().copied().unwrap_or(u32::MAX);
        }
        let mut numbers: Vec<u32> =
            words.iter().filter_map(|word| number(word)).take(NUMBERS).collect();
        numbers.sort_unstable();
        numbers.dedup();
        Some(Sketch { shingles: shingles.into(), ceiling, all, numbers: numbers.into() })
    }

    /// The hashes in rising order: the first ones are those that a copy most surely has too.
    pub fn shingles(&self) -> &[u32] {
        &self.shingles
    }

    /// Different shingles of the whole text.
    pub fn size(&self) -> u32 {
        self.all
    }

    /// Bytes that it holds in memory, itself included.
    pub fn bytes(&self) -> usize {
        size_of::<Sketch>() + size_of_val(&*self.shingles) + size_of_val(&*self.numbers)
    }

    /// How much two texts share, leaving out the shingles that everybody uses.
    pub fn likeness(&self, other: &Sketch, common: impl Fn(u32) -> bool) -> Likeness {
        // Above the lower ceiling one of the two does not know what it has.
        let ceiling = self.ceiling.min(other.ceiling);
        let mut counted = Likeness::default();
        let (mut ours, mut theirs) = (self.below(ceiling), other.below(ceiling));
        loop {
            let (a, b) = (ours.peek().copied(), theirs.peek().copied());
            let Some(next) = a.into_iter().chain(b).min() else { return counted };
            let mine = ours.next_if_eq(&next).is_some();
            let its = theirs.next_if_eq(&next).is_some();
            if common(next) {
                continue;
            }
            counted.mine += u32::from(mine);
            counted.its += u32::from(its);
            counted.shared += u32::from(mine && its);
        }
    }

    fn below(&self, ceiling: u32) -> std::iter::Peekable<impl Iterator<Item = u32> + '_> {
        self.shingles.iter().copied().take_while(move |hash| *hash <= ceiling).peekable()
    }

    /// Whether each text has a number that the other lacks: `Linie 151, 17:02` is not a copy of
    /// `Linie 151, 18:02`, though all the words are.
    pub fn numbers_differ(&self, other: &Sketch) -> bool {
        let lacks = |a: &Sketch, b: &Sketch| {
            a.numbers.iter().any(|number| b.numbers.binary_search(number).is_err())
        };
        lacks(self, other) && lacks(other, self)
    }
}

/// Shingles of two texts and those in both, counted in the sample they have in common.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Likeness {
    pub mine: u32,
    pub its: u32,
    pub shared: u32,
}

impl Likeness {
    /// Jaccard similarity, 0 to 1: shared of all.
    pub fn jaccard(self) -> f64 {
        share(self.shared, self.mine + self.its - self.shared)
    }

    /// Containment, 0 to 1: shared of the smaller text.
    pub fn contained(self) -> f64 {
        share(self.shared, self.mine.min(self.its))
    }
}

fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 { 0.0 } else { f64::from(part) / f64::from(whole) }
}

fn number(word: &str) -> Option<u32> {
    let digits: String = word.chars().filter(char::is_ascii_digit).collect();
    (!digits.is_empty()).then(|| upper(xxh3_64(digits.as_bytes())))
}

fn upper(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or(u32::MAX)
}

/// One hash of words in their order.
fn mixed(words: &[u64]) -> u32 {
    // The multiplier of splitmix64, whose upper bits depend on every bit of what is multiplied.
    let mix =
        |state: u64, word: &u64| (state.rotate_left(23) ^ word).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    upper(words.iter().fold(0, mix))
}
