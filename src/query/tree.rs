//! A query as it was written: the expression with the place of each of its parts.

use std::ops::Range;

use super::expr::Expr;

/// Part of a query with its place, in bytes of the query.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub tree: Tree,
    pub span: Range<usize>,
}

#[derive(Debug, Clone)]
pub(super) enum Tree {
    /// A term, two that are near each other, or a filter.
    Leaf(Expr),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
}

impl Node {
    /// What it means, without what was only typed: `(a b) c` is `a b c`.
    pub(super) fn expr(&self) -> Expr {
        match &self.tree {
            Tree::Leaf(expr) => expr.clone(),
            Tree::Not(node) => Expr::Not(Box::new(node.expr())),
            Tree::And(nodes) => {
                let inner = nodes.iter().flat_map(|node| match node.expr() {
                    Expr::And(all) => all,
                    other => vec![other],
                });
                Expr::And(inner.collect())
            }
            Tree::Or(nodes) => {
                let inner = nodes.iter().flat_map(|node| match node.expr() {
                    Expr::Or(any) => any,
                    other => vec![other],
                });
                Expr::Or(inner.collect())
            }
        }
    }

    /// Whether it asks for a word or a field, rather than only excluding.
    pub(super) fn wants(&self) -> bool {
        match &self.tree {
            Tree::Leaf(_) => true,
            Tree::And(nodes) => nodes.iter().any(Node::wants),
            Tree::Or(nodes) => nodes.iter().all(Node::wants),
            Tree::Not(_) => false,
        }
    }

    /// Several as one: a single one stays as it is.
    pub(super) fn join(nodes: Vec<Node>, join: fn(Vec<Node>) -> Tree) -> Option<Node> {
        let span = nodes.first()?.span.start..nodes.last()?.span.end;
        if nodes.len() == 1 {
            return nodes.into_iter().next();
        }
        Some(Node { tree: join(nodes), span })
    }
}
