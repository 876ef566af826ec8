//! Risks of made-up weeks: what is said, what is not, and that neither order, restart nor hostile
//! numbers change it.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::model::Measure;

static RULES: LazyLock<Rules> = LazyLock::new(Rules::builtin);

const HOUR: i64 = 3600;

/// Seconds after a Monday noon.
fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_772_452_800 + second).unwrap()
}

/// A negative mention of its own author and text, read a minute after it was written.
fn heard(seq: Seq, second: i64) -> Heard {
    Heard {
        seq,
        arrived: at(second + 60),
        event: at(second),
        tone: Tone::Negative,
        author: seq.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        fingerprint: seq.wrapping_mul(0xd6e8_feb8_6659_fd93) | 1,
        repost: false,
        followers: 0,
        kind: 0,
        counts: Counts::default(),
        press: None,
        topics: Vec::new(),
        sensitive: false,
    }
}

fn about(topic: &str, heard: Heard) -> Heard {
    Heard { topics: vec![topic.to_owned()], sensitive: true, ..heard }
}

fn on(site: &str, heard: Heard) -> Heard {
    Heard { press: Some(site.to_owned()), ..heard }
}

fn liked(likes: u64, heard: Heard) -> Heard {
    Heard { counts: Counts { likes: Some(likes), ..Counts::default() }, ..heard }
}

fn radar(heard: impl IntoIterator<Item = Heard>) -> Radar {
    let mut radar = Radar::new(at(-60 * DAY));
    heard.into_iter().for_each(|heard| radar.hear(&heard));
    radar
}

/// The kinds of the risks an hour after the begin of the test.
#[track_caller]
fn check(heard: impl IntoIterator<Item = Heard>, expected: &[&str]) {
    let risks = radar(heard).risks(at(HOUR), &RULES);
    let kinds: Vec<&str> = risks.iter().map(Risk::kind).collect();
    assert_eq!(kinds, expected, "{risks:#?}");
}

#[test]
fn a_grave_topic_needs_its_count_and_its_authors() {
    let deaths = |count: u64| (1..=count).map(|seq| about("death", heard(seq, 0)));
    check(deaths(2), &[]);
    check(deaths(3), &["topic"]);
    check(deaths(3).map(|heard| Heard { author: 7, ..heard }), &[]);
    check(deaths(3).map(|heard| Heard { tone: Tone::Positive, ..heard }), &[]);
    check(deaths(3).map(|heard| Heard { tone: Tone::Unknown, ..heard }), &["topic"]);
    check((1..=50).map(|seq| about("prices", heard(seq, 0))), &[]);
    check((1..=50).map(|seq| about("no such topic", heard(seq, 0))), &[]);
    let old = |days: i64| (1..=3).map(move |seq| about("death", heard(seq, -days * DAY)));
    check(old(2), &[]);
}

#[test]
fn a_topic_says_how_many_and_who() {
    let risks = radar((1..=4).map(|seq| about("recall", heard(seq, 0)))).risks(at(HOUR), &RULES);
    let [Risk::Topic { topic, mentions: 4, authors: 4, hours: 24, usual, seqs }] = risks.as_slice()
    else {
        panic!("{risks:?}")
    };
    assert_eq!((topic.as_str(), seqs.as_slice()), ("recall", [1, 2, 3, 4].as_slice()));
    assert!((0.0..0.1).contains(usual), "{usual}");
}

/// So many mentions of a topic every day for sixty days, and then so many more within an hour.
fn used_to(daily: u64, now: u64) -> impl Iterator<Item = Heard> {
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
    let files = |text: &str| vec![("own.toml".to_owned(), text.to_owned())];
    let one = Rules::extended(&files("topic = \"prices\"\nalert = { count = 1 }\n")).unwrap();
    let radar = radar([about("prices", heard(1, 0)), about("death", heard(2, 0))]);
    let risks = radar.risks(at(HOUR), &one);
    assert!(matches!(risks.as_slice(), [Risk::Topic { mentions: 1, .. }]), "{risks:?}");
    let none = Rules::extended(&files("topic = \"death\"\nalert = false\n")).unwrap();
    assert!(!none.is_sensitive(&["death".to_owned()]));
}

#[test]
fn the_press_takes_it_up_from_three_sites_on() {
    let sites = ["lemonde.fr", "lefigaro.fr", "liberation.fr"];
    let articles =
        |count: usize| (1..).zip(sites).take(count).map(|(seq, site)| on(site, heard(seq, 0)));
    check(articles(2), &[]);
    check(articles(3), &["press"]);
    check(articles(3).map(|heard| on("lemonde.fr", heard)), &[]);
    check(articles(3).map(|heard| Heard { tone: Tone::Neutral, ..heard }), &[]);
    let grave = |heard| Heard { tone: Tone::Neutral, ..about("recall", heard) };
    check(articles(3).map(grave), &["topic", "press"]);
}

#[test]
fn an_agency_text_on_many_sites_is_one_story() {
    let sites = ["a.fr", "b.fr", "c.fr", "d.fr"];
    let text = 0x1234_5678_9abc_def1;
    let articles = (0..).zip(sites).map(|(seq, site)| {
        let fingerprint = if seq == 3 { !text } else { text ^ (1 << seq) };
        Heard { fingerprint, ..on(site, heard(seq, 0)) }
    });
    let risks = radar(articles).risks(at(HOUR), &RULES);
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
        [liked(likes, Heard { followers, tone: Tone::Neutral, ..heard(1, 0) })]
    };
    check(post(300, 20), &[]);
    check(post(300, 400), &["viral"]);
    check(post(300_000, 400), &[]);
    check(post(0, 400), &["viral"]);
    check(post(300, 400).map(|heard| Heard { tone: Tone::Positive, ..heard }), &[]);
    let views = |views| Counts { views: Some(views), ..Counts::default() };
    check([Heard { counts: views(400), ..heard(1, 0) }], &[]);
    check([Heard { counts: views(40_000), ..heard(1, 0) }], &["viral"]);
}

#[test]
fn counts_that_are_read_again_are_heard() {
    let mut radar = radar([liked(3, heard(1, -2 * HOUR))]);
    assert_eq!(radar.risks(at(0), &RULES), []);
    let again = |likes| Heard { arrived: at(0), ..liked(likes, heard(1, -2 * HOUR)) };
    radar.recount(&again(1000));
    radar.recount(&again(2));
    let risks = radar.risks(at(0), &RULES);
    let [Risk::Viral { seq: 1, measure: Measure::Reactions, per_hour, tone, .. }] =
        risks.as_slice()
    else {
        panic!("{risks:?}")
    };
    assert_eq!((*per_hour, *tone), (500.0, Tone::Negative), "counts that fall are no news");
    assert_eq!(radar.risks(at(2 * DAY), &RULES), [], "nobody has done anything for two days");
}

#[test]
fn a_watch_of_large_posts_is_used_to_them() {
    let past = (0..80).map(|n| liked(3_000, heard(n, -30 * DAY + 3 * HOUR * n.cast_signed())));
    let past: Vec<Heard> = past.collect();
    let now = |likes| liked(likes, heard(999, 0));
    check(past.iter().cloned().chain([now(3_000)]), &[]);
    check(past.into_iter().chain([now(300_000)]), &["viral"]);
}

#[test]
fn a_large_audience_is_far_above_the_usual_one() {
    let by = |followers| Heard { followers, ..heard(9999, 0) };
    check([by(49_999)], &[]);
    check([by(120_000)], &["audience"]);
    check([Heard { tone: Tone::Mixed, ..by(120_000) }], &[]);
    let stars = || (0..300).map(|n| Heard { followers: 80_000, ..heard(n, -3 * DAY) });
    check(stars().chain([by(120_000)]), &[]);
    check(stars().chain([by(30_000_000)]), &["audience"]);
}

/// Copies of one text by accounts that speak so many seconds after each other.
fn copied(count: u64, every: i64) -> impl Iterator<Item = Heard> {
    (0..count).map(move |n| {
        let second = every * n.cast_signed();
        Heard { arrived: at(HOUR), fingerprint: 0xabcd ^ (1 << (n % 3)), ..heard(n, second) }
    })
}

#[test]
fn many_accounts_with_one_text_within_minutes_are_told() {
    check(copied(4, 10), &[]);
    check(copied(5, 10), &["coordinated"]);
    check(copied(5, 600), &[]);
    check(copied(5, 10).map(|heard| Heard { author: 7, ..heard }), &[]);
    check(copied(5, 10).map(|heard| Heard { author: 0, ..heard }), &[]);
    check(copied(5, 10).map(|heard| Heard { repost: true, ..heard }), &[]);
    check(copied(5, 10).map(|heard| Heard { event: heard.arrived, ..heard }), &[]);
    check(copied(2, 10).map(|heard| on("lemonde.fr", heard)), &[]);
    let risks = radar(copied(40, 5)).risks(at(HOUR), &RULES);
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
    assert_eq!(radar.risks(at(HOUR), &RULES), []);
    let again = used_to(4, 16).skip(240).take(5);
    again.for_each(|heard| radar.hear(&heard));
    assert_eq!(radar.risks(at(HOUR), &RULES), [], "five are usual where four a day were learned");
}

fn anything() -> impl Strategy<Value = Heard> {
    let numbers = (0..40_u64, -3 * DAY..3 * DAY, 0..=2 * DAY, 0..4_u64, 0..4_u64);
    let sizes = prop_oneof![Just(0), Just(u64::MAX), 0..1_000_000_u64];
    let tone = prop::sample::select(Tone::ALL.to_vec());
    (numbers, sizes.clone(), prop::option::of(sizes), tone, 0..4_usize, any::<bool>()).prop_map(
        |((seq, second, late, author, text), followers, likes, tone, place, repost)| Heard {
            arrived: at(second),
            event: at(second - late + DAY),
            tone,
            author,
            fingerprint: text * 0x1111_1111_1111_1111,
            repost,
            followers,
            counts: Counts { likes, shares: likes, ..Counts::default() },
            press: ["a.fr", "b.fr", "c.fr"].get(place).map(|site| (*site).to_owned()),
            topics: ["death", "recall"]
                .get(place)
                .map(|topic| (*topic).to_owned())
                .into_iter()
                .collect(),
            sensitive: place < 2,
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
        for heard in &after {
            stayed.hear(heard);
            restarted.hear(heard);
        }
        prop_assert_eq!(&stayed, &restarted);
        for hour in [-100, 0, 1, 50, 1_000_000] {
            prop_assert_eq!(stayed.risks(at(hour * HOUR), &RULES), restarted.risks(at(hour * HOUR), &RULES));
        }
    }

    #[test]
    fn the_order_of_one_instant_does_not_matter(seed in any::<u64>(), count in 1..60_usize) {
        let mut page: Vec<Heard> = copied(5, 10).chain(used_to(2, 6)).take(count).collect();
        for (n, heard) in page.iter_mut().enumerate() {
            *heard = liked(seed >> (n % 50), on(&format!("s{}.fr", n % 7), heard.clone()));
            heard.seq = n as u64;
            heard.arrived = at(HOUR);
            heard.followers = seed >> (n % 40);
        }
        let there = radar(page.iter().cloned()).risks(at(HOUR), &RULES);
        let back = radar(page.iter().rev().cloned()).risks(at(HOUR), &RULES);
        prop_assert_eq!(there, back);
    }

    #[test]
    fn it_stays_small(flood in prop::collection::vec(anything(), 300..400)) {
        let mut radar = radar(flood);
        for n in 0..2000_u64 {
            let copied = liked(n, on("a.fr", about("death", heard(n, n.cast_signed()))));
            radar.hear(&Heard { followers: u64::MAX, topics: vec![format!("t{n}")], ..copied });
        }
        let saved = serde_json::to_vec(&radar).unwrap().len();
        prop_assert!(saved < 64 << 10, "{saved} bytes");
    }
}
