//! Tests of the kind `discourse` on whole answers and whole descents.

use super::*;
use crate::model::Item;

fn source(backfill: u64) -> Discourse {
    Discourse { home: Url::parse("https://www.forum.example.org/").unwrap(), backfill }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let headers =
        headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()));
    let url = Url::parse("https://www.forum.example.org/posts.json").unwrap();
    let headers = headers.collect();
    Reply::Http(HttpReply { status, headers, body: body.to_vec(), url, moved: None })
}

fn fixture(name: &str) -> Page {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/source/discourse");
    let body = std::fs::read(format!("{folder}/{name}")).unwrap();
    let seen = at("2026-11-24T12:00:00Z");
    source(50).read(&Cursor::default(), &answer(200, &[], &body), seen).unwrap()
}

fn item(page: &Page, id: &str) -> Item {
    page.items.iter().find(|item| item.id == id).unwrap().clone()
}

/// The forum a descent is tried on: posts with these ids, fifty a page.
fn page_of(forum: &[u64], before: Option<u64>) -> Vec<u8> {
    let mut ids: Vec<u64> =
        forum.iter().copied().filter(|id| before.is_none_or(|b| *id < b)).collect();
    ids.sort_unstable_by(|a, b| b.cmp(a));
    let posts: Vec<Value> =
        ids.iter().take(50).map(|id| serde_json::json!({"id": id, "raw": "mot"})).collect();
    serde_json::to_vec(&serde_json::json!({ "latest_posts": posts })).unwrap()
}

fn asked_before(cursor: &Cursor) -> Option<u64> {
    let Request::Http(request) = source(50).request(cursor, at("2026-11-24T12:00:00Z"));
    request.url.query_pairs().find(|(name, _)| name == "before").map(|(_, id)| id.parse().unwrap())
}

/// Polls until nothing more is said to follow; the ids read and the cursor it ends with.
fn poll(forum: &[u64], backfill: u64, mut cursor: Cursor, now: &str) -> (Vec<u64>, Cursor, Page) {
    let mut read = Vec::new();
    for _page in 0..1_000 {
        let body = page_of(forum, asked_before(&cursor));
        let page = source(backfill).read(&cursor, &answer(200, &[], &body), at(now)).unwrap();
        read.extend(page.items.iter().map(|item| item.id.parse::<u64>().unwrap()));
        cursor = page.cursor.clone();
        if !page.more {
            read.sort_unstable();
            return (read, cursor, page);
        }
    }
    panic!("a descent without end");
}

#[test]
fn a_post_has_its_own_words_its_author_and_its_counts() {
    let page = fixture("posts.json");
    let first = item(&page, "1201");
    assert_eq!(first.title, "Virement bloqué ?");
    assert!(first.text.starts_with("La Banque Acme bloque mon virement. Vous aussi"));
    assert_eq!(first.url.as_deref(), Some("https://www.forum.example.org/t/virement-bloque/310/1"));
    assert_eq!(first.published, Some(at("2026-11-24T09:58:11.475Z")));
    assert_eq!(first.edited, Some(at("2026-11-24T10:05:00Z")));
    let counts = first.counts;
    assert_eq!((counts.likes, counts.replies, counts.views), (Some(5), Some(1), Some(17)));
    let author = first.author.unwrap();
    assert_eq!((author.name.as_str(), author.handle.as_deref()), ("Anne Martin", Some("anne")));
    assert_eq!(author.url.as_deref(), Some("https://www.forum.example.org/u/anne"));
}

#[test]
fn a_reply_keeps_what_it_quotes_apart_and_names_what_it_answers() {
    let page = fixture("posts.json");
    let (first, reply) = (item(&page, "1201"), item(&page, "1204"));
    assert_eq!(reply.text, "Pareil chez moi depuis ce matin.");
    assert!(reply.quoted.contains("La Banque Acme bloque mon virement."));
    assert_eq!((reply.title.as_str(), reply.edited), ("", None));
    assert_eq!(reply.parent, Some(first.key));
    assert_eq!((reply.thread, first.parent), (first.thread, None));
    assert!(first.thread.is_some());
}

#[test]
fn what_is_hidden_is_removed_and_what_the_engine_says_is_no_post() {
    let page = fixture("posts.json");
    assert_eq!(
        page.items.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(),
        ["1201", "1204"]
    );
    assert_eq!(page.removed.len(), 1);
}

#[test]
fn what_is_readable_of_odd_posts_is_read() {
    let page = fixture("odd.json");
    let raw = item(&page, "70");
    assert!(raw.text.contains("sans HTML") && raw.text.contains("le mien [b]"), "{}", raw.text);
    assert!(raw.quoted.contains("deux fois") && !raw.text.contains("cité"), "{}", raw.quoted);
    assert_eq!(raw.url.as_deref(), Some("https://www.forum.example.org/t/-/2/5"));
    assert_eq!(raw.author.unwrap().url.unwrap(), "https://www.forum.example.org/u/a%2F..%2Fb");
    assert_eq!(item(&page, "69").edited, None);
    assert_eq!(page.problems.len(), 4, "{:?}", page.problems);
}

#[test]
fn the_first_poll_reads_as_far_back_as_it_is_told() {
    let forum: Vec<u64> = (1..=1_000).collect();
    let (read, ..) = poll(&forum, 50, Cursor::default(), "2026-11-24T12:00:00Z");
    assert_eq!(read, (951..=1_000).collect::<Vec<_>>());
    let (read, ..) = poll(&forum, 500, Cursor::default(), "2026-11-24T12:00:00Z");
    assert_eq!(read, (501..=1_000).collect::<Vec<_>>());
}

#[test]
fn every_new_post_is_read_even_over_gaps_wider_than_a_page() {
    let mut forum: Vec<u64> = (1..=100).collect();
    let (_, cursor, _) = poll(&forum, 50, Cursor::default(), "2026-11-24T12:00:00Z");
    // Ids 101 to 400 are private; then 230 posts come.
    forum.extend(401..=630);
    let (read, cursor, last) = poll(&forum, 50, cursor, "2026-11-24T12:05:00Z");
    assert!((401..=630).all(|id| read.contains(&id)));
    assert!(last.problems.is_empty());
    let (_, _, again) = poll(&forum, 50, cursor, "2026-11-24T12:06:00Z");
    assert!(!again.pace.fresh);
}

#[test]
fn a_window_of_ids_without_a_post_does_not_end_the_descent() {
    let forum: Vec<u64> = (1..=100).collect();
    let (_, cursor, _) = poll(&forum, 50, Cursor::default(), "2026-11-24T12:00:00Z");
    let body = page_of(&[400], None);
    let now = at("2026-11-24T12:05:00Z");
    let page = source(50).read(&cursor, &answer(200, &[], &body), now).unwrap();
    assert_eq!((page.more, asked_before(&page.cursor)), (true, Some(400)));
    // Nothing at all, or the post asked from once more.
    for (window, expected) in [(&[][..], 350), (&[400][..], 350)] {
        let reply = answer(200, &[], &page_of(window, None));
        let next = source(50).read(&page.cursor, &reply, now).unwrap();
        assert_eq!((next.more, asked_before(&next.cursor)), (true, Some(expected)));
    }
}

#[test]
fn a_post_that_was_held_back_is_read_when_it_comes_out() {
    let forum: Vec<u64> = (1..=1_000).filter(|id| *id != 900).collect();
    let (_, cursor, _) = poll(&forum, 150, Cursor::default(), "2026-11-24T12:00:00Z");
    let whole: Vec<u64> = (1..=1_000).collect();
    let (read, ..) = poll(&whole, 150, cursor, "2026-11-24T12:05:00Z");
    assert!(read.contains(&900));
}

#[test]
fn a_forum_whose_ids_fell_is_read_as_a_new_one_and_says_so() {
    let forum: Vec<u64> = (1..=1_000).collect();
    let (_, cursor, _) = poll(&forum, 50, Cursor::default(), "2026-11-24T12:00:00Z");
    let (read, cursor, page) = poll(&[1, 2, 3], 50, cursor, "2026-11-24T13:00:00Z");
    assert_eq!(read, [1, 2, 3]);
    assert!(page.problems[0].what.contains("lower than before"), "{:?}", page.problems);
    let (read, _, page) = poll(&[1, 2, 3, 4], 50, cursor, "2026-11-24T13:05:00Z");
    assert!(read.contains(&4) && page.problems.is_empty());
}

#[test]
fn an_absence_too_long_to_read_in_full_is_told() {
    let (_, cursor, _) = poll(&[1_000], 50, Cursor::default(), "2026-11-24T12:00:00Z");
    let body = page_of(&[1_000_000], None);
    let now = at("2026-11-25T12:00:00Z");
    let page = source(50).read(&cursor, &answer(200, &[], &body), now).unwrap();
    assert!(page.problems[0].what.contains("only the newest 20000"), "{:?}", page.problems);
}

#[track_caller]
fn check_wait(headers: &[(&str, &str)], body: &str, seconds: u64) {
    let reply = answer(429, headers, body.as_bytes());
    let refused = source(50).read(&Cursor::default(), &reply, at("2026-11-24T12:00:00Z"));
    let refused = refused.unwrap_err();
    assert_eq!(refused.reason, Reason::RateLimited, "{body}");
    assert_eq!(refused.retry_after, Some(Duration::from_secs(seconds)), "{body}");
}

#[test]
fn the_three_ways_to_say_too_often_are_understood() {
    let code = ("discourse-rate-limit-error-code", "ip_10_secs_limit");
    check_wait(&[("retry-after", "7"), code], "Slow down, too many requests", 7);
    let told = r#"{"errors":["…"],"error_type":"rate_limit","extras":{"wait_seconds":23}}"#;
    check_wait(&[], told, 23);
    check_wait(&[("retry-after", "9")], told, 9);
    check_wait(&[], r#"{"failed":"FAILED","message":"trop de recherches"}"#, 60);
    check_wait(&[], r#"{"extras":{"wait_seconds":1e300}}"#, 86_400);
    check_wait(&[], r#"{"extras":{"wait_seconds":-4}}"#, 60);
}

#[test]
fn a_forum_for_members_and_a_page_that_is_no_forum_say_what_is_wrong() {
    let body = br#"{"errors":["You need to be logged in"],"error_type":"not_logged_in"}"#;
    let now = at("2026-11-24T12:00:00Z");
    let refused = source(50).read(&Cursor::default(), &answer(403, &[], body), now).unwrap_err();
    assert_eq!(refused.reason, Reason::Denied);
    assert!(refused.detail.contains("members only"), "{}", refused.detail);
    let page = answer(200, &[], b"<html><body>Bonjour</body></html>");
    let refused = source(50).read(&Cursor::default(), &page, now).unwrap_err();
    assert!(refused.detail.contains("web page"), "{}", refused.detail);
}
