//! From the posts of an answer to items: the author's words, quotations apart, stable keys.

use std::collections::HashMap;

use serde_json::Value;
use url::Url;

use crate::model::{Author, Counts, Item, ItemKey, Timestamp};
use crate::source::Problem;
use crate::text::html::{self, Plain};

const MAX_TEXT: usize = 64 << 10;
const MAX_TITLE: usize = 1 << 10;
const MAX_NAME: usize = 200;
/// Posts that people wrote: 1 is an ordinary one, 2 a moderator's; 3 is the engine's own ("closed
/// this topic"), 4 a whisper among the staff.
const WRITTEN: std::ops::RangeInclusive<u64> = 1..=2;
/// The number of the action that is a like.
const LIKE: u64 = 2;

/// The forum that posts were read from.
pub(super) struct Forum<'a> {
    pub(super) home: &'a Url,
}

/// What the posts of one page are.
#[derive(Debug, Default)]
pub(super) struct Posts {
    /// Oldest first.
    pub(super) items: Vec<Item>,
    pub(super) removed: Vec<ItemKey>,
    pub(super) problems: Vec<Problem>,
}

/// The number of a post on its site.
pub(super) fn id(post: &Value) -> Option<u64> {
    number(post, "id").filter(|id| *id > 0)
}

impl Forum<'_> {
    pub(super) fn read(&self, posts: &[Value]) -> Posts {
        let mut numbered: Vec<(u64, &Value)> = Vec::with_capacity(posts.len());
        let mut read = Posts::default();
        for (at, post) in posts.iter().enumerate() {
            match id(post) {
                Some(id) => numbered.push((id, post)),
                None => read.problems.push(Problem { what: format!("post {}: no id", at + 1) }),
            }
        }
        numbered.sort_by_key(|(id, _)| *id);
        numbered.dedup_by_key(|(id, _)| *id);
        // A reply names the post it answers by its place in the topic.
        let places: HashMap<(u64, u64), ItemKey> =
            numbered.iter().filter_map(|(id, post)| Some((place(post)?, self.key(*id)))).collect();
        for (id, post) in numbered {
            let key = self.key(id);
            if is_gone(post) {
                read.removed.push(key);
            } else if WRITTEN.contains(&number(post, "post_type").unwrap_or(1)) {
                read.items.push(self.item(key, id, post, &places));
            }
        }
        read
    }

    /// Ids stay when a post is moved to another topic; its place there does not.
    fn key(&self, id: u64) -> ItemKey {
        ItemKey::of(&["discourse", self.site(), "post", &id.to_string()])
    }

    /// The host and, on a shared one, the folder; `www.` comes and goes.
    fn site(&self) -> &str {
        let from_host = &self.home[url::Position::BeforeHost..url::Position::AfterPath];
        from_host.strip_prefix("www.").unwrap_or(from_host)
    }

    fn item(
        &self,
        key: ItemKey,
        id: u64,
        post: &Value,
        places: &HashMap<(u64, u64), ItemKey>,
    ) -> Item {
        let Plain { text, quoted } = words(post);
        let topic = number(post, "topic_id");
        let opens = number(post, "post_number") == Some(1);
        // A topic's title is said once, by the post that opens it.
        let title = if opens { string(post, "topic_title") } else { "" };
        let answered = number(post, "reply_to_post_number").unwrap_or(1);
        let published = instant(post, "created_at");
        let was_edited = number(post, "version").is_some_and(|version| version > 1);
        Item {
            url: place(post).and_then(|place| self.link(post, place)),
            title: html::clean(title, MAX_TITLE),
            text: html::clean(&text, MAX_TEXT),
            quoted: html::clean(&quoted, MAX_TEXT),
            author: self.author(post),
            published,
            edited: instant(post, "updated_at").filter(|_| was_edited),
            counts: counts(post),
            parent: topic
                .filter(|_| !opens)
                .and_then(|topic| places.get(&(topic, answered)).copied()),
            // The id of the opening post is not told with a reply: the topic stands for it.
            thread: topic
                .map(|topic| ItemKey::of(&["discourse", self.site(), "topic", &topic.to_string()])),
            ..Item::new(key, id.to_string())
        }
    }

    /// `/t/slug/topic/number`; a Discourse corrects the slug itself, so `-` does for a strange one.
    fn link(&self, post: &Value, (topic, number): (u64, u64)) -> Option<String> {
        let slug = string(post, "topic_slug");
        let is_plain = slug.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        let slug = if is_plain && (1..=300).contains(&slug.len()) { slug } else { "-" };
        self.home.join(&format!("t/{slug}/{topic}/{number}")).ok().map(String::from)
    }

    fn author(&self, post: &Value) -> Option<Author> {
        let handle = html::clean(string(post, "username"), MAX_NAME);
        let name = html::clean(string(post, "name"), MAX_NAME);
        if handle.is_empty() {
            return (!name.is_empty()).then(|| Author { name, ..Author::default() });
        }
        let mut url = self.home.join("u/").ok();
        if let Some(mut path) = url.as_mut().and_then(|url| url.path_segments_mut().ok()) {
            path.pop_if_empty().push(&handle);
        }
        let name = if name.is_empty() { handle.clone() } else { name };
        Some(Author { name, handle: Some(handle), url: url.map(String::from), followers: None })
    }
}

/// The topic of a post and its number there.
fn place(post: &Value) -> Option<(u64, u64)> {
    Some((number(post, "topic_id")?, number(post, "post_number")?))
}

fn is_gone(post: &Value) -> bool {
    let says = |name| post.get(name).and_then(Value::as_bool).unwrap_or(false);
    let deleted = post.get("deleted_at").is_some_and(|at| !at.is_null());
    deleted || says("user_deleted") || says("hidden")
}

/// `cooked` is what readers see, and marks quotations in the tags; `raw` is Markdown, taken only
/// where the other is missing.
fn words(post: &Value) -> Plain {
    match string(post, "cooked") {
        "" => without_quotes(string(post, "raw")),
        cooked => html::to_text(cooked),
    }
}

/// `[quote="anne, post:1, topic:2"]…[/quote]`, one in another too, apart from the rest. One that
/// never closes is a quotation to the end.
fn without_quotes(raw: &str) -> Plain {
    let mut plain = Plain::default();
    let (mut depth, mut rest) = (0_usize, raw);
    while let Some(at) = rest.find('[') {
        let (before, tag) = rest.split_at(at);
        let opens = tag.starts_with("[quote]") || tag.starts_with("[quote=");
        let closes = tag.starts_with("[/quote]");
        let length = match tag.find(']') {
            Some(end) if opens || closes => end + 1,
            _ => 1,
        };
        let (mark, after) = tag.split_at(length);
        let into = if depth > 0 { &mut plain.quoted } else { &mut plain.text };
        into.push_str(before);
        if length == 1 {
            into.push_str(mark);
        } else {
            into.push('\n');
        }
        if length > 1 {
            depth = if opens { depth + 1 } else { depth.saturating_sub(1) };
        }
        rest = after;
    }
    let into = if depth > 0 { &mut plain.quoted } else { &mut plain.text };
    into.push_str(rest);
    Plain { text: plain.text.trim().to_owned(), quoted: plain.quoted.trim().to_owned() }
}

fn counts(post: &Value) -> Counts {
    // An action that nobody took is not in the list.
    let likes = post.get("actions_summary").and_then(Value::as_array).map(|actions| {
        let like = actions.iter().find(|action| number(action, "id") == Some(LIKE));
        like.and_then(|like| number(like, "count")).unwrap_or(0)
    });
    Counts {
        likes,
        replies: number(post, "reply_count"),
        views: number(post, "reads"),
        shares: None,
    }
}

fn number(value: &Value, name: &str) -> Option<u64> {
    value.get(name).and_then(Value::as_u64)
}

fn string<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn instant(value: &Value, name: &str) -> Option<Timestamp> {
    string(value, name).parse().ok()
}
