//! Who is not the public of a watch: the voices that it leaves out, and those that are its own.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The lists of one watch, those of all watches included.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    /// What they write is forgotten.
    pub excluded_authors: Vec<Account>,
    pub excluded_sites: Vec<Site>,
    /// What they write is kept and counts for nothing.
    pub own_accounts: Vec<Account>,
    pub own_sites: Vec<Site>,
    pub employees: Vec<Account>,
}

impl Roster {
    /// The lists as one line, for [`Watch::definition`](super::Watch::definition); nothing where
    /// all are empty, so that a watch without lists is what it was before there were any.
    pub(super) fn definition(&self) -> String {
        if *self == Roster::default() { String::new() } else { format!(" {self:?}") }
    }
}

/// An author as a list names one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Account {
    /// `@anne@piaille.fr`, in lower case. Without a server it is that user on any.
    Handle { user: String, server: Option<String> },
    /// A name as it is shown, letter by letter: `Jean Spam`.
    Name(String),
}

impl Account {
    /// Whatever holds an `@` and no space is a handle, anything else a name; nothing is neither.
    pub fn parse(text: &str) -> Option<Account> {
        let text = text.trim();
        if !text.contains('@') || text.contains(char::is_whitespace) {
            return (!text.is_empty()).then(|| Account::Name(text.to_owned()));
        }
        let handle = text.strip_prefix('@').unwrap_or(text).to_lowercase();
        let (user, server) = match handle.split_once('@') {
            Some((user, server)) => (user, Some(server)),
            None => (handle.as_str(), None),
        };
        let whole = !user.is_empty() && server.is_none_or(|s| !s.is_empty() && !s.contains('@'));
        whole.then(|| Account::Handle { user: user.to_owned(), server: server.map(str::to_owned) })
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Account::Handle { user, server: None } => write!(f, "@{user}"),
            Account::Handle { user, server: Some(server) } => write!(f, "@{user}@{server}"),
            Account::Name(name) => f.write_str(name),
        }
    }
}

/// A host and what is below it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Site {
    /// In lower case, without a dot at either end.
    pub host: String,
    /// Only what is below: `*.blogspot.com` is every blog there and not the service.
    pub below: bool,
}

impl Site {
    /// Whether a host (in lower case) is this one, or below it.
    pub fn holds(&self, host: &str) -> bool {
        match host.strip_suffix(self.host.as_str()) {
            Some("") => !self.below,
            Some(rest) => rest.ends_with('.'),
            None => false,
        }
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.below { "*." } else { "" }, self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_a_handle_or_a_name() {
        let written = |text: &str| Account::parse(text).map(|account| account.to_string());
        for (text, expected) in [
            ("@Bot@X.example", Some("@bot@x.example")),
            ("bot@x.example", Some("@bot@x.example")),
            ("@Bot", Some("@bot")),
            (" Jean Spam ", Some("Jean Spam")),
            ("Jean @ Spam", Some("Jean @ Spam")),
            ("", None),
            ("@", None),
            ("@a@", None),
            ("@a@b@c", None),
        ] {
            assert_eq!(written(text).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn lists_are_a_part_of_what_a_watch_finds_and_empty_ones_are_not() {
        assert_eq!(Roster::default().definition(), "");
        let own = Account::parse("@acme").into_iter().collect();
        let lists = Roster { own_accounts: own, ..Roster::default() };
        let excluded = vec![Account::Name("Jean\nSpam".to_owned())];
        let longer = Roster { excluded_authors: excluded, ..lists.clone() };
        assert_ne!(lists.definition(), "");
        assert_ne!(lists.definition(), longer.definition());
        assert!(!longer.definition().contains('\n'), "the query begins on the second line");
    }

    #[test]
    fn a_site_holds_its_host_and_what_is_below() {
        let site = |host: &str, below| Site { host: host.to_owned(), below };
        for (site, host, expected) in [
            (site("coupons.example", false), "coupons.example", true),
            (site("coupons.example", false), "www.coupons.example", true),
            (site("coupons.example", false), "mycoupons.example", false),
            (site("coupons.example", false), "example", false),
            (site("blogspot.com", true), "jean.blogspot.com", true),
            (site("blogspot.com", true), "blogspot.com", false),
        ] {
            assert_eq!(site.holds(host), expected, "{site} {host}");
        }
    }
}
