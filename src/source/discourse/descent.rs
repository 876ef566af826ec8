//! How far a forum was read: down from the newest post to the mark, then the mark moves up.

use serde::{Deserialize, Serialize};

use crate::model::Timestamp;

/// Ids below the newest post that the first poll reads, when nothing else is configured.
pub(super) const FIRST_DEPTH: u64 = 50;
/// Ids that one descent passes at most: four hundred pages, after which a site has been asked
/// enough for what is old.
pub(super) const MAX_DEPTH: u64 = 20_000;
/// Older releases answer with the posts of a window of ids, so that a page may be empty although
/// older posts exist: then the next step goes down so far.
const STEP: u64 = 50;
/// Posts that were held back for approval come out late under an old id: what is younger than
/// this is read again.
const OVERLAP_SECONDS: i64 = 600;

/// Where a forum stands; ids of posts grow on one site.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Descent {
    /// All at or under this id was read, ten minutes or more after it was written.
    settled: u64,
    /// The newest id when a descent last set a mark, and when that was.
    mark: u64,
    marked: Option<Timestamp>,
    /// The newest id ever met.
    newest: u64,
    /// The next page has the posts under this id; nothing between two polls.
    pub(super) before: Option<u64>,
    /// Where the descent under way ends.
    target: u64,
}

/// What one page did.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) more: bool,
    pub(super) fresh: bool,
    pub(super) problem: Option<String>,
}

impl Descent {
    /// Takes the ids of one page into account.
    pub(super) fn go_down(&mut self, ids: &[u64], first_depth: u64, seen: Timestamp) -> Step {
        let (lowest, highest) = (ids.iter().min().copied(), ids.iter().max().copied());
        let known = self.newest;
        let problem = match (self.before, highest) {
            (None, Some(highest)) => self.begin(highest, first_depth),
            // A forum without a post, or whose posts are all hidden from us.
            (None, None) => return Step { more: false, fresh: false, problem: None },
            (Some(_), _) => None,
        };
        let from = self.before.unwrap_or_else(|| highest.unwrap_or_default().saturating_add(1));
        // Down to the lowest post, however few a page holds; past an empty window by its width.
        // Those older releases repeat the post they were asked from.
        let below = lowest.filter(|lowest| *lowest < from);
        let next = below.unwrap_or_else(|| from.saturating_sub(STEP));
        let more = next > self.target.saturating_add(1);
        self.before = more.then_some(next);
        if !more {
            self.arrive(seen);
        }
        Step { more, fresh: highest.is_some_and(|highest| highest > known), problem }
    }

    /// Starts from the newest post: sets where to end.
    fn begin(&mut self, highest: u64, first_depth: u64) -> Option<String> {
        let first = self.settled == 0;
        // Ids that fell under what was read long ago: the forum was moved or restored.
        let restarted = !first && highest < self.settled;
        if first || restarted {
            *self = Descent { target: highest.saturating_sub(first_depth), ..Descent::default() };
        } else {
            self.target = self.settled;
        }
        self.newest = self.newest.max(highest);
        if restarted {
            return Some(format!(
                "the newest post is now {highest}, lower than before: reads the forum as a new one"
            ));
        }
        let floor = highest.saturating_sub(MAX_DEPTH);
        let skipped = floor.saturating_sub(self.target);
        self.target = self.target.max(floor);
        (skipped > 0).then(|| {
            format!("{skipped} post ids since the last poll: only the newest {MAX_DEPTH} are read")
        })
    }

    /// All from the newest post down to the target was read.
    fn arrive(&mut self, seen: Timestamp) {
        let is_old =
            self.marked.is_none_or(|at| seen.duration_since(at).as_secs().abs() >= OVERLAP_SECONDS);
        if is_old {
            // The first descent has no earlier mark: its own end stands for it.
            self.settled = if self.marked.is_none() { self.target.max(1) } else { self.mark };
            self.mark = self.newest;
            self.marked = Some(seen);
        }
    }
}
