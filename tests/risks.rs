//! Risks, with the real binary: a grave topic opens a watch, a post that runs away and the press are
//! told with it, a kill forgets none of it, and a replay agrees.

use vigie::model::{Incident, Level, Risk, State};

use crate::support::buzz::{Buzz, wait_until_calm};
use crate::support::daemon::{Running, Site};
use crate::support::past::{decided, incidents, replayed};
use crate::support::smtp::{Relay, Script};
use crate::support::web::Answer;

/// What is said of a recall: by whom, where, and how often it was answered.
struct Post {
    author: &'static str,
    place: &'static str,
    text: &'static str,
    replies: u32,
}

fn post(author: &'static str, place: &'static str, text: &'static str) -> Post {
    Post { author, place, text, replies: 0 }
}

fn page(posts: &[Post]) -> Answer {
    let items: String = posts
        .iter()
        .map(|Post { author, place, text, replies }| {
            format!(
                "<item><guid isPermaLink=\"false\">{author}</guid>\
                 <link>https://{place}/{author}</link><dc:creator>{author}</dc:creator>\
                 <slash:comments>{replies}</slash:comments><description>{text}</description></item>"
            )
        })
        .collect();
    Answer::ok(format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\" \
         xmlns:slash=\"http://purl.org/rss/1.0/modules/slash/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>t</title>\
         <link>https://x.example/</link><description>d</description><language>fr</language>\
         {items}</channel></rss>"
    ))
}

/// The one incident, once it is as asked.
fn incident(running: &mut Running, site: &Site, what: &str, is: fn(&Incident) -> bool) -> Incident {
    running
        .wait_until(what, |_| incidents(site).into_iter().map(|(incident, _)| incident).find(&is))
}

fn kinds(incident: &Incident) -> Vec<&str> {
    incident.worst.risks.iter().map(Risk::kind).collect()
}

#[test]
fn risks_are_told_survive_a_kill_and_are_replayed() {
    let buzz = Buzz::start();
    let relay = Relay::start(0, vec![Script::Accept]);
    let web = buzz.web();
    web.serve("/recall", page(&[]));
    let site = Site::new(&format!(
        "{}[[source]]\nid = \"recall\"\nkind = \"feed\"\nurl = \"{}\"\nevery = \"60s\"\n\
         allow_private = [\"127.0.0.1\"]\n",
        buzz.configuration(&Buzz::relay(relay.port), &["com@acme.example"]),
        web.url("/recall")
    ));
    let mut running = buzz.watched_by(&site);
    wait_until_calm(&mut running);

    // Three people who are not even angry: far from any crisis, but a product is recalled.
    let mut posts = vec![
        post("anne", "forum.example", "Quelqu'un a vu le rappel de produit chez Acme ?"),
        post("bruno", "forum.example", "Acme : rappel de lots de mixeurs, je cherche les numéros"),
        post("chloé", "blog.example", "Le produit rappelé par Acme était en rayon hier à Nantes"),
    ];
    web.serve("/recall", page(&posts));
    let opened = incident(&mut running, &site, "the recall to open a watch", |_| true);
    assert_eq!((opened.level, kinds(&opened)), (Level::Watch, vec!["topic"]), "{opened:#?}");
    let sent = running.wait_until("a mail about it", |_| relay.transactions().into_iter().next());
    let mail = mail_parser::MessageParser::new().parse(&sent.data).unwrap();
    let (subject, body) = (mail.subject().unwrap(), mail.body_text(0).unwrap());
    assert_eq!(
        subject.replace('\u{a0}', " "),
        "[VEILLE] Acme : « rappel produit », 3 mentions en 24 h"
    );
    for part in [
        "Acme, sujet sensible : « rappel produit », 3 mentions par 3 auteurs en 24 h",
        "Ce nombre seul n’aurait pas alerté",
        "Le produit rappelé par Acme était en rayon hier à Nantes",
        "https://forum.example/anne",
    ] {
        assert!(body.replace('\u{a0}', " ").contains(part), "no {part:?} in\n{body}");
    }

    // The store knows what the radar knows: a kill between the words and the answers is no matter.
    running.kill();
    posts[0].replies = 4_000;
    for (author, site) in
        [("lm", "www.lemonde.fr"), ("lf", "www.lefigaro.fr"), ("lb", "www.liberation.fr")]
    {
        posts.push(post(author, site, "Acme rappelle des milliers de mixeurs, rappel massif"));
    }
    web.serve("/recall", page(&posts));
    let mut running = buzz.watched_by(&site);
    let worse = incident(&mut running, &site, "the press and the answers", |incident| {
        let kinds = kinds(incident);
        kinds.contains(&"press") && kinds.contains(&"viral")
    });
    let closed =
        incident(&mut running, &site, "the end of it", |incident| incident.state == State::Closed);
    assert_eq!((&closed.id, closed.severity.value), (&worse.id, 5), "{:#?}", closed.severity);
    let shown = site.run(&["incidents", &closed.id.0]).stdout;
    let shown = String::from_utf8(shown).unwrap().replace('\u{a0}', " ");
    for part in ["Sensitive topic: “recall”", "lefigaro.fr, lemonde.fr", "One post runs away"] {
        assert!(shown.contains(part), "no {part:?} in\n{shown}");
    }
    running.signal("TERM");
    assert_eq!(running.wait().0, Some(0));
    let live = incidents(&site);
    let (lines, events) = replayed(&site);
    assert_eq!(lines, decided(&live));
    let last = events.last().unwrap();
    assert_eq!(last["because"], serde_json::to_value(&live.last().unwrap().0.because).unwrap());
}
