//! What goes wrong at three in the morning, with the real binary: nothing is lost, and it says so.

use std::process::Command;

use vigie::store::sqlite::SqliteStore;
use vigie::store::{MentionQuery, Store};

use crate::support::buzz::{Buzz, wait_until_calm};
use crate::support::daemon::{Running, Site};
use crate::support::free_port;
use crate::support::smtp::{Relay, Script, Transaction};
use crate::support::web::{Answer, rss};

const QUEUED: &str = "vigie_outbox_messages{channel=\"email\",state=\"queued\"}";

/// The header of a message, unfolded; the whole value.
fn header(message: &Transaction, name: &str) -> String {
    let text = String::from_utf8_lossy(&message.data).replace("\r\n ", " ");
    let start = format!("{name}: ");
    text.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or_default().to_owned()
}

fn events(relay: &Relay) -> Vec<String> {
    relay.transactions().iter().map(|message| header(message, "X-Vigie-Event")).collect()
}

fn opened(running: &mut Running) {
    running.wait_for_line("event=\"opened\"");
}

#[test]
fn a_relay_that_is_down_during_the_alert_gets_it_once_when_it_is_up() {
    let buzz = Buzz::start();
    let port = free_port();
    let site = Site::new(&buzz.configuration(&Buzz::relay(port), &["anne@acme.example"]));
    let mut running = buzz.watched_by(&site);
    wait_until_calm(&mut running);
    buzz.anger(40);
    opened(&mut running);
    running.wait_for_metric(QUEUED, |n| n >= 1.0);
    running.wait_for_metric("vigie_outbox_oldest_age_seconds{channel=\"email\"}", |n| n > 60.0);
    let relay = Relay::start(port, vec![Script::Accept]);
    running.wait_until("the mail", |_| events(&relay).contains(&"opened".to_owned()).then_some(()));
    running.wait_until_settled();
    let opened = events(&relay).iter().filter(|event| *event == "opened").count();
    assert_eq!(opened, 1, "{:?}", events(&relay));
}

#[test]
fn an_incident_that_opened_and_closed_while_the_relay_was_down_is_told_whole() {
    let buzz = Buzz::start();
    let port = free_port();
    let site = Site::new(&buzz.configuration(&Buzz::relay(port), &["anne@acme.example"]));
    let mut running = buzz.watched_by(&site);
    wait_until_calm(&mut running);
    buzz.anger(40);
    opened(&mut running);
    running.wait_for_line("event=\"closed\"");
    let relay = Relay::start(port, vec![Script::Accept]);
    running.wait_until("both mails", |_| (events(&relay).len() >= 2).then_some(()));
    running.wait_until_settled();
    let mut told = events(&relay);
    told.sort();
    assert_eq!(told.iter().filter(|event| *event == "opened").count(), 1, "{told:?}");
    assert_eq!(told.iter().filter(|event| *event == "closed").count(), 1, "{told:?}");
    let unique: std::collections::BTreeSet<String> =
        relay.transactions().iter().map(|message| header(message, "Message-ID")).collect();
    assert_eq!(unique.len(), told.len(), "a message came twice: {unique:?}");
    running.signal("TERM");
    assert_eq!(running.wait().0, Some(0));
}

#[test]
fn a_wrong_password_is_told_and_costs_nothing() {
    let buzz = Buzz::start();
    // RFC 4616: base64 of NUL vigie NUL right.
    let relay = Relay::start(0, vec![Script::Password("AUTH PLAIN AHZpZ2llAHJpZ2h0".into())]);
    let mail = |password: &str| {
        format!("{}\nusername = \"vigie\"\npassword = \"{password}\"", Buzz::relay(relay.port))
    };
    let site = Site::new(&buzz.configuration(&mail("wrong"), &["anne@acme.example"]));
    let mut running = buzz.watched_by(&site);
    wait_until_calm(&mut running);
    buzz.anger(40);
    opened(&mut running);
    let line = running.wait_for_line("a message did not leave");
    for part in ["127.0.0.1", "535", "username", "password"] {
        assert!(line.contains(part), "no {part:?} in: {line}");
    }
    running.wait_for_metric(
        "vigie_notifications_total{channel=\"email\",kind=\"opened\",result=\"auth\"}",
        |n| n >= 1.0,
    );
    running.wait_for_metric(QUEUED, |n| n >= 1.0);
    assert!(relay.transactions().is_empty());
    site.configure(&buzz.configuration(&mail("right"), &["anne@acme.example"]));
    running.signal("HUP");
    running.wait_for_line("the new configuration is in force");
    running.wait_until("the mail", |_| events(&relay).contains(&"opened".into()).then_some(()));
    running.wait_until_settled();
    let opened = events(&relay).iter().filter(|event| *event == "opened").count();
    assert_eq!(opened, 1, "{:?}", events(&relay));
}

#[test]
fn a_kill_after_the_final_dot_costs_one_copy_at_most() {
    let buzz = Buzz::start();
    let relay = Relay::start(0, vec![Script::SilentAfterDot, Script::Accept]);
    let mail = Buzz::relay(relay.port);
    let site = Site::new(&buzz.configuration(&mail, &["anne@acme.example"]));
    let mut running = buzz.watched_by(&site);
    wait_until_calm(&mut running);
    buzz.anger(40);
    running.wait_until("the final dot", |_| (relay.transactions().len() == 1).then_some(()));
    running.kill();
    let mut running = buzz.watched_by(&site);
    let first = relay.transactions()[0].clone();
    let copies = || -> Vec<Transaction> {
        let id = header(&first, "Message-ID");
        let all = relay.transactions().into_iter();
        all.filter(|message| header(message, "Message-ID") == id).collect()
    };
    running.wait_until("the copy", |_| (copies().len() == 2).then_some(()));
    running.wait_until_settled();
    assert_eq!(copies().len(), 2);
    assert_eq!(copies()[1].data, first.data, "a copy is byte for byte the same");
    running.wait_for_metric("vigie_notification_duplicates_total{channel=\"email\"}", |n| n >= 1.0);
}

/// A small disk of its own for the state, or a printed line where that is not permitted.
struct Disk(std::path::PathBuf);

impl Disk {
    fn mount(at: &std::path::Path) -> Option<Disk> {
        std::fs::create_dir(at).unwrap();
        let options = ["-t", "tmpfs", "-o", "size=16m", "vigie-test"];
        let mounted = Command::new("mount").args(options).arg(at).output();
        if mounted.is_ok_and(|done| done.status.success()) {
            return Some(Disk(at.to_owned()));
        }
        println!("skipped: no tmpfs can be mounted here");
        None
    }

    /// Takes what is free but this many bytes.
    fn fill_but(&self, left: u64) {
        let free = Command::new("stat").args(["-f", "-c", "%a %S"]).arg(&self.0).output().unwrap();
        let free = String::from_utf8(free.stdout).unwrap();
        let (blocks, size) = free.trim().split_once(' ').unwrap();
        let free = blocks.parse::<u64>().unwrap() * size.parse::<u64>().unwrap();
        let ballast = self.0.join("ballast");
        let before = std::fs::metadata(&ballast).map_or(0, |known| known.len());
        let size = (before + free).saturating_sub(left);
        let done = Command::new("fallocate").args(["-l", &size.to_string()]).arg(&ballast).status();
        assert!(done.unwrap().success(), "fallocate {size}");
    }

    /// Takes the very last byte.
    fn fill(&self) {
        let ballast = std::fs::File::create(self.0.join("ballast")).unwrap();
        let mut ballast = std::io::BufWriter::with_capacity(4_096, ballast);
        let full = std::io::copy(&mut std::io::repeat(0), &mut ballast);
        assert_eq!(full.unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    }

    fn make_room(&self) {
        std::fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

#[test]
fn a_full_disk_pauses_polls_and_loses_nothing() {
    let buzz = Buzz::start();
    let relay = Relay::start(0, vec![Script::Accept]);
    let mail = Buzz::relay(relay.port);
    let site = Site::new(&buzz.configuration(&mail, &["anne@acme.example"]));
    let Some(disk) = Disk::mount(&site.state()) else { return };
    let mut running = buzz.watched_by(&site);
    wait_until_calm(&mut running);
    let guard = "vigie_disk_guard_active";
    assert!(running.metric(guard) < 0.5, "a fresh small disk is guarded");
    disk.fill_but(2 << 20);
    running.wait_for_metric(guard, |on| on > 0.5);
    running.wait_for_line("the disk is nearly full");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let late = |hours: i64| {
        let store = SqliteStore::open_reader(&site.state()).unwrap();
        let due = runtime.block_on(store.sources()).unwrap()[0].next;
        (buzz.now().duration_since(due).as_hours() >= hours).then_some(())
    };
    running.wait_until("a poll that is an hour late", |_| late(1));
    let asked = buzz.asked();
    buzz.anger(40);
    // A new configuration makes no room.
    running.signal("HUP");
    running.wait_for_line("the new configuration is in force");
    running.wait_until("a poll that is three hours late", |_| late(3));
    assert_eq!(buzz.asked(), asked, "polled although the disk was nearly full");
    assert_eq!(running.get("/metrics").0, 200);
    disk.make_room();
    running.wait_for_metric(guard, |on| on < 0.5);
    opened(&mut running);
    running.wait_until("the mail", |_| events(&relay).contains(&"opened".into()).then_some(()));
    running.wait_until_settled();
    let (_, metrics) = running.get("/metrics");
    assert!(!metrics.contains("reason=\"full\""), "a write failed before polls paused");
    check_everything_is_there(&site, 45);
    // Something else takes the very last byte while polls go on: writes fail, and are made again.
    disk.fill();
    buzz.anger(30);
    // No scrape until then: one would find the disk full before a write does.
    running.wait_until("a write that fails, or the guard", |running| {
        let log = running.log();
        (log.contains("no space is left for the store") || log.contains("free=0")).then_some(())
    });
    running.wait_for_metric(guard, |on| on > 0.5);
    disk.make_room();
    running.wait_for_metric(guard, |on| on < 0.5);
    running.wait_until("the rest", |_| (mentions(&site) == 75).then_some(()));
    running.wait_until_settled();
    check_everything_is_there(&site, 75);
    running.signal("TERM");
    assert_eq!(running.wait().0, Some(0));
}

fn mentions(site: &Site) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store = SqliteStore::open_reader(&site.state()).unwrap();
    runtime.block_on(store.count_mentions(&MentionQuery::default())).unwrap()
}

fn check_everything_is_there(site: &Site, wanted: u64) {
    assert_eq!(mentions(site), wanted);
    let status = site.run(&["status", "--verify"]);
    let said = String::from_utf8_lossy(&status.stderr).into_owned();
    assert!(status.status.success() && !said.contains("damaged"), "{said}");
    let found = site.run(&["search", "Acme", "--json", "--limit", "500"]);
    let lines = String::from_utf8_lossy(&found.stdout).lines().count();
    assert_eq!(lines as u64, wanted, "{}", String::from_utf8_lossy(&found.stderr));
}

#[test]
fn a_stop_under_load_is_clean_within_the_grace() {
    let buzz = Buzz::start();
    // The relay keeps the mail and never answers: nothing that is under way will end by itself.
    let relay = Relay::start(0, vec![Script::SilentAfterDot]);
    let more: String = (0..30)
        .map(|n| {
            let path = format!("/feed-{n}");
            let items: Vec<(String, String)> = (0..150)
                .map(|i| (format!("{n}-{i}"), format!("Acme {i} déçoit {n} fois, quelle honte")))
                .collect();
            buzz.web().serve(&path, Answer::ok(rss(&items)));
            source(&format!("load-{n}"), &buzz.web().url(&path))
        })
        .collect();
    let mail = Buzz::relay(relay.port);
    let site = Site::new(&(buzz.configuration(&mail, &["anne@acme.example"]) + &more));
    let mut running = buzz.watched_by(&site);
    buzz.anger(40);
    running.wait_until("the mail to hang", |_| (!relay.transactions().is_empty()).then_some(()));
    running.signal("TERM");
    let (code, log) = running.wait();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("stopped") && log.contains("left to the next start"), "{log}");
    let outbox = site.run(&["status", "--verify"]);
    let table = String::from_utf8_lossy(&outbox.stdout).into_owned();
    assert!(!table.contains("sent"), "a mail without an answer is not sent:\n{table}");
}

fn source(id: &str, url: &str) -> String {
    format!(
        "[[source]]\nid = \"{id}\"\nkind = \"feed\"\nurl = \"{url}\"\nevery = \"60s\"\n\
         allow_private = [\"127.0.0.1\"]\n"
    )
}

#[test]
fn every_sick_source_has_a_line_that_says_what_is_wrong() {
    let buzz = Buzz::start();
    buzz.web().serve("/torn", Answer::ok("<rss version=\"2.0\"><channel><title>Acme</tit"));
    buzz.web().serve("/page", Answer::ok("<html><body>Acme</body></html>"));
    buzz.web().serve("/gone", Answer::status(404));
    let nobody = format!("http://127.0.0.1:{}/feed", free_port());
    let sick = [
        ("torn", buzz.web().url("/torn"), "breaks off"),
        ("page", buzz.web().url("/page"), "web page"),
        ("gone", buzz.web().url("/gone"), "404"),
        ("nobody", nobody, "connect"),
        ("nowhere", "https://nowhere.invalid/feed".to_owned(), "nowhere.invalid"),
    ];
    let sources: String = sick.iter().map(|(id, url, _)| source(id, url)).collect();
    let site = Site::new(
        &(buzz.configuration("relay = \"127.0.0.1:9\"\ntls = \"none\"", &[""; 0]) + &sources),
    );
    let mut running = buzz.watched_by(&site);
    for (id, _, part) in sick {
        let line = running.wait_until(&format!("the line of {id}"), |_| {
            let status = site.run(&["status"]);
            let table = String::from_utf8(status.stdout).unwrap();
            let line = table.lines().find(|line| line.trim_start().starts_with(id))?;
            (!line.trim_end().ends_with("ok")).then(|| line.trim().to_owned())
        });
        assert!(line.contains(part), "no {part:?} in: {line}");
    }
    wait_until_calm(&mut running);
}
