//! The calendar: what a team knows will happen, so that it does not alarm as if nobody had known.

use std::sync::Arc;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};

use crate::model::{Timestamp, WatchId};

/// A planned event, on the clock of the watch it is for.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedEvent {
    /// As the team calls it: `Spring campaign`.
    pub name: String,
    /// From here on, and up to there; of the first one, when it comes back.
    pub from: DateTime,
    pub until: DateTime,
    /// The watches it is for; `None` is all.
    pub watches: Option<Vec<WatchId>>,
    /// How many times the usual volume it may bring: 3 for a campaign, 0.2 for a closed week.
    pub factor: f64,
    pub every: Option<Every>,
}

/// How an event comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    Week,
    Year,
}

impl Every {
    pub const ALL: [Every; 2] = [Every::Week, Every::Year];

    pub fn as_str(self) -> &'static str {
        match self {
            Every::Week => "week",
            Every::Year => "year",
        }
    }

    /// So many of them.
    fn times(self, count: i64) -> Option<Span> {
        match self {
            Every::Week => Span::new().try_weeks(count).ok(),
            Every::Year => Span::new().try_years(count).ok(),
        }
    }

    /// When the next one begins.
    pub fn after(self, from: DateTime) -> Option<DateTime> {
        from.checked_add(self.times(1)?).ok()
    }

    /// How many have passed from one local time to another, rounded down.
    fn between(self, from: DateTime, until: DateTime) -> i64 {
        match self {
            Every::Week => until.duration_since(from).as_hours().div_euclid(7 * 24),
            Every::Year => i64::from(until.year()) - i64::from(from.year()) - 1,
        }
    }
}

/// The events that are planned for one watch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan(Arc<[PlannedEvent]>);

/// One time that an event takes place.
#[derive(Debug, Clone, PartialEq)]
pub struct Occasion {
    pub name: String,
    pub factor: f64,
    /// Seconds since 1970.
    pub from: i64,
    pub until: i64,
}

/// How many times the usual volume is still usual: from `low` (at most 1) to `high` (at least 1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Widening {
    pub low: f64,
    pub high: f64,
}

impl Plan {
    pub fn new(events: impl IntoIterator<Item = PlannedEvent>) -> Plan {
        Plan(events.into_iter().collect())
    }

    /// What is planned for one watch.
    pub fn of(events: &[PlannedEvent], watch: &WatchId) -> Plan {
        let meant = |event: &&PlannedEvent| {
            event.watches.as_ref().is_none_or(|watches| watches.contains(watch))
        };
        Plan::new(events.iter().filter(meant).cloned())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The occasions that touch [since, until), both in seconds since 1970.
    pub fn between(&self, zone: &TimeZone, since: i64, until: i64) -> Vec<Occasion> {
        self.0.iter().flat_map(|event| event.between(zone, since, until)).collect()
    }
}

impl PlannedEvent {
    fn between(&self, zone: &TimeZone, since: i64, until: i64) -> Vec<Occasion> {
        let local = |second: i64| Some(zone.to_datetime(Timestamp::from_second(second).ok()?));
        let (Some(first), Some(last)) = (local(since), local(until)) else { return Vec::new() };
        let numbers = match self.every {
            None => 0..=0,
            // One more on each side: rounding, and the clock that changes twice a year.
            Some(every) => {
                let first = every.between(self.until, first).max(0);
                first..=every.between(self.from, last).saturating_add(2)
            }
        };
        numbers
            .filter_map(|number| self.occasion(zone, number))
            .filter(|occasion| occasion.from < until && occasion.until > since)
            .collect()
    }

    /// The one after so many weeks or years; the first has the number 0.
    fn occasion(&self, zone: &TimeZone, number: i64) -> Option<Occasion> {
        let shift = self.every.map_or(Some(0.days()), |every| every.times(number))?;
        let instant = |local: DateTime| {
            let moved = local.checked_add(shift).ok()?;
            Some(zone.to_timestamp(moved).ok()?.as_second())
        };
        let (from, until) = (instant(self.from)?, instant(self.until)?);
        Some(Occasion { name: self.name.clone(), factor: self.factor, from, until })
    }
}

impl Widening {
    /// Nothing is planned.
    pub const NONE: Widening = Widening { low: 1.0, high: 1.0 };

    /// What the occasions allow in [since, until). Of several at once the widest counts, not their
    /// product: two campaigns speak to the same people.
    pub fn of(occasions: &[Occasion], since: i64, until: i64) -> Widening {
        occasions.iter().filter(|o| o.from < until && o.until > since).fold(
            Widening::NONE,
            |all, occasion| Widening {
                low: all.low.min(occasion.factor),
                high: all.high.max(occasion.factor),
            },
        )
    }

    /// A count without what the plan explains of it, as near to `usual` as the plan can bring it.
    pub fn explained(self, count: f64, usual: f64) -> f64 {
        usual.max(count / self.high).min(count / self.low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(from: &str, until: &str, every: Option<Every>) -> PlannedEvent {
        PlannedEvent {
            name: "Salon".to_owned(),
            from: from.parse().unwrap(),
            until: until.parse().unwrap(),
            watches: None,
            factor: 3.0,
            every,
        }
    }

    /// How often an event of two hours takes place within an hour of Paris.
    #[track_caller]
    fn check(every: Option<Every>, hour: &str, expected: usize) {
        let plan = Plan::new([event("2026-03-02T10:00", "2026-03-02T12:00", every)]);
        let since = hour.parse::<Timestamp>().unwrap().as_second();
        let zone = TimeZone::get("Europe/Paris").unwrap();
        assert_eq!(plan.between(&zone, since, since + 3600).len(), expected, "{every:?} {hour}");
    }

    #[test]
    fn an_event_takes_place_on_the_clock_of_the_watch() {
        check(None, "2026-03-02T08:00:00Z", 0);
        check(None, "2026-03-02T09:00:00Z", 1);
        check(None, "2026-03-02T10:00:00Z", 1);
        check(None, "2026-03-02T11:00:00Z", 0);
        check(None, "2026-03-09T09:00:00Z", 0);
    }

    #[test]
    fn an_event_of_every_week_or_year_comes_back_and_never_before_its_first_time() {
        check(Some(Every::Week), "2026-02-23T09:00:00Z", 0);
        check(Some(Every::Week), "2026-03-09T09:00:00Z", 1);
        check(Some(Every::Week), "2026-03-10T09:00:00Z", 0);
        // In summer Paris is two hours ahead.
        check(Some(Every::Week), "2036-07-07T08:00:00Z", 1);
        check(Some(Every::Week), "2036-07-07T10:00:00Z", 0);
        check(Some(Every::Year), "2025-03-02T09:00:00Z", 0);
        check(Some(Every::Year), "2031-03-02T09:00:00Z", 1);
        check(Some(Every::Year), "2031-03-02T11:00:00Z", 0);
    }

    #[test]
    fn a_week_between_two_years_is_found_on_both_sides() {
        let plan = Plan::new([event("2025-12-24T00:00", "2026-01-03T00:00", Some(Every::Year))]);
        for (day, expected) in [("2029-12-31", 1), ("2030-01-02", 1), ("2030-01-04", 0)] {
            let since = format!("{day}T12:00:00Z").parse::<Timestamp>().unwrap().as_second();
            assert_eq!(plan.between(&TimeZone::UTC, since, since + 60).len(), expected, "{day}");
        }
    }

    #[test]
    fn a_plan_is_for_the_watches_it_names() {
        let [acme, other] = ["acme", "other"].map(|id| WatchId::new(id).unwrap());
        let all = event("2026-03-02T10:00", "2026-03-02T12:00", None);
        let one = PlannedEvent { watches: Some(vec![acme.clone()]), ..all.clone() };
        assert_eq!(Plan::of(&[all.clone(), one.clone()], &acme), Plan::new([all.clone(), one]));
        assert_eq!(Plan::of(std::slice::from_ref(&all), &other), Plan::new([all]));
    }

    #[test]
    fn what_a_plan_explains_is_not_learned() {
        let plan = Widening { low: 1.0, high: 3.0 };
        for (count, learned) in [(5.0, 5.0), (10.0, 10.0), (25.0, 10.0), (60.0, 20.0)] {
            assert!((plan.explained(count, 10.0) - learned).abs() < 1e-9, "{count}");
        }
        let closed = Widening { low: 0.2, high: 1.0 };
        for (count, learned) in [(0.0, 0.0), (1.0, 5.0), (4.0, 10.0), (30.0, 30.0)] {
            assert!((closed.explained(count, 10.0) - learned).abs() < 1e-9, "{count}");
        }
    }
}
