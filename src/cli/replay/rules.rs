//! The rules that a replay holds against each other: the present one, and the others named.

use std::path::Path;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::calendar::Plan;
use crate::cli::ConfigArgument;
use crate::cli::Exit;
use crate::cli::check::unscored;
use crate::cli::output::Output;
use crate::config::{Config, Recipient};
use crate::model::{Sensitivity, Timestamp, Watch};
use crate::replay::{Audible, Course};
use crate::rules::Alerts;

/// A rule: a name, the watch as it would have it, and what else it decides by.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub name: String,
    pub watch: Watch,
    pub terms: Arc<Terms>,
    /// Asked for: its incidents are shown, and not only counted.
    pub shown: bool,
}

/// What a configuration decides by, beside the sensitivity of a watch.
#[derive(Debug, Clone)]
pub(super) struct Terms {
    /// The clock of the watch: its hours of the week.
    pub zone: TimeZone,
    pub plan: Plan,
    /// Topics that call for an alert.
    pub alerts: Arc<Alerts>,
    /// Everybody who may be told.
    pub recipients: Vec<Recipient>,
    /// Whose ears it hears with: 0 for those of the present watches.
    pub ears: usize,
}

impl Terms {
    /// Of a watch; without a configuration nothing is planned and nobody is told.
    pub(super) fn of(watch: &Watch, config: Option<&Config>, alerts: &Arc<Alerts>) -> Terms {
        Terms {
            // Checked by the configuration; UTC if the machine lost its zone database since.
            zone: TimeZone::get(&watch.timezone).unwrap_or(TimeZone::UTC),
            plan: config.map(|config| Plan::of(&config.events, &watch.id)).unwrap_or_default(),
            alerts: Arc::clone(alerts),
            recipients: config.map(|config| config.recipients.clone()).unwrap_or_default(),
            ears: 0,
        }
    }

    /// A detector and a radar that know nothing yet, and decide by these terms.
    pub(super) fn course(&self, start: Timestamp, audible: &Audible) -> Course {
        let mut course = Course::begin(self.zone.clone(), start, audible);
        course.follow(self.plan.clone(), Arc::clone(&self.alerts));
        course
    }
}

/// What `--against` names.
pub(super) enum Against {
    Word(Sensitivity),
    File { name: String, config: Box<Config> },
}

impl Against {
    /// The configuration, where it is one.
    pub(super) fn config(&self) -> Option<&Config> {
        match self {
            Against::Word(_) => None,
            Against::File { config, .. } => Some(config),
        }
    }
}

/// Reads what `--against` names: words, and configurations.
pub(super) fn against(named: &[String], output: &mut Output) -> Result<Vec<Against>, Exit> {
    let one = |name: &String| {
        if let Some(word) = Sensitivity::ALL.into_iter().find(|word| word.as_str() == name) {
            return Ok(Against::Word(word));
        }
        let path = Path::new(name);
        if !path.exists() {
            let what = format!(
                "`{name}` is no rule: write prudent, balanced, sensitive, or a configuration file"
            );
            return Err(output.fail(Exit::Usage, what));
        }
        let config = unscored(&ConfigArgument { config: path.to_owned() }, output)?;
        Ok(Against::File { name: name.clone(), config: Box::new(config) })
    };
    named.iter().map(one).collect()
}

/// The rules of a watch: the present one first, then those it is held against, then the words that
/// nobody asked for, which are counted all the same. Where the texts are at hand, another
/// configuration hears them `again` with its own ears.
pub(super) fn rules(
    watch: &Watch,
    terms: Terms,
    (against, again): (&[Against], bool),
    output: &mut Output,
) -> Vec<Rule> {
    let mut files = 0;
    let terms = Arc::new(terms);
    let worded = |word: Sensitivity, shown| Rule {
        name: word.as_str().to_owned(),
        watch: Watch { sensitivity: word, ..watch.clone() },
        terms: Arc::clone(&terms),
        shown,
    };
    let mut rules = vec![worded(watch.sensitivity, true)];
    for against in against {
        match against {
            Against::Word(word) if rules.iter().any(|rule| rule.name == word.as_str()) => {}
            Against::Word(word) => rules.push(worded(*word, true)),
            Against::File { name, config } => {
                files += 1;
                let Some(other) = config.watches.iter().find(|other| other.id == watch.id) else {
                    output.say(format!("note: {name} has no watch `{}`: left out", watch.id));
                    continue;
                };
                let alerts = Arc::new(config.rules.alerts());
                let mut their = Terms::of(other, Some(config), &alerts);
                output.say(compared(name, (watch, &terms), (other, &their), again));
                if again {
                    their.ears = files;
                }
                rules.push(Rule {
                    name: name.clone(),
                    watch: if again { other.clone() } else { decides(watch, other) },
                    terms: Arc::new(their),
                    shown: true,
                });
            }
        }
    }
    for word in Sensitivity::ALL {
        if rules.iter().all(|rule| rule.name != word.as_str()) {
            rules.push(worded(word, false));
        }
    }
    rules
}

/// A watch that finds what one finds, and decides as another decides.
fn decides(finds: &Watch, decides: &Watch) -> Watch {
    Watch {
        query: finds.query.clone(),
        languages: finds.languages.clone(),
        roster: finds.roster.clone(),
        ..decides.clone()
    }
}

/// In what another configuration differs, and what of that cannot be compared: a mention that the
/// present watch did not find may never have been stored.
fn compared(name: &str, present: (&Watch, &Terms), other: (&Watch, &Terms), again: bool) -> String {
    let ((watch, terms), (other, their)) = (present, other);
    let finds = other.definition() != watch.definition();
    let differences = [
        ("what it finds", again && finds),
        ("its sensitivity", watch.sensitivity != other.sensitivity),
        ("its clock", watch.timezone != other.timezone),
        ("what is planned", terms.plan != their.plan),
        ("which topics alert", terms.alerts != their.alerts),
        ("who is told", told(watch, terms) != told(other, their)),
    ];
    let differences: Vec<&str> =
        differences.into_iter().filter(|(_, differs)| *differs).map(|(what, _)| what).collect();
    let differs = match differences.as_slice() {
        [] => "decides as the present rule does".to_owned(),
        some => format!("differs in {}", some.join(", ")),
    };
    let rest = match (again, finds) {
        (true, _) => "every text is matched and scored again by its rules",
        (false, false) => "how texts are scored is not compared",
        (false, true) => {
            "not compared: its query and its lists, which find other mentions, and how texts are scored"
        }
    };
    format!("note: for `{}` {name} {differs}; {rest}", watch.id)
}

/// The mailboxes that are told.
fn told<'a>(watch: &'a Watch, terms: &'a Terms) -> Vec<&'a str> {
    let known = |id: &String| terms.recipients.iter().find(|recipient| recipient.id == *id);
    let mut mailboxes: Vec<&str> =
        watch.recipients.iter().filter_map(known).map(|known| known.email.as_str()).collect();
    mailboxes.sort_unstable();
    mailboxes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Roster, WatchId};

    fn watch() -> Watch {
        Watch {
            id: WatchId::new("acme").unwrap(),
            name: "Acme".to_owned(),
            query: "acme".to_owned(),
            languages: Vec::new(),
            sensitivity: Sensitivity::Balanced,
            timezone: "Europe/Paris".to_owned(),
            recipients: vec!["anne".to_owned()],
            roster: Roster::default(),
        }
    }

    #[track_caller]
    fn check(other: &Watch, mailbox: &str, again: bool, expected: &str) {
        let terms = |watch: &Watch, mailbox: &str| {
            let anne = Recipient {
                id: "anne".to_owned(),
                email: mailbox.to_owned(),
                name: None,
                language: crate::model::Lang::FR,
            };
            Terms { recipients: vec![anne], ..Terms::of(watch, None, &Arc::default()) }
        };
        let (ours, theirs) = (terms(&watch(), "anne@acme.example"), terms(other, mailbox));
        let told = compared("o.toml", (&watch(), &ours), (other, &theirs), again);
        assert_eq!(told, format!("note: for `acme` o.toml {expected}"));
    }

    #[test]
    fn what_differs_is_named_and_so_is_what_cannot_be_compared() {
        let anne = "anne@acme.example";
        let scored = "how texts are scored is not compared";
        check(&watch(), anne, false, &format!("decides as the present rule does; {scored}"));
        let other =
            Watch { sensitivity: Sensitivity::Prudent, timezone: "UTC".to_owned(), ..watch() };
        let differs = "differs in its sensitivity, its clock, who is told";
        check(&other, "bob@acme.example", false, &format!("{differs}; {scored}"));
        let other = Watch { query: "bolt".to_owned(), ..watch() };
        check(
            &other,
            anne,
            false,
            "decides as the present rule does; not compared: its query and its lists, which find \
             other mentions, and how texts are scored",
        );
        check(
            &other,
            anne,
            true,
            "differs in what it finds; every text is matched and scored again by its rules",
        );
    }

    #[test]
    fn a_watch_decides_as_another_and_finds_what_it_found() {
        let other =
            Watch { query: "bolt".to_owned(), sensitivity: Sensitivity::Sensitive, ..watch() };
        let mixed = decides(&watch(), &other);
        assert_eq!((mixed.query.as_str(), mixed.sensitivity), ("acme", Sensitivity::Sensitive));
    }
}
