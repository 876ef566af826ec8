//! The shelf: the stories of the last days, each known by the text that it began with.

use std::collections::{BTreeSet, HashMap};

use jiff::SignedDuration;

use super::sketch::{Likeness, Sketch};
use crate::model::finding::full_text;
use crate::model::{Mention, Seq, StoryId, Timestamp};

/// A story that nobody copied for a week is over: the same words next month are news again.
pub const REMEMBERED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Share of shingles (Jaccard) from which texts of different voices are one story. Of pairs of
/// real posts read by hand, nine in ten above one half were copies or edits of one text; below
/// three in ten nearly all were different texts on one event.
const SAME: f64 = 0.42;

/// The same for a text of ten words or fewer: `livraison rapide et produit de qualité` is what
/// anybody says.
const SAME_SHORT: f64 = 0.6;
const SHORT: u32 = 8;

/// The same for two texts of one voice: all items of a feed share its frame, and an author who
/// says the same again says nearly the same.
const SAME_VOICE: f64 = 0.8;

/// From here on a text is a copy whatever else holds.
const IDENTICAL: f64 = 0.9;

/// Share of the smaller text that the larger one holds when it quotes it whole, or was cut.
const CONTAINED: f64 = 0.75;

/// How many times larger than the lead a text that holds it may be: above that it says much else.
const LARGEST: u32 = 6;

/// Shingles that must be shared for containment to mean anything.
const FEWEST_CONTAINED: u32 = 6;

/// Texts with fewer shingles that differ in their numbers are two messages of one form.
const FORM: u32 = 40;

/// A shingle in this many stories is the phrase of a form, a signature, a footer: no evidence.
const COMMON: u16 = 24;

/// Shared shingles of its own from which a text is judged without its common ones.
const OWN: u32 = 8;

/// Smallest shingles by which a story is found. A text that shares a third of them is missed once
/// in 130 times.
const KEYS: usize = 12;

/// Stories looked at for one key, and compared for one text.
const PER_KEY: usize = 16;
const COMPARED: usize = 8;

/// Cells in which the stories of a shingle are counted, for each story that fits: shingles that
/// meet in one by chance stay far below [`COMMON`].
const CELLS: usize = 32;

/// A text that can be recognised, and who says it.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The mention that holds it.
    pub seq: Seq,
    pub sketch: Sketch,
    /// A hash of who says it.
    pub voice: u64,
}

impl Told {
    /// Nothing for a mention whose text is too short to be recognised.
    pub fn by(mention: &Mention) -> Option<Told> {
        let sketch = Sketch::of(&full_text(&mention.item.title, &mention.item.text))?;
        Some(Told { seq: mention.seq, sketch, voice: mention.voice() })
    }
}

/// The story that a text belongs to, and why.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Copy {
    pub story: StoryId,
    /// What it shares with the text that the story began with.
    pub likeness: Likeness,
}

/// The stories that can still be copied. Bounded: at most so many, none older than a week.
///
/// A text is compared with the lead of a story only, never with its copies: a chain of small
/// edits cannot walk from one story to another.
#[derive(Debug, Clone)]
pub struct Shelf {
    capacity: usize,
    stories: HashMap<StoryId, Remembered>,
    /// Stories by their smallest shingles.
    keys: BTreeSet<(u32, StoryId)>,
    /// Stories by the second of their last copy.
    order: BTreeSet<(i64, StoryId)>,
    /// In how many stories the shingles of a cell are; two shingles may share one.
    held: Vec<u16>,
    latest: i64,
}

#[derive(Debug, Clone)]
struct Remembered {
    lead: Told,
    last: i64,
}

impl Shelf {
    /// Remembers at most `capacity` stories; the one not copied for longest is forgotten.
    pub fn new(capacity: usize) -> Shelf {
        let cells = capacity.max(1).saturating_mul(CELLS).next_power_of_two();
        Shelf {
            capacity,
            stories: HashMap::new(),
            keys: BTreeSet::new(),
            order: BTreeSet::new(),
            held: vec![0; cells],
            latest: i64::MIN,
        }
    }

    /// The story of a mention that arrived at this instant: the one that it has while that still
    /// fits (it may have been edited), else the one that it copies, else its own.
    pub fn place(
        &mut self,
        seq: Seq,
        told: Option<Told>,
        has: Option<StoryId>,
        at: Timestamp,
    ) -> StoryId {
        let own = StoryId(seq);
        let stays = has.filter(|story| match (self.lead(*story), &told) {
            // Whoever leads stays, whatever became of its text: its copies copied it.
            (Some(lead), _) if lead.seq == seq => true,
            (Some(lead), Some(told)) => self.compare(told, lead).is_some(),
            (Some(_), None) => false,
            // What is forgotten is not judged again.
            (None, _) => true,
        });
        let leads = stays
            .is_some_and(|story| self.lead(story).map_or(story == own, |lead| lead.seq == seq));
        let Some(told) = told else { return stays.unwrap_or(own) };
        if let Some(story) = stays {
            if leads {
                self.put(story, told, at);
            }
            return story;
        }
        if let Some(copy) = self.find(&told, at) {
            self.touch(copy.story, at);
            return copy.story;
        }
        self.put(own, told, at);
        own
    }

    /// The story that a text of this instant belongs to; of several the most alike, then the
    /// oldest.
    pub fn find(&mut self, told: &Told, at: Timestamp) -> Option<Copy> {
        self.latest = self.latest.max(at.as_second());
        self.forget();
        let mut votes: HashMap<StoryId, u32> = HashMap::new();
        for &key in told.sketch.shingles().iter().filter(|key| !self.is_common(**key)) {
            let holders = self.keys.range((key, StoryId(0))..=(key, StoryId(u64::MAX)));
            for (_, story) in holders.take(PER_KEY) {
                *votes.entry(*story).or_default() += 1;
            }
        }
        if votes.is_empty() {
            return self.find_form(told);
        }
        let mut candidates: Vec<(StoryId, u32)> = votes.into_iter().collect();
        candidates.sort_unstable_by_key(|(story, votes)| (std::cmp::Reverse(*votes), *story));
        let copies = candidates.iter().take(COMPARED).filter_map(|(story, _)| {
            let likeness = self.compare(told, &self.stories.get(story)?.lead)?;
            Some(Copy { story: *story, likeness })
        });
        let rank = |copy: &Copy| copy.likeness.jaccard();
        copies.max_by(|a, b| rank(a).total_cmp(&rank(b)).then(b.story.cmp(&a.story)))
    }

    /// A text of which everything is common is a copy only of its very self.
    fn find_form(&self, told: &Told) -> Option<Copy> {
        let &key = told.sketch.shingles().first()?;
        let holders = self.keys.range((key, StoryId(0))..=(key, StoryId(u64::MAX)));
        holders.take(PER_KEY).find_map(|(_, story)| {
            let likeness = self.compare(told, &self.stories.get(story)?.lead)?;
            Some(Copy { story: *story, likeness })
        })
    }

    /// What two texts share, when that makes them one story.
    fn compare(&self, told: &Told, lead: &Told) -> Option<Likeness> {
        let (a, b) = (&told.sketch, &lead.sketch);
        let whole = a.likeness(b, |_| false);
        let (small, large) = (a.size().min(b.size()), a.size().max(b.size()));
        if small < FORM && a.numbers_differ(b) {
            return None;
        }
        if whole.jaccard() >= IDENTICAL {
            return Some(whole);
        }
        let own = a.likeness(b, |shingle| self.is_common(shingle));
        let one_voice = told.voice == lead.voice;
        let same = match (one_voice, small < SHORT) {
            (true, _) => SAME_VOICE,
            (false, true) => SAME_SHORT,
            (false, false) => SAME,
        };
        let quoted = !one_voice
            && own.contained() >= CONTAINED
            && own.shared >= FEWEST_CONTAINED
            && large <= small.saturating_mul(LARGEST);
        // Without what is common a little that is left may be all alike: it has to be enough.
        let enough = own.shared >= OWN || whole.jaccard() >= same;
        ((enough && own.jaccard() >= same) || quoted).then_some(own)
    }

    /// Remembers the lead of a story, or replaces it after an edit.
    pub fn put(&mut self, story: StoryId, lead: Told, last: Timestamp) {
        let known = self.remove(story);
        let last = last.as_second().max(known.map_or(i64::MIN, |known| known.last));
        self.latest = self.latest.max(last);
        for shingle in lead.sketch.shingles() {
            let cell = self.cell(*shingle);
            if let Some(held) = self.held.get_mut(cell) {
                *held = held.saturating_add(1);
            }
        }
        self.keys.extend(lead.sketch.shingles().iter().take(KEYS).map(|key| (*key, story)));
        self.order.insert((last, story));
        self.stories.insert(story, Remembered { lead, last });
        self.forget();
    }

    /// Notes that a story was told again.
    pub fn touch(&mut self, story: StoryId, at: Timestamp) {
        let at = at.as_second();
        if let Some(known) = self.stories.get_mut(&story)
            && known.last < at
        {
            self.order.remove(&(known.last, story));
            known.last = at;
            self.order.insert((at, story));
            self.latest = self.latest.max(at);
        }
        self.forget();
    }

    /// Forgets a story.
    pub fn take_off(&mut self, story: StoryId) {
        drop(self.remove(story));
    }

    fn forget(&mut self) {
        while let Some(&(last, story)) = self.order.first()
            && (self.stories.len() > self.capacity
                || self.latest.saturating_sub(last) > REMEMBERED.as_secs())
        {
            drop(self.remove(story));
        }
    }

    fn remove(&mut self, story: StoryId) -> Option<Remembered> {
        let known = self.stories.remove(&story)?;
        self.order.remove(&(known.last, story));
        for key in known.lead.sketch.shingles().iter().take(KEYS) {
            self.keys.remove(&(*key, story));
        }
        for shingle in known.lead.sketch.shingles() {
            let cell = self.cell(*shingle);
            if let Some(held) = self.held.get_mut(cell) {
                *held = held.saturating_sub(1);
            }
        }
        Some(known)
    }

    /// The lead of a story, while it is remembered.
    pub fn lead(&self, story: StoryId) -> Option<&Told> {
        self.stories.get(&story).map(|known| &known.lead)
    }

    fn is_common(&self, shingle: u32) -> bool {
        self.held.get(self.cell(shingle)).is_some_and(|held| *held >= COMMON)
    }

    fn cell(&self, shingle: u32) -> usize {
        // The hashes of a sample are small numbers: their lower bits are the random ones.
        shingle as usize & (self.held.len() - 1)
    }

    /// How many stories are remembered.
    pub fn len(&self) -> usize {
        self.stories.len()
    }

    pub fn is_empty(&self) -> bool {
        self.stories.is_empty()
    }

    /// Bytes that the shelf holds, to a few percent: the trees are counted at two thirds full.
    pub fn bytes(&self) -> usize {
        let sketches: usize = self.stories.values().map(|known| known.lead.sketch.bytes()).sum();
        let story = size_of::<(StoryId, Remembered)>() - size_of::<Sketch>();
        let trees = self.keys.len() * size_of::<(u32, StoryId)>()
            + self.order.len() * size_of::<(i64, StoryId)>();
        sketches
            + self.stories.capacity() * (story + 1)
            + trees * 3 / 2
            + self.held.len() * size_of::<u16>()
    }
}

#[cfg(test)]
impl Shelf {
    /// Whether the cells count the remembered stories and nothing else.
    pub(super) fn held_is_exact(&self) -> bool {
        let shingles = |known: &Remembered| known.lead.sketch.shingles().len();
        let counted: usize = self.held.iter().map(|held| usize::from(*held)).sum();
        counted == self.stories.values().map(shingles).sum::<usize>()
            && self.keys.len() <= self.stories.len() * KEYS
            && self.order.len() == self.stories.len()
    }
}
