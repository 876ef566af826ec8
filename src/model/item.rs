//! An item: what a source gave, not yet matched against anything.

use serde::{Deserialize, Serialize};

use super::{ItemKey, Measure, Timestamp};

/// One post, article, comment or message, as plain text. Everything here came from the net:
/// bounded by the reader that made it, and never trusted to be markup.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Deterministic: the same item read again has the same key.
    pub key: ItemKey,
    /// The identity the source uses (guid, URI, Message-ID), opaque; for people who compare.
    pub id: String,
    /// Where a person can read it.
    pub url: Option<String>,
    /// Plain text, may be empty: posts have none.
    pub title: String,
    /// Plain text, the author's own words.
    pub text: String,
    /// What the author quotes: kept for the reader, matched by nobody, so that a reply which
    /// quotes the brand does not shout twice.
    pub quoted: String,
    pub author: Option<Author>,
    /// When its author published it, as the source says; may be missing, wrong, or in the future.
    pub published: Option<Timestamp>,
    /// When the source says that it was last changed.
    pub edited: Option<Timestamp>,
    /// The language the source declares, as it wrote it (`fr`, `fr-FR`).
    pub lang_hint: Option<String>,
    pub counts: Counts,
    /// The stars that the author gave, when it is a review.
    pub rating: Option<Rating>,
    /// The item this one answers.
    pub parent: Option<ItemKey>,
    /// The first item of the conversation.
    pub thread: Option<ItemKey>,
}

impl Item {
    /// An item with an identity and nothing else.
    pub fn new(key: ItemKey, id: impl Into<String>) -> Item {
        Item {
            key,
            id: id.into(),
            url: None,
            title: String::new(),
            text: String::new(),
            quoted: String::new(),
            author: None,
            published: None,
            edited: None,
            lang_hint: None,
            counts: Counts::default(),
            rating: None,
            parent: None,
            thread: None,
        }
    }
}

/// Who wrote an item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The name shown.
    pub name: String,
    /// The account, when there is one (`@anne@piaille.fr`).
    pub handle: Option<String>,
    pub url: Option<String>,
    /// Audience, when the source says it without being asked again.
    pub followers: Option<u64>,
}

impl Author {
    /// What tells one author from another: the account where there is one.
    pub fn identity(&self) -> &str {
        self.handle.as_deref().or(self.url.as_deref()).unwrap_or(&self.name)
    }
}

/// What the public did with an item; every count is what one server knows, or nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub likes: Option<u64>,
    pub shares: Option<u64>,
    pub replies: Option<u64>,
    pub views: Option<u64>,
}

impl Counts {
    /// One number for what the public did: reactions where any is counted, a share being worth two
    /// (it brings others), else views; nothing where nobody counts.
    pub fn spread(&self) -> Option<(Measure, u64)> {
        let reactions = [self.likes, self.shares, self.shares, self.replies];
        if reactions.iter().any(Option::is_some) {
            let sum = reactions.into_iter().flatten().fold(0, u64::saturating_add);
            return Some((Measure::Reactions, sum));
        }
        self.views.map(|views| (Measure::Views, views))
    }

    /// Whether these say more than others did, by a tenth at least: what is worth writing down
    /// again. Counts that fall are corrections of the site, and no news. A post that grows to a
    /// billion is written down two hundred times.
    pub fn outgrow(&self, before: &Counts) -> bool {
        let Some((measure, now)) = self.spread() else { return false };
        let then = before.spread().filter(|(of, _)| *of == measure).map_or(0, |(_, then)| then);
        now > then && now - then >= then.div_ceil(10)
    }
}

/// A verdict in numbers: `stars` of `best`, as the site counts (4 of 5, 17 of 20).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rating {
    pub stars: f64,
    pub best: f64,
}

impl Rating {
    /// 0 (worst) to 1 (best); nothing where the numbers make no sense.
    pub fn share(self) -> Option<f64> {
        let share = self.stars / self.best;
        (self.best > 0.0 && (0.0..=1.0).contains(&share)).then_some(share)
    }
}
