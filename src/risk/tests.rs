//! Risks of made-up weeks: what is said, what is not, and that neither order, restart nor hostile
//! numbers change it.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;

use super::*;
use crate::model::{Measure, Tone};
use crate::rules::Rules;

static ALERTS: LazyLock<Arc<Alerts>> = LazyLock::new(|| Arc::new(Rules::builtin().alerts()));

const HOUR: i64 = 3600;

/// Seconds after a Monday noon.
fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_772_452_800 + second).unwrap()
}

/// A negative mention of its own author and text, read a minute after it was written.
fn heard(seq: Seq, second: i64) -> Echo {
    let signal = Signal {
        arrived: at(second + 60),
        event: at(second),
        tone: Tone::Negative,
        author: seq.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        fingerprint: seq.wrapping_mul(0xd6e8_feb8_6659_fd93) | 1,
        repost: false,
        reach: 0,
        kind: 0,
    };
    Echo { seq, signal, spread: None, press: None, topics: Vec::new() }
}

fn with(mut echo: Echo, change: impl FnOnce(&mut Signal)) -> Echo {
    change(&mut echo.signal);
    echo
}

fn about(topic: &str, heard: Echo) -> Echo {
    Echo { topics: vec![topic.to_owned()], ..heard }
}

fn on(site: &str, heard: Echo) -> Echo {
    Echo { press: Some(site.to_owned()), ..heard }
}

fn liked(likes: u64, heard: Echo) -> Echo {
    Echo { spread: Some((Measure::Reactions, likes)), ..heard }
}

fn radar(heard: impl IntoIterator<Item = Echo>) -> Radar {
    let mut radar = Radar::new(at(-60 * DAY));
    radar.follow(Arc::clone(&ALERTS));
    heard.into_iter().for_each(|heard| radar.hear(&heard));
    radar
}

/// The kinds of the risks an hour after the begin of the test.
#[track_caller]
fn check(heard: impl IntoIterator<Item = Echo>, expected: &[&str]) {
    let risks = radar(heard).risks(at(HOUR));
    let kinds: Vec<&str> = risks.iter().map(Risk::kind).collect();
    assert_eq!(kinds, expected, "{risks:#?}");
}

#[test]
fn a_grave_topic_needs_its_count_and_its_authors() {
    let deaths = |count: u64| (1..=count).map(|seq| about("death", heard(seq, 0)));
    check(deaths(2), &[]);
    check(deaths(3), &["topic"]);
    check(deaths(3).map(|heard| with(heard, |signal| signal.author = 7)), &[]);
    check(deaths(3).map(|heard| with(heard, |signal| signal.tone = Tone::Positive)), &[]);
    check(deaths(3).map(|heard| with(heard, |signal| signal.tone = Tone::Unknown)), &["topic"]);
    check((1..=50).map(|seq| about("prices", heard(seq, 0))), &[]);
    check((1..=50).map(|seq| about("no such topic", heard(seq, 0))), &[]);
    let old = |days: i64| (1..=3).map(move |seq| about("death", heard(seq, -days * DAY)));
    check(old(2), &[]);
}

#[test]
fn a_topic_says_how_many_and_who() {
    let risks = radar((1..=4).map(|seq| about("recall", heard(seq, 0)))).risks(at(HOUR));
    let [Risk::Topic { topic, mentions: 4, authors: 4, hours: 24, usual, seqs }] = risks.as_slice()
    else {
        panic!("{risks:?}")
    };
    assert_eq!((topic.as_str(), seqs.as_slice()), ("recall", [1, 2, 3, 4].as_slice()));
    assert!((0.0..0.1).contains(usual), "{usual}");
}

/// So many mentions of a topic every day for sixty days, and then so many more within an hour.
fn used_to(daily: u64, now: u64) -> impl Iterator<Item = Echo> {
    let past = (0..60 * daily).map(move |n| {
        let day = i64::try_from(n / daily).unwrap();
        let place = i64::try_from(n % daily).unwrap();
        heard(n, (day - 60) * DAY + place * DAY / i64::try_from(daily).unwrap())
    });
    let new = (0..now).map(move |n| heard(60 * daily + n, i64::try_from(n).unwrap()));
    past.chain(new).map(|heard| about("death", heard))
}

#[test]
fn a_topic_that_is_always_there_does_not_shout() {
    check(used_to(4, 0), &[]);
    check(used_to(4, 6), &[]);
    check(used_to(4, 16), &["topic"]);
    check(used_to(200, 10), &[]);
    check(used_to(200, 60), &["topic"]);
}

#[test]
fn an_operator_sets_the_alert_of_a_topic() {
    #[track_caller]
    fn check(file: &str, expected: &[&str]) {
        let files = [("own.toml".to_owned(), file.to_owned())];
        let mut radar = radar([about("prices", heard(1, 0)), about("death", heard(2, 0))]);
        radar.follow(Arc::new(Rules::extended(&files).unwrap().alerts()));
        let risks = radar.risks(at(HOUR));
        let told: Vec<&str> = risks
            .iter()
            .filter_map(|risk| match risk {
                Risk::Topic { topic, .. } => Some(topic.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(told, expected);
    }
    check("topic = \"prices\"\nalert = { count = 1 }\n", &["prices"]);
    check("topic = \"death\"\nalert = { count = 1 }\n", &["death"]);
    check("topic = \"death\"\nalert = false\n", &[]);
}

#[test]
fn the_press_takes_it_up_from_three_sites_on() {
    let sites = ["lemonde.fr", "lefigaro.fr", "liberation.fr"];
    let articles =
        |count: usize| (1..).zip(sites).take(count).map(|(seq, site)| on(site, heard(seq, 0)));
    check(articles(2), &[]);
    check(articles(3), &["press"]);
    check(articles(3).map(|heard| on("lemonde.fr", heard)), &[]);
    check(articles(3).map(|heard| with(heard, |signal| signal.tone = Tone::Neutral)), &[]);
    let grave = |heard| with(about("recall", heard), |signal| signal.tone = Tone::Neutral);
    check(articles(3).map(grave), &["topic", "press"]);
}

#[test]
fn an_agency_text_on_many_sites_is_one_story() {
    let sites = ["a.fr", "b.fr", "c.fr", "d.fr"];
    let text = 0x1234_5678_9abc_def1;
    let articles = (0..).zip(sites).map(|(seq, site)| {
        let fingerprint = if seq == 3 { !text } else { text ^ (1 << seq) };
        with(on(site, heard(seq, 0)), |signal| signal.fingerprint = fingerprint)
    });
    let risks = radar(articles).risks(at(HOUR));
    let [Risk::Press { sites: told, stories: 2, seqs, .. }] = risks.as_slice() else {
        panic!("{risks:?}")
    };
    assert_eq!((told.as_slice(), seqs.len()), (sites.map(str::to_owned).as_slice(), 4));
}

#[test]
fn a_brand_that_is_always_in_the_press_is_not_taken_up_each_day() {
    let daily = |day: i64, sites: u64| {
        (0..sites).map(move |n| {
            let seq = u64::try_from((day + 60) * 100).unwrap() + n;
            on(&format!("site{n}.fr"), heard(seq, day * DAY))
        })
    };
    let past = || (-60..0).flat_map(|day| daily(day, 5));
    check(past().chain(daily(0, 5)), &[]);
    check(past().chain(daily(0, 25)), &["press"]);
}

#[test]
fn a_post_runs_away_against_its_class() {
    let post = |followers: u64, likes: u64| {
        let by = |signal: &mut Signal| (signal.reach, signal.tone) = (followers, Tone::Neutral);
        [liked(likes, with(heard(1, 0), by))]
    };
    check(post(300, 20), &[]);
    check(post(300, 400), &["viral"]);
    check(post(300_000, 400), &[]);
    check(post(0, 400), &["viral"]);
    check(post(300, 400).map(|heard| with(heard, |signal| signal.tone = Tone::Positive)), &[]);
    check([Echo { spread: Some((Measure::Views, 400)), ..heard(1, 0) }], &[]);
    check([Echo { spread: Some((Measure::Views, 40_000)), ..heard(1, 0) }], &["viral"]);
}

#[test]
fn counts_that_are_read_again_are_heard() {
    let mut radar = radar([liked(3, heard(1, -2 * HOUR))]);
    assert_eq!(radar.risks(at(0)), []);
    let again = |likes| with(liked(likes, heard(1, -2 * HOUR)), |signal| signal.arrived = at(0));
    radar.recount(&again(1000));
    radar.recount(&again(2));
    let risks = radar.risks(at(0));
    let [Risk::Viral { seq: 1, measure: Measure::Reactions, per_hour, tone, .. }] =
        risks.as_slice()
    else {
        panic!("{risks:?}")
    };
    assert_eq!((*per_hour, *tone), (500.0, Tone::Negative), "counts that fall are no news");
    assert_eq!(radar.risks(at(2 * DAY)), [], "nobody has done anything for two days");
}

#[test]
fn a_watch_of_large_posts_is_used_to_them() {
    let past = (0..80).map(|n| liked(3_000, heard(n, -30 * DAY + 3 * HOUR * n.cast_signed())));
    let past: Vec<Echo> = past.collect();
    let now = |likes| liked(likes, heard(999, 0));
    check(past.iter().cloned().chain([now(3_000)]), &[]);
    check(past.into_iter().chain([now(300_000)]), &["viral"]);
}

#[test]
fn a_large_audience_is_far_above_the_usual_one() {
    let by = |followers| with(heard(9999, 0), |signal| signal.reach = followers);
    check([by(49_999)], &[]);
    check([by(120_000)], &["audience"]);
    check([with(by(120_000), |signal| signal.tone = Tone::Mixed)], &[]);
    let stars = || (0..300).map(|n| with(heard(n, -3 * DAY), |signal| signal.reach = 80_000));
    check(stars().chain([by(120_000)]), &[]);
    check(stars().chain([by(30_000_000)]), &["audience"]);
}

/// Copies of one text by accounts that speak so many seconds after each other.
fn copied(count: u64, every: i64) -> impl Iterator<Item = Echo> {
    (0..count).map(move |n| {
        let second = every * n.cast_signed();
        with(heard(n, second), |signal| {
            signal.arrived = at(HOUR);
            signal.fingerprint = 0xabcd ^ (1 << (n % 3));
        })
    })
}

#[test]
fn many_accounts_with_one_text_within_minutes_are_told() {
    check(copied(4, 10), &[]);
    check(copied(5, 10), &["coordinated"]);
    check(copied(5, 600), &[]);
    check(copied(5, 10).map(|heard| with(heard, |signal| signal.author = 7)), &[]);
    check(copied(5, 10).map(|heard| with(heard, |signal| signal.author = 0)), &[]);
    check(copied(5, 10).map(|heard| with(heard, |signal| signal.repost = true)), &[]);
    check(copied(5, 10).map(|heard| with(heard, |signal| signal.event = signal.arrived)), &[]);
    check(copied(2, 10).map(|heard| on("lemonde.fr", heard)), &[]);
    let risks = radar(copied(40, 5)).risks(at(HOUR));
    let [Risk::Coordinated { copies: 32, authors: 32, minutes: 2, seqs }] = risks.as_slice() else {
        panic!("{risks:?}")
    };
    assert_eq!(seqs.len(), 32);
}

#[test]
fn what_is_found_late_is_learned_and_is_no_risk() {
    let mut radar = Radar::new(at(-60 * DAY));
    for heard in used_to(4, 16) {
        radar.learn_from(&on(&format!("{}.fr", heard.seq), heard));
    }
    assert_eq!(radar.risks(at(HOUR)), []);
    let again = used_to(4, 16).skip(240).take(5);
    again.for_each(|heard| radar.hear(&heard));
    assert_eq!(radar.risks(at(HOUR)), [], "five are usual where four a day were learned");
}

fn anything() -> impl Strategy<Value = Echo> {
    let numbers = (0..40_u64, -3 * DAY..3 * DAY, 0..=2 * DAY, 0..4_u64, 0..4_u64);
    let sizes = prop_oneof![Just(0), Just(u64::MAX), 0..1_000_000_u64];
    let tone = prop::sample::select(Tone::ALL.to_vec());
    (numbers, sizes.clone(), prop::option::of(sizes), tone, 0..4_usize, any::<bool>()).prop_map(
        |((seq, second, late, author, text), reach, likes, tone, place, repost)| Echo {
            signal: Signal {
                arrived: at(second),
                event: at(second - late + DAY),
                tone,
                author,
                fingerprint: text * 0x1111_1111_1111_1111,
                repost,
                reach,
                kind: 0,
            },
            spread: likes.map(|likes| (Measure::Reactions, likes)),
            press: ["a.fr", "b.fr", "c.fr"].get(place).map(|site| (*site).to_owned()),
            topics: ["death", "recall"]
                .get(place)
                .map(|topic| (*topic).to_owned())
                .into_iter()
                .collect(),
            ..heard(seq, second)
        },
    )
}

proptest! {
    #[test]
    fn a_restart_changes_nothing(before in prop::collection::vec(anything(), 0..150), after in prop::collection::vec(anything(), 0..50)) {
        let mut stayed = radar(before);
        let saved = serde_json::to_vec(&stayed).unwrap();
        let mut restarted: Radar = serde_json::from_slice(&saved).unwrap();
        restarted.follow(Arc::clone(&ALERTS));
        for heard in &after {
            stayed.hear(heard);
            restarted.hear(heard);
        }
        prop_assert_eq!(&stayed, &restarted);
        for hour in [-100, 0, 1, 50, 1_000_000] {
            prop_assert_eq!(stayed.risks(at(hour * HOUR)), restarted.risks(at(hour * HOUR)));
        }
    }

    #[test]
    fn the_order_of_one_instant_does_not_matter(seed in any::<u64>(), count in 1..60_usize) {
        let mut page: Vec<Echo> = copied(5, 10).chain(used_to(2, 6)).take(count).collect();
        for (n, heard) in page.iter_mut().enumerate() {
            *heard = liked(seed >> (n % 50), on(&format!("s{}.fr", n % 7), heard.clone()));
            heard.seq = n as u64;
            heard.signal.arrived = at(HOUR);
            heard.signal.reach = seed >> (n % 40);
        }
        let there = radar(page.iter().cloned()).risks(at(HOUR));
        let back = radar(page.iter().rev().cloned()).risks(at(HOUR));
        prop_assert_eq!(there, back);
    }

    #[test]
    fn it_stays_small(flood in prop::collection::vec(anything(), 300..400)) {
        let mut radar = radar(flood);
        for n in 0..2000_u64 {
            let copied = liked(n, on("a.fr", about("death", heard(n, n.cast_signed()))));
            let copied = with(copied, |signal| signal.reach = u64::MAX);
            radar.hear(&Echo { topics: vec![format!("t{n}")], ..copied });
        }
        let saved = serde_json::to_vec(&radar).unwrap().len();
        prop_assert!(saved < 64 << 10, "{saved} bytes");
    }
}
