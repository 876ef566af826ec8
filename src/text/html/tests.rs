//! Markup as feeds, forums and toots send it, and as attackers would.

use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(html: &str, text: &str, quoted: &str) {
    assert_eq!(to_text(html), Plain { text: text.into(), quoted: quoted.into() }, "{html}");
}

#[test]
fn markup_becomes_what_a_reader_sees() {
    check("<p>Bonjour&nbsp;<b>l&rsquo;&Eacute;t&eacute;</b></p>", "Bonjour l’Été", "");
    check("<p>un</p><p>deux<br>trois</p>", "un\n\ndeux\ntrois", "");
    check("<ul><li>un</li><li>deux</li></ul>fin", "un\ndeux\nfin", "");
    check("<div><div>un</div></div>\n  <div>deux</div>", "un\ndeux", "");
    check("a<script>if (a<b) '</p>'</script>b<style>p{}</style>c<!-- <p>d -->e", "abce", "");
    check("<head><title>Titre</title></head><body>corps</body>", "corps", "");
    check("<SCRIPT>x</ScRiPt >y", "y", "");
    check("a<a title='x > y' href=\"z>\">lien</a>", "alien", "");
    check("<table><tr><td>un<td>deux<tr><td>trois</table>", "un deux\ntrois", "");
    check("bien <img class=\"emoji\" alt=\"😡\" src=x> <img alt=photo>", "bien 😡", "");
    check("&lt;b&gt; &amp;eacute;", "<b> &eacute;", "");
}

#[test]
fn the_pieces_of_a_masked_link_are_joined() {
    let link = "<a href=\"https://example.org/a/b\"><span class=\"invisible\">https://</span>\
                <span class=\"ellipsis\">example.org/a</span><span class=\"invisible\">/b</span></a>";
    check(link, "https://example.org/a/b", "");
}

#[test]
fn quotations_are_kept_apart() {
    check("<blockquote>nuls</blockquote>Je ne trouve pas", "Je ne trouve pas", "nuls");
    check("a<blockquote>b<blockquote>c</blockquote>d</blockquote>e", "a\ne", "b\nc\nd");
    let discourse = "<aside class=\"onebox quote\" data-x=1><div>eux</div></aside><p>moi</p>";
    check(discourse, "moi", "eux");
    check("<aside>à part</aside>moi", "à part\nmoi", "");
    let xenforo = "<div class='bbCodeBlock bbCodeBlock--quote'><div>eux</div></div>moi";
    check(xenforo, "moi", "eux");
}

#[test]
fn a_lone_sign_is_text() {
    check("a < b et 1 <2, c > d", "a < b et 1 <2, c > d", "");
    check("prix <bon", "prix <bon", "");
    check("R&D & co &", "R&D & co &", "");
    check("<", "<", "");
    check("", "", "");
}

#[test]
fn nothing_invisible_survives() {
    check("a\u{202e}b\u{0}c\u{e0041}d\u{200b}e&#8238;f", "abcdef", "");
    check("👩\u{200d}🚒", "👩\u{200d}🚒", "");
    assert_eq!(clean(" a\t b \r\n\r\n\r\n c\n d\u{2066} ", 100), "a b\n\nc\nd");
    assert_eq!(clean("éé", 3), "é");
    assert_eq!(clean("a bcd", 1), "a");
}

#[test]
fn hostile_markup_gives_bounded_text() {
    check(&format!("{}x", "<div>".repeat(100_000)), "x", "");
    check(&format!("{}x", "<blockquote>".repeat(100_000)), "", "x");
    check(&"<a x=\">".repeat(50_000), "", "");
    check(&"<".repeat(1000), &"<".repeat(1000), "");
    assert_eq!(to_text(&"<a".repeat(100_000)).text.len(), MAX_BYTES);
    let long = to_text(&"é ".repeat(100_000)).text;
    assert!(long.len() <= MAX_BYTES && long.len() > MAX_BYTES - 4);
}

proptest! {
    #[test]
    fn no_markup_makes_it_panic(html in "[<>/!&;#a-z \"'=é-]{0,80}") {
        let plain = to_text(&html);
        prop_assert!(plain.text.len() + plain.quoted.len() <= 3 * html.len());
    }

    #[test]
    fn cleaning_twice_changes_nothing(text in ".{0,60}", max in 0_usize..80) {
        let once = clean(&text, max);
        prop_assert!(once.len() <= max);
        prop_assert_eq!(clean(&once, max), once);
    }
}
