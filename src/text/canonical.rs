//! One spelling for an address: without tracking parameters, fragments, default ports.

use url::Url;

/// Parameters that say where a reader came from, never what is read.
const TRACKING: &[&str] = &[
    "_ga",
    "_gl",
    "at_campaign",
    "at_custom1",
    "at_custom2",
    "at_custom3",
    "at_custom4",
    "at_link_id",
    "at_link_origin",
    "at_link_type",
    "at_medium",
    "at_platform",
    "at_ptr_name",
    "at_format",
    "at_creation",
    "at_variant",
    "at_network",
    "at_bbc_team",
    "cmpid",
    "dclid",
    "ems_o",
    "fb_action_ids",
    "fb_action_types",
    "fb_ref",
    "fb_source",
    "fbclid",
    "gbraid",
    "gclid",
    "gclsrc",
    "guccounter",
    "hsctatracking",
    "igsh",
    "igshid",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "msclkid",
    "oly_anon_id",
    "oly_enc_id",
    "ref_src",
    "ref_url",
    "s_cid",
    "spm",
    "srsltid",
    "ttclid",
    "twclid",
    "vero_id",
    "wbraid",
    "wickedid",
    "xtcr",
    "xtmc",
    "xtnp",
    "xtor",
    "yclid",
    "ysclid",
];

/// Families of such parameters: Google, Matomo, HubSpot, AT Internet's e-mail marks.
const TRACKING_PREFIXES: &[&str] =
    &["utm_", "mtm_", "pk_", "piwik_", "matomo_", "_hs", "hsa_", "estat_", "xts"];

/// The canonical form of an http or https URL; `None` for anything else.
///
/// Scheme and host in lower case, without default port, user, fragment and tracking parameters;
/// the other parameters keep their order and spelling. A slash at the end of a path stays, since
/// `/a` and `/a/` may be two pages; an empty path is `/`. `http` stays `http` for the same reason.
pub fn canonical_url(url: &str) -> Option<String> {
    let mut url = Url::parse(url.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return None;
    }
    url.set_fragment(None);
    // These fail for addresses without a host only.
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    let kept: Option<Vec<&str>> = url
        .query()
        .map(|query| query.split('&').filter(|p| !p.is_empty() && !is_tracking(p)).collect());
    // Written back as it was: decoding and encoding again would change signatures.
    let kept = kept.filter(|kept| !kept.is_empty()).map(|kept| kept.join("&"));
    url.set_query(kept.as_deref());
    Some(url.into())
}

fn is_tracking(parameter: &str) -> bool {
    let name = parameter.split('=').next().unwrap_or_default().to_ascii_lowercase();
    TRACKING.contains(&name.as_str())
        || TRACKING_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_of_one_page_become_one() {
        for (url, expected) in [
            ("HTTPS://WWW.Example.ORG:443/A?b=2&a=1#c", Some("https://www.example.org/A?b=2&a=1")),
            ("http://example.org", Some("http://example.org/")),
            ("http://example.org:8080/a/", Some("http://example.org:8080/a/")),
            ("https://e.fr/a?utm_source=x&id=3&UTM_Medium=y", Some("https://e.fr/a?id=3")),
            ("https://e.fr/a.html?xtor=RSS-1&at_medium=rss&fbclid=z", Some("https://e.fr/a.html")),
            ("https://e.fr/a?ref=2&q=a%20b+c", Some("https://e.fr/a?ref=2&q=a%20b+c")),
            ("https://e.fr/?&", Some("https://e.fr/")),
            ("https://user:pass@e.fr/", Some("https://e.fr/")),
            ("https://crème.fr/é", Some("https://xn--crme-6oa.fr/%C3%A9")),
            (" https://e.fr/a ", Some("https://e.fr/a")),
            ("javascript:alert(1)", None),
            ("mailto:a@e.fr", None),
            ("/relative", None),
            ("", None),
        ] {
            assert_eq!(canonical_url(url).as_deref(), expected, "{url}");
        }
    }

    proptest! {
        #[test]
        fn a_canonical_address_stays_as_it_is(rest in "[a-z0-9/?&=%#._ é:@-]{0,40}") {
            if let Some(once) = canonical_url(&format!("https://e.fr/{rest}")) {
                prop_assert_eq!(canonical_url(&once), Some(once));
            }
        }
    }
}
