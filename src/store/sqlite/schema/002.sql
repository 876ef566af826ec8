-- Reading the past again: what each watch is about, and how far it is since that changed.

-- All that decides what a watch finds; absent for one that is not configured.
ALTER TABLE watch ADD COLUMN definition TEXT;
-- Findings up to here changed after they were evaluated: the saved detector knows others.
ALTER TABLE watch ADD COLUMN relearn INTEGER;
-- A poll was under way when a watch was edited: it brings findings of the old definition.
ALTER TABLE source ADD COLUMN outdated INTEGER NOT NULL DEFAULT 0;
-- Found when the past was read again: learned from, but no alarm.
ALTER TABLE finding ADD COLUMN late INTEGER NOT NULL DEFAULT 0;

-- A row stays after its job has ended, so that its epoch never begins again.
CREATE TABLE rematch (
  watch      TEXT PRIMARY KEY,
  definition TEXT NOT NULL,
  running    INTEGER NOT NULL,
  position   INTEGER NOT NULL,
  target     INTEGER,
  read       INTEGER NOT NULL,
  total      INTEGER NOT NULL,
  added      INTEGER NOT NULL,
  replaced   INTEGER NOT NULL,
  removed    INTEGER NOT NULL,
  started    INTEGER NOT NULL,
  epoch      INTEGER NOT NULL DEFAULT 0,
  holder     TEXT,
  until      INTEGER,
  changed    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER audit_rematch AFTER UPDATE OF position ON rematch
WHEN OLD.position IS NOT NEW.position
BEGIN
  INSERT INTO audit (at, subject, name, value)
  VALUES (NEW.changed, 'rematch', NEW.watch, NEW.epoch || ' ' || NEW.position);
END;

-- Mentions set aside: kept and shown, but counted by nobody. Absent, a finding counts; what was
-- found before this step does. The first index holds only what the detector hears, so that a flood
-- of spam costs it nothing.
ALTER TABLE finding ADD COLUMN aside TEXT;
DROP INDEX finding_watch_seq;
CREATE INDEX finding_watch_seq ON finding (watch, seq) WHERE aside IS NULL;
DROP INDEX finding_watch_event;
CREATE INDEX finding_watch_event ON finding (watch, event, seq, tone, aside);

-- Stories. Derived from the mentions by a follower, whose position moves with what it writes:
-- emptied and set back to 0, all of it is made again from the change feed.
CREATE TABLE follower (
  name     TEXT PRIMARY KEY,
  position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO follower (name, position) VALUES ('stories', 0);

-- `lead` is the mention that a story is known by, `last` when its last one arrived.
CREATE TABLE story (
  id   INTEGER PRIMARY KEY,
  lead INTEGER NOT NULL,
  last INTEGER NOT NULL
) STRICT;
CREATE INDEX story_last ON story (last);

CREATE TABLE telling (
  seq   INTEGER PRIMARY KEY,
  story INTEGER NOT NULL
) STRICT;
CREATE INDEX telling_story ON telling (story, seq);
