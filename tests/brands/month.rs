//! A month of a brand: its stream in the order of arrival, the health of its sources, the truth.

use vigie::velocity::Signal;

use super::brand::{self, Brand, DAY, HOUR};
use super::chance::Chance;
use super::episode::{Episode, Kind, happen};
use super::stream::Stream;

/// Four weeks, or two of a brand with more than a thousand mentions an hour.
const DAYS: i64 = 28;
const DAYS_OF_THE_LARGEST: i64 = 14;

pub struct Month {
    pub brand: Brand,
    pub start: i64,
    pub end: i64,
    /// In the order of arrival.
    pub signals: Vec<Signal>,
    /// When the health of the sources changes, and to what.
    pub health: Vec<(i64, f64)>,
    pub episodes: Vec<Episode>,
}

impl Month {
    /// The month of a seed; one in four is without any event. `largest` bounds the mentions an hour.
    pub fn of(seed: u64, largest: f64) -> Month {
        let mut chance = Chance::new(seed);
        let brand = Brand::draw(&mut chance, largest);
        let days = if brand.rate > 1000.0 { DAYS_OF_THE_LARGEST } else { DAYS };
        let start = brand::start(&mut chance);
        let end = start + days * DAY;
        let planned = if chance.likely(0.25) { Vec::new() } else { plan(&mut chance, days) };
        let signals = Vec::new();
        let mut stream = Stream { brand: &brand, chance: &mut chance, signals, start, end };
        stream.background();
        let mut health = Vec::new();
        let mut episodes = Vec::new();
        for (kind, day) in planned {
            let from = start + super::chance::whole(day * DAY as f64);
            episodes.push(happen(&mut stream, kind, from, &mut health));
        }
        let mut signals = stream.signals;
        signals.sort_by_key(|signal| signal.arrived);
        Month { brand, start, end, signals, health, episodes }
    }

    pub fn hours(&self) -> i64 {
        (self.end - self.start) / HOUR
    }
}

/// Two crises and three harmless events in four weeks, in any order and days apart. The first may
/// meet a watch that is two days old.
fn plan(chance: &mut Chance, days: i64) -> Vec<(Kind, f64)> {
    let (crises, controls): (Vec<Kind>, Vec<Kind>) =
        Kind::ALL.into_iter().partition(|kind| kind.is_crisis());
    let counts = if days < DAYS { (1, 1) } else { (2, 3) };
    let mut kinds: Vec<Kind> = (0..counts.0).map(|_| *chance.pick(&crises)).collect();
    kinds.extend((0..counts.1).map(|_| *chance.pick(&controls)));
    chance.shuffle(&mut kinds);
    let first = if chance.likely(0.2) { 1.5 } else { 4.0 };
    let step = (days as f64 - first - 1.0) / kinds.len() as f64;
    let mut day = first;
    kinds
        .into_iter()
        .map(|kind| {
            let begins = day + chance.between(0.0, 0.8);
            day += step;
            (kind, begins)
        })
        .collect()
}
