//! What an item means for each watch: match, language, sentiment, topics, and whether it counts.

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::language::{self, Heard, Prior};
use crate::model::finding::full_text;
use crate::model::mention::event_time;
use crate::model::{
    Aside, Finding, Item, Lang, Language, Sentiment, SourceId, Span, Timestamp, Watch, WatchId,
};
use crate::query::{Document, Limits, Prepared, Query, QuerySet, Why, languages, merged, why_not};
use crate::rules::Rules;
use crate::sentiment::{self, Passage};
use crate::spam;
use crate::standing::{Exclusion, Standing, Voice};
use crate::topic::{self, Spoken};

/// Watches with their queries compiled, ready to be asked about many texts.
#[derive(Debug, Clone, Default)]
pub struct Watches {
    all: Vec<Watch>,
    queries: QuerySet,
    /// What a text may be in: the usual languages and those that a watch asks for.
    languages: Vec<Lang>,
}

impl Watches {
    /// Reads the query of each watch; all problems at once, spans are bytes of the query's text.
    pub fn compile(watches: &[Watch]) -> Result<Watches, Vec<(WatchId, Diagnostic)>> {
        let mut queries = Vec::with_capacity(watches.len());
        let mut problems = Vec::new();
        for watch in watches {
            match Query::parse_within(&watch.query, Limits::WATCH, &zone(watch)) {
                Ok(query) => queries.push(query),
                Err(found) => problems.extend(found.into_iter().map(|p| (watch.id.clone(), p))),
            }
        }
        if problems.is_empty() {
            let mut languages = language::usual();
            languages.extend(watches.iter().flat_map(|watch| watch.languages.iter().copied()));
            languages.sort_unstable();
            languages.dedup();
            let queries = QuerySet::new(queries);
            Ok(Watches { all: watches.to_vec(), queries, languages })
        } else {
            Err(problems)
        }
    }

    /// The watches with their queries, in the order they were given.
    pub fn iter(&self) -> impl Iterator<Item = (&Watch, &Query)> {
        self.all.iter().zip(self.queries.queries())
    }

    /// One of them alone, which reads a text as all of them do: what a text may be in stays the
    /// same, or a mention read again could be in another language than when it was read first.
    pub fn only(&self, id: &WatchId) -> Option<Watches> {
        let (watch, query) = self.iter().find(|(watch, _)| watch.id == *id)?;
        let queries = QuerySet::new(vec![query.clone()]);
        Some(Watches { all: vec![watch.clone()], queries, languages: self.languages.clone() })
    }

    /// The watches that may be about a document, with the places that make them so.
    fn candidates(&self, document: &Document<'_>) -> Vec<Candidate<'_>> {
        let found = self.queries.find(document).into_iter();
        found
            .filter_map(|(place, spans)| {
                let (watch, query) = (self.all.get(place)?, self.queries.queries().get(place)?);
                Some(Candidate { watch, query, spans, aside: None })
            })
            .collect()
    }
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

/// The zone whose days a watch's query means.
fn zone(watch: &Watch) -> TimeZone {
    TimeZone::get(&watch.timezone).unwrap_or(TimeZone::UTC)
}

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
    let hint = item.lang_hint.as_deref().and_then(Lang::parse);
    let prior = Prior { declared: hint.or(origin.lang), author: origin.author_lang };
    let heard = language::hear(&text, prior, &watches.languages);
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

/// All that can be said of one text, for whoever asks why (`vigie explain`).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    pub language: Language,
    pub sentiment: Sentiment,
    pub topics: Vec<Spoken>,
    pub matches: Vec<Match>,
    /// The watches that did not match, each with its reason.
    pub declined: Vec<Declined>,
}

/// A watch that matched, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Match {
    pub watch: WatchId,
    pub spans: Vec<Span>,
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
    let heard = match settled {
        Some(language) => Heard::all(language),
        None => {
            let hint = item.lang_hint.as_deref().and_then(Lang::parse);
            let prior = Prior { declared: hint.or(origin.lang), author: origin.author_lang };
            language::hear(&text, prior, &watches.languages)
        }
    };
    let topics = topic::topics(&text, &heard, rules);
    let voice = Voice::of(item);
    let spam = if topics.is_empty() { spam::spam(&text, voice.handle(), rules) } else { None };
    let prepared = Prepared::new(&text);
    let mut document = document(item, origin, &prepared);
    document.topics = Some(&topics);
    let mut matches = Vec::new();
    let mut declined = Vec::new();
    for (watch, query) in watches.iter() {
        let id = watch.id.clone();
        let places = query.find(&document).unwrap_or_default();
        let language = heard.at(&places);
        let named = Passage { language, watch: &places, id: Some(&id), ..passage(item, &text) };
        let tones = query.asks.tone.then(|| [sentiment::score(&named, rules).label]);
        let known = Document {
            languages: Some(&languages([language], item)),
            tones: tones.as_ref().map(<[_; 1]>::as_slice),
            ..document
        };
        let reason = match (query.find(&known), voice.standing(&watch.roster)) {
            (Some(_), Standing::Excluded(list)) => Reason::OnList { list },
            (Some(spans), standing) if keeps(watch, language) => {
                let aside = match standing {
                    Standing::Aside(aside) => Some(aside),
                    _ => spam.clone(),
                };
                matches.push(Match { watch: id, spans, aside });
                continue;
            }
            (Some(_), _) => Reason::Language { reads: watch.languages.clone(), language },
            (None, _) => match why_not(&watch.query, &zone(watch), &known) {
                Some(why) => Reason::Query(why),
                None => continue,
            },
        };
        declined.push(Declined { watch: id, reason });
    }
    let masked = merged(matches.iter().flat_map(|m| m.spans.clone()).collect());
    let id = matches.first().filter(|_| matches.len() == 1).map(|only: &Match| &only.watch);
    let whole = Passage { language: heard.at(&masked), watch: &masked, id, ..passage(item, &text) };
    let sentiment = sentiment::score(&whole, rules);
    let topics = topic::spoken(&text, &heard, rules);
    Explanation { language: whole.language, sentiment, topics, matches, declined }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::roster::{Account, Site};
    use crate::model::{Author, ItemKey, Roster, Sensitivity, Tone};

    fn watch(id: &str, query: &str, languages: &[&str]) -> Watch {
        Watch {
            id: WatchId::new(id).unwrap(),
            name: id.to_owned(),
            query: query.to_owned(),
            languages: languages.iter().filter_map(|code| Lang::parse(code)).collect(),
            sensitivity: Sensitivity::Balanced,
            timezone: "Europe/Paris".to_owned(),
            recipients: Vec::new(),
            roster: Roster::default(),
        }
    }

    fn origin(source: &SourceId, lang: Option<Lang>) -> Origin<'_> {
        Origin { source, kind: "feed", lang, author_lang: None, seen: Timestamp::UNIX_EPOCH }
    }

    #[test]
    fn every_problem_of_every_query_is_told_with_its_watch() {
        let problems = Watches::compile(&[
            watch("a", "(x", &[]),
            watch("b", "ok", &[]),
            watch("c", "NOT y", &[]),
        ])
        .unwrap_err();
        let ids: Vec<&str> = problems.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["a", "c"]);
    }

    #[test]
    fn an_undetermined_language_is_kept_and_another_is_not() {
        let french = watch("a", "acme", &["fr"]);
        assert!(keeps(&french, Language::default()));
        assert!(keeps(&french, Language { code: Some(Lang::FR), confidence: 0.9 }));
        assert!(!keeps(&french, Language { code: Some(Lang::EN), confidence: 0.9 }));
        assert!(keeps(
            &watch("b", "acme", &[]),
            Language { code: Some(Lang::EN), confidence: 0.9 }
        ));
    }

    #[test]
    fn watches_match_in_title_and_text_but_not_in_what_is_quoted() {
        let watches =
            Watches::compile(&[watch("oreal", "l'Oréal", &[]), watch("sncf", "SNCF -grève", &[])])
                .unwrap();
        let source = SourceId::new("test").unwrap();
        let mut item = Item::new(ItemKey::of(&["test", "1"]), "1");
        item.title = "Chez L’Oréal".to_owned();
        item.text = "la SNCF en grève".to_owned();
        let text = full_text(&item.title, &item.text);
        let found = understand(&item, &origin(&source, None), &watches, &Rules::default());
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|f| (f.watch.as_str(), text.get(f.spans[0].start..f.spans[0].end).unwrap()))
            .collect();
        assert_eq!(found, [("oreal", "L’Oréal")]);

        item.title = String::new();
        item.text = "rien".to_owned();
        item.quoted = "L’Oréal".to_owned();
        assert_eq!(understand(&item, &origin(&source, None), &watches, &Rules::default()), []);
    }

    #[test]
    fn a_query_may_ask_for_what_is_found_out_later() {
        let source = SourceId::new("test").unwrap();
        let rules = Rules::builtin();
        let mut item = Item::new(ItemKey::of(&["test", "1"]), "1");
        item.text =
            "Acme rappelle un produit : service nul, livraison en retard, quelle honte".to_owned();
        item.lang_hint = Some("fr".to_owned());
        for (query, expected) in [
            ("acme lang:fr", true),
            ("acme lang:en", false),
            ("acme -lang:en", true),
            ("acme tone:negative", true),
            ("acme ton:(positif neutre)", false),
            ("acme -ton:négatif", false),
            ("acme source:test kind:feed", true),
            ("acme source:other", false),
            ("zorglub OR tone:negative", true),
            ("acme topic:boycott", false),
            ("acme since:1d", true),
            ("acme until:1969", false),
        ] {
            let watches = Watches::compile(&[watch("acme", query, &[])]).unwrap();
            let found = understand(&item, &origin(&source, None), &watches, &rules);
            assert_eq!(!found.is_empty(), expected, "{query}");
            let explained = explain(&item, &origin(&source, None), None, &watches, &rules);
            assert_eq!(explained.matches.len(), usize::from(expected), "{query}");
            assert_eq!(explained.declined.len(), usize::from(!expected), "{query}");
        }
    }

    #[test]
    fn a_text_in_another_language_is_forgotten() {
        let watches = Watches::compile(&[watch("acme", "acme", &["fr"])]).unwrap();
        let source = SourceId::new("test").unwrap();
        let mut item = Item::new(ItemKey::of(&["test", "1"]), "1");
        item.text = "The train of Acme is late again this morning and nobody there answers the \
                     phone, which has been the case since the beginning of the week."
            .to_owned();
        assert_eq!(
            understand(&item, &origin(&source, Some(Lang::FR)), &watches, &Rules::default()),
            []
        );
    }

    /// What becomes of a text for a watch with lists, told and explained alike.
    #[track_caller]
    fn check(author: &str, url: &str, text: &str, expected: Result<Option<&str>, &str>) {
        let roster = Roster {
            excluded_authors: vec![Account::Name("Jean Spam".to_owned())],
            excluded_sites: vec![Site { host: "coupons.example".to_owned(), below: false }],
            own_accounts: Account::parse("@acme").into_iter().collect(),
            employees: Account::parse("@anne").into_iter().collect(),
            ..Roster::default()
        };
        let watches = Watches::compile(&[Watch { roster, ..watch("acme", "acme", &[]) }]).unwrap();
        let source = SourceId::new("test").unwrap();
        let mut item = Item::new(ItemKey::of(&["test", "1"]), "1");
        item.text = text.to_owned();
        item.url = Some(url.to_owned());
        item.author = Some(Author { name: author.to_owned(), ..Author::default() });
        let rules = Rules::builtin();
        let found = understand(&item, &origin(&source, None), &watches, &rules);
        let said = explain(&item, &origin(&source, None), None, &watches, &rules);
        assert_eq!(found.first().map(|f| &f.aside), said.matches.first().map(|m| &m.aside));
        let told = match (found.first(), said.declined.first()) {
            (Some(finding), None) => Ok(finding.aside.as_ref().map(|a| a.kind().as_str())),
            (None, Some(Declined { reason: Reason::OnList { list }, .. })) => match list {
                Exclusion::Author(entry) | Exclusion::Site(entry) => Err(entry.as_str()),
            },
            other => panic!("{other:?}"),
        };
        assert_eq!(told, expected);
    }

    const LOTTERY: &str = "RT + follow pour tenter de gagner un four Acme, tirage au sort lundi";

    #[test]
    fn the_lists_and_the_rules_about_spam_decide_who_counts() {
        let (forum, complaint) = ("https://forum.example/1", "Acme, service nul");
        check("Client", forum, complaint, Ok(None));
        check("Jean Spam", forum, complaint, Err("Jean Spam"));
        check("Client", "https://www.coupons.example/1", complaint, Err("coupons.example"));
        check("@acme", forum, complaint, Ok(Some("own-account")));
        check("@Anne@piaille.fr", forum, complaint, Ok(Some("employee")));
        check("Client", forum, LOTTERY, Ok(Some("spam")));
        check("@acme", forum, LOTTERY, Ok(Some("own-account")));
    }

    #[test]
    fn a_crisis_counts_even_when_it_looks_like_spam() {
        let text = format!("{LOTTERY}. Et les blessés de l'explosion ?");
        check("Client", "https://forum.example/1", &text, Ok(None));
    }

    #[test]
    fn each_watch_gets_what_is_said_of_it() {
        let both = [watch("acme", "acme", &[]), watch("brindille", "brindille", &[])];
        let source = SourceId::new("test").unwrap();
        let mut item = Item::new(ItemKey::of(&["test", "1"]), "1");
        item.text = "Acme est génial, mais Brindille m'a déçu".to_owned();
        let (french, both) = (origin(&source, Some(Lang::FR)), Watches::compile(&both).unwrap());
        let found = understand(&item, &french, &both, &Rules::builtin());
        let tones: Vec<Tone> = found.iter().map(|finding| finding.sentiment.label).collect();
        assert_eq!(tones, [Tone::Positive, Tone::Negative]);
    }
}
