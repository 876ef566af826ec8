-- Risks: what each finding speaks of, and what the public did with a mention as polls saw it.

-- Names of its topics with a space between.
ALTER TABLE finding ADD COLUMN topics TEXT NOT NULL DEFAULT '';
UPDATE finding SET topics = coalesce((
  SELECT group_concat(topic.value, ' ')
  FROM mention m, json_each(m.findings) f, json_each(f.value, '$.topics') topic
  WHERE m.seq = finding.seq AND json_extract(f.value, '$.watch') = finding.watch
), '');

-- The counts of a mention when it was found (`pos` is then its own number) and whenever a poll saw
-- that they had outgrown those. Such a row takes a number in the sequence of the mentions, so that
-- whoever follows that sequence hears both in their order with one position. By watch, since each
-- watch follows for itself.
CREATE TABLE counted (
  watch   TEXT NOT NULL,
  pos     INTEGER NOT NULL,
  seq     INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  likes   INTEGER,
  shares  INTEGER,
  replies INTEGER,
  views   INTEGER,
  PRIMARY KEY (watch, pos)
) STRICT, WITHOUT ROWID;
CREATE INDEX counted_seq ON counted (seq);

-- A mark has an end. Without one nobody says when the crisis was over.
ALTER TABLE mark ADD COLUMN until INTEGER;
-- When somebody said so: from then on the threshold of the watch heeds it.
ALTER TABLE mark ADD COLUMN said INTEGER;
