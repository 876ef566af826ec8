//! `vigie sentiment` as people use it: correct a text, measure on labelled texts, learn from them.

use std::process::Output;

use crate::support::configuration;
use crate::support::daemon::Site;

/// A site with an empty rules directory.
fn site() -> Site {
    let rules = "\n[rules]\ndirectory = \"rules\"\n";
    let site =
        Site::new(&(configuration("Acme", &[("blog", "https://blog.example/feed")]) + rules));
    std::fs::create_dir(site.path("rules")).unwrap();
    site
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[track_caller]
fn run(site: &Site, code: i32, arguments: &[&str]) -> Output {
    let output = site.run(&[&["sentiment"], arguments].concat());
    assert_eq!(output.status.code(), Some(code), "{}{}", out(&output), err(&output));
    output
}

fn explained(site: &Site, text: &str) -> serde_json::Value {
    let output = site.run(&["explain", "--json", "--lang", "fr", text]);
    let line: serde_json::Value = serde_json::from_str(out(&output).trim()).unwrap();
    line["sentiment"].clone()
}

const PRAISE: &str = "Acme, c'est génial, bravo et merci !";

#[test]
fn a_corrected_text_has_the_tone_at_once_and_says_by_whom() {
    let site = site();
    assert_eq!(explained(&site, PRAISE)["label"], "positive");
    run(&site, 0, &["correct", "--tone", "negative", "--by", "claire", "--lang", "fr", PRAISE]);
    let after = explained(&site, &PRAISE.to_uppercase());
    assert_eq!((&after["label"], &after["negative"]), (&"negative".into(), &1.0.into()));
    assert_eq!(after["opinions"][0]["by"], "claire");
    let people = out(&site.run(&["explain", PRAISE]));
    assert!(people.contains("corrected by claire on 20"), "{people}");
    run(&site, 0, &["correct", "--tone", "mixed", "--watch", "acme", PRAISE]);
    assert_eq!(explained(&site, PRAISE)["label"], "mixed");
    assert_eq!(site.run(&["check"]).status.code(), Some(0));
}

#[test]
fn a_correction_that_is_none_is_refused_with_a_way_out() {
    let site = site();
    let said = |arguments: &[&str]| err(&run(&site, 2, arguments));
    assert!(said(&["correct", "--tone", "angry", "un texte"]).contains("write negative, neutral"));
    assert!(said(&["correct", "--tone", "neutral", "?!"]).contains("the text holds no word"));
    let unknown = said(&["correct", "--tone", "neutral", "--watch", "acmee", "un texte"]);
    assert!(unknown.contains("there is no watch `acmee`; known: acme"), "{unknown}");
    site.configure(&configuration("Acme", &[("blog", "https://blog.example/feed")]));
    assert!(said(&["correct", "--tone", "neutral", "un texte"]).contains("add `[rules]`"));
    assert!(!site.path("rules/corrections.jsonl").exists());
}

#[test]
fn a_broken_line_among_the_corrections_is_told_with_its_place() {
    let site = site();
    let path = site.path("rules/corrections.jsonl");
    std::fs::write(&path, "{\"text\": \"un\", \"tone\": \"negative\"}\n{\"text\": \"deux\"}")
        .unwrap();
    let output = site.run(&["check"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("corrections.jsonl:2:1"), "{}", err(&output));
    std::fs::write(&path, "{\"text\": \"un\", \"tone\": \"negative\"}").unwrap();
    run(&site, 0, &["correct", "--tone", "neutral", "deux"]);
    let written = std::fs::read_to_string(&path).unwrap();
    assert_eq!(written.lines().count(), 2, "the open line was closed first: {written}");
}

const LABELS: &str = "text;tone;lang
Acme c'est nul, quelle honte !;negative;fr
Bravo Acme, service génial, merci;positive;fr
Le magasin Acme ouvre lundi à 9 h;neutral;fr
Bravo, encore une panne, merci Acme;negative;fr
Acme, c'est nul et lamentable, plus jamais !;positive;fr
Acme;angry;fr
Génial mais trop cher;mixed;fr
";

#[test]
fn evaluate_prints_figures_and_answers_no_below_a_floor() {
    let site = site();
    std::fs::write(site.path("labels.csv"), LABELS).unwrap();
    let told = run(&site, 0, &["evaluate", "labels.csv"]);
    for part in ["macro_f1", "negative_recall", "calibration_error", "truth", "sure"] {
        assert!(out(&told).contains(part), "{part} is not in\n{}", out(&told));
    }
    assert!(err(&told).contains("labels.csv:7: `angry` is no tone"), "{}", err(&told));
    assert!(err(&told).contains("5 texts; left out: 1 bad lines, 1 mixed"), "{}", err(&told));
    let json = run(&site, 0, &["evaluate", "labels.csv", "--json", "--mistakes"]);
    let json: serde_json::Value = serde_json::from_str(out(&json).trim()).unwrap();
    assert_eq!(
        (&json["texts"], &json["left_out"], &json["mixed"]),
        (&5.into(), &1.into(), &1.into())
    );
    let right = json["accuracy"].as_f64().unwrap() * 5.0;
    let mistakes = json["mistakes"].as_array().unwrap().len() as f64;
    assert!((right + mistakes - 5.0).abs() < 1e-9, "{json}");
    let no = run(&site, 1, &["evaluate", "labels.csv", "--at-least", "macro_f1=1"]);
    assert!(err(&no).contains("macro_f1 is 0."), "{}", err(&no));
    run(&site, 0, &["evaluate", "labels.csv", "--at-least", "macro_f1=0.2"]);
}

#[test]
fn evaluate_leaves_the_corrections_aside() {
    let site = site();
    run(&site, 0, &["correct", "--tone", "negative", "--lang", "fr", PRAISE]);
    let told = run(&site, 0, &["evaluate", "rules/corrections.jsonl", "--mistakes"]);
    assert!(err(&told).contains("1 corrections are left aside"), "{}", err(&told));
    assert!(out(&told).contains("corrections.jsonl:1: positive"), "{}", out(&told));
}

#[test]
fn files_without_a_labelled_text_are_wrong_usage() {
    let site = site();
    std::fs::write(site.path("empty.csv"), "a,b\n1,2\n").unwrap();
    assert!(err(&run(&site, 2, &["evaluate", "empty.csv"])).contains("no labelled text"));
    assert!(err(&run(&site, 2, &["evaluate", "nowhere.csv"])).contains("cannot read nowhere.csv"));
    run(&site, 2, &["evaluate"]);
    run(&site, 2, &["evaluate", "empty.csv", "--at-least", "beauty=1"]);
    run(&site, 2, &["evaluate", "empty.csv", "--at-least", "accuracy=60"]);
}

/// Texts of a trade in which an everyday word is bad news, and as many that are heard right.
fn trade() -> String {
    let subjects = ["le colis", "la caisse", "le rayon", "le site", "la borne", "le guichet"];
    let places = ["ici", "à Lyon", "à Lille", "ce matin", "hier", "au dépôt"];
    let mut lines = String::new();
    for subject in subjects {
        for place in places {
            let bad = format!("{subject} est en zorglub {place}");
            let plain = format!("{subject} est à côté du parking {place}");
            for (text, tone) in [(bad, "negative"), (plain, "neutral")] {
                let line = serde_json::json!({"text": text, "tone": tone, "lang": "fr"});
                lines.push_str(&format!("{line}\n"));
            }
        }
    }
    lines
}

#[test]
fn what_is_learned_from_enough_texts_holds_on_others_and_is_kept() {
    let site = site();
    std::fs::write(site.path("trade.jsonl"), trade()).unwrap();
    let new = "l'ascenseur est en zorglub depuis midi";
    let before = explained(&site, new)["negative"].as_f64().unwrap();
    let told = run(&site, 0, &["train", "trade.jsonl"]);
    assert!(out(&told).contains("fr before") && out(&told).contains("fr after"), "{}", out(&told));
    let after = explained(&site, new);
    assert!(after["negative"].as_f64().unwrap() > before + 0.1, "{before}: {after}");
    let first = std::fs::read(site.path("rules/model/fr.tone")).unwrap();
    run(&site, 0, &["train", "trade.jsonl", "--output", "again"]);
    assert!(
        std::fs::read(site.path("again/fr.tone")).unwrap() == first,
        "the same texts, the same model"
    );
    std::fs::write(site.path("rules/model/fr.tone"), &first[..first.len() / 2]).unwrap();
    let damaged = site.run(&["check"]);
    assert_eq!(damaged.status.code(), Some(1));
    assert!(err(&damaged).contains("the model is cut off"), "{}", err(&damaged));
}

#[test]
fn a_model_that_is_not_better_is_not_kept() {
    let site = site();
    let told = run(&site, 2, &["train"]);
    assert!(err(&told).contains("corrections.jsonl"), "{}", err(&told));
    std::fs::write(site.path("few.csv"), LABELS).unwrap();
    let few = run(&site, 1, &["train", "few.csv"]);
    assert!(err(&few).contains("50 are the least to learn from"), "{}", err(&few));
    // What is heard right already: there is nothing to learn.
    let line = |n| format!("le magasin numéro {n} ouvre le {n} mars à {} h;neutral\n", n % 24);
    let known: String = (0..60).map(line).collect();
    std::fs::write(site.path("known.csv"), format!("text;tone\n{known}")).unwrap();
    let told = run(&site, 1, &["train", "known.csv", "--lang", "fr"]);
    assert!(err(&told).contains("kept the shipped one"), "{}{}", out(&told), err(&told));
    assert!(!site.path("rules/model").exists());
    run(&site, 0, &["train", "known.csv", "--lang", "fr", "--force"]);
    assert!(site.path("rules/model/fr.tone").exists());
}
