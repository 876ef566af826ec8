//! What a query asks beside the words.

use super::*;
use crate::model::{Author, Lang, Timestamp, Tone};

fn item() -> Item {
    Item {
        title: "Panne chez Orange".to_owned(),
        text: "La fibre est coupée".to_owned(),
        url: Some("https://www.blog.Example.co.uk/Panne/1/?a=b".to_owned()),
        author: Some(Author {
            name: "Anne Été".to_owned(),
            handle: Some("@anne@piaille.fr".to_owned()),
            ..Author::default()
        }),
        ..Item::new(ItemKey::of(&[]), "")
    }
}

#[track_caller]
fn check(asked: &str, expected: bool) {
    let item = item();
    let text = "Panne chez Orange\nLa fibre est coupée";
    let prepared = Prepared::new(text);
    let topics = ["outage".to_owned()];
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let document = Document {
        source: "press",
        kind: "feed",
        at: at("2026-11-24T12:00:00Z"),
        now: at("2026-11-25T12:00:00Z"),
        languages: Some(&[Lang::FR]),
        topics: Some(&topics),
        tones: Some(&[Tone::Negative]),
        ..Document::bare(&prepared, &item)
    };
    let zone = TimeZone::get("Europe/Paris").unwrap();
    let query = Query::parse_within(asked, Limits::WATCH, &zone).unwrap();
    assert_eq!(query.find(&document).is_some(), expected, "{asked}");
    let again = Query::parse_within(&query.to_string(), Limits::WATCH, &zone).unwrap();
    assert_eq!(again, query, "{asked} is printed as {query}");
}

#[test]
fn a_field_keeps_one_of_its_values_in_either_language() {
    for (yes, no) in [
        ("author:\"anne ete\"", "author:anne"),
        ("auteur:ANNE*", "auteur:ete*"),
        ("author:@anne@piaille.fr", "author:piaille.fr"),
        ("site:blog.example.co.uk", "site:co.uk"),
        ("site:example.co.uk", "site:ample.co.uk"),
        ("site:(other.fr, Example.co.uk)", "site:(other.fr www.other.fr)"),
        ("site:blog.*", "site:example.fr*"),
        ("url:https://blog.example.co.uk/panne/*", "url:blog.example.co.uk/panne"),
        ("adresse:\"www.blog.example.co.uk/Panne/1/?a=b\"", "adresse:http://other.fr"),
        ("source:press", "source:forum"),
        ("kind:feed orange", "orange -genre:feed"),
        ("lang:fr", "lang:en"),
        ("langue:(en OU fr)", "langue:(en de)"),
        ("Lang:FR-fr", "-lang:fr orange"),
        ("tone:negative", "tone:(positive mixed)"),
        ("ton:négatif", "ton:mitigé"),
        ("topic:outage", "topic:strike"),
        ("sujet:(strike outage)", "sujet:out"),
    ] {
        check(yes, true);
        check(no, false);
    }
}

#[test]
fn dates_are_days_of_the_zone_and_ends_are_not_included() {
    for (yes, no) in [
        ("since:2026-11-24", "since:2026-11-25"),
        ("depuis:2d", "depuis:1h"),
        ("until:2026-11-25", "until:2026-11-24"),
        ("avant:1h", "avant:1d"),
        ("date:2026-11", "date:2026-10"),
        ("date:2026-11-24", "date:2026-11-23"),
        ("date:2026-11-23..2026-11-24", "date:2026-11-20..2026-11-23"),
        ("date:7d", "date:2h"),
        ("date:2026", "date:2025"),
        ("since:2026-11-24T12:00:00Z", "since:2026-11-24T12:00:01Z"),
    ] {
        check(yes, true);
        check(no, false);
    }
}

#[test]
fn words_are_found_in_the_title_or_in_the_text_alone() {
    for (yes, no) in [
        ("title:panne", "text:panne"),
        ("titre:(panne OR grève)", "titre:fibre"),
        ("texte:\"la fibre\"", "texte:orange"),
        ("title:(panne -coupée)", "title:(panne -orange)"),
        ("title:(panne NEAR/1 orange)", "title:(orange NEAR/3 fibre)"),
        ("orange NEAR/3 fibre", "text:(orange NEAR/3 fibre)"),
        ("\"orange la\"", "title:\"orange la\""),
    ] {
        check(yes, true);
        check(no, false);
    }
}

#[test]
fn an_address_and_a_time_of_day_are_no_fields() {
    finds("https://orange.fr", "voir https orange fr", &["https orange fr"]);
    finds("10:30", "à 10:30", &["10:30"]);
    finds("panne: orange", "panne orange", &["panne", "orange"]);
}

#[test]
fn what_is_unknown_makes_a_candidate_and_no_more() {
    let item = item();
    let prepared = Prepared::new("Panne chez Orange\nLa fibre est coupée");
    let unknown =
        Document { languages: None, topics: None, tones: None, ..Document::bare(&prepared, &item) };
    let asked = |text: &str| query(text).find(&unknown).is_some();
    for maybe in
        ["orange tone:negative", "orange -tone:negative", "sfr OR lang:fr", "-lang:en fibre"]
    {
        assert!(asked(maybe), "{maybe}");
    }
    for never in ["sfr tone:negative", "orange -(panne OR tone:negative)", "sfr lang:fr"] {
        assert!(!asked(never), "{never}");
    }
}
