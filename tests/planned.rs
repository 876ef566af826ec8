//! What is planned, with the real binary: `check` counts it, the daemon runs with it, `status` shows it.

use crate::support::configuration;
use crate::support::daemon::Site;
use crate::support::web::{Answer, Web, rss};

#[test]
fn a_planned_event_is_counted_followed_and_shown() {
    let web = Web::start();
    web.serve("/feed", Answer::ok(rss(&[("i1".to_owned(), "Acme ouvre demain".to_owned())])));
    let day = |days: i64| {
        let day = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days);
        day.strftime("%Y-%m-%d").to_string()
    };
    let site = Site::new(&format!(
        "{}[[event]]\nname = \"Spring campaign\"\nfrom = {}\nuntil = {}\nfactor = 4\n\
         [[event]]\nname = \"Long over\"\nfrom = 2020-01-01\nuntil = 2020-01-02\n",
        configuration("Acme", &[("blog", &web.url("/feed"))]),
        day(-2),
        day(2),
    ));
    let check = site.run(&["check"]);
    let told = String::from_utf8_lossy(&check.stderr).into_owned();
    assert!(told.contains("2 planned events"), "{told}");
    let mut running = site.start();
    running.wait_for_metric(
        "vigie_source_items_total{kind=\"feed\",outcome=\"new\",source=\"blog\"}",
        |n| n > 0.5,
    );
    running.wait_until_settled();
    let status = String::from_utf8(site.run(&["status"]).stdout).unwrap();
    assert!(status.contains("Spring campaign") && status.contains("× 4"), "{status}");
    assert!(!status.contains("Long over"), "{status}");
    let json = String::from_utf8(site.run(&["status", "--json"]).stdout).unwrap();
    assert!(json.contains(r#""planned":"Spring campaign","factor":4.0"#), "{json}");
    running.signal("TERM");
    let (code, log) = running.wait();
    assert_eq!(code, Some(0), "{log}");
}
