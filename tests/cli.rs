//! The command line as scripts use it: exit codes, standard output, standard error.

use crate::support::configuration;
use crate::support::daemon::Site;

fn site() -> Site {
    Site::new(&configuration("Acme", &[("blog", "https://blog.example/feed")]))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn help_names_every_command_and_fits_a_screen() {
    let output = site().run(&["-h"]);
    let help = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0));
    assert!(help.lines().count() <= 40, "{help}");
    for command in ["demo", "init", "check", "run", "try", "explain", "search", "status", "kinds"] {
        assert!(help.contains(command), "{command} is not in\n{help}");
    }
}

#[test]
fn wrong_usage_is_exit_2() {
    assert_eq!(site().run(&["frobnicate"]).status.code(), Some(2));
    assert_eq!(site().run(&["check", "-c", "nowhere.toml"]).status.code(), Some(2));
}

#[test]
fn check_says_done_or_no() {
    let good = site();
    assert_eq!(good.run(&["check"]).status.code(), Some(0));
    good.configure("[[watch]]\nid = \"acme\"\n");
    let bad = good.run(&["check"]);
    assert_eq!(bad.status.code(), Some(1));
    assert!(text(&bad.stderr).contains("missing key `query`"), "{}", text(&bad.stderr));
    let json = good.run(&["check", "--json"]);
    let first: serde_json::Value =
        serde_json::from_str(text(&json.stdout).lines().next().unwrap()).unwrap();
    assert_eq!(first["line"], 1);
    assert_eq!(first["severity"], "error");
}

#[test]
fn init_writes_what_check_accepts_and_overwrites_nothing() {
    let directory = site();
    let arguments = ["init", "--brand", "L’Été", "--email", "com@ete.example", "-o", "new.toml"];
    assert_eq!(directory.run(&arguments).status.code(), Some(0));
    assert_eq!(directory.run(&["check", "-c", "new.toml"]).status.code(), Some(0));
    assert_eq!(directory.run(&arguments).status.code(), Some(1));
    let nobody = ["init", "--brand", "Acme", "--email", "nobody", "-o", "other.toml"];
    assert_eq!(directory.run(&nobody).status.code(), Some(2));
}

#[test]
fn explain_says_why_word_by_word() {
    let output = site().run(&["explain", "--json", "Acme, quelle honte, plus jamais !"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let line: serde_json::Value = serde_json::from_str(text(&output.stdout).trim()).unwrap();
    assert_eq!(line["language"]["code"], "fr");
    assert_eq!(line["sentiment"]["label"], "negative");
    assert_eq!(line["matches"][0]["watch"], "acme");
    assert_eq!(line["matches"][0]["spans"][0]["start"], 0);
    let evidence = line["sentiment"]["evidence"].as_array().unwrap();
    assert!(evidence.iter().any(|e| e["text"].as_str().unwrap().contains("honte")), "{evidence:?}");
}

#[test]
fn explain_says_which_words_speak_of_a_topic() {
    let said = "Acme : grève, puis un incendie";
    let json = site().run(&["explain", "--json", "--lang", "fr", said]);
    let line: serde_json::Value = serde_json::from_str(text(&json.stdout).trim()).unwrap();
    assert_eq!(line["topics"], serde_json::json!(["fire", "strike"]));
    assert_eq!(line["spoken"][1]["topic"], "strike");
    let alert = serde_json::json!({"fire": {"count": 3, "authors": 3, "hours": 24}});
    assert_eq!((&line["alerts"], &line["press"]), (&alert, &serde_json::Value::Null));
    assert_eq!(line["spoken"][1]["spans"][0]["start"], 7);
    assert_eq!(line["matches"][0]["tone"], line["sentiment"]["label"]);
    let shown = text(&site().run(&["explain", "--lang", "fr", said]).stdout);
    assert!(shown.contains("topic      fire by: incendie\n"), "{shown}");
    assert!(shown.contains("it alerts from 3 mentions by 3 authors within 24 hours"), "{shown}");
    let article = r#"{"text":"Acme en grève","url":"https://www.lemonde.fr/a"}"#;
    let shown = text(&site().run(&["explain", article]).stdout);
    assert!(shown.contains("press      lemonde.fr (national, fr)"), "{shown}");
}

#[test]
fn explain_marks_what_matched_and_says_why_not() {
    let output = site().run(&["explain", "Chez Acme, rien"]);
    assert!(text(&output.stdout).starts_with("Chez [Acme], rien\n"), "{}", text(&output.stdout));
    let output = site().run(&["explain", "Chez personne"]);
    let said = text(&output.stdout);
    assert!(said.contains("no match   acme: needs `acme` (query, column 1)"), "{said}");
    let output = site().run(&["explain", "--json", "Chez personne"]);
    let line: serde_json::Value = serde_json::from_str(text(&output.stdout).trim()).unwrap();
    let declined = &line["declined"][0];
    assert_eq!(declined["watch"], "acme");
    assert_eq!((&declined["reason"], &declined["because"]), (&"query".into(), &"missing".into()));
    assert_eq!(declined["any"][0], "acme");
}

#[test]
fn try_reads_a_file_and_stores_nothing() {
    let directory = site();
    let feed = crate::support::web::rss(&[("a".to_owned(), "Acme est là".to_owned())]);
    std::fs::write(directory.path("feed.xml"), feed).unwrap();
    let output = directory.run(&["try", "--file", "feed.xml", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let line: serde_json::Value = serde_json::from_str(text(&output.stdout).trim()).unwrap();
    assert_eq!(line["id"], "a");
    assert_eq!(line["text"], "Acme est là");
    assert!(!directory.state().exists());
}

#[test]
fn kinds_completions_and_man_print_data() {
    for arguments in [&["kinds"][..], &["kinds", "--json"], &["completions", "bash"], &["man"]] {
        let output = site().run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(!output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn help_of_every_command_fits_a_screen() {
    let directory = site();
    let commands = "demo init check run try explain search incidents status rebuild-index kinds \
                    completions man";
    for command in commands.split_whitespace() {
        let help = text(&directory.run(&[command, "-h"]).stdout);
        assert!((3..=40).contains(&help.lines().count()), "{command}: {help}");
    }
}

#[test]
fn without_a_store_the_answer_says_how_to_get_one() {
    for arguments in [&["status"][..], &["incidents"], &["search", "Acme"]] {
        let output = site().run(arguments);
        assert_eq!(output.status.code(), Some(78), "{arguments:?}");
        assert!(text(&output.stderr).contains("`vigie run` makes one"), "{}", text(&output.stderr));
    }
    assert_eq!(site().run(&["search", "("]).status.code(), Some(2));
}

#[test]
fn what_strangers_wrote_does_not_command_the_terminal() {
    let output = site().run(&["explain", "Acme \u{1b}]0;mine\u{7} \u{9b}31m"]);
    let said = text(&output.stdout);
    assert!(said.contains("Acme") && !said.contains(['\u{1b}', '\u{7}', '\u{9b}']), "{said:?}");
}

#[test]
fn every_line_of_explain_has_its_answer() {
    use std::io::Write;
    let directory = site();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_vigie"))
        .args(["explain", "--json"])
        .current_dir(directory.directory.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"Acme\nAcme en \xe9t\xe9\nAcme\r\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(text(&output.stdout).lines().count(), 3);
}

#[test]
fn the_readme_lists_every_kind_there_is() {
    let readme = include_str!("../README.md");
    for kind in vigie::source::KINDS {
        let row = format!("| `{}` |", kind.name());
        assert!(readme.contains(&row), "the table of sources lacks {row}");
    }
}
