//! From what is asked to tantivy's own queries, without its parser (exponential in brackets, and
//! wrong on `x AND NOT y`).

use std::ops::Bound;

use tantivy::Term as Word;
use tantivy::query::{
    AllQuery, BooleanQuery, ConstScoreQuery, InvertedIndexRangeQuery, Occur, PhrasePrefixQuery,
    PhraseQuery, Query, RangeQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use super::excluded::Excluded;
use super::schema::{Fields, instant, of_watch, yes_or_no};
use super::search::SearchRequest;
use super::{IndexError, Result};
use crate::model::WatchId;
use crate::query::{self, Ending, Expr, Filter, Near, Part, Term, Value, forms};
use crate::text::fold::folded;

/// Far beyond what the parser lets through, far below what a stack of 2 MiB bears.
const DEEPEST: usize = 32;
/// Words, phrases and values in one request.
const MOST_CLAUSES: usize = 4_096;
/// Words that one prefix may stand for in one segment; more would make a search slow, and fewer
/// results than there are would be a lie.
const MOST_EXPANSIONS: u32 = 4_096;

type Clause = Box<dyn Query>;

/// A clause that finds all that is asked for, and when it is not exact, more than that.
pub(super) struct Compiled {
    pub clause: Clause,
    pub exact: bool,
}

impl Compiled {
    fn exact(clause: Clause) -> Compiled {
        Compiled { clause, exact: true }
    }
}

/// Compiles a request.
pub(super) fn compile(
    fields: &Fields,
    searcher: &tantivy::Searcher,
    request: &SearchRequest,
) -> Result<Compiled> {
    let mut compiler = Compiler { fields, searcher, request, clauses: 0 };
    let asked = request.expr.as_ref().map(|expr| compiler.compile(expr, 0)).transpose()?;
    let watch = request.watch.as_ref().map(|watch| exact(fields.watch, watch.as_str()));
    let aside = request.aside.map(|aside| match &request.watch {
        Some(watch) => exact(fields.finding, &of_watch(watch.as_str(), "aside", yes_or_no(aside))),
        None => exact(fields.aside, yes_or_no(aside)),
    });
    let filters = watch.into_iter().chain(aside);
    let mut all: Vec<_> = filters.map(|clause| (Occur::Must, silent(clause))).collect();
    let Compiled { clause, exact } = match asked {
        Some(asked) => asked,
        None => Compiled::exact(Box::new(AllQuery)),
    };
    if all.is_empty() {
        return Ok(Compiled { clause, exact });
    }
    all.push((Occur::Must, clause));
    Ok(Compiled { clause: Box::new(BooleanQuery::new(all)), exact })
}

/// What says yes or no must not move the scores.
fn silent(clause: Clause) -> Clause {
    Box::new(ConstScoreQuery::new(clause, 0.0))
}

fn exact(field: Field, text: &str) -> Clause {
    let word = Word::from_field_text(field, text);
    Box::new(TermQuery::new(word, IndexRecordOption::WithFreqs))
}

fn any(clauses: Vec<Clause>) -> Clause {
    Box::new(BooleanQuery::union(clauses))
}

fn beginning(field: Field, text: &str) -> Clause {
    let bound = |text: &str| Word::from_field_text(field, text);
    let end = format!("{text}{}", char::MAX);
    Box::new(InvertedIndexRangeQuery::new(
        Bound::Included(bound(text)),
        Bound::Excluded(bound(&end)),
    ))
}

struct Compiler<'a> {
    fields: &'a Fields,
    searcher: &'a tantivy::Searcher,
    request: &'a SearchRequest,
    clauses: usize,
}

impl Compiler<'_> {
    fn compile(&mut self, expr: &Expr, depth: usize) -> Result<Compiled> {
        if depth > DEEPEST {
            return Err(IndexError::Refused(format!(
                "the query has more than {DEEPEST} levels of brackets: use fewer"
            )));
        }
        match expr {
            Expr::Term(term) => self.term(term),
            Expr::Near(near) => self.near(near),
            Expr::Filter(filter) => self.filter(filter),
            Expr::And(parts) => self.all(nonempty(parts)?, depth),
            Expr::Or(parts) => {
                let mut clauses = Vec::with_capacity(parts.len());
                let mut all_exact = true;
                for part in nonempty(parts)? {
                    let Compiled { clause, exact } = self.compile(part, depth + 1)?;
                    clauses.push(clause);
                    all_exact &= exact;
                }
                Ok(Compiled { clause: any(clauses), exact: all_exact })
            }
            Expr::Not(_) => self.all(std::slice::from_ref(expr), depth),
        }
    }

    fn all(&mut self, parts: &[Expr], depth: usize) -> Result<Compiled> {
        let mut clauses: Vec<(Occur, Clause)> = Vec::with_capacity(parts.len() + 1);
        let mut all_exact = true;
        for part in parts {
            let (occur, part) = match part {
                Expr::Not(inner) => (Occur::MustNot, &**inner),
                part => (Occur::Must, part),
            };
            let Compiled { clause, exact } = self.compile(part, depth + 1)?;
            all_exact &= exact;
            match occur {
                // To exclude more than is asked would lose mentions.
                Occur::MustNot if exact => clauses.push((occur, Box::new(Excluded::new(clause)))),
                Occur::MustNot => {}
                _ => clauses.push((occur, clause)),
            }
        }
        // Exclusions alone match nothing in tantivy: they exclude from everything.
        if clauses.iter().all(|(occur, _)| *occur == Occur::MustNot) {
            clauses.push((Occur::Must, silent(Box::new(AllQuery))));
        }
        Ok(Compiled { clause: Box::new(BooleanQuery::new(clauses)), exact: all_exact })
    }

    fn term(&mut self, term: &Term) -> Result<Compiled> {
        // Folding what is folded changes nothing; it spares a hand-made query a silent miss.
        let words: Vec<String> = term.words.iter().map(|word| folded(word)).collect();
        if words.is_empty() || words.iter().any(String::is_empty) {
            return Err(IndexError::Refused("the query has an empty phrase".to_owned()));
        }
        self.count(words.len() + 1)?;
        let decided = term.part == Part::Anywhere && term.written.is_empty();
        let (mut clauses, exact) = match (term.handle(), term.ending) {
            (Some(handle), ending) => (self.handle(handle, ending), true),
            (None, Ending::Plural) => (self.plurals(&words), words.len() == 1),
            (None, ending) => (self.phrase(&words, ending == Ending::Open)?, true),
        };
        if let Some(one) = term.joined().map(|one| vec![one]) {
            clauses.extend(match term.ending {
                Ending::Plural => self.plurals(&one),
                ending => self.phrase(&one, ending == Ending::Open)?,
            });
        }
        Ok(Compiled { clause: any(clauses), exact: exact && decided })
    }

    /// Both sides are there; only the text knows how near.
    fn near(&mut self, near: &Near) -> Result<Compiled> {
        let mut sides = Vec::with_capacity(2);
        for side in [&near.left, &near.right] {
            let terms = side.iter().map(|term| Ok(self.term(term)?.clause));
            sides.push((Occur::Must, any(terms.collect::<Result<_>>()?)));
        }
        Ok(Compiled { clause: Box::new(BooleanQuery::new(sides)), exact: false })
    }

    /// A phrase in either cut of the tags.
    fn phrase(&mut self, words: &[String], open: bool) -> Result<Vec<Clause>> {
        let Some(last) = words.last() else { return Ok(Vec::new()) };
        let mut clauses: Vec<Clause> = Vec::with_capacity(2);
        for field in [self.fields.words, self.fields.split] {
            let terms = || words.iter().map(|word| Word::from_field_text(field, word)).collect();
            if open {
                self.bounded(field, last)?;
            }
            clauses.push(match (words.len(), open) {
                (1, false) => exact(field, last),
                (1, true) => beginning(field, last),
                (_, false) => Box::new(PhraseQuery::new(terms())),
                (_, true) => {
                    let mut query = PhrasePrefixQuery::new(terms());
                    query.set_max_expansions(MOST_EXPANSIONS);
                    Box::new(query)
                }
            });
        }
        Ok(clauses)
    }

    /// Every word in one of its forms, wherever it stands.
    fn plurals(&mut self, words: &[String]) -> Vec<Clause> {
        let forms = |word: &String| {
            let forms = forms(word).map(|(stem, ending)| format!("{stem}{ending}"));
            let fields = [self.fields.words, self.fields.split];
            any(forms.flat_map(|form| fields.map(|field| exact(field, &form))).collect())
        };
        let all: Vec<Clause> = words.iter().map(forms).collect();
        vec![Box::new(BooleanQuery::intersection(all))]
    }

    /// `@sncf` names `@sncf@social.example` too.
    fn handle(&self, handle: &str, ending: Ending) -> Vec<Clause> {
        let field = self.fields.handle;
        match ending {
            Ending::Open => vec![beginning(field, handle)],
            _ => vec![exact(field, handle), beginning(field, &format!("{handle}@"))],
        }
    }

    fn filter(&mut self, filter: &Filter) -> Result<Compiled> {
        Ok(Compiled::exact(silent(match filter {
            Filter::Is { field, any: values } => {
                self.count(values.len())?;
                let values = nonempty(values)?.iter().map(|value| self.value(*field, value));
                any(values.collect())
            }
            Filter::When { from, until } => {
                let bound = |edge: &query::Edge| {
                    Word::from_field_i64(self.fields.event, instant(edge.resolve(self.request.now)))
                };
                Box::new(RangeQuery::new(
                    from.as_ref().map_or(Bound::Unbounded, |edge| Bound::Included(bound(edge))),
                    until.as_ref().map_or(Bound::Unbounded, |edge| Bound::Excluded(bound(edge))),
                ))
            }
        })))
    }

    fn value(&self, field: query::Field, value: &Value) -> Clause {
        let fields = self.fields;
        let text = value.text.as_str();
        // What is said of a watch is looked for in that watch's own finding.
        let scoped =
            |watch: &WatchId| exact(fields.finding, &of_watch(watch.as_str(), field.name(), text));
        let own = match field {
            query::Field::Tone | query::Field::Topic | query::Field::Language => {
                self.request.watch.as_ref().map(scoped)
            }
            _ => None,
        };
        let place = match field {
            query::Field::Author => fields.author,
            query::Field::Site => fields.site,
            query::Field::Url => fields.url,
            query::Field::Source => fields.source,
            query::Field::Kind => fields.kind,
            query::Field::Language => fields.lang,
            query::Field::Tone => fields.tone,
            query::Field::Topic => fields.topic,
        };
        match (own, value.open) {
            (Some(own), _) => own,
            (None, true) => beginning(place, text),
            (None, false) => exact(place, text),
        }
    }

    fn count(&mut self, clauses: usize) -> Result<()> {
        self.clauses += clauses;
        if self.clauses > MOST_CLAUSES {
            return Err(IndexError::Refused(format!(
                "the query has more than {MOST_CLAUSES} words: use fewer"
            )));
        }
        Ok(())
    }

    /// Refuses a prefix that stands for more words than a search may look up.
    fn bounded(&self, field: Field, prefix: &str) -> Result<()> {
        let end = format!("{prefix}{}", char::MAX);
        for segment in self.searcher.segment_readers() {
            let index = segment.inverted_index(field)?;
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

fn nonempty<T>(parts: &[T]) -> Result<&[T]> {
    if parts.is_empty() {
        return Err(IndexError::Refused("the query has empty brackets".to_owned()));
    }
    Ok(parts)
}
