//! The fields of a mention: their names in two languages, and the values that each may have.

use crate::model::{Lang, SourceId, Tone};
use crate::source::KINDS;
use crate::text::fold::folded;
use crate::text::nearest::nearest;

use super::expr::Value;

/// What a mention has beside its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Author,
    Site,
    Url,
    Source,
    Kind,
    Language,
    Tone,
    Topic,
}

/// What the name before a colon stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Is(Field),
    Title,
    Text,
    Since,
    Until,
    Date,
}

/// Every name, the first of each sort being the one that is printed.
pub(super) const NAMES: &[(&str, Name)] = &[
    ("author", Name::Is(Field::Author)),
    ("auteur", Name::Is(Field::Author)),
    ("site", Name::Is(Field::Site)),
    ("url", Name::Is(Field::Url)),
    ("adresse", Name::Is(Field::Url)),
    ("source", Name::Is(Field::Source)),
    ("kind", Name::Is(Field::Kind)),
    ("genre", Name::Is(Field::Kind)),
    ("lang", Name::Is(Field::Language)),
    ("langue", Name::Is(Field::Language)),
    ("tone", Name::Is(Field::Tone)),
    ("ton", Name::Is(Field::Tone)),
    ("topic", Name::Is(Field::Topic)),
    ("sujet", Name::Is(Field::Topic)),
    ("title", Name::Title),
    ("titre", Name::Title),
    ("text", Name::Text),
    ("texte", Name::Text),
    ("since", Name::Since),
    ("depuis", Name::Since),
    ("until", Name::Until),
    ("avant", Name::Until),
    ("date", Name::Date),
];

/// French words for the tones.
const TONES: &[(&str, Tone)] = &[
    ("negatif", Tone::Negative),
    ("neutre", Tone::Neutral),
    ("positif", Tone::Positive),
    ("mitige", Tone::Mixed),
    ("inconnu", Tone::Unknown),
];

/// ISO 639-1, whole.
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch \
    co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha \
    he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks \
    ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no \
    nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq \
    sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi \
    yo za zh zu";

/// Why a value cannot be one of its field, and the way out.
pub struct Wrong {
    pub title: String,
    pub help: String,
}

impl Name {
    /// The name as written, whatever its case and accents.
    pub(super) fn read(text: &str) -> Option<Name> {
        let text = folded(text);
        NAMES.iter().find(|(name, _)| *name == text).map(|(_, sort)| *sort)
    }
}

/// What to say of a name that is none.
pub(super) fn unknown_name(text: &str) -> Wrong {
    let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
    let near = nearest(&folded(text), &names).map(|name| format!("did you mean `{name}:`? "));
    let help = format!("{}to look for the words, quote them", near.unwrap_or_default());
    Wrong { title: format!("there is no field `{text}`"), help }
}

impl Field {
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, sort)| *sort == Name::Is(self)).map_or("", |(name, _)| name)
    }

    /// Whether a value may be the beginning of one.
    fn takes_beginnings(self) -> bool {
        matches!(self, Field::Author | Field::Site | Field::Url)
    }

    /// A value as it is compared, or why it is none of this field.
    pub fn value(self, written: &str) -> Result<Value, Wrong> {
        let (text, open) = match written.strip_suffix('*') {
            Some(text) if self.takes_beginnings() => (text, true),
            _ => (written, false),
        };
        let text = match self {
            Field::Author => author_key(text),
            Field::Site => site(text)?,
            Field::Url => address(text),
            Field::Source => source(text)?,
            Field::Kind => one_of(text, "source kind", KINDS.iter().map(|kind| kind.name()))?,
            Field::Language => language(text)?,
            Field::Tone => tone(text)?,
            Field::Topic => folded(text),
        };
        if text.is_empty() {
            let title = format!("`{}:` has no value", self.name());
            return Err(Wrong { title, help: "write it right after the colon".to_owned() });
        }
        Ok(Value { text, open })
    }
}

/// An author's name or account as it is compared: folded, without the leading `@`.
pub(super) fn author_key(name: &str) -> String {
    folded(name.trim().trim_start_matches('@'))
}

/// An address as it is compared: lower case, without scheme, `www.` and the last slash.
pub fn address(url: &str) -> String {
    let url = url.trim().to_lowercase();
    let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    rest.strip_prefix("www.").unwrap_or(rest).trim_end_matches('/').to_owned()
}

fn site(text: &str) -> Result<String, Wrong> {
    let host = text.trim().to_lowercase();
    if host.contains(['/', ':', ' ']) {
        let title = format!("`{text}` is no site");
        let help = format!("write a host: `site:example.fr`; for an address `url:{text}*`");
        return Err(Wrong { title, help });
    }
    Ok(host)
}

fn source(text: &str) -> Result<String, Wrong> {
    SourceId::new(text).map(|id| id.as_str().to_owned()).map_err(|error| Wrong {
        title: error.to_string(),
        help: "write the `id` of a `[[source]]`".to_owned(),
    })
}

fn language(text: &str) -> Result<String, Wrong> {
    let known = LANGUAGES.split_ascii_whitespace();
    match Lang::parse(text).filter(|_| !text.contains('*')) {
        Some(lang) if known.clone().any(|code| code == lang.code()) => Ok(lang.code().to_owned()),
        _ => one_of(text, "language", known),
    }
}

fn tone(text: &str) -> Result<String, Wrong> {
    let french = TONES.iter().find(|(word, _)| *word == folded(text));
    match french {
        Some((_, tone)) => Ok(tone.as_str().to_owned()),
        None => one_of(text, "tone", Tone::ALL.iter().map(|tone| tone.as_str())),
    }
}

/// The value among the known ones, or the nearest of them as the way out.
fn one_of<'k>(
    text: &str,
    what: &str,
    known: impl Iterator<Item = &'k str>,
) -> Result<String, Wrong> {
    let known: Vec<&str> = known.collect();
    let asked = folded(text);
    if known.contains(&asked.as_str()) {
        return Ok(asked);
    }
    let help = match nearest(&asked, &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.len() > 12 => "write a two-letter code: `fr`, `en`".to_owned(),
        None => format!("known: {}", known.join(", ")),
    };
    Err(Wrong { title: format!("there is no {what} `{text}`"), help })
}
