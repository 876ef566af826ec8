//! Whose voice does not count: `[exclude]`, `[own]`, and what a watch adds to them.

use std::fmt::Display;

use super::table::{At, Place, Problems, TableReader};
use crate::model::Roster;
use crate::model::roster::{Account, Site};

/// The lists of one table or of all of them, with the place of every entry.
#[derive(Debug, Clone, Default)]
pub(super) struct Lists {
    excluded_authors: Vec<At<Account>>,
    excluded_sites: Vec<At<Site>>,
    own_accounts: Vec<At<Account>>,
    own_sites: Vec<At<Site>>,
    employees: Vec<At<Account>>,
}

impl Lists {
    /// Those of `[exclude]`.
    pub(super) fn exclude(&mut self, table: &mut TableReader<'_, '_>) {
        self.excluded_authors.extend(accounts(table, "authors"));
        self.excluded_sites.extend(sites(table, "sites"));
    }

    /// Those of `[own]`.
    pub(super) fn own(&mut self, table: &mut TableReader<'_, '_>) {
        self.own_accounts.extend(accounts(table, "accounts"));
        self.own_sites.extend(sites(table, "sites"));
        self.employees.extend(accounts(table, "employees"));
    }

    /// Those that a watch adds for itself.
    pub(super) fn of_watch(table: &mut TableReader<'_, '_>) -> Lists {
        Lists {
            excluded_authors: accounts(table, "exclude_authors"),
            excluded_sites: sites(table, "exclude_sites"),
            own_accounts: accounts(table, "own_accounts"),
            own_sites: sites(table, "own_sites"),
            employees: Vec::new(),
        }
    }

    /// What a watch is given: the lists of all watches and its own.
    pub(super) fn with(&self, own: &Lists) -> Roster {
        fn join<T: Clone>(a: &[At<T>], b: &[At<T>]) -> Vec<T> {
            a.iter().chain(b).map(|entry| entry.value.clone()).collect()
        }
        Roster {
            excluded_authors: join(&self.excluded_authors, &own.excluded_authors),
            excluded_sites: join(&self.excluded_sites, &own.excluded_sites),
            own_accounts: join(&self.own_accounts, &own.own_accounts),
            own_sites: join(&self.own_sites, &own.own_sites),
            employees: join(&self.employees, &own.employees),
        }
    }

    /// Says which entries of these lists stand twice, or are both excluded and own; `common` are
    /// the lists of all watches, which are known good.
    pub(super) fn contradictions(&self, common: &Lists, problems: &mut Problems) {
        let mut known: Vec<(bool, String)> =
            common.entries().map(|(excluded, entry, _)| (excluded, entry)).collect();
        for (excluded, entry, place) in self.entries() {
            match known.iter().find(|(_, other)| *other == entry) {
                Some((other, _)) if *other == excluded => {
                    let title = format!("`{entry}` is listed twice");
                    problems.warning(place, title, "second time", "remove one of the two");
                }
                Some(_) => {
                    let title = format!("`{entry}` is excluded and your own");
                    let help = "what is excluded is forgotten, what is your own is kept and does \
                                not count: keep one of the two";
                    problems.error(place, title, "on the other list too", help);
                }
                None => known.push((excluded, entry)),
            }
        }
    }

    /// Every entry as it is read: whether it excludes, what it names, where it stands.
    fn entries(&self) -> impl Iterator<Item = (bool, String, &Place)> {
        fn named<T: Display>(
            excluded: bool,
            list: &[At<T>],
        ) -> impl Iterator<Item = (bool, String, &Place)> {
            list.iter().map(move |entry| (excluded, entry.value.to_string(), &entry.place))
        }
        named(true, &self.excluded_authors)
            .chain(named(true, &self.excluded_sites))
            .chain(named(false, &self.own_accounts))
            .chain(named(false, &self.own_sites))
            .chain(named(false, &self.employees))
    }
}

fn accounts(table: &mut TableReader<'_, '_>, key: &'static str) -> Vec<At<Account>> {
    let written = table.texts(key);
    let read = written.into_iter().filter_map(|At { value, place }| {
        let account = if value.contains("://") { None } else { Account::parse(&value) };
        if account.is_none() {
            let title = format!("`{value}` is no account");
            let help = "write a handle, \"@name@server.example\", or a name as it is shown";
            table.problems().error(&place, title, "neither handle nor name", help);
        }
        Some(At { value: account?, place })
    });
    read.collect()
}

fn sites(table: &mut TableReader<'_, '_>, key: &'static str) -> Vec<At<Site>> {
    let written = table.texts(key);
    let read = written.into_iter().filter_map(|At { value, place }| match site(&value) {
        Ok(value) => Some(At { value, place }),
        Err((title, help)) => {
            table.problems().error(&place, title, "not a site", &help);
            None
        }
    });
    read.collect()
}

/// Reads `coupons.example` or `*.blogspot.com`; the error is a title and the way out.
fn site(written: &str) -> Result<Site, (String, String)> {
    let text = written.trim().to_lowercase();
    if let Some((_, rest)) = text.split_once("://") {
        let host = rest.split(['/', ':', '?', '#']).next().unwrap_or_default();
        let help = format!("write the host alone: \"{host}\"");
        return Err((format!("`{written}` is an address, and a site is a host"), help));
    }
    let (host, below) = match text.strip_prefix("*.") {
        Some(host) => (host, true),
        None => (text.as_str(), false),
    };
    let host = host.trim_matches('.');
    // Hosts of the net are compared in the letters that addresses are sent in.
    let Ok(url::Host::Domain(host)) = url::Host::parse(host) else {
        let help = "write a host, \"coupons.example\", or all below one, \"*.blogspot.com\"";
        return Err((format!("`{written}` is no site"), help.to_owned()));
    };
    if !host.contains('.') || host.contains('*') {
        let help = "write a host, \"coupons.example\", or all below one, \"*.blogspot.com\"";
        return Err((format!("`{written}` is no site"), help.to_owned()));
    }
    let suffix = psl::suffix(host.as_bytes()).filter(psl::Suffix::is_known);
    let public = suffix.filter(|suffix| suffix.as_bytes() == host.as_bytes());
    match public.and_then(|suffix| suffix.typ()) {
        Some(psl::Type::Private) if !below => {
            let help = format!("if every one of them is meant, write \"*.{host}\"");
            Err((format!("`{written}` is where many people have their sites"), help))
        }
        Some(psl::Type::Icann) => {
            let help = format!("name a site below it: \"coupons.{host}\"");
            Err((format!("`{written}` is a part of the whole net"), help))
        }
        _ => Ok(Site { host, below }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: &str, expected: Option<&str>) {
        assert_eq!(
            site(written).ok().map(|site| site.to_string()).as_deref(),
            expected,
            "{written}"
        );
    }

    #[test]
    fn a_site_is_a_host_and_no_more() {
        check("Coupons.Example", Some("coupons.example"));
        check("*.blogspot.com", Some("*.blogspot.com"));
        check("épicerie.example", Some("xn--picerie-9xa.example"));
        for bad in [
            "",
            "*",
            "*.",
            "a b.example",
            "https://a.example/",
            "example",
            "192.168.1.1",
            "a.*.b",
            "co.uk",
            "*.co.uk",
            "blogspot.com",
            "x.example/path",
        ] {
            check(bad, None);
        }
    }
}
