//! A saved detector that nobody can read, with the real binary: the past is lived again.

use rusqlite::Connection;

use crate::support::configuration;
use crate::support::daemon::{Running, Site};
use crate::support::web::{Answer, Web, rss};

const MENTIONS: usize = 120;

fn connection(site: &Site) -> Connection {
    Connection::open(site.state().join("vigie.db")).unwrap()
}

/// What the saved detector remembers of its mentions: authors, texts, and the weights of all hours.
fn remembered(site: &Site) -> (serde_json::Value, f64) {
    let saved: Vec<u8> = connection(site)
        .query_row("SELECT checkpoint FROM watch WHERE id = 'acme'", [], |row| row.get(0))
        .unwrap();
    let saved: serde_json::Value = serde_json::from_slice(&saved).unwrap();
    let hours = saved["detector"]["hours"]["kept"].as_array().unwrap();
    let total = hours.iter().map(|hour| hour["t"].as_f64().unwrap()).sum();
    (saved["detector"]["weights"].clone(), total)
}

fn stopped(running: Running) -> String {
    running.signal("TERM");
    let (code, log) = running.wait();
    assert_eq!(code, Some(0), "{log}");
    log
}

/// Twelve words that no other text has: copies would weigh nothing.
fn unlike(n: usize) -> String {
    let letter = |k: usize| char::from(b'a' + u8::try_from(k % 26).unwrap());
    let word =
        |k: usize| (1..6).map(|place| letter((n * 12 + k) / 26_usize.pow(place % 3) + k)).collect();
    let words: Vec<String> = (0..12).map(word).collect();
    words.join(" ")
}

#[test]
fn a_detector_that_cannot_be_read_lives_its_past_again_and_loses_nothing() {
    let web = Web::start();
    let items: Vec<(String, String)> =
        (0..MENTIONS).map(|n| (format!("i{n}"), format!("Acme : {}", unlike(n)))).collect();
    web.serve("/feed", Answer::ok(rss(&items)).header("etag", "\"all\""));
    let site = Site::new(&configuration("Acme", &[("blog", &web.url("/feed"))]));
    let mut running = site.start();
    let new = "vigie_source_items_total{kind=\"feed\",outcome=\"new\",source=\"blog\"}";
    running.wait_for_metric(new, |n| n >= MENTIONS as f64);
    running.wait_until_settled();
    stopped(running);
    let (weights, total) = remembered(&site);
    // One feed is one author, so that few of its mentions weigh anything; all are remembered.
    assert!(total > 1.0, "{total}");
    assert!(weights.to_string().len() > 10 * MENTIONS, "{weights}");
    let alien: &[u8] = b"{\"zone\":\"Europe/Paris\",\"form\":99}";
    let changed = connection(&site).execute("UPDATE watch SET checkpoint = ?1", [alien]).unwrap();
    assert_eq!(changed, 1);
    let mut running = site.start();
    running.wait_for_line("of another version; it lives its past again");
    running.wait_for_line("a detector has learned its past again");
    stopped(running);
    assert_eq!(remembered(&site), (weights, total));
}
