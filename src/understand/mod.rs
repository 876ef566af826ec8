//! What an item means for each watch: match, language, sentiment, topics, and whether it counts.

mod explain;
mod watches;

use crate::language::{self, Heard, Prior};
use crate::model::finding::full_text;
use crate::model::mention::event_time;
use crate::model::{Aside, Finding, Item, Lang, Language, SourceId, Span, Timestamp, Watch};
use crate::query::{Document, Prepared, Query, languages};
use crate::rules::Rules;
use crate::sentiment::{self, Passage};
use crate::standing::{Standing, Voice};
use crate::{spam, topic};

pub use explain::{Declined, Explanation, Match, Reason, explain};
pub use watches::Watches;

/// Where an item came from: what a query may ask for beside the text, and what is likely.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    pub source: &'a SourceId,
    pub kind: &'a str,
    /// The language of the source, where the item does not declare its own.
    pub lang: Option<Lang>,
    /// The language that its author usually writes in.
    pub author_lang: Option<Lang>,
    /// When the item was read.
    pub seen: Timestamp,
}

/// One finding for each watch that the item matches; none means that the item is forgotten.
///
/// A query may ask for the language, the topics and the tone, which are costly: it is asked with
/// what is cheap first, and again when more is known. The tone is the one towards its own watch,
/// scored with every place masked that may be why it matches.
pub fn understand(
    item: &Item,
    origin: &Origin<'_>,
    watches: &Watches,
    rules: &Rules,
) -> Vec<Finding> {
    let text = full_text(&item.title, &item.text);
    let prepared = Prepared::new(&text);
    let mut document = document(item, origin, &prepared);
    let candidates = watches.candidates(&document);
    if candidates.is_empty() {
        // Nine items out of ten end here, before anything costly.
        return Vec::new();
    }
    let voice = Voice::of(item);
    let candidates = admitted(candidates, &voice);
    if candidates.is_empty() {
        return Vec::new();
    }
    let heard = hear(item, origin, &text, watches);
    let kept: Vec<_> =
        candidates.into_iter().filter_map(|candidate| candidate.read(&heard, &document)).collect();
    if kept.is_empty() {
        return Vec::new();
    }
    let topics = topic::topics(&text, &heard, rules);
    document.topics = Some(&topics);
    // What speaks of a known risk counts, whatever it looks like.
    let spam = if topics.is_empty() { spam::spam(&text, voice.handle(), rules) } else { None };
    let all: Vec<Span> = kept.iter().flat_map(|(found, _)| found.spans.clone()).collect();
    // What is said of one watch is not said of the others.
    let others = if kept.len() > 1 { all.as_slice() } else { &[] };
    let finding = |(candidate, language): (Candidate<'_>, Language)| {
        let languages = languages([language], item);
        let mut known = Document { languages: Some(&languages), ..document };
        let asks = candidate.query.asks;
        let candidate = candidate.still(asks.topics, &known)?;
        let (watch, id) = (&candidate.spans, Some(&candidate.watch.id));
        let passage = Passage { language, watch, others, id, ..passage(item, &text) };
        let sentiment = sentiment::score(&passage, rules);
        let tones = [sentiment.label];
        known.tones = Some(&tones);
        let Candidate { watch, spans, aside, .. } = candidate.still(asks.tone, &known)?;
        let aside = aside.or_else(|| spam.clone());
        let (watch, topics) = (watch.id.clone(), topics.clone());
        Some(Finding { watch, spans, language, sentiment, topics, aside })
    };
    kept.into_iter().filter_map(finding).collect()
}

/// A watch that has not been refused yet.
struct Candidate<'w> {
    watch: &'w Watch,
    query: &'w Query,
    spans: Vec<Span>,
    /// Why it counts for nothing, when it is the watch's own voice.
    aside: Option<Aside>,
}

impl Candidate<'_> {
    /// The language where the text speaks of the watch, when the watch reads it.
    fn read(self, heard: &Heard, document: &Document<'_>) -> Option<(Self, Language)> {
        let language = heard.at(&self.spans);
        let languages = languages([language], document.item);
        let depends = self.query.asks.language;
        let known = Document { languages: Some(&languages), ..*document };
        let kept = keeps(self.watch, language).then_some(self)?;
        Some((kept.still(depends, &known)?, language))
    }

    /// Asks again, when the query depends on what has become known since.
    fn still(mut self, depends: bool, document: &Document<'_>) -> Option<Self> {
        if depends {
            self.spans = self.query.find(document)?;
        }
        Some(self)
    }
}

/// The language of an item, with what is likely before a letter is read.
fn hear(item: &Item, origin: &Origin<'_>, text: &str, watches: &Watches) -> Heard {
    let declared = item.lang_hint.as_deref().and_then(Lang::parse).or(origin.lang);
    let prior = Prior { declared, author: origin.author_lang };
    language::hear(text, prior, watches.languages())
}

/// What of an item is scored.
fn passage<'a>(item: &Item, text: &'a str) -> Passage<'a> {
    let title = if item.text.is_empty() { 0 } else { item.title.len() };
    Passage { text, title, rating: item.rating, ..Passage::default() }
}

/// What is known before anything costly: language, topics and tone are not.
fn document<'a>(item: &'a Item, origin: &Origin<'a>, text: &'a Prepared<'a>) -> Document<'a> {
    Document {
        text,
        item,
        source: origin.source.as_str(),
        kind: origin.kind,
        at: event_time(item.published, origin.seen),
        now: origin.seen,
        languages: None,
        topics: None,
        tones: None,
    }
}

/// Whether a watch reads this language. Undetermined is kept: better one mention too many than a
/// crisis missed.
fn keeps(watch: &Watch, language: Language) -> bool {
    watch.languages.is_empty() || language.code.is_none_or(|code| watch.languages.contains(&code))
}

/// The candidates whose author and site are on no exclusion list, each with why it counts for
/// nothing when it is the watch's own voice.
fn admitted<'w>(candidates: Vec<Candidate<'w>>, voice: &Voice<'_>) -> Vec<Candidate<'w>> {
    let admit = |candidate: Candidate<'w>| match voice.standing(&candidate.watch.roster) {
        Standing::Excluded(_) => None,
        Standing::Aside(aside) => Some(Candidate { aside: Some(aside), ..candidate }),
        Standing::Counts => Some(candidate),
    };
    candidates.into_iter().filter_map(admit).collect()
}

#[cfg(test)]
mod tests;
