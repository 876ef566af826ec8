//! Stories: in step with the change feed, each known by a mention that exists.

use std::sync::Arc;

use super::sample::{at, finding, full_mention, key, mention, poll, polled, watch};
use crate::model::{Mention, Seq, StoryId, Tone};
use crate::store::{
    MentionQuery, NewLead, Poll, Position, Result, Store, StoreError, StoryChange, StoryPage,
    StoryQuery,
};

type Tested = Arc<dyn Store>;

/// Stores mentions; their sequence numbers.
async fn stored(store: &dyn Store, mentions: Vec<Mention>) -> Vec<Seq> {
    let committed = polled(store, poll(mentions), at(0)).await;
    committed.accepted.iter().map(|(_, seq)| *seq).collect()
}

fn tell(seq: Seq, story: Seq) -> StoryChange {
    StoryChange::Tell { seq, story: StoryId(story), arrived: at(0) }
}

/// Commits changes from where the follower stands.
async fn followed(store: &dyn Store, changes: Vec<StoryChange>) -> Result<Vec<NewLead>> {
    let after = store.stories_position().await.expect("read");
    let upto = Position(after.0 + 1);
    store.commit_stories(&StoryPage { after, upto, changes }).await
}

async fn three(store: &dyn Store) -> Vec<Seq> {
    let page = ["a", "b", "c"].map(|name| mention(name, "Acme", Tone::Mixed));
    let seqs = stored(store, page.to_vec()).await;
    let first = seqs[0];
    let changes = seqs.iter().map(|seq| tell(*seq, first)).collect();
    assert_eq!(followed(store, changes).await, Ok(vec![]));
    seqs
}

pub async fn a_page_done_twice_is_fenced(store: Tested) {
    let seqs = stored(&*store, vec![mention("a", "Acme", Tone::Mixed)]).await;
    let page = StoryPage {
        after: Position::default(),
        upto: Position(1),
        changes: vec![tell(seqs[0], seqs[0])],
    };
    assert_eq!(store.commit_stories(&page).await, Ok(vec![]));
    let again = store.commit_stories(&page).await;
    assert!(matches!(again, Err(StoreError::Fenced(_))), "{again:?}");
    assert_eq!(store.stories_position().await, Ok(Position(1)));
    assert_eq!(followed(&*store, page.changes).await, Ok(vec![]), "told again, not twice");
    assert_eq!(store.stories(&StoryQuery::default()).await.expect("read")[0].mentions, 1);
}

pub async fn a_story_counts_its_spread(store: Tested) {
    let mut signed = full_mention("c");
    signed.findings = vec![finding("bolt", Tone::Negative)];
    let page = vec![mention("a", "Acme", Tone::Mixed), mention("b", "Acme", Tone::Mixed), signed];
    let seqs = stored(&*store, page).await;
    let changes = vec![tell(seqs[0], seqs[0]), tell(seqs[1], seqs[1]), tell(seqs[2], seqs[0])];
    followed(&*store, changes).await.expect("committed");
    let stories = store.stories(&StoryQuery::default()).await.expect("read");
    let counted = |s: &crate::model::Story| (s.id.0, s.lead, s.mentions, s.sources, s.authors);
    let counts: Vec<_> = stories.iter().map(counted).collect();
    assert_eq!(counts, [(seqs[0], seqs[0], 2, 1, 2), (seqs[1], seqs[1], 1, 1, 1)]);
    assert_eq!((stories[0].first_seen, stories[0].last_seen), (at(-90), at(0)));
    let bolt = StoryQuery { watch: Some(watch("bolt")), ..StoryQuery::default() };
    let stories = store.stories(&bolt).await.expect("read");
    assert_eq!(stories.iter().map(counted).collect::<Vec<_>>(), [(seqs[0], seqs[0], 1, 1, 1)]);
    assert_eq!(stories[0].last_seen, at(0), "its life is that of all its mentions");
    let negative = StoryQuery { tone: Some(Tone::Negative), ..StoryQuery::default() };
    assert_eq!(store.stories(&negative).await.expect("read").len(), 1);
    let later = StoryQuery { since: Some(at(1)), ..StoryQuery::default() };
    assert_eq!(store.stories(&later).await, Ok(vec![]));
}

pub async fn the_mentions_of_a_story_are_found(store: Tested) {
    let seqs = three(&*store).await;
    let query = MentionQuery { story: Some(StoryId(seqs[0])), ..MentionQuery::default() };
    assert_eq!(store.count_mentions(&query).await, Ok(3));
    let acme = MentionQuery { watch: Some(watch("acme")), limit: 2, ..query };
    let found = store.find_mentions(&acme).await.expect("read");
    assert_eq!(found.iter().map(|m| m.seq).collect::<Vec<_>>(), [seqs[2], seqs[1]]);
    let asked = [seqs[2], seqs[2] + 1, seqs[0]];
    let expected = vec![(seqs[2], StoryId(seqs[0])), (seqs[0], StoryId(seqs[0]))];
    assert_eq!(store.stories_of(&asked).await, Ok(expected));
}

pub async fn a_story_passes_to_its_next_mention_and_ends_with_its_last(store: Tested) {
    let seqs = three(&*store).await;
    let id = StoryId(seqs[0]);
    let forget = |seq| vec![StoryChange::Forget { seq }];
    let next = NewLead { story: id, lead: Some(seqs[1]) };
    assert_eq!(followed(&*store, forget(seqs[0])).await, Ok(vec![next]));
    assert_eq!(followed(&*store, forget(seqs[0])).await, Ok(vec![]), "gone already");
    assert_eq!(followed(&*store, forget(seqs[2])).await, Ok(vec![]));
    let end = NewLead { story: id, lead: None };
    assert_eq!(followed(&*store, forget(seqs[1])).await, Ok(vec![end]));
    assert_eq!(store.recent_stories(at(0), 0).await, Ok(vec![]));
}

pub async fn a_revised_mention_may_go_to_another_story(store: Tested) {
    let seqs = three(&*store).await;
    followed(&*store, vec![tell(seqs[2], seqs[2])]).await.expect("committed");
    let stories = store.stories(&StoryQuery::default()).await.expect("read");
    let counts: Vec<_> = stories.iter().map(|s| (s.id.0, s.mentions)).collect();
    assert_eq!(counts, [(seqs[0], 2), (seqs[2], 1)]);
}

pub async fn recent_stories_come_with_their_lead(store: Tested) {
    let seqs = three(&*store).await;
    let late = StoryChange::Tell { seq: seqs[1], story: StoryId(seqs[0]), arrived: at(60) };
    followed(&*store, vec![late]).await.expect("committed");
    let recent = store.recent_stories(at(60), 0).await.expect("read");
    let told: Vec<_> = recent.iter().map(|s| (s.id.0, s.lead.item.id.as_str(), s.last)).collect();
    assert_eq!(told, [(seqs[0], "a", at(60))]);
    assert_eq!(store.recent_stories(at(61), 0).await, Ok(vec![]));
    polled(&*store, Poll { removed: vec![key("a")], ..poll(vec![]) }, at(1)).await;
    assert_eq!(store.recent_stories(at(0), 0).await, Ok(vec![]), "its deletion is still to come");
}

pub async fn the_detector_hears_the_same_before_and_after_its_stories_are_known(store: Tested) {
    let mut edited = mention("b", "Acme", Tone::Negative);
    edited.fingerprint = 1;
    let seqs = stored(&*store, vec![mention("a", "Acme", Tone::Negative), edited]).await;
    let heard = async || {
        let signals = store.signals_after(&watch("acme"), 0, 10).await.expect("read");
        signals.iter().map(|signal| signal.fingerprint).collect::<Vec<_>>()
    };
    assert_eq!(heard().await, [u64::MAX - 7, 1]);
    let changes = seqs.iter().map(|seq| tell(*seq, seqs[0])).collect();
    followed(&*store, changes).await.expect("committed");
    assert_eq!(heard().await, [u64::MAX - 7, 1]);
}
