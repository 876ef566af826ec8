//! From what is asked to tantivy's own queries, without its parser (exponential in brackets, and
//! wrong on `x AND NOT y`).

use std::ops::Bound;

use tantivy::Term;
use tantivy::query::{
    AllQuery, BooleanQuery, ConstScoreQuery, InvertedIndexRangeQuery, Occur, PhrasePrefixQuery,
    PhraseQuery, Query, RangeQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::tokenizer::{Language, TextAnalyzer};

use super::analysis::{stem, stemming};
use super::schema::{Fields, instant, keyword, of_watch, yes_or_no};
use super::search::SearchRequest;
use super::{IndexError, Result};
use crate::query::Expr;
use crate::text::fold::folded;

/// Far beyond what the parser lets through, far below what a stack of 2 MiB bears.
const DEEPEST: usize = 32;
/// Words and phrases in one request.
const MOST_CLAUSES: usize = 512;
/// Words that one prefix may stand for in one segment; more would make a search slow, and fewer
/// results than there are would be a lie.
const MOST_EXPANSIONS: u32 = 4_096;

type Clause = Box<dyn Query>;

/// Compiles a request: its expression, and every filter it names.
pub(super) fn compile(
    fields: &Fields,
    searcher: &tantivy::Searcher,
    request: &SearchRequest,
) -> Result<Clause> {
    let mut clauses: Vec<(Occur, Clause)> = Vec::new();
    if let Some(expr) = &request.expr {
        let mut compiler = Compiler {
            fields,
            searcher,
            french: stemming(Language::French),
            english: stemming(Language::English),
            clauses: 0,
        };
        clauses.push((Occur::Must, compiler.compile(expr, 0)?));
    }
    clauses.extend(filters(fields, request).into_iter().map(|filter| {
        // A filter says yes or no; it must not move the scores.
        (Occur::Must, Box::new(ConstScoreQuery::new(filter, 0.0)) as Clause)
    }));
    match clauses.pop() {
        None => Ok(Box::new(AllQuery)),
        Some((_, only)) if clauses.is_empty() => Ok(only),
        Some(last) => {
            clauses.push(last);
            Ok(Box::new(BooleanQuery::new(clauses)))
        }
    }
}

fn filters(fields: &Fields, request: &SearchRequest) -> Vec<Clause> {
    // What is said of a watch is looked for in that watch's own finding.
    let scoped = |what: &str| match &request.watch {
        Some(watch) => of_watch(watch.as_str(), what),
        None => what.to_owned(),
    };
    let site = request.site.as_ref().map(|site| site.trim().to_lowercase());
    let named = [
        (fields.watch, request.watch.as_ref().map(|watch| watch.as_str().to_owned())),
        (fields.source, request.source.as_ref().map(|source| source.as_str().to_owned())),
        (fields.kind, request.kind.clone()),
        (fields.lang, request.lang.map(|lang| lang.code().to_owned())),
        (fields.tone, request.tone.map(|tone| scoped(tone.as_str()))),
        (fields.topic, request.topic.as_deref().map(scoped)),
        (fields.aside, request.aside.map(|aside| scoped(yes_or_no(aside)))),
        (fields.author, request.author.as_deref().map(keyword)),
        (fields.site, site),
    ];
    let mut filters: Vec<Clause> = named
        .into_iter()
        .filter_map(|(field, value)| Some(exact(field, &value?, IndexRecordOption::Basic)))
        .collect();
    if request.since.is_some() || request.until.is_some() {
        let bound = |at| Term::from_field_i64(fields.event, instant(at));
        filters.push(Box::new(RangeQuery::new(
            request.since.map_or(Bound::Unbounded, |at| Bound::Included(bound(at))),
            request.until.map_or(Bound::Unbounded, |at| Bound::Excluded(bound(at))),
        )));
    }
    filters
}

fn exact(field: Field, text: &str, record: IndexRecordOption) -> Clause {
    Box::new(TermQuery::new(Term::from_field_text(field, text), record))
}

struct Compiler<'a> {
    fields: &'a Fields,
    searcher: &'a tantivy::Searcher,
    french: TextAnalyzer,
    english: TextAnalyzer,
    clauses: usize,
}

impl Compiler<'_> {
    fn compile(&mut self, expr: &Expr, depth: usize) -> Result<Clause> {
        if depth > DEEPEST {
            return Err(IndexError::Refused(format!(
                "the query has more than {DEEPEST} levels of brackets: use fewer"
            )));
        }
        match expr {
            Expr::Phrase { words, prefix } => self.phrase(words, *prefix),
            Expr::And(parts) => {
                let mut clauses = Vec::with_capacity(parts.len() + 1);
                for part in nonempty(parts)? {
                    clauses.push(match part {
                        Expr::Not(inner) => (Occur::MustNot, self.compile(inner, depth + 1)?),
                        part => (Occur::Must, self.compile(part, depth + 1)?),
                    });
                }
                // Exclusions alone match nothing in tantivy: they exclude from everything.
                if clauses.iter().all(|(occur, _)| *occur == Occur::MustNot) {
                    clauses.push((Occur::Must, everything()));
                }
                Ok(Box::new(BooleanQuery::new(clauses)))
            }
            Expr::Or(parts) => {
                let mut clauses = Vec::with_capacity(parts.len());
                for part in nonempty(parts)? {
                    clauses.push((Occur::Should, self.compile(part, depth + 1)?));
                }
                Ok(Box::new(BooleanQuery::new(clauses)))
            }
            Expr::Not(inner) => Ok(Box::new(BooleanQuery::new(vec![
                (Occur::Must, everything()),
                (Occur::MustNot, self.compile(inner, depth + 1)?),
            ]))),
        }
    }

    fn phrase(&mut self, words: &[String], prefix: bool) -> Result<Clause> {
        self.clauses += words.len().max(1);
        if self.clauses > MOST_CLAUSES {
            return Err(IndexError::Refused(format!(
                "the query has more than {MOST_CLAUSES} words: use fewer"
            )));
        }
        // Folding what is folded changes nothing; it spares a hand-made query a silent miss.
        let words: Vec<String> = words.iter().map(|word| folded(word)).collect();
        let Some(last) = words.last().filter(|_| words.iter().all(|word| !word.is_empty())) else {
            return Err(IndexError::Refused("the query has an empty phrase".to_owned()));
        };
        let terms = || words.iter().map(|w| Term::from_field_text(self.fields.words, w)).collect();
        match (words.len(), prefix) {
            (1, false) => Ok(self.word(last)),
            (_, false) => Ok(Box::new(PhraseQuery::new(terms()))),
            (1, true) => {
                self.bounded(last)?;
                let bound = |text: &str| Term::from_field_text(self.fields.words, text);
                let end = format!("{last}{}", char::MAX);
                Ok(Box::new(InvertedIndexRangeQuery::new(
                    Bound::Included(bound(last)),
                    Bound::Excluded(bound(&end)),
                )))
            }
            (_, true) => {
                self.bounded(last)?;
                let mut query = PhrasePrefixQuery::new(terms());
                query.set_max_expansions(MOST_EXPANSIONS);
                Ok(Box::new(query))
            }
        }
    }

    /// A word as written, or another form of it in the languages that have stems here.
    fn word(&mut self, word: &str) -> Clause {
        let mut forms = vec![exact(self.fields.words, word, IndexRecordOption::WithFreqs)];
        let stems = [
            (self.fields.french, stem(&mut self.french, word)),
            (self.fields.english, stem(&mut self.english, word)),
        ];
        forms.extend(
            stems.into_iter().filter_map(|(field, stem)| {
                Some(exact(field, &stem?, IndexRecordOption::WithFreqs))
            }),
        );
        Box::new(BooleanQuery::union(forms))
    }

    /// Refuses a prefix that stands for more words than a search may look up.
    fn bounded(&self, prefix: &str) -> Result<()> {
        let end = format!("{prefix}{}", char::MAX);
        for segment in self.searcher.segment_readers() {
            let index = segment.inverted_index(self.fields.words)?;
            let mut terms =
                index.terms().range().ge(prefix.as_bytes()).lt(end.as_bytes()).into_stream()?;
            let mut count = 0;
            while terms.advance() {
                count += 1;
                if count > MOST_EXPANSIONS {
                    return Err(IndexError::Refused(format!(
                        "`{prefix}*` stands for more than {MOST_EXPANSIONS} words: write more \
                         letters"
                    )));
                }
            }
        }
        Ok(())
    }
}

fn nonempty(parts: &[Expr]) -> Result<&[Expr]> {
    if parts.is_empty() {
        return Err(IndexError::Refused("the query has empty brackets".to_owned()));
    }
    Ok(parts)
}

fn everything() -> Clause {
    Box::new(ConstScoreQuery::new(Box::new(AllQuery), 0.0))
}
