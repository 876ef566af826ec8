//! Coordinated copies: one text by many accounts within minutes, which are no reposts.

use serde::{Deserialize, Serialize};

use super::recent::{Mark, Recent, Said as _, voices};
use super::usual::Daily;
use super::{DAY, Echo};
use crate::model::Risk;
use crate::text::fingerprint::alike;

/// Texts remembered, and copies of each.
const TEXTS: usize = 48;
const MARKS: usize = 32;

/// Accounts from which it is no chance, and the time in which they speak. People who pass on the
/// same words by hand do so over hours; a feed of accounts that is worked by one hand takes
/// seconds to minutes. A watch whose headlines are shared by button has a habit of such texts, and
/// is held against it.
const ACCOUNTS: u32 = 5;
const BURST: i64 = 10 * 60;

/// Risks told at once.
const TOLD: usize = 3;

/// The texts of a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Copies {
    /// The one copied last stands last.
    texts: Vec<Text>,
    /// Texts a day that many accounts copied within minutes.
    usual: Daily,
}

/// The fingerprint of the first, its copies, and whether the text was counted as a burst.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Text(u64, Recent<Mark>, bool);

impl Copies {
    pub(super) fn new(start: i64) -> Copies {
        Copies { texts: Vec::new(), usual: Daily::new(start) }
    }

    /// Hears a text of an account. The press prints one agency's text within minutes by trade, and
    /// what has no date of its own was published at any time before it was read.
    pub(super) fn hear(&mut self, echo: &Echo) {
        let dated = echo.signal.event < echo.signal.arrived;
        let by_an_account = echo.signal.author != 0 && echo.press.is_none() && !echo.signal.repost;
        if echo.signal.fingerprint == 0 || !dated || !by_an_account {
            return;
        }
        let known = self.texts.iter().rposition(|text| alike(text.0, echo.signal.fingerprint));
        let mut text = known.map_or_else(
            || Text(echo.signal.fingerprint, Recent::default(), false),
            |place| self.texts.remove(place),
        );
        text.1.forget_until(echo.second().saturating_sub(DAY));
        text.1.add(Mark::of(echo), MARKS);
        let burst = text.burst(echo.signal.arrived.as_second()).is_some();
        if burst && !text.2 {
            self.usual.count(echo.second(), echo.signal.arrived.as_second());
        }
        text.2 = burst;
        if self.texts.len() >= TEXTS {
            self.texts.remove(0);
        }
        self.texts.push(text);
    }

    pub(super) fn risks(&self, now: i64) -> Vec<Risk> {
        let mut bursts: Vec<Burst> = self.texts.iter().filter_map(|text| text.burst(now)).collect();
        let (_, above) = self.usual.expected(DAY, now);
        if bursts.len() as f64 <= above {
            return Vec::new();
        }
        bursts
            .sort_by_key(|burst| (std::cmp::Reverse(burst.authors), burst.marks.first().copied()));
        bursts.iter().take(TOLD).map(Burst::risk).collect()
    }
}

impl Text {
    /// The ten minutes of a day in which most accounts copied the text, if these are many.
    fn burst(&self, now: i64) -> Option<Burst> {
        let marks: Vec<Mark> = self.1.within(DAY, now).copied().collect();
        let bursts = marks.iter().enumerate().filter_map(|(first, mark)| {
            let rest = marks.get(first..)?;
            let marks = rest.get(..rest.partition_point(|other| other.0 - mark.0 <= BURST))?;
            Some(Burst { authors: voices(marks.iter()), marks: marks.to_vec() })
        });
        let best = bursts.max_by_key(|burst| burst.authors)?;
        (best.authors >= ACCOUNTS).then_some(best)
    }
}

/// Copies within minutes of each other, oldest first.
struct Burst {
    authors: u32,
    marks: Vec<Mark>,
}

impl Burst {
    fn risk(&self) -> Risk {
        let span = match (self.marks.first(), self.marks.last()) {
            (Some(first), Some(last)) => last.0 - first.0,
            _ => 0,
        };
        Risk::Coordinated {
            copies: u32::try_from(self.marks.len()).unwrap_or(u32::MAX),
            authors: self.authors,
            minutes: u32::try_from((span / 60).max(1)).unwrap_or(u32::MAX),
            seqs: self.marks.iter().map(|mark| mark.at().1).collect(),
        }
    }
}
