//! What is not learned: hours that were no usual ones, as the hours after them show.

use super::reading::{FEWEST, joined};
use super::{Detector, LAG, WINDOWS};

/// From this surprise on an hour is not learned. It is below the threshold of every sensitivity: what
/// comes close to an alarm says nothing about what is usual.
const UNUSUAL: f64 = 1.75;

/// Hours on end that are left out. A slow burn grows for two days; what lasts longer than three is
/// the new usual, and learned.
const LONGEST_SPELL: u32 = 72;

impl Detector {
    /// Whether an hour that could be learned now is left out, because it was part of a surprise.
    ///
    /// Winsorising alone lets a crisis teach its share of negatives, hour by hour: the next one, or
    /// the end of a slow one, would then seem half as bad. The first day is learned whole, since
    /// nothing is usual yet.
    pub(super) fn is_apart(&mut self, number: i64) -> bool {
        if self.baseline.is_young() || self.hindsight(number) < UNUSUAL {
            self.spell = self.spell.saturating_sub(1);
            return false;
        }
        self.spell = self.spell.saturating_add(1);
        self.spell <= LONGEST_SPELL
    }

    /// The largest surprise of the windows of whole hours that hold this one and had ended when it
    /// is learned. Read from the hours, so that it does not depend on when one looked.
    fn hindsight(&self, number: i64) -> f64 {
        let doubt = self.baseline.doubt(self.slot(number));
        let mut most = 0.0_f64;
        for (buckets, spread) in WINDOWS.into_iter().zip(&self.spread) {
            let length = buckets / 12;
            for end in number..number + length.min(LAG) {
                most = most.max(self.surprise_of(end, length, spread.value() + doubt));
            }
        }
        most
    }

    /// The surprise of so many hours up to one, few authors or many.
    fn surprise_of(&self, end: i64, length: i64, variable: f64) -> f64 {
        let (share, _) = self.baseline.share();
        let (mut negative, mut total, mut mean) = (0.0, 0.0, 0.0);
        for hour in (end - length + 1..=end).filter_map(|hour| self.hours.get(hour)) {
            negative += f64::from(hour.negative);
            total += f64::from(hour.total);
            mean += f64::from(hour.expected) * hour.health() * share;
        }
        if negative < FEWEST {
            return 0.0;
        }
        let (of_velocity, of_share) = self.surprises(negative, total, mean, variable);
        joined(of_velocity, of_share)
    }
}
