//! From bytes to text: which encoding they are in, and out with what XML forbids.
//!
//! Done before any parser sees the feed: `feed-rs` panics on some encodings, and refuses a feed
//! that declares one it is not in.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::source::Problem;

/// The text of a body, without byte-order mark, XML declaration and characters that XML forbids.
pub(super) fn decode(body: &[u8], content_type: Option<&str>) -> (String, Vec<Problem>) {
    let mut problems = Vec::new();
    let text = match marked(body) {
        Some(text) => text,
        None => labelled(body, content_type, &mut problems),
    };
    (tidy(&text), problems)
}

/// Text whose first bytes tell its encoding: a byte-order mark, or `<` in two or four bytes.
/// RFC 7303 §3.3 puts the mark above every label.
fn marked(body: &[u8]) -> Option<String> {
    // UTF-32 before UTF-16: its little-endian mark begins like the other's.
    let text = match body {
        [0, 0, 0xFE, 0xFF, rest @ ..] => utf32(rest, u32::from_be_bytes),
        [0xFF, 0xFE, 0, 0, rest @ ..] => utf32(rest, u32::from_le_bytes),
        [0, 0, 0, b'<' | b'{', ..] => utf32(body, u32::from_be_bytes),
        [b'<' | b'{', 0, 0, 0, ..] => utf32(body, u32::from_le_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => UTF_8.decode_without_bom_handling(rest).0.into_owned(),
        [0xFE, 0xFF, rest @ ..] => UTF_16BE.decode_without_bom_handling(rest).0.into_owned(),
        [0xFF, 0xFE, rest @ ..] => UTF_16LE.decode_without_bom_handling(rest).0.into_owned(),
        [0, b'<' | b'{', ..] => UTF_16BE.decode_without_bom_handling(body).0.into_owned(),
        [b'<' | b'{', 0, ..] => UTF_16LE.decode_without_bom_handling(body).0.into_owned(),
        _ => return None,
    };
    Some(text)
}

/// `encoding_rs` has no UTF-32, which browsers dropped.
fn utf32(bytes: &[u8], number: fn([u8; 4]) -> u32) -> String {
    let (units, _rest) = bytes.as_chunks::<4>();
    units
        .iter()
        .map(|unit| char::from_u32(number(*unit)).unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// Text in a one-byte-compatible encoding, by the header's word, then by the document's.
fn labelled(body: &[u8], content_type: Option<&str>, problems: &mut Vec<Problem>) -> String {
    let outer = content_type.and_then(charset_parameter).and_then(encoding_of);
    let inner = declared(body).and_then(encoding_of);
    // RFC 7303 §3.2 puts the header above the declaration. But bytes that are valid UTF-8 and not
    // plain ASCII are UTF-8 whatever a server's default says: no text of a one-byte encoding
    // looks like that by accident.
    let one_byte = [outer, inner].into_iter().flatten().all(Encoding::is_single_byte);
    let may_be_utf_8 = one_byte
        || outer == Some(UTF_8)
        || (outer.is_none() && inner.is_none_or(|encoding| encoding == UTF_8));
    if may_be_utf_8 && let Ok(text) = std::str::from_utf8(body) {
        return text.to_owned();
    }
    let mut tried: Option<&'static Encoding> = None;
    for encoding in [outer, inner, Some(UTF_8)].into_iter().flatten() {
        if tried == Some(encoding) {
            continue;
        }
        if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(body) {
            if let Some(wrong) = tried {
                let what =
                    format!("not in {}, as labelled: read as {}", wrong.name(), encoding.name());
                problems.push(Problem { what });
            }
            return text.into_owned();
        }
        tried = tried.or(Some(encoding));
    }
    // A few broken bytes in what says it is UTF-8 (often a text cut in mid-character) are no
    // reason to read the rest as something else.
    let labelled = outer.or(inner).unwrap_or(UTF_8);
    let (text, _) = labelled.decode_without_bom_handling(body);
    let broken = text.matches(char::REPLACEMENT_CHARACTER).count();
    if labelled == UTF_8 && broken > 1 + body.iter().filter(|b| !b.is_ascii()).count() / 8 {
        let what = format!("not in {}, as labelled: read as windows-1252", labelled.name());
        problems.push(Problem { what });
        return WINDOWS_1252.decode_without_bom_handling(body).0.into_owned();
    }
    problems
        .push(Problem { what: format!("{broken} characters are not valid {}", labelled.name()) });
    text.into_owned()
}

/// An encoding by its label. UTF-16 cannot be meant: its bytes would have shown it before.
fn encoding_of(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label_no_replacement(label.trim().as_bytes())
        .filter(|encoding| *encoding != UTF_16LE && *encoding != UTF_16BE)
}

fn charset_parameter(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']))
    })
}

/// The encoding the XML declaration names.
fn declared(body: &[u8]) -> Option<&str> {
    let start = body.get(..body.len().min(200)).unwrap_or_default().trim_ascii_start();
    // Only the ASCII part is looked at; what follows may be in any encoding.
    let ascii = start.iter().position(|b| !b.is_ascii()).unwrap_or(start.len());
    let start = std::str::from_utf8(start.get(..ascii)?).ok()?;
    let declaration = start.strip_prefix("<?xml")?.split("?>").next()?;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value.get(1..)?.split(quote).next()
}

/// Cuts the XML declaration, which no longer tells the truth, and whatever stands before the
/// first bracket; drops the characters that XML 1.0 §2.2 forbids.
fn tidy(text: &str) -> String {
    let start = text.find(['<', '{']).unwrap_or(0);
    let mut text = text.get(start..).unwrap_or_default();
    if let Some(rest) = text.strip_prefix("<?xml").filter(|rest| !rest.starts_with('-')) {
        text = rest.split_once("?>").map_or("", |(_, rest)| rest).trim_start();
    }
    text.chars().filter(|c| is_xml_char(*c)).collect()
}

fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..) && !matches!(c, '\u{7f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRENCH: &str = "<rss>« été » à l’œuvre</rss>";

    #[track_caller]
    fn check(body: &[u8], content_type: Option<&str>, expected: &str) {
        assert_eq!(decode(body, content_type).0, expected);
    }

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn a_mark_or_the_shape_of_the_first_bytes_is_above_every_label() {
        let marked = ["\u{feff}", FRENCH].concat();
        check(marked.as_bytes(), Some("text/xml; charset=iso-8859-1"), FRENCH);
        for text in [&marked, FRENCH] {
            check(&utf16(text, u16::to_le_bytes), Some("text/xml; charset=utf-8"), FRENCH);
            check(&utf16(text, u16::to_be_bytes), None, FRENCH);
            let wide: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
            check(&wide, None, FRENCH);
            let wide: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
            check(&wide, None, FRENCH);
        }
    }

    #[test]
    fn the_header_is_above_the_declaration() {
        let body = b"<?xml version='1.0' encoding='iso-8859-5'?><rss>\xe9t\xe9</rss>";
        check(body, Some("application/xml; charset=\"windows-1252\""), "<rss>été</rss>");
        check(body, None, "<rss>щtщ</rss>");
    }

    #[test]
    fn valid_utf_8_is_utf_8_whatever_a_server_says() {
        check(FRENCH.as_bytes(), Some("text/xml; charset=ISO-8859-1"), FRENCH);
        let declared = format!("<?xml version=\"1.0\" encoding=\"windows-1252\"?>\n{FRENCH}");
        check(declared.as_bytes(), None, FRENCH);
        let wrong = format!("<?xml version=\"1.0\" encoding=\"utf-16\"?>{FRENCH}");
        check(wrong.as_bytes(), None, FRENCH);
    }

    #[test]
    fn bytes_that_are_not_as_labelled_are_read_and_reported() {
        let (text, problems) =
            decode(b"<rss>\xe9t\xe9 \x80</rss>", Some("text/xml; charset=utf-8"));
        assert_eq!(text, "<rss>été €</rss>");
        assert_eq!(problems.len(), 1);
        let cut = "<rss>déjà".as_bytes();
        let (text, problems) = decode(&cut[..cut.len() - 1], None);
        assert_eq!((text.as_str(), problems.len()), ("<rss>déj\u{fffd}", 1));
    }

    #[test]
    fn what_xml_forbids_is_gone() {
        check(b"\n  <?xml version='1.0'?>\r\n<rss>a\0b\x0bc\x1f</rss>", None, "<rss>abc</rss>");
    }
}
