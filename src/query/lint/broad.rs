//! Terms that would match nearly everything, or too little to be worth looking for.

use std::ops::Range;

use super::Known;
use crate::diagnostic::Diagnostic;
use crate::query::expr::{Ending, Expr, Filter, Near, Term};
use crate::query::field::Field;
use crate::query::tree::{Node, Tree};

/// Words that say nothing by themselves.
const STOP_WORDS: &[&str] = &[
    "about", "all", "also", "and", "are", "au", "aussi", "aux", "avec", "but", "can", "car", "ce",
    "ces", "cette", "comme", "dans", "de", "des", "donc", "du", "elle", "en", "est", "et", "eux",
    "fait", "for", "from", "has", "have", "il", "ils", "in", "is", "it", "je", "la", "le", "les",
    "leur", "lui", "ma", "mais", "me", "mes", "mon", "ne", "nos", "not", "notre", "nous", "of",
    "on", "or", "ou", "our", "par", "pas", "plus", "pour", "que", "qui", "sa", "sans", "se", "ses",
    "si", "son", "sont", "sur", "ta", "te", "that", "the", "their", "there", "they", "this", "to",
    "tout", "tres", "tu", "un", "une", "vos", "votre", "vous", "was", "we", "what", "which", "who",
    "with", "you", "your",
];

/// Words in a row of which hardly any text holds all.
const LONG_PHRASE: usize = 6;

/// A term that is enough to match.
struct Alone<'n> {
    term: &'n Term,
    span: &'n Range<usize>,
    /// Something is excluded beside it, or its source is named: not wholly without context.
    narrowed: bool,
}

pub(super) fn check(root: &Node, known: &Known<'_>, out: &mut Vec<Diagnostic>) {
    let mut terms = Vec::new();
    alone(root, false, &mut terms);
    out.extend(terms.iter().filter_map(|alone| broad(alone, known)));
    out.extend(terms.iter().filter_map(narrow));
    distances(root, out);
    let mut words = 0;
    root.expr()
        .visit(&mut |expr| words += usize::from(matches!(expr, Expr::Term(_) | Expr::Near(_))));
    if words == 0 {
        let title = "this asks for no word, so that every text of such a source or tone matches";
        let help = "add a word; as a search it is fine";
        out.push(Diagnostic::warning(root.span.clone(), title).help(help));
    }
}

fn alone<'n>(node: &'n Node, narrowed: bool, out: &mut Vec<Alone<'n>>) {
    match &node.tree {
        Tree::Leaf(Expr::Term(term)) => out.push(Alone { term, span: &node.span, narrowed }),
        Tree::Leaf(_) | Tree::Not(_) => {}
        Tree::Or(nodes) => nodes.iter().for_each(|node| alone(node, narrowed, out)),
        Tree::And(nodes) => {
            let wordy = |node: &&Node| node.wants() && !is_filter(node);
            let mut wanted = nodes.iter().filter(wordy);
            if let (Some(only), None) = (wanted.next(), wanted.next()) {
                let narrows = |node: &Node| !node.wants() || names_a_source(node);
                alone(only, narrowed || nodes.iter().any(narrows), out);
            }
        }
    }
}

fn is_filter(node: &Node) -> bool {
    matches!(node.tree, Tree::Leaf(Expr::Filter(_)))
}

fn names_a_source(node: &Node) -> bool {
    let Tree::Leaf(Expr::Filter(Filter::Is { field, .. })) = &node.tree else { return false };
    matches!(field, Field::Author | Field::Site | Field::Url | Field::Source)
}

fn broad(alone: &Alone<'_>, known: &Known<'_>) -> Option<Diagnostic> {
    let words = alone.term.words.join(" ");
    let warning = |title: String| Diagnostic::warning(alone.span.clone(), title);
    let context = format!("add words that go with it: `{words} AND (avis OR panne)`");
    let brand = known.ambiguous.iter().find(|brand| brand.words == alone.term.words);
    if alone.term.handle().is_some() || !alone.term.written.is_empty() {
        None
    } else if let Some(brand) = brand {
        let title = format!("`{words}` is an everyday word too");
        let help = format!("write for example `{}`", brand.proposal());
        (!alone.narrowed).then(|| warning(title).help(help))
    } else if words.chars().count() <= 2 && words.is_ascii() {
        Some(warning(format!("`{words}` is so short that many texts hold it")).help(context))
    } else if STOP_WORDS.contains(&words.as_str()) {
        Some(warning(format!("`{words}` is in nearly every text")).help(context))
    } else if alone.term.ending == Ending::Open && words.chars().count() == 3 {
        Some(warning(format!("`{words}*` begins many words")).help("write more of the word"))
    } else {
        None
    }
}

fn narrow(alone: &Alone<'_>) -> Option<Diagnostic> {
    let warning = |title: String| Diagnostic::warning(alone.span.clone(), title);
    let Term { words, written, .. } = alone.term;
    if words.len() >= LONG_PHRASE {
        let title = format!("hardly any text holds these {} words in a row", words.len());
        let help = "keep the few that matter, or join them with NEAR: `rappel NEAR/5 lot`";
        return Some(warning(title).help(help));
    }
    if !written.is_empty() && written != words {
        let title =
            format!("`{}` in small letters or without accents is not found", words.join(" "));
        let help = "posts are written so; without the `=`, add words that go with it";
        return Some(warning(title).help(help));
    }
    None
}

/// Words that must touch are a phrase.
fn distances(node: &Node, out: &mut Vec<Diagnostic>) {
    match &node.tree {
        Tree::Leaf(Expr::Near(near)) if near.within == 0 => out.push(touching(near, &node.span)),
        Tree::Leaf(_) => {}
        Tree::And(nodes) | Tree::Or(nodes) => nodes.iter().for_each(|node| distances(node, out)),
        Tree::Not(node) => distances(node, out),
    }
}

fn touching(near: &Near, span: &Range<usize>) -> Diagnostic {
    let first = |side: &[Term]| side.first().map(|term| term.words.join(" ")).unwrap_or_default();
    let phrase = format!("{} {}", first(&near.left), first(&near.right));
    let title = "with 0 words between, only neighbours are found";
    Diagnostic::warning(span.clone(), title).help(format!("write the phrase: `\"{phrase}\"`"))
}
