//! Identities: what never changes about a thing, whatever its other fields do.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Matter;

/// Why a text is no slug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id is 1 to 40 of a-z, 0-9 and -, not `{0}`")]
pub struct BadSlug(pub String);

fn slug(text: &str) -> Result<String, BadSlug> {
    let good = (1..=40).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if good { Ok(text.to_owned()) } else { Err(BadSlug(text.to_owned())) }
}

macro_rules! slug_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes a slug `[a-z0-9-]{1,40}`: short and bounded, since it labels metrics.
            pub fn new(text: &str) -> Result<$name, BadSlug> {
                slug(text).map($name)
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadSlug;
            fn try_from(text: String) -> Result<$name, BadSlug> {
                $name::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

slug_id!(
    /// Names a watch in configuration, metrics and mails.
    WatchId
);
slug_id!(
    /// Names a configured source.
    SourceId
);

/// What makes an item the same item wherever and whenever it is read again: 128 bits of SHA-256
/// over the kind and the item's stable identity. Deterministic, so reading twice changes nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemKey(pub [u8; 16]);

impl ItemKey {
    /// Hashes the parts of an identity, each with its length so that no two lists collide.
    pub fn of(parts: &[&str]) -> ItemKey {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        let digest = hash.finalize();
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        ItemKey(key)
    }

    /// Reads the 32 hexadecimal digits that `Display` writes.
    pub fn parse(text: &str) -> Option<ItemKey> {
        u128::from_str_radix(text, 16)
            .ok()
            .filter(|_| text.len() == 32)
            .map(|n| ItemKey(n.to_be_bytes()))
    }
}

impl fmt::Display for ItemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for ItemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ItemKey({self})")
    }
}

impl Serialize for ItemKey {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ItemKey {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<ItemKey, D::Error> {
        let text = String::deserialize(d)?;
        ItemKey::parse(&text)
            .ok_or_else(|| serde::de::Error::custom("an item key is 32 hex digits"))
    }
}

/// Names an incident: `acme-20261124-0312`, the watch and the UTC minute it opened, and what it is
/// about where that is no bad buzz (`acme-20261124-0312-silence`). A person can say it on the phone,
/// and the same decision taken twice gives the same name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct IncidentId(pub String);

impl IncidentId {
    pub fn new(watch: &WatchId, matter: Matter, opened: jiff::Timestamp) -> IncidentId {
        let minute = opened.strftime("%Y%m%d-%H%M");
        match matter {
            Matter::BadBuzz => IncidentId(format!("{watch}-{minute}")),
            other => IncidentId(format!("{watch}-{minute}-{}", other.as_str())),
        }
    }
}

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_depends_on_where_the_parts_end() {
        assert_ne!(ItemKey::of(&["ab", "c"]), ItemKey::of(&["a", "bc"]));
        assert_eq!(ItemKey::parse(&ItemKey::of(&["a"]).to_string()), Some(ItemKey::of(&["a"])));
    }

    #[test]
    fn a_slug_is_short_and_plain() {
        assert!(WatchId::new("acme-fr").is_ok());
        for bad in ["", "Acme", "a b", "é", &"x".repeat(41)] {
            assert!(WatchId::new(bad).is_err(), "{bad:?}");
        }
    }
}
