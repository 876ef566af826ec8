//! Whether two sides stand near each other, and which of their places do.

use super::expr::Near;
use super::prepared::{Piece, Prepared};

/// A place with the positions of its first and last word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Run {
    first: usize,
    last: usize,
    place: Piece,
}

/// The places of both sides that have a partner near enough; none when they are apart.
///
/// Sorting both sides makes it `n log n` in the places, whatever their number of pairs.
pub(super) fn near(
    near: &Near,
    left: &[Piece],
    right: &[Piece],
    text: &Prepared<'_>,
) -> Vec<Piece> {
    let (left, right) = (runs(left, text), runs(right, text));
    let (left_ends, right_ends) = (ends(&left), ends(&right));
    let follows = |run: &Run, others: &[Run]| {
        let next = others.partition_point(|other| other.first <= run.last);
        others.get(next).is_some_and(|other| other.first - run.last <= near.within + 1)
    };
    let precedes = |run: &Run, ends: &[usize]| {
        let before = ends.partition_point(|end| *end < run.first);
        before
            .checked_sub(1)
            .and_then(|at| ends.get(at))
            .is_some_and(|end| run.first - end <= near.within + 1)
    };
    let of_left = left
        .iter()
        .filter(|run| follows(run, &right) || (!near.ordered && precedes(run, &right_ends)));
    let of_right = right
        .iter()
        .filter(|run| precedes(run, &left_ends) || (!near.ordered && follows(run, &left)));
    of_left.chain(of_right).map(|run| run.place).collect()
}

fn runs(places: &[Piece], text: &Prepared<'_>) -> Vec<Run> {
    let run = |place: &Piece| {
        let (first, last) = text.positions(*place);
        Run { first, last, place: *place }
    };
    let mut runs: Vec<Run> = places.iter().map(run).collect();
    runs.sort_unstable();
    runs
}

/// Positions of last words, sorted by themselves: places of several lengths may overlap.
fn ends(runs: &[Run]) -> Vec<usize> {
    let mut ends: Vec<usize> = runs.iter().map(|run| run.last).collect();
    ends.sort_unstable();
    ends
}
