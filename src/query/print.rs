//! Writes a query as it could have been typed: what it means, without what was only typed.

use std::fmt::{self, Display, Formatter};

use super::{Expr, Query};

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.expr.fmt(f)
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(spaced) = self.spaced() {
            return spaced.fmt(f);
        }
        match self {
            Expr::Phrase { words, prefix } => {
                let quote = if words.len() > 1 { "\"" } else { "" };
                let star = if *prefix { "*" } else { "" };
                write!(f, "{quote}{}{star}{quote}", words.join(" "))
            }
            Expr::And(all) => joined(all, " ", f, |child| matches!(child, Expr::Or(_))),
            Expr::Or(any) => joined(any, " OR ", f, |_| false),
            Expr::Not(child) => {
                f.write_str("-")?;
                bracketed(child, f, matches!(**child, Expr::And(_) | Expr::Or(_)))
            }
        }
    }
}

impl Expr {
    /// A phrase that is also looked for without its spaces.
    fn spaced(&self) -> Option<&Expr> {
        let Expr::Or(any) = self else { return None };
        any.first().filter(|_| is_spaced(any))
    }
}

/// Whether these are the two writings of one phrase, with spaces and without, that the parser
/// makes of several words.
pub(super) fn is_spaced(any: &[Expr]) -> bool {
    let [Expr::Phrase { words, prefix }, Expr::Phrase { words: one, prefix: same }] = any else {
        return false;
    };
    words.len() > 1 && prefix == same && *one == [words.concat()]
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
        bracketed(child, f, loose(child))?;
    }
    Ok(())
}

fn bracketed(child: &Expr, f: &mut Formatter<'_>, brackets: bool) -> fmt::Result {
    if brackets && child.spaced().is_none() { write!(f, "({child})") } else { child.fmt(f) }
}
