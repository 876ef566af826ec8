//! What detectors told against the truth, and the tables that compare them.

use std::collections::BTreeMap;

use vigie::model::Tone;

use super::brand::HOUR;
use super::episode::{Episode, Kind};
use super::month::Month;
use super::ours::Told;

/// Events of one kind: how many there were, and how many raised an alarm.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    pub all: u32,
    pub alarmed: u32,
}

impl Tally {
    pub fn part(self) -> f64 {
        f64::from(self.alarmed) / f64::from(self.all.max(1))
    }
}

/// One detector over all months.
#[derive(Debug, Default)]
pub struct Measure {
    /// Brand-months of 30 days: all, and those without any event.
    pub months: f64,
    pub calm_months: f64,
    /// Incidents that opened, or opened again, and belong to no crisis: in months without any event,
    /// in the background of all, and on harmless events.
    pub false_calm: u32,
    pub false_background: u32,
    pub false_controls: u32,
    pub kinds: BTreeMap<Kind, Tally>,
    /// Minutes after the onset of the fast crises that were found.
    pub delays: Vec<f64>,
    /// Hours before the peak of the slow ones.
    pub leads: Vec<f64>,
    /// Negative mentions that had arrived since the onset.
    pub negatives: Vec<f64>,
    /// Incidents that opened within a crisis, each time that one opened again included.
    pub incidents: u32,
}

impl Measure {
    pub fn add(&mut self, month: &Month, told: &Told) {
        let length = month.hours() as f64 / 720.0;
        self.months += length;
        if month.episodes.is_empty() {
            self.calm_months += length;
            self.false_calm += u32::try_from(told.opened.len()).unwrap();
        }
        for &opened in &told.opened {
            match month.episodes.iter().find(|episode| covers(episode, opened)) {
                Some(episode) if episode.is_faint() => {}
                Some(episode) if episode.kind.is_crisis() => self.incidents += 1,
                Some(_) => self.false_controls += 1,
                None => self.false_background += 1,
            }
        }
        for episode in month.episodes.iter().filter(|episode| !episode.is_faint()) {
            let first = told.alarms.iter().find(|&&alarm| covers(episode, alarm));
            let tally = self.kinds.entry(episode.kind).or_default();
            tally.all += 1;
            let Some(&alarm) = first else { continue };
            tally.alarmed += 1;
            match episode.kind {
                Kind::SlowBurn => self.leads.push((episode.peak - alarm) as f64 / HOUR as f64),
                kind if kind.is_crisis() => self.delays.push((alarm - episode.from) as f64 / 60.0),
                _ => continue,
            }
            self.negatives.push(negatives(month, episode.from, alarm));
        }
    }

    fn group(&self, crises: bool) -> Tally {
        let kinds = self.kinds.iter().filter(|(kind, _)| kind.is_crisis() == crises);
        kinds.fold(Tally::default(), |sum, (_, tally)| Tally {
            all: sum.all + tally.all,
            alarmed: sum.alarmed + tally.alarmed,
        })
    }

    /// False alarms of every cause in a brand-month.
    pub fn false_alarms(&self) -> f64 {
        f64::from(self.false_background + self.false_controls) / self.months
    }

    pub fn recall(&self) -> f64 {
        self.group(true).part()
    }

    /// Crises among what alarmed.
    pub fn precision(&self) -> f64 {
        let found = f64::from(self.group(true).alarmed);
        found / (found + f64::from(self.false_background + self.false_controls)).max(1.0)
    }

    pub fn incidents_per_crisis(&self) -> f64 {
        f64::from(self.incidents) / f64::from(self.group(true).alarmed.max(1))
    }

    fn row(&self, name: &str) -> String {
        let slow = self.kinds.get(&Kind::SlowBurn).copied().unwrap_or_default();
        format!(
            "| {name} | {:.2} | {:.2} | {:.0} % | {:.3} | {:.0} / {:.0} | {:.0} %, {:.0} h | {:.2} | {:.0} | {:.2} |",
            f64::from(self.false_calm) / self.calm_months.max(0.1),
            self.false_alarms(),
            100.0 * self.group(false).part(),
            self.recall(),
            quantile(&self.delays, 0.5),
            quantile(&self.delays, 0.9),
            100.0 * slow.part(),
            quantile(&self.leads, 0.5),
            self.precision(),
            quantile(&self.negatives, 0.5),
            self.incidents_per_crisis(),
        )
    }
}

fn covers(episode: &Episode, second: i64) -> bool {
    (episode.from..=episode.until).contains(&second)
}

fn negatives(month: &Month, from: i64, until: i64) -> f64 {
    let heard = month.signals.iter().filter(|signal| {
        (from..until).contains(&signal.arrived.as_second()) && signal.tone == Tone::Negative
    });
    heard.count() as f64
}

/// The value that this part of the sorted values does not exceed; not a number when there is none.
pub fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = super::chance::whole(part * (sorted.len() as f64 - 1.0).max(0.0) + 0.5);
    sorted.get(usize::try_from(place).unwrap()).copied().unwrap_or(f64::NAN)
}

/// The table of all detectors, and of what each kind of event made them do.
pub fn table(measures: &[(String, Measure)]) -> String {
    let mut text = String::from(
        "| detector | false alarms a month: no event | all in | on harmless events | recall \
         | delay of fast crises, median / p90, min | slow burns found, lead | precision \
         | negatives at the alarm | incidents a crisis |\n|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for (name, measure) in measures {
        text += &measure.row(name);
        text.push('\n');
    }
    text += "\nalarmed, of all\n\n| detector |";
    for kind in Kind::ALL {
        text += &format!(" {} |", kind.as_str());
    }
    text += &format!("\n|---{}|\n", "|---".repeat(Kind::ALL.len()));
    for (name, measure) in measures {
        text += &format!("| {name} |");
        for kind in Kind::ALL {
            let tally = measure.kinds.get(&kind).copied().unwrap_or_default();
            text += &format!(" {} of {} |", tally.alarmed, tally.all);
        }
        text.push('\n');
    }
    text
}
