//! What a search finds.

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::index::{IndexError, SearchHits, SearchOrder};
use crate::model::finding::full_text;
use crate::model::{Aside, Author};
use crate::query::tests::reference::{built, texts};
use crate::query::{Prepared, Query, Stored};

struct Shown {
    view: IndexView,
    _dir: TempDir,
}

fn index(mentions: Vec<Mention>) -> Shown {
    let dir = TempDir::new().unwrap();
    let mut view = open(dir.path()).view;
    let changes: Vec<Change> = mentions.into_iter().map(put).collect();
    view.apply(&changes, Position(changes.len() as u64)).unwrap();
    view.commit().unwrap();
    Shown { view, _dir: dir }
}

fn query(text: &str) -> Expr {
    Query::parse(text).unwrap().expr
}

#[track_caller]
fn check(texts: &[&str], expr: Expr, expected: &[Seq]) {
    let mentions = (1..).zip(texts).map(|(seq, text)| mention(seq, text)).collect();
    let shown = index(mentions);
    assert_eq!(ask(&shown.view.searcher(), expr).unwrap(), expected);
}

#[test]
fn accents_case_and_elision_do_not_matter() {
    let texts = ["Chez L’Oréal, l’été", "rien", "LOREAL", "l'oreal encore"];
    check(&texts, phrase("oreal"), &[4, 1]);
    check(&texts, phrase("l oreal"), &[4, 3, 1]);
    check(&texts, phrase("ete"), &[1]);
}

#[test]
fn a_word_finds_its_plural_where_it_is_asked_for() {
    let texts = ["une réclamation", "des réclamations", "un bilan"];
    check(&texts, phrase("reclamation"), &[1]);
    check(&texts, query("~réclamation"), &[2, 1]);
    check(&texts, query("~réclamations"), &[2, 1]);
}

#[test]
fn a_tag_is_found_whole_and_in_parts_and_an_account_by_its_handle() {
    let texts = ["#BalanceTonPorc vite", "balance ton porc", "@SNCF_Connect@x.fr", "sncf connect"];
    check(&texts, query("#balancetonporc"), &[1]);
    check(&texts, query("#BalanceTonPorc"), &[2, 1]);
    check(&texts, query("porc"), &[2, 1]);
    check(&texts, query("\"balancetonporc vite\""), &[1]);
    check(&texts, query("@sncf_connect"), &[3]);
    check(&texts, query("sncf-connect"), &[4, 3]);
}

#[test]
fn a_phrase_is_exact() {
    let texts = ["rappel de produit", "rappel produit", "rappels produits", "produit rappel"];
    check(&texts, phrase("rappel produit"), &[2]);
}

#[test]
fn a_phrase_goes_from_the_title_into_the_text_as_matching_does() {
    let mut text = mention(1, "produits en masse");
    text.item.title = "Rappel".to_owned();
    let shown = index(vec![text]);
    assert_eq!(ask(&shown.view.searcher(), phrase("rappel produits")).unwrap(), [1]);
}

#[test]
fn a_prefix_stands_for_every_ending() {
    let texts = ["boycott", "boycotter", "un boy", "appel au boycottage"];
    check(&texts, phrase("boycot*"), &[4, 2, 1]);
    check(&texts, phrase("au boycot*"), &[4]);
}

#[test]
fn a_prefix_of_too_many_words_is_refused_not_cut() {
    use std::fmt::Write;
    let mut text = String::new();
    for n in 0..5_000 {
        write!(text, "mot{n} ").unwrap();
    }
    let shown = index(vec![mention(1, &text)]);
    let answer = ask(&shown.view.searcher(), phrase("mot*"));
    assert!(matches!(answer, Err(IndexError::Refused(_))), "{answer:?}");
    assert_eq!(ask(&shown.view.searcher(), phrase("mot12*")).unwrap(), [1]);
}

#[test]
fn exclusion_means_what_it_says() {
    let texts = ["acme bien", "acme jeux", "autre", "jeux"];
    let (acme, games) = (|| phrase("acme"), || phrase("jeux"));
    check(&texts, Expr::And(vec![acme(), not(games())]), &[1]);
    check(&texts, Expr::And(vec![not(acme()), not(games())]), &[3]);
    check(&texts, not(acme()), &[4, 3]);
    check(&texts, not(not(acme())), &[2, 1]);
    check(&texts, Expr::Or(vec![games(), not(acme())]), &[4, 3, 2]);
}

#[test]
fn a_query_beyond_every_limit_is_refused() {
    let shown = index(vec![mention(1, "acme")]);
    let searcher = shown.view.searcher();
    let nested = (0..100).fold(phrase("acme"), |inner, _| Expr::And(vec![inner]));
    let wide = Expr::Or(vec![phrase("acme"); 3_000]);
    let nothing = match phrase("acme") {
        Expr::Term(term) => Expr::Term(Term { words: Vec::new(), ..term }),
        other => other,
    };
    for refused in [nested, wide, nothing, Expr::And(Vec::new()), phrase("")] {
        let answer = ask(&searcher, refused);
        assert!(matches!(answer, Err(IndexError::Refused(_))), "{answer:?}");
    }
    let nested = (0..30).fold(phrase("acme"), |inner, _| Expr::And(vec![inner]));
    assert_eq!(ask(&searcher, nested).unwrap(), [1]);
}

#[test]
fn a_tone_is_that_of_the_watch_that_is_asked_about() {
    let mut both = mention(1, "acme bien, zed mal");
    both.findings =
        vec![finding("acme", Lang::FR, Tone::Positive), finding("zed", Lang::FR, Tone::Negative)];
    both.findings[1].topics = vec!["rappel".to_owned()];
    let shown = index(vec![both]);
    let searcher = shown.view.searcher();
    let asked = |watch: Option<&str>, text: &str| {
        let watch = watch.map(|watch| WatchId::new(watch).unwrap());
        let expr = Some(query(text));
        find(&searcher, &SearchRequest { expr, watch, ..SearchRequest::default() }).unwrap().len()
    };
    assert_eq!(asked(Some("acme"), "tone:negative"), 0);
    assert_eq!(asked(Some("zed"), "tone:negative topic:rappel"), 1);
    assert_eq!(asked(Some("acme"), "topic:rappel"), 0);
    assert_eq!(asked(None, "tone:negative topic:rappel"), 1);
    assert_eq!(asked(None, "tone:positive -tone:negative"), 0);
}

#[test]
fn what_is_set_aside_is_found_apart_for_one_watch_or_for_any() {
    let mut both = mention(1, "acme et zed");
    both.findings =
        vec![finding("acme", Lang::FR, Tone::Neutral), finding("zed", Lang::FR, Tone::Neutral)];
    both.findings[1].aside = Some(Aside::OwnAccount { entry: "@zed".to_owned() });
    let shown = index(vec![both]);
    let asked = |watch: Option<&str>, aside| {
        let watch = watch.map(|watch| WatchId::new(watch).unwrap());
        let request = SearchRequest { watch, aside: Some(aside), ..SearchRequest::default() };
        find(&shown.view.searcher(), &request).unwrap().len()
    };
    assert_eq!(asked(Some("acme"), true), 0);
    assert_eq!(asked(Some("acme"), false), 1);
    assert_eq!(asked(Some("zed"), true), 1);
    assert_eq!(asked(None, true), 1);
}

#[test]
fn every_filter_keeps_and_drops() {
    let mut one = mention(1, "acme");
    one.item.url = Some("https://blog.example.fr/a".to_owned());
    one.item.author = Some(Author {
        name: "Anne Été".to_owned(),
        handle: Some("@anne@piaille.fr".to_owned()),
        ..Author::default()
    });
    let shown = index(vec![one, mention(2, "acme")]);
    let searcher = shown.view.searcher();
    for (text, expected) in [
        ("author:\"anne ete\"", vec![1]),
        ("author:@Anne@piaille.fr", vec![1]),
        ("author:anne*", vec![1]),
        ("site:example.fr", vec![1]),
        ("site:blog.example.fr", vec![1]),
        ("site:blog.*", vec![1]),
        ("site:fr", vec![]),
        ("url:blog.example.fr/*", vec![1]),
        ("url:https://blog.example.fr/a", vec![1]),
        ("url:blog.example.fr", vec![]),
        ("kind:feed", vec![2, 1]),
        ("acme -kind:feed", vec![]),
        ("lang:en", vec![]),
        ("lang:(en fr)", vec![2, 1]),
        ("source:forum", vec![2, 1]),
        ("source:other", vec![]),
        ("since:2026-11-24T12:00:01Z until:2026-11-24T12:00:02Z", vec![1]),
        ("since:2026-11-24T12:00:02Z", vec![2]),
        ("date:2026-11-24", vec![2, 1]),
    ] {
        assert_eq!(ask(&searcher, query(text)).unwrap(), expected, "{text}");
    }
    let now = noon() + SignedDuration::from_secs(62);
    let expr = Some(query("since:60s"));
    let request = SearchRequest { expr, now, ..SearchRequest::default() };
    assert_eq!(find(&searcher, &request).unwrap(), [2]);
}

#[test]
fn pages_follow_each_other_and_know_the_total() {
    let mentions = (1..=25).map(|seq| mention(seq, "acme")).collect();
    let shown = index(mentions);
    let searcher = shown.view.searcher();
    let page = |offset| SearchRequest { limit: 10, offset, ..SearchRequest::default() };
    let hits = searcher.search(&page(20), &mut unread).unwrap();
    assert_eq!(hits.total, 25);
    assert_eq!(hits.hits.iter().map(|hit| hit.seq).collect::<Vec<_>>(), [5, 4, 3, 2, 1]);
    assert!(matches!(searcher.search(&page(100_001), &mut unread), Err(IndexError::Refused(_))));
}

#[test]
fn relevance_puts_the_text_that_insists_first() {
    let shown = index(vec![mention(1, "rappel rappel rappel"), mention(2, "un rappel parmi tant")]);
    let request = SearchRequest {
        expr: Some(phrase("rappel")),
        order: SearchOrder::Relevance,
        ..SearchRequest::default()
    };
    assert_eq!(find(&shown.view.searcher(), &request).unwrap(), [1, 2]);
}

/// Asks an index that may read the stored mentions.
fn asked(shown: &Shown, stored: &[Mention], request: &SearchRequest) -> SearchHits {
    let mut read = |seqs: &[Seq]| {
        let asked = stored.iter().filter(|mention| seqs.contains(&mention.seq));
        Ok(asked.cloned().collect())
    };
    shown.view.searcher().search(request, &mut read).unwrap()
}

#[test]
fn what_the_index_cannot_decide_is_asked_of_the_stored_mention_and_counted() {
    let texts: Vec<String> =
        (1..=1_200).map(|n| format!("rappel {} lot", "x ".repeat(n % 4))).collect();
    let stored: Vec<Mention> = (1..).zip(&texts).map(|(seq, text)| mention(seq, text)).collect();
    let shown = index(stored.clone());
    let expr = Some(query("rappel NEAR/1 lot"));
    let page = SearchRequest { expr, limit: 10, offset: 590, ..SearchRequest::default() };
    let found = asked(&shown, &stored, &page);
    assert_eq!(found.total, 600);
    assert_eq!(
        found.hits.iter().map(|hit| hit.seq).collect::<Vec<_>>(),
        [20, 17, 16, 13, 12, 9, 8, 5, 4, 1]
    );
    let order = SearchOrder::Relevance;
    let found = asked(&shown, &stored, &SearchRequest { order, ..page });
    assert_eq!(found.total, 600);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_search_finds_what_live_matching_finds(
        texts in prop::collection::vec(texts(), 1..40), queries in prop::collection::vec(built(), 25)
    ) {
        let stored: Vec<Mention> = (1..).zip(&texts).map(|(seq, text)| {
            let mut mention = mention(seq, "");
            mention.item = text.item(&seq.to_string());
            mention.findings = vec![finding("acme", text.language(), Tone::Neutral)];
            mention
        }).collect();
        let shown = index(stored.clone());
        for built in queries {
            let text = built.text();
            let expr = query(&text);
            let live = Query::from(expr.clone());
            let matches = |mention: &&Mention| {
                let full = full_text(&mention.item.title, &mention.item.text);
                let known = Stored::new(mention, None);
                live.find(&known.document(&Prepared::new(&full), noon())).is_some()
            };
            let expected: Vec<Seq> = stored.iter().rev().filter(matches).map(|m| m.seq).collect();
            let request = SearchRequest { expr: Some(expr), ..SearchRequest::default() };
            let found = asked(&shown, &stored, &request);
            prop_assert_eq!(found.total, expected.len(), "{}", text);
            let found: Vec<Seq> = found.hits.iter().map(|hit| hit.seq).collect();
            prop_assert_eq!(found, expected, "{}", text);
        }
    }
}
