//! What people say of incidents, with the real binary beside a running daemon: what it changes, what
//! the next mail says of it, and what is refused.

use serde_json::Value;
use vigie::model::WatchId;
use vigie::store::Store;
use vigie::store::sqlite::SqliteStore;

use crate::support::buzz::{Buzz, wait_until_calm};
use crate::support::daemon::{Running, Site};
use crate::support::smtp::{Relay, Script};

/// Seconds of the daemon in one of ours: a poll takes a tenth of one, and an incident outlives by far
/// what people have to say of it.
const SPEED: u32 = 600;

/// How a command ended, and what it said to its user.
fn told(site: &Site, arguments: &[&str]) -> (Option<i32>, String) {
    let output = site.run(&[&["incidents"], arguments].concat());
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[track_caller]
fn check(site: &Site, arguments: &[&str], code: i32, part: &str) {
    let (found, said) = told(site, arguments);
    assert!(found == Some(code) && said.contains(part), "{arguments:?}: {found:?}, {said}");
}

fn printed(site: &Site, arguments: &[&str]) -> String {
    String::from_utf8(site.run(&[&["incidents"], arguments].concat()).stdout).unwrap()
}

/// What `vigie check` says, its spaces plain.
fn checked(site: &Site) -> String {
    String::from_utf8(site.run(&["check"]).stderr).unwrap().replace('\u{a0}', " ")
}

/// The open incident of the place, as `--json` prints it.
fn open(site: &Site) -> Option<Value> {
    printed(site, &["--open", "--json"])
        .lines()
        .next()
        .map(|line| serde_json::from_str(line).unwrap())
}

fn id(incident: &Value) -> String {
    incident["id"].as_str().unwrap().to_owned()
}

/// How many incidents the daemon itself holds in a state.
fn held(running: &mut Running, state: &str) -> f64 {
    let state = format!("state=\"{state}\"");
    running.sum(&["vigie_incidents{", "brand=\"acme\"", &state])
}

/// The texts of the mails so far, their spaces plain.
fn mails(relay: &Relay) -> Vec<String> {
    let text = |data: &[u8]| {
        let mail = mail_parser::MessageParser::default().parse(data).unwrap();
        mail.body_text(0).unwrap().replace('\u{a0}', " ")
    };
    relay.transactions().iter().map(|taken| text(&taken.data)).collect()
}

#[test]
fn a_verdict_is_heeded_by_the_daemon_and_told_in_its_next_mail() {
    let buzz = Buzz::start();
    let relay = Relay::start(0, vec![Script::Accept]);
    let site = Site::new(&buzz.configuration(&Buzz::relay(relay.port), &["anne@acme.example"]));
    let mut running = site.start_with_clock(jiff::Timestamp::now(), SPEED);
    wait_until_calm(&mut running);

    buzz.anger(40);
    let first = id(&running.wait_until("an incident", |_| open(&site)));
    running.wait_until("its mail", |_| (!mails(&relay).is_empty()).then_some(()));
    let because = ["--by", "Anne", "--note", "soir de match"];
    let said = [&["false-alarm", &first], &because[..]].concat();
    check(&site, &said, 0, "the threshold of acme is now 0.30 above its setting");
    check(&site, &said, 1, "it is a false alarm already");
    check(&site, &["acknowledge", &first, "--by", "Anne"], 1, "it is closed");
    check(&site, &["close", &first, "--by", "Anne"], 1, "it is closed");
    let shown = printed(&site, &[&first]);
    assert!(shown.contains("false-alarm   by Anne: soir de match"), "{shown}");

    // Far worse than what was called a false alarm, so that it is told within the day.
    buzz.anger(160);
    let other = |site: &Site| open(site).filter(|incident| id(incident) != first);
    let second = id(&running.wait_until("another incident", |_| other(&site)));
    let mail = running.wait_until("its mail", |_| {
        mails(&relay).into_iter().find(|text| text.contains(&format!("Incident {second}")))
    });
    for sentence in [
        "Seuil de 3,2 : 2,9 du réglage, 0,3 de plus après une fausse alerte du",
        &format!("Le précédent, {first}, s’est terminé le"),
        " : une fausse alerte.",
    ] {
        assert!(mail.contains(sentence), "no {sentence:?} in\n{mail}");
    }
    let shown = printed(&site, &[&second]);
    assert!(shown.contains(&format!("before        The one before, {first}, ended on")), "{shown}");
    assert!(shown.contains("0.3 more after one false alarm of"), "{shown}");

    let said = ["acknowledge", &second, "--by", "Bruno"];
    check(&site, &said, 0, "the threshold of acme is now 0.15 above its setting");
    check(&site, &said, 1, "it is acknowledged already");
    running.wait_until("the daemon to heed it", |running| {
        (held(running, "acknowledged") > 0.5).then_some(())
    });
    check(&site, &["note", &second, "--by", "Bruno", "--note", "le siège est prévenu"], 0, "note");
    check(&site, &["close", &second, "--by", "Bruno"], 0, "closed");
    running.wait_until("the daemon to let go of it", |running| {
        (held(running, "acknowledged") < 0.5).then_some(())
    });
    let shown = printed(&site, &[&second]);
    for line in
        ["acknowledged  by Bruno", "note          by Bruno: le siège", "closed        by Bruno"]
    {
        assert!(shown.contains(line), "no {line:?} in\n{shown}");
    }
    running.signal("TERM");
    assert_eq!(running.wait().0, Some(0));
}

#[test]
fn what_cannot_be_said_is_refused_with_the_way_out() {
    let buzz = Buzz::start();
    let nobody: [&str; 0] = [];
    let site = Site::new(&buzz.configuration(&Buzz::relay(crate::support::free_port()), &nobody));
    let _running = buzz.watched_by(&site);
    let long = "x".repeat(2_000);
    for verb in ["acknowledge", "false-alarm", "close", "note"] {
        let said = [verb, "acme-20990101-0000", "--by", "Anne", "--note", "x"];
        check(&site, &said, 1, "no incident `acme-20990101-0000`: `vigie incidents` lists them");
        check(&site, &[verb, "acme-20990101-0000", "--by", " "], 2, "add `--by \"your name\"`");
        check(&site, &[verb, "x", "--by", &long], 2, "at most 80 characters");
    }
    check(&site, &["note", "x", "--by", "Anne", "--note", "  "], 2, "there is nothing to note");
    check(&site, &["close"], 2, "<ID>");
    let began = ["--from", "2026-03-02T08:00:00Z"];
    let mark = |rest: &[&'static str]| [&["mark"], &began[..], rest].concat();
    check(&site, &mark(&["--watch", ""]), 2, "no watch ``; configured: acme");
    check(&site, &mark(&["--watch", "acme", " "]), 2, "a name has 1 to 80 characters");
    let after = ["--peak", "2026-03-03T08:00:00Z", "--until", "2026-03-02T20:00:00Z"];
    check(&site, &mark(&[&["--watch", "acme"], &after[..]].concat()), 2, "a peak after the end");
    check(&site, &mark(&["--watch", "acme", "--peak", "2026-03-01T08:00:00Z"]), 2, "exchange");
    check(&site, &["mark", "--watch", "acme", "--from", "hier"], 2, "hier");
    let to_come = ["mark", "--watch", "acme", "--from", "2999-01-01T00:00:00Z"];
    check(&site, &to_come, 2, "declare it as an `[[event]]`");
    check(
        &site,
        &["unmark", "--watch", "acme", "--from", "2026-03-02T08:00:00Z"],
        1,
        "no mark of acme",
    );
    check(&site, &["marks"], 1, "no mark");
}

#[test]
fn a_crisis_is_remembered_listed_and_forgotten() {
    let buzz = Buzz::start();
    let nobody: [&str; 0] = [];
    let site = Site::new(&buzz.configuration(&Buzz::relay(crate::support::free_port()), &nobody));
    let _running = buzz.watched_by(&site);
    let began = ["--watch", "acme", "--from", "2026-03-02T08:00:00Z"];
    check(&site, &[&["mark"], &began[..], &["le boycott"]].concat(), 0, "marked");
    let peak =
        ["--peak", "2026-03-02T14:00:00Z", "--until", "2026-03-04T20:00:00Z", "le grand boycott"];
    check(&site, &[&["mark"], &began[..], &peak].concat(), 0, "marked");
    let shown = printed(&site, &["marks"]);
    assert_eq!(shown.lines().count(), 2, "the second takes the place of the first:\n{shown}");
    assert!(
        shown.contains("2026-03-02T14:00:00Z") && shown.contains("le grand boycott"),
        "{shown}"
    );
    let line: Value = serde_json::from_str(&printed(&site, &["marks", "--json"])).unwrap();
    assert_eq!((&line["watch"], &line["name"]), (&"acme".into(), &"le grand boycott".into()));
    assert_eq!(line["until"], "2026-03-04T20:00:00Z");
    check(&site, &[&["unmark"], &began[..]].concat(), 0, "forgotten");
    check(&site, &["marks"], 1, "no mark");
}

/// Waits until the daemon listens for the watch, so that what begins then could be told.
fn wait_until_heard(running: &mut Running, site: &Site) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let acme = WatchId::new("acme").unwrap();
    running.wait_until("the watch to be listened for", |_| {
        let store = SqliteStore::open_reader(&site.state()).ok()?;
        runtime.block_on(store.began(&acme)).unwrap()
    });
}

#[test]
fn a_crisis_that_no_incident_told_lowers_the_threshold_until_it_is_forgotten() {
    let buzz = Buzz::start();
    let nobody: [&str; 0] = [];
    let site = Site::new(&buzz.configuration(&Buzz::relay(crate::support::free_port()), &nobody));
    let mut running = site.start();
    wait_until_heard(&mut running, &site);
    let now = jiff::Timestamp::now().to_string();
    let began = ["--watch", "acme", "--from", &now];
    let missed = "no incident told it in time: the threshold of acme is now 0.30 below its setting";
    check(&site, &[&["mark"], &began[..], &["rappel de lots"]].concat(), 0, missed);
    let told = checked(&site);
    let sentence = "acme: Threshold of 2.6: 2.9 of the setting, 0.3 less after one missed crisis";
    assert!(told.contains(sentence), "{told}");
    check(&site, &[&["unmark"], &began[..]].concat(), 0, "forgotten");
    let told = checked(&site);
    assert!(!told.contains("Threshold"), "{told}");
}
