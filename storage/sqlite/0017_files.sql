-- Files that visitors sent, each with the message that carries it. The bytes lie beside this
-- database, in files/<id>; the name is the message's text.
CREATE TABLE files (
  id           BLOB PRIMARY KEY,
  visitor      BLOB NOT NULL,
  conversation INTEGER NOT NULL,
  seq          INTEGER NOT NULL,
  at_ms        INTEGER NOT NULL,
  type         TEXT NOT NULL,            -- as its bytes say, of a short list: image/png …
  bytes        INTEGER NOT NULL,
  width        INTEGER NOT NULL,         -- of a picture; else 0
  height       INTEGER NOT NULL,
  sha256       BLOB NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX files_by_message ON files (conversation, seq);
CREATE INDEX files_by_visitor ON files (visitor, at_ms, bytes); -- holds all that quotas count
CREATE TRIGGER files_of_conversation AFTER DELETE ON conversations BEGIN
  DELETE FROM files WHERE conversation = old.row;
END;
-- Whose bytes must leave the disk, too: files_scrub() sees to it, again after a kill.
CREATE TABLE files_gone (id BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TRIGGER files_gone AFTER DELETE ON files BEGIN
  INSERT OR IGNORE INTO files_gone (id) VALUES (old.id);
END;
