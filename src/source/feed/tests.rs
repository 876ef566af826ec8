//! Tests of the kind `feed` on whole answers.

use super::*;
use crate::model::{Item, ItemKey};

const HOME: &str = "https://site.example.org/feed";

fn source(url: &str) -> Feed {
    Feed { url: Url::parse(url).unwrap() }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-11-24T12:00:00Z")
}

fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) -> HttpReply {
    let headers =
        headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()));
    HttpReply {
        status,
        headers: headers.collect(),
        body: body.to_vec(),
        url: Url::parse(HOME).unwrap(),
        moved: None,
    }
}

fn read_with(cursor: &Cursor, reply: &HttpReply) -> Result<Page, Unreadable> {
    source(HOME).read(cursor, &Reply::Http(reply.clone()), now())
}

fn fixture(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/source/feed");
    std::fs::read(format!("{folder}/{name}")).unwrap()
}

fn page(name: &str) -> Page {
    read_with(&Cursor::default(), &answer(200, &[], &fixture(name))).unwrap()
}

fn rss(items: &str) -> Vec<u8> {
    format!("<rss version='2.0'><channel><title>t</title>{items}</channel></rss>").into_bytes()
}

fn asked(cursor: &Cursor, now: Timestamp) -> HttpRequest {
    let Request::Http(request) = source(HOME).request(cursor, now);
    request
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a [u8]> {
    request.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_slice())
}

/// `title|text|url|author|published|language` of each item.
#[track_caller]
fn check(name: &str, expected: &[&str]) {
    let shown: Vec<String> = page(name).items.iter().map(show).collect();
    assert_eq!(shown, expected, "{name}");
}

fn show(item: &Item) -> String {
    let author = item.author.as_ref().map_or("-", |author| author.name.as_str());
    let published = item.published.map_or("-".to_owned(), |at| at.to_string());
    let url = item.url.as_deref().unwrap_or("-");
    let lang = item.lang_hint.as_deref().unwrap_or("-");
    format!("{}|{}|{url}|{author}|{published}|{lang}", item.title, item.text)
}

#[test]
fn the_oldest_formats_are_read() {
    check(
        "rss-0.91.xml",
        &[
            "Second||http://old.example.org/2|-|-|en",
            "First & foremost|An old story|http://old.example.org/1|-|-|en",
        ],
    );
    check("rss-0.92.xml", &["|A note without a title, only text|-|-|-|-"]);
    check(
        "rss-1.0.rdf",
        &[
            "Robots on strike|The robots stopped at noon.|https://rdf.example.org/a|Ada|2026-11-20T08:30:00Z|en-gb",
        ],
    );
    check(
        "atom-0.3.xml",
        &["Café & co|Early days|http://early.example.org/1|Grace|2004-01-01T10:00:00Z|en"],
    );
}

#[test]
fn the_shapes_of_the_french_press_are_read() {
    check(
        "rss-2.0-press-fr.xml",
        &[
            "Le tramway s’arrête|Panne générale depuis l'aube.\n\nLes usagers attendent.|https://site.example.org/tramway.html|Yann Kermeur|2026-11-23T17:00:00Z|fr-FR",
            "Rappel de lots d’huîtres : « aucun risque », assure la préfecture|Les ostréiculteurs dénoncent une décision brutale.|https://gazette.example.fr/huitres-rappel.html?utm_source=rss|Maëlle Le Goff|2026-11-24T06:15:00Z|fr-FR",
        ],
    );
    let replies: Vec<_> =
        page("rss-2.0-press-fr.xml").items.iter().map(|item| item.counts.replies).collect();
    assert_eq!(replies, [None, Some(17)]);
}

#[test]
fn the_pace_of_a_feed_is_what_it_says() {
    use std::time::Duration;
    let pace = page("rss-2.0-press-fr.xml").pace;
    assert_eq!(pace.at_least, Some(Duration::from_mins(15)));
    assert_eq!((pace.skip_hours, pace.skip_days), (0b111, 0b100_0000));
    assert_eq!(page("rss-1.0.rdf").pace.hint, Some(Duration::from_hours(6)));
    let aged = answer(200, &[("cache-control", "public, max-age=7200"), ("age", "600")], &rss(""));
    let pace = read_with(&Cursor::default(), &aged).unwrap().pace;
    assert_eq!(pace.at_least, Some(Duration::from_mins(110)));
    let expires =
        [("date", "Tue, 24 Nov 2026 11:00:00 GMT"), ("expires", "Tue, 24 Nov 2026 13:00:00 GMT")];
    let pace = read_with(&Cursor::default(), &answer(200, &expires, &rss(""))).unwrap().pace;
    assert_eq!(pace.at_least, Some(Duration::from_hours(2)));
}

#[test]
fn atom_says_what_its_texts_and_links_are() {
    check(
        "atom-1.0.xml",
        &[
            "One & only|Short|https://atom.example.org/en/one|Ann|2026-11-20T10:00:00Z|en",
            "Plain <b> title|Un deux trois|https://atom.example.org/blog/2026/11/deux|Collectif|2026-11-21T10:00:00Z|fr",
        ],
    );
    let newest = page("atom-1.0.xml").items.pop().unwrap();
    assert_eq!(newest.edited, Some(at("2026-11-22T10:00:00Z")));
    assert_eq!(newest.counts.replies, Some(3));
}

#[test]
fn json_feeds_are_read_also_with_numbers_for_ids() {
    check(
        "json-1.0.json",
        &[
            "One|Un|-|Joan|2026-11-01T09:00:00Z|-",
            "|Two <3|https://json.example.org/2|Joan|2026-11-02T09:00:00Z|-",
        ],
    );
    check("json-1.1.json", &["Été|Un été|https://json.example.org/a|Jeanne|-|fr"]);
}

#[test]
fn podcasts_and_videos_bring_their_descriptions_and_views() {
    check("podcast.xml", &["Épisode 12|On parle du port.|-|Radio Quai|2026-11-22T05:00:00Z|-"]);
    check(
        "video.atom",
        &[
            "Essai de la montre|Elle tombe en panne au bout de deux jours.|https://video.example.org/watch?v=abc|Testeur|2026-11-19T16:00:00Z|-",
        ],
    );
    assert_eq!(page("video.atom").items[0].counts.views, Some(1234));
}

#[test]
fn every_encoding_ends_as_the_same_text() {
    assert_eq!(page("utf-16.xml").items[0].title, "L’été à Nîmes");
    assert_eq!(page("windows-1252.xml").items[0].title, "Prix : 5 € l’unité");
}

#[test]
fn relative_links_and_bare_ampersands_are_resolved() {
    let urls: Vec<_> = page("relative.xml").items.into_iter().filter_map(|item| item.url).collect();
    assert_eq!(urls, ["https://cdn.example.org/x", "https://base.example.org/fr/un/deux?a=1&b=2"]);
}

#[test]
fn undeclared_entities_and_unclosed_markup_do_not_lose_the_feed() {
    let item = &page("undeclared-entities.xml").items[0];
    assert_eq!(item.title, "Café R&D & co");
    assert!(item.text.starts_with("Voilà du gras"), "{}", item.text);
}

#[test]
fn a_truncated_feed_gives_its_whole_entries_and_is_asked_for_again_in_full() {
    for name in ["truncated.xml", "truncated.json"] {
        let reply = answer(200, &[("etag", "\"cut\"")], &fixture(name));
        let page = read_with(&Cursor::default(), &reply).unwrap();
        let titles: Vec<_> = page.items.iter().map(|item| item.title.as_str()).collect();
        assert_eq!(titles, ["whole"], "{name}");
        assert!(page.problems[0].what.contains("breaks off"), "{:?}", page.problems);
        assert_eq!(header(&asked(&page.cursor, now()), "if-none-match"), None, "{name}");
    }
}

#[test]
fn one_broken_entry_does_not_hide_the_others() {
    let page = page("broken-middle.xml");
    let titles: Vec<_> = page.items.iter().map(|item| item.title.as_str()).collect();
    assert_eq!(titles, ["three", "one"]);
    assert!(!page.problems.is_empty());
}

#[test]
fn an_entity_bomb_expands_nothing() {
    let item = &page("billion-laughs.xml").items[0];
    assert_eq!((item.title.as_str(), item.text.as_str()), ("&l9;", "&xxe;"));
}

#[test]
fn deep_nesting_and_too_many_entries_are_survived() {
    let deep = rss(&format!("<item><guid>a</guid><description>{}x", "<div>".repeat(100_000)));
    let page = read_with(&Cursor::default(), &answer(200, &[], &deep)).unwrap();
    assert_eq!(page.items.len(), 1, "closed by the end of what holds it");
    let ends = rss(&format!("<item><guid>a</guid>{}</item>", "<x></y>".repeat(50_000)));
    let page = read_with(&Cursor::default(), &answer(200, &[], &ends)).unwrap_or_default();
    assert!(page.items.len() <= 1);
    let many: Vec<_> =
        (0..2_500).map(|n| format!("<item><guid>g{n}</guid><title>{n}</title></item>")).collect();
    let page = read_with(&Cursor::default(), &answer(200, &[], &rss(&many.concat()))).unwrap();
    assert_eq!((page.items.len(), page.items.last().unwrap().title.as_str()), (2_000, "0"));
}

#[test]
fn entries_without_id_are_told_by_link_then_title_then_text() {
    let page = page("no-ids.xml");
    assert_eq!(page.items.len(), 3);
    assert_eq!(page.problems.len(), 3, "{:?}", page.problems);
    // A corrected title under the same link is the same entry.
    let key = |items: &str| {
        read_with(&Cursor::default(), &answer(200, &[], &rss(items))).unwrap().items[0].key
    };
    assert_eq!(
        key("<item><title>a</title><link>https://x.example.org/1</link></item>"),
        key("<item><title>b</title><link>https://x.example.org/1</link></item>"),
    );
}

#[test]
fn a_guid_is_one_identity_over_http_and_https_and_in_every_feed_if_it_is_an_address() {
    let key = |feed: &str, guid: &str| -> ItemKey {
        let body = rss(&format!("<item><guid>{guid}</guid><title>t</title></item>"));
        let reply = Reply::Http(answer(200, &[], &body));
        source(feed).read(&Cursor::default(), &reply, now()).unwrap().items[0].key
    };
    let (here, there) = ("https://www.a.example/feed", "https://b.example/feed");
    assert_eq!(key(here, "http://a.example/1"), key(there, "https://a.example/1"));
    assert_eq!(key(here, "tag:a.example,2026:1"), key(there, "tag:a.example,2026:1"));
    assert_ne!(key(here, "1"), key(there, "1"));
    assert_eq!(key(here, "1"), key("https://a.example/other", "1"));
}

#[test]
fn a_guid_used_for_several_links_is_no_identity_alone() {
    let page = page("duplicated-guids.xml");
    let titles: Vec<_> = page.items.iter().map(|item| item.title.as_str()).collect();
    assert_eq!(titles, ["B", "A"]);
    assert_eq!(page.problems.len(), 1);
}

#[test]
fn undated_entries_have_no_date_and_come_in_the_order_of_feeds() {
    let items = page("undated.xml").items;
    assert!(items.iter().all(|item| item.published.is_none()));
    assert_eq!(items.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(), ["1", "2", "3"]);
}

#[test]
fn validators_go_back_byte_for_byte() {
    let mut reply = answer(200, &[("last-modified", "whenever")], &rss(""));
    reply.headers.push(("etag".to_owned(), b"W/\"\xE9-gzip\\".to_vec()));
    let page = read_with(&Cursor::default(), &reply).unwrap();
    let request = asked(&page.cursor, now());
    assert_eq!(header(&request, "if-none-match"), Some(&b"W/\"\xE9-gzip\\"[..]));
    assert_eq!(header(&request, "if-modified-since"), Some(&b"whenever"[..]));
    assert_eq!(header(&request, "a-im"), Some(&b"feed"[..]));
    assert!(page.pace.validators);
    // They belong to the address they came from.
    let Request::Http(other) = source("https://other.example/").request(&page.cursor, now());
    assert_eq!(header(&other, "if-none-match"), None);
}

#[test]
fn a_304_keeps_the_cursor_and_may_refresh_it() {
    let first = read_with(&Cursor::default(), &answer(200, &[("etag", "a")], &rss(""))).unwrap();
    let second = read_with(&first.cursor, &answer(304, &[("etag", "b")], b"")).unwrap();
    assert!(second.unchanged && second.items.is_empty());
    assert_eq!(header(&asked(&second.cursor, now()), "if-none-match"), Some(&b"b"[..]));
}

#[test]
fn a_304_from_another_address_than_the_validators_proves_nothing() {
    let first = read_with(&Cursor::default(), &answer(200, &[("etag", "a")], &rss(""))).unwrap();
    let mut elsewhere = answer(304, &[], b"");
    elsewhere.url = Url::parse("https://parked.example/").unwrap();
    let second = read_with(&first.cursor, &elsewhere).unwrap();
    assert_eq!(header(&asked(&second.cursor, now()), "if-none-match"), None);
}

#[test]
fn expires_0_drops_the_validators() {
    let reply = answer(200, &[("etag", "a"), ("expires", "0")], &rss(""));
    let page = read_with(&Cursor::default(), &reply).unwrap();
    assert_eq!(header(&asked(&page.cursor, now()), "if-none-match"), None);
}

#[test]
fn validators_that_never_match_are_given_up_one_after_the_other() {
    let reply = answer(200, &[("etag", "a"), ("last-modified", "m")], &rss(""));
    let mut page = read_with(&Cursor::default(), &reply).unwrap();
    let mut sent = Vec::new();
    for _ in 0..10 {
        page = read_with(&page.cursor, &reply).unwrap();
        assert!(page.unchanged);
        let request = asked(&page.cursor, now());
        let headers = ["if-none-match", "if-modified-since"];
        sent.push(headers.iter().filter(|name| header(&request, name).is_some()).count());
    }
    assert_eq!(sent, [2, 2, 2, 2, 1, 1, 1, 1, 1, 0]);
    assert!(!page.pace.validators);
}

#[test]
fn an_edited_entry_keeps_its_key_and_counts_as_fresh() {
    let body = |text: &str| {
        rss(&format!(
            "<item><guid>1</guid><title>t</title><description>{text}</description></item>"
        ))
    };
    let first = read_with(&Cursor::default(), &answer(200, &[], &body("before"))).unwrap();
    let again = read_with(&first.cursor, &answer(200, &[], &body("before "))).unwrap();
    let edited = read_with(&again.cursor, &answer(200, &[], &body("after"))).unwrap();
    assert_eq!((first.pace.fresh, again.pace.fresh, edited.pace.fresh), (true, false, true));
    assert_eq!(first.items[0].key, edited.items[0].key);
}

#[test]
fn a_page_is_left_for_the_feed_it_names_and_asked_again_after_a_silent_day() {
    let html = fixture("page.html");
    let page = read_with(&Cursor::default(), &answer(200, &[("etag", "page")], &html)).unwrap();
    assert!(page.more && page.items.is_empty());
    let request = asked(&page.cursor, now());
    assert_eq!(request.url.as_str(), "https://site.example.org/billets.xml");
    assert_eq!(header(&request, "if-none-match"), None);
    let later = at("2026-11-25T13:00:00Z");
    assert_eq!(asked(&page.cursor, later).url.as_str(), HOME);
    let none = read_with(&Cursor::default(), &answer(200, &[], &fixture("page-without-feed.html")));
    assert_eq!(none.unwrap_err().detail, "this is a web page that names no feed");
}

#[test]
fn a_permanent_move_is_believed_after_three_polls_over_a_day() {
    let to = Url::parse("https://new.example.org/feed").unwrap();
    let mut reply = answer(200, &[], &rss(""));
    (reply.url, reply.moved) = (to.clone(), Some(to.clone()));
    let mut cursor = Cursor::default();
    let mut asked_then = Vec::new();
    for hour in ["24T00", "24T12", "24T23", "25T00"] {
        let seen = at(&format!("2026-11-{hour}:00:00Z"));
        cursor = source(HOME).read(&cursor, &Reply::Http(reply.clone()), seen).unwrap().cursor;
        asked_then.push(asked(&cursor, seen).url == to);
    }
    assert_eq!(asked_then, [false, false, false, true]);
}

#[test]
fn each_status_has_its_reason_and_its_wait() {
    use std::time::Duration;
    let refused = |status, headers: &[(&str, &str)]| {
        read_with(&Cursor::default(), &answer(status, headers, b"<html>")).unwrap_err()
    };
    for (status, reason) in [
        (401, Reason::Denied),
        (403, Reason::Denied),
        (404, Reason::NotFound),
        (410, Reason::Gone),
        (418, Reason::Http4xx),
        (429, Reason::RateLimited),
        (503, Reason::Http5xx),
        (302, Reason::Parse),
    ] {
        assert_eq!(refused(status, &[]).reason, reason, "{status}");
    }
    let wait = |value| refused(429, &[("retry-after", value)]).retry_after;
    assert_eq!(wait("120"), Some(Duration::from_mins(2)));
    assert_eq!(wait("Tue, 24 Nov 2026 12:30:00 GMT"), Some(Duration::from_mins(30)));
    assert_eq!(wait("9999999999999999"), Some(Duration::from_hours(24)));
    assert_eq!((wait("-5"), wait("soon"), wait("NaN")), (None, None, None));
    assert!(refused(403, &[("cf-mitigated", "challenge")]).detail.contains("bot wall"));
}

#[test]
fn bases_nested_in_bases_do_not_grow_without_end() {
    for name in ["author", "channel", "x"] {
        let nested = format!("<item>{}", format!("<{name} xml:base='a/'>").repeat(40_000));
        let page = read_with(&Cursor::default(), &answer(200, &[], &rss(&nested)));
        assert!(page.is_err() || page.is_ok_and(|page| page.items.is_empty()), "{name}");
    }
}

#[test]
fn a_page_whose_feed_leads_back_to_it_is_not_asked_for_ever() {
    let html = fixture("page.html");
    let first = read_with(&Cursor::default(), &answer(200, &[], &html)).unwrap();
    assert!(first.more);
    let second = read_with(&first.cursor, &answer(200, &[], &html));
    assert!(second.unwrap_err().detail.contains("now answers with a web page"));
}

#[test]
fn a_226_adds_to_what_is_known() {
    let item = |n: u32| format!("<item><guid>{n}</guid><title>{n}</title></item>");
    let both = rss(&[item(2), item(1)].concat());
    let first = read_with(&Cursor::default(), &answer(200, &[], &rss(&item(1)))).unwrap();
    let delta = read_with(&first.cursor, &answer(226, &[], &rss(&item(2)))).unwrap();
    let whole = read_with(&delta.cursor, &answer(200, &[], &both)).unwrap();
    assert_eq!((delta.pace.fresh, whole.pace.fresh), (true, false));
    assert!(delta.removed.is_empty());
}

proptest::proptest! {
    #[test]
    fn no_pile_of_tags_makes_it_panic(
        tags in proptest::collection::vec(
            proptest::sample::select(vec![
                "<rss version='2.0'>", "<feed xmlns='http://www.w3.org/2005/Atom'>", "<rdf:RDF>",
                "<channel>", "</channel>", "<item>", "</item>", "<entry>", "</entry>", "<title>",
                "</title>", "<title type='xhtml'>", "<title type=\"html\">", "<link href='é'/>",
                "<link>", "</link>", "<author>", "</author>", "<name>", "</name>", "<guid>",
                "</guid>", "<description>", "</description>", "<![CDATA[", "]]>", "<!--", "-->",
                "&", "&amp;", "&#x92;", "&#0;", "&#xD800;", "&nbsp;", "&l9;", "«é»", "a", "1",
                "\u{92}", "<media:group>", "<media:statistics views='-1'/>", "<pubDate>", "2026-11",
                "</pubDate>", "<skipHours><hour>24</hour>", "xml:base='", "<x xml:base='/é'>",
                "<content type='image/png'>", "</content>", "<?xml", "?>", "<!DOCTYPE [", "{",
                "\"items\":[", "<", ">", "'", "\"",
            ]),
            0..40,
        )
    ) {
        let body = tags.concat();
        let _page = read_with(&Cursor::default(), &answer(200, &[], body.as_bytes()));
        let feed = format!("<rss version='2.0'><channel>{body}");
        let _page = read_with(&Cursor::default(), &answer(200, &[], feed.as_bytes()));
    }
}
