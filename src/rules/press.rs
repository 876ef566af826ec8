//! Press sites: which address is one of the press, of which country and of which class.

use std::collections::HashMap;
use std::ops::Range;

use serde::Serialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use url::{Host, Url};

use super::read::File;

/// The press sites of all files, by host.
#[derive(Debug, Clone, Default)]
pub struct PressSites {
    /// With nothing for a host that is none although what is above it is one.
    by_host: HashMap<String, Option<PressSite>>,
}

/// A site of the press, known by its host and all that is below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PressSite {
    pub host: String,
    /// Two letters, or `any` for what speaks to many countries.
    pub country: String,
    pub class: PressClass,
}

/// Whom a site speaks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PressClass {
    /// Writes what the others print.
    Agency,
    National,
    Regional,
    /// Television and radio.
    Broadcast,
    Business,
    /// A trade, or a subject: computers, medicine, retail.
    Trade,
}

impl PressClass {
    const ALL: [PressClass; 6] = [
        PressClass::Agency,
        PressClass::National,
        PressClass::Regional,
        PressClass::Broadcast,
        PressClass::Business,
        PressClass::Trade,
    ];

    /// Its key in a file.
    pub fn as_str(self) -> &'static str {
        match self {
            PressClass::Agency => "agency",
            PressClass::National => "national",
            PressClass::Regional => "regional",
            PressClass::Broadcast => "broadcast",
            PressClass::Business => "business",
            PressClass::Trade => "trade",
        }
    }
}

impl PressSites {
    /// The press site that an address stands on: the nearest that is known of its host and the
    /// ones above it.
    pub fn of(&self, address: &str) -> Option<&PressSite> {
        let url = Url::parse(address).ok()?;
        let Some(Host::Domain(host)) = url.host() else { return None };
        let host = host.trim_end_matches('.');
        let above = host.match_indices('.').filter_map(|(dot, _)| host.get(dot + 1..));
        let nearest = std::iter::once(host).chain(above).find_map(|host| self.by_host.get(host));
        nearest?.as_ref()
    }

    /// How many sites are known.
    pub fn len(&self) -> usize {
        self.by_host.values().flatten().count()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl File<'_> {
    /// Reads all of a file about the press but its examples. A later file corrects an earlier one.
    pub(super) fn press(&mut self, root: &mut DeTable<'_>, country: &str, press: &mut PressSites) {
        for (key, value) in root.iter().filter(|(key, _)| key.get_ref() != "example") {
            let name = key.get_ref().as_ref();
            let class = PressClass::ALL.into_iter().find(|class| class.as_str() == name);
            if class.is_none() && name != "except" {
                let known = PressClass::ALL.map(PressClass::as_str).join(", ");
                let help = format!("known keys: press, {known}, except, example");
                self.error(key.span(), format!("unknown key `{name}`"), &help);
                continue;
            }
            for (host, span) in self.hosts(value) {
                let site = |class| PressSite { host: host.clone(), country: country.into(), class };
                let site = class.map(site);
                // In the shipped files this is a slip; an operator's file is there to correct.
                if press.by_host.insert(host.clone(), site).is_some() && !self.told {
                    self.error(span, format!("`{host}` stands twice"), "leave one of them out");
                }
            }
        }
    }

    fn hosts(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<(String, Range<usize>)> {
        let mut hosts = self.strings(value);
        hosts.retain(|(host, span)| {
            let good = is_host(host);
            if !good {
                let help = "write a host in lower case without `www.`: `lemonde.fr`";
                self.error(span.clone(), format!("`{host}` is no host"), help);
            }
            good
        });
        hosts
    }
}

fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    text.len() <= 253
        && text.contains('.')
        && text.split('.').all(label)
        && !text.starts_with("www.")
}

#[cfg(test)]
mod tests {
    use super::super::Rules;

    #[track_caller]
    fn check(address: &str, expected: Option<&str>) {
        let rules = Rules::builtin();
        let found = rules.press.of(address).map(|site| site.host.as_str());
        assert_eq!(found, expected, "{address}");
    }

    #[test]
    fn an_address_stands_on_the_nearest_site_above_it() {
        check("https://www.lemonde.fr/economie/article/2026/1.html", Some("lemonde.fr"));
        check("http://LEMONDE.fr./x", Some("lemonde.fr"));
        check("https://bigbrowser.blog.lemonde.fr/1", Some("lemonde.fr"));
        check("https://blogs.mediapart.fr/anne/blog/1", None);
        check("https://www.mediapart.fr/journal/1", Some("mediapart.fr"));
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for address in [
            "https://notlemonde.fr/",
            "https://lemonde.fr.evil.example/",
            "https://evil.example/?u=https://www.lemonde.fr/",
            "https://192.0.2.1/",
            "lemonde.fr",
            "javascript:lemonde.fr",
            "",
        ] {
            check(address, None);
        }
    }

    #[test]
    fn the_shipped_list_is_french_first() {
        let press = Rules::builtin().press;
        let french = press.by_host.values().flatten().filter(|site| site.country == "fr").count();
        assert!(french >= 200 && press.len() >= 450, "{french} of {}", press.len());
    }
}
