//! Addresses in a document: relative ones resolved, odd ones left out.

use url::Url;

/// The absolute form of an address a person can open. Other schemes (`mailto:`, `javascript:`)
/// are none, and neither is an empty one, which would resolve to the feed itself.
pub(super) fn resolve(address: &str, base: Option<&Url>) -> Option<String> {
    let address = address.trim();
    if address.is_empty() {
        return None;
    }
    let url = match Url::parse(address) {
        Ok(url) => url,
        Err(url::ParseError::RelativeUrlWithoutBase) => base?.join(address).ok()?,
        Err(_) => return None,
    };
    matches!(url.scheme(), "http" | "https" | "news" | "nntp" | "gemini" | "ftp")
        .then(|| url.to_string())
}

/// The base that holds inside an element with this `xml:base`.
pub(super) fn nested(base: Option<&Url>, xml_base: &str) -> Option<Url> {
    match base {
        Some(outer) => outer.join(xml_base.trim()).ok(),
        None => Url::parse(xml_base.trim()).ok(),
    }
}
