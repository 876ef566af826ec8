-- Mentions set aside: kept and shown, but counted by nobody. Absent, a finding counts; what was
-- found before this step does. The first index holds only what the detector hears, so that a flood
-- of spam costs it nothing.
ALTER TABLE finding ADD COLUMN aside TEXT;
DROP INDEX finding_watch_seq;
CREATE INDEX finding_watch_seq ON finding (watch, seq) WHERE aside IS NULL;
DROP INDEX finding_watch_event;
CREATE INDEX finding_watch_event ON finding (watch, event, seq, tone, aside);
