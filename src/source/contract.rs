//! What every kind of source promises, checked on each entry of the table.

use std::time::Duration;

use toml::de::{DeTable, DeValue};
use url::Url;

use super::*;

/// Bytes that are no answer of any kind, or too little of one.
const GARBAGE: [&[u8]; 9] = [
    b"",
    b"\0",
    b"<",
    b"{",
    b"\xFF\xFE",
    b"<html><body>Bonjour</body></html>",
    b"<?xml version='1.0' encoding='utf-16'?>",
    b"{\"items\":[{}]}",
    "« ни рыба ни мясо »\r\n.\r\n".as_bytes(),
];

/// A source from the text of one `[[source]]`, without what every source has.
fn built(kind: &dyn SourceKind, text: &str) -> Result<Box<dyn Source>, Vec<Diagnostic>> {
    let (root, errors) = DeTable::parse_recoverable(text);
    assert!(errors.is_empty(), "{}: {errors:?}", kind.name());
    let mut root = root.into_inner();
    let Some(DeValue::Array(sources)) = root.remove("source").map(toml::Spanned::into_inner) else {
        panic!("{}: an example is a [[source]]", kind.name());
    };
    let mut table = sources.into_iter().next().expect("one [[source]]");
    if let DeValue::Table(options) = table.get_mut() {
        let named = options.remove("kind").expect("`kind`");
        assert_eq!(named.get_ref().as_str(), Some(kind.name()));
        for common in ["id", "every", "lang", "allow_private"] {
            options.remove(common);
        }
    }
    kind.build(table)
}

fn example(kind: &dyn SourceKind) -> Box<dyn Source> {
    built(kind, kind.example()).unwrap_or_else(|wrong| panic!("{}: {wrong:?}", kind.name()))
}

fn noon() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().expect("a date")
}

fn answer(url: &Url, status: u16, body: &[u8]) -> Reply {
    let headers = vec![("etag".to_owned(), b"W/\"\xE9 \\\"".to_vec())];
    let url = url.clone();
    Reply::Http(HttpReply { status, headers, body: body.to_vec(), url, moved: None })
}

/// The fixtures of a kind: whole answers as its servers give them.
fn fixtures(kind: &dyn SourceKind) -> Vec<(String, Vec<u8>)> {
    let folder: std::path::PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "tests/fixtures/source", kind.name()].iter().collect();
    let files = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut found: Vec<_> = files
        .map(|file| file.expect("a file").path())
        .map(|path| (path.display().to_string(), std::fs::read(&path).expect("readable")))
        .collect();
    found.sort();
    found
}

#[test]
fn names_are_lower_case_words_and_distinct() {
    for (at, kind) in KINDS.iter().enumerate() {
        let name = kind.name();
        assert!(!name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase()), "{name}");
        assert!(KINDS.iter().skip(at + 1).all(|other| other.name() != name), "{name}");
        assert!(!kind.summary().is_empty() && !kind.summary().contains('\n'), "{name}");
    }
}

#[test]
fn every_option_is_explained() {
    for kind in KINDS {
        for option in kind.options() {
            assert!(!option.help.is_empty(), "{}: {}", kind.name(), option.name);
            let named = kind.example().contains(&format!("{} =", option.name));
            assert!(named || !option.required, "{}: {}", kind.name(), option.name);
        }
    }
}

#[test]
fn examples_work_when_pasted() {
    for kind in KINDS {
        let source = example(*kind);
        assert!(source.address().has_host(), "{}", kind.name());
    }
}

#[test]
fn an_unknown_option_is_refused_at_its_place_with_the_known_ones() {
    for kind in KINDS {
        let text = format!("{}colour = \"red\"\n", kind.example());
        let wrong = built(*kind, &text).err().expect("refused");
        let [only] = wrong.as_slice() else { panic!("{}: {wrong:?}", kind.name()) };
        assert_eq!(text.get(only.span.clone()), Some("colour"), "{}", kind.name());
        let help = only.help.as_deref().unwrap_or_default();
        assert!(kind.options().iter().all(|option| help.contains(option.name)), "{help}");
    }
}

#[test]
fn a_required_option_is_asked_for() {
    for kind in KINDS {
        let bare = format!("[[source]]\nkind = \"{}\"\n", kind.name());
        let wrong = built(*kind, &bare).err().unwrap_or_default();
        for option in kind.options().iter().filter(|option| option.required) {
            let told = wrong.iter().any(|w| w.title.contains(&format!("`{}`", option.name)));
            assert!(told, "{}: {}", kind.name(), option.name);
        }
    }
}

#[test]
fn garbage_is_an_error_or_a_page_but_never_a_panic() {
    for kind in KINDS {
        let source = example(*kind);
        for status in [200, 204, 226, 301, 304, 401, 404, 410, 418, 429, 500, 503, 999] {
            for body in GARBAGE {
                for cursor in [Cursor::default(), Cursor("{".into()), Cursor("[1]".into())] {
                    let reply = answer(source.address(), status, body);
                    let read = source.read(&cursor, &reply, noon());
                    let wait = read.as_ref().err().and_then(|e| e.retry_after);
                    assert!(wait.is_none_or(|wait| wait <= Duration::from_hours(24)));
                    let _asked = source.request(&read.map_or(cursor, |p| p.cursor), noon());
                }
            }
        }
    }
}

#[test]
fn every_prefix_of_every_fixture_is_read_without_panic() {
    for kind in KINDS {
        let source = example(*kind);
        for (name, whole) in fixtures(*kind) {
            // Hostile fixtures are large; a prime step meets every kind of place in them.
            let step = if whole.len() > 8_192 { 997 } else { 1 };
            for end in (0..whole.len()).step_by(step) {
                let reply = answer(source.address(), 200, &whole[..end]);
                let read = source.read(&Cursor::default(), &reply, noon());
                assert!(read.is_err() || read.is_ok_and(|p| p.items.len() <= 2_000), "{name}");
            }
        }
    }
}

#[test]
fn reading_twice_gives_the_same_keys_and_no_key_twice() {
    for kind in KINDS {
        let source = example(*kind);
        for (name, body) in fixtures(*kind) {
            let keys = || {
                let reply = answer(source.address(), 200, &body);
                let page = source.read(&Cursor::default(), &reply, noon()).unwrap_or_default();
                page.items.iter().map(|item| item.key).collect::<Vec<_>>()
            };
            let (first, mut second) = (keys(), keys());
            assert_eq!(first, second, "{name}");
            second.sort_unstable();
            second.dedup();
            assert_eq!(first.len(), second.len(), "{name}: one key for two items");
        }
    }
}

#[test]
fn the_cursor_of_a_page_leads_to_a_request_and_survives_being_written_down() {
    for kind in KINDS {
        let source = example(*kind);
        for (name, body) in fixtures(*kind) {
            let reply = answer(source.address(), 200, &body);
            let Ok(page) = source.read(&Cursor::default(), &reply, noon()) else { continue };
            let _json: serde_json::Value = serde_json::from_str(&page.cursor.0).expect(&name);
            assert_eq!(
                source.request(&page.cursor, noon()),
                source.request(&page.cursor.clone(), noon()),
                "{name}"
            );
            // What asks for more asks something else: this answer is not the next one.
            if !page.more {
                let again = source.read(&page.cursor, &reply, noon()).expect("read before");
                assert!(again.unchanged || !again.pace.fresh, "{name}");
            }
        }
    }
}
