-- What agents changed of what they had said: a row for each change, with the words it put an end to. The
-- message itself holds the latest words, or none where it was withdrawn. A change is known again by who
-- made it and in which stanza it came.

CREATE TABLE revisions (
  row          INTEGER PRIMARY KEY,
  conversation INTEGER NOT NULL,
  seq          INTEGER NOT NULL,
  at_ms        INTEGER NOT NULL,         -- until when the message said so
  sender       TEXT NOT NULL,            -- bare JID
  cid          TEXT NOT NULL,
  text         TEXT NOT NULL
);
CREATE UNIQUE INDEX revisions_by_cid ON revisions (conversation, sender, cid);

ALTER TABLE messages ADD COLUMN edited_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN withdrawn_ms INTEGER NOT NULL DEFAULT 0;

-- What was searched and coded are the words before: both are done anew.
CREATE TRIGGER revisions_new AFTER INSERT ON revisions BEGIN
  UPDATE conversations SET indexed_seq = min(indexed_seq, new.seq - 1), unindexed = 1
    WHERE row = new.conversation;
  UPDATE codings SET last_seq = 0 WHERE conversation = new.conversation;
END;
CREATE TRIGGER revisions_gone AFTER DELETE ON conversations BEGIN
  DELETE FROM revisions WHERE conversation = old.row;
END;
