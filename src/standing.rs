//! Whose voice an item is for a watch: one that counts, one that is kept aside, or one left out.

use serde::Serialize;
use url::Url;

use crate::model::roster::{Account, Roster, Site};
use crate::model::{Aside, Author, Item};

/// What becomes of an item that matches a watch, with the entry of the list that decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    Counts,
    /// Kept and shown, but alerts nobody.
    Aside(Aside),
    /// The watch does not match.
    Excluded(Exclusion),
}

/// Which exclusion list an item is on, and by which entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exclusion {
    Author(String),
    Site(String),
}

/// Who speaks, as lists can be asked about it: made once for an item, asked for each watch.
#[derive(Debug, Clone, Default)]
pub struct Voice<'a> {
    name: &'a str,
    /// In lower case, as the source writes it, without `@` at its beginning.
    handle: String,
    /// Of the address of the item, and of the author's.
    hosts: Vec<String>,
    /// Where the author lives: the server of a handle that does not name one.
    home: Option<String>,
}

impl<'a> Voice<'a> {
    pub fn of(item: &'a Item) -> Voice<'a> {
        let home = item.author.as_ref().and_then(|author| host(author.url.as_deref()));
        let hosts = host(item.url.as_deref()).into_iter().chain(home.clone()).collect();
        let name = item.author.as_ref().map_or("", |author| author.name.trim());
        let handle = item.author.as_ref().and_then(handle).unwrap_or_default();
        Voice { name, handle, hosts, home }
    }

    /// The account, where there is one.
    pub fn handle(&self) -> Option<&str> {
        (!self.handle.is_empty()).then_some(self.handle.as_str())
    }

    /// Excluded before own: what a team wants to forget is forgotten, whoever wrote it.
    pub fn standing(&self, roster: &Roster) -> Standing {
        if let Some(entry) = self.author(&roster.excluded_authors) {
            return Standing::Excluded(Exclusion::Author(entry));
        }
        if let Some(entry) = self.site(&roster.excluded_sites) {
            return Standing::Excluded(Exclusion::Site(entry));
        }
        if let Some(entry) = self.author(&roster.own_accounts) {
            return Standing::Aside(Aside::OwnAccount { entry });
        }
        if let Some(entry) = self.author(&roster.employees) {
            return Standing::Aside(Aside::Employee { entry });
        }
        match self.site(&roster.own_sites) {
            Some(entry) => Standing::Aside(Aside::OwnSite { entry }),
            None => Standing::Counts,
        }
    }

    fn author(&self, list: &[Account]) -> Option<String> {
        list.iter().find(|account| self.is(account)).map(Account::to_string)
    }

    fn site(&self, list: &[Site]) -> Option<String> {
        let here = |site: &&Site| self.hosts.iter().any(|host| site.holds(host));
        list.iter().find(here).map(Site::to_string)
    }

    fn is(&self, account: &Account) -> bool {
        let (user, server) = match self.handle.split_once('@') {
            Some((user, server)) => (user, Some(server)),
            None => (self.handle.as_str(), self.home.as_deref()),
        };
        match account {
            Account::Handle { user: wanted, server: None } => user == wanted,
            Account::Handle { user: wanted, server: Some(at) } => {
                user == wanted && server == Some(at.as_str())
            }
            // Some kinds of source have accounts without an `@` (`u/anne`).
            Account::Name(name) => {
                self.name == name || (!self.handle.is_empty() && self.handle == name.to_lowercase())
            }
        }
    }
}

/// The account of an author; feeds put it where the name belongs, with or without its first `@`.
fn handle(author: &Author) -> Option<String> {
    let named = author.name.trim();
    let looks_like_one = named.contains('@') && !named.contains(char::is_whitespace);
    let written = author.handle.as_deref().or_else(|| looks_like_one.then_some(named))?;
    Some(written.trim().trim_start_matches('@').to_lowercase())
}

fn host(url: Option<&str>) -> Option<String> {
    let url = Url::parse(url?).ok()?;
    url.host_str().map(|host| host.trim_end_matches('.').to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ItemKey;

    fn item(name: &str, handle: &str, author_url: &str, url: &str) -> Item {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let mut item = Item::new(ItemKey::of(&["test", "1"]), "1");
        item.url = given(url);
        item.author = Some(Author {
            name: name.to_owned(),
            handle: given(handle),
            url: given(author_url),
            followers: None,
        });
        item
    }

    #[track_caller]
    fn check(entry: &str, item: &Item, expected: bool) {
        let roster =
            Roster { own_accounts: vec![Account::parse(entry).unwrap()], ..Roster::default() };
        let standing = Voice::of(item).standing(&roster);
        assert_eq!(standing != Standing::Counts, expected, "{entry}: {standing:?}");
    }

    #[test]
    fn a_handle_is_known_with_and_without_its_server_in_any_case() {
        let anne = item("Anne", "@Anne@Piaille.fr", "", "");
        check("@anne@piaille.fr", &anne, true);
        check("@ANNE", &anne, true);
        check("@anne@mastodon.social", &anne, false);
        check("@ann", &anne, false);
        let local = item("Anne", "anne", "https://piaille.fr/@anne", "");
        check("@anne@piaille.fr", &local, true);
        check("@anne@mastodon.social", &local, false);
        check("@anne@piaille.fr", &item("@anne@piaille.fr", "", "", ""), true);
        check("@anne@piaille.fr", &item("Anne@piaille.fr", "", "", ""), true);
        check("@anne@piaille.fr", &item("Anne (anne@piaille.fr)", "", "", ""), false);
    }

    #[test]
    fn a_name_is_known_letter_by_letter() {
        let jean = item("Jean Spam", "", "", "");
        check("Jean Spam", &jean, true);
        check("jean spam", &jean, false);
        check("Jean", &jean, false);
        check("u/jean", &item("", "u/Jean", "", ""), true);
        check("Jean Spam", &Item::new(ItemKey::of(&["test"]), "1"), false);
    }

    #[test]
    fn an_excluded_voice_is_left_out_even_if_it_is_our_own() {
        let site = |host: &str| vec![Site { host: host.to_owned(), below: false }];
        let roster = Roster {
            excluded_sites: site("coupons.example"),
            own_sites: site("acme.example"),
            employees: vec![Account::Name("Anne".to_owned())],
            ..Roster::default()
        };
        let standing = |item: &Item| Voice::of(item).standing(&roster);
        let excluded = Standing::Excluded(Exclusion::Site("coupons.example".to_owned()));
        let from = |url: &str, author_url: &str| item("Anne", "", author_url, url);
        assert_eq!(standing(&from("https://www.coupons.example/1", "")), excluded);
        assert_eq!(standing(&from("https://x.example/1", "https://coupons.example/a")), excluded);
        let employee = Aside::Employee { entry: "Anne".to_owned() };
        assert_eq!(standing(&from("https://acme.example/", "")), Standing::Aside(employee));
        let own = Aside::OwnSite { entry: "acme.example".to_owned() };
        let blog = item("Press office", "", "", "https://BLOG.acme.example./news");
        assert_eq!(standing(&blog), Standing::Aside(own));
        assert_eq!(standing(&item("x", "", "not an address", "::")), Standing::Counts);
    }
}
