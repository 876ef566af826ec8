//! Real servers: a Prometheus that scrapes, promtool that judges, a Postfix that takes the mail.
//!
//! Where a program is missing, a test says so in one line and passes; with `VIGIE_INTEROP=1`, as in
//! CI, it has to be there.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::daemon::{Site, get};
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
