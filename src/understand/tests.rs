//! What an item means for each watch, told and explained alike.

use super::*;
use crate::model::roster::{Account, Site};
use crate::model::{Author, ItemKey, Roster, Sensitivity, Tone, WatchId};
use crate::standing::Exclusion;

fn watch(id: &str, query: &str, languages: &[&str]) -> Watch {
    Watch {
        id: WatchId::new(id).unwrap(),
        name: id.to_owned(),
        query: query.to_owned(),
        languages: languages.iter().filter_map(|code| Lang::parse(code)).collect(),
        sensitivity: Sensitivity::Balanced,
        timezone: "Europe/Paris".to_owned(),
        recipients: Vec::new(),
        roster: Roster::default(),
    }
}

fn origin(source: &SourceId, lang: Option<Lang>) -> Origin<'_> {
    Origin { source, kind: "feed", lang, author_lang: None, seen: Timestamp::UNIX_EPOCH }
}

#[test]
fn every_problem_of_every_query_is_told_with_its_watch() {
    let problems =
        Watches::compile(&[watch("a", "(x", &[]), watch("b", "ok", &[]), watch("c", "NOT y", &[])])
            .unwrap_err();
    let ids: Vec<&str> = problems.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["a", "c"]);
}

#[test]
fn an_undetermined_language_is_kept_and_another_is_not() {
    let french = watch("a", "acme", &["fr"]);
    assert!(keeps(&french, Language::default()));
    assert!(keeps(&french, Language { code: Some(Lang::FR), confidence: 0.9 }));
    assert!(!keeps(&french, Language { code: Some(Lang::EN), confidence: 0.9 }));
    assert!(keeps(&watch("b", "acme", &[]), Language { code: Some(Lang::EN), confidence: 0.9 }));
}

#[test]
fn watches_match_in_title_and_text_but_not_in_what_is_quoted() {
    let watches =
        Watches::compile(&[watch("oreal", "l'Oréal", &[]), watch("sncf", "SNCF -grève", &[])])
            .unwrap();
    let source = SourceId::new("test").unwrap();
    let mut item = Item::new(ItemKey::of(&["test", "1"]), "1");
    item.title = "Chez L’Oréal".to_owned();
    item.text = "la SNCF en grève".to_owned();
    let text = full_text(&item.title, &item.text);
    let found = understand(&item, &origin(&source, None), &watches, &Rules::default());
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|f| (f.watch.as_str(), text.get(f.spans[0].start..f.spans[0].end).unwrap()))
        .collect();
    assert_eq!(found, [("oreal", "L’Oréal")]);

    item.title = String::new();
    item.text = "rien".to_owned();
    item.quoted = "L’Oréal".to_owned();
    assert_eq!(understand(&item, &origin(&source, None), &watches, &Rules::default()), []);
}

#[test]
fn a_query_may_ask_for_what_is_found_out_later() {
    let source = SourceId::new("test").unwrap();
    let rules = Rules::builtin();
    let mut item = Item::new(ItemKey::of(&["test", "1"]), "1");
    item.text =
        "Acme rappelle un produit : service nul, livraison en retard, quelle honte".to_owned();
    item.lang_hint = Some("fr".to_owned());
    for (query, expected) in [
        ("acme lang:fr", true),
        ("acme lang:en", false),
        ("acme -lang:en", true),
        ("acme tone:negative", true),
        ("acme ton:(positif neutre)", false),
        ("acme -ton:négatif", false),
        ("acme source:test kind:feed", true),
        ("acme source:other", false),
        ("zorglub OR tone:negative", true),
        ("acme topic:boycott", false),
        ("acme since:1d", true),
        ("acme until:1969", false),
    ] {
        let watches = Watches::compile(&[watch("acme", query, &[])]).unwrap();
        let found = understand(&item, &origin(&source, None), &watches, &rules);
        assert_eq!(!found.is_empty(), expected, "{query}");
        let explained = explain(&item, &origin(&source, None), None, &watches, &rules);
        assert_eq!(explained.matches.len(), usize::from(expected), "{query}");
        assert_eq!(explained.declined.len(), usize::from(!expected), "{query}");
    }
}

#[test]
fn a_text_in_another_language_is_forgotten() {
    let watches = Watches::compile(&[watch("acme", "acme", &["fr"])]).unwrap();
    let source = SourceId::new("test").unwrap();
    let mut item = Item::new(ItemKey::of(&["test", "1"]), "1");
    item.text = "The train of Acme is late again this morning and nobody there answers the \
                 phone, which has been the case since the beginning of the week."
        .to_owned();
    assert_eq!(
        understand(&item, &origin(&source, Some(Lang::FR)), &watches, &Rules::default()),
        []
    );
}

/// What becomes of a text for a watch with lists, told and explained alike.
#[track_caller]
fn check(author: &str, url: &str, text: &str, expected: Result<Option<&str>, &str>) {
    let roster = Roster {
        excluded_authors: vec![Account::Name("Jean Spam".to_owned())],
        excluded_sites: vec![Site { host: "coupons.example".to_owned(), below: false }],
        own_accounts: Account::parse("@acme").into_iter().collect(),
        employees: Account::parse("@anne").into_iter().collect(),
        ..Roster::default()
    };
    let watches = Watches::compile(&[Watch { roster, ..watch("acme", "acme", &[]) }]).unwrap();
    let source = SourceId::new("test").unwrap();
    let mut item = Item::new(ItemKey::of(&["test", "1"]), "1");
    item.text = text.to_owned();
    item.url = Some(url.to_owned());
    item.author = Some(Author { name: author.to_owned(), ..Author::default() });
    let rules = Rules::builtin();
    let found = understand(&item, &origin(&source, None), &watches, &rules);
    let said = explain(&item, &origin(&source, None), None, &watches, &rules);
    assert_eq!(found.first().map(|f| &f.aside), said.matches.first().map(|m| &m.aside));
    let told = match (found.first(), said.declined.first()) {
        (Some(finding), None) => Ok(finding.aside.as_ref().map(|a| a.kind().as_str())),
        (None, Some(Declined { reason: Reason::OnList { list }, .. })) => match list {
            Exclusion::Author(entry) | Exclusion::Site(entry) => Err(entry.as_str()),
        },
        other => panic!("{other:?}"),
    };
    assert_eq!(told, expected);
}

const LOTTERY: &str = "RT + follow pour tenter de gagner un four Acme, tirage au sort lundi";

#[test]
fn the_lists_and_the_rules_about_spam_decide_who_counts() {
    let (forum, complaint) = ("https://forum.example/1", "Acme, service nul");
    check("Client", forum, complaint, Ok(None));
    check("Jean Spam", forum, complaint, Err("Jean Spam"));
    check("Client", "https://www.coupons.example/1", complaint, Err("coupons.example"));
    check("@acme", forum, complaint, Ok(Some("own-account")));
    check("@Anne@piaille.fr", forum, complaint, Ok(Some("employee")));
    check("Client", forum, LOTTERY, Ok(Some("spam")));
    check("@acme", forum, LOTTERY, Ok(Some("own-account")));
}

#[test]
fn a_crisis_counts_even_when_it_looks_like_spam() {
    let text = format!("{LOTTERY}. Et les blessés de l'explosion ?");
    check("Client", "https://forum.example/1", &text, Ok(None));
}

#[test]
fn each_watch_gets_what_is_said_of_it() {
    let both = [watch("acme", "acme", &[]), watch("brindille", "brindille", &[])];
    let source = SourceId::new("test").unwrap();
    let mut item = Item::new(ItemKey::of(&["test", "1"]), "1");
    item.text = "Acme est génial, mais Brindille m'a déçu".to_owned();
    let (french, both) = (origin(&source, Some(Lang::FR)), Watches::compile(&both).unwrap());
    let found = understand(&item, &french, &both, &Rules::builtin());
    let tones: Vec<Tone> = found.iter().map(|finding| finding.sentiment.label).collect();
    assert_eq!(tones, [Tone::Positive, Tone::Negative]);
}
