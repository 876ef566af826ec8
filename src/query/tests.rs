//! What the watch language means, on French texts first.

use proptest::prelude::*;

use super::*;

fn query(text: &str) -> Query {
    Query::parse(text).unwrap_or_else(|problems| panic!("{text}: {problems:?}"))
}

/// The query finds exactly these places in the text.
#[track_caller]
fn finds(asked: &str, text: &str, expected: &[&str]) {
    let spans = query(asked).find(&Prepared::new(text));
    let spans = spans.unwrap_or_else(|| panic!("`{asked}` does not match `{text}`"));
    let found: Vec<&str> = spans.iter().map(|s| text.get(s.start..s.end).unwrap()).collect();
    assert_eq!(found, expected, "`{asked}` in `{text}`");
}

#[track_caller]
fn misses(asked: &str, text: &str) {
    assert_eq!(query(asked).find(&Prepared::new(text)), None, "`{asked}` in `{text}`");
}

/// The query is refused; the problem is at this part of it.
#[track_caller]
fn refused(asked: &str, at: &str, title: &str) {
    let problems = Query::parse(asked).expect_err(asked);
    let found: Vec<(&str, &str)> =
        problems.iter().map(|p| (asked.get(p.span.clone()).unwrap(), p.title.as_str())).collect();
    assert!(found.iter().any(|(a, t)| *a == at && t.contains(title)), "{asked}: {found:?}");
    assert!(problems.iter().all(|p| p.help.is_some()), "{problems:?}");
}

#[test]
fn accents_case_ligatures_and_elision_do_not_matter() {
    finds("l'Oréal", "Chez L’OREAL, rien", &["L’OREAL"]);
    finds("l'Oréal", "vive #loreal et loreal.fr", &["loreal", "loreal"]);
    finds("oreal", "de l’Oréal", &["Oréal"]);
    misses("l'Oréal", "Oréal tout court");
    finds("d’Orange", "je pars de chez Orange", &["Orange"]);
    finds("Orange", "la panne d’Orange", &["Orange"]);
    finds("EDF", "il dit qu'EDF ment", &["EDF"]);
    finds("qu'EDF", "EDF ment", &["EDF"]);
    finds("œuvre", "UNE ŒUVRE", &["ŒUVRE"]);
    finds("oeuvre", "une œuvre, l'e\u{301}te\u{301}", &["œuvre"]);
    finds("été", "l'e\u{301}te\u{301} vient", &["e\u{301}te\u{301}"]);
    finds("aujourd'hui", "dès aujourd’hui !", &["aujourd’hui"]);
    finds("\"probleme d'orange\"", "un problème d’Orange", &["problème d’Orange"]);
    misses("\"probleme d'orange\"", "un problème Orange");
}

#[test]
fn hyphens_spaces_and_one_word_are_the_same_name() {
    finds("rendez-vous", "un rendez vous, un rendez-vous", &["rendez vous", "rendez-vous"]);
    finds("Coca-Cola", "du cocacola", &["cocacola"]);
    finds("SNCF", "sur sncf-connect ce soir", &["sncf"]);
    finds("sncf-connect", "SNCF Connect en panne", &["SNCF Connect"]);
    misses("sncf-connect", "la SNCF");
    misses("SNCF -sncf-connect", "SNCF Connect en panne");
    finds("SNCF -sncf-connect", "la SNCF en panne", &["SNCF"]);
    finds("\"La Redoute\"", "#LaRedoute, laredoute.fr", &["LaRedoute", "laredoute"]);
    misses("\"La Redoute\"", "il redoute la pluie");
    misses("H&M", "hm, je ne sais pas");
    finds("H&M", "chez H & M", &["H & M"]);
}

#[test]
fn tags_are_found_in_parts_and_whole() {
    finds("#BalanceTonPorc", "vu #balancetonporc", &["balancetonporc"]);
    finds("#BalanceTonPorc", "balance ton porc !", &["balance ton porc"]);
    finds("#balancetonporc", "vu #BalanceTonPorc", &["BalanceTonPorc"]);
    finds("orange", "#BoycottOrange", &["Orange"]);
    finds("@sncf_connect", "merci @SNCF_Connect.", &["@SNCF_Connect"]);
    finds("@anne", "de @anne@piaille.fr", &["@anne@piaille.fr"]);
    misses("@orange", "une orange, jean@orange.fr");
    finds("orange", "@Orange_France aide", &["Orange"]);
}

#[test]
fn operators_work_in_two_languages_and_in_capitals_only() {
    finds("orange OU sfr ET panne", "orange", &["orange"]);
    misses("(orange OU sfr) ET panne", "orange");
    finds("(orange OR sfr) panne", "panne SFR", &["panne", "SFR"]);
    misses("orange SAUF fruit", "orange, un fruit");
    misses("orange AND NOT fruit", "orange, un fruit");
    finds("orange -fruit -jus", "orange box", &["orange"]);
    misses("orange et sfr", "orange sfr");
    finds("« orange et sfr »", "orange et SFR", &["orange et SFR"]);
    finds("orange NOT NOT sfr", "orange sfr", &["orange", "sfr"]);
    finds("rappel* produit", "Rappels de produit", &["Rappels", "produit"]);
    finds("\"rappel de lot*\"", "le rappel de lots", &["rappel de lots"]);
    misses("rappel", "rappels");
    misses("orange", "orangeade");
    finds("orange OR \"orange bank\"", "Orange Bank", &["Orange Bank"]);
}

#[test]
fn what_cannot_be_read_is_refused_at_its_place() {
    refused("", "", "empty");
    refused("   ", "   ", "empty");
    refused("NOT orange", "NOT orange", "only excludes");
    refused("-a -b", "-a -b", "only excludes");
    refused("sfr OR NOT orange", "NOT orange", "only excludes");
    refused("sfr -(-orange -free)", "-(-orange -free)", "only excludes");
    refused("orange OR", "OR", "missing after");
    refused("AND orange", "AND", "missing before");
    refused("orange OU ET sfr", "ET", "missing before");
    refused("(orange", "(", "never closed");
    refused("orange)", ")", "closes nothing");
    refused("orange ()", ")", "missing before");
    refused("\"orange bank", "\"orange bank", "never ends");
    refused("*ange", "*ange", "star");
    refused("or*", "or*", "three letters");
    refused("orange - sfr", "-", "no letter");
    refused("@", "@", "no account");
    refused(&"a ".repeat(65), "a ", "64 terms");
    refused(&"a".repeat(513), &"a".repeat(513), "513 bytes");
    refused(&format!("{}a{}", "(".repeat(9), ")".repeat(9)), "(", "too deep");
    assert!(Query::parse(&format!("{}a{}", "(".repeat(8), ")".repeat(8))).is_ok());
}

#[test]
fn broad_and_ambiguous_queries_are_warned_about() {
    #[track_caller]
    fn check(asked: &str, places: &[&str]) {
        let found: Vec<&str> =
            lint(asked).iter().map(|w| asked.get(w.span.clone()).unwrap()).collect();
        assert_eq!(found, places, "{asked}");
    }
    check("Orange", &["Orange"]);
    check("sfr OR (orange OR \"La Poste\")", &["orange", "\"La Poste\""]);
    check("orange AND fibre", &[]);
    check("orange -fruit", &[]);
    check("les", &["les"]);
    check("M6 -radio", &["M6"]);
    check("sncf or ratp", &["or"]);
    check("\"sncf or ratp\" edf", &[]);
    check("(orange", &[]);
}

fn words() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "orange",
        "sfr",
        "la",
        "rappel*",
        "\"la poste\"",
        "l'Oréal",
        "#LaPoste",
        "@sfr",
        "bank",
        "orange-bank",
    ])
    .prop_map(str::to_owned)
}

fn queries() -> impl Strategy<Value = String> {
    words().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} OU {b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a} SAUF {b})")),
        ]
    })
}

fn texts() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec![
            "orange",
            "SFR",
            "la",
            "rappels",
            "poste",
            "L’Oréal",
            "#LaPoste",
            "laposte",
            "@sfr",
            "orangebank",
            "bank",
            "zut",
            "loreal",
            "#OrangeBank",
        ]),
        0..8,
    )
    .prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,80}") {
        if let Err(problems) = Query::parse(&text) {
            prop_assert!(!problems.is_empty());
            for problem in problems {
                prop_assert!(text.get(problem.span).is_some());
            }
        }
        lint(&text);
    }

    #[test]
    fn no_order_of_signs_makes_the_reader_panic(text in "[ab()\"*#@ -]{0,40}|((AND|OR|NOT|a|\\(|\\)) ){0,20}") {
        if let Ok(read) = Query::parse(&text) {
            prop_assert_eq!(Query::parse(&read.to_string()), Ok(read));
        }
    }

    #[test]
    fn a_printed_query_reads_as_the_same_query(text in queries()) {
        if let Ok(read) = Query::parse(&text) {
            prop_assert_eq!(Query::parse(&read.to_string()), Ok(read));
        }
    }

    #[test]
    fn a_set_answers_as_each_query_alone(asked in prop::collection::vec(queries(), 0..8), text in texts()) {
        let read: Vec<Query> = asked.iter().filter_map(|q| Query::parse(q).ok()).collect();
        let text = Prepared::new(&text);
        let alone: Vec<(usize, Vec<Span>)> = read
            .iter()
            .enumerate()
            .filter_map(|(place, query)| Some((place, query.find(&text)?)))
            .collect();
        prop_assert_eq!(QuerySet::new(read).find(&text), alone);
    }
}
