//! Reads the watch language into an expression, with every problem at its place.
//!
//! ```text
//! any     = all (OR all)*
//! all     = (NOT* primary) (AND? NOT* primary)*
//! primary = phrase | '(' any ')'
//! ```

use std::ops::Range;

use super::Expr;
use super::lexer::{Placed, Token, lex};
use super::print::is_spaced;
use crate::diagnostic::Diagnostic;

const MAX_BYTES: usize = 512;
const MAX_TERMS: usize = 64;
const MAX_DEPTH: usize = 8;

/// Part of a query with its place.
#[derive(Debug)]
pub(super) struct Node {
    pub expr: Expr,
    pub span: Range<usize>,
    /// Phrases that make the whole match by themselves: what `lint` looks at.
    pub alone: Vec<Alone>,
}

/// A phrase that is enough to match.
#[derive(Debug, Clone)]
pub(super) struct Alone {
    pub words: Vec<String>,
    pub span: Range<usize>,
    /// Something is excluded beside it: not wholly without context.
    pub narrowed: bool,
}

pub(super) fn parse(text: &str) -> Result<Node, Vec<Diagnostic>> {
    if text.len() > MAX_BYTES {
        let title = format!("this query has {} bytes, at most {MAX_BYTES} are read", text.len());
        let help = "make two watches of it, or use `word*` for its variants";
        return Err(vec![Diagnostic::error(0..text.len(), title).label("too long").help(help)]);
    }
    let (tokens, problems) = lex(text);
    let mut parser = Parser { tokens: &tokens, at: 0, end: text.len(), problems };
    parser.count_terms();
    let root = parser.whole();
    match root {
        Some(node) if parser.problems.is_empty() => Ok(node),
        _ => {
            if parser.problems.is_empty() {
                let problem = Diagnostic::error(0..text.len(), "this query is empty");
                parser.problems.push(problem.help("write a word: `Orange`"));
            }
            parser.problems.sort_by_key(|problem| (problem.span.start, problem.span.end));
            Err(parser.problems)
        }
    }
}

struct Parser<'t> {
    tokens: &'t [Placed],
    at: usize,
    end: usize,
    problems: Vec<Diagnostic>,
}

impl Parser<'_> {
    fn problem(&mut self, span: Range<usize>, title: &str, help: &str) {
        self.problems.push(Diagnostic::error(span, title).help(help));
    }

    fn peek(&self) -> Option<&Placed> {
        self.tokens.get(self.at)
    }

    fn take(&mut self, token: &Token) -> Option<Range<usize>> {
        let placed = self.peek().filter(|placed| placed.token == *token)?;
        let span = placed.span.clone();
        self.at += 1;
        Some(span)
    }

    fn count_terms(&mut self) {
        let mut terms = self.tokens.iter().filter(|p| matches!(p.token, Token::Phrase { .. }));
        if let Some(first) = terms.nth(MAX_TERMS) {
            let span = first.span.start..self.end;
            let title = format!("a query has at most {MAX_TERMS} terms");
            let help = "make two watches of it, or use `word*` for its variants";
            self.problems.push(Diagnostic::error(span, title).help(help));
        }
    }

    fn whole(&mut self) -> Option<Node> {
        let mut root = None;
        while self.at < self.tokens.len() {
            let node = self.any(0);
            root = root.or(node);
            if let Some(span) = self.take(&Token::Close) {
                self.problem(span, "this bracket closes nothing", "remove it, or open one before");
            }
        }
        root.map(|node| self.positive(node))
    }

    /// Refuses what would match all texts but a few.
    fn positive(&mut self, node: Node) -> Node {
        if !asks_for_something(&node.expr) {
            let title = "this only excludes, so that nearly every text would match";
            let help = "say what to look for as well: `Orange NOT fruit`";
            self.problem(node.span.clone(), title, help);
        }
        node
    }

    fn any(&mut self, depth: usize) -> Option<Node> {
        let mut branches = Vec::new();
        loop {
            branches.extend(self.all(depth));
            if self.take(&Token::Or).is_none() {
                break;
            }
        }
        if branches.len() > 1 {
            branches = branches.into_iter().map(|branch| self.positive(branch)).collect();
        }
        let span = around(&branches)?;
        let alone = branches.iter().flat_map(|branch| branch.alone.clone()).collect();
        let expr = flat(branches, Expr::Or, |expr| match expr {
            Expr::Or(any) if !is_spaced(&any) => Ok(any),
            other => Err(other),
        })?;
        Some(Node { expr, span, alone })
    }

    fn all(&mut self, depth: usize) -> Option<Node> {
        let mut parts = Vec::new();
        parts.extend(self.operand(depth));
        loop {
            let joined = self.take(&Token::And).is_some();
            let ends = matches!(
                self.peek().map(|placed| &placed.token),
                None | Some(Token::Or | Token::Close)
            );
            if ends && !joined {
                break;
            }
            parts.extend(self.operand(depth));
            if ends {
                break;
            }
        }
        let span = around(&parts)?;
        let narrowed = parts.len() > 1;
        let mut wanted = parts.iter().filter(|part| asks_for_something(&part.expr));
        let alone = match (wanted.next(), wanted.next()) {
            (Some(only), None) => {
                let narrow = |a: &Alone| Alone { narrowed: a.narrowed || narrowed, ..a.clone() };
                only.alone.iter().map(narrow).collect()
            }
            _ => Vec::new(),
        };
        let expr = flat(parts, Expr::And, |expr| match expr {
            Expr::And(all) => Ok(all),
            other => Err(other),
        })?;
        Some(Node { expr, span, alone })
    }

    fn operand(&mut self, depth: usize) -> Option<Node> {
        let mut first_not = None;
        let mut negative = false;
        while let Some(span) = self.take(&Token::Not) {
            first_not.get_or_insert(span.start);
            negative = !negative;
        }
        let mut node = self.primary(depth)?;
        node.span.start = first_not.unwrap_or(node.span.start);
        if negative {
            let node = self.positive(node);
            let expr = Expr::Not(Box::new(node.expr));
            return Some(Node { expr, span: node.span, alone: Vec::new() });
        }
        Some(node)
    }

    fn primary(&mut self, depth: usize) -> Option<Node> {
        let Some(placed) = self.peek().cloned() else {
            let span = self.tokens.last().map_or(0..self.end, |placed| placed.span.clone());
            self.problem(span, "something is missing after this", "write a word, or remove it");
            return None;
        };
        let span = placed.span;
        match placed.token {
            Token::Phrase { words, prefix } => {
                self.at += 1;
                let alone =
                    vec![Alone { words: words.clone(), span: span.clone(), narrowed: false }];
                Some(Node { expr: term(words, prefix), span, alone })
            }
            Token::Open => {
                self.at += 1;
                self.bracket(span, depth)
            }
            Token::And | Token::Or | Token::Not => {
                // Left in place when `any` has a use for it, so that one slip is one problem.
                self.at += usize::from(placed.token != Token::Or);
                let help = "put it between two words, or quote it to look for it";
                self.problem(span, "something is missing before this", help);
                None
            }
            Token::Close => {
                self.problem(
                    span,
                    "something is missing before this",
                    "write a word, or remove it",
                );
                None
            }
        }
    }

    fn bracket(&mut self, open: Range<usize>, depth: usize) -> Option<Node> {
        if depth >= MAX_DEPTH {
            let help = format!("at most {MAX_DEPTH} brackets inside one another");
            self.problem(open, "this bracket is too deep", &help);
            self.at = self.tokens.len();
            return None;
        }
        let node = self.any(depth + 1);
        if let Some(close) = self.take(&Token::Close) {
            return node.map(|node| Node { span: open.start..close.end, ..node });
        }
        // After another problem, it may be closed in what was not read.
        if self.problems.is_empty() {
            self.problem(open, "this bracket is never closed", "add `)` where it ends");
        }
        node
    }
}

/// A phrase; one of several words is also looked for in one word, since `coca-cola`, `La Redoute`
/// and `l'Oréal` are written so in tags and addresses. Not below five letters: `H&M` is no `hm`.
fn term(words: Vec<String>, prefix: bool) -> Expr {
    let one = words.concat();
    if words.len() < 2 || one.chars().count() < 5 {
        return Expr::Phrase { words, prefix };
    }
    Expr::Or(vec![Expr::Phrase { words, prefix }, Expr::Phrase { words: vec![one], prefix }])
}

fn asks_for_something(expr: &Expr) -> bool {
    match expr {
        Expr::Phrase { .. } => true,
        Expr::And(all) => all.iter().any(asks_for_something),
        Expr::Or(any) => any.iter().all(asks_for_something),
        Expr::Not(_) => false,
    }
}

fn around(nodes: &[Node]) -> Option<Range<usize>> {
    Some(nodes.first()?.span.start..nodes.last()?.span.end)
}

/// One expression for several, children of the same sort taken in: `(a b) c` is `a b c`.
fn flat(
    nodes: Vec<Node>,
    join: fn(Vec<Expr>) -> Expr,
    open: impl Fn(Expr) -> Result<Vec<Expr>, Expr>,
) -> Option<Expr> {
    let mut children = Vec::new();
    for node in nodes {
        match open(node.expr) {
            Ok(inner) => children.extend(inner),
            Err(whole) => children.push(whole),
        }
    }
    // `(a b)` alone was just opened: it has several children again, and is joined as it was.
    if children.len() > 1 { Some(join(children)) } else { children.pop() }
}
