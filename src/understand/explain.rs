//! Why each watch keeps a text or does not, for whoever asks (`vigie explain`).

use serde::Serialize;

use super::watches::zone;
use super::{Origin, Watches, document, hear, keeps, passage};
use crate::language::Heard;
use crate::model::finding::full_text;
use crate::model::{Aside, Item, Lang, Language, Sentiment, Span, Tone, Watch, WatchId};
use crate::query::{Document, Prepared, Query, Why, languages, merged, why_not};
use crate::rules::{Alerts, PressSite, Rules};
use crate::sentiment::{self, Passage};
use crate::spam;
use crate::standing::{Exclusion, Standing, Voice};
use crate::topic::{self, Spoken};

/// All that can be said of one text, for whoever asks why (`vigie explain`).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    pub language: Language,
    pub sentiment: Sentiment,
    pub topics: Vec<Spoken>,
    /// When those of its topics that call for an alert do.
    pub alerts: Alerts,
    /// The press site that it stands on.
    pub press: Option<PressSite>,
    pub matches: Vec<Match>,
    /// The watches that did not match, each with its reason.
    pub declined: Vec<Declined>,
}

/// A watch that matched, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Match {
    pub watch: WatchId,
    pub spans: Vec<Span>,
    /// How the text speaks of this watch.
    pub tone: Tone,
    /// Why it counts for nothing all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aside: Option<Aside>,
}

/// A watch that did not match, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Declined {
    pub watch: WatchId,
    #[serde(flatten)]
    pub reason: Reason,
}

/// Why a watch did not keep a text.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
pub enum Reason {
    /// Its query does not match.
    Query(Why),
    /// It matches, but keeps other languages only.
    Language { reads: Vec<Lang>, language: Language },
    /// It matches, but its author or its site is on the exclusion list.
    OnList { list: Exclusion },
}

/// Explains an item: in the language that is heard, or in one that is settled.
///
/// The sentiment is that of the text with all matches masked; spans are into the full text.
pub fn explain(
    item: &Item,
    origin: &Origin<'_>,
    settled: Option<Language>,
    watches: &Watches,
    rules: &Rules,
) -> Explanation {
    let text = full_text(&item.title, &item.text);
    let heard = settled.map_or_else(|| hear(item, origin, &text, watches), Heard::all);
    let topics = topic::topics(&text, &heard, rules);
    let prepared = Prepared::new(&text);
    let document = Document { topics: Some(&topics), ..document(item, origin, &prepared) };
    let voice = Voice::of(item);
    let spam = if topics.is_empty() { spam::spam(&text, voice.handle(), rules) } else { None };
    let asked = Asked { document, text: &text, heard: &heard, voice, spam, rules };
    let (mut matches, mut declined) = (Vec::new(), Vec::new());
    for (watch, query) in watches.iter() {
        match asked.verdict(watch, query) {
            Ok(found) => matches.push(found),
            Err(reason) => {
                declined.extend(reason.map(|reason| Declined { watch: watch.id.clone(), reason }));
            }
        }
    }
    let masked = merged(matches.iter().flat_map(|m| m.spans.clone()).collect());
    if matches.len() > 1 {
        for found in &mut matches {
            found.tone = asked.tone(&found.watch, &found.spans, &masked).label;
        }
    }
    let id = matches.first().filter(|_| matches.len() == 1).map(|only| &only.watch);
    let whole = Passage { language: heard.at(&masked), watch: &masked, id, ..passage(item, &text) };
    let sentiment = sentiment::score(&whole, rules);
    let topics = topic::spoken(&text, &heard, rules);
    let mut alerts = rules.alerts();
    alerts.retain(|topic, _| topics.iter().any(|spoken| spoken.topic == *topic));
    let press = item.url.as_deref().and_then(|url| rules.press.of(url)).cloned();
    Explanation { language: whole.language, sentiment, topics, alerts, press, matches, declined }
}

/// A text about which every watch is asked.
struct Asked<'a> {
    document: Document<'a>,
    text: &'a str,
    heard: &'a Heard,
    voice: Voice<'a>,
    spam: Option<Aside>,
    rules: &'a Rules,
}

impl Asked<'_> {
    /// Whether a watch keeps the text; a query that cannot say why it does not has no reason.
    fn verdict(&self, watch: &Watch, query: &Query) -> Result<Match, Option<Reason>> {
        let places = query.find(&self.document).unwrap_or_default();
        let language = self.heard.at(&places);
        let languages = languages([language], self.document.item);
        let tones = query.asks.tone.then(|| [self.tone(&watch.id, &places, &[]).label]);
        let known = Document {
            languages: Some(&languages),
            tones: tones.as_ref().map(<[_; 1]>::as_slice),
            ..self.document
        };
        let Some(spans) = query.find(&known) else {
            return Err(why_not(&watch.query, &zone(watch), &known).map(Reason::Query));
        };
        let aside = match self.voice.standing(&watch.roster) {
            Standing::Excluded(list) => return Err(Some(Reason::OnList { list })),
            Standing::Aside(aside) => Some(aside),
            Standing::Counts => self.spam.clone(),
        };
        if !keeps(watch, language) {
            return Err(Some(Reason::Language { reads: watch.languages.clone(), language }));
        }
        let tone = self.tone(&watch.id, &spans, &[]).label;
        Ok(Match { watch: watch.id.clone(), spans, tone, aside })
    }

    /// How the text speaks of one watch. What is said of the others is not said of it.
    fn tone(&self, id: &WatchId, watch: &[Span], others: &[Span]) -> Sentiment {
        let language = self.heard.at(watch);
        let passage = passage(self.document.item, self.text);
        let passage = Passage { language, watch, others, id: Some(id), ..passage };
        sentiment::score(&passage, self.rules)
    }
}
