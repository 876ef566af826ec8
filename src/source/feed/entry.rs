//! An entry as its feed wrote it, whichever reader read it.

use url::Url;

use crate::model::{Author, Timestamp};

/// A text with the way to read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Prose {
    Plain(String),
    Html(String),
}

impl Prose {
    /// The text as it is written, markup included.
    pub(super) fn written(&self) -> &str {
        match self {
            Prose::Plain(text) | Prose::Html(text) => text.trim(),
        }
    }

    pub(super) fn is_blank(&self) -> bool {
        self.written().is_empty()
    }
}

/// A link of an entry, resolved against whatever base held where it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) url: String,
    /// `alternate` when the feed does not say.
    pub(super) rel: String,
}

/// What one entry says. Nothing is invented: what the feed did not write is absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Entry {
    /// guid, atom:id, rdf:about, JSON Feed id; trimmed, not empty.
    pub(super) id: Option<String>,
    /// The guid says that it is no address.
    pub(super) id_is_opaque: bool,
    pub(super) links: Vec<Link>,
    pub(super) title: Option<Prose>,
    pub(super) summary: Option<Prose>,
    pub(super) content: Option<Prose>,
    pub(super) author: Option<Author>,
    pub(super) published: Option<Timestamp>,
    pub(super) updated: Option<Timestamp>,
    pub(super) lang: Option<String>,
    /// The innermost `xml:base`.
    pub(super) base: Option<Url>,
    pub(super) views: Option<u64>,
    pub(super) replies: Option<u64>,
}

impl Entry {
    /// Fills what this entry lacks from another reading of the same one.
    #[must_use]
    pub(super) fn completed_by(self, other: Entry) -> Entry {
        // Where markup stands unescaped in a text, one reader stops at the first tag: the longer
        // reading is the whole one.
        let prose = |mine: Option<Prose>, theirs: Option<Prose>| match (mine, theirs) {
            (Some(mine), Some(theirs)) if mine.written().len() < theirs.written().len() => {
                Some(theirs)
            }
            (mine, theirs) => mine.or(theirs),
        };
        Entry {
            id: other.id,
            id_is_opaque: other.id_is_opaque,
            links: if self.links.is_empty() { other.links } else { self.links },
            title: prose(self.title, other.title),
            summary: prose(self.summary, other.summary),
            content: prose(self.content, other.content),
            author: self.author.or(other.author),
            published: self.published.or(other.published),
            updated: self.updated.or(other.updated),
            lang: self.lang.or(other.lang),
            base: self.base.or(other.base),
            views: self.views.or(other.views),
            replies: self.replies.or(other.replies),
        }
    }
}

/// Reads `name`, `mail (name)`, `name <mail>` and a bare mail address. A mail address is personal
/// and of no use to a reader who has a name: kept only when there is nothing else.
pub(super) fn person(text: &str) -> Option<Author> {
    let text = text.trim();
    let stripped = text.strip_prefix("mailto:").unwrap_or(text);
    let name = match (stripped.split_once('('), stripped.split_once('<')) {
        (Some((before, inside)), _) if before.contains('@') => inside.trim_end_matches(')'),
        (Some((before, inside)), _) if inside.contains('@') => before,
        (_, Some((before, inside))) if inside.contains('@') && !before.trim().is_empty() => before,
        (_, Some((_, inside))) if inside.contains('@') => inside.trim_end_matches('>'),
        _ => stripped,
    };
    let name = name.trim().trim_matches('"').trim();
    let name = name.strip_prefix('(').and_then(|name| name.strip_suffix(')')).unwrap_or(name);
    let name = if name.is_empty() { stripped } else { name };
    (!name.is_empty()).then(|| Author { name: name.to_owned(), ..Author::default() })
}
