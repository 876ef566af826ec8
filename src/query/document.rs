//! What a query is asked about: a text with what is known of where it came from.

use std::borrow::Cow;

use super::Prepared;
use super::field::{Field, address, author_key};
use crate::model::mention::event_time;
use crate::model::{Finding, Item, Lang, Language, Mention, Timestamp, Tone, WatchId};

/// Levels of one host that can be asked for; a host has at most 127.
const MOST_SITES: usize = 8;

/// A mention, or an item that may become one.
///
/// `None` in what is settled late (language, topics, tones) means that nobody has looked yet.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    pub text: &'a Prepared<'a>,
    pub item: &'a Item,
    pub source: &'a str,
    pub kind: &'a str,
    /// When it counts ([`crate::model::mention::event_time`]).
    pub at: Timestamp,
    /// The moment of asking, from which `7d` counts back.
    pub now: Timestamp,
    /// In which the text speaks of the watch that asks; for a stored mention, of each of its
    /// watches.
    pub languages: Option<&'a [Lang]>,
    pub topics: Option<&'a [String]>,
    /// Towards the watch that asks; for a stored mention, towards each of its watches.
    pub tones: Option<&'a [Tone]>,
}

impl<'a> Document<'a> {
    /// A text that comes from nowhere: no field has a value.
    pub fn bare(text: &'a Prepared<'a>, item: &'a Item) -> Document<'a> {
        let (at, now) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
        let (languages, topics, tones) = (Some(&[][..]), Some(&[][..]), Some(&[][..]));
        Document { text, item, source: "", kind: "", at, now, languages, topics, tones }
    }

    /// The values of a field in the spelling that it compares in; `None` while it is unknown.
    pub(super) fn values(&self, field: Field) -> Option<Vec<Cow<'a, str>>> {
        let item = self.item;
        Some(match field {
            Field::Author => authors(item).map(Cow::Owned).collect(),
            Field::Site => sites(item).into_iter().map(Cow::Owned).collect(),
            Field::Url => item.url.iter().map(|url| Cow::Owned(address(url))).collect(),
            Field::Source => vec![Cow::Borrowed(self.source)],
            Field::Kind => vec![Cow::Borrowed(self.kind)],
            Field::Language => {
                self.languages?.iter().map(|lang| Cow::Borrowed(lang.code())).collect()
            }
            Field::Topic => self.topics?.iter().map(|t| Cow::Borrowed(t.as_str())).collect(),
            Field::Tone => self.tones?.iter().map(|tone| Cow::Borrowed(tone.as_str())).collect(),
        })
    }
}

/// What is kept of a mention's findings: what a search knows and matching has to find out.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored<'m> {
    mention: &'m Mention,
    languages: Vec<Lang>,
    topics: Vec<String>,
    tones: Vec<Tone>,
}

impl<'m> Stored<'m> {
    /// With a watch, what was found for that watch; without, what was found for any.
    pub fn new(mention: &'m Mention, watch: Option<&WatchId>) -> Stored<'m> {
        let asked = |finding: &&Finding| watch.is_none_or(|watch| finding.watch == *watch);
        let findings = || mention.findings.iter().filter(asked);
        Stored {
            mention,
            languages: languages(findings().map(|finding| finding.language), &mention.item),
            topics: findings().flat_map(|finding| finding.topics.iter().cloned()).collect(),
            tones: findings().map(|finding| finding.sentiment.label).collect(),
        }
    }

    pub fn document<'a>(&'a self, text: &'a Prepared<'a>, now: Timestamp) -> Document<'a> {
        Document {
            text,
            item: &self.mention.item,
            source: self.mention.source.as_str(),
            kind: &self.mention.kind,
            at: event_time(self.mention.item.published, self.mention.first_seen),
            now,
            languages: Some(&self.languages),
            topics: Some(&self.topics),
            tones: Some(&self.tones),
        }
    }
}

/// What the analysis found; the source's word when it found nothing.
pub fn languages(found: impl IntoIterator<Item = Language>, item: &Item) -> Vec<Lang> {
    let mut languages: Vec<Lang> = found.into_iter().filter_map(|found| found.code).collect();
    if languages.is_empty() {
        languages.extend(item.lang_hint.as_deref().and_then(Lang::parse));
    }
    languages.sort_unstable();
    languages.dedup();
    languages
}

/// The name and the account of an author, as they are compared.
pub fn authors(item: &Item) -> impl Iterator<Item = String> {
    let names = item.author.iter().flat_map(|author| [Some(&author.name), author.handle.as_ref()]);
    names.flatten().map(|name| author_key(name)).filter(|key| !key.is_empty())
}

/// The host of an item's address and the domains that it belongs to, up to the one that was
/// registered: `www.blog.example.fr`, `blog.example.fr`, `example.fr`.
pub fn sites(item: &Item) -> Vec<String> {
    let url = item.url.as_deref().and_then(|url| url::Url::parse(url).ok());
    let Some(host) = url.as_ref().and_then(|url| url.host_str()) else { return Vec::new() };
    let shortest = psl::domain_str(host).unwrap_or(host).len();
    let mut sites = vec![host.to_owned()];
    let mut rest = host;
    while let Some((_, parent)) = rest.split_once('.')
        && parent.len() >= shortest
        && sites.len() < MOST_SITES
    {
        sites.push(parent.to_owned());
        rest = parent;
    }
    sites
}
