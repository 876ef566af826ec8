//! What only the embedded store promises: its directory, its file, its two kinds of connections.

use std::sync::Arc;

use rusqlite::Connection;

use super::SqliteStore;
use crate::model::{Timestamp, Tone};
use crate::replay::Hearing;
use crate::store::conformance::Fresh;
use crate::store::conformance::sample::{at, mention, poll, polled};
use crate::store::{MentionQuery, Store, StoreError, WatchSeed};

pub(super) fn fresh() -> Fresh {
    let directory = tempfile::tempdir().expect("a directory");
    let store = Arc::new(SqliteStore::open(directory.path()).expect("opened"));
    Fresh { store, keep: Box::new(directory) }
}

mod conforms {
    crate::store::conformance::conformance_suite!(crate::store::sqlite::tests::fresh);
}

/// The database without any of our code in the way.
fn raw(directory: &tempfile::TempDir) -> Connection {
    Connection::open(directory.path().join("vigie.db")).expect("opened")
}

/// A closed store with some mentions in it.
async fn filled() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let store = SqliteStore::open(directory.path()).expect("opened");
    let page = (0..200)
        .map(|n| mention(&n.to_string(), "Acme rappelle ses fours. ", Tone::Negative))
        .collect();
    polled(&store, poll(page), at(0)).await;
    directory
}

#[test]
fn a_directory_in_use_is_refused_and_names_the_holder() {
    let directory = tempfile::tempdir().expect("a directory");
    let first = SqliteStore::open(directory.path()).expect("opened");
    let second = SqliteStore::open(directory.path()).expect_err("in use");
    let StoreError::InUse { holder, .. } = second else { panic!("{second}") };
    assert_eq!(holder, std::process::id().to_string());
    drop(first);
    SqliteStore::open(directory.path()).expect("free again");
}

#[test]
fn the_state_belongs_to_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().expect("a directory");
    let directory = parent.path().join("deep/state");
    let _store = SqliteStore::open(&directory).expect("opened");
    for (name, mode) in [("", 0o700), ("vigie.db", 0o600), ("vigie.db-wal", 0o600)] {
        let found = std::fs::metadata(directory.join(name)).expect("there").permissions().mode();
        assert_eq!(found & 0o777, mode, "{name:?}");
    }
}

#[tokio::test]
async fn what_was_accepted_is_there_without_a_proper_close() {
    let directory = filled().await;
    let copy = tempfile::tempdir().expect("a directory");
    let store = SqliteStore::open(directory.path()).expect("opened");
    polled(&store, poll(vec![mention("last", "Acme", Tone::Mixed)]), at(1)).await;
    // What a killed process leaves: the files as they are, the log not yet folded in.
    for name in ["vigie.db", "vigie.db-wal"] {
        std::fs::copy(directory.path().join(name), copy.path().join(name)).expect("copied");
    }
    let survivor = SqliteStore::open(copy.path()).expect("opened");
    assert_eq!(survivor.count_mentions(&MentionQuery::default()).await, Ok(201));
    assert_eq!(survivor.verify().await, Ok(vec![]));
    assert_eq!(survivor.identity().await, store.identity().await);
}

#[tokio::test]
async fn a_reader_sees_what_the_daemon_commits_and_writes_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let daemon = SqliteStore::open(directory.path()).expect("opened");
    let reader = SqliteStore::open_reader(directory.path()).expect("opened beside it");
    assert_eq!(reader.count_mentions(&MentionQuery::default()).await, Ok(0));
    polled(&daemon, poll(vec![mention("a", "Acme", Tone::Mixed)]), at(0)).await;
    assert_eq!(reader.count_mentions(&MentionQuery::default()).await, Ok(1));
    let refused = reader.sync_sources(&[], at(0)).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
}

#[tokio::test]
async fn a_reader_reads_a_store_that_nobody_runs() {
    let directory = filled().await;
    let reader = SqliteStore::open_reader(directory.path()).expect("opened");
    assert_eq!(reader.health().await.expect("read").mentions, 200);
    let empty = tempfile::tempdir().expect("a directory");
    assert!(matches!(SqliteStore::open_reader(empty.path()), Err(StoreError::Io(_))));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("vigie.db");
    let words = "this is somebody's shopping list\n".repeat(100);
    std::fs::write(&path, &words).expect("written");
    let error = SqliteStore::open(directory.path()).expect_err("no database");
    assert!(matches!(&error, StoreError::Corrupt(what) if what.contains("backup")), "{error}");
    assert_eq!(std::fs::read_to_string(&path).expect("read"), words);
}

#[tokio::test]
async fn a_damaged_page_is_noticed_at_the_start() {
    let directory = filled().await;
    let path = directory.path().join("vigie.db");
    let mut bytes = std::fs::read(&path).expect("read");
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 64].fill(0xa5);
    std::fs::write(&path, bytes).expect("written");
    let error = SqliteStore::open(directory.path()).expect_err("damaged");
    assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let directory = filled().await;
    raw(&directory).pragma_update(None, "user_version", 99).expect("written");
    let newer = StoreError::Newer { found: 99, known: super::migrate::KNOWN };
    assert_eq!(SqliteStore::open(directory.path()).expect_err("newer"), newer);
    assert_eq!(SqliteStore::open_reader(directory.path()).expect_err("newer"), newer);
}

#[tokio::test]
async fn a_store_of_the_first_schema_keeps_what_it_has_and_reads_it_again_once() {
    let directory = tempfile::tempdir().expect("a directory");
    let db = raw(&directory);
    db.execute_batch(include_str!("schema/001.sql")).expect("made");
    db.execute_batch(
        "PRAGMA user_version = 1; \
         INSERT INTO mention VALUES (1, x'00112233445566778899aabbccddeeff', 'blog', 'feed', 0, 0, \
         0, 0, 0, 0, NULL, NULL, '', 'Acme', '{\"id\":\"a\"}', '[]'); \
         INSERT INTO item_key SELECT key, seq FROM mention; \
         INSERT INTO change (op, seq, key) SELECT 'put', seq, key FROM mention; \
         INSERT INTO finding VALUES (1, 'acme', 0, 'mixed'); \
         INSERT INTO bucket VALUES ('acme', 0, 1, 0, 0, 0, 1); \
         UPDATE tally SET value = 1; \
         INSERT INTO watch (id, changed, evaluated) VALUES ('acme', 0, 1);",
    )
    .expect("filled");
    drop(db);
    let reader = SqliteStore::open_reader(directory.path()).expect_err("too old to be read");
    assert!(matches!(&reader, StoreError::Refused(why) if why.contains("vigie run")), "{reader}");
    let store = SqliteStore::open(directory.path()).expect("upgraded");
    assert_eq!(store.verify().await, Ok(vec![]));
    let acme = crate::store::conformance::sample::watch("acme");
    let heard = store.signals_after(&acme, 0, 9).await.expect("read");
    // Nobody kept when it was heard; the detector has listened to all there is.
    assert!(
        matches!(heard.as_slice(), [one] if one.hearing == Hearing::New && one.heard.is_none()),
        "{heard:?}"
    );
    assert_eq!(store.began(&acme).await, Ok(Some(Timestamp::UNIX_EPOCH)));
    // Nothing says what it was found by.
    let seed = WatchSeed { id: acme, definition: "x".to_owned() };
    for _ in 0..2 {
        store.sync_watches(std::slice::from_ref(&seed), at(0)).await.expect("synced");
        assert_eq!(store.rematches().await.expect("read").len(), 1);
    }
}

#[tokio::test]
async fn a_mark_that_had_no_end_is_still_read() {
    let directory = tempfile::tempdir().expect("a directory");
    let db = raw(&directory);
    for step in [
        include_str!("schema/001.sql"),
        include_str!("schema/002.sql"),
        include_str!("schema/003.sql"),
    ] {
        db.execute_batch(step).expect("made");
    }
    db.execute_batch("PRAGMA user_version = 3; INSERT INTO mark VALUES ('acme', 0, NULL, 'old')")
        .expect("filled");
    drop(db);
    let store = SqliteStore::open(directory.path()).expect("upgraded");
    let marks = store.marks().await.expect("read");
    assert!(matches!(marks.as_slice(), [one] if one.name == "old" && one.until.is_none()));
}

#[tokio::test]
async fn the_audit_refuses_to_be_rewritten() {
    let directory = filled().await;
    let db = raw(&directory);
    for sql in ["DELETE FROM audit", "UPDATE audit SET value = 'nothing happened'"] {
        let error = db.execute(sql, []).expect_err(sql).to_string();
        assert!(error.contains("append-only"), "{sql}: {error}");
    }
}

#[tokio::test]
async fn verification_finds_what_does_not_fit_together() {
    let cases = [
        ("DELETE FROM item_key WHERE seq = 3", "key does not lead"),
        ("DELETE FROM mention WHERE seq = 3", "keys that lead to no mention"),
        ("DELETE FROM finding WHERE seq = 3", "counters that differ"),
        ("UPDATE bucket SET total = total + 1", "counters that differ"),
        ("DELETE FROM change WHERE seq = 3", "change feed does not name"),
        ("UPDATE tally SET value = 0", "more or less"),
    ];
    for (sql, expected) in cases {
        let directory = filled().await;
        raw(&directory).execute(sql, []).expect(sql);
        let store = SqliteStore::open(directory.path()).expect("opened");
        let broken = store.verify().await.expect("read");
        assert!(broken.iter().any(|line| line.contains(expected)), "{sql}: {broken:?}");
    }
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_heals() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = SqliteStore::open(directory.path()).expect("opened");
    polled(&store, poll(vec![mention("a", "Acme", Tone::Mixed)]), at(0)).await;
    let limit = |pages: i64| {
        store.write(move |db| {
            db.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
            Ok(())
        })
    };
    limit(1).await.expect("set: no more pages than there are");
    let lease = crate::store::conformance::sample::claim(&store, at(1)).await;
    let long = "Acme ".repeat(20_000);
    let page = poll(vec![mention("b", &long, Tone::Mixed)]);
    assert_eq!(store.commit_poll(&lease, &page, at(1)).await, Err(StoreError::Full));
    assert_eq!(store.count_mentions(&MentionQuery::default()).await, Ok(1));
    limit(1_000_000).await.expect("room again");
    store.commit_poll(&lease, &page, at(2)).await.expect("the same lease goes on");
    assert_eq!(store.verify().await, Ok(vec![]));
}
