-- Replay: what one must know to hear again what was heard.

-- Since when the detector of a watch listens. Where it was not kept it has listened to all there is.
ALTER TABLE watch ADD COLUMN began INTEGER;
UPDATE watch SET began = (SELECT first_seen FROM mention ORDER BY seq LIMIT 1);

-- When an evaluation heard the findings up to a sequence number, after those of the row before.
-- Without an instant nobody knows.
CREATE TABLE heard (
  watch TEXT NOT NULL,
  upto  INTEGER NOT NULL,
  at    INTEGER,
  PRIMARY KEY (watch, upto)
) STRICT, WITHOUT ROWID;
INSERT INTO heard (watch, upto, at) SELECT id, evaluated, NULL FROM watch WHERE evaluated > 0;

-- Spans in which somebody listened, and the share of the usual volume that could be heard. Between
-- them nobody did.
CREATE TABLE listened (
  since INTEGER PRIMARY KEY,
  until INTEGER NOT NULL CHECK (until >= since),
  share REAL NOT NULL
) STRICT;

-- What people say of incidents. Kept for good, like a timeline.
CREATE TABLE verdict (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  incident TEXT NOT NULL,
  watch    TEXT NOT NULL,
  matter   TEXT NOT NULL,
  at       INTEGER NOT NULL,
  ruling   TEXT NOT NULL,
  by       TEXT NOT NULL,
  note     TEXT NOT NULL
) STRICT;
CREATE INDEX verdict_watch ON verdict (watch, id);
CREATE TRIGGER audit_verdict AFTER INSERT ON verdict
BEGIN
  INSERT INTO audit (at, subject, name, value)
  VALUES (NEW.at, 'verdict', NEW.incident, NEW.ruling || ' ' || NEW.by);
END;

-- Crises that a team remembers: what a replay is held against.
CREATE TABLE mark (
  watch TEXT NOT NULL,
  at    INTEGER NOT NULL,
  peak  INTEGER,
  name  TEXT NOT NULL,
  PRIMARY KEY (watch, at)
) STRICT, WITHOUT ROWID;

-- Incidents that are no bad buzz. A watch has at most one open of each matter.
ALTER TABLE incident ADD COLUMN matter TEXT NOT NULL DEFAULT 'bad-buzz';
DROP INDEX incident_one_open;
CREATE UNIQUE INDEX incident_one_open ON incident (watch, matter) WHERE state <> 'closed';
