//! Whether matching agrees with the naive matcher, with itself, and with any text there is.

use proptest::prelude::*;

use super::reference::{built, texts};
use super::*;
use crate::model::finding::full_text;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn matching_agrees_with_the_naive_matcher(built in built(), known in texts()) {
        let item = known.item("1");
        let full = full_text(&item.title, &item.text);
        let prepared = Prepared::new(&full);
        let languages = [known.language()];
        let document = Document { languages: Some(&languages), ..Document::bare(&prepared, &item) };
        let asked = built.text();
        let found = query(&asked).find(&document);
        let expected = known.covered(&built, &full);
        prop_assert_eq!(found.is_some(), expected.is_some(), "{} in {}", asked, full);
        if let (Some(spans), Some(expected)) = (found, expected) {
            let mut covered = vec![false; full.len()];
            for span in spans {
                // A handle's sign belongs to the place.
                let sign = usize::from(full.as_bytes()[span.start] == b'@');
                covered[span.start + sign..span.end].fill(true);
            }
            prop_assert_eq!(covered, expected, "{} in {}", asked, full);
        }
    }

    #[test]
    fn a_set_answers_as_each_query_alone(
        asked in prop::collection::vec(built(), 0..12), known in texts()
    ) {
        let queries: Vec<Query> = asked.iter().map(|built| query(&built.text())).collect();
        let item = known.item("1");
        let full = full_text(&item.title, &item.text);
        let prepared = Prepared::new(&full);
        let languages = [known.language()];
        let document = Document { languages: Some(&languages), ..Document::bare(&prepared, &item) };
        let alone: Vec<(usize, Vec<Span>)> = queries
            .iter()
            .enumerate()
            .filter_map(|(place, query)| Some((place, query.find(&document)?)))
            .collect();
        prop_assert_eq!(QuerySet::new(queries).find(&document), alone);
    }

    #[test]
    fn a_printed_query_reads_as_the_same_query(built in built()) {
        let read = query(&built.text());
        prop_assert_eq!(Query::parse(&read.to_string()), Ok(read));
    }

    #[test]
    fn every_place_is_one_of_the_text_whatever_its_letters(text in ".{0,60}", word in "\\w{1,3}") {
        for asked in [word.clone(), format!("={word}"), format!("~{word}"), format!("{word} NEAR {word}")] {
            let Ok(query) = Query::parse(&asked) else { continue };
            let item = Item::new(ItemKey::of(&[]), "");
            let prepared = Prepared::new(&text);
            for span in query.find(&Document::bare(&prepared, &item)).unwrap_or_default() {
                prop_assert!(text.get(span.start..span.end).is_some_and(|place| !place.is_empty()));
            }
        }
    }

    #[test]
    fn a_word_of_a_text_finds_that_text(text in "\\PC{0,60}") {
        let prepared = Prepared::new(&text);
        let item = Item::new(ItemKey::of(&[]), "");
        for word in prepared.words() {
            let term = Term {
                words: vec![word.to_owned()],
                written: Vec::new(),
                ending: Ending::Whole,
                part: Part::Anywhere,
            };
            let query = Query::from(Expr::Term(term));
            prop_assert!(query.find(&Document::bare(&prepared, &item)).is_some(), "{}", word);
        }
    }
}
