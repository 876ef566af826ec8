//! Writes a query as it could have been typed: what it means, without what was only typed.

use std::fmt::{self, Display, Formatter};

use super::Query;
use super::date::Edge;
use super::expr::{Ending, Expr, Filter, Near, Part, Term, Value};
use super::field::Field;

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.expr.fmt(f)
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Expr::Term(term) => term.fmt(f),
            Expr::Near(near) => near.fmt(f),
            Expr::Filter(filter) => filter.fmt(f),
            Expr::And(all) => joined(all, " ", f, |child| matches!(child, Expr::Or(_))),
            Expr::Or(any) => joined(any, " OR ", f, |_| false),
            Expr::Not(child) => {
                f.write_str("-")?;
                let loose = |child: &Expr| {
                    matches!(child, Expr::And(_) | Expr::Or(_) | Expr::Near(_) | Expr::Not(_))
                };
                joined(std::slice::from_ref(child), "", f, loose)
            }
        }
    }
}

impl Display for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let scope = match self.part {
            Part::Anywhere => "",
            Part::Title => "title:",
            Part::Text => "text:",
        };
        let mark = match (self.written.is_empty(), self.ending) {
            (false, _) => "=",
            (true, Ending::Plural) => "~",
            (true, _) => "",
        };
        let words = if self.written.is_empty() { &self.words } else { &self.written };
        let star = if self.ending == Ending::Open { "*" } else { "" };
        let text = words.join(" ");
        // As written, a word may look like an operator.
        let plain = self.handle().is_some() || (words.len() == 1 && self.written.is_empty());
        let quote = if plain { "" } else { "\"" };
        write!(f, "{scope}{mark}{quote}{text}{star}{quote}")
    }
}

impl Display for Near {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let name = if self.ordered { "ONEAR" } else { "NEAR" };
        side(&self.left, f)?;
        write!(f, " {name}/{} ", self.within)?;
        side(&self.right, f)
    }
}

fn side(terms: &[Term], f: &mut Formatter<'_>) -> fmt::Result {
    if let [only] = terms {
        return only.fmt(f);
    }
    let terms: Vec<String> = terms.iter().map(Term::to_string).collect();
    write!(f, "({})", terms.join(" OR "))
}

impl Display for Filter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Filter::Is { field, any } => is(*field, any, f),
            Filter::When { from: Some(from), until: None } => write!(f, "since:{from}"),
            Filter::When { from: None, until: Some(until) } => write!(f, "until:{until}"),
            Filter::When { from: Some(from), until: Some(until) } => {
                write!(f, "date:{from}..{until}")
            }
            Filter::When { from: None, until: None } => Ok(()),
        }
    }
}

fn is(field: Field, any: &[Value], f: &mut Formatter<'_>) -> fmt::Result {
    let values: Vec<String> = any.iter().map(Value::to_string).collect();
    match values.as_slice() {
        [only] => write!(f, "{}:{only}", field.name()),
        several => write!(f, "{}:({})", field.name(), several.join(" ")),
    }
}

impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let star = if self.open { "*" } else { "" };
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@' | '/');
        let word = self.text.chars().all(plain) && !matches!(self.text.as_str(), "OR" | "OU");
        // What was read between one pair of signs holds no closing one of that pair.
        let pairs = [('"', '"'), ('«', '»'), ('“', '”')];
        match pairs.iter().find(|(_, close)| !self.text.contains(*close)).filter(|_| !word) {
            Some((open, close)) => write!(f, "{open}{}{star}{close}", self.text),
            None => write!(f, "{}{star}", self.text),
        }
    }
}

impl Display for Edge {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Edge::At(at) => at.fmt(f),
            Edge::Ago(seconds) => write!(f, "{seconds}s"),
        }
    }
}

fn joined(
    children: &[Expr],
    between: &str,
    f: &mut Formatter<'_>,
    loose: impl Fn(&Expr) -> bool,
) -> fmt::Result {
    for (i, child) in children.iter().enumerate() {
        if i > 0 {
            f.write_str(between)?;
        }
        if loose(child) { write!(f, "({child})")? } else { child.fmt(f)? }
    }
    Ok(())
}
