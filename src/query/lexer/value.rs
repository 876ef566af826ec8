//! From what stands behind the colon of a field to a filter.

use std::ops::Range;

use super::{Lexer, Token, closing, ends_word};
use crate::query::date::{FORMS, edge, period};
use crate::query::expr::{Filter, Value};
use crate::query::field::{Field, Name};

impl Lexer<'_> {
    /// Reads the values that begin at `at` for the field named at `start`; where to go on.
    pub(super) fn values(&mut self, start: usize, at: usize, sort: Name) -> usize {
        let (places, end) = match self.char(at) {
            Some('(') => self.list(at),
            _ => self.value(at),
        };
        let filter = match sort {
            Name::Is(field) => self.one_of(field, &places, start..end),
            _ => self.dates(sort, &places, start..end),
        };
        if let Some(filter) = filter {
            self.push(Token::Filter(filter), start..end);
        }
        end
    }

    /// One value, bare or quoted.
    fn value(&mut self, at: usize) -> (Vec<Range<usize>>, usize) {
        if let Some(close) = self.char(at).and_then(closing) {
            return match self.quotation(at, close) {
                Some(inside) => (vec![inside.clone()], inside.end + close.len_utf8()),
                None => (Vec::new(), self.text.len()),
            };
        }
        let rest = self.text.get(at..).unwrap_or_default();
        let end = at + rest.find(|c| ends_word(c) || c == ',').unwrap_or(rest.len());
        (std::iter::once(at..end).collect(), end)
    }

    /// Values in brackets, with spaces, commas or OR between them.
    fn list(&mut self, open: usize) -> (Vec<Range<usize>>, usize) {
        let mut places = Vec::new();
        let mut at = open + 1;
        while let Some(c) = self.char(at) {
            if c == ')' {
                return (places, at + 1);
            } else if c.is_whitespace() || matches!(c, ',' | '(' | '»' | '”') {
                at += c.len_utf8();
                continue;
            }
            let (mut read, next) = self.value(at);
            read.retain(|place| !matches!(self.text.get(place.clone()), Some("OR" | "OU")));
            places.append(&mut read);
            at = next;
        }
        self.problem(open..open + 1, "this bracket is never closed", "add `)` where it ends");
        (Vec::new(), self.text.len())
    }

    fn one_of(
        &mut self,
        field: Field,
        places: &[Range<usize>],
        whole: Range<usize>,
    ) -> Option<Filter> {
        let mut any: Vec<Value> = Vec::with_capacity(places.len());
        for place in places {
            let written = self.text.get(place.clone()).unwrap_or_default().trim();
            match field.value(written) {
                Ok(value) if any.contains(&value) => {}
                Ok(value) => any.push(value),
                Err(wrong) => self.problem(place.clone(), wrong.title, wrong.help),
            }
        }
        if places.is_empty() {
            let title = format!("`{}:` has no value", field.name());
            self.problem(whole, title, "write it right after the colon");
        }
        (!any.is_empty()).then_some(Filter::Is { field, any })
    }

    fn dates(
        &mut self,
        sort: Name,
        places: &[Range<usize>],
        whole: Range<usize>,
    ) -> Option<Filter> {
        let [place] = places else {
            self.problem(whole, "one date is asked for here", FORMS);
            return None;
        };
        let written = self.text.get(place.clone()).unwrap_or_default().trim();
        let filter = match sort {
            Name::Since => edge(written, self.zone).map(|from| (Some(from), None)),
            Name::Until => edge(written, self.zone).map(|until| (None, Some(until))),
            _ => period(written, self.zone).map(|(from, until)| (Some(from), until)),
        };
        if filter.is_none() {
            self.problem(place.clone(), format!("`{written}` is no date"), FORMS);
        }
        filter.map(|(from, until)| Filter::When { from, until })
    }
}
