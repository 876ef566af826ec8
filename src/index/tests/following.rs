//! How the view follows the feed, and what it does with files that are wrong.

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::index::generation::generations;
use crate::index::{IndexError, RebuildReason, ViewState};

fn folder(dir: &TempDir) -> PathBuf {
    generations(dir.path()).unwrap().pop().unwrap().path
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn postings(folder: &Path) -> String {
    let is_postings = |name: &String| Path::new(name).extension().is_some_and(|e| e == "idx");
    names(folder).into_iter().find(is_postings).unwrap()
}

/// An index of three mentions, closed.
fn filled() -> TempDir {
    let dir = TempDir::new().unwrap();
    let mut view = open(dir.path()).view;
    let changes: Vec<Change> = (1..=3).map(|seq| put(mention(seq, "acme"))).collect();
    view.apply(&changes, Position(3)).unwrap();
    view.close().unwrap();
    dir
}

#[test]
fn a_restart_goes_on_where_the_commit_was() {
    let dir = filled();
    let opened = open(dir.path());
    assert_eq!(opened.state, ViewState::Current);
    assert!(!opened.unclean);
    assert_eq!(opened.view.position(), Position(3));
    assert_eq!(all(&opened.view.searcher()), [3, 2, 1]);
}

#[test]
fn a_kill_goes_back_to_the_commit_and_a_replay_converges() {
    let dir = filled();
    let mut view = open(dir.path()).view;
    view.apply(&[put(mention(4, "acme")), delete(1)], Position(5)).unwrap();
    assert_eq!(view.position(), Position(5));
    drop(view);

    let opened = open(dir.path());
    let mut view = opened.view;
    assert!(opened.unclean);
    assert_eq!(view.position(), Position(3));
    assert_eq!(all(&view.searcher()), [3, 2, 1]);
    view.apply(&[put(mention(4, "acme")), delete(1)], Position(5)).unwrap();
    assert_eq!(view.commit().unwrap(), Position(5));
    assert_eq!(all(&view.searcher()), [4, 3, 2]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn a_replay_from_any_position_gives_the_same_hits(
        steps in prop::collection::vec((1u64..8, any::<bool>()), 1..20),
        cut in 0usize..20,
        again in 0usize..20,
    ) {
        let changes: Vec<Change> = steps
            .iter()
            .map(|&(seq, gone)| if gone { delete(seq) } else { put(mention(seq, "acme")) })
            .collect();
        let mut expected: Vec<Seq> = (1..8)
            .filter(|seq| steps.iter().rev().find(|(s, _)| s == seq).is_some_and(|(_, gone)| !gone))
            .collect();
        expected.reverse();

        let dir = TempDir::new().unwrap();
        let mut view = open(dir.path()).view;
        let cut = cut.min(changes.len());
        view.apply(&changes[..cut], Position(cut as u64)).unwrap();
        view.commit().unwrap();
        let again = again.min(cut);
        let end = Position(changes.len() as u64);
        view.apply(&changes[again..], end).unwrap();
        prop_assert_eq!(view.commit().unwrap(), end);
        prop_assert_eq!(all(&view.searcher()), expected);
    }
}

#[test]
fn a_revision_replaces_what_was_said() {
    let dir = filled();
    let mut view = open(dir.path()).view;
    view.apply(&[put(mention(2, "zed"))], Position(4)).unwrap();
    view.commit().unwrap();
    assert_eq!(ask(&view.searcher(), phrase("acme")).unwrap(), [3, 1]);
    assert_eq!(ask(&view.searcher(), phrase("zed")).unwrap(), [2]);
}

#[test]
fn merges_keep_the_position_and_give_back_the_space_of_deletes() {
    let dir = TempDir::new().unwrap();
    let mut view = open(dir.path()).view;
    for batch in 0..10u64 {
        let seqs = batch * 100..(batch + 1) * 100;
        let changes: Vec<Change> =
            seqs.map(|seq| put(mention(seq, &format!("acme mot{seq} encore{seq}")))).collect();
        view.apply(&changes, Position((batch + 1) * 100)).unwrap();
        view.commit().unwrap();
    }
    view.settle().unwrap();
    let before = view.searcher().stats();
    assert!(before.segments < 10, "{before:?}");
    let changes: Vec<Change> = (0..900).map(delete).collect();
    view.apply(&changes, Position(1_900)).unwrap();
    view.settle().unwrap();
    let after = view.searcher().stats();
    assert_eq!((after.docs, after.deleted, after.position), (100, 0, Position(1_900)), "{after:?}");
    assert!(after.bytes * 2 < before.bytes, "{before:?} {after:?}");
    drop(view);
    assert_eq!(open(dir.path()).view.position(), Position(1_900));
}

#[test]
fn deleting_everything_leaves_an_empty_index() {
    let dir = filled();
    let mut view = open(dir.path()).view;
    view.apply(&[delete(1), delete(2), delete(3)], Position(6)).unwrap();
    view.settle().unwrap();
    let stats = view.searcher().stats();
    assert_eq!((stats.docs, stats.segments), (0, 0));
    assert!(all(&view.searcher()).is_empty());
}

#[track_caller]
fn check_rebuilt(dir: &TempDir, store: StoreMark<'_>) -> RebuildReason {
    let opened = IndexView::open(dir.path(), store, noon()).unwrap();
    let mut view = opened.view;
    assert_eq!(view.position(), Position(0));
    assert!(names(dir.path()).contains(&"index.corrupt-20261124T120000Z".to_owned()));
    view.apply(&[put(mention(1, "acme"))], Position(1)).unwrap();
    view.commit().unwrap();
    assert_eq!(all(&view.searcher()), [1]);
    match opened.state {
        ViewState::Rebuilding(reason) => reason,
        state => panic!("{state:?}"),
    }
}

#[test]
fn an_index_of_another_store_or_of_a_later_time_is_rebuilt() {
    let other = StoreMark { identity: "store-b", ..STORE };
    assert_eq!(check_rebuilt(&filled(), other), RebuildReason::OtherStore);
    let restored = StoreMark { last: Position(2), ..STORE };
    let reason = check_rebuilt(&filled(), restored);
    assert_eq!(reason, RebuildReason::AheadOfStore { index: 3, store: 2 });
}

#[test]
fn an_index_of_another_schema_is_rebuilt() {
    let dir = filled();
    fs::rename(folder(&dir), dir.path().join("v0123456789abcdef-4")).unwrap();
    assert_eq!(check_rebuilt(&dir, STORE), RebuildReason::SchemaChanged);
    assert!(folder(&dir).to_string_lossy().ends_with("-5"));
}

#[test]
fn each_kind_of_damage_that_opening_sees_is_set_aside_and_rebuilt() {
    for damage in
        ["truncate meta", "empty meta", "no meta", "no segment file", "bad list", "empty file"]
    {
        let dir = filled();
        let folder = folder(&dir);
        let meta = folder.join("meta.json");
        let idx = postings(&folder);
        match damage {
            "truncate meta" => {
                let text = fs::read(&meta).unwrap();
                fs::write(&meta, &text[..text.len() / 2]).unwrap();
            }
            "empty meta" => fs::write(&meta, "").unwrap(),
            "no meta" => fs::remove_file(&meta).unwrap(),
            "bad list" => fs::write(folder.join(".managed.json"), "[\"").unwrap(),
            "no segment file" => fs::remove_file(folder.join(idx)).unwrap(),
            _ => fs::write(folder.join(idx), "").unwrap(),
        }
        let reason = check_rebuilt(&dir, STORE);
        assert!(matches!(reason, RebuildReason::Damaged(_)), "{damage}: {reason:?}");
    }
}

#[test]
fn a_flipped_bit_is_seen_by_validation_and_rebuilt() {
    let dir = filled();
    let folder = folder(&dir);
    let name = postings(&folder);
    let mut bytes = fs::read(folder.join(&name)).unwrap();
    bytes[4] ^= 1;
    fs::write(folder.join(&name), bytes).unwrap();

    let mut view = open(dir.path()).view;
    let searcher = view.searcher();
    assert_eq!(searcher.validate().unwrap(), [PathBuf::from(name)]);
    view.rebuild(noon()).unwrap();
    assert_eq!(view.position(), Position(0));
    view.apply(&[put(mention(7, "acme"))], Position(1)).unwrap();
    view.commit().unwrap();
    // The handle from before the rebuild moved with it.
    assert_eq!(all(&searcher), [7]);
    assert!(searcher.validate().unwrap().is_empty());
}

#[test]
fn one_set_aside_is_kept_and_no_more() {
    let dir = filled();
    let mut view = open(dir.path()).view;
    for hour in 0..3 {
        view.rebuild(noon() + SignedDuration::from_hours(hour)).unwrap();
    }
    let aside: Vec<String> =
        names(dir.path()).into_iter().filter(|name| name.starts_with("index.corrupt-")).collect();
    assert_eq!(aside, ["index.corrupt-20261124T140000Z"]);
    assert_eq!(generations(dir.path()).unwrap().len(), 1);
}

#[test]
fn a_busy_lock_is_an_error_and_nothing_is_touched() {
    let dir = filled();
    let first = open(dir.path());
    fs::write(folder(&dir).join("meta.json"), "").unwrap();
    let second = IndexView::open(dir.path(), STORE, noon()).err();
    assert!(matches!(second, Some(IndexError::Locked(_))), "{second:?}");
    assert!(!names(dir.path()).iter().any(|name| name.starts_with("index.corrupt-")));
    drop(first);
}

#[test]
fn a_busy_writer_lock_is_an_error_and_nothing_is_touched() {
    let dir = filled();
    let index = tantivy::Index::open_in_dir(folder(&dir)).unwrap();
    let held: tantivy::IndexWriter = index.writer_with_num_threads(1, 15_000_000).unwrap();
    let second = IndexView::open(dir.path(), STORE, noon()).err();
    assert!(matches!(second, Some(IndexError::Locked(_))), "{second:?}");
    drop(held);
    assert_eq!(open(dir.path()).state, ViewState::Current);
}

#[test]
fn a_machine_in_trouble_never_costs_the_index() {
    use std::io::{Error, ErrorKind};
    for (error, expected) in [
        (Error::from(ErrorKind::StorageFull), "full"),
        (Error::from(ErrorKind::PermissionDenied), "denied"),
        (Error::from_raw_os_error(24), "io"),
        (Error::from(ErrorKind::UnexpectedEof), "damaged"),
    ] {
        let error = IndexError::from(tantivy::TantivyError::from(error));
        assert_eq!(error.reason(), expected, "{error}");
    }
}

#[test]
fn files_that_a_kill_left_behind_are_swept() {
    let dir = filled();
    let folder = folder(&dir);
    for name in ["00000000000000000000000000000000.idx", ".tmpAbCdEf"] {
        fs::write(folder.join(name), "").unwrap();
    }
    fs::remove_file(folder.join(".managed.json")).unwrap();
    let view = open(dir.path()).view;
    let left = names(&folder);
    assert!(!left.iter().any(|name| name.starts_with("000") || name.starts_with(".tmp")));
    assert_eq!(all(&view.searcher()), [3, 2, 1]);
}

#[test]
fn the_command_line_reads_beside_the_daemon() {
    let dir = TempDir::new().unwrap();
    assert!(matches!(Searcher::open(dir.path()), Err(IndexError::Absent(_))));
    let mut view = open(dir.path()).view;
    view.apply(&[put(mention(1, "acme"))], Position(1)).unwrap();
    view.commit().unwrap();
    let reader = Searcher::open(dir.path()).unwrap();
    assert_eq!(all(&reader), [1]);
    assert_eq!(reader.stats().position, Position(1));
    view.apply(&[delete(1)], Position(2)).unwrap();
    view.settle().unwrap();
    assert_eq!(all(&reader), [1]);
    assert!(all(&Searcher::open(dir.path()).unwrap()).is_empty());
}

#[test]
fn a_failed_writer_is_replaced_and_the_position_goes_back() {
    let dir = filled();
    let mut view = open(dir.path()).view;
    let away = dir.path().join("away");
    fs::rename(folder(&dir), &away).unwrap();
    view.apply(&[put(mention(4, "acme"))], Position(4)).unwrap();
    view.commit().unwrap_err();
    assert_eq!(view.position(), Position(3));
    let back = view.searcher().edition().generation.path;
    fs::rename(&away, back).unwrap();
    view.apply(&[put(mention(4, "acme"))], Position(4)).unwrap();
    assert_eq!(view.commit().unwrap(), Position(4));
    assert_eq!(all(&view.searcher()), [4, 3, 2, 1]);
}
