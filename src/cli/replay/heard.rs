//! The mentions of a file as the detectors of its watches hear them.

use std::collections::BTreeMap;
use std::io::BufRead;

use indicatif::ProgressBar;

use super::lines::{self, Line};
use crate::cli::output::Output;
use crate::language;
use crate::model::finding::full_text;
use crate::model::mention::event_time;
use crate::model::{Item, Lang, Language, Mention, Seq, SourceId, Timestamp, Tone, WatchId};
use crate::replay::{Heard, Hearing, heard_at};
use crate::risk::Echo;
use crate::rules::Rules;
use crate::sentiment::{Passage, score};
use crate::source::KINDS;
use crate::text::fingerprint::fingerprint;
use crate::topic;
use crate::understand::{Origin, Watches, understand};
use crate::velocity::Signal;

/// Mentions of one replay; more are several replays.
const MOST: usize = 20_000_000;

/// Bad lines that are told one by one; of the rest only the number is.
const TOLD: usize = 10;

/// The mentions of a file, by watch and in order of arrival.
#[derive(Default)]
pub(super) struct Given {
    pub watches: BTreeMap<WatchId, Vec<Heard>>,
    /// The same as the other ears hear it, in their order.
    pub others: Vec<BTreeMap<WatchId, Vec<Heard>>>,
    pub lines: usize,
    pub bad: usize,
    /// Lines in which no watch finds anything.
    pub unmatched: usize,
}

/// How lines become signals.
pub(super) struct Ears<'a> {
    pub watches: &'a Watches,
    pub rules: &'a Rules,
    /// Without a configuration every line that names no watch is about this one.
    pub alone: Option<&'a WatchId>,
    /// The one watch that is configured, where there is only one: a line without a text, in which
    /// nothing can be found, is about it.
    pub only: Option<&'a WatchId>,
}

/// Reads a file whole, as the present watches hear it and as others do. What cannot be read is told
/// with its line, and left out.
pub(super) fn read(
    input: &mut dyn BufRead,
    ears: &Ears<'_>,
    others: &[Ears<'_>],
    progress: &ProgressBar,
    output: &mut Output,
) -> Result<Given, String> {
    let others_heard = vec![BTreeMap::new(); others.len()];
    let mut given = Given { others: others_heard, ..Given::default() };
    let (mut buffer, mut kept) = (Vec::new(), 0_usize);
    while let Some(line) = lines::next(input, &mut buffer) {
        given.lines += 1;
        progress.inc(buffer.len() as u64);
        let line = match line {
            Ok(line) => line,
            // An empty line is nothing, and nothing is wrong with it.
            Err(reason) if reason.is_empty() => continue,
            Err(reason) => {
                given.bad += 1;
                if given.bad <= TOLD {
                    let number = given.lines;
                    progress.suspend(|| output.say(format!("line {number}: {reason}")));
                }
                continue;
            }
        };
        let number = given.lines as u64;
        let heard = ears.hear(&line, number);
        given.unmatched += usize::from(heard.is_empty());
        kept += keep(heard, &mut given.watches);
        for (ears, watches) in others.iter().zip(&mut given.others) {
            kept += keep(ears.hear(&line, number), watches);
        }
        if kept > MOST {
            return Err(format!("more than {MOST} mentions: replay a part of them"));
        }
    }
    if given.bad > TOLD {
        output.say(format!("{} more lines cannot be read", given.bad - TOLD));
    }
    for watches in std::iter::once(&mut given.watches).chain(&mut given.others) {
        for heard in watches.values_mut() {
            order(heard);
        }
    }
    Ok(given)
}

/// Keeps what each watch heard; gives how much it is.
fn keep(heard: Vec<(WatchId, Heard)>, watches: &mut BTreeMap<WatchId, Vec<Heard>>) -> usize {
    let count = heard.len();
    for (watch, heard) in heard {
        watches.entry(watch).or_default().push(heard);
    }
    count
}

/// Sorts by arrival, and says when each is heard.
fn order(heard: &mut [Heard]) {
    heard.sort_by_key(|heard| heard.echo.signal.arrived);
    let mut last = Timestamp::MIN;
    for heard in heard {
        heard.at = heard_at(heard.echo.signal.arrived, last);
        last = heard.at;
    }
}

impl Ears<'_> {
    /// What each watch hears of a line, which stands for the number of a mention.
    fn hear(&self, line: &Line, number: Seq) -> Vec<(WatchId, Heard)> {
        let signal = signal(line);
        let site = line.item.url.as_deref().and_then(|url| self.rules.press.of(url));
        let press = site.map(|site| site.host.clone());
        let spread = line.item.counts.spread();
        let topics = self.topics(line);
        let heard = |tone| {
            let (signal, press) = (Signal { tone, ..signal }, press.clone());
            let echo = Echo { seq: number, signal, spread, press, topics: topics.clone() };
            Heard { at: signal.arrived, hearing: Hearing::New, echo }
        };
        let counts = |watch: &WatchId| !line.aside.contains(watch);
        let textless = line.item.title.is_empty() && line.item.text.is_empty();
        let alone = || {
            let only = self.only.filter(|_| textless);
            Vec::from_iter(self.alone.or(only).cloned())
        };
        let named = if line.watches.is_empty() { alone() } else { line.watches.clone() };
        if let (false, Some(tone)) = (named.is_empty(), line.tone) {
            let counted = named.into_iter().filter(|watch| counts(watch));
            return counted.map(|watch| (watch, heard(tone))).collect();
        }
        let nowhere = nowhere();
        let origin = Origin {
            source: line.source.as_ref().unwrap_or(&nowhere),
            kind: line.kind.as_deref().unwrap_or_default(),
            lang: None,
            author_lang: None,
            seen: line.arrived,
        };
        let found = understand(&line.item, &origin, self.watches, self.rules);
        if named.is_empty() {
            let found = found.into_iter().filter(|found| found.aside.is_none());
            return found
                .filter(|found| counts(&found.watch))
                .map(|found| (found.watch, heard(line.tone.unwrap_or(found.sentiment.label))))
                .collect();
        }
        let tone = |watch: &WatchId| {
            let own = found.iter().find(|found| found.watch == *watch);
            own.map_or_else(|| self.tone(&line.item), |found| found.sentiment.label)
        };
        let counted = named.into_iter().filter(|watch| counts(watch));
        counted.map(|watch| (watch.clone(), heard(tone(&watch)))).collect()
    }

    /// The known risks that a line speaks of, unless it says so itself.
    fn topics(&self, line: &Line) -> Vec<String> {
        let text = full_text(&line.item.title, &line.item.text);
        if !line.topics.is_empty() || text.is_empty() {
            return line.topics.clone();
        }
        let hint = line.item.lang_hint.as_deref().and_then(Lang::parse);
        topic::topics(&text, &language::hear(&text, hint, &[]), self.rules)
    }

    /// The tone of a text in which no configured watch is found.
    fn tone(&self, item: &Item) -> Tone {
        let text = full_text(&item.title, &item.text);
        let hint = item.lang_hint.as_deref().and_then(Lang::parse);
        let language: Language = language::detect(&text, hint, &[]);
        let title = if item.text.is_empty() { 0 } else { item.title.len() };
        score(&Passage { text: &text, title, language, ..Passage::default() }, self.rules).label
    }
}

/// The source of a line that names none: no query names it.
fn nowhere() -> SourceId {
    SourceId::new("none").expect("a slug")
}

/// A line as the detector hears it, but for its tone. A line without an author is its source's
/// own word, as it is for the daemon; without a source too, its text stands for its author.
fn signal(line: &Line) -> Signal {
    let text = full_text(&line.item.title, &line.item.text);
    let kind = line.kind.as_deref().unwrap_or_default();
    let place = KINDS.iter().position(|known| known.name() == kind).unwrap_or(7);
    let fingerprint = if text.is_empty() { 0 } else { fingerprint(&text) };
    let nobody = line.item.author.is_none() && line.source.is_none();
    let mention = Mention {
        seq: 0,
        item: Item { text: String::new(), title: String::new(), ..line.item.clone() },
        source: line.source.clone().unwrap_or_else(nowhere),
        kind: kind.to_owned(),
        first_seen: line.arrived,
        fingerprint,
        findings: Vec::new(),
        revision: 0,
    };
    Signal {
        arrived: line.arrived,
        event: event_time(line.item.published, line.arrived),
        tone: Tone::Unknown,
        author: if nobody { 0 } else { mention.voice() },
        fingerprint,
        repost: line.repost,
        reach: line.reach,
        kind: u8::try_from(place).unwrap_or(7),
    }
}
