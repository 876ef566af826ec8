//! What an item means for each watch: match, language, sentiment, topics, and whether it counts.

use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::language::{self, Heard, Prior};
use crate::model::finding::full_text;
use crate::model::{
    Aside, Finding, Item, Lang, Language, Sentiment, SourceId, Span, Timestamp, Watch, WatchId,
};
use crate::query::{Prepared, Query, QuerySet, merged};
use crate::rules::Rules;
use crate::standing::{Exclusion, Standing, Voice};
use crate::topic::{self, Spoken};
use crate::{sentiment, spam};

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
            match Query::parse(&watch.query) {
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

    /// The watches that match a text, with spans.
    fn matching(&self, text: &Prepared) -> Vec<(&Watch, Vec<Span>)> {
        let found = self.queries.find(text).into_iter();
        found.filter_map(|(place, spans)| Some((self.all.get(place)?, spans))).collect()
    }
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
pub fn understand(
    item: &Item,
    origin: &Origin<'_>,
    watches: &Watches,
    rules: &Rules,
) -> Vec<Finding> {
    let text = full_text(&item.title, &item.text);
    let matches = watches.matching(&Prepared::new(&text));
    if matches.is_empty() {
        // Nine items out of ten end here, before anything costly.
        return Vec::new();
    }
    let voice = Voice::of(item);
    let matches = admitted(matches, &voice);
    if matches.is_empty() {
        return Vec::new();
    }
    let prior = Prior {
        declared: item.lang_hint.as_deref().and_then(Lang::parse).or(origin.lang),
        author: origin.author_lang,
    };
    let heard = language::hear(&text, prior, &watches.languages);
    let kept = matches.into_iter().map(|(watch, spans, aside)| {
        let language = heard.at(&spans);
        (watch, language, spans, aside)
    });
    let kept: Vec<_> = kept.filter(|(watch, language, ..)| keeps(watch, *language)).collect();
    if kept.is_empty() {
        return Vec::new();
    }
    let topics = topic::topics(&text, &heard, rules);
    // What speaks of a known risk counts, whatever it looks like.
    let spam = if topics.is_empty() { spam::spam(&text, voice.handle(), rules) } else { None };
    let finding =
        |(watch, language, spans, aside): (&Watch, _, Vec<Span>, Option<Aside>)| Finding {
            watch: watch.id.clone(),
            language,
            sentiment: sentiment::score(&text, language, &spans, rules),
            topics: topics.clone(),
            spans,
            aside: aside.or_else(|| spam.clone()),
        };
    kept.into_iter().map(finding).collect()
}

/// Whether a watch reads this language. Undetermined is kept: better one mention too many than a
/// crisis missed.
fn keeps(watch: &Watch, language: Language) -> bool {
    watch.languages.is_empty() || language.code.is_none_or(|code| watch.languages.contains(&code))
}

/// The matches whose author and site are on no exclusion list, each with why it counts for nothing
/// when it is the watch's own voice.
fn admitted<'w>(
    matches: Vec<(&'w Watch, Vec<Span>)>,
    voice: &Voice<'_>,
) -> Vec<(&'w Watch, Vec<Span>, Option<Aside>)> {
    let admit = |(watch, spans): (&'w Watch, Vec<Span>)| match voice.standing(&watch.roster) {
        Standing::Excluded(_) => None,
        Standing::Aside(aside) => Some((watch, spans, Some(aside))),
        Standing::Counts => Some((watch, spans, None)),
    };
    matches.into_iter().filter_map(admit).collect()
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Declined {
    pub watch: WatchId,
    pub reason: Reason,
}

/// Why a watch did not keep a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// What it asks for is not there.
    NotFound,
    /// What it asks for is there, and so is something that it excludes.
    Excluded,
    /// It matches, but keeps other languages only.
    Language,
    /// It matches, but its author or its site is on the exclusion list.
    OnList(Exclusion),
}

/// Explains an item: in the language that is heard, or in one that is settled.
///
/// The sentiment is that of the text with all matches masked; spans are into the full text.
pub fn explain(
    item: &Item,
    settled: Option<Language>,
    watches: &Watches,
    rules: &Rules,
) -> Explanation {
    let text = full_text(&item.title, &item.text);
    let hint = item.lang_hint.as_deref().and_then(Lang::parse);
    let heard = match settled {
        Some(language) => Heard::all(language),
        None => language::hear(&text, hint, &watches.languages),
    };
    let topics = topic::spoken(&text, &heard, rules);
    let voice = Voice::of(item);
    let spam = if topics.is_empty() { spam::spam(&text, voice.handle(), rules) } else { None };
    let prepared = Prepared::new(&text);
    let mut matches = Vec::new();
    let mut declined = Vec::new();
    for (watch, query) in watches.iter() {
        let id = watch.id.clone();
        let reason = match (query.find(&prepared), voice.standing(&watch.roster)) {
            (Some(_), Standing::Excluded(list)) => Reason::OnList(list),
            (Some(spans), standing) if keeps(watch, heard.at(&spans)) => {
                let aside = match standing {
                    Standing::Aside(aside) => Some(aside),
                    _ => spam.clone(),
                };
                matches.push(Match { watch: id, spans, aside });
                continue;
            }
            (Some(_), _) => Reason::Language,
            (None, _) if query.finds_wanted(&prepared) => Reason::Excluded,
            (None, _) => Reason::NotFound,
        };
        declined.push(Declined { watch: id, reason });
    }
    let masked: Vec<Span> = matches.iter().flat_map(|m| m.spans.clone()).collect();
    let language = heard.at(&masked);
    let sentiment = sentiment::score(&text, language, &merged(masked), rules);
    Explanation { language, sentiment, topics, matches, declined }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::roster::{Account, Site};
    use crate::model::{Author, ItemKey, Roster, Sensitivity};

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
        let text = full_text("Chez L’Oréal", "la SNCF en grève");
        let found = watches.matching(&Prepared::new(&text));
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|(w, s)| (w.id.as_str(), text.get(s[0].start..s[0].end).unwrap()))
            .collect();
        assert_eq!(found, [("oreal", "L’Oréal")]);

        let source = SourceId::new("test").unwrap();
        let mut item = Item::new(ItemKey::of(&["test", "1"]), "1");
        item.quoted = "L’Oréal".to_owned();
        assert_eq!(understand(&item, &origin(&source, None), &watches, &Rules::default()), []);
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
        let said = explain(&item, None, &watches, &rules);
        assert_eq!(found.first().map(|f| &f.aside), said.matches.first().map(|m| &m.aside));
        let told = match (found.first(), said.declined.first()) {
            (Some(finding), None) => Ok(finding.aside.as_ref().map(|a| a.kind().as_str())),
            (None, Some(Declined { reason: Reason::OnList(list), .. })) => match list {
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
}
