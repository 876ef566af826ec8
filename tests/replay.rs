//! `vigie replay`, with the real binary: what it decides is what the daemon decided, and what it
//! prints is what scripts read.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use vigie::config::{Surroundings, load};
use vigie::daemon::Daemon;
use vigie::model::time::ManualClock;
use vigie::model::{Incident, State, Timestamp, WatchId};
use vigie::replay::Course;
use vigie::store::Store;
use vigie::store::sqlite::SqliteStore;

use crate::support::buzz::{Buzz, angry, wait_until_calm};
use crate::support::configuration;
use crate::support::daemon::{PATIENCE, Site};
use crate::support::past::{decided, incidents, replayed};
use crate::support::web::{Answer, Web, rss};

/// SplitMix64: the same in every run.
fn dice(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn json(output: &[u8]) -> Vec<Value> {
    text(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What a stream of mentions tells of each: when, by whom, how bad.
fn line(second: i64, tone: &str, author: u64) -> String {
    let at = Timestamp::from_second(1_793_000_000 / 86_400 * 86_400 + second).unwrap();
    format!("{{\"published\":\"{at}\",\"tone\":\"{tone}\",\"author\":\"a{author}\"}}")
}

/// Second of the day on which the crisis of [`stream`] begins.
const ONSET: i64 = 25 * 86_400 + 10 * 3_600;

/// Thirty days with six mentions an hour, one in six negative, and four hours of crisis on the 26th.
fn stream(mut seed: u64) -> Vec<String> {
    let mut lines = Vec::new();
    for minute in 0..30 * 1_440 {
        let second = minute * 60;
        let crisis = (ONSET..ONSET + 4 * 3_600).contains(&second);
        for _ in 0..if crisis {
            dice(&mut seed) % 4
        } else {
            u64::from(dice(&mut seed).is_multiple_of(10))
        } {
            let negative = if crisis { 8 } else { 2 };
            let tone = if dice(&mut seed) % 12 < negative { "negative" } else { "neutral" };
            lines.push(line(second, tone, dice(&mut seed) % 3_000));
        }
    }
    lines
}

fn site_with(lines: &[String]) -> Site {
    let site = Site::new("");
    std::fs::remove_file(site.path("vigie.toml")).unwrap();
    std::fs::write(site.path("past.jsonl"), lines.join("\n")).unwrap();
    site
}

#[test]
fn a_file_is_replayed_without_a_configuration() {
    let site = site_with(&stream(1));
    let output = site.run(&["replay", "--from", "past.jsonl", "--name", "acme", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let events = json(&output.stdout);
    let names: Vec<&str> = events.iter().filter_map(|event| event["event"].as_str()).collect();
    assert_eq!((names.first(), names.last()), (Some(&"opened"), Some(&"closed")), "{names:?}");
    assert_eq!(names.iter().filter(|name| **name == "opened").count(), 1, "{names:?}");
    let first = events[0].as_object().unwrap();
    let keys: Vec<&str> = first.keys().map(String::as_str).collect();
    assert_eq!(keys, ["watch", "incident", "event", "level", "at", "because"]);
    assert_eq!(first["watch"], "acme");
    let at: Timestamp = first["at"].as_str().unwrap().parse().unwrap();
    let onset = Timestamp::from_second(1_793_000_000 / 86_400 * 86_400 + ONSET).unwrap();
    let minutes = at.duration_since(onset).as_mins();
    assert!((0..90).contains(&minutes), "opened {minutes} minutes after the onset");
    assert!(text(&output.stderr).contains("1 alert (balanced)"), "{}", text(&output.stderr));
}

/// A line with a text that has to be matched and scored.
fn spoken(hour: i64, minute: i64, said: &str) -> String {
    let at = Timestamp::from_second(1_793_000_000 / 86_400 * 86_400 + hour * 3_600 + minute * 60);
    serde_json::json!({
        "published": at.unwrap().to_string(), "text": said, "lang": "fr",
        "author": format!("a{hour}-{minute}"), "watches": [],
    })
    .to_string()
}

#[test]
fn texts_are_matched_and_scored_by_the_configured_watches() {
    let mut lines: Vec<String> =
        (0..48).map(|hour| spoken(hour, 7, "Acme ouvre une boutique à Nantes")).collect();
    lines.extend((0..40).map(|n| spoken(48, n, &angry(usize::try_from(n).unwrap()))));
    lines.push(spoken(60, 0, "Il pleut sur Nantes"));
    let site = site_with(&lines);
    site.configure(&configuration("Acme", &[("blog", "https://blog.example/feed")]));
    let output = site.run(&["replay", "--from", "past.jsonl", "--json"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("89 lines, 0 of them bad, 1 about no watch"), "{said}");
    let events = json(&output.stdout);
    assert_eq!((&events[0]["watch"], &events[0]["event"]), (&"acme".into(), &"opened".into()));
}

#[test]
fn lines_of_one_moment_may_come_in_any_order() {
    let mut lines = stream(2);
    let replayed = |lines: &[String]| {
        let site = site_with(lines);
        text(&site.run(&["replay", "--from", "past.jsonl", "--json"]).stdout)
    };
    let ordered = replayed(&lines);
    // Every minute of it turned round, and then the whole of it.
    lines.chunk_by_mut(|one, other| one.get(..30) == other.get(..30)).for_each(<[String]>::reverse);
    assert_eq!(replayed(&lines), ordered);
    lines.reverse();
    assert_eq!(replayed(&lines), ordered);
    assert!(ordered.contains("opened"));
}

#[test]
fn rules_stand_side_by_side_and_marks_are_found_or_missed() {
    let site = site_with(&stream(3));
    let at = |second: i64| {
        Timestamp::from_second(1_793_000_000 / 86_400 * 86_400 + second).unwrap().to_string()
    };
    let mark = |at: &str, peak: &str, name: &str| {
        format!(
            "{{\"watch\":\"replay\",\"at\":\"{at}\",\"peak\":\"{peak}\",\"name\":\"{name}\"}}\n"
        )
    };
    let marks = mark(&at(ONSET), &at(ONSET + 3 * 3_600), "rappel")
        + &mark(&at(86_400 * 5), &at(86_400 * 5 + 60), "rumeur");
    // Nobody says when the third was at its worst: the fullest of its hours is.
    let third = format!(
        "{{\"watch\":\"replay\",\"from\":\"{}\",\"until\":\"{}\",\"name\":\"boycott\"}}\n",
        at(ONSET - 3_600),
        at(ONSET + 86_400)
    );
    std::fs::write(site.path("marks.jsonl"), marks + &third).unwrap();
    let arguments = ["replay", "--from", "past.jsonl", "--marks", "marks.jsonl", "--against"];
    let output = site.run(&[&arguments[..], &["prudent,sensitive"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let shown = text(&output.stdout);
    let wide: Vec<&str> = shown.lines().filter(|line| line.chars().count() > 80).collect();
    // The last line is one sentence, which a terminal wraps.
    assert!(wide.iter().all(|line| line.starts_with("on your last")), "{wide:#?}");
    for part in
        ["balanced, the present rule: 1 incident", "before its peak", "missed", "its fullest hour"]
    {
        assert!(shown.contains(part), "no {part:?} in\n{shown}");
    }
    assert!(shown.lines().last().unwrap().starts_with("on your last 30 days: 1 alert (balanced)"));
    let printed = json(&site.run(&[&arguments[..5], &["--json"]].concat()).stdout);
    let caught: Vec<&Value> = printed.iter().filter_map(|line| line.get("caught")).collect();
    assert_eq!(caught.len(), 3);
    assert!(caught[1].is_null() && caught[2]["before_peak"].is_i64(), "{caught:?}");
    let several = site.run(&[&arguments[..3], &["--json", "--against", "prudent"]].concat());
    let rules: Vec<String> =
        json(&several.stdout).iter().map(|event| event["rule"].as_str().unwrap().into()).collect();
    assert!(rules.contains(&"balanced".to_owned()) && rules.contains(&"prudent".to_owned()));
}

#[test]
fn another_configuration_is_compared_in_all_that_it_decides_by() {
    let site = site_with(&stream(3));
    let ours = configuration("Acme", &[("blog", "https://blog.example/feed")]);
    site.configure(&ours);
    let day = |after: i64| {
        let at = Timestamp::from_second(1_793_000_000 / 86_400 * 86_400 + ONSET + after * 86_400);
        at.unwrap().strftime("%Y-%m-%d").to_string()
    };
    let fair = format!(
        "[[event]]\nname = \"Trade fair\"\nfrom = {}\nuntil = {}\nfactor = 50\n",
        day(-1),
        day(2)
    );
    let written = |name: &str, text: String| std::fs::write(site.path(name), text).unwrap();
    written("same.toml", ours.clone());
    written("fair.toml", ours.clone() + &fair);
    written("other.toml", ours.replace("query = 'Acme'", "query = 'Acme OR Bolt'"));
    let named = ["--against", "same.toml,fair.toml,other.toml,prudent"];
    let output = site.run(&[&["replay", "--from", "past.jsonl"], &named[..]].concat());
    let (shown, said) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{said}");
    for part in [
        "for `acme` same.toml decides as the present rule does; every text is matched and scored again",
        "for `acme` fair.toml differs in what is planned; every text",
        "for `acme` other.toml differs in what it finds; every text",
    ] {
        assert!(said.contains(part), "no {part:?} in\n{said}");
    }
    for part in ["balanced, the present rule: 1 incident", "same.toml: 1 incident", "prudent: 1"] {
        assert!(shown.contains(part), "no {part:?} in\n{shown}");
    }
    // The same mentions beside what was planned surprise later, and the fair is named.
    let against = ["replay", "--from", "past.jsonl", "--json", "--against", "fair.toml"];
    let events = json(&site.run(&against).stdout);
    let opened = |rule: &str| {
        let of = |event: &&Value| event["rule"] == rule && event["event"] == "opened";
        &events.iter().find(of).unwrap()["because"]
    };
    let (present, fair) = (opened("balanced"), opened("fair.toml"));
    assert_eq!(
        (&present["planned"][0], &fair["planned"][0]["name"]),
        (&Value::Null, &"Trade fair".into())
    );
    let at = |because: &Value| because["at"].as_str().unwrap().parse::<Timestamp>().unwrap();
    assert!(at(fair) > at(present), "{present} {fair}");
}

#[test]
fn another_query_hears_the_texts_of_a_file_again() {
    let mut lines: Vec<String> =
        (0..48).map(|hour| spoken(hour, 7, "Acme ouvre une boutique à Nantes")).collect();
    let bolt = |n: i64| angry(usize::try_from(n).unwrap()).replace("Acme", "Bolt");
    lines.extend((0..40).map(|n| spoken(48, n, &bolt(n))));
    let site = site_with(&lines);
    let ours = configuration("Acme", &[("blog", "https://blog.example/feed")]);
    site.configure(&ours);
    let wide = ours.replace("query = 'Acme'", "query = 'Acme OR Bolt'");
    std::fs::write(site.path("wide.toml"), wide).unwrap();
    let output = site.run(&["replay", "--from", "past.jsonl", "--against", "wide.toml"]);
    let shown = text(&output.stdout);
    assert!(shown.contains("balanced, the present rule: 0 incidents"), "{shown}");
    assert!(shown.contains("wide.toml: 1 incident"), "{shown}");
}

#[test]
fn a_bad_line_is_told_with_its_place_and_only_a_bad_file_is_refused() {
    let mut lines = stream(4);
    lines.insert(1, "rappel de lots".to_owned());
    lines.insert(2, "{\"text\":\"sans date\"}".to_owned());
    let output = site_with(&lines).run(&["replay", "--from", "past.jsonl"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("line 2: no JSON") && said.contains("line 3: no time"), "{said}");
    let refused = site_with(&lines[1..3]).run(&["replay", "--from", "past.jsonl"]);
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
    let nowhere = site_with(&[]).run(&["replay", "--from", "nowhere.jsonl"]);
    assert_eq!(nowhere.status.code(), Some(2), "{}", text(&nowhere.stderr));
    let rule = site_with(&lines).run(&["replay", "--from", "past.jsonl", "--against", "calm"]);
    assert_eq!(rule.status.code(), Some(2), "{}", text(&rule.stderr));
}

#[test]
fn a_replay_decides_what_the_daemon_decided_through_kills() {
    let buzz = Buzz::start();
    let nobody: [&str; 0] = [];
    let relay = Buzz::relay(crate::support::free_port());
    let site = Site::new(&buzz.configuration(&relay, &nobody));
    let mut running = buzz.watched_by(&site);
    wait_until_calm(&mut running);
    let mut seed = 4;
    let mut said = 100;
    for round in 0..24 {
        // Calm, then two waves of anger, with neutral words between them.
        let people = if (6..9).contains(&round) || (14..16).contains(&round) { 12 } else { 0 };
        let angry_ones = (0..people).map(|n| (None, angry(said + n)));
        let calm =
            (0..dice(&mut seed) % 3).map(|n| (None, format!("Acme ouvre le rayon {round}-{n}")));
        buzz.post(angry_ones.chain(calm).collect());
        said += people;
        // The moment of the kill is random, so it is a duration by design; nothing is awaited.
        std::thread::park_timeout(Duration::from_millis(80 + dice(&mut seed) % 700));
        running.kill();
        running = buzz.watched_by(&site);
    }
    running.wait_until("every incident to close", |_| {
        let found = incidents(&site);
        let closed = |(incident, _): &(Incident, _)| incident.state == State::Closed;
        (!found.is_empty() && found.iter().all(closed)).then_some(())
    });
    running.signal("TERM");
    assert_eq!(running.wait().0, Some(0));
    let live = incidents(&site);
    let (lines, events) = replayed(&site);
    let expected = decided(&live);
    assert!(expected.iter().any(|line| line.1 == "closed"), "{expected:#?}");
    assert_eq!(lines, expected);
    // The numbers behind the last event of each are the same to the last digit.
    for (incident, _) in &live {
        let last =
            events.iter().rfind(|event| event["incident"] == incident.id.0.as_str()).unwrap();
        assert_eq!(last["because"], serde_json::to_value(&incident.because).unwrap());
    }
    println!("{} events of {} incidents, 24 kills: the same", expected.len(), live.len());
}

/// Lives in the real daemon, at an instant that stands still, until the store knows that somebody
/// listens then.
async fn lives_at(site: &Site, at: Timestamp) {
    let path = site.path("vigie.toml");
    let mut config = load(&path, &Surroundings::default()).unwrap().config.unwrap();
    config.store.directory = site.state();
    let daemon = Daemon::start(config, Arc::new(ManualClock::at(at))).await.unwrap();
    let store = daemon.store();
    let began = std::time::Instant::now();
    loop {
        let known = store.listened().await.unwrap();
        if known.last().is_some_and(|span| span.until >= at) {
            break;
        }
        assert!(began.elapsed() < PATIENCE, "nobody listens at {at}: {known:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    daemon.stop(PATIENCE).await;
}

/// What the detector of the watch has learned, as the store keeps it.
async fn learned(site: &Site, now: Timestamp) -> f64 {
    let store = SqliteStore::open(&site.state()).unwrap();
    let watch = WatchId::new("acme").unwrap();
    let ttl = Duration::from_secs(60);
    let lease = store.claim_watch("test", &watch, ttl, now).await.unwrap().unwrap();
    let course: Course = serde_json::from_slice(&lease.checkpoint.unwrap().course).unwrap();
    course.detector.learned_hours()
}

#[test]
fn hours_in_which_the_daemon_did_not_run_are_no_calm() {
    let web = Web::start();
    web.serve("/feed", Answer::ok(rss(&[])));
    let site = Site::new(&configuration("Acme", &[("blog", &web.url("/feed"))]));
    let at = |minutes: i64| {
        Timestamp::from_second(1_793_000_000 / 86_400 * 86_400 + minutes * 60).unwrap()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        // Ten minutes are a pause, in which it listened; two days are a stop.
        for minutes in [0, 10, 2 * 1_440, 2 * 1_440 + 10] {
            lives_at(&site, at(minutes)).await;
        }
        let store = SqliteStore::open_reader(&site.state()).unwrap();
        let spans = store.listened().await.unwrap();
        let spans: Vec<_> = spans.iter().map(|span| (span.since, span.until)).collect();
        assert_eq!(spans, [(at(0), at(10)), (at(2 * 1_440), at(2 * 1_440 + 10))]);
        // The two halves of an hour that it listened to are learned when they are six hours old,
        // and two days of silence are not.
        let hours = learned(&site, at(3 * 1_440)).await;
        assert!(hours < 1.5, "{hours} hours");
    });
}
