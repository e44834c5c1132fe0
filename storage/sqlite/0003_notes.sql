-- What agents write about a conversation. A note is no message: it takes no seq, and no visitor
-- ever gets one. It is known again by who wrote it and in which stanza it came.

CREATE TABLE notes (
  row          INTEGER PRIMARY KEY,
  conversation INTEGER NOT NULL,
  at_ms        INTEGER NOT NULL,
  agent        TEXT NOT NULL,            -- bare JID
  name         TEXT NOT NULL,            -- what visitors call that agent
  cid          TEXT NOT NULL,
  text         TEXT NOT NULL
);
CREATE UNIQUE INDEX notes_by_cid ON notes (conversation, agent, cid);
CREATE TRIGGER notes_gone AFTER DELETE ON conversations BEGIN
  DELETE FROM notes WHERE conversation = old.row;
END;

ALTER TABLE conversations ADD COLUMN stage_source TEXT NOT NULL DEFAULT ''; -- who said so: agent …
