//! One configuration for each mistake, with everything that is said about it.

use std::path::Path;

use vigie::config::{Surroundings, load};
use vigie::diagnostic::{Diagnostic, render};

/// Every `fixtures/config/<what-is-wrong>.toml` against its snapshot: place, pointer, way out.
#[test]
fn every_mistake_is_told_with_its_place_and_a_way_out() {
    insta::glob!("fixtures/config/*.toml", |path| {
        let loaded = load(path, &Surroundings::default()).unwrap();
        let file = &loaded.files[0];
        let problems: Vec<&Diagnostic> = loaded.problems.iter().map(|p| &p.diagnostic).collect();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let verdict = if loaded.config.is_some() { "accepted" } else { "refused" };
        let told = format!("{verdict}\n\n{}", render(&name, &file.text, &problems, false));
        let directory = path.parent().unwrap().display().to_string();
        insta::assert_snapshot!(told.replace(&directory, "DIRECTORY"));
    });
}

#[test]
fn a_configuration_may_be_a_directory() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
    write("10-watch.toml", "[[watch]]\nid = \"acme\"\nquery = \"Acme\"\n");
    write(
        "20-source.toml",
        "[[source]]\nid = \"a\"\nkind = \"feed\"\nurl = \"https://a.example/f\"\n",
    );
    write("notes.txt", "not read");
    let loaded = load(directory.path(), &Surroundings::default()).unwrap();
    let config = loaded.config.expect("good");
    assert_eq!((config.watches.len(), config.sources.len(), loaded.files.len()), (1, 1, 2));
}

/// What is said about an operator's file of rules: verdict, path, pointer, way out.
#[track_caller]
fn rules(text: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("vigie.toml");
    let site = "[[watch]]\nid = \"acme\"\nquery = \"Acme\"\nrecipients = []\n[rules]\ndirectory = \"own\"\n\
        [[source]]\nid = \"a\"\nkind = \"feed\"\nurl = \"https://a.example/f\"\n";
    std::fs::write(&path, site).unwrap();
    std::fs::create_dir(directory.path().join("own")).unwrap();
    std::fs::write(directory.path().join("own/vol.toml"), text).unwrap();
    let loaded = load(&path, &Surroundings::default()).unwrap();
    assert_eq!(loaded.files.len(), 2);
    let verdict = if loaded.config.is_some() { "accepted" } else { "refused" };
    let problems: Vec<&Diagnostic> =
        loaded.problems.iter().filter(|p| p.file == 1).map(|p| &p.diagnostic).collect();
    let told = render("own/vol.toml", &loaded.files[1].text, &problems, false);
    format!("{verdict}\n\n{told}")
}

#[test]
fn a_mistake_in_the_rules_is_told_in_their_own_file() {
    insta::assert_snapshot!(rules(
        "topic = \"vol\"\nterms.fr = [\"vol*\", \"vol* de nuit\"]\nterms.french = [\"vol\"]\n"
    ));
}

#[test]
fn an_example_that_does_not_hold_is_told_and_stops_nothing() {
    insta::assert_snapshot!(rules(
        "topic = \"vol\"\nterms.fr = [\"vol\", \"voleur*\"]\n\n\
         example = [\n    { lang = \"fr\", expect = \"topic\", text = \"On m'a volé\" },\n    \
         { expect = \"topic\", text = \"Au voleur !\" },\n    \
         { expect = \"nothing\", text = \"Le vol de nuit est complet\" },\n]\n"
    ));
}

#[test]
fn a_path_that_is_not_there_is_named() {
    let error = load(Path::new("/nowhere/vigie.toml"), &Surroundings::default()).err().unwrap();
    assert!(error.contains("/nowhere/vigie.toml"), "{error}");
}

#[test]
fn a_secret_comes_from_file_credential_or_environment_and_is_never_shown() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("vigie.toml");
    let text = |how: &str| {
        format!(
            "[mail]\nrelay = \"smtp.example.org\"\nfrom = \"a@example.org\"\nusername = \"u\"\n{how}\n\
                 [[watch]]\nid = \"a\"\nquery = \"Acme\"\n[[source]]\nid = \"s\"\nkind = \"feed\"\nurl = \"https://a.example/\"\n"
        )
    };
    std::fs::write(directory.path().join("pw"), "s3cret\n").unwrap();
    std::fs::write(directory.path().join("smtp-password"), "from-systemd\n").unwrap();
    let mut surroundings = Surroundings::default();
    surroundings.variables.insert("PW".to_owned(), "from-env".to_owned());
    let secret = |how: &str, surroundings: &Surroundings| {
        use vigie::model::secret::ExposeSecret;
        std::fs::write(&path, text(how)).unwrap();
        let loaded = load(&path, surroundings).unwrap();
        let mail = loaded.config.unwrap_or_else(|| panic!("{:?}", loaded.problems)).mail.unwrap();
        assert!(!format!("{mail:?}").contains("s3cret"));
        mail.password.map(|password| password.expose_secret().to_owned())
    };
    assert_eq!(secret("password_file = \"pw\"", &surroundings).as_deref(), Some("s3cret"));
    assert_eq!(secret("password_env = \"PW\"", &surroundings).as_deref(), Some("from-env"));
    assert_eq!(secret("password = \"s3cret\"", &surroundings).as_deref(), Some("s3cret"));
    let credentials = directory.path().display().to_string();
    surroundings.variables.insert("CREDENTIALS_DIRECTORY".to_owned(), credentials);
    assert_eq!(secret("", &surroundings).as_deref(), Some("from-systemd"));
}

#[cfg(not(feature = "onnx"))]
#[test]
fn a_second_opinion_that_is_not_built_in_is_no_silent_wish() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("vigie.toml");
    let good = include_str!("fixtures/config/good.toml");
    let section = "[sentiment]\nonnx = \"model.onnx\"\ntokenizer = \"tokenizer.json\"\n";
    std::fs::write(&path, format!("{section}{good}")).unwrap();
    let loaded = load(&path, &Surroundings::default()).unwrap();
    let told: Vec<_> = loaded.problems.iter().map(|p| p.diagnostic.clone()).collect();
    assert!(loaded.config.is_none());
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].title, "this vigie was built without onnx");
    assert!(told[0].help.as_deref().is_some_and(|help| help.contains("--features onnx")));
}
