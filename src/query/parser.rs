//! Reads the watch language into a tree, with every problem at its place.
//!
//! ```text
//! any     = all (OR all)*                     OR, OU
//! all     = (NOT* near) (AND? NOT* near)*     AND, ET, nothing; NOT, SAUF, -
//! near    = primary (NEAR/n primary)?         NEAR, PRÈS; in this order: ONEAR, PUIS
//! primary = term | filter | scope primary | '(' any ')'
//! term    = [=~] (word | "phrase") *?         = as written, ~ singular and plural, * any ending
//! scope   = title: | text:
//! filter  = field ':' (value | (value, value)) | since:day | until:day | date:day..day
//! ```
//!
//! Both sides of NEAR are terms, or brackets of terms joined by OR.

use std::ops::Range;

use jiff::tz::TimeZone;

use super::expr::{Expr, Filter, Near, Part, Term};
use super::lexer::{Placed, Token, lex};
use super::tree::{Node, Tree};
use crate::diagnostic::Diagnostic;

const MAX_DEPTH: usize = 8;

/// How large a query may be; reading and asking it are linear in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub bytes: usize,
    /// Words, phrases and values.
    pub terms: usize,
}

impl Limits {
    /// Written once with care, asked of every text.
    pub const WATCH: Limits = Limits { bytes: 4_096, terms: 256 };
    /// Typed by anybody at any time.
    pub const SEARCH: Limits = Limits { bytes: 512, terms: 64 };
}

pub(super) fn parse(text: &str, limits: Limits, zone: &TimeZone) -> Result<Node, Vec<Diagnostic>> {
    let most = limits.bytes;
    if text.len() > most {
        let title = format!("this query has {} bytes, at most {most} are read", text.len());
        let help = "make two of it, or use `word*` for its variants";
        return Err(vec![Diagnostic::error(0..text.len(), title).label("too long").help(help)]);
    }
    let (tokens, problems) = lex(text, zone);
    let mut parser = Parser { tokens: &tokens, at: 0, end: text.len(), problems };
    parser.count_terms(limits.terms);
    let root = parser.whole();
    match root {
        Some(node) if parser.problems.is_empty() => Ok(node),
        _ => {
            if parser.problems.is_empty() {
                parser.problem(0..text.len(), "this query is empty", "write a word: `Orange`");
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

    fn count_terms(&mut self, most: usize) {
        let mut terms = 0;
        let first_beyond = self.tokens.iter().find(|placed| {
            terms += match &placed.token {
                Token::Term(_) => 1,
                Token::Filter(Filter::Is { any, .. }) => any.len(),
                _ => 0,
            };
            terms > most
        });
        if let Some(first) = first_beyond {
            let span = first.span.start..self.end;
            let title = format!("a query has at most {most} terms");
            self.problem(span, &title, "make two of it, or use `word*` for its variants");
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
        if let Some(node) = &root {
            self.positive(node, node.span.clone());
        }
        root
    }

    /// Refuses what would match all texts but a few.
    fn positive(&mut self, node: &Node, span: Range<usize>) {
        if !node.wants() {
            let title = "this only excludes, so that nearly every text would match";
            self.problem(span, title, "say what to look for as well: `Orange NOT fruit`");
        }
    }

    fn any(&mut self, depth: usize) -> Option<Node> {
        let mut branches: Vec<Node> = Vec::new();
        loop {
            branches.extend(self.all(depth));
            if self.take(&Token::Or).is_none() {
                break;
            }
        }
        if branches.len() > 1 {
            for branch in &branches {
                self.positive(branch, branch.span.clone());
            }
        }
        Node::join(branches, Tree::Or)
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
        Node::join(parts, Tree::And)
    }

    fn operand(&mut self, depth: usize) -> Option<Node> {
        let mut first_not = None;
        let mut negative = false;
        while let Some(span) = self.take(&Token::Not) {
            first_not.get_or_insert(span.start);
            negative = !negative;
        }
        let mut node = self.near(depth)?;
        let span = first_not.unwrap_or(node.span.start)..node.span.end;
        if negative {
            self.positive(&node, span.clone());
            return Some(Node { tree: Tree::Not(Box::new(node)), span });
        }
        node.span = span;
        Some(node)
    }

    fn near(&mut self, depth: usize) -> Option<Node> {
        let left = self.primary(depth)?;
        let Some(&Token::Near { within, ordered }) = self.peek().map(|placed| &placed.token) else {
            return Some(left);
        };
        self.at += 1;
        let right = self.primary(depth)?;
        if let Some(Placed { token: Token::Near { .. }, span }) = self.peek().cloned() {
            let title = "NEAR joins two sides, and this is a third";
            self.problem(span, title, "write `(a NEAR/5 b) AND (b NEAR/5 c)`");
            self.at += 1;
        }
        let span = left.span.start..right.span.end;
        let near = Near { left: self.side(&left), right: self.side(&right), within, ordered };
        Some(Node { tree: Tree::Leaf(Expr::Near(Box::new(near))), span })
    }

    /// The terms of one side of NEAR.
    fn side(&mut self, node: &Node) -> Vec<Term> {
        let terms = match node.expr() {
            Expr::Term(term) => Some(vec![term]),
            Expr::Or(any) => any
                .into_iter()
                .map(|branch| if let Expr::Term(term) = branch { Some(term) } else { None })
                .collect(),
            _ => None,
        };
        if terms.is_none() {
            let title = "NEAR stands between words, or brackets of words joined by OR";
            let help = "write `(rappel OR retrait) NEAR/5 (lot OR produit)`";
            self.problem(node.span.clone(), title, help);
        }
        terms.unwrap_or_default()
    }

    fn primary(&mut self, depth: usize) -> Option<Node> {
        let Some(Placed { token, span }) = self.peek().cloned() else {
            let span = self.tokens.last().map_or(0..self.end, |placed| placed.span.clone());
            self.problem(span, "something is missing after this", "write a word, or remove it");
            return None;
        };
        match token {
            Token::Term(term) => {
                self.at += 1;
                Some(Node { tree: Tree::Leaf(Expr::Term(term)), span })
            }
            Token::Filter(filter) => {
                self.at += 1;
                Some(Node { tree: Tree::Leaf(Expr::Filter(filter)), span })
            }
            Token::Open => {
                self.at += 1;
                self.bracket(span, depth)
            }
            Token::Scope(part) => {
                self.at += 1;
                self.scoped(part, &span, depth)
            }
            Token::And | Token::Or | Token::Not | Token::Near { .. } => {
                // Left in place when `any` has a use for it, so that one slip is one problem.
                self.at += usize::from(token != Token::Or);
                let help = "put it between two words, or quote it to look for it";
                self.problem(span, "something is missing before this", help);
                None
            }
            Token::Close => {
                let title = "something is missing before this";
                self.problem(span, title, "write a word, or remove it");
                None
            }
        }
    }

    fn scoped(&mut self, part: Part, scope: &Range<usize>, depth: usize) -> Option<Node> {
        if !matches!(self.peek()?.token, Token::Term(_) | Token::Open) {
            let title = "a word or a bracket of words follows this";
            self.problem(scope.clone(), title, "write `title:panne` or `title:(panne OR grève)`");
            return None;
        }
        let mut node = self.primary(depth)?;
        self.confine(&mut node, part);
        node.span.start = scope.start;
        Some(node)
    }

    /// Makes every term inside look in one part of the mention only.
    fn confine(&mut self, node: &mut Node, part: Part) {
        match &mut node.tree {
            Tree::And(nodes) | Tree::Or(nodes) => {
                for node in nodes {
                    self.confine(node, part);
                }
            }
            Tree::Not(node) => self.confine(node, part),
            Tree::Leaf(Expr::Term(term)) if term.part == Part::Anywhere => term.part = part,
            Tree::Leaf(Expr::Near(near)) if near.terms().all(|t| t.part == Part::Anywhere) => {
                let terms = near.left.iter_mut().chain(&mut near.right);
                terms.for_each(|term| term.part = part);
            }
            Tree::Leaf(_) => {
                let title = "only words stand inside `title:` and `text:`";
                self.problem(node.span.clone(), title, "move it out of the brackets");
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
