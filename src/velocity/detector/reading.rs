//! How the detector reads its windows: the most surprising one, and what it says.

use super::super::baseline::YOUNG;
use super::super::hours::HOUR;
use super::super::ring::BUCKET;
use super::super::score::{self, Evidence, Score};
use super::super::tail;
use super::windows::{Window, band, shape};
use super::{Detector, PLAIN, VOLUME_WINDOWS, WINDOWS, timestamp};
use crate::calendar::Occasion;
use crate::model::{Planned, Reading, Timestamp, Volume};

/// Windows up to 3 hours say that it goes on.
const SHORT: i64 = 36;

/// A surprise of the share weighs this much more than one of the velocity.
const SHARE_FACTOR: f64 = 1.5;

/// Below this evidence nothing is surprising: weighted negatives, and distinct authors.
pub(super) const FEWEST: f64 = 5.0;
const FEWEST_AUTHORS: f64 = 5.0;

/// One author more is needed for so many mentions by who spoke before: a crowd grows by people, a
/// handful of accounts by mentions.
const REPETITIONS: f64 = 2.0;

/// Authors with words of their own that are needed: the reposts of one text have its tone, which may
/// have been misheard.
const FEWEST_TEXTS: f64 = 3.0;

/// Deducted from the surprise of a watch that has learned nothing yet.
pub(super) const COLD: f64 = 0.5;

/// A window as it was read.
#[derive(Debug, Clone, Copy)]
struct Read {
    buckets: i64,
    window: Window,
    mean: f64,
    /// The mean with what a plan explains; the same without one.
    explained: f64,
    /// Variance beyond clusters, relative to the square of the mean.
    variable: f64,
    velocity: f64,
    share: f64,
    surprise: f64,
}

impl Detector {
    pub(super) fn read(&self, now: Timestamp) -> Reading {
        let longest = VOLUME_WINDOWS.iter().fold(0, |longest, buckets| longest.max(*buckets));
        let since = self.clock - longest * BUCKET - HOUR;
        let planned = self.plan.between(&self.zone, since, self.clock);
        let windows = self.windows(&planned);
        let volume = self.volume(&windows, &planned);
        let reads: Vec<Read> =
            (0..).zip(&windows).map(|(n, sums)| self.read_window(n, sums)).collect();
        let best = reads
            .iter()
            .filter(|read| read.surprise > 0.0)
            .reduce(|best, read| if read.surprise > best.surprise { read } else { best })
            .or(reads.get(PLAIN))
            .or(reads.last());
        let short = reads
            .iter()
            .filter(|read| read.buckets <= SHORT)
            .fold(0.0, |most: f64, read| most.max(read.surprise));
        let reading = match best {
            Some(best) => self.tell(now, best, short),
            None => self.tell(now, &self.read_window(PLAIN, &Window::default()), 0.0),
        };
        let told = reading.window_minutes.max(volume.window_minutes);
        Reading { planned: self.named(&planned, told), volume, ..reading }
    }

    /// The events that widen one of the windows told, of so many minutes at most.
    fn named(&self, planned: &[Occasion], minutes: u32) -> Vec<Planned> {
        let since = self.clock - i64::from(minutes) * 60;
        let touching = planned.iter().filter(|occasion| occasion.until > since);
        touching
            .map(|occasion| Planned {
                name: occasion.name.clone(),
                factor: occasion.factor,
                until: timestamp(occasion.until),
            })
            .collect()
    }

    fn read_window(&self, place: usize, window: &Window) -> Read {
        let (usual, _) = self.baseline.share();
        let mean = window.expected * usual;
        // A plan explains the volume that came, at the usual share, and never anger: what it allows
        // follows from the mentions that are not negative. So a campaign of happy people raises no
        // alarm, and a campaign of angry ones surprises as on any other day.
        let calm = (window.total - window.negative) / (1.0 - usual);
        let explained = usual * calm.min(window.most).max(window.expected);
        let spread = self.spread.get(place).map_or(0.0, |spread| spread.value());
        let variable = spread + self.baseline.doubt(self.slot(self.entered));
        let (of_velocity, of_share) =
            self.surprises(window.negative, window.total, explained, variable);
        Read {
            buckets: WINDOWS.get(place).copied().unwrap_or_default(),
            window: *window,
            mean,
            explained,
            variable,
            velocity: of_velocity,
            share: of_share,
            surprise: if is_evident(window) { joined(of_velocity, of_share) } else { 0.0 },
        }
    }

    /// How improbable so many negatives are, and how improbable a share of so many they are.
    pub(super) fn surprises(&self, x: f64, total: f64, mean: f64, variable: f64) -> (f64, f64) {
        if x <= mean || x < 1.0 {
            return (0.0, 0.0);
        }
        let (usual, weight) = self.baseline.share();
        let of_velocity = -tail::negative_binomial(x, mean, shape(mean, variable));
        let independent = self.labels.independent(total, weight);
        (of_velocity, share_surprise(x / total, usual, independent))
    }

    fn tell(&self, now: Timestamp, best: &Read, short: f64) -> Reading {
        let cold = COLD * (1.0 - self.baseline.exposure() / YOUNG).max(0.0);
        let window = &best.window;
        let copies = (1.0 - window.negative / window.raw.max(1.0)).clamp(0.0, 1.0);
        let copies = if window.raw > 0.0 { copies } else { 0.0 };
        let kinds = window.kinds.iter().map(|kind| u32::from(*kind >= 2.0)).sum();
        let surprise = (best.surprise - cold).max(0.0);
        let surprise_now = (short - cold).max(0.0);
        let score = if best.surprise > 0.0 {
            let (rate_now, rate_before) = self.rates(best);
            let reach = (window.raw > 0.0 && window.reach > 0.0)
                .then(|| score::reach_excess(window.reach / window.raw, f64::from(self.reach.0)));
            score::score(&Evidence {
                surprise,
                surprise_now,
                authors: window.authors,
                kinds,
                reach,
                rate_now,
                rate_before,
                copies,
            })
        } else {
            Score::default()
        };
        let (usual_low, usual_high) = band(best.mean, best.explained, best.variable);
        Reading {
            at: now,
            window_minutes: u32::try_from(best.buckets * BUCKET / 60).unwrap_or(0),
            observed: window.negative,
            expected: best.mean,
            usual_low,
            usual_high,
            total: window.total,
            raw_negative: window.raw,
            authors: window.authors,
            kinds,
            share: if window.total > 0.0 { window.negative / window.total } else { 0.0 },
            usual_share: self.baseline.share().0,
            copies,
            surprise_velocity: best.velocity,
            surprise_share: best.share,
            surprise,
            surprise_now,
            score: score.all,
            score_now: score.now,
            terms: score.terms,
            learned_hours: self.baseline.exposure(),
            audible: self.hours.audible(self.clock),
            volume: Volume::default(),
            planned: Vec::new(),
            risks: Vec::new(),
        }
    }

    /// Negatives per bucket in the last third of a window, and in the rest of it.
    fn rates(&self, read: &Read) -> (f64, f64) {
        let recent = (read.buckets / 3).max(1);
        let (negatives, _) = self.ring.sums(self.ring.newest() - recent + 1, recent);
        let time = (recent - 1) as f64 + self.passed();
        let now = if time > 0.0 { negatives / time } else { 0.0 };
        let rest = (read.buckets - recent).max(1) as f64;
        (now, ((read.window.negative - negatives) / rest).max(0.0))
    }
}

/// A surprise of both: many, and a bad share.
pub(super) fn joined(of_velocity: f64, of_share: f64) -> f64 {
    of_velocity.min(SHARE_FACTOR * of_share)
}

/// Whether enough people said it, in enough words of their own.
fn is_evident(window: &Window) -> bool {
    let repetitions = (window.raw - window.authors).max(0.0);
    window.negative >= FEWEST
        && window.authors >= FEWEST_AUTHORS + repetitions / REPETITIONS
        && window.texts >= FEWEST_TEXTS
}

/// −log10 of the probability of a share this far above the usual one, by its divergence.
fn share_surprise(share: f64, usual: f64, independent: f64) -> f64 {
    // Sums of weights can exceed each other by their rounding.
    let share = share.min(1.0);
    if share <= usual {
        return 0.0;
    }
    let mut divergence = share * (share / usual).ln();
    if share < 1.0 {
        divergence += (1.0 - share) * ((1.0 - share) / (1.0 - usual)).ln();
    }
    -tail::normal((2.0 * independent * divergence).max(0.0).sqrt())
}
