//! What the rules files may say, and every example in the shipped ones.

use super::*;

fn named(name: &str, text: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), text.to_owned())]
}

#[test]
fn every_shipped_example_comes_out_as_it_says() {
    let rules = Rules::extended(&[]).unwrap();
    assert!(rules.examples.len() >= 2 * SHIPPED.len());
    let wrong: Vec<String> = check_examples(&rules)
        .into_iter()
        .map(|(file, problem)| format!("{file}:{:?} {}", problem.span, problem.title))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A topic is only worth its name in a language where it was seen to fire and to keep silent.
#[test]
fn every_shipped_topic_has_examples_in_seven_languages() {
    let rules = Rules::builtin();
    assert_eq!(rules.topics.len(), 25);
    for topic in &rules.topics {
        for lang in crate::language::usual() {
            let of = |expect: Expect| rules.examples.iter().filter(|e| e.expect == expect).count();
            let fires = of(Expect::Topic(Some(lang), topic.name.clone()));
            let silent = of(Expect::Nothing(Some(lang), topic.name.clone()));
            assert!(fires >= 2 && silent >= 1, "{} in {lang}: {fires}, {silent}", topic.name);
            let terms = topic.terms.iter().filter(|t| t.lang == Some(lang) && t.speaks).count();
            assert!(terms >= 8, "{} in {lang}: {terms} terms", topic.name);
        }
    }
}

#[track_caller]
fn check(text: &str, expected: &[(&str, &str)]) {
    let problems = Rules::parse(&named("own.toml", text)).unwrap_err();
    let found: Vec<(&str, &str)> = problems
        .iter()
        .map(|(_, wrong)| (wrong.title.as_str(), text.get(wrong.span.clone()).unwrap()))
        .collect();
    assert_eq!(found, expected);
}

const EXAMPLES: &str = "\n[[example]]\ntext = \"on nous a volé\"\nexpect = \"topic\"\n\
    [[example]]\ntext = \"bonjour\"\nexpect = \"nothing\"\n";

#[test]
fn all_problems_of_a_file_come_at_once_with_their_place() {
    let title = "a file is one lexicon, one topic, one kind of spam, a list of press sites or one \
                 of brands";
    check("words = 1\n", &[(title, "")]);
    check(
        "topic = \"vol\"\nterm = []\n",
        &[
            ("unknown key `term`", "term"),
            ("no example that fires", ""),
            ("no example that must not fire", ""),
        ],
    );
    check(
        &format!("topic = \"vol\"\nterms = [\"vol\", 3, \"*\"]\nx = 1\n{EXAMPLES}"),
        &[("no string", "3"), ("`*` holds no word", "\"*\""), ("unknown key `x`", "x")],
    );
    check("topic = \"Vol !\"\n", &[("no name for a topic", "\"Vol !\"")]);
    check("lexicon = \"french\"\n", &[("no language code", "\"french\"")]);
}

#[test]
fn a_wrong_alert_is_told_with_its_place() {
    #[track_caller]
    fn alert(written: &str, title: &str, place: &str) {
        let text = format!("topic = \"vol\"\nterms = [\"volé\"]\nalert = {written}\n{EXAMPLES}");
        check(&text, &[(title, place)]);
    }
    alert("true", "`alert` is no table", "true");
    alert("{ authors = 2 }", "an alert needs `count`", "{ authors = 2 }");
    alert("{ count = 0 }", "`count` is out of range", "0");
    alert("{ count = 51 }", "`count` is out of range", "51");
    alert("{ count = 2.5 }", "`count` is out of range", "2.5");
    alert("{ count = 3, hours = 72 }", "`hours` is out of range", "72");
    let both = "{ count = 2, authors = 3 }";
    alert(both, "2 mentions cannot have 3 authors", both);
    alert("{ count = 2, author = 3 }", "unknown key `author`", "author");
}

#[test]
fn a_wrong_list_of_press_sites_is_told_with_its_place() {
    #[track_caller]
    fn press(sites: &str, expected: &[(&str, &str)]) {
        let examples = EXAMPLES.replace("\"topic\"", "\"press\"");
        check(&format!("press = \"fr\"\n{sites}\n{examples}"), expected);
    }
    press("nationl = [\"a.fr\"]", &[("unknown key `nationl`", "nationl")]);
    press(
        "trade = [\"www.a.fr\", \"b.fr/x\", \"c.fr\"]",
        &[("`www.a.fr` is no host", "\"www.a.fr\""), ("`b.fr/x` is no host", "\"b.fr/x\"")],
    );
}

#[test]
fn an_example_that_does_not_hold_is_named() {
    let text = format!("topic = \"vol\"\nterms = [\"bonjour\"]\n{EXAMPLES}");
    let rules = Rules::parse(&named("vol.toml", &text)).unwrap();
    let titles: Vec<String> =
        check_examples(&rules).into_iter().map(|(_, wrong)| wrong.title).collect();
    assert_eq!(
        titles,
        ["expected topic `vol`, got none", "expected nothing, got topic `vol` by: bonjour"]
    );
}

#[test]
fn an_operators_weight_replaces_the_shipped_one() {
    let text = "lexicon = \"fr\"\n[weights]\n\"0\" = [\"honte\", \"quelle honte\"]\n\"-3\" = [\"zorglub\"]\n\
        [[example]]\ntext = \"quel zorglub\"\nexpect = \"negative\"\n\
        [[example]]\ntext = \"quelle honte\"\nexpect = \"neutral\"\n";
    let rules = Rules::extended(&named("own.toml", text)).unwrap();
    assert_eq!(check_examples(&rules), []);
}
