//! What is told about a query that can be read.

use super::*;
use crate::diagnostic::Severity;
use crate::rules::{Expect, Rules};

/// The lint says these things at these parts of the query.
#[track_caller]
fn check(asked: &str, expected: &[(&str, &str)]) {
    let rules = Rules::builtin();
    let known =
        Known { ambiguous: &rules.ambiguous, topics: &["recall", "outage"], sources: &["press"] };
    let found = lint(asked, &known);
    let found: Vec<(&str, &str)> =
        found.iter().map(|w| (asked.get(w.span.clone()).unwrap(), w.title.as_str())).collect();
    let agrees = found.len() == expected.len()
        && found
            .iter()
            .zip(expected)
            .all(|((at, title), (e_at, e_title))| at == e_at && title.contains(e_title));
    assert!(agrees, "{asked}: {found:?}, expected {expected:?}");
}

#[test]
fn broad_and_ambiguous_queries_are_warned_about() {
    check("Orange", &[("Orange", "everyday word")]);
    check(
        "sfr OR (orange OR \"La Poste\")",
        &[("orange", "everyday word"), ("\"La Poste\"", "everyday word")],
    );
    check("orange AND fibre", &[]);
    check("orange -fruit", &[]);
    check("orange lang:fr", &[("orange", "everyday word")]);
    check("orange site:orange.fr", &[]);
    check("les", &[("les", "nearly every text")]);
    check("ab -radio", &[("ab", "so short")]);
    check("con*", &[("con*", "begins many words")]);
    check("tone:negative lang:fr", &[("tone:negative lang:fr", "asks for no word")]);
    check("sncf or ratp", &[("or", "small letters")]);
    check("\"sncf or ratp\" edf", &[]);
    check("東京", &[]);
    check("(orange", &[]);
}

#[test]
fn queries_that_find_too_little_are_warned_about() {
    check(
        "\"le rappel de ce lot de produits\"",
        &[("\"le rappel de ce lot de produits\"", "7 words")],
    );
    check("=Orange", &[("=Orange", "small letters")]);
    check("=orange", &[]);
    check("rappel NEAR/0 lot", &[("rappel NEAR/0 lot", "neighbours")]);
}

#[test]
fn what_contradicts_itself_is_an_error_and_what_repeats_itself_a_warning() {
    check("sfr panne -panne", &[("panne", "nothing can match")]);
    check("(sfr panne) SAUF (grève OU sfr)", &[("sfr", "nothing can match")]);
    check("\"sfr fibre\" -sfr", &[("sfr", "in every text that says")]);
    check("sfr -\"sfr fibre\"", &[]);
    check("sfr lang:fr lang:en", &[("lang:en", "one `lang`")]);
    check("sfr lang:fr lang:(en fr)", &[]);
    check("sfr source:press -source:press", &[("source:press", "nothing can match")]);
    check("sfr since:2026-11-02 until:2026-11-01", &[("until:2026-11-01", "ends before")]);
    check("sfr since:2026-11-01 until:2026-11-02", &[]);
    check("sfr until:7d since:2d", &[("since:2d", "ends before")]);
    check("edf OR sfr OR edf", &[("edf", "finds this already")]);
    check("rappel* OR rappels", &[("rappels", "finds this already")]);
    check("sncf OR \"sncf connect\"", &[]);
    let wrong = lint("sfr -sfr", &Known::default());
    assert_eq!(wrong.first().map(|w| w.severity), Some(Severity::Error));
}

#[test]
fn topics_and_sources_that_do_not_exist_are_errors() {
    check("sfr topic:recal", &[("topic:recal", "no topic `recal`")]);
    check("sfr source:(press forum)", &[("source:(press forum)", "no source `forum`")]);
    check("sfr topic:recall source:press", &[]);
}

#[test]
fn the_help_for_an_ambiguous_brand_is_a_query_that_the_lint_accepts() {
    let rules = Rules::builtin();
    assert!(rules.ambiguous.len() >= 60, "{}", rules.ambiguous.len());
    for brand in &rules.ambiguous {
        let proposal = brand.proposal();
        assert_eq!(lint(&proposal, &Known { ambiguous: &rules.ambiguous, ..Known::default() }), []);
        let senses = rules.examples.iter().filter(
            |example| matches!(&example.expect, Expect::Found { query, .. } if *query == proposal),
        );
        let senses: Vec<&str> = senses.map(|example| example.text.as_str()).collect();
        assert_eq!(senses.len(), 2, "{proposal}");
        for text in senses {
            assert!(query(&format!("\"{}\"", brand.brand)).finds_in(text), "{proposal}: {text}");
        }
    }
}
