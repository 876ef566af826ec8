//! What makes an entry the same entry wherever and whenever it is read again.
//!
//! A guid that is an address, a `urn:` or a `tag:` names one thing in the world: two feeds of one
//! site that carry the same article give one mention, so it is keyed on alone. Any other guid
//! (`1234`, `t3_abc`) means something only to its site and is keyed with the feed's host. `http`
//! and `https` are one identity: sites that move to TLS rewrite their guids.
//!
//! An entry without guid is keyed on its link, else on title and day, else on its text; then an
//! edit of the text makes another mention, for want of anything that stays.

use url::Url;

use crate::model::{ItemKey, Timestamp};
use crate::text::canonical::canonical_url;

/// What is known of an entry when its key is made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) guid: Option<&'a str>,
    pub(super) link: Option<&'a str>,
    pub(super) title: &'a str,
    pub(super) text: &'a str,
    pub(super) published: Option<Timestamp>,
}

/// The host that makes a short guid unique; `www.` comes and goes.
pub(super) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host).to_owned()
}

/// The key of an entry of a feed on `host`.
pub(super) fn key(host: &str, known: &Known<'_>) -> ItemKey {
    match (known.guid, known.link) {
        (Some(guid), _) => ItemKey::of(&guid_parts(host, guid)),
        (None, Some(link)) => ItemKey::of(&["feed", "link", &stable(link)]),
        (None, None) if !known.title.is_empty() => {
            let day = known.published.map(|at| at.strftime("%F").to_string()).unwrap_or_default();
            ItemKey::of(&["feed", host, "title", known.title, &day])
        }
        (None, None) => ItemKey::of(&["feed", host, "text", known.text]),
    }
}

/// The key of an entry that shares its guid with another one of the same document.
pub(super) fn key_with_link(host: &str, known: &Known<'_>) -> ItemKey {
    let link = known.link.map(stable).unwrap_or_default();
    let mut parts = known.guid.map(|guid| guid_parts(host, guid)).unwrap_or_default();
    parts.extend(["link", &link]);
    // Without a link to tell them apart, the title does.
    if link.is_empty() {
        parts.push(known.title);
    }
    ItemKey::of(&parts)
}

fn guid_parts<'a>(host: &'a str, guid: &'a str) -> Vec<&'a str> {
    let lower = guid.get(..8).unwrap_or(guid).to_ascii_lowercase();
    if lower.starts_with("https://") || lower.starts_with("http://") {
        let rest = guid.split_once(':').map_or(guid, |(_, rest)| rest);
        return vec!["feed", "id", rest];
    }
    let is_global = lower.starts_with("urn:") || lower.starts_with("tag:");
    if is_global { vec!["feed", "id", guid] } else { vec!["feed", "id", host, guid] }
}

/// An address without what varies between readers, but with its fragment: comments of one page
/// differ in nothing else.
fn stable(link: &str) -> String {
    let canonical = canonical_url(link).unwrap_or_else(|| link.to_owned());
    let bare = canonical.split_once(':').map_or(canonical.as_str(), |(_, rest)| rest);
    match link.split_once('#') {
        Some((_, fragment)) if !bare.contains('#') && !fragment.is_empty() => {
            format!("{bare}#{fragment}")
        }
        _ => bare.to_owned(),
    }
}
