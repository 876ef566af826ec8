//! What language authors usually write in: what is likely when their next post is short.

use foldhash::HashMap;
use xxhash_rust::xxh3::xxh3_64;

use crate::model::{Item, Lang, Language};

/// Texts that make a habit, and how many of five have to be in the one language.
const FEWEST: u8 = 3;
const FOUR_OF_FIVE: u8 = 4;
/// A language that was only told or guessed makes no habit, or a guess would confirm itself.
const HEARD: f64 = 0.9;

/// The languages of the authors that were read lately. Bounded: when a generation is full the one
/// before it is forgotten, so whoever writes often is always remembered.
#[derive(Debug, Clone)]
pub struct Habits {
    capacity: usize,
    young: HashMap<u64, Habit>,
    old: HashMap<u64, Habit>,
}

/// Texts in the language, and in any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Habit {
    lang: Lang,
    same: u8,
    other: u8,
}

impl Habits {
    /// Remembers between `capacity` and twice as many authors, at about 20 bytes each.
    pub fn new(capacity: usize) -> Habits {
        Habits { capacity, young: HashMap::default(), old: HashMap::default() }
    }

    /// The language that the author of this item usually writes in.
    pub fn usual(&self, kind: &str, item: &Item) -> Option<Lang> {
        let author = author(kind, item)?;
        let habit = self.young.get(&author).or_else(|| self.old.get(&author))?;
        let usual = habit.same >= FEWEST && habit.same >= habit.other.saturating_mul(FOUR_OF_FIVE);
        usual.then_some(habit.lang)
    }

    /// Hears what one of an author's texts was written in.
    pub fn hear(&mut self, kind: &str, item: &Item, language: Language) {
        let (Some(author), Some(lang)) = (author(kind, item), language.code) else { return };
        if language.confidence < HEARD {
            return;
        }
        let known = self.young.get(&author).or_else(|| self.old.get(&author)).copied();
        let before = known.unwrap_or(Habit { lang, same: 0, other: 0 });
        if self.young.len() >= self.capacity && !self.young.contains_key(&author) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(author, before.then(lang));
    }
}

impl Habit {
    fn then(self, lang: Lang) -> Habit {
        if lang == self.lang {
            Habit { same: self.same.saturating_add(1), ..self }
        } else if self.other >= self.same {
            Habit { lang, same: 1, other: self.same }
        } else {
            Habit { other: self.other.saturating_add(1), ..self }
        }
    }
}

/// Accounts of different kinds are different authors; a text without an author has no habit.
fn author(kind: &str, item: &Item) -> Option<u64> {
    let name = item.author.as_ref()?.identity();
    (!name.is_empty()).then(|| xxh3_64(format!("{kind}\0{name}").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Author, ItemKey};

    fn by(name: &str) -> Item {
        let author = Author { name: name.to_owned(), ..Author::default() };
        Item { author: Some(author), ..Item::new(ItemKey::of(&["test", name]), name) }
    }

    #[track_caller]
    fn check(heard: &[(&str, f64)], expected: &str) {
        let mut habits = Habits::new(10);
        for (code, confidence) in heard {
            let language = Language { code: Lang::parse(code), confidence: *confidence };
            habits.hear("feed", &by("Anne"), language);
        }
        assert_eq!(habits.usual("feed", &by("Anne")), Lang::parse(expected), "{heard:?}");
        assert_eq!(habits.usual("nntp", &by("Anne")), None);
    }

    #[test]
    fn three_clear_texts_make_a_habit() {
        check(&[("fr", 0.95), ("fr", 0.95)], "");
        check(&[("fr", 0.95), ("fr", 0.95), ("fr", 0.9)], "fr");
        check(&[("fr", 0.95), ("fr", 0.6), ("fr", 0.6)], "");
        check(&[("fr", 0.95), ("en", 0.95), ("fr", 0.95), ("fr", 0.95)], "");
    }

    #[test]
    fn an_author_may_change_the_language() {
        let moved = [("fr", 1.0), ("en", 1.0), ("en", 1.0), ("en", 1.0), ("en", 1.0), ("en", 1.0)];
        check(&moved, "en");
    }

    #[test]
    fn the_memory_is_bounded_and_keeps_who_writes_often() {
        let mut habits = Habits::new(100);
        let french = Language { code: Some(Lang::FR), confidence: 1.0 };
        for n in 0..10_000 {
            habits.hear("feed", &by(&n.to_string()), french);
            habits.hear("feed", &by("Anne"), french);
        }
        assert!(habits.young.len() + habits.old.len() <= 200);
        assert_eq!(habits.usual("feed", &by("Anne")), Some(Lang::FR));
    }

    #[test]
    fn who_has_no_name_has_no_habit() {
        let mut habits = Habits::new(10);
        let french = Language { code: Some(Lang::FR), confidence: 1.0 };
        for _ in 0..5 {
            habits.hear("feed", &by(""), french);
        }
        assert_eq!(habits.usual("feed", &by("")), None);
    }
}
