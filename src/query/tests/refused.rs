//! What cannot be read: each problem at its place, with a way out, and at once.

use proptest::prelude::*;

use super::*;

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
fn what_cannot_be_read_is_refused_at_its_place() {
    refused("", "", "empty");
    refused("   ", "   ", "empty");
    refused("NOT orange", "NOT orange", "only excludes");
    refused("-a -b", "-a -b", "only excludes");
    refused("-lang:fr", "-lang:fr", "only excludes");
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
    refused("=@sncf", "=@sncf", "an account");
    refused("~rappel*", "~rappel*", "finds the plural already");
}

#[test]
fn nearness_joins_two_sides_of_words() {
    refused("NEAR/5 lot", "NEAR/5", "missing before");
    refused("lot NEAR/5", "NEAR/5", "missing after");
    refused("a NEAR/2 b NEAR/2 c", "NEAR/2", "a third");
    refused("(a b) NEAR/2 c", "(a b)", "between words");
    refused("a NEAR/2 (b OR (c d))", "(b OR (c d))", "between words");
    refused("a NEAR/2 lang:fr", "lang:fr", "between words");
    refused("a NEAR/999999999 b", "NEAR/999999999", "0 to 50 words");
    refused("a NEAR/-1 b", "NEAR/-1", "0 to 50 words");
    refused("a PUIS/x b", "PUIS/x", "0 to 50 words");
}

#[test]
fn fields_and_values_that_do_not_exist_are_refused_with_the_nearest() {
    #[track_caller]
    fn near(asked: &str, at: &str, title: &str, help: &str) {
        refused(asked, at, title);
        let problems = Query::parse(asked).expect_err(asked);
        let said = problems.iter().filter_map(|p| p.help.as_deref()).collect::<String>();
        assert!(said.contains(help), "{asked}: {said}");
    }
    near("auther:jean", "auther:", "no field `auther`", "`author:`");
    near("Lille:demain", "Lille:", "no field `Lille`", "quote");
    near("tone:furious", "furious", "no tone `furious`", "negative, neutral");
    near("tone:negatve", "negatve", "no tone `negatve`", "`negative`");
    near("lang:xx1", "xx1", "no language `xx1`", "two-letter");
    near("lang:xx", "xx", "no language `xx`", "");
    near("kind:fead", "fead", "no source kind", "`feed`");
    near("source:Blog!", "Blog!", "Blog!", "id");
    near("site:http://x.fr/a", "http://x.fr/a", "no site", "url:");
    near("since:hier", "hier", "no date", "2026-11-24");
    near("date:2026-13", "2026-13", "no date", "7d");
    near("lang:", "lang:", "no value", "colon");
    near("lang:()", "lang:()", "no value", "colon");
    near("lang:(fr en", "(", "never closed", ")");
    near("title:lang:fr", "title:", "a word or a bracket", "title:panne");
    near("title:(a lang:fr)", "lang:fr", "only words", "out of");
    near("title:(text:a)", "(text:a)", "only words", "out of");
}

#[test]
fn what_is_too_large_is_refused() {
    let search = |text: &str| Query::parse_within(text, Limits::SEARCH, &TimeZone::UTC);
    refused(&"a ".repeat(257), "a ", "256 terms");
    refused(&"a".repeat(4_097), &"a".repeat(4_097), "4097 bytes");
    refused(&format!("{}a{}", "(".repeat(9), ")".repeat(9)), "(", "too deep");
    refused(&"(".repeat(4_000), "(", "too deep");
    refused(&"NOT ".repeat(1_000), "NOT", "missing after");
    assert!(Query::parse(&format!("{}a{}", "(".repeat(8), ")".repeat(8))).is_ok());
    assert!(Query::parse(&"a ".repeat(256)).is_ok());
    assert!(search(&"a ".repeat(65)).is_err());
    assert!(search(&"a".repeat(513)).is_err());
    let values: String = (0..70).map(|n| format!("site:s{n}.fr ")).collect();
    assert!(search(&values).is_err());
    assert!(Query::parse(&"x:y ".repeat(900)).unwrap_err().len() < 20);
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
        for problem in lint(&text, &Known::default()) {
            prop_assert!(text.get(problem.span).is_some());
        }
    }

    #[test]
    fn no_order_of_signs_makes_the_reader_panic(
        text in "[ab()\"*#@=~:«» -]{0,40}|((AND|OR|NOT|NEAR/2|PUIS|a|=A|~aaa|lang:fr|title:|site:(a,b)|date:2026..7d|author:\"x\"|\\(|\\)) ){0,20}"
    ) {
        lint(&text, &Known::default());
        if let Ok(read) = Query::parse(&text) {
            prop_assert_eq!(Query::parse(&read.to_string()), Ok(read));
        }
    }
}
