//! Stories of the daemon: the real binary, real sockets, a second or two each.

use vigie::model::{Event, IncidentId, Level, Notification, WatchId};
use vigie::store::sqlite::SqliteStore;
use vigie::store::{Evaluation, Store};

use crate::support::configuration;
use crate::support::daemon::{PATIENCE, Running, Site};
use crate::support::web::{Answer, Web, rss};

fn items(texts: &[&str]) -> String {
    let items: Vec<(String, String)> =
        texts.iter().enumerate().map(|(n, text)| (format!("i{n}"), (*text).to_owned())).collect();
    rss(&items)
}

fn polled(running: &mut Running, source: &str, result: &str) -> f64 {
    running.metric(&format!(
        "vigie_source_polls_total{{kind=\"feed\",result=\"{result}\",source=\"{source}\"}}"
    ))
}

fn wait_for_poll(running: &mut Running, source: &str, result: &str) {
    running.wait_until(&format!("{source} {result}"), |running| {
        (polled(running, source, result) > 0.0).then_some(())
    });
}

#[test]
fn a_first_start_polls_stores_indexes_and_finds() {
    let web = Web::start();
    web.serve("/feed", Answer::ok(items(&["Acme est en panne", "rien à voir", "Merci à ACME"])));
    let site = Site::new(&configuration("Acme", &[("blog", &web.url("/feed"))]));
    let mut running = site.start();
    wait_for_poll(&mut running, "blog", "ok");
    running.wait_until_settled();
    assert_eq!(running.get("/healthz").0, 200);
    let found = site.run(&["search", "panne", "--json"]);
    let text = String::from_utf8(found.stdout).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("Acme est en panne"));
    let unmatched = "vigie_source_items_total{kind=\"feed\",outcome=\"unmatched\",source=\"blog\"}";
    assert!((running.metric(unmatched) - 1.0).abs() < f64::EPSILON);
}

#[test]
fn a_restart_does_not_poll_early_and_keeps_the_cursor() {
    let web = Web::start();
    web.serve("/feed", Answer::ok(items(&["Acme"])).header("etag", "\"one\""));
    let site = Site::new(&configuration("Acme", &[("blog", &web.url("/feed"))]));
    let mut running = site.start();
    wait_for_poll(&mut running, "blog", "ok");
    running.wait_until_settled();
    running.signal("TERM");
    assert_eq!(running.wait().0, Some(0));
    // Half a day later for the daemon, seconds for us: the next poll is due and conditional.
    let asked = web.asked("/feed").len();
    let mut running = site.start();
    running.wait_for_metric("vigie_brands", |n| n > 0.0);
    assert_eq!(web.asked("/feed").len(), asked, "polled before it was due");
    drop(running);
    let anchor = jiff::Timestamp::now() - jiff::SignedDuration::from_secs(1);
    let clock = format!("{anchor},10000");
    let mut running = site.spawn(&["--clock", &clock]);
    running.wait_for("READY=1");
    wait_for_poll(&mut running, "blog", "not_modified");
    let last = web.asked("/feed").pop().unwrap();
    assert_eq!(last.headers.get("if-none-match").map(String::as_str), Some("\"one\""));
}

#[test]
fn a_refused_configuration_changes_nothing_and_a_good_one_everything() {
    let web = Web::start();
    web.serve("/a", Answer::ok(items(&["Acme"])));
    web.serve("/b", Answer::ok(items(&["Acme aussi"])));
    let good = configuration("Acme", &[("a", &web.url("/a"))]);
    let site = Site::new(&good);
    let mut running = site.start();
    wait_for_poll(&mut running, "a", "ok");
    site.configure("[[watch]]\nid = \"acme\"\nquery = \"(\"\n");
    running.signal("HUP");
    running.wait_for_line("the present one stays");
    running.wait_for_metric("vigie_config_last_reload_successful", |ok| ok < 0.5);
    let more = configuration("Acme", &[("a", &web.url("/a")), ("b", &web.url("/b"))]);
    site.configure(&more);
    running.signal("HUP");
    running.wait_for_metric("vigie_config_last_reload_successful", |ok| ok > 0.5);
    wait_for_poll(&mut running, "b", "ok");
}

#[test]
fn a_sick_source_is_named_and_the_others_go_on() {
    let web = Web::start();
    web.serve("/good", Answer::ok(items(&["Acme"])));
    web.serve("/limited", Answer::status(429).header("retry-after", "7200"));
    web.serve("/broken", Answer::status(503));
    web.serve("/garbage", Answer::ok("<rss><channel><item>".repeat(3)));
    web.serve("/page", Answer::ok("<html><body>no feed here</body></html>"));
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}/", free.local_addr().unwrap());
    drop(free);
    let urls = ["/good", "/limited", "/broken", "/garbage", "/page"].map(|path| web.url(path));
    let site = Site::new(&configuration(
        "Acme",
        &[
            ("good", &urls[0]),
            ("limited", &urls[1]),
            ("broken", &urls[2]),
            ("page", &urls[4]),
            ("nobody", &nobody),
        ],
    ));
    let mut running = site.start();
    wait_for_poll(&mut running, "good", "ok");
    wait_for_poll(&mut running, "limited", "rate_limited");
    wait_for_poll(&mut running, "broken", "http_5xx");
    wait_for_poll(&mut running, "page", "parse");
    wait_for_poll(&mut running, "nobody", "connect");
    let next = running
        .metric("vigie_source_next_poll_timestamp_seconds{kind=\"feed\",source=\"limited\"}");
    let now = jiff::Timestamp::now().as_second() as f64;
    assert!(next > now + 7_000.0, "Retry-After is not honoured: {}", next - now);
    let status = site.run(&["status"]);
    assert_eq!(status.status.code(), Some(1));
    let table = String::from_utf8(status.stdout).unwrap();
    assert!(table.contains("limited") && table.contains("good"), "{table}");
}

#[test]
fn a_private_address_is_refused_unless_the_source_allows_it() {
    let web = Web::start();
    web.serve("/feed", Answer::ok(items(&["Acme"])));
    let open = configuration("Acme", &[("inside", &web.url("/feed"))]);
    let site = Site::new(&open.replace("allow_private = [\"127.0.0.1\"]\n", ""));
    let mut running = site.start();
    wait_for_poll(&mut running, "inside", "refused_ssrf");
    assert!(web.asked("/feed").is_empty());
}

#[test]
fn two_daemons_never_share_a_state_directory() {
    let site = Site::new(&configuration("Acme", &[("a", "https://a.example/feed")]));
    let running = site.start();
    let (code, log) = site.spawn(&[]).wait();
    assert_eq!(code, Some(75), "{log}");
    assert!(log.contains("in use"), "{log}");
    drop(running);
}

#[test]
fn a_damaged_store_is_refused_with_the_way_out() {
    let site = Site::new(&configuration("Acme", &[("a", "https://a.example/feed")]));
    std::fs::create_dir(site.state()).unwrap();
    std::fs::write(site.state().join("vigie.db"), vec![0x5a; 8_192]).unwrap();
    let (code, log) = site.spawn(&[]).wait();
    assert_eq!(code, Some(78), "{log}");
    assert!(log.contains("damaged"), "{log}");
    assert!(site.state().join("vigie.db").exists(), "it must never be deleted");
}

#[test]
fn an_index_that_is_gone_or_damaged_is_built_again() {
    let web = Web::start();
    web.serve("/feed", Answer::ok(items(&["Acme est en panne", "Merci Acme"])));
    let site = Site::new(&configuration("Acme", &[("blog", &web.url("/feed"))]));
    let mut running = site.start();
    wait_for_poll(&mut running, "blog", "ok");
    running.wait_until_settled();
    running.signal("TERM");
    running.wait();
    for damage in ["gone", "meta.json"] {
        let index = site.state().join("index");
        if damage == "gone" {
            std::fs::remove_dir_all(&index).unwrap();
        } else {
            for generation in std::fs::read_dir(&index).unwrap().flatten() {
                let meta = generation.path().join("meta.json");
                if meta.exists() {
                    std::fs::write(meta, "{").unwrap();
                }
            }
        }
        let mut running = site.start();
        running.wait_until("the index to catch up", |_| {
            let found = site.run(&["search", "Acme", "--json"]);
            (String::from_utf8_lossy(&found.stdout).lines().count() == 2).then_some(())
        });
        running.signal("TERM");
        running.wait();
    }
}

#[test]
fn an_evaluator_alone_is_never_fenced() {
    let web = Web::start();
    web.serve("/feed", Answer::ok(items(&["Acme est en panne"])));
    let site = Site::new(&configuration("Acme", &[("blog", &web.url("/feed"))]));
    let mut running = site.start();
    let new = "vigie_source_items_total{kind=\"feed\",outcome=\"new\",source=\"blog\"}";
    running.wait_for_metric(new, |n| n > 0.0);
    let evaluated = "vigie_store_transaction_duration_seconds_count{op=\"commit_evaluation\"}";
    let before = running.wait_for_metric(evaluated, |n| n > 0.0);
    // A reload wakes the evaluator, and what comes then is evaluated by the detector in memory.
    web.serve("/more", Answer::ok(rss(&[("more".to_owned(), "Acme, quelle honte".to_owned())])));
    let urls = [web.url("/feed"), web.url("/more")];
    site.configure(&configuration("Acme", &[("blog", &urls[0]), ("more", &urls[1])]));
    running.signal("HUP");
    wait_for_poll(&mut running, "more", "ok");
    running.wait_for_metric(evaluated, |n| n > before);
    running.signal("TERM");
    let (code, log) = running.wait();
    assert_eq!(code, Some(0), "{log}");
    assert!(!log.contains("somebody else"), "{log}");
}

#[test]
fn a_stop_does_not_wait_for_a_site_that_hangs() {
    // A listener that accepts and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/feed", silent.local_addr().unwrap());
    let site = Site::new(&configuration("Acme", &[("silent", &url)]));
    let mut running = site.start();
    running.wait_for_metric("vigie_polls_in_flight{kind=\"feed\"}", |n| n > 0.5);
    let began = std::time::Instant::now();
    running.signal("TERM");
    let (code, log) = running.wait();
    assert_eq!(code, Some(0), "{log}");
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
    // The poll was given up and its lease given back: nothing is remembered as a failure.
    let status = site.run(&["status", "--json"]);
    let text = String::from_utf8_lossy(&status.stdout).into_owned();
    assert!(text.contains("\"failures\":0"), "{text}");
}

#[test]
fn what_is_no_longer_configured_is_no_longer_measured() {
    let web = Web::start();
    web.serve("/a", Answer::ok(items(&["Acme"])));
    web.serve("/b", Answer::status(503));
    let urls = [web.url("/a"), web.url("/b")];
    let both = configuration("Acme", &[("a", &urls[0]), ("b", &urls[1])]);
    let site = Site::new(&both);
    let mut running = site.start();
    wait_for_poll(&mut running, "a", "ok");
    wait_for_poll(&mut running, "b", "http_5xx");
    let one = configuration("Acme", &[("a", &urls[0])]);
    site.configure(&one.replace("id = \"acme\"", "id = \"other\""));
    running.signal("HUP");
    running.wait_for_line("the new configuration is in force");
    running.wait_until("the series of what is gone to end", |running| {
        let (_, text) = running.get("/metrics");
        let gone = !text.contains("source=\"b\"") && !text.contains("brand=\"acme\"");
        (gone && text.contains("vigie_source_up{kind=\"feed\",source=\"a\"} 1")).then_some(())
    });
}

#[test]
fn a_source_is_measured_from_the_first_scrape_after_a_restart() {
    let web = Web::start();
    web.serve("/feed", Answer::status(503));
    let site = Site::new(&configuration("Acme", &[("blog", &web.url("/feed"))]));
    let mut running = site.start();
    wait_for_poll(&mut running, "blog", "http_5xx");
    running.signal("TERM");
    running.wait();
    let mut running = site.start();
    let (_, text) = running.get("/metrics");
    let series = "vigie_source_consecutive_failures{kind=\"feed\",source=\"blog\"} 1";
    assert!(text.contains(series), "{text}");
    assert!(text.contains("vigie_source_up{kind=\"feed\",source=\"blog\"} 0"), "{text}");
}

#[test]
fn a_stop_does_not_wait_for_a_relay_that_hangs_and_the_mail_is_not_lost() {
    // Accepts connections and never greets.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let relay = silent.local_addr().unwrap();
    let text = configuration("Acme", &[("a", "https://a.example/feed")]);
    let mail = format!("[mail]\nrelay = \"{relay}\"\ntls = \"none\"\nfrom = \"vigie@a.example\"\n");
    let site = Site::new(&format!("{mail}{text}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = SqliteStore::open(&site.state()).unwrap();
        let now = jiff::Timestamp::now();
        let message = Notification {
            id: "acme-1.opened".to_owned(),
            channel: "email".to_owned(),
            recipient: "anne@a.example".to_owned(),
            incident: IncidentId("acme-1".to_owned()),
            event: Event::Opened,
            level: Level::Crisis,
            payload: b"Subject: x\r\n\r\nx\r\n".to_vec(),
            created: now,
        };
        let watch = WatchId::new("acme").unwrap();
        let lease = store.claim_watch("test", &watch, PATIENCE, now).await.unwrap().unwrap();
        let evaluation = Evaluation { at: now, outbox: vec![message], ..Evaluation::default() };
        store.commit_evaluation(&lease, &evaluation, now).await.unwrap();
    });
    let mut running = site.start();
    let sending = "vigie_outbox_messages{channel=\"email\",state=\"sending\"}";
    running.wait_for_metric(sending, |n| n > 0.5);
    let began = std::time::Instant::now();
    running.signal("TERM");
    let (code, log) = running.wait();
    assert_eq!(code, Some(0), "{log}");
    assert!(began.elapsed() < std::time::Duration::from_secs(12), "{:?}", began.elapsed());
    let status = String::from_utf8(site.run(&["status", "--json"]).stdout).unwrap();
    assert!(status.contains("\"state\":\"unknown\",\"count\":1"), "{status}");
}
