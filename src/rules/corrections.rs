//! What people said of texts that were heard wrong: a corrected text, and every copy of it, has
//! the tone that they heard.

use std::ops::Range;

use foldhash::{HashMap, HashMapExt};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use crate::diagnostic::Diagnostic;
use crate::model::{Lang, Opinion, Timestamp, Tone, WatchId};
use crate::text::fingerprint::{alike, fingerprint};
use crate::text::fold::folded;

/// The file in the operator's rules directory, one correction a line.
pub const FILE: &str = "corrections.jsonl";

/// Corrections that are remembered, the newest: comparing a text with all of them takes as long as
/// scoring it.
const MOST: usize = 10_000;

/// Longer than any mention that is read; a line beyond it is no correction.
const LONGEST_LINE: usize = 256 * 1024;

/// Problems of one file that are told; after so many it is no file of corrections.
const MOST_PROBLEMS: usize = 20;

/// One line of the file: a text and the tone that a person heard in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    pub text: String,
    pub tone: Tone,
    /// The watch it was said for; without one it holds for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch: Option<WatchId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<Lang>,
    /// Who said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

impl Correction {
    /// What is wrong with it, beyond what a type can say.
    pub fn problem(&self) -> Option<(&'static str, &'static str)> {
        if !self.text.contains(char::is_alphanumeric) {
            return Some(("the text holds no word", "give the whole text that was heard wrong"));
        }
        if self.tone == Tone::Unknown {
            return Some(("nobody can hear an unknown tone", TONES));
        }
        None
    }
}

const TONES: &str = "write negative, neutral, positive or mixed";

/// All corrections, ready to be asked about many texts. Only what tells texts apart is kept, not
/// the texts.
#[derive(Debug, Clone, Default)]
pub struct Corrections {
    /// In the order of the file: the last word on a text is the one that counts.
    said: Vec<Said>,
    /// Where each text stands in `said`, oldest first.
    places: HashMap<u128, Vec<usize>>,
}

#[derive(Debug, Clone)]
struct Said {
    fingerprint: u64,
    watch: Option<WatchId>,
    opinion: Opinion,
}

impl Corrections {
    /// Reads a file: every line that is a correction, and what is wrong with the others.
    pub fn read(text: &str) -> (Corrections, Vec<Diagnostic>) {
        let mut read = Vec::new();
        let mut problems = Vec::new();
        for (span, line) in lines(text) {
            match correction(line) {
                Ok(correction) => read.push(correction),
                Err((title, help)) => problems.push(Diagnostic::error(span, title).help(help)),
            }
        }
        problems.truncate(MOST_PROBLEMS);
        if let Some(forgotten) = read.len().checked_sub(MOST).filter(|forgotten| *forgotten > 0) {
            let title = format!("only the newest {MOST} corrections are used");
            let help = format!("`vigie sentiment train` learns from all; then remove {forgotten}");
            problems.push(Diagnostic::warning(0..0, title).help(help));
            read.drain(..forgotten);
        }
        (read.into_iter().collect(), problems)
    }

    pub fn len(&self) -> usize {
        self.said.len()
    }

    pub fn is_empty(&self) -> bool {
        self.said.is_empty()
    }

    /// The last word on this text, or on one that it is a copy of. What was said for the watch
    /// goes before what was said for all, the same text before a copy.
    pub fn find(&self, text: &str, watch: Option<&WatchId>) -> Option<&Opinion> {
        if self.is_empty() {
            return None;
        }
        let same = self.places.get(&identity(text));
        let same: Vec<&Said> =
            same.into_iter().flatten().filter_map(|place| self.said.get(*place)).collect();
        let print = fingerprint(text);
        let copies = || self.said.iter().filter(|said| alike(said.fingerprint, print));
        let last = |of: Option<&WatchId>| {
            let asked = |said: &&Said| said.watch.as_ref() == of;
            let exact = same.iter().rev().copied().find(asked);
            exact.or_else(|| copies().rev().find(asked))
        };
        let own = watch.and_then(|watch| last(Some(watch)));
        own.or_else(|| last(None)).map(|said| &said.opinion)
    }
}

impl FromIterator<Correction> for Corrections {
    fn from_iter<I: IntoIterator<Item = Correction>>(corrections: I) -> Corrections {
        let mut all = Corrections { said: Vec::new(), places: HashMap::new() };
        for Correction { text, tone, watch, by, at, .. } in corrections {
            all.places.entry(identity(&text)).or_default().push(all.said.len());
            let opinion = Opinion::Correction { tone, by, at };
            all.said.push(Said { fingerprint: fingerprint(&text), watch, opinion });
        }
        all
    }
}

/// What a text is recognised by: its words as they are folded, however they are spaced.
fn identity(text: &str) -> u128 {
    let words: Vec<String> = text.split_whitespace().map(folded).collect();
    xxh3_128(words.join(" ").as_bytes())
}

/// The lines that hold something, each with its place.
pub fn lines(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').filter_map(move |whole| {
        let line = whole.trim();
        let from = start + (whole.len() - whole.trim_start().len());
        start += whole.len();
        (!line.is_empty()).then_some((from..from + line.len(), line))
    })
}

fn correction(line: &str) -> Result<Correction, (String, String)> {
    if line.len() > LONGEST_LINE {
        let title = format!("{} bytes are no correction", line.len());
        return Err((title, "one text a line, as `vigie sentiment correct` writes it".to_owned()));
    }
    let read: Correction = serde_json::from_str(line).map_err(|error| {
        let help = "one JSON object a line: {\"text\": \"…\", \"tone\": \"negative\"}, and watch, \
                    lang, by, at where they are known";
        (format!("no correction: {error}"), help.to_owned())
    })?;
    match read.problem() {
        Some((title, help)) => Err((title.to_owned(), help.to_owned())),
        None => Ok(read),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = "Trois heures d'attente au guichet, personne ne répond et le colis est \
        reparti sans explication, c'est la dernière fois que je commande chez eux";

    fn correction(text: &str, tone: Tone, watch: Option<&str>) -> Correction {
        let watch = watch.map(|id| WatchId::new(id).unwrap());
        Correction { text: text.to_owned(), tone, watch, lang: None, by: None, at: None }
    }

    #[track_caller]
    fn check(corrections: &[Correction], text: &str, watch: &str, expected: Option<Tone>) {
        let all: Corrections = corrections.iter().cloned().collect();
        let found = all.find(text, Some(&WatchId::new(watch).unwrap()));
        let tone = found.map(|opinion| match opinion {
            Opinion::Correction { tone, .. } => *tone,
            other => panic!("{other:?}"),
        });
        assert_eq!(tone, expected, "{text}");
    }

    #[test]
    fn a_text_is_recognised_through_case_accents_and_spaces() {
        let said = [correction("Merci l’Été !", Tone::Negative, None)];
        check(&said, "MERCI  L'ÉTÉ !\n", "acme", Some(Tone::Negative));
        check(&said, "Merci l'Été ?", "acme", None);
        check(&[], "Merci", "acme", None);
    }

    #[test]
    fn a_copy_of_a_corrected_text_takes_its_tone() {
        let said = [correction(LONG, Tone::Negative, None)];
        check(&said, &format!("@acme {LONG} https://t.example/1"), "acme", Some(Tone::Negative));
        check(&said, "Deux heures d'attente au téléphone et rien au bout", "acme", None);
    }

    #[test]
    fn what_was_said_for_the_watch_goes_first_and_the_last_word_counts() {
        let said = [
            correction("un texte", Tone::Positive, None),
            correction("un texte", Tone::Mixed, Some("acme")),
            correction("un texte", Tone::Neutral, None),
        ];
        check(&said, "un texte", "acme", Some(Tone::Mixed));
        check(&said, "un texte", "other", Some(Tone::Neutral));
        let copy = format!("{LONG} !");
        let said = [
            correction(LONG, Tone::Positive, Some("acme")),
            correction(&copy, Tone::Neutral, Some("acme")),
        ];
        check(&said, LONG, "acme", Some(Tone::Positive));
    }

    #[test]
    fn every_line_that_is_none_is_told_with_its_place() {
        let text = "{\"text\": \"un\", \"tone\": \"negative\"}\n\n{\"text\": \"deux\"}\n\
            {\"text\": \"trois\", \"tone\": \"unknown\"}\n{\"text\": \"!!\", \"tone\": \"neutral\"}\n\
            {\"text\": \"cinq\", \"tone\": \"neutral\", \"who\": 1}";
        let (read, problems) = Corrections::read(text);
        assert_eq!(read.len(), 1);
        let told: Vec<(&str, bool)> = problems
            .iter()
            .map(|p| (text.get(p.span.clone()).unwrap(), p.title.contains("no correction")))
            .collect();
        assert_eq!(told.len(), 4);
        assert_eq!(told[0], ("{\"text\": \"deux\"}", true));
        assert_eq!(told[1].0, "{\"text\": \"trois\", \"tone\": \"unknown\"}");
        assert!(told[3].1, "an unknown key is a mistake");
    }

    #[test]
    fn the_memory_is_bounded_and_keeps_the_newest() {
        let line = |n: usize| format!("{{\"text\": \"texte {n}\", \"tone\": \"negative\"}}\n");
        let text: String = (0..MOST + 2).map(line).collect();
        let (read, problems) = Corrections::read(&text);
        assert_eq!((read.len(), problems.len()), (MOST, 1));
        assert_eq!(read.find("texte 1", None), None);
        assert!(read.find("texte 2", None).is_some());
        let garbage = "x\n".repeat(1000);
        assert_eq!(Corrections::read(&garbage).1.len(), MOST_PROBLEMS);
    }

    #[test]
    fn what_is_written_reads_back() {
        let mut one = correction("un « texte »\n\u{1b}", Tone::Mixed, Some("acme"));
        one.by = Some("claire".to_owned());
        one.at = Some(Timestamp::UNIX_EPOCH);
        one.lang = Some(Lang::FR);
        let line = serde_json::to_string(&one).unwrap();
        assert!(!line.contains('\n'));
        assert_eq!(super::correction(&line), Ok(one));
    }
}
