//! Two thousand sources: no herd at the start, none polled early after a restart.

use std::collections::BTreeMap;

use vigie::model::Timestamp;
use vigie::store::SourceStatus;

use crate::support::configuration_every;
use crate::support::daemon::Site;
use crate::support::web::{Answer, Web, rss};

const SOURCES: usize = 2_000;
/// Fewer hosts than sources, since each is a listener: ten sources share one.
const HOSTS: u16 = 200;
/// Seconds of the daemon in one of ours: the first polls of seven minutes take seven seconds.
const FAST: u32 = 60;

fn configured(web: &Web, count: usize) -> String {
    let sources: Vec<(String, String)> =
        (0..count).map(|n| (format!("source-{n}"), web.url_at(n, &format!("/{n}")))).collect();
    let sources: Vec<(&str, &str)> =
        sources.iter().map(|(id, url)| (id.as_str(), url.as_str())).collect();
    configuration_every("1d", "Acme", &sources)
}

fn by_id(sources: Vec<SourceStatus>) -> BTreeMap<String, SourceStatus> {
    sources.into_iter().map(|source| (source.id.to_string(), source)).collect()
}

#[test]
fn two_thousand_sources_start_spread_and_a_restart_asks_none_early() {
    let web = Web::start_at(HOSTS);
    for n in 0..=SOURCES {
        let item = (format!("i{n}"), format!("Acme {n}"));
        web.serve(&format!("/{n}"), Answer::ok(rss(&[item])).header("etag", "\"e\""));
    }
    let site = Site::new(&configured(&web, SOURCES));
    let running = site.start();
    let first = by_id(site.sources());
    assert_eq!(first.len(), SOURCES);
    let mut seconds: BTreeMap<i64, usize> = BTreeMap::new();
    for source in first.values().filter(|source| source.last_poll.is_none()) {
        *seconds.entry(source.next.as_second()).or_default() += 1;
    }
    let span = seconds.keys().next_back().unwrap() - seconds.keys().next().unwrap() + 1;
    let most = seconds.values().max().copied().unwrap();
    let mean = SOURCES as f64 / span as f64;
    println!("first polls over {span} s, {mean:.1} a second, {most} in the fullest");
    assert!((most as f64) < 4.0 * mean, "{most} in one second, {mean:.1} usual");
    running.kill();

    // Killed before most were asked: their turn stays where it was.
    let before = by_id(site.sources());
    let began = Timestamp::now();
    let mut running = site.start_with_clock(began, FAST);
    let waiting = |sources: &BTreeMap<String, SourceStatus>| {
        sources.values().filter(|source| source.last_poll.is_none()).count()
    };
    let now = by_id(site.sources());
    for (id, source) in now.iter().filter(|(_, source)| source.last_poll.is_none()) {
        assert_eq!(source.next, before[id].next, "{id} lost its turn");
    }
    running
        .wait_until("all to be polled", |_| (waiting(&by_id(site.sources())) == 0).then_some(()));
    running.wait_until_settled();
    let resident = running.metric("process_resident_memory_bytes");
    println!("{SOURCES} sources, {} requests, {:.0} MB resident", web.requests(), resident / 1e6);
    assert!(running.sum(&["vigie_task_restarts_total{"]).abs() < 0.5, "{}", running.log());
    running.signal("TERM");
    assert_eq!(running.wait().0, Some(0));

    // One more source shows that the daemon polls; none of the others is asked.
    let polled = by_id(site.sources());
    let asked = web.requests();
    site.configure(&configured(&web, SOURCES + 1));
    // The clock goes on: one set back would rightly move turns that are too far away.
    let mut running = site.start_with_clock(began, FAST);
    let newest = format!("source-{SOURCES}");
    running.wait_until("the new source to be polled", |_| {
        by_id(site.sources())[&newest].last_poll.map(drop)
    });
    let after = by_id(site.sources());
    let mut again = false;
    for (id, source) in &polled {
        if after[id].next == source.next {
            continue;
        }
        // On a busy machine a poll may fail: only then its next turn comes before a day is over.
        assert!(source.failures > 0, "{id} was moved");
        assert!(after[id].last_poll >= Some(source.next), "{id} was asked early");
        again = true;
    }
    assert!(again || web.requests() == asked + 1, "somebody was asked early");
}
