-- Coding by people: which chats were drawn to be read, how many others each stands for, who reads it.

-- Codes under one code book stay with it: a coder is a name and a book.
CREATE TABLE coders_by_book (
  row  INTEGER PRIMARY KEY,
  name TEXT NOT NULL,                    -- machine@VERSION, a person's name, adjudicated
  book TEXT NOT NULL,                    -- the code book's version: spc-1
  UNIQUE (name, book)
);
INSERT INTO coders_by_book (row, name, book) SELECT row, name, coalesce((SELECT max(book) FROM codings
  WHERE coder = coders.row), 'spc-1') FROM coders;
DROP TABLE coders;
ALTER TABLE coders_by_book RENAME TO coders;
ALTER TABLE codings DROP COLUMN book;

CREATE TABLE samples (
  row     INTEGER PRIMARY KEY,
  name    TEXT NOT NULL UNIQUE,
  book    TEXT NOT NULL,
  machine TEXT NOT NULL,                 -- by whose codes its strata were told apart
  codes   TEXT NOT NULL,                 -- and by which, between spaces
  seed    INTEGER NOT NULL,
  made_ms INTEGER NOT NULL
);
CREATE TABLE sampled (
  sample       INTEGER NOT NULL,
  place        INTEGER NOT NULL,         -- the order they are read in, from 1
  conversation INTEGER NOT NULL,
  stratum      TEXT NOT NULL,            -- "fi existing with"
  weight       REAL NOT NULL,            -- how many chats of its stratum it stands for
  first        TEXT NOT NULL DEFAULT '', -- who reads it; '': nobody yet
  second       TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (sample, place)
) WITHOUT ROWID;
CREATE INDEX sampled_by_conversation ON sampled (conversation);
CREATE TRIGGER sampled_gone AFTER DELETE ON conversations BEGIN
  DELETE FROM sampled WHERE conversation = old.row;
END;

DROP INDEX imported_by_source;           -- nobody asks by it
