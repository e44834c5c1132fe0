-- What coders (the machine, people) saw in messages. A conversation is coded whole or not at all:
-- its row in codings says so, also where nothing was found. seq 0: of the conversation itself.
CREATE TABLE coders (
  row  INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE              -- machine@VERSION, a person's name, adjudicated
);
CREATE TABLE codings (
  coder        INTEGER NOT NULL,
  conversation INTEGER NOT NULL,
  last_seq     INTEGER NOT NULL,         -- how much of it there was
  at_ms        INTEGER NOT NULL,
  book         TEXT NOT NULL,            -- the code book's version: spc-1
  PRIMARY KEY (coder, conversation)
) WITHOUT ROWID;
CREATE TABLE codes (
  conversation INTEGER NOT NULL,
  coder        INTEGER NOT NULL,
  seq          INTEGER NOT NULL,
  code         TEXT NOT NULL,
  first        INTEGER NOT NULL,         -- code points of the text, end exclusive; 0 0: no span
  last         INTEGER NOT NULL,
  rule         TEXT NOT NULL,            -- the machine's reason, or ''
  PRIMARY KEY (conversation, coder, seq, code)
) WITHOUT ROWID;
-- Codes tell of words: they go when the words go.
CREATE TRIGGER codings_gone AFTER DELETE ON conversations BEGIN
  DELETE FROM codes WHERE conversation = old.row;
  DELETE FROM codings WHERE conversation = old.row;
END;
CREATE INDEX imported_by_source ON imported (source);
