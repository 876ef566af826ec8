//! Minimal cases in French and English, one thing that matters each.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::model::finding::Ground;
use crate::model::{Evidence, Lang};

static RULES: LazyLock<Rules> = LazyLock::new(Rules::builtin);

fn scored(lang: Option<Lang>, text: &str) -> Sentiment {
    scored_by(&RULES, lang, text)
}

fn scored_by(rules: &Rules, lang: Option<Lang>, text: &str) -> Sentiment {
    let language = Language { code: lang, confidence: 1.0 };
    score(&Passage { text, language, ..Passage::default() }, rules)
}

/// The lexicons without the models: what the scopes alone make of a word.
static LEXICONS: LazyLock<Rules> = LazyLock::new(Rules::untrained);

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
    check(Lang::EN, &[("Is the new phone any good?", Neutral)]);
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
    let weight = |text| {
        let found = scored_by(&LEXICONS, Some(Lang::FR), text);
        found.evidence.iter().map(|e| e.weight).sum::<f64>()
    };
    assert!(weight("très bon service") > weight("bon service"));
    assert!(weight("plutôt bon service") < weight("bon service"));
    assert!(weight("service NUL") < weight("service nul"));
    assert!(weight("service nuuul") < weight("service nul"));
}

#[test]
fn a_quoted_insult_is_not_the_authors_own() {
    let weight = |text| scored_by(&LEXICONS, Some(Lang::FR), text).evidence[0].weight;
    assert!(weight("Il a dit « minable » hier") > weight("Il a dit minable hier"));
    assert!((weight("« minable »") - weight("minable")).abs() < 1e-9);
}

#[test]
fn the_name_of_a_brand_says_nothing() {
    for (text, name) in [
        ("Je vais chez Bon Prix", "Bon Prix"),
        ("Rendez-vous devant Super U", "Super U"),
        ("Château Sans Souci", "Sans Souci"),
    ] {
        let watch = [place(text, name)];
        let language = Language { code: Some(Lang::FR), confidence: 1.0 };
        let found = score(&Passage { text, language, watch: &watch, ..Passage::default() }, &RULES);
        assert_eq!(found.label, Neutral, "{text}: {found:?}");
        let named = |e: &Evidence| e.start < watch[0].end && watch[0].start < e.end;
        assert!(!found.evidence.iter().any(named), "{text}: {found:?}");
    }
}

fn place(text: &str, word: &str) -> Span {
    let start = text.find(word).unwrap();
    Span { start, end: start + word.len() }
}

#[test]
fn a_language_that_no_model_speaks_is_read_by_its_signs_and_with_little_confidence() {
    let finnish = Lang::parse("fi");
    assert_eq!(scored(finnish, "hyvä").label, Tone::Unknown);
    let found = scored(finnish, "xyz 😡😡");
    assert_eq!(found.label, Negative);
    assert!(found.confidence <= UNTRAINED, "{found:?}");
    let unknown = scored(None, "Acme 😡😡");
    assert_eq!(unknown.label, Negative, "{unknown:?}");
    assert!(unknown.confidence <= LANGUAGE_UNKNOWN, "{unknown:?}");
}

#[test]
fn evidence_points_at_the_words_as_they_were_written() {
    let text = "Hélas, l’équipe n’est PAS sérieuse 😡";
    let found = scored(Some(Lang::FR), text);
    for word in ["Hélas", "😡"] {
        let of = found.evidence.iter().find(|e| e.text == word);
        assert!(of.is_some_and(|e| e.weight < 0.0), "{word}: {found:?}");
    }
    assert!(found.evidence.iter().all(|e| text.get(e.start..e.end) == Some(e.text.as_str())));
}

#[test]
fn evidence_is_bounded() {
    let words: String = (0..400).map(|n| format!("awful{n} great{n} ")).collect();
    assert!(scored(Some(Lang::EN), &words).evidence.len() <= evidence::MOST);
    let awful = scored(Some(Lang::EN), &"awful ".repeat(5_000));
    assert_eq!(awful.label, Negative);
}

#[test]
fn an_insult_is_marked_where_a_lexicon_lists_it() {
    let text = "lexicon = \"fr\"\nprofanity = [\"zut\"]\n[weights]\n\"-2\" = [\"zut\"]\n\
        [[example]]\ntext = \"zut\"\nexpect = \"negative\"\n\
        [[example]]\ntext = \"bonjour\"\nexpect = \"neutral\"\n";
    let rules = Rules::extended(&[("own.toml".to_owned(), text.to_owned())]).unwrap();
    let found = scored_by(&rules, Some(Lang::FR), "Zut, le train est parti");
    let ground = |word| found.evidence.iter().find(|e| e.text == word).map(|e| e.ground);
    assert_eq!(ground("Zut"), Some(Ground::Profanity), "{found:?}");
}

fn with_weight(weight: &str, word: &str) -> Rules {
    let text = format!(
        "lexicon = \"fr\"\n[weights]\n\"{weight}\" = [\"{word}\"]\n\
         [[example]]\ntext = \"une honte\"\nexpect = \"negative\"\n\
         [[example]]\ntext = \"bonjour\"\nexpect = \"neutral\"\n"
    );
    Rules::extended(&[("own.toml".to_owned(), text)]).unwrap()
}

#[test]
fn an_operators_strong_word_wins_over_what_was_learned() {
    let (good, bad) = ("J'adore, c'est un vrai zorglub", "Quelle honte, un zorglub");
    assert_eq!(scored_by(&with_weight("-3", "zorglub"), Some(Lang::FR), good).label, Negative);
    assert_eq!(scored_by(&with_weight("+3", "zorglub"), Some(Lang::FR), bad).label, Positive);
}

#[test]
fn an_operator_mutes_a_word() {
    let text = "une arnaque";
    assert_eq!(scored(Some(Lang::FR), text).label, Negative);
    let muted = scored_by(&with_weight("0", "arnaque"), Some(Lang::FR), text);
    assert_eq!(muted.label, Neutral, "{muted:?}");
    assert!(muted.evidence.iter().all(|e| e.text != "arnaque"), "{muted:?}");
}

#[test]
fn stars_are_a_hint_with_a_line_of_their_own() {
    let language = Language { code: Some(Lang::FR), confidence: 1.0 };
    let passage = Passage { text: "Livré mardi", language, ..Passage::default() };
    let with = |stars| {
        let rating = Some(Rating { stars, best: 5.0 });
        score(&Passage { rating, ..passage }, &RULES)
    };
    let (worst, best) = (with(1.0), with(5.0));
    assert!(worst.negative > score(&passage, &RULES).negative + 0.1, "{worst:?}");
    assert!(best.positive > score(&passage, &RULES).positive + 0.1, "{best:?}");
    let line = &worst.evidence[0];
    assert_eq!((line.text.as_str(), line.ground, line.end), ("1/5", Ground::Rating, 0));
    assert!(line.weight < 0.0 && best.evidence[0].weight > 0.0);
    let senseless =
        score(&Passage { rating: Some(Rating { stars: 9.0, best: 0.0 }), ..passage }, &RULES);
    assert_eq!(senseless, score(&passage, &RULES));
}

#[track_caller]
fn check_towards(text: &str, cases: &[(&str, Tone)]) {
    for (name, expected) in cases {
        let watch = [place(text, name)];
        let others: Vec<Span> = cases.iter().map(|(name, _)| place(text, name)).collect();
        let language = Language { code: Some(Lang::FR), confidence: 1.0 };
        let passage =
            Passage { text, language, watch: &watch, others: &others, ..Passage::default() };
        let found = score(&passage, &RULES);
        assert_eq!(found.label, *expected, "{name} in {text}: {found:?}");
    }
}

#[test]
fn what_is_said_of_one_watch_is_not_said_of_the_other() {
    check_towards(
        "Acme est génial, mais Brindille m'a déçu",
        &[("Acme", Positive), ("Brindille", Negative)],
    );
    // The other brand is no watch, but the contrast sets it against the one that is.
    check_towards("SFR est génial mais Orange m'a vraiment déçu", &[("Orange", Negative)]);
    check_towards("La concurrence est nulle, mais Acme est génial", &[("Acme", Positive)]);
    check_towards(
        "Brindille est une honte. J'adore Acme, excellent service.",
        &[("Acme", Positive), ("Brindille", Negative)],
    );
}

#[test]
fn a_clause_that_names_two_watches_is_shared_between_them() {
    for text in [
        "Chez Acme, le service est nul. Chez Brindille, il est excellent.",
        "Chez Acme le service est nul et chez Brindille il est excellent",
        "Le service est nul chez Acme et excellent chez Brindille",
    ] {
        check_towards(text, &[("Acme", Negative), ("Brindille", Positive)]);
    }
    check_towards("Acme et Brindille sont nuls", &[("Acme", Negative), ("Brindille", Negative)]);
}

#[test]
fn what_is_granted_weighs_less_than_what_is_said() {
    let sum = |lang, text| {
        let found = scored_by(&LEXICONS, Some(lang), text);
        found.evidence.iter().map(|e| e.weight).sum::<f64>()
    };
    assert!(sum(Lang::FR, "Malgré une panne, service génial") > 0.0);
    assert!(sum(Lang::FR, "Service nul, même si le vendeur est gentil") < 0.0);
    assert!(sum(Lang::EN, "Although the lobby is lovely, the room was filthy") < 0.0);
}

#[test]
fn an_article_speaks_of_the_watch_where_it_names_it() {
    let around = "La séance a été catastrophique. Le marché s'effondre. C'est la panique. \
        Les pertes sont terribles. Personne n'y comprend rien. Tout va mal. ";
    let text = format!("{around}Acme réussit un lancement magnifique.\n{around}");
    let watch = [place(&text, "Acme")];
    let language = Language { code: Some(Lang::FR), confidence: 1.0 };
    let near =
        score(&Passage { text: &text, language, watch: &watch, ..Passage::default() }, &RULES);
    let whole = score(&Passage { text: &text, language, ..Passage::default() }, &RULES);
    assert!(near.positive > whole.positive, "{} {}", near.positive, whole.positive);
}

proptest! {
    #[test]
    fn any_text_gives_weights_that_add_up_and_evidence_inside_it(
        text in r#"(\PC|bon|nul|pas |ne |très |mais |[«»"?!.,:(]|😡|½|e\u{301}|nuuul| ){0,60}"#,
        start in 0_usize..80, len in 0_usize..20,
    ) {
        for lang in [Some(Lang::FR), Some(Lang::EN), None] {
            let masked = [Span { start, end: start + len }];
            let language = Language { code: lang, confidence: 0.5 };
            let others = [Span { start: len, end: start }];
            let passage =
                Passage { text: &text, language, watch: &masked, others: &others, ..Passage::default() };
            let found = score(&passage, &RULES);
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

/// Words that hold a sentence together and judge nothing, and what one of them before a name may
/// add to praise or to blame, in logits. English posts thank people *with* and *for* something.
const FUNCTION_WORDS: &[(Lang, f64, &str)] = &[
    (
        Lang::FR,
        0.4,
        "le la les un une des de du au aux en dans par sur chez avec et ou que qui ce il on",
    ),
    (Lang::EN, 0.8, "the a an of to in on at by for with from and or that it this"),
];

#[test]
fn a_word_that_holds_a_sentence_together_pulls_little() {
    let mut heavy = Vec::new();
    for (lang, most, words) in FUNCTION_WORDS {
        let (model, voice) = RULES.models.speaking(Some(*lang)).expect("a shipped model speaks it");
        for word in words.split(' ') {
            let text = format!("{word} Acme");
            let name = Span { start: word.len() + 1, end: text.len() };
            let folded = fold::fold(&text);
            let reading = Reading::new(&text, &folded, &[name], Some(*lang), &RULES);
            let (_, pulls) = model.logits(&features::of(&reading, Some(*lang), model.choice));
            let own =
                pulls.iter().filter(|(owner, _)| matches!(owner, features::Owner::Tokens(0, _)));
            let pull = own.map(|(_, pull)| pull).sum::<f64>() * f64::from(voice.sharpness);
            if pull.abs() > *most {
                heavy.push(format!("{word}: {pull:+.2}"));
            }
        }
    }
    assert!(heavy.is_empty(), "{heavy:?}");
}
