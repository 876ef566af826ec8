//! The stories: follows the change feed and says which mentions are copies of one text.

use std::collections::HashMap;
use std::time::Duration;

use super::Shared;
use crate::model::{Seq, StoryId, Timestamp};
use crate::store::{Change, NewLead, Position, Store, StoreError, StoryChange, StoryPage};
use crate::story::shelf::REMEMBERED;
use crate::story::{Shelf, Told};

/// Changes read at once.
const BATCH: usize = 500;

/// Stories remembered, of the last week: about ten megabytes of posts, forty of long articles.
const CAPACITY: usize = 20_000;

/// How often it looks when nobody says that something changed.
const STEP: Duration = Duration::from_secs(30);

/// The stories that can still be copied, and how far the feed was followed. All of it comes from
/// the store and can be read from it again.
struct Follower {
    shelf: Shelf,
    position: Position,
}

pub(super) async fn run(shared: Shared) {
    let mut follower = None;
    while !shared.stop.is_cancelled() {
        shared.hints.pulse.beat("stories");
        match step(shared.store.as_ref(), &mut follower).await {
            Ok(true) => {
                // An alert says how many texts there are, so it is decided after they are known.
                shared.hints.evaluate.notify_one();
                continue;
            }
            Ok(false) => {}
            Err(error) => {
                // What is in memory may be ahead of the store: it is read again.
                follower = None;
                shared.store_failed("stories", &error);
            }
        }
        shared.pause(&shared.hints.stories, STEP).await;
    }
}

/// Follows one page; whether there was one.
async fn step(store: &dyn Store, follower: &mut Option<Follower>) -> Result<bool, StoreError> {
    if follower.is_none() {
        *follower = Some(Follower::open(store).await?);
    }
    let Some(follower) = follower else { return Ok(false) };
    follower.follow(store).await
}

impl Follower {
    /// Remembers what the store says: the stories told in the week before the last one.
    async fn open(store: &dyn Store) -> Result<Follower, StoreError> {
        let position = store.stories_position().await?;
        let newest = store.recent_stories(Timestamp::UNIX_EPOCH, 1).await?;
        let last = newest.first().map_or(Timestamp::UNIX_EPOCH, |story| story.last);
        let since = last.saturating_sub(REMEMBERED).unwrap_or(last);
        let mut shelf = Shelf::new(CAPACITY);
        for story in store.recent_stories(since, CAPACITY).await? {
            if let Some(lead) = Told::by(&story.lead) {
                shelf.put(story.id, lead, story.last);
            }
        }
        Ok(Follower { shelf, position })
    }

    async fn follow(&mut self, store: &dyn Store) -> Result<bool, StoreError> {
        let after = self.position;
        let (changes, upto) = store.changes_after(after, BATCH).await?;
        if upto == after {
            return Ok(false);
        }
        let seqs: Vec<Seq> = changes.iter().map(seq).collect();
        let mut has: HashMap<Seq, StoryId> = store.stories_of(&seqs).await?.into_iter().collect();
        let changes = changes.iter().map(|change| self.change(change, &mut has)).collect();
        let leads = store.commit_stories(&StoryPage { after, upto, changes }).await?;
        self.position = upto;
        for lead in leads {
            self.lead(store, lead).await?;
        }
        Ok(true)
    }

    fn change(&mut self, change: &Change, has: &mut HashMap<Seq, StoryId>) -> StoryChange {
        match change {
            Change::Put(mention) => {
                let (seq, arrived) = (mention.seq, mention.first_seen);
                let known = has.get(&seq).copied();
                let story = self.shelf.place(seq, Told::by(mention), known, arrived);
                has.insert(seq, story);
                StoryChange::Tell { seq, story, arrived }
            }
            Change::Delete { seq, .. } => {
                has.remove(seq);
                StoryChange::Forget { seq: *seq }
            }
        }
    }

    /// A story whose lead was taken back is known by its next mention.
    async fn lead(&mut self, store: &dyn Store, new: NewLead) -> Result<(), StoreError> {
        let seqs: Vec<Seq> = new.lead.into_iter().collect();
        let mention = store.mentions(&seqs).await?.pop();
        match mention.as_ref().and_then(|mention| Some((Told::by(mention)?, mention.first_seen))) {
            Some((told, arrived)) => self.shelf.put(new.story, told, arrived),
            None => self.shelf.take_off(new.story),
        }
        Ok(())
    }
}

fn seq(change: &Change) -> Seq {
    match change {
        Change::Put(mention) => mention.seq,
        Change::Delete { seq, .. } => *seq,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Mention, Tone};
    use crate::store::conformance::sample::{at, key, mention, poll, polled};
    use crate::store::sqlite::SqliteStore;
    use crate::store::{Poll, StoryQuery};

    const COMPLAINT: &str = "Trois heures d'attente chez Acme, personne ne répond et le colis est \
        reparti sans explication, c'est la dernière fois que je commande chez eux";

    fn said(name: &str, text: &str) -> Mention {
        let mut mention = mention(name, text, Tone::Negative);
        mention.item.author =
            Some(crate::model::Author { name: name.to_owned(), ..crate::model::Author::default() });
        mention
    }

    fn open() -> (tempfile::TempDir, SqliteStore) {
        let directory = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(directory.path()).unwrap();
        (directory, store)
    }

    /// Follows to the end, beginning anew as after a crash when `fresh`.
    async fn follow(store: &SqliteStore, follower: &mut Option<Follower>, fresh: bool) {
        if fresh {
            *follower = None;
        }
        while step(store, follower).await.unwrap() {}
    }

    /// Names of the mentions of each story, in order.
    async fn told(store: &SqliteStore) -> Vec<String> {
        let mut told = Vec::new();
        for story in store.stories(&StoryQuery::default()).await.unwrap() {
            let query = crate::store::MentionQuery {
                story: Some(story.id),
                ..crate::store::MentionQuery::default()
            };
            let mentions = store.find_mentions(&query).await.unwrap();
            assert_eq!(mentions.len() as u64, story.mentions);
            let mut names: Vec<String> = mentions.into_iter().map(|m| m.item.id).collect();
            names.sort_unstable();
            told.push(names.concat());
        }
        told.sort_unstable();
        told
    }

    async fn lives(fresh: bool) {
        let (_directory, store) = open();
        let mut follower = None;
        let page = vec![
            said("a", COMPLAINT),
            said("b", &format!("RT @a: {COMPLAINT} https://x.example/1")),
            said("c", "Acme ouvre une boutique samedi matin à neuf heures, place du marché"),
        ];
        polled(&store, poll(page), at(0)).await;
        follow(&store, &mut follower, fresh).await;
        assert_eq!(told(&store).await, ["ab", "c"]);

        polled(&store, poll(vec![said("d", &COMPLAINT.to_uppercase())]), at(1)).await;
        follow(&store, &mut follower, fresh).await;
        assert_eq!(told(&store).await, ["abd", "c"]);

        polled(&store, Poll { removed: vec![key("a")], ..poll(vec![]) }, at(2)).await;
        follow(&store, &mut follower, fresh).await;
        polled(&store, poll(vec![said("e", COMPLAINT)]), at(3)).await;
        follow(&store, &mut follower, fresh).await;
        assert_eq!(told(&store).await, ["bde", "c"], "the story outlives its first mention");

        let edited = said("d", "Acme m'a rappelé hier soir et a tout remboursé, merci beaucoup");
        polled(&store, poll(vec![edited]), at(4)).await;
        follow(&store, &mut follower, fresh).await;
        assert_eq!(told(&store).await, ["be", "c", "d"]);

        let removed = ["b", "c", "d", "e"].map(key).to_vec();
        polled(&store, Poll { removed, ..poll(vec![]) }, at(5)).await;
        follow(&store, &mut follower, fresh).await;
        assert_eq!(told(&store).await, Vec::<String>::new());
        assert_eq!(store.verify().await, Ok(vec![]));
    }

    #[tokio::test]
    async fn stories_follow_what_is_new_revised_and_deleted() {
        lives(false).await;
    }

    #[tokio::test]
    async fn a_follower_that_dies_after_every_page_tells_the_same_stories() {
        lives(true).await;
    }

    #[tokio::test]
    async fn two_followers_of_one_store_do_not_both_write() {
        let (_directory, store) = open();
        let (mut one, mut two) = (None, None);
        assert!(!step(&store, &mut one).await.unwrap() && !step(&store, &mut two).await.unwrap());
        polled(&store, poll(vec![said("a", COMPLAINT), said("b", COMPLAINT)]), at(0)).await;
        assert!(step(&store, &mut one).await.unwrap());
        let fenced = step(&store, &mut two).await;
        assert!(matches!(fenced, Err(StoreError::Fenced(_))), "{fenced:?}");
        assert_eq!(told(&store).await, ["ab"]);
    }
}
