//! A brand as it is drawn: how often one speaks of it, when, how, and how it is heard.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::chance::{Chance, whole};

pub const HOUR: i64 = 3600;
pub const DAY: i64 = 24 * HOUR;

const ZONES: [&str; 6] = [
    "Europe/Paris",
    "Europe/London",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Tokyo",
    "Australia/Sydney",
];

/// Bounds of the mentions an hour, and how many brands of a hundred have them: from two a week to
/// five thousand an hour.
const SIZES: [(f64, f64, f64); 6] = [
    (0.012, 0.1, 18.0),
    (0.1, 1.0, 22.0),
    (1.0, 10.0, 28.0),
    (10.0, 100.0, 20.0),
    (100.0, 1000.0, 10.0),
    (1000.0, 5000.0, 2.0),
];

/// A brand. Rates are true ones; what is heard has errors of tone and arrives late.
pub struct Brand {
    pub zone: TimeZone,
    /// Mentions an hour, on a mean over the week.
    pub rate: f64,
    /// Factor of each hour of the week on the local clock; mean 1.
    pub week: Vec<f64>,
    /// Shape of the gamma factor of an hour: the smaller, the more restless.
    pub calm: f64,
    /// Standard deviation of the logarithm of a day's level.
    pub drift: f64,
    /// Mentions that a mention makes directly, on a mean.
    pub echo: f64,
    /// Mean delay of an answer in seconds.
    pub echo_delay: f64,
    /// Share of negative mentions on a usual day.
    pub negative: f64,
    /// Probability that the tone of a text is heard wrongly.
    pub error: f64,
    /// How many people speak of it again and again, and their share of the mentions.
    pub regulars: i64,
    pub regular: f64,
    /// Share of mentions without an author.
    pub nameless: f64,
    /// Share of each source kind in the mentions; sums to 1.
    pub kinds: Vec<f64>,
    /// Seconds between two polls of a source.
    pub poll: f64,
    /// Share of mentions that are found hours after they were written.
    pub late: f64,
}

impl Brand {
    pub fn draw(chance: &mut Chance, largest: f64) -> Brand {
        let kinds: Vec<f64> = (0..chance.whole(1, 5)).map(|_| chance.exponential(1.0)).collect();
        let sum: f64 = kinds.iter().sum();
        Brand {
            zone: TimeZone::get(chance.pick::<&str>(&ZONES)).unwrap(),
            rate: rate(chance, largest),
            week: week(chance),
            calm: chance.scaled(3.0, 40.0),
            drift: chance.between(0.05, 0.35),
            echo: chance.between(0.05, 0.5),
            echo_delay: chance.scaled(600.0, 7200.0),
            negative: chance.scaled(0.04, 0.4),
            error: chance.between(0.08, 0.2),
            regulars: chance.whole(3, 200),
            regular: chance.between(0.05, 0.5),
            nameless: chance.between(0.0, 0.15),
            kinds: kinds.into_iter().map(|kind| kind / sum).collect(),
            poll: chance.scaled(60.0, 1200.0),
            late: chance.between(0.0, 0.04),
        }
    }

    /// Factor of the hour of the week in which a second since 1970 falls.
    pub fn season(&self, second: i64) -> f64 {
        let local = Timestamp::from_second(second).unwrap().to_zoned(self.zone.clone());
        let day = usize::try_from(local.weekday().to_monday_zero_offset()).unwrap();
        self.week[day * 24 + usize::try_from(local.hour()).unwrap()]
    }

    pub fn kind(&self, chance: &mut Chance) -> usize {
        let mut left = chance.share();
        let found = self.kinds.iter().position(|share| {
            left -= share;
            left < 0.0
        });
        found.unwrap_or(self.kinds.len() - 1)
    }
}

fn rate(chance: &mut Chance, largest: f64) -> f64 {
    let sizes: Vec<_> = SIZES.into_iter().filter(|size| size.1 <= largest).collect();
    let mut left = chance.between(0.0, sizes.iter().map(|size| size.2).sum());
    let size = sizes.iter().find(|size| {
        left -= size.2;
        left < 0.0
    });
    let &(low, high, _) = size.unwrap_or(&sizes[0]);
    chance.scaled(low, high)
}

/// A quiet night, one or two peaks of the day, and a weekend of its own.
fn week(chance: &mut Chance) -> Vec<f64> {
    let night = chance.between(0.05, 0.6);
    let peaks: Vec<(f64, f64, f64)> = (0..chance.whole(1, 2))
        .map(|_| (chance.between(8.0, 22.0), chance.between(2.0, 5.0), chance.between(0.5, 1.5)))
        .collect();
    let weekend = chance.scaled(0.35, 1.5);
    let own: Vec<f64> = (0..7).map(|_| chance.between(0.85, 1.15)).collect();
    let hours: Vec<f64> = (0..168_u32)
        .map(|slot| {
            let hour = f64::from(slot % 24);
            let bumps: f64 = peaks
                .iter()
                .map(|&(peak, width, height)| {
                    let away = (hour - peak).abs();
                    let away = away.min(24.0 - away) / width;
                    height * libm::exp(-0.5 * away * away)
                })
                .sum();
            let day = usize::try_from(slot / 24).unwrap();
            let factor = if day >= 5 { weekend } else { 1.0 };
            (night + bumps) * factor * own[day]
        })
        .collect();
    let mean = hours.iter().sum::<f64>() / 168.0;
    hours.into_iter().map(|hour| hour / mean).collect()
}

/// When a month begins: half of them near a change of the clocks.
pub fn start(chance: &mut Chance) -> i64 {
    // 2025-01-06T00:00:00Z, a Monday; in 2025 Europe changed on 30 March and 26 October.
    const YEAR: i64 = 1_736_121_600;
    let day = match chance.whole(0, 3) {
        0 => 83 - chance.whole(4, 20),
        1 => 293 - chance.whole(4, 20),
        _ => chance.whole(0, 600),
    };
    YEAR + day * DAY + whole(chance.between(0.0, 86_400.0))
}
