-- Who outside is yet to be told that somebody wants to be called back, or to meet: a row comes in
-- the very transaction of the wish, which it points to, and goes when the XMPP server has what tells
-- of it. No word is copied.
CREATE TABLE calls (
  id    BLOB PRIMARY KEY,                -- of the stanza that tells it, however often it is sent
  event INTEGER NOT NULL,                -- its row
  seq   INTEGER NOT NULL,                -- of the message that asks for it; 0: the event's detail does
  jid   TEXT NOT NULL                    -- bare: who is to hear of it
) WITHOUT ROWID;
CREATE TRIGGER calls_gone AFTER DELETE ON events BEGIN
  DELETE FROM calls WHERE event = old.row;
END;

-- An event that a stanza asked for is known again, as notes are.
ALTER TABLE events ADD COLUMN cid TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX events_by_cid ON events (conversation, agent, cid) WHERE cid <> '';
