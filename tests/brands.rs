//! Simulated brands: our detector, and the rules that others publish, against the truth.
//!
//! ```text
//! VIGIE_BRANDS=200 cargo test --release --test tests brands -- --nocapture
//! ```
//!
//! prints the table over 200 brand-months; `VIGIE_BRANDS_SEED` (1) chooses others.

mod brand;
mod chance;
mod episode;
mod month;
mod ours;
mod rules;
mod stream;
mod table;

use std::env;

use vigie::model::Sensitivity;

use chance::Chance;
use month::Month;
use rules::{Counts, RULES};
use table::{Measure, quantile, table};

/// Months, their first seed, and the largest brand: few and not heavy in an ordinary test.
const FEW: (u64, u64, f64) = (24, 1, 10.0);

/// All brands, up to five thousand mentions an hour.
const LARGEST: f64 = 5000.0;

fn chosen() -> (u64, u64, f64) {
    let number = |name: &str| env::var(name).ok().map(|value| value.parse::<u64>().unwrap());
    let seed = number("VIGIE_BRANDS_SEED").unwrap_or(FEW.1);
    number("VIGIE_BRANDS").map_or((FEW.0, seed, FEW.2), |months| (months, seed, LARGEST))
}

/// Every detector over the same months: ours by sensitivity, then the published rules.
fn measured(months: u64, seed: u64, largest: f64) -> Vec<(String, Measure)> {
    let ours = Sensitivity::ALL.iter().map(|s| format!("vigie, {}", s.as_str()));
    let rules = RULES.iter().map(|rule| rule.name.to_owned());
    let mut measures: Vec<_> = ours.chain(rules).map(|name| (name, Measure::default())).collect();
    for number in 0..months {
        let month = Month::of(Chance::new(seed).next().wrapping_add(number), largest);
        let counts = Counts::of(&month);
        let told = ours::told(&month, &Sensitivity::ALL)
            .into_iter()
            .chain(RULES.iter().map(|rule| counts.told(rule)));
        for ((_, measure), told) in measures.iter_mut().zip(told) {
            measure.add(&month, &told);
        }
    }
    measures
}

/// The targets are 0.2 false alarms a month, recall 0.97, precision 0.95, 75 minutes and 24 hours.
/// Four hundred months of seeds on which nothing was tuned meet all but the precision: 0.18, 0.98,
/// 0.90, 54 and 34. What is held here leaves a margin for what a hundred months differ by.
#[test]
fn the_detector_stays_as_good_on_simulated_brands_as_it_was_measured() {
    let (months, seed, largest) = chosen();
    let measures = measured(months, seed, largest);
    println!("{months} brand-months from seed {seed}\n\n{}", table(&measures));
    let balanced = &measures[1].1;
    assert!(balanced.false_alarms() <= 0.3, "{:.2} false alarms", balanced.false_alarms());
    assert!(balanced.recall() >= 0.93, "recall {:.3}", balanced.recall());
    assert!(balanced.precision() >= 0.82, "precision {:.3}", balanced.precision());
    assert!(quantile(&balanced.delays, 0.5) <= 75.0, "{:?}", balanced.delays);
    assert!(quantile(&balanced.leads, 0.5) >= 24.0, "{:?}", balanced.leads);
    for (name, rule) in &measures[Sensitivity::ALL.len()..] {
        assert!(balanced.precision() > rule.precision(), "{name} is more precise");
    }
}
