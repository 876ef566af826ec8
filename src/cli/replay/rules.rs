//! The rules that a replay holds against each other: the present one, and the others named.

use std::path::Path;

use crate::cli::ConfigArgument;
use crate::cli::Exit;
use crate::cli::check::unscored;
use crate::cli::output::Output;
use crate::config::Config;
use crate::model::{Sensitivity, Watch};

/// A rule: a name, and the watch as it would have it.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub name: String,
    pub watch: Watch,
    /// Asked for: its incidents are shown, and not only counted.
    pub shown: bool,
}

/// What `--against` names.
pub(super) enum Against {
    Word(Sensitivity),
    File { name: String, config: Box<Config> },
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
/// nobody asked for, which are counted all the same.
pub(super) fn rules(watch: &Watch, against: &[Against], output: &mut Output) -> Vec<Rule> {
    let present = watch.sensitivity;
    let worded = |word: Sensitivity, shown| Rule {
        name: word.as_str().to_owned(),
        watch: Watch { sensitivity: word, ..watch.clone() },
        shown,
    };
    let mut rules = vec![worded(present, true)];
    for against in against {
        match against {
            Against::Word(word) if rules.iter().any(|rule| rule.name == word.as_str()) => {}
            Against::Word(word) => rules.push(worded(*word, true)),
            Against::File { name, config } => {
                let other = config.watches.iter().find(|other| other.id == watch.id);
                let Some(other) = other else {
                    output.say(format!("note: {name} has no watch `{}`: left out", watch.id));
                    continue;
                };
                if other.definition() != watch.definition() || other.timezone != watch.timezone {
                    output.say(format!(
                        "note: {name} finds other mentions of `{}`, or lives on another clock: the \
                         past is heard as the present watch hears it, only the sensitivity differs",
                        watch.id
                    ));
                }
                let watch = Watch { sensitivity: other.sensitivity, ..watch.clone() };
                rules.push(Rule { name: name.clone(), watch, shown: true });
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
