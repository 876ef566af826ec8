//! Languages: the ones we analyse, and how sure we are.

use serde::{Deserialize, Serialize};

/// An ISO 639-1 code, two lower-case letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Lang([u8; 2]);

impl Lang {
    pub const FR: Lang = Lang(*b"fr");
    pub const EN: Lang = Lang(*b"en");

    /// Reads `fr`, `FR`, `fr-FR`, `fr_CA`: the first subtag when it has two letters.
    pub fn parse(text: &str) -> Option<Lang> {
        let first = text.trim().split(['-', '_']).next()?;
        match first.as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Some(Lang([a.to_ascii_lowercase(), b.to_ascii_lowercase()]))
            }
            _ => None,
        }
    }

    pub fn code(&self) -> &str {
        // Only ASCII letters get in, so the bytes are always UTF-8.
        std::str::from_utf8(&self.0).unwrap_or("??")
    }
}

impl std::fmt::Display for Lang {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl TryFrom<String> for Lang {
    type Error = String;
    fn try_from(text: String) -> Result<Lang, String> {
        Lang::parse(&text).ok_or_else(|| format!("`{text}` is no two-letter language code"))
    }
}

impl From<Lang> for String {
    fn from(lang: Lang) -> String {
        lang.code().to_owned()
    }
}

/// What a text is written in. No code means undetermined: better said than guessed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Language {
    pub code: Option<Lang>,
    /// 0 to 1.
    pub confidence: f64,
}
