//! Real servers: a Prometheus that scrapes, promtool that judges, a Postfix that takes the mail.
//!
//! Where a program is missing, a test says so in one line and passes; with `VIGIE_INTEROP=1`, as in
//! CI, it has to be there.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::buzz::{Buzz, wait_until_calm};
use crate::support::daemon::{Site, get};
use crate::support::postfix::Postfix;
use crate::support::web::{Answer, Web, rss};
use crate::support::{configuration, free_port};

/// The path of a program, or a printed line; a failure where it is required.
fn program(name: &str) -> Option<PathBuf> {
    let places = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/lib/postfix/sbin"];
    let found = places.iter().map(|place| Path::new(place).join(name)).find(|path| path.exists());
    if found.is_none() {
        assert!(std::env::var_os("VIGIE_INTEROP").is_none(), "{name} is required here");
        println!("skipped: {name} is not installed");
    }
    found
}

/// A server that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn site_with_news(web: &Web) -> Site {
    let texts = ["Acme est en panne", "Quelle honte, Acme"];
    let items: Vec<(String, String)> =
        texts.iter().enumerate().map(|(n, text)| (format!("i{n}"), (*text).to_owned())).collect();
    web.serve("/feed", Answer::ok(rss(&items)));
    Site::new(&configuration("Acme", &[("blog", &web.url("/feed"))]))
}

#[test]
fn promtool_finds_nothing_to_say_about_the_metrics() {
    let Some(promtool) = program("promtool") else { return };
    let web = Web::start();
    let site = site_with_news(&web);
    let mut running = site.start();
    running.wait_for_metric(
        "vigie_mentions_total{brand=\"acme\",kind=\"feed\",sentiment=\"negative\"}",
        |n| n > 0.0,
    );
    let (_, metrics) = running.get("/metrics");
    let mut check = Command::new(promtool)
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut check.stdin.take().unwrap(), metrics.as_bytes()).unwrap();
    let output = check.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned()
        + &String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.trim().is_empty(), "{said}");
}

#[test]
fn a_real_prometheus_scrapes_and_knows_the_watch() {
    let Some(prometheus) = program("prometheus") else { return };
    let web = Web::start();
    let site = site_with_news(&web);
    let mut running = site.start();
    let target = running.address();
    let config = format!(
        "global: {{scrape_interval: 1s}}\nscrape_configs:\n- job_name: vigie\n  static_configs: [{{targets: ['{target}']}}]\n"
    );
    std::fs::write(site.path("prometheus.yml"), config).unwrap();
    let listen = format!("127.0.0.1:{}", free_port());
    let server = Command::new(prometheus)
        .arg(format!("--config.file={}", site.path("prometheus.yml").display()))
        .arg(format!("--storage.tsdb.path={}", site.path("tsdb").display()))
        .arg(format!("--web.listen-address={listen}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let server = Server(server);
    running.wait_until("Prometheus to have scraped", |_| {
        let (_, answer) = get(&listen, "/api/v1/query?query=vigie_brand_crisis_level");
        (answer.contains("\"brand\":\"acme\"") && answer.contains("\"success\"")).then_some(())
    });
    let (_, up) = get(&listen, "/api/v1/query?query=up");
    assert!(up.contains("\"1\""), "{up}");
    drop(server);
}

#[test]
fn systemd_accepts_the_unit_and_its_exposure() {
    let Some(analyze) = program("systemd-analyze") else { return };
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd/vigie.service");
    let directory = tempfile::tempdir().unwrap();
    // `verify` wants the program to be there; the path is the only thing that is changed.
    let text = std::fs::read_to_string(&unit).unwrap();
    let text = text
        .replace("/usr/bin/vigie", env!("CARGO_BIN_EXE_vigie"))
        .replace("Documentation=man:vigie(1)\n", "");
    let here = directory.path().join("vigie.service");
    std::fs::write(&here, text).unwrap();
    let verified = Command::new(&analyze).arg("verify").arg(&here).output().unwrap();
    let said = String::from_utf8_lossy(&verified.stderr).into_owned();
    assert!(verified.status.success() && !said.contains("vigie.service"), "{said}");
    let scored = Command::new(&analyze)
        .args(["security", "--offline=true", "--threshold=11"])
        .arg(&here)
        .output()
        .unwrap();
    assert!(scored.status.success(), "{}", String::from_utf8_lossy(&scored.stdout));
}

/// What a test wants to know of a delivered message.
#[derive(Debug)]
struct Read {
    id: String,
    event: String,
    /// Where the message says that its thread began; nothing for the first.
    root: Option<String>,
}

/// Reads a message as a mail reader would, and looks for what every alert has.
fn read(bytes: &[u8]) -> Read {
    use mail_parser::MimeHeaders as _;
    let raw = String::from_utf8_lossy(bytes);
    assert!(raw.contains("using TLSv1."), "it came without TLS:\n{raw}");
    let mail = mail_parser::MessageParser::default().parse(bytes).unwrap();
    let subject = mail.subject().unwrap();
    assert!(subject.contains("Acme") && !subject.contains("=?"), "{subject}");
    let text = mail.body_text(0).unwrap();
    assert!(text.contains("Acme") && !text.contains('<'), "{text}");
    let html = mail.body_html(0).unwrap();
    assert!(html.contains("<html") && html.contains("cid:"), "{html}");
    let image = mail.attachments().next().unwrap();
    assert!(image.is_content_type("image", "png"), "{:?}", image.content_type());
    assert!(image.contents().starts_with(b"\x89PNG"), "the image is damaged");
    assert!(html.contains(&format!("cid:{}", image.content_id().unwrap())), "{html}");
    let event = mail.header("X-Vigie-Event").and_then(|value| value.as_text()).unwrap();
    Read {
        id: mail.message_id().unwrap().to_owned(),
        event: event.trim().to_owned(),
        root: mail.in_reply_to().as_text().map(str::to_owned),
    }
}

#[test]
fn a_real_postfix_takes_every_mail_over_tls_once_and_in_one_thread() {
    let Some(_) = program("postfix") else { return };
    let people = ["anne", "bruno"];
    let postfix = Postfix::start(&people);
    let buzz = Buzz::start();
    let mail = format!(
        "relay = \"localhost:{}\"\nca_file = \"{}\"",
        postfix.port,
        postfix.authority().display()
    );
    let site =
        Site::new(&buzz.configuration(&mail, &people.map(|who| format!("{who}@acme.example"))));
    let mut running = buzz.watched_by(&site);
    wait_until_calm(&mut running);
    buzz.anger(12);
    running.wait_for_line("event=\"opened\"");
    buzz.anger(80);
    running.wait_for_line("event=\"raised\"");
    running.wait_for_line("event=\"closed\"");
    running.wait_until_settled();
    running.signal("TERM");
    let (code, log) = running.wait();
    assert_eq!(code, Some(0), "{log}");
    let mut told: Vec<&str> = ["opened", "raised", "closed"]
        .into_iter()
        .flat_map(|event| {
            log.lines()
                .filter(move |line| line.contains(&format!("event=\"{event}\"")))
                .map(move |_| event)
        })
        .collect();
    told.sort_unstable();
    // Postfix says yes once a message is queued; it leaves the queue when it lies in the mailbox.
    let all = told.len() * people.len();
    let seen = |what| postfix.log().matches(what).count();
    wait_for(
        || (seen(": removed") >= all && seen(": removed") == seen(": client=")).then_some(()),
        || postfix.log(),
    );
    for who in people {
        let mails = postfix.mailbox(who);
        let mails: Vec<Read> = mails.iter().map(|bytes| read(bytes)).collect();
        let mut events: Vec<&str> = mails.iter().map(|mail| mail.event.as_str()).collect();
        events.sort_unstable();
        assert_eq!(events, told, "{who}:\n{}", postfix.log());
        let first = mails.iter().find(|mail| mail.event == "opened").unwrap();
        assert_eq!(first.root, None);
        for mail in mails.iter().filter(|mail| mail.id != first.id) {
            assert_eq!(mail.root.as_deref(), Some(first.id.as_str()), "{mail:?}");
        }
    }
    println!("Postfix: {told:?} to each of {people:?}");
}

/// Looks again until there is something, with a limit.
fn wait_for<T>(look: impl Fn() -> Option<T>, otherwise: impl Fn() -> String) -> T {
    let began = std::time::Instant::now();
    while began.elapsed() < crate::support::daemon::PATIENCE {
        if let Some(seen) = look() {
            return seen;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(20));
    }
    panic!("waited in vain:\n{}", otherwise());
}
