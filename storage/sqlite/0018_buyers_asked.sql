-- Buyers are asked by us, too: by a link to their order, or where the widget told of it. Rows go by a
-- keyed hash of the site's own order id, so that one answer counts for an order whoever brings it.
-- Of answers taken in before, that hash is not known: they keep what they say, under ids of chance.
DROP TRIGGER buyers_gone;
CREATE TABLE answers (
  id        BLOB PRIMARY KEY,
  told      INTEGER NOT NULL,    -- 0: where the widget told of the order, 1: by a link, 2: taken in
  subject   TEXT NOT NULL,       -- the site's name for the person, where it vouches for visitors; or ''
  at_ms     INTEGER NOT NULL,
  faded_ms  INTEGER NOT NULL,    -- when whose answer it was was forgotten; 0: it is known
  chatted   INTEGER NOT NULL,
  bought    INTEGER NOT NULL,    -- this and the rest: -1, not told
  cents     INTEGER NOT NULL,    -- of the order
  currency  TEXT NOT NULL,
  recommend INTEGER NOT NULL,    -- 0 to 10
  trust     INTEGER NOT NULL,    -- this and the next two: 1 to 5
  again     INTEGER NOT NULL,
  satisfied INTEGER NOT NULL,
  effort    INTEGER NOT NULL,    -- 1 to 7
  source    TEXT NOT NULL,       -- how they came to hear of the site, of a short list; or ''
  solved    INTEGER NOT NULL,    -- this and the next: by those who chatted
  anyway    INTEGER NOT NULL     -- would have bought without the chat
) WITHOUT ROWID;
INSERT INTO answers SELECT randomblob(16), 2, subject, at_ms, 0, chatted, bought, cents, currency, recommend, trust, again,
  satisfied, -1, '', solved, -1 FROM buyers;
DROP TABLE buyers;
ALTER TABLE answers RENAME TO buyers;
CREATE INDEX buyers_by_subject ON buyers (subject) WHERE subject <> '';
CREATE INDEX buyers_unfaded ON buyers (at_ms) WHERE faded_ms = 0;
-- Whose order it is, where the widget of a visitor told of it.
CREATE TABLE orders (
  id      BLOB PRIMARY KEY,
  visitor BLOB NOT NULL,
  at_ms   INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX orders_by_visitor ON orders (visitor);
CREATE INDEX orders_by_time ON orders (at_ms);
-- Who is forgotten as a visitor is forgotten as a buyer.
CREATE TRIGGER buyers_gone AFTER DELETE ON visitors BEGIN
  DELETE FROM buyers WHERE id IN (SELECT id FROM orders WHERE visitor = old.id);
  DELETE FROM buyers WHERE subject = old.subject AND old.subject <> '';
  DELETE FROM orders WHERE visitor = old.id;
END;
