//! One viral post: what the public does with it in an hour, against other posts of authors of that
//! class on that kind of source.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::Echo;
use super::level::{Level, Prior};
use crate::model::{Measure, Risk, Seq, Tone};

/// Posts remembered: those that most was done with.
const POSTS: usize = 96;

/// Seconds after publication until which a post can be viral; then it is learned from.
const YOUNG: i64 = 72 * 3600;

/// An hour in seconds. A post is as old as that at least, or its first three likes would be a
/// storm.
const HOUR: f64 = 3600.0;

/// What makes a post worth a look for anybody, an hour and in all. A view is worth a hundredth of
/// a reaction: that is how often people react to what they see.
const FLOOR_PER_HOUR: f64 = 50.0;
const FLOOR: f64 = 100.0;
const VIEWS: f64 = 100.0;

/// Standard deviations above the usual speed: one post of a thousand.
const DEVIATIONS: f64 = 3.0;

/// What an author has followers from, for each class above the smallest.
const CLASSES: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];

/// Reactions in the fastest hour of a usual post, by class: unknown, below a thousand, and so on.
/// Nobody publishes these for all networks, so they are ours: about a thousandth of the followers,
/// for people react less to large accounts. A dozen posts of a watch outweigh them.
const USUAL: [f64; AUTHORS as usize] = [2.0, 1.0, 5.0, 40.0, 250.0, 1500.0];
const SPREAD: f64 = 1.2;
const WEIGHT: f64 = 10.0;

/// Risks told at once.
const TOLD: usize = 3;

/// The young posts of a watch, and how fast they usually spread.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Posts {
    young: VecDeque<Post>,
    /// By cell: measure, kind of source and class of author in one number.
    usual: BTreeMap<u16, Level>,
}

/// Mention, second of publication, cell, most that was done with it, the fastest hour, tone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Post {
    #[serde(rename = "s")]
    seq: Seq,
    #[serde(rename = "b")]
    born: i64,
    #[serde(rename = "c")]
    cell: u16,
    #[serde(rename = "e")]
    spread: u64,
    #[serde(rename = "f")]
    fastest: f64,
    #[serde(rename = "t")]
    tone: Tone,
}

impl Posts {
    /// Hears a post, or what was done with it since.
    pub(super) fn hear(&mut self, echo: &Echo) {
        let Some((measure, spread)) = echo.spread else { return };
        let (born, now) = (echo.second(), echo.signal.arrived.as_second());
        self.learn_old(now);
        if now.saturating_sub(born) >= YOUNG {
            return;
        }
        let known = self.young.iter().position(|post| post.seq == echo.seq);
        let known = known.and_then(|place| self.young.remove(place));
        let most = known.map_or(spread, |post| post.spread.max(spread));
        let fastest = per_hour(most, born, now).max(known.map_or(0.0, |post| post.fastest));
        let cell = cell(measure, echo.signal.kind, echo.signal.reach);
        let post =
            Post { seq: echo.seq, born, cell, spread: most, fastest, tone: echo.signal.tone };
        // In the order of birth, so that the order of hearing does not matter.
        let place = self.young.partition_point(|other| (other.born, other.seq) < (born, post.seq));
        self.young.insert(place, post);
        if self.young.len() > POSTS {
            self.forget_the_slowest();
        }
    }

    fn learn_old(&mut self, now: i64) {
        while let Some(post) = self.young.front().copied() {
            if now.saturating_sub(post.born) < YOUNG {
                return;
            }
            self.young.pop_front();
            self.learn(&post);
        }
    }

    fn forget_the_slowest(&mut self) {
        let slowest = self.young.iter().enumerate().min_by_key(|(_, post)| (post.spread, post.seq));
        if let Some(post) = slowest.map(|(place, _)| place).and_then(|at| self.young.remove(at)) {
            self.learn(&post);
        }
    }

    /// A runaway post teaches no more than what is just unusual.
    fn learn(&mut self, post: &Post) {
        let level = self.usual.entry(post.cell).or_default();
        let prior = prior(post.cell);
        let unusual = level.deviations(post.fastest, prior) >= DEVIATIONS;
        let at_most = level.at(DEVIATIONS, prior);
        level.learn(if unusual { at_most } else { post.fastest });
    }

    /// The posts that spread fastest against what is usual. One that is praised is no risk.
    pub(super) fn risks(&self, now: i64) -> Vec<Risk> {
        let posts = self.young.iter().filter(|post| post.tone != Tone::Positive);
        let mut found: Vec<(f64, Risk)> = posts.filter_map(|post| self.risk(post, now)).collect();
        found.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        found.into_iter().take(TOLD).map(|(_, risk)| risk).collect()
    }

    fn risk(&self, post: &Post, now: i64) -> Option<(f64, Risk)> {
        let age = now.checked_sub(post.born).filter(|age| (0..YOUNG).contains(age))?;
        let per_hour = per_hour(post.spread, post.born, post.born + age);
        let (measure, worth) = measure(post.cell);
        let level = self.usual.get(&post.cell).copied().unwrap_or_default();
        let prior = prior(post.cell);
        let fast = per_hour >= FLOOR_PER_HOUR * worth && post.spread as f64 >= FLOOR * worth;
        if !fast || level.deviations(per_hour, prior) < DEVIATIONS {
            return None;
        }
        let usual = level.usual(prior);
        let risk = Risk::Viral { seq: post.seq, measure, per_hour, usual, tone: post.tone };
        Some((per_hour / usual, risk))
    }
}

/// What was done with a post in each hour of its life.
fn per_hour(spread: u64, born: i64, now: i64) -> f64 {
    let hours = now.saturating_sub(born).max(0) as f64 / HOUR;
    spread as f64 / hours.max(1.0)
}

/// Kinds of source that are told apart, and classes of authors.
const KINDS: u16 = 8;
const AUTHORS: u16 = 6;

/// Measure, kind and class in one number.
fn cell(measure: Measure, kind: u8, followers: u64) -> u16 {
    let views = u16::from(measure == Measure::Views);
    let above = CLASSES.iter().filter(|from| followers >= **from).count();
    let class = if followers == 0 { 0 } else { above + 1 };
    let row = views * KINDS + u16::from(kind).min(KINDS - 1);
    row * AUTHORS + u16::try_from(class).unwrap_or(0)
}

/// What a cell counts, and how many of it are worth a reaction.
fn measure(cell: u16) -> (Measure, f64) {
    if cell >= KINDS * AUTHORS { (Measure::Views, VIEWS) } else { (Measure::Reactions, 1.0) }
}

fn prior(cell: u16) -> Prior {
    let class = usize::from(cell % AUTHORS);
    let size = USUAL.get(class).copied().unwrap_or(1.0) * measure(cell).1;
    Prior { size, spread: SPREAD, weight: WEIGHT }
}
