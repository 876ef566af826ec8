//! A notice, with the real binary: when a source fails, its name is the first thing that is told.

use crate::support::buzz::{Buzz, wait_until_calm};
use crate::support::daemon::Site;
use crate::support::smtp::{Relay, Script};
use crate::support::web::Answer;

/// Seconds of the daemon in one of ours: an hour passes in six seconds.
const SPEED: u32 = 600;

#[test]
fn a_source_that_fails_is_named_in_the_mail_and_by_its_incident() {
    let buzz = Buzz::start();
    let relay = Relay::start(0, vec![Script::Accept]);
    let site = Site::new(&buzz.configuration(&Buzz::relay(relay.port), &["anne@acme.example"]));
    let mut running = site.start_with_clock(jiff::Timestamp::now(), SPEED);
    wait_until_calm(&mut running);
    buzz.web().serve("/feed", Answer::status(500));
    running.wait_until("the notice", |_| (!relay.transactions().is_empty()).then_some(()));
    let taken = relay.transactions().remove(0);
    let mail = mail_parser::MessageParser::default().parse(&taken.data).unwrap();
    let plain = |text: &str| text.replace(['\u{a0}', '\u{202f}'], " ");
    let subject = plain(mail.subject().unwrap());
    assert!(subject.starts_with("[À NOTER] Acme : forum ne répond plus, "), "{subject}");
    for part in [mail.body_text(0).unwrap(), mail.body_html(0).unwrap()] {
        let part = plain(&part);
        assert!(part.contains("n’est presque plus écoutée : forum ne répond plus"), "{part}");
    }
    let printed = |arguments: &[&str]| {
        let arguments = [&["incidents"], arguments].concat();
        String::from_utf8(site.run(&arguments).stdout).unwrap()
    };
    let incident: serde_json::Value =
        serde_json::from_str(printed(&["--open", "--json"]).lines().next().unwrap()).unwrap();
    assert_eq!(incident["unheard"]["sources"], serde_json::json!(["forum"]));
    let shown = printed(&[incident["id"].as_str().unwrap()]);
    assert!(shown.contains("unheard       forum does not answer"), "{shown}");
}
