-- Which conversations a tenant pays for, month by month. Rules are never changed, only followed by
-- later ones; a closed statement is its bytes, and stays so whatever happens to what it tells of.
CREATE TABLE billing_rules (
  version  INTEGER PRIMARY KEY,
  month    TEXT NOT NULL,                -- they hold from it on: 2026-10
  zone     TEXT NOT NULL,                -- where its months begin
  currency TEXT NOT NULL,                -- EUR; '': nothing has a price
  rules    TEXT NOT NULL,                -- tenant/billing/rules.h, as JSON
  made_ms  INTEGER NOT NULL,
  made_by  TEXT NOT NULL
);
CREATE TABLE billing_statements (
  month     TEXT PRIMARY KEY,
  from_ms   INTEGER NOT NULL,
  to_ms     INTEGER NOT NULL,
  closed_ms INTEGER NOT NULL,
  closed_by TEXT NOT NULL,
  digest    BLOB NOT NULL,               -- SHA-256 of the document
  document  TEXT NOT NULL
);
CREATE TABLE billing_disputes (
  row          INTEGER PRIMARY KEY,
  month        TEXT NOT NULL,
  line         INTEGER NOT NULL,
  conversation BLOB NOT NULL,
  amount       INTEGER NOT NULL,         -- of that line; 0 where nothing has a price
  reason       TEXT NOT NULL,
  made_ms      INTEGER NOT NULL,
  made_by      TEXT NOT NULL,
  state        INTEGER NOT NULL DEFAULT 0, -- 0 open, 1 accepted, 2 rejected
  answer       TEXT NOT NULL DEFAULT '',
  decided_ms   INTEGER NOT NULL DEFAULT 0,
  decided_by   TEXT NOT NULL DEFAULT '',
  credited     TEXT NOT NULL DEFAULT '', -- the month whose statement took it back
  UNIQUE (month, line)
);
CREATE TRIGGER billing_rules_stay BEFORE UPDATE ON billing_rules BEGIN
  SELECT raise(ABORT, 'rules are followed by others, not changed');
END;
CREATE TRIGGER billing_statements_stay BEFORE UPDATE ON billing_statements BEGIN
  SELECT raise(ABORT, 'a closed statement stays as it is');
END;
CREATE TRIGGER billing_statements_are_kept BEFORE DELETE ON billing_statements BEGIN
  SELECT raise(ABORT, 'a closed statement stays');
END;

-- Lines of conversations that were erased before their month was closed: numbers, no words.
CREATE TABLE billing_erased (
  conversation BLOB PRIMARY KEY,
  ended_ms     INTEGER NOT NULL,
  line         TEXT NOT NULL             -- as the statement has it, as JSON
) WITHOUT ROWID;
-- How many words a visitor had said, counted when they went; -1: not known.
ALTER TABLE conversations ADD COLUMN faded_words INTEGER NOT NULL DEFAULT -1;
CREATE INDEX conversations_by_end ON conversations (ended_ms, id) WHERE state = 2;
