//! Whose voice counts, with the real binary: our own accounts and lottery bots open no incident.

use crate::support::buzz::{Buzz, angry, wait_until_calm};
use crate::support::daemon::{Running, Site};
use crate::support::smtp::{Relay, Script, Transaction};

const OWN: &str = "@acme@mastodon.example";

/// What our own account says, in the very words that alarm when customers say them.
fn own(posts: usize) -> Vec<(Option<&'static str>, String)> {
    (0..posts).map(|n| (Some(OWN), angry(n))).collect()
}

/// Lottery bots who hate housework.
fn lottery(posts: usize) -> Vec<(Option<&'static str>, String)> {
    let text = |n| {
        format!("Le ménage est horrible, un cauchemar {n} ! RT + follow pour gagner un robot Acme")
    };
    (0..posts).map(|n| (None, text(n))).collect()
}

fn aside(running: &mut Running, reason: &str) -> f64 {
    running.metric(&format!("vigie_mentions_aside_total{{reason=\"{reason}\",watch=\"acme\"}}"))
}

fn opened(running: &mut Running) -> f64 {
    running.sum(&["vigie_incidents_opened_total{", "brand=\"acme\""])
}

/// The text of a mail, its spaces plain.
fn text(message: &Transaction) -> String {
    let mail = mail_parser::MessageParser::default().parse(&message.data).unwrap();
    mail.body_text(0).unwrap().replace('\u{a0}', " ")
}

#[test]
fn our_own_voice_and_lottery_bots_open_no_incident_and_customers_do() {
    let buzz = Buzz::start();
    let relay = Relay::start(0, vec![Script::Accept]);
    let mail = Buzz::relay(relay.port);
    let lists = format!("[own]\naccounts = [\"{OWN}\"]\n");
    let configuration = lists + &buzz.configuration(&mail, &["anne@acme.example"]);
    let site = Site::new(&configuration);
    let mut running = buzz.watched_by(&site);
    wait_until_calm(&mut running);

    buzz.post([own(40), lottery(30)].concat());
    running.wait_until("the burst to be read", |running| {
        (aside(running, "own-account") + aside(running, "spam") >= 70.0).then_some(())
    });
    // Far longer than any window that decides, on the clock of the daemon.
    let later = buzz.now() + jiff::SignedDuration::from_hours(8);
    running.wait_until("eight hours to pass", |_| (buzz.now() > later).then_some(()));
    assert!(opened(&mut running) < 0.5, "{}", running.log());
    assert_eq!(relay.transactions(), []);

    let customers = (0..40).map(|n| (None, angry(n))).collect();
    buzz.post([own(5), lottery(4), customers].concat());
    running.wait_for_line("event=\"opened\"");
    running.wait_until("the mail", |_| (!relay.transactions().is_empty()).then_some(()));
    let told = text(&relay.transactions()[0]);
    let line =
        "Laissées de côté, hors de tous ces chiffres : 9 mentions (5 de vos comptes, 4 de spam).";
    assert!(told.contains(line), "{told}");
    assert!(!told.contains(OWN) && !told.contains("RT + follow"), "{told}");
    assert_eq!((aside(&mut running, "own-account"), aside(&mut running, "spam")), (45.0, 34.0));

    running.wait_until_settled();
    for (answer, expected) in [("yes", 79), ("no", 45)] {
        let found = site.run(&["search", "--aside", answer, "--limit", "500", "--json"]);
        let lines = String::from_utf8(found.stdout).unwrap().lines().count();
        assert_eq!(lines, expected, "--aside {answer}");
    }
}
