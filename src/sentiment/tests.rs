//! Minimal cases in French and English, one thing that matters each.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::model::Lang;

static RULES: LazyLock<Rules> = LazyLock::new(Rules::builtin);

fn scored(lang: Option<Lang>, text: &str) -> Sentiment {
    score(text, Language { code: lang, confidence: 1.0 }, &[], &RULES)
}

#[track_caller]
fn check(lang: Lang, cases: &[(&str, Tone)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(text, expected)| {
            let found = scored(Some(lang), text);
            let line =
                || format!("{text}: {:?}, not {expected:?}: {:?}", found.label, found.evidence);
            (found.label != *expected).then(line)
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

use Tone::{Mixed, Negative, Neutral, Positive};

#[test]
fn french_texts_have_the_tone_a_reader_hears() {
    check(
        Lang::FR,
        &[
            ("Service excellent, merci !", Positive),
            ("Je recommande vivement.", Positive),
            ("Livraison rapide et soignée", Positive),
            ("C'est nul.", Negative),
            ("Quelle honte !", Negative),
            ("Une arnaque, fuyez", Negative),
            ("Produit défectueux et service client incompétent", Negative),
            ("Ouvert de 9 h à 18 h", Neutral),
            ("Le siège est à Lyon", Neutral),
            ("", Neutral),
        ],
    );
}

#[test]
fn french_negation_turns_what_it_reaches() {
    check(
        Lang::FR,
        &[
            ("Ce n'est pas bon du tout", Negative),
            ("Je ne recommande pas", Negative),
            ("j'aime pas", Negative),
            ("Acme ne répond jamais", Negative),
            ("J'ai adoré, mais Acme ne répond pas", Mixed),
            ("C'est pas mal", Positive),
            ("Aucun problème, je recommande", Positive),
            ("Je n'ai jamais été déçu", Positive),
            ("Sans aucun intérêt, pas efficace", Negative),
            ("Je ne suis pas satisfait", Negative),
            ("Ni aimable ni compétent", Negative),
            ("Rien à redire", Positive),
            ("Ils ne répondent jamais, pas sérieux", Negative),
            ("Plus jamais chez eux", Negative),
            ("Je ne regrette pas mon achat", Positive),
        ],
    );
}

#[test]
fn french_posts_are_read_as_they_are_typed() {
    check(
        Lang::FR,
        &[
            ("nuuuuul", Negative),
            ("C NUL", Negative),
            ("c nul votre appli", Negative),
            ("jsuis deg", Negative),
            ("genial votre appli, jadore, merci", Positive),
            ("Génial 😍", Positive),
            ("😡😡😡", Negative),
            ("le nouveau logo 👎", Negative),
            ("je kiffe", Positive),
            ("ras le bol", Negative),
            ("Bof, sans plus, décevant", Negative),
        ],
    );
}

#[test]
fn a_polite_complaint_is_a_complaint() {
    check(
        Lang::FR,
        &[
            ("Je vous remercie de bien vouloir me rembourser", Negative),
            ("Bonjour, j'attends toujours ma commande, merci d'avance", Negative),
            ("Merci de me rembourser", Negative),
        ],
    );
    check(
        Lang::EN,
        &[
            ("I would like a refund, thank you in advance", Negative),
            ("Please refund me", Negative),
            ("Hello, I am still waiting for an answer", Negative),
        ],
    );
}

#[test]
fn a_question_says_little() {
    check(
        Lang::FR,
        &[
            ("Quelqu'un sait si le service est bon ?", Neutral),
            ("Est-ce que le site est en panne ?", Neutral),
        ],
    );
    check(Lang::EN, &[("Is the new phone any good?", Neutral), ("Is it slow?", Neutral)]);
}

#[test]
fn what_follows_a_contrast_is_what_is_meant() {
    check(
        Lang::FR,
        &[
            ("Le site est bien mais la livraison est une catastrophe", Negative),
            ("Un peu cher mais vraiment génial", Positive),
            ("Jolie boutique, pourtant le personnel est détestable et incompétent", Negative),
        ],
    );
    check(
        Lang::EN,
        &[
            ("The room was nice but the service was horrible and rude", Negative),
            ("A bit expensive but absolutely amazing", Positive),
        ],
    );
}

#[test]
fn both_sides_strongly_said_are_mixed() {
    check(
        Lang::FR,
        &[("Produit génial, excellente qualité. Service client lamentable, une honte.", Mixed)],
    );
    check(
        Lang::EN,
        &[("I love the design, wonderful screen. The battery is terrible, awful support.", Mixed)],
    );
}

#[test]
fn english_texts_have_the_tone_a_reader_hears() {
    check(
        Lang::EN,
        &[
            ("Great service, thank you!", Positive),
            ("I love it", Positive),
            ("Absolutely fantastic", Positive),
            ("This is a scam", Negative),
            ("Worst company ever", Negative),
            ("The app is broken and useless", Negative),
            ("The office is in Leeds", Neutral),
            ("Version 2 is out on Monday", Neutral),
            ("soooo gooood", Positive),
            ("I HATE this", Negative),
            ("ok thx 👍", Positive),
            ("smh 😡", Negative),
        ],
    );
}

#[test]
fn english_negation_turns_what_it_reaches() {
    check(
        Lang::EN,
        &[
            ("This is not good", Negative),
            ("I don't like it, not happy", Negative),
            ("I wouldn't recommend it", Negative),
            ("It doesn't work", Negative),
            ("It never fails", Positive),
            ("Not bad", Positive),
            ("No problem, works great", Positive),
            ("Not only cheap, it is wonderful", Positive),
            ("I can't wait", Positive),
        ],
    );
}

#[test]
fn an_intense_word_weighs_more_and_a_doubtful_one_less() {
    let weight = |text| scored(Some(Lang::FR), text).evidence.iter().map(|e| e.weight).sum::<f64>();
    assert!(weight("très bon service") > weight("bon service"));
    assert!(weight("plutôt bon service") < weight("bon service"));
    assert!(weight("service NUL") < weight("service nul"));
    assert!(weight("service nuuul") < weight("service nul"));
}

#[test]
fn a_quoted_insult_is_not_the_authors_own() {
    let weight = |text| scored(Some(Lang::FR), text).evidence[0].weight;
    assert!(weight("Il a dit « minable » hier") > weight("Il a dit minable hier"));
    assert!((weight("« minable »") - weight("minable")).abs() < 1e-9);
}

#[test]
fn the_name_of_a_brand_says_nothing() {
    for (text, name) in [
        ("Je vais chez Bon Prix", "Bon Prix"),
        ("Un plat Super U", "Super U"),
        ("Château Sans Souci", "Sans Souci"),
    ] {
        let start = text.find(name).unwrap();
        let masked = [Span { start, end: start + name.len() }];
        let language = Language { code: Some(Lang::FR), confidence: 1.0 };
        let found = score(text, language, &masked, &RULES);
        assert_eq!((found.label, found.evidence), (Neutral, Vec::new()), "{text}");
    }
}

#[test]
fn without_a_lexicon_only_emoji_speak() {
    assert_eq!(scored(None, "great awful").label, Tone::Unknown);
    assert_eq!(scored(Lang::parse("fi"), "hyvä").label, Tone::Unknown);
    assert_eq!(scored(None, "xyz 😡😡").label, Negative);
}

#[test]
fn evidence_points_at_the_words_as_they_were_written() {
    let text = "Hélas, l’équipe n’est PAS sérieuse 😡";
    let found = scored(Some(Lang::FR), text);
    let words: Vec<(&str, bool)> =
        found.evidence.iter().map(|e| (e.text.as_str(), e.weight < 0.0)).collect();
    assert_eq!(words, [("Hélas", true), ("sérieuse", true), ("😡", true)]);
    assert!(found.evidence.iter().all(|e| text.get(e.start..e.end) == Some(e.text.as_str())));
}

#[test]
fn evidence_is_bounded() {
    let found = scored(Some(Lang::EN), &"awful ".repeat(5_000));
    assert_eq!(found.evidence.len(), MOST_EVIDENCE);
}

proptest! {
    #[test]
    fn any_text_gives_weights_that_add_up_and_evidence_inside_it(
        text in r#"(\PC|bon|nul|pas |ne |très |mais |[«»"?!.,:(]|😡|½|e\u{301}|nuuul| ){0,60}"#,
        start in 0_usize..80, len in 0_usize..20,
    ) {
        for lang in [Some(Lang::FR), Some(Lang::EN), None] {
            let masked = [Span { start, end: start + len }];
            let found = score(&text, Language { code: lang, confidence: 0.5 }, &masked, &RULES);
            let sum = found.negative + found.neutral + found.positive + found.mixed;
            prop_assert!((sum - 1.0).abs() < 1e-9);
            for e in &found.evidence {
                prop_assert_eq!(text.get(e.start..e.end), Some(e.text.as_str()));
                prop_assert!(!e.text.is_empty());
            }
            prop_assert!(found.evidence.is_sorted_by_key(|e| e.start));
        }
    }
}
