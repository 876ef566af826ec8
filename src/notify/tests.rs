//! The letter as its readers get it: texts, structure, size, and hostile input.

mod told;

use self::told::{blind, heeding};
use super::email::{Addressed, compose, text_only};
use super::facts::{AlertFacts, Thread};
use super::render::{Rendered, render};
use super::*;
use crate::config::{MailConfig, Recipient, TlsMode};
use crate::model::{Event, Lang, Level, Risk};

fn config() -> MailConfig {
    MailConfig {
        relay_host: "127.0.0.1".into(),
        relay_port: 25,
        tls: TlsMode::None,
        username: None,
        password: None,
        from: "Vigie <alerts@example.org>".into(),
        domain: "vigie.example.org".into(),
        ca_file: None,
    }
}

fn recipient(name: &str) -> Recipient {
    Recipient {
        id: "anne".into(),
        email: "anne@example.org".into(),
        name: Some(name.into()),
        language: Lang::FR,
    }
}

fn bytes(rendered: &Rendered, root: &str) -> Vec<u8> {
    let anne = recipient("Anne Durand");
    let id = "acme-20261123-1335.1-opened.0123456789";
    let to = Addressed { recipient: &anne, id, root, date: fixture::now() };
    compose(rendered, &config(), &to).unwrap()
}

const ROOT: &str = "acme-20261123-1335.1-opened.0123456789";

fn at_event(event: Event, level: Level) -> AlertFacts {
    let mut facts = fixture::facts();
    facts.event = event;
    facts.incident.level = level;
    facts
}

/// An alert that only a known risk makes.
fn at_risk(event: Event) -> AlertFacts {
    let mut facts = at_event(event, Level::Watch);
    for reading in [&mut facts.incident.because, &mut facts.incident.worst] {
        (reading.surprise, reading.score) = (0.4, 12.0);
        reading.risks = vec![Risk::Topic {
            topic: "recall".to_owned(),
            mentions: 3,
            authors: 2,
            hours: 24,
            usual: 0.1,
            seqs: vec![1, 2, 3],
        }];
    }
    facts
}

/// Every state of an alert that changes its words.
fn all() -> Vec<AlertFacts> {
    let mut all = Vec::new();
    for event in [Event::Opened, Event::Raised, Event::Fading, Event::Closed] {
        for level in Level::ALL {
            all.push(at_event(event, level));
        }
    }
    let mut fresh = at_event(Event::Opened, Level::Watch);
    fresh.incident.because.learned_hours = 3.0;
    fresh.incident.because.surprise = 2.4;
    fresh.mentions.clear();
    fresh.history.clear();
    all.push(fresh);
    all.extend([Event::Opened, Event::Raised, Event::Fading, Event::Closed].map(at_risk));
    for names in [&[][..], &["blog"], &["blog", "forum", "presse", "radio"]] {
        all.extend([Event::Opened, Event::Closed].map(|event| blind(names, event)));
    }
    all.extend([0.3, -0.45].map(heeding));
    all
}

#[test]
fn the_french_text_reads_well() {
    insta::assert_snapshot!(render(&fixture::facts(), Lang::FR).text);
}

#[test]
fn the_english_text_reads_well() {
    insta::assert_snapshot!(render(&fixture::facts(), Lang::EN).text);
}

#[test]
fn a_subject_is_understood_on_a_lock_screen() {
    let facts = fixture::facts();
    let fr =
        "[CRISE] Acme\u{a0}: mentions négatives ×8,1 en 1\u{a0}h — «\u{a0}rappel produit\u{a0}»";
    assert_eq!(render(&facts, Lang::FR).subject, fr);
    let en = "[CRISIS] Acme: negative mentions ×8.1 in 1\u{a0}h — “rappel produit”";
    assert_eq!(render(&facts, Lang::EN).subject, en);
}

#[test]
fn a_known_risk_is_told_as_such_until_the_numbers_alone_would_be() {
    let mut facts = at_risk(Event::Opened);
    let (fr, en) = (render(&facts, Lang::FR), render(&facts, Lang::EN));
    assert_eq!(
        [fr.subject, en.subject],
        [
            "[VEILLE] Acme\u{a0}: «\u{a0}rappel produit\u{a0}», 3\u{a0}mentions en 24\u{a0}h",
            "[WATCH] Acme: “recall”, 3\u{a0}mentions in 24\u{a0}h",
        ]
    );
    assert!(fr.text.contains("Ce nombre seul n’aurait pas alerté"), "{}", fr.text);
    assert!(en.text.contains("alone would not have alerted"), "{}", en.text);
    assert!(!en.text.contains("Would have stayed silent"), "{}", en.text);
    facts.incident.worst.surprise = 6.0;
    assert!(render(&facts, Lang::EN).subject.contains("negative mentions ×"));
}

#[test]
fn a_thread_keeps_its_subject_until_it_gets_worse() {
    let mut facts = at_event(Event::Raised, Level::Warning);
    facts.thread = Some(Thread { subject: "[ALERTE] Acme".into(), level: Level::Warning });
    assert_eq!(render(&facts, Lang::FR).subject, "[ALERTE] Acme");
    facts.incident.level = Level::Crisis;
    assert!(render(&facts, Lang::FR).subject.starts_with("[CRISE] "));
    facts.event = Event::Closed;
    assert_eq!(render(&facts, Lang::FR).subject, "[ALERTE] Acme");
}

/// French spaces: none that breaks before a high mark, inside guillemets, or before a unit.
#[track_caller]
fn check_typography(text: &str) {
    let chars: Vec<char> = text.chars().collect();
    for (index, c) in chars.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|i| chars.get(i)).copied().unwrap_or(' ');
        let after = chars.get(index + 1).copied().unwrap_or(' ');
        let place: String = chars.iter().skip(index.saturating_sub(20)).take(30).collect();
        match c {
            ';' | '!' | '?' | '»' | '%' => assert_eq!(before, '\u{a0}', "{c} in {place:?}"),
            ':' if after.is_whitespace() => assert_eq!(before, '\u{a0}', "{c} in {place:?}"),
            '«' => assert_eq!(after, '\u{a0}', "{c} in {place:?}"),
            '\'' | '"' => panic!("straight quote in {place:?}"),
            '\u{202f}' => panic!("U+202F in plain text: {place:?}"),
            _ => {}
        }
    }
}

#[test]
fn every_french_sentence_keeps_french_typography() {
    for mut facts in all() {
        facts.mentions.clear();
        facts.first = None;
        let rendered = render(&facts, Lang::FR);
        check_typography(&rendered.text);
        check_typography(&rendered.subject);
        let words = words::of(Lang::FR);
        check_typography(&words.chart_alt(&facts.incident.because, 31.0));
    }
}

#[test]
fn html_narrows_the_space_before_high_marks_and_escapes_strangers() {
    let mut facts = fixture::facts();
    facts.watch.name = "Acme\u{a0}! <b>".into();
    let html = render(&facts, Lang::FR).html;
    assert!(html.contains("Acme\u{202f}! &#60;b&#62;"), "{html}");
}

#[test]
fn hostile_text_stays_text() {
    let mut facts = fixture::facts();
    let item = &mut facts.mentions[0].item;
    item.title = "<script>alert(1)</script>\u{202e}".into();
    item.text = "\"><img src=http://evil.example/x onerror=y>\u{0}\u{7}".into();
    item.url = Some("javascript:alert(1)".into());
    item.author.as_mut().unwrap().name = "x\r\nBcc: all@example.org".into();
    facts.watch.name = "Acme\r\nBcc: all@example.org".into();
    facts.recipients = vec!["<i>\u{202e}Eve".into()];
    facts.news[0].text = "<script>\u{202e}rappel".into();
    let rendered = render(&facts, Lang::FR);
    for bad in ["<script", "<img src=http", "javascript:", "<i>", "\u{202e}", "\u{0}"] {
        assert!(!rendered.html.contains(bad), "{bad:?} in HTML");
    }
    assert!(!rendered.text.contains('\u{202e}') && !rendered.text.contains("\nBcc"));
    let bytes = bytes(&rendered, ROOT);
    let message = mail_parser::MessageParser::default().parse(&bytes).unwrap();
    assert!(message.bcc().is_none());
    assert!(message.subject().unwrap().contains("Acme Bcc: all@example.org"));
}

#[test]
fn a_display_name_with_line_breaks_does_not_hurt() {
    let rendered = render(&fixture::facts(), Lang::FR);
    let anne = recipient("Anne\r\nBcc: all@example.org");
    let to = Addressed { recipient: &anne, id: "a b\r\n>", root: "r", date: fixture::now() };
    let bytes = compose(&rendered, &config(), &to).unwrap();
    let message = mail_parser::MessageParser::default().parse(&bytes).unwrap();
    assert!(message.bcc().is_none());
    assert_eq!(message.message_id(), Some("a-b---@vigie.example.org"));
    let nobody = Recipient { email: "no address".into(), ..anne.clone() };
    assert!(compose(&rendered, &config(), &Addressed { recipient: &nobody, ..to }).is_err());
}

#[test]
fn a_reader_of_mime_finds_text_html_and_the_chart() {
    let bytes = bytes(&render(&fixture::facts(), Lang::FR), "acme.1-opened.aa");
    let message = mail_parser::MessageParser::default().parse(&bytes).unwrap();
    let types: Vec<String> = message
        .parts
        .iter()
        .map(|part| {
            use mail_parser::MimeHeaders as _;
            let kind = part.content_type().unwrap();
            format!("{}/{}", kind.ctype(), kind.subtype().unwrap())
        })
        .collect();
    let wanted =
        ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"];
    assert_eq!(types, wanted);
    assert_eq!(message.in_reply_to().as_text(), Some("acme.1-opened.aa@vigie.example.org"));
    assert_eq!(message.references().as_text(), Some("acme.1-opened.aa@vigie.example.org"));
    assert_eq!(message.from().unwrap().first().unwrap().name(), Some("Vigie — Acme"));
    assert_eq!(message.date().unwrap().to_timestamp(), fixture::now().as_second());
    assert_eq!(message.header("Auto-Submitted").unwrap().as_text(), Some("auto-generated"));
    assert_eq!(message.header("Importance").unwrap().as_text(), Some("high"));
    assert_eq!(message.header("X-Vigie-Level").unwrap().as_text(), Some("crisis"));
    let html = message.body_html(0).unwrap();
    assert!(html.contains("<html lang=\"fr\">") && html.contains("cid:chart@vigie"));
    assert!(message.body_text(0).unwrap().contains("forum.example.org/post/1"));
}

#[test]
fn the_same_alert_gives_the_same_bytes_and_few_of_them() {
    for facts in all() {
        let one = bytes(&render(&facts, Lang::FR), ROOT);
        assert!(one == bytes(&render(&facts, Lang::FR), ROOT));
        assert!(one.len() < 100_000, "{} bytes", one.len());
        assert!(one.is_ascii(), "a relay without 8BITMIME could not take it");
    }
}

#[test]
fn the_largest_alert_stays_below_what_mail_clients_clip() {
    let mut facts = fixture::facts();
    for mention in facts.mentions.iter_mut().chain(facts.first.as_mut()) {
        mention.item.text = "é<&\u{301}".repeat(20_000);
        mention.item.url = Some(format!("https://example.org/{}", "a".repeat(1900)));
        mention.item.author.as_mut().unwrap().name = "ß".repeat(9000);
    }
    facts.recipients = vec!["n".repeat(500); 500];
    facts.reason = "r".repeat(100_000);
    facts.news = vec![Said { text: "t".repeat(9000), mentions: 3 }; 500];
    let silent = facts.coverage.silent[0].clone();
    facts.coverage.silent = vec![silent; 5000];
    let rendered = render(&facts, Lang::FR);
    assert!(rendered.chart.as_ref().unwrap().len() <= 60_000);
    let size = bytes(&rendered, ROOT).len();
    assert!(size < 100_000, "{size}");
}

#[test]
fn without_html_the_message_is_the_same_message() {
    let rendered = render(&fixture::facts(), Lang::FR);
    let whole = bytes(&rendered, ROOT);
    let plain = text_only(&whole).unwrap();
    let parse = |bytes| mail_parser::MessageParser::default().parse(bytes).unwrap();
    let (whole, plain) = (parse(&whole[..]), parse(&plain[..]));
    assert_eq!(plain.parts.len(), 1);
    assert_eq!(plain.message_id(), whole.message_id());
    assert_eq!(plain.subject(), whole.subject());
    assert_eq!(plain.body_text(0).unwrap().replace("\r\n", "\n").trim(), rendered.text.trim());
    assert_eq!(text_only(b"Subject: x\r\n\r\nhello"), None);
}

#[test]
fn a_new_watch_says_that_it_is_new() {
    let mut facts = fixture::facts();
    facts.incident.because.learned_hours = 3.0;
    assert!(render(&facts, Lang::FR).text.contains("Cette veille est récente (3\u{a0}h apprises)"));
    facts.incident.because.learned_hours = 24.0;
    assert!(!render(&facts, Lang::FR).text.contains("récente"));
}

#[test]
fn at_the_end_the_worst_is_told_and_the_last_reading_is_the_last() {
    let mut facts = at_event(Event::Closed, Level::Warning);
    facts.incident.because.raw_negative = 2.0;
    let text = render(&facts, Lang::FR).text;
    assert!(text.contains("Au plus fort\u{a0}: 31\u{a0}mentions négatives"), "{text}");
    assert!(text.contains("2 en 1\u{a0}h au dernier relevé"), "{text}");
}
