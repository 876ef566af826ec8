//! What is said of a watch now and not usually: gathers the texts, the room `story` compares them.

use std::collections::{BTreeSet, HashMap};

use jiff::SignedDuration;

use crate::model::finding::full_text;
use crate::model::{Mention, Seq, StoryId, Timestamp, Watch};
use crate::store::{MentionQuery, Store, StoreError};
use crate::story::{Heard, Term};
use crate::text::fold::{folded, words};

/// Days before the wave that say what is usual, and mentions heard of each: 1,800 at most.
const DAYS: i32 = 30;
const A_DAY: usize = 60;

/// The terms that are new in a wave, against the thirty days before it.
pub(crate) async fn new_terms(
    store: &dyn Store,
    watch: &Watch,
    wave: &[Mention],
    since: Timestamp,
) -> Result<Vec<Term>, StoreError> {
    if wave.is_empty() {
        return Ok(Vec::new());
    }
    let usual = usual(store, watch, since).await?;
    let stories = stories_of(store, wave.iter().chain(&usual)).await?;
    let text = |mention: &Mention| full_text(&mention.item.title, &mention.item.text);
    let texts = |mentions: &[Mention]| mentions.iter().map(text).collect::<Vec<String>>();
    let (now, then) = (texts(wave), texts(&usual));
    let said = |text: &str| words(&folded(text)).map(|w| w.text.to_owned()).collect::<Vec<_>>();
    let brand: BTreeSet<String> = said(&watch.query).into_iter().chain(said(&watch.name)).collect();
    let wave = heard(wave, &now, &stories);
    Ok(crate::story::new_terms(&wave, &heard(&usual, &then, &stories), &brand))
}

async fn usual(
    store: &dyn Store,
    watch: &Watch,
    since: Timestamp,
) -> Result<Vec<Mention>, StoreError> {
    let mut usual = Vec::new();
    for day in 1..=DAYS {
        // A sample of each day: the last thousand mentions may all be of yesterday.
        let start = since.saturating_sub(SignedDuration::from_hours(24) * day).unwrap_or(since);
        let query = MentionQuery {
            watch: Some(watch.id.clone()),
            aside: Some(false),
            since: Some(start),
            until: Some(start.saturating_add(SignedDuration::from_hours(24)).unwrap_or(since)),
            limit: A_DAY,
            ..MentionQuery::default()
        };
        usual.extend(store.find_mentions(&query).await?);
    }
    Ok(usual)
}

/// The story of each mention; one that is not yet followed is its own.
pub(crate) async fn stories_of(
    store: &dyn Store,
    mentions: impl Iterator<Item = &Mention> + Send,
) -> Result<HashMap<Seq, StoryId>, StoreError> {
    let seqs: Vec<Seq> = mentions.map(|mention| mention.seq).collect();
    let mut stories: HashMap<Seq, StoryId> = seqs.iter().map(|seq| (*seq, StoryId(*seq))).collect();
    stories.extend(store.stories_of(&seqs).await?);
    Ok(stories)
}

fn heard<'a>(
    mentions: &[Mention],
    texts: &'a [String],
    stories: &HashMap<Seq, StoryId>,
) -> Vec<Heard<'a>> {
    let one = |(mention, text): (&Mention, &'a String)| Heard {
        seq: mention.seq,
        story: stories.get(&mention.seq).copied().unwrap_or(StoryId(mention.seq)),
        voice: mention.voice(),
        text,
    };
    mentions.iter().zip(texts).map(one).collect()
}
