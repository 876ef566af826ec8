//! A large audience: a negative mention by somebody whom far more people follow than those who
//! usually speak of this watch.

use serde::{Deserialize, Serialize};

use super::level::{Level, Prior};
use super::recent::{Recent, Said};
use super::{DAY, Echo};
use crate::model::{Risk, Seq, Tone};

/// Negative voices remembered.
const VOICES: usize = 32;

/// Followers from which an audience can be large for anybody: half of the hundred thousand from
/// which the trade calls an account a « macro » influencer.
const FLOOR: u64 = 50_000;

/// How far above the usual audience: both must hold, so that neither a watch of very like voices
/// nor one of very unlike ones cries for each.
const TIMES: f64 = 20.0;
const DEVIATIONS: f64 = 2.0;

/// More followers than anybody has: a source may claim anything, and it must not become usual.
const MOST: u64 = 1_000_000_000;

/// Risks told at once.
const TOLD: usize = 3;

/// What an author has before a watch shows otherwise: a few hundred followers, most between forty
/// and two thousand.
const PRIOR: Prior = Prior { size: 300.0, spread: 2.0, weight: 20.0 };

/// Who spoke of the watch, and to how many.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Audience {
    recent: Recent<Voice>,
    usual: Level,
}

/// Second, mention, followers. A tuple, since it is saved by the dozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Voice(i64, Seq, u64);

impl Said for Voice {
    fn at(&self) -> (i64, Seq) {
        (self.0, self.1)
    }
}

impl Audience {
    pub(super) fn hear(&mut self, echo: &Echo) {
        self.learn_from(echo);
        if echo.signal.tone == Tone::Negative && echo.signal.reach >= FLOOR {
            self.recent.add(Voice(echo.second(), echo.seq, echo.signal.reach), VOICES);
        }
    }

    pub(super) fn learn_from(&mut self, echo: &Echo) {
        if echo.signal.reach > 0 {
            self.usual.learn(echo.signal.reach.min(MOST) as f64);
        }
    }

    /// The largest audiences of a day.
    pub(super) fn risks(&self, now: i64) -> Vec<Risk> {
        let usual = self.usual.usual(PRIOR);
        let mut large: Vec<&Voice> = self
            .recent
            .within(DAY, now)
            .filter(|voice| {
                let reach = voice.2.min(MOST) as f64;
                reach >= TIMES * usual && self.usual.deviations(reach, PRIOR) >= DEVIATIONS
            })
            .collect();
        large.sort_by_key(|voice| std::cmp::Reverse(voice.2));
        let told = large.into_iter().take(TOLD);
        told.map(|voice| Risk::Audience { seq: voice.1, reach: voice.2, usual }).collect()
    }
}
