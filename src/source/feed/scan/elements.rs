//! Elements by what they mean to a feed: namespaces by address or habit, roles by their parent.

use std::collections::HashMap;

use quick_xml::events::BytesStart;

/// Prefixes that are remembered; documents that declare more are no feeds.
const MAX_PREFIXES: usize = 64;

/// The vocabularies a feed is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    /// RSS and Atom themselves: whatever has no prefix, or one for either.
    Own,
    Dublin,
    Content,
    Syndication,
    Slash,
    Thread,
    Media,
    Itunes,
    Xhtml,
    Other,
}

/// What an element is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Above the root.
    Outside,
    /// Holds entries and what is said of all of them.
    Head,
    Entry,
    /// An author: an Atom person, or the text of RSS.
    Person,
    /// Groups media of an entry.
    Media,
    /// Holds hours or days not to ask in.
    Skip,
    /// Holds a text.
    Field,
    /// Markup inside a text.
    Inner,
    /// Nothing for us, whatever is inside.
    Ignored,
}

/// An element that is open.
pub(super) struct Element {
    /// With its prefix, as written.
    pub(super) name: String,
    pub(super) role: Role,
}

/// The role of an element inside another; the local name is in lower case.
pub(super) fn role(parent: Role, space: Space, local: &str) -> Role {
    let own = space == Space::Own;
    match parent {
        Role::Outside if matches!(local, "rss" | "rdf" | "feed" | "channel") => Role::Head,
        Role::Outside if local == "entry" => Role::Entry,
        Role::Outside => Role::Ignored,
        Role::Head => match local {
            "channel" => Role::Head,
            "item" | "entry" if own => Role::Entry,
            "author" if own => Role::Person,
            "skiphours" | "skipdays" => Role::Skip,
            "items" | "image" | "textinput" | "contributor" | "cloud" => Role::Ignored,
            _ => Role::Field,
        },
        Role::Entry => match local {
            "item" | "entry" if own => Role::Entry,
            "author" if own => Role::Person,
            "source" | "contributor" if own => Role::Ignored,
            "group" | "content" | "community" | "player" if space == Space::Media => Role::Media,
            _ => Role::Field,
        },
        Role::Media => match local {
            "group" | "content" | "community" | "statistics" => Role::Media,
            _ => Role::Field,
        },
        Role::Person | Role::Skip => Role::Field,
        Role::Field | Role::Inner => Role::Inner,
        Role::Ignored => Role::Ignored,
    }
}

/// The prefixes a document has declared so far. Scopes are not followed: no feed gives one prefix
/// two meanings, and many use prefixes they never declare.
#[derive(Default)]
pub(super) struct Names {
    declared: HashMap<String, Space>,
}

impl Names {
    /// Takes the declarations of a start tag.
    pub(super) fn learn(&mut self, tag: &BytesStart<'_>) {
        if !tag.attributes_raw().contains("xmlns:") {
            return;
        }
        for attribute in tag.html_attributes().with_checks(false).flatten() {
            let key = attribute.key.as_ref();
            if let Some(prefix) = key.strip_prefix("xmlns:")
                && self.declared.len() < MAX_PREFIXES
            {
                self.declared.insert(prefix.to_owned(), by_address(&attribute.value));
            }
        }
    }

    /// The vocabulary of a name, and its local part in lower case.
    pub(super) fn resolve(&self, name: &str) -> (Space, String) {
        let Some((prefix, local)) = name.split_once(':') else {
            return (Space::Own, name.to_ascii_lowercase());
        };
        let space = self.declared.get(prefix).copied().unwrap_or_else(|| by_habit(prefix));
        (space, local.to_ascii_lowercase())
    }
}

fn by_address(address: &str) -> Space {
    let address = address.to_ascii_lowercase();
    let signs: [(&str, Space); 13] = [
        ("purl.org/dc/", Space::Dublin),
        ("modules/content", Space::Content),
        ("modules/syndication", Space::Syndication),
        ("modules/slash", Space::Slash),
        ("syndication/thread", Space::Thread),
        ("search.yahoo.com/mrss", Space::Media),
        ("itunes.com", Space::Itunes),
        ("1999/xhtml", Space::Xhtml),
        ("w3.org/2005/atom", Space::Own),
        ("purl.org/atom/", Space::Own),
        ("purl.org/rss/1.0", Space::Own),
        ("netscape.com/rdf", Space::Own),
        ("userland.com/rss", Space::Own),
    ];
    signs.iter().find(|(sign, _)| address.contains(sign)).map_or(Space::Other, |(_, space)| *space)
}

fn by_habit(prefix: &str) -> Space {
    match prefix {
        "dc" | "dcterms" => Space::Dublin,
        "content" => Space::Content,
        "sy" => Space::Syndication,
        "slash" => Space::Slash,
        "thr" => Space::Thread,
        "media" => Space::Media,
        "itunes" => Space::Itunes,
        "xhtml" => Space::Xhtml,
        "atom" | "a10" | "rss" | "rdf" => Space::Own,
        _ => Space::Other,
    }
}

/// An attribute by its name as written, references in it resolved where they can be.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    if !tag.attributes_raw().contains(name) {
        return None;
    }
    let found = tag
        .html_attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.as_ref() == name)?;
    // A query string with a bare ampersand is no reference: it stands as written.
    let value = quick_xml::escape::unescape(&found.value)
        .map_or_else(|_| found.value.replace("&amp;", "&"), std::borrow::Cow::into_owned);
    Some(value.trim().to_owned())
}
