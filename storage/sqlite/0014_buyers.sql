-- Buyers who answered a survey, and whether they had chatted: the effect study. The id is the site's own.
CREATE TABLE buyers (
  id        TEXT PRIMARY KEY,
  subject   TEXT NOT NULL,       -- the site's name for the person, where it vouches for visitors; or ''
  at_ms     INTEGER NOT NULL,
  chatted   INTEGER NOT NULL,
  bought    INTEGER NOT NULL,    -- this and the rest: -1, not told
  cents     INTEGER NOT NULL,    -- of the order
  currency  TEXT NOT NULL,
  recommend INTEGER NOT NULL,    -- 0 to 10
  trust     INTEGER NOT NULL,    -- this and the next two: 1 to 5
  again     INTEGER NOT NULL,
  satisfied INTEGER NOT NULL,
  solved    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX buyers_by_subject ON buyers (subject) WHERE subject <> '';
-- Who is forgotten as a visitor is forgotten as a buyer.
CREATE TRIGGER buyers_gone AFTER DELETE ON visitors WHEN old.subject <> '' BEGIN
  DELETE FROM buyers WHERE subject = old.subject;
END;
