//! New terms: the words and expressions that are said now and not usually, with who says them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::Serialize;

use super::stop::is_stop;
use crate::model::{Seq, StoryId};
use crate::text::fold::{fold, words};
use crate::text::spoken::is_platform;

/// Terms told.
const TERMS: usize = 8;

/// A term is said in this many stories, by this many voices: a copied text makes none, nor does
/// one author.
const FEWEST: usize = 3;

/// Surprise from which a term is new: one word in a hundred is so by chance.
const NEW: f64 = 2.3;

/// Words of a text that are listened to: 1,000 texts then make 240,000 terms at most.
const WORDS: usize = 120;

/// Stop words that may stand inside an expression: `fuite de données`, `out of the box`.
const BRIDGE: usize = 2;

/// Spellings of a term that are counted.
const FORMS: usize = 4;

/// Share of the mentions of one term in which another says it too: the two are one.
const ALIKE: f64 = 0.6;

/// A text to listen to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard<'a> {
    pub seq: Seq,
    pub story: StoryId,
    pub voice: u64,
    pub text: &'a str,
}

/// A word or an expression that is new.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Term {
    /// As it is written most often.
    pub text: String,
    pub stories: usize,
    pub authors: usize,
    /// How much more it is said than usually: log-odds in standard deviations.
    pub surprise: f64,
    /// The mentions that say it.
    pub mentions: Vec<Seq>,
}

/// What of a term was counted in the wave.
#[derive(Debug, Default)]
struct Counted {
    stories: BTreeSet<StoryId>,
    voices: BTreeSet<u64>,
    mentions: BTreeSet<Seq>,
    forms: BTreeMap<String, u32>,
}

impl Counted {
    fn support(&self) -> usize {
        self.stories.len().min(self.voices.len())
    }

    fn hear(&mut self, heard: &Heard<'_>, form: &str) {
        self.stories.insert(heard.story);
        self.voices.insert(heard.voice);
        self.mentions.insert(heard.seq);
        if let Some(count) = self.forms.get_mut(form) {
            *count += 1;
        } else if self.forms.len() < FORMS {
            self.forms.insert(form.to_owned(), 1);
        }
    }

    /// The spelling met most often, the first by alphabet of equals.
    fn form(&self) -> String {
        let best = self.forms.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)));
        best.map(|(form, _)| form.clone()).unwrap_or_default()
    }
}

/// The terms of the wave that are not usual, most surprising first, at most eight.
///
/// `known` are folded words that say nothing here: those of the brand. A term counts once for a
/// story and once for a voice. The surprise is the log-odds ratio with Jeffreys' prior of half a
/// text, over its standard deviation (Monroe, Colaresi, Quinn, "Fightin' Words", 2008). Where
/// nothing was heard before, nothing is new.
pub fn new_terms(wave: &[Heard<'_>], usual: &[Heard<'_>], known: &BTreeSet<String>) -> Vec<Term> {
    let mut counted: BTreeMap<String, Counted> = BTreeMap::new();
    for heard in wave {
        spoken_terms(heard.text, known, |term, form| match counted.get_mut(term) {
            Some(count) => count.hear(heard, form),
            None => counted.entry(term.to_owned()).or_default().hear(heard, form),
        });
    }
    counted.retain(|_, count| count.support() >= FEWEST);
    let mut before: BTreeMap<&str, Counted> = BTreeMap::new();
    for heard in usual {
        spoken_terms(heard.text, known, |term, _| {
            if let Some((term, _)) = counted.get_key_value(term) {
                before.entry(term).or_default().hear(heard, "");
            }
        });
    }
    let (now, then) = (size(wave), size(usual));
    let rated = counted.iter().filter_map(|(term, count)| {
        let usually = before.get(term.as_str()).map_or(0, Counted::support);
        let surprise = surprise(count.support(), now, usually, then);
        (surprise >= NEW).then_some((term.as_str(), count, surprise))
    });
    chosen(rated.collect())
}

/// Texts that count: stories or voices, whichever are fewer.
fn size(texts: &[Heard<'_>]) -> usize {
    let stories: HashSet<StoryId> = texts.iter().map(|heard| heard.story).collect();
    let voices: HashSet<u64> = texts.iter().map(|heard| heard.voice).collect();
    stories.len().min(voices.len())
}

fn surprise(with: usize, of: usize, usually: usize, usual: usize) -> f64 {
    let prior = 0.5;
    let [with, of, usually, usual] = [with, of, usually, usual].map(|count| count as f64);
    let odds = |with: f64, of: f64| (with + prior) / (of - with + prior);
    let ratio = (odds(with, of) / odds(usually, usual)).ln();
    ratio / (1.0 / (with + prior) + 1.0 / (usually + prior)).sqrt()
}

/// The best terms, each saying something that the ones before it do not.
fn chosen(mut rated: Vec<(&str, &Counted, f64)>) -> Vec<Term> {
    // An expression goes before its words, which say less of the same mentions.
    let covers = |long: &(&str, &Counted, f64), short: &(&str, &Counted, f64)| {
        long.0.contains(' ')
            && !short.0.contains(' ')
            && long.0.split(' ').any(|word| word == short.0)
            && shared(long.1, short.1) >= ALIKE * short.1.mentions.len() as f64
    };
    let expressions: Vec<_> = rated.iter().filter(|term| term.0.contains(' ')).copied().collect();
    rated.retain(|term| !expressions.iter().any(|long| covers(long, term)));
    rated.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(b.0)));
    let mut kept: Vec<(&str, &Counted, f64)> = Vec::new();
    for term in rated {
        let told = kept.iter().any(|known| {
            let fewer = known.1.mentions.len().min(term.1.mentions.len()) as f64;
            known.0.split(' ').any(|word| term.0.split(' ').any(|other| word == other))
                && shared(known.1, term.1) >= ALIKE * fewer
        });
        if !told && kept.len() < TERMS {
            kept.push(term);
        }
    }
    let term = |(_, count, surprise): (&str, &Counted, f64)| Term {
        text: count.form(),
        stories: count.stories.len(),
        authors: count.voices.len(),
        surprise,
        mentions: count.mentions.iter().copied().collect(),
    };
    kept.into_iter().map(term).collect()
}

fn shared(a: &Counted, b: &Counted) -> f64 {
    a.mentions.intersection(&b.mentions).count() as f64
}

/// A word of a line: folded, where it was written, whether it says something by itself.
struct Said<'a> {
    word: &'a str,
    start: usize,
    end: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Telling,
    /// May stand inside an expression.
    Stop,
    /// The brand, a number: ends an expression.
    Wall,
}

/// Gives each telling word and each expression of two of them, folded and as it is written.
fn spoken_terms(text: &str, known: &BTreeSet<String>, mut give: impl FnMut(&str, &str)) {
    let mut left = WORDS;
    for line in text.lines() {
        let pieces: Vec<&str> =
            line.split_whitespace().filter(|piece| !is_platform(piece)).take(left).collect();
        left -= pieces.len();
        let line = pieces.join(" ");
        let folded = fold(&line);
        let said: Vec<Said<'_>> = words(&folded.text)
            .map(|word| {
                let span = folded.original(word.start, word.end());
                let kind = kind(word.text, known);
                Said { word: word.text, start: hashed(&line, span.start), end: span.end, kind }
            })
            .collect();
        for (place, one) in said.iter().enumerate().filter(|(_, said)| said.kind == Kind::Telling) {
            give(one.word, line.get(one.start..one.end).unwrap_or(one.word));
            let mut rest = said.iter().skip(place + 1).take(BRIDGE + 1);
            let next = rest.find(|said| said.kind != Kind::Stop);
            if let Some(next) = next.filter(|next| next.kind == Kind::Telling)
                && let Some(between) = line.get(one.end..next.start)
                && !between.contains(|c: char| ".,;:!?()[]«»\"“”|/…—–#".contains(c))
                && next.word != one.word
                && let Some(form) = line.get(one.start..next.end)
            {
                give(&format!("{} {}", one.word, next.word), form);
            }
        }
    }
}

/// Where a word begins when its `#` is part of it.
fn hashed(line: &str, start: usize) -> usize {
    if line.get(..start).is_some_and(|before| before.ends_with('#')) { start - 1 } else { start }
}

fn kind(word: &str, known: &BTreeSet<String>) -> Kind {
    if known.contains(word) || word.bytes().all(|b| b.is_ascii_digit()) {
        Kind::Wall
    } else if is_stop(word) {
        Kind::Stop
    } else {
        Kind::Telling
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts, each a story and a voice of its own.
    fn heard<'a>(texts: &[&'a str], from: u64) -> Vec<Heard<'a>> {
        (from..)
            .zip(texts)
            .map(|(n, text)| Heard { seq: n, story: StoryId(n), voice: n, text })
            .collect()
    }

    fn usual() -> Vec<&'static str> {
        let texts = [
            "J'ai reçu mon yaourt Acme ce matin, il est bon",
            "Acme lance un nouveau yaourt à la vanille",
            "Le service client d'Acme répond vite",
            "Mon fils adore le yaourt Acme au petit déjeuner",
        ];
        texts.iter().cycle().take(80).copied().collect()
    }

    fn told(wave: &[Heard<'_>]) -> Vec<String> {
        let known = BTreeSet::from(["acme".to_owned()]);
        let usual = usual();
        let terms = new_terms(wave, &heard(&usual, 1_000), &known);
        terms.into_iter().map(|term| term.text).collect()
    }

    const WAVE: [&str; 5] = [
        "Rappel de lot chez Acme : le yaourt a une odeur suspecte",
        "Odeur suspecte dans mon yaourt Acme, c'est une honte https://x.example/odeur",
        "@acme une odeur suspecte, toujours pas de rappel de lot !",
        "Le yaourt Acme : rappel de lot, vérifiez vos frigos #BoycottAcme",
        "Encore un #BoycottAcme et c'est mérité. #boycottacme #BoycottAcme",
    ];

    #[test]
    fn what_is_said_now_and_not_usually_is_told_as_it_is_written() {
        assert_eq!(told(&heard(&WAVE, 1)), ["odeur suspecte", "rappel de lot"]);
    }

    #[test]
    fn each_term_opens_to_the_mentions_that_say_it() {
        let known = BTreeSet::from(["acme".to_owned()]);
        let usual = usual();
        let terms = new_terms(&heard(&WAVE, 1), &heard(&usual, 1_000), &known);
        let smell = terms.iter().find(|term| term.text == "odeur suspecte").unwrap();
        assert_eq!(
            (smell.mentions.as_slice(), smell.stories, smell.authors),
            (&[1, 2, 3][..], 3, 3)
        );
    }

    #[test]
    fn one_text_copied_and_one_author_make_no_term() {
        let mut copied = heard(&WAVE[1..2].repeat(9), 1);
        for heard in &mut copied {
            heard.story = StoryId(1);
        }
        assert_eq!(told(&copied), Vec::<String>::new());
        let mut one = heard(&WAVE[1..2].repeat(9), 1);
        for heard in &mut one {
            heard.voice = 7;
        }
        assert_eq!(told(&one), Vec::<String>::new());
    }

    #[test]
    fn a_new_watch_has_nothing_usual_to_differ_from() {
        assert_eq!(new_terms(&heard(&WAVE, 1), &[], &BTreeSet::new()), []);
        assert_eq!(told(&[]), Vec::<String>::new());
    }

    #[test]
    fn stop_words_accounts_addresses_and_numbers_are_no_terms() {
        let texts = ["the and of RT @anne https://a.example/panne 2026 d'une qu'il é"; 5];
        assert_eq!(told(&heard(&texts, 1)), Vec::<String>::new());
    }

    proptest::proptest! {
        #[test]
        fn any_texts_give_few_terms_that_open(
            texts in proptest::collection::vec("(?s)[a-d#@ .é’\\PC]{0,60}", 0..12)
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let usual = usual();
            let terms = new_terms(&heard(&texts, 1), &heard(&usual, 1_000), &BTreeSet::new());
            proptest::prop_assert!(terms.len() <= TERMS);
            for term in terms {
                proptest::prop_assert!(term.mentions.len() >= FEWEST && !term.text.is_empty());
            }
        }
    }
}
