-- Where a tenant wants to be told what happens, and what is still to be told. A notice is born by
-- a trigger, so in the very transaction of what it tells of, and points to it: no word is copied.
-- Imported chats are no news: they are ended when they come.

CREATE TABLE hooks (
  row          INTEGER PRIMARY KEY,
  id           BLOB NOT NULL UNIQUE,
  url          TEXT NOT NULL,
  events       INTEGER NOT NULL,         -- bits: enum hook_event of tenant/hook.h
  texts        INTEGER NOT NULL,         -- 1: what people said goes along
  secret       TEXT NOT NULL,            -- notices are signed with it; shown once
  created_ms   INTEGER NOT NULL
);
CREATE TABLE notices (
  row          INTEGER PRIMARY KEY AUTOINCREMENT, -- the order they are told in
  hook         INTEGER NOT NULL,
  id           BLOB NOT NULL UNIQUE,
  event        INTEGER NOT NULL,
  conversation INTEGER NOT NULL,
  ref          INTEGER NOT NULL,         -- message: its seq; callback: the event's row
  at_ms        INTEGER NOT NULL,         -- when it happened
  since_ms     INTEGER NOT NULL,         -- it is given up a day after this
  dead_ms      INTEGER NOT NULL DEFAULT 0, -- given up; 0: not
  tries        INTEGER NOT NULL DEFAULT 0, -- known of the dead
  error        TEXT NOT NULL DEFAULT ''
);
CREATE INDEX notices_waiting ON notices (hook, row) WHERE dead_ms = 0;
CREATE INDEX notices_dead ON notices (dead_ms) WHERE dead_ms > 0;
CREATE INDEX notices_by_conversation ON notices (conversation);

CREATE TRIGGER hooks_gone AFTER DELETE ON hooks BEGIN
  DELETE FROM notices WHERE hook = old.row;
END;
CREATE TRIGGER notices_gone AFTER DELETE ON conversations BEGIN
  DELETE FROM notices WHERE conversation = old.row;
END;

CREATE TRIGGER notice_started AFTER INSERT ON conversations WHEN new.state = 0 BEGIN
  INSERT INTO notices (hook, id, event, conversation, ref, at_ms, since_ms)
  SELECT row, randomblob(16), 0, new.row, 0, new.opened_ms, new.opened_ms FROM hooks WHERE events & 1 ORDER BY row;
END;
CREATE TRIGGER notice_ended AFTER UPDATE OF state ON conversations WHEN new.state = 2 AND old.state < 2 BEGIN
  INSERT INTO notices (hook, id, event, conversation, ref, at_ms, since_ms)
  SELECT row, randomblob(16), 1, new.row, 0, new.ended_ms, new.ended_ms FROM hooks WHERE events & 2 ORDER BY row;
END;
CREATE TRIGGER notice_message AFTER INSERT ON messages WHEN EXISTS (SELECT 1 FROM hooks WHERE events & 4) BEGIN
  INSERT INTO notices (hook, id, event, conversation, ref, at_ms, since_ms)
  SELECT row, randomblob(16), 2, new.conversation, new.seq, new.at_ms, new.at_ms FROM hooks
  WHERE events & 4 AND (SELECT state FROM conversations WHERE row = new.conversation) < 2 ORDER BY row;
END;
CREATE TRIGGER notice_survey AFTER UPDATE OF survey ON conversations
WHEN new.survey <> '' AND new.survey <> old.survey AND new.faded_ms = old.faded_ms BEGIN
  INSERT INTO notices (hook, id, event, conversation, ref, at_ms, since_ms)
  SELECT row, randomblob(16), 3, new.row, 0, max(new.changed_ms, new.ended_ms), CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
  FROM hooks WHERE events & 8 ORDER BY row;
END;
CREATE TRIGGER notice_callback AFTER INSERT ON events WHEN new.type = 'callback' AND new.agent <> '' BEGIN
  INSERT INTO notices (hook, id, event, conversation, ref, at_ms, since_ms)
  SELECT row, randomblob(16), 4, new.conversation, new.row, new.at_ms, new.at_ms FROM hooks
  WHERE events & 16 AND (SELECT state FROM conversations WHERE row = new.conversation) < 2 ORDER BY row;
END;
