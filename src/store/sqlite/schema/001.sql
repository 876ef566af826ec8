-- Instants are microseconds since 1970 in UTC, as fine as PostgreSQL keeps them.

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Counting rows reads them all; these are kept up by whoever adds or removes some.
CREATE TABLE tally (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL CHECK (value >= 0)
) STRICT, WITHOUT ROWID;
INSERT INTO tally (name, value) VALUES ('mentions', 0);

CREATE TABLE source (
  id            TEXT PRIMARY KEY,
  kind          TEXT NOT NULL,
  host          TEXT NOT NULL,
  fingerprint   TEXT NOT NULL,
  configured    INTEGER NOT NULL,
  cursor        TEXT NOT NULL,
  next          INTEGER NOT NULL,
  epoch         INTEGER NOT NULL DEFAULT 0,
  holder        TEXT,
  until         INTEGER,
  last_poll     INTEGER,
  last_success  INTEGER,
  last_new      INTEGER,
  failures      INTEGER NOT NULL DEFAULT 0,
  first_failure INTEGER,
  last_result   TEXT,
  last_error    TEXT,
  changed       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX source_host ON source (host, until);

-- A random key in the table itself costs ten times as much as a sequential one, so the hash
-- lives in a small table of its own.
CREATE TABLE item_key (
  key BLOB PRIMARY KEY,
  seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The long columns come last, so that reading the short ones touches no overflow page.
CREATE TABLE mention (
  seq         INTEGER PRIMARY KEY AUTOINCREMENT,
  key         BLOB NOT NULL,
  source      TEXT NOT NULL,
  kind        TEXT NOT NULL,
  first_seen  INTEGER NOT NULL,
  event       INTEGER NOT NULL,
  revision    INTEGER NOT NULL,
  fingerprint INTEGER NOT NULL,
  author_hash INTEGER NOT NULL,
  reach       INTEGER NOT NULL,
  author      TEXT,
  url         TEXT,
  title       TEXT NOT NULL,
  text        TEXT NOT NULL,
  rest        TEXT NOT NULL,
  findings    TEXT NOT NULL
) STRICT;
CREATE INDEX mention_event ON mention (event);
CREATE INDEX mention_source ON mention (source, event);

-- What of a finding is asked for; the whole of it is in mention.findings.
CREATE TABLE finding (
  seq   INTEGER NOT NULL,
  watch TEXT NOT NULL,
  event INTEGER NOT NULL,
  tone  TEXT NOT NULL,
  PRIMARY KEY (seq, watch)
) STRICT, WITHOUT ROWID;
CREATE INDEX finding_watch_seq ON finding (watch, seq);
CREATE INDEX finding_watch_event ON finding (watch, event, seq, tone);

CREATE TABLE bucket (
  watch    TEXT NOT NULL,
  minute   INTEGER NOT NULL,
  total    INTEGER NOT NULL CHECK (total >= 0),
  negative INTEGER NOT NULL CHECK (negative >= 0),
  neutral  INTEGER NOT NULL CHECK (neutral >= 0),
  positive INTEGER NOT NULL CHECK (positive >= 0),
  mixed    INTEGER NOT NULL CHECK (mixed >= 0),
  PRIMARY KEY (watch, minute)
) STRICT, WITHOUT ROWID;

CREATE TABLE change (
  pos INTEGER PRIMARY KEY AUTOINCREMENT,
  op  TEXT NOT NULL CHECK (op IN ('put', 'delete')),
  seq INTEGER NOT NULL,
  key BLOB NOT NULL
) STRICT;

CREATE TABLE watch (
  id              TEXT PRIMARY KEY,
  epoch           INTEGER NOT NULL DEFAULT 0,
  holder          TEXT,
  until           INTEGER,
  evaluated       INTEGER NOT NULL DEFAULT 0,
  evaluated_at    INTEGER,
  checkpoint      BLOB,
  checkpoint_upto INTEGER,
  checkpoint_at   INTEGER,
  changed         INTEGER NOT NULL
) STRICT;

CREATE TABLE incident (
  id      TEXT PRIMARY KEY,
  watch   TEXT NOT NULL,
  level   TEXT NOT NULL,
  state   TEXT NOT NULL,
  opened  INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  body    TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX incident_one_open ON incident (watch) WHERE state <> 'closed';
CREATE INDEX incident_opened ON incident (opened);

CREATE TABLE timeline (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  incident TEXT NOT NULL,
  at       INTEGER NOT NULL,
  what     TEXT NOT NULL,
  level    TEXT,
  detail   TEXT NOT NULL
) STRICT;
CREATE INDEX timeline_incident ON timeline (incident, id);

CREATE TABLE outbox (
  id        TEXT PRIMARY KEY,
  channel   TEXT NOT NULL,
  recipient TEXT NOT NULL,
  incident  TEXT NOT NULL,
  event     TEXT NOT NULL,
  level     TEXT NOT NULL,
  urgency   INTEGER NOT NULL,
  created   INTEGER NOT NULL,
  state     TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'unknown', 'sent', 'dead')),
  due       INTEGER NOT NULL,
  attempts  INTEGER NOT NULL DEFAULT 0,
  ambiguous INTEGER NOT NULL DEFAULT 0,
  epoch     INTEGER NOT NULL DEFAULT 0,
  holder    TEXT,
  until     INTEGER,
  response  TEXT,
  error     TEXT,
  changed   INTEGER NOT NULL,
  payload   BLOB NOT NULL
) STRICT;
CREATE INDEX outbox_waiting ON outbox (channel, due) WHERE state NOT IN ('sent', 'dead');
CREATE INDEX outbox_state ON outbox (channel, state, created);

-- Written by triggers only: it says what really happened, whatever the code believes.
CREATE TABLE audit (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  subject TEXT NOT NULL,
  name    TEXT NOT NULL,
  value   TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

CREATE TRIGGER audit_source AFTER UPDATE OF cursor ON source
WHEN OLD.cursor IS NOT NEW.cursor
BEGIN
  INSERT INTO audit (at, subject, name, value)
  VALUES (NEW.changed, 'source', NEW.id, NEW.epoch || ' ' || substr(NEW.cursor, 1, 300));
END;
CREATE TRIGGER audit_watch AFTER UPDATE OF evaluated ON watch
WHEN OLD.evaluated IS NOT NEW.evaluated
BEGIN
  INSERT INTO audit (at, subject, name, value)
  VALUES (NEW.changed, 'watch', NEW.id, NEW.evaluated);
END;
CREATE TRIGGER audit_incident_new AFTER INSERT ON incident
BEGIN
  INSERT INTO audit (at, subject, name, value)
  VALUES (NEW.changed, 'incident', NEW.id, NEW.state || ' ' || NEW.level);
END;
CREATE TRIGGER audit_incident AFTER UPDATE OF state, level ON incident
WHEN OLD.state IS NOT NEW.state OR OLD.level IS NOT NEW.level
BEGIN
  INSERT INTO audit (at, subject, name, value)
  VALUES (NEW.changed, 'incident', NEW.id, NEW.state || ' ' || NEW.level);
END;
CREATE TRIGGER audit_outbox_new AFTER INSERT ON outbox
BEGIN
  INSERT INTO audit (at, subject, name, value)
  VALUES (NEW.changed, 'outbox', NEW.id, NEW.state);
END;
CREATE TRIGGER audit_outbox AFTER UPDATE OF state, epoch ON outbox
WHEN OLD.state IS NOT NEW.state OR OLD.epoch IS NOT NEW.epoch
BEGIN
  INSERT INTO audit (at, subject, name, value)
  VALUES (NEW.changed, 'outbox', NEW.id, NEW.state);
END;
