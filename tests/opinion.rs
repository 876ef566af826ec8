//! The second opinion with a real runtime and a tiny model made here: its answers, its limits, and
//! everything that can be wrong with its files.

mod tiny;

use proptest::prelude::*;
use vigie::model::Tone;
use vigie::sentiment::second::Judge;
use vigie::sentiment::second::transformer::{Transformer, Unusable};

use super::support::configuration;
use super::support::daemon::Site;
use tiny::{Shape, USUAL};

const TONES: [Tone; 3] = [Tone::Negative, Tone::Neutral, Tone::Positive];

fn transformer(shape: Shape, most_tokens: usize) -> Transformer {
    Transformer::read(&tiny::model(shape), &tiny::tokenizer(), &TONES, most_tokens).unwrap()
}

#[track_caller]
fn check(transformer: &Transformer, text: &str, expected: [f64; 3]) {
    let said = transformer.judge(text).unwrap();
    let near = said.iter().zip(expected).all(|(said, wanted)| (said - wanted).abs() < 1e-5);
    assert!(near, "{text}: {said:?} is not {expected:?}");
}

#[test]
fn it_says_what_the_arithmetic_says() {
    let usual = transformer(USUAL, 128);
    check(&usual, "Quelle HONTE !", tiny::expected(&["[UNK]", "honte", "!"]));
    check(&usual, "génial, merci", tiny::expected(&["genial", "[UNK]", "merci"]));
    check(&usual, "Le magasin ouvre lundi", tiny::expected(&["le", "magasin", "ouvre", "lundi"]));
    check(&usual, "", tiny::expected(&[]));
}

#[test]
fn a_model_of_a_fixed_length_a_single_input_or_a_softmax_of_its_own_says_the_same() {
    let words = ["honte", "le", "magasin"];
    let shapes = [
        Shape { length: Some(16), ..USUAL },
        Shape { inputs: &["input_ids", "attention_mask", "token_type_ids"], ..USUAL },
        Shape { inputs: &["input_ids"], ..USUAL },
        Shape { finished: true, ..USUAL },
    ];
    for shape in shapes {
        check(&transformer(shape, 128), &words.join(" "), tiny::expected(&words));
    }
}

#[test]
fn several_outputs_may_mean_one_tone_and_a_tone_may_have_none() {
    let read = |shape, labels: &[Tone]| {
        Transformer::read(&tiny::model(shape), &tiny::tokenizer(), labels, 128).unwrap()
    };
    let [negative, neutral, positive] = tiny::expected(&["nul"]);
    let turned = read(USUAL, &[Tone::Positive, Tone::Negative, Tone::Negative]);
    check(&turned, "nul", [neutral + positive, 0.0, negative]);
    let two = read(Shape { outputs: 2, ..USUAL }, &[Tone::Negative, Tone::Positive]);
    let both = negative + neutral;
    check(&two, "nul", [negative / both, 0.0, neutral / both]);
}

#[test]
fn what_is_beyond_the_limit_is_not_read() {
    let short = transformer(USUAL, 8);
    let long = format!("{} honte honte honte", "merci ".repeat(6));
    check(&short, &long, tiny::expected(&["merci"; 6]));
    check(&short, &"super ".repeat(1_000_000), tiny::expected(&["super"; 6]));
    let one_word = "é".repeat(1_000_000);
    check(&short, &one_word, tiny::expected(&["[UNK]"]));
}

#[test]
fn more_or_fewer_outputs_than_labels_are_told() {
    let model = tiny::model(Shape { outputs: 2, ..USUAL });
    let error = Transformer::read(&model, &tiny::tokenizer(), &TONES, 128).err();
    assert_eq!(error, Some(Unusable::Labels { outputs: 2, labels: 3 }));
}

#[track_caller]
fn check_refused(model: &[u8], tokenizer: &[u8], part: &str) {
    let error = Transformer::read(model, tokenizer, &TONES, 128).err().expect("it is refused");
    assert!(error.to_string().contains(part), "{error}");
}

#[test]
fn files_that_are_something_else_are_refused_with_a_reason() {
    let (model, tokenizer) = (tiny::model(USUAL), tiny::tokenizer());
    check_refused(b"", &tokenizer, "the model cannot be used");
    check_refused(b"GIF89a not a model at all", &tokenizer, "the model cannot be used");
    check_refused(&model[..model.len() / 2], &tokenizer, "the model cannot be used");
    let pictures = tiny::model(Shape { inputs: &["pixel_values"], ..USUAL });
    check_refused(&pictures, &tokenizer, "it asks for `pixel_values`");
    let masked = tiny::model(Shape { inputs: &["attention_mask"], ..USUAL });
    check_refused(&masked, &tokenizer, "no input `input_ids`");
    check_refused(&model, b"", "the tokenizer cannot be used");
    check_refused(&model, b"{\"model\": 1}", "the tokenizer cannot be used");
    check_refused(&model, &tokenizer[..tokenizer.len() / 2], "the tokenizer cannot be used");
}

#[test]
fn a_tokenizer_of_another_model_is_refused() {
    let written = String::from_utf8(tiny::tokenizer()).unwrap();
    let foreign = written.replace("\"[UNK]\":0", "\"[UNK]\":900");
    check_refused(&tiny::model(USUAL), foreign.as_bytes(), "the model cannot be used");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_damaged_model_is_refused_or_answers_and_never_panics(
        at in 0_usize..2_000, bits in 1_u8.., cut in 0_usize..2_000, text in ".{0,40}"
    ) {
        let mut model = tiny::model(USUAL);
        let place = at % model.len();
        model[place] ^= bits;
        model.truncate(model.len() - cut % 4);
        if let Ok(read) = Transformer::read(&model, &tiny::tokenizer(), &TONES, 16) {
            drop(read.judge(&text));
        }
    }

    #[test]
    fn any_text_has_three_probabilities(text in any::<String>()) {
        let said = transformer(USUAL, 16).judge(&text).unwrap();
        prop_assert!((said.iter().sum::<f64>() - 1.0).abs() < 1e-6, "{said:?}");
    }
}

/// A site whose configuration names the tiny model, with more keys of the section.
fn site(keys: &str) -> Site {
    let section =
        format!("\n[sentiment]\nonnx = \"tiny.onnx\"\ntokenizer = \"tiny.json\"\n{keys}\n");
    let site =
        Site::new(&(configuration("Acme", &[("blog", "https://blog.example/f")]) + &section));
    std::fs::write(site.path("tiny.onnx"), tiny::model(USUAL)).unwrap();
    std::fs::write(site.path("tiny.json"), tiny::tokenizer()).unwrap();
    site
}

fn explained(site: &Site, arguments: &[&str]) -> serde_json::Value {
    let output = site.run(&[&["explain", "--json"], arguments].concat());
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    serde_json::from_str(said.trim())
        .unwrap_or_else(|_| panic!("{said}{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn explain_shows_both_opinions_and_their_mean() {
    let site = site("weight = 1.0\nlanguages = [\"fr\"]");
    let text = ["--lang", "fr", "Acme panne lundi"];
    let sentiment = &explained(&site, &text)["sentiment"];
    let [negative, ..] = tiny::expected(&["acme", "panne", "lundi"]);
    let said = sentiment["opinions"][0]["negative"].as_f64().unwrap();
    assert!((said - negative).abs() < 1e-5, "{sentiment}");
    let share = 1.0 - sentiment["mixed"].as_f64().unwrap();
    let answered = sentiment["negative"].as_f64().unwrap();
    assert!((answered - said * share).abs() < 1e-9, "{sentiment}");
    let people = site.run(&["explain", "--lang", "fr", "Acme panne lundi"]);
    let people = String::from_utf8_lossy(&people.stdout).into_owned();
    assert!(people.contains("second opinion"), "{people}");
    let english = explained(&site, &["--lang", "en", "Acme panne lundi"]);
    assert!(english["sentiment"].get("opinions").is_none(), "{english}");
}

#[test]
fn check_tries_the_files_and_says_what_is_wrong_where() {
    let told = |site: &Site| {
        let output = site.run(&["check"]);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let good = site("");
    assert_eq!(told(&good).0, Some(0), "{}", told(&good).1);
    std::fs::write(good.path("tiny.onnx"), "no model").unwrap();
    let (code, said) = told(&good);
    assert!(code == Some(1) && said.contains("the model cannot be used"), "{said}");
    std::fs::remove_file(good.path("tiny.json")).unwrap();
    assert!(told(&good).1.contains("tiny.json: No such file"), "{}", told(&good).1);
    let (code, said) = told(&site("labels = [\"negative\", \"positive\"]"));
    assert!(
        code == Some(1) && said.contains("3 numbers for a text, but there are 2 labels"),
        "{said}"
    );
}
