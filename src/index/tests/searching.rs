//! What a search finds.

use tempfile::TempDir;

use super::*;
use crate::index::{IndexError, SearchOrder};
use crate::model::Author;

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
    check(&texts, phrase("l oreal"), &[4, 1]);
    check(&texts, phrase("ete"), &[1]);
}

#[test]
fn a_single_word_finds_its_plural() {
    let texts = ["une réclamation", "des réclamations", "un bilan"];
    check(&texts, phrase("reclamation"), &[2, 1]);
    check(&texts, phrase("reclamations"), &[2, 1]);
}

#[test]
fn english_is_stemmed_as_english() {
    let mut text = mention(1, "they keep complaining");
    text.findings = vec![finding("acme", Lang::EN, Tone::Negative)];
    let shown = index(vec![text]);
    assert_eq!(ask(&shown.view.searcher(), phrase("complained")).unwrap(), [1]);
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
    let wide = Expr::Or(vec![phrase("acme"); 1_000]);
    let nothing = Expr::Phrase { words: Vec::new(), prefix: false };
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
    let asked = |watch: Option<&str>, tone, topic: Option<&str>| {
        let watch = watch.map(|watch| WatchId::new(watch).unwrap());
        let topic = topic.map(str::to_owned);
        let request = SearchRequest { watch, tone, topic, ..SearchRequest::default() };
        find(&searcher, &request).unwrap().len()
    };
    assert_eq!(asked(Some("acme"), Some(Tone::Negative), None), 0);
    assert_eq!(asked(Some("zed"), Some(Tone::Negative), Some("rappel")), 1);
    assert_eq!(asked(Some("acme"), None, Some("rappel")), 0);
    assert_eq!(asked(None, Some(Tone::Negative), Some("rappel")), 1);
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
    let some = |text: &str| Some(text.to_owned());
    let at = |seconds| Some(noon() + SignedDuration::from_secs(seconds));
    let none = SearchRequest::default;
    let cases = [
        (SearchRequest { author: some("anne ete"), ..none() }, vec![1]),
        (SearchRequest { author: some("@Anne@piaille.fr"), ..none() }, vec![1]),
        (SearchRequest { site: some("example.fr"), ..none() }, vec![1]),
        (SearchRequest { site: some("blog.example.fr"), ..none() }, vec![1]),
        (SearchRequest { site: some("fr"), ..none() }, vec![]),
        (SearchRequest { kind: some("feed"), ..none() }, vec![2, 1]),
        (SearchRequest { kind: some("nntp"), ..none() }, vec![]),
        (SearchRequest { lang: Some(Lang::EN), ..none() }, vec![]),
        (SearchRequest { source: SourceId::new("forum").ok(), ..none() }, vec![2, 1]),
        (SearchRequest { since: at(1), until: at(2), ..none() }, vec![1]),
        (SearchRequest { since: at(2), ..none() }, vec![2]),
    ];
    for (request, expected) in cases {
        assert_eq!(find(&shown.view.searcher(), &request).unwrap(), expected, "{request:?}");
    }
}

#[test]
fn pages_follow_each_other_and_know_the_total() {
    let mentions = (1..=25).map(|seq| mention(seq, "acme")).collect();
    let shown = index(mentions);
    let searcher = shown.view.searcher();
    let page = |offset| SearchRequest { limit: 10, offset, ..SearchRequest::default() };
    let hits = searcher.search(&page(20)).unwrap();
    assert_eq!(hits.total, 25);
    assert_eq!(hits.hits.iter().map(|hit| hit.seq).collect::<Vec<_>>(), [5, 4, 3, 2, 1]);
    assert!(matches!(searcher.search(&page(100_001)), Err(IndexError::Refused(_))));
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
