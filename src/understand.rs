//! What an item means for each watch: match, language, sentiment, topics.

use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::language::{self, Heard, Prior};
use crate::model::finding::full_text;
use crate::model::{
    Finding, Item, Lang, Language, Sentiment, SourceId, Span, Timestamp, Watch, WatchId,
};
use crate::query::{Prepared, Query, QuerySet, merged};
use crate::rules::Rules;
use crate::sentiment;
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
    let prior = Prior {
        declared: item.lang_hint.as_deref().and_then(Lang::parse).or(origin.lang),
        author: origin.author_lang,
    };
    let heard = language::hear(&text, prior, &watches.languages);
    let kept = matches.into_iter().map(|(watch, spans)| (watch, heard.at(&spans), spans));
    let kept: Vec<_> = kept.filter(|(watch, language, _)| keeps(watch, *language)).collect();
    if kept.is_empty() {
        return Vec::new();
    }
    let topics = topic::topics(&text, &heard, rules);
    let finding = |(watch, language, spans): (&Watch, Language, Vec<Span>)| Finding {
        watch: watch.id.clone(),
        language,
        sentiment: sentiment::score(&text, language, &spans, rules),
        topics: topics.clone(),
        spans,
    };
    kept.into_iter().map(finding).collect()
}

/// Whether a watch reads this language. Undetermined is kept: better one mention too many than a
/// crisis missed.
fn keeps(watch: &Watch, language: Language) -> bool {
    watch.languages.is_empty() || language.code.is_none_or(|code| watch.languages.contains(&code))
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
}

/// Explains a text: a title may be empty; `lang` is what the source says, a hint.
///
/// The sentiment is that of the text with all matches masked; spans are into the full text.
pub fn explain(
    title: &str,
    text: &str,
    lang: Option<Lang>,
    watches: &Watches,
    rules: &Rules,
) -> Explanation {
    let text = full_text(title, text);
    explain_heard(&text, &language::hear(&text, lang, &watches.languages), watches, rules)
}

/// Explains a full text whose language is settled (`vigie explain --lang`).
pub fn explain_in(text: &str, language: Language, watches: &Watches, rules: &Rules) -> Explanation {
    explain_heard(text, &Heard::all(language), watches, rules)
}

fn explain_heard(text: &str, heard: &Heard, watches: &Watches, rules: &Rules) -> Explanation {
    let prepared = Prepared::new(text);
    let mut matches = Vec::new();
    let mut declined = Vec::new();
    for (watch, query) in watches.iter() {
        let id = watch.id.clone();
        match query.find(&prepared) {
            Some(spans) if keeps(watch, heard.at(&spans)) => {
                matches.push(Match { watch: id, spans });
            }
            Some(_) => declined.push(Declined { watch: id, reason: Reason::Language }),
            None if query.finds_wanted(&prepared) => {
                declined.push(Declined { watch: id, reason: Reason::Excluded });
            }
            None => declined.push(Declined { watch: id, reason: Reason::NotFound }),
        }
    }
    let masked: Vec<Span> = matches.iter().flat_map(|m| m.spans.clone()).collect();
    let language = heard.at(&masked);
    Explanation {
        language,
        sentiment: sentiment::score(text, language, &merged(masked), rules),
        topics: topic::spoken(text, heard, rules),
        matches,
        declined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ItemKey, Sensitivity};

    fn watch(id: &str, query: &str, languages: &[&str]) -> Watch {
        Watch {
            id: WatchId::new(id).unwrap(),
            name: id.to_owned(),
            query: query.to_owned(),
            languages: languages.iter().filter_map(|code| Lang::parse(code)).collect(),
            sensitivity: Sensitivity::Balanced,
            timezone: "Europe/Paris".to_owned(),
            recipients: Vec::new(),
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
}
