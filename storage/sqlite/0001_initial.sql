-- One tenant's conversations. Applied once, never edited again: changes get a new number.
-- Times are milliseconds since 1970 (UTC); ids are 16 bytes; the numbers of state, sender,
-- origin and delivery are the enums of chat/write.h.

CREATE TABLE visitors (
  id           BLOB PRIMARY KEY,
  token        BLOB NOT NULL,            -- SHA-256 of it, never itself
  site         BLOB NOT NULL,
  name         TEXT NOT NULL,
  language     TEXT NOT NULL,
  address_hash TEXT NOT NULL,            -- HMAC with the day's key
  created_ms   INTEGER NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX visitors_by_token ON visitors (token);

CREATE TABLE conversations (
  row          INTEGER PRIMARY KEY,      -- short name for the other tables
  id           BLOB NOT NULL UNIQUE,
  visitor      BLOB NOT NULL,
  site         BLOB NOT NULL,
  state        INTEGER NOT NULL,
  opened_ms    INTEGER NOT NULL,
  changed_ms   INTEGER NOT NULL,
  ended_ms     INTEGER NOT NULL DEFAULT 0,
  last_seq     INTEGER NOT NULL DEFAULT 0,
  routed_seq   INTEGER NOT NULL DEFAULT 0, -- the visitor's words up to here reached the XMPP server
  agent        TEXT NOT NULL DEFAULT '',   -- bare JID of who holds it, or held it last
  language     TEXT NOT NULL DEFAULT '',
  stage        TEXT NOT NULL DEFAULT 'unknown',
  visitor_name TEXT NOT NULL DEFAULT '',
  end_reason   TEXT NOT NULL DEFAULT '',
  outcome      TEXT NOT NULL DEFAULT '',
  tags         TEXT NOT NULL DEFAULT '[]',
  survey       TEXT NOT NULL DEFAULT ''
);
CREATE INDEX conversations_by_visitor ON conversations (visitor, opened_ms);
CREATE INDEX conversations_by_time ON conversations (opened_ms, id);
CREATE INDEX conversations_open ON conversations (state) WHERE state < 2;

CREATE TABLE messages (
  conversation INTEGER NOT NULL,
  seq          INTEGER NOT NULL,         -- from 1, without gaps, in commit order
  id           BLOB NOT NULL,
  sender_kind  INTEGER NOT NULL,
  origin       INTEGER NOT NULL,
  delivery     INTEGER NOT NULL,         -- at least this; see also conversations.routed_seq
  at_ms        INTEGER NOT NULL,
  delivered_ms INTEGER NOT NULL DEFAULT 0,
  read_ms      INTEGER NOT NULL DEFAULT 0,
  reply_to     INTEGER NOT NULL DEFAULT 0,
  sender       TEXT NOT NULL,
  name         TEXT NOT NULL,
  cid          TEXT NOT NULL,
  text         TEXT NOT NULL,
  PRIMARY KEY (conversation, seq)
) WITHOUT ROWID;
-- The same words sent again are known again.
CREATE UNIQUE INDEX messages_by_cid ON messages (conversation, sender, cid);
-- Receipts and bounces name a stanza, which is the message's id.
CREATE UNIQUE INDEX messages_by_id ON messages (id);

CREATE TABLE events (
  row          INTEGER PRIMARY KEY,
  conversation INTEGER NOT NULL,
  at_ms        INTEGER NOT NULL,
  type         TEXT NOT NULL,
  agent        TEXT NOT NULL,            -- bare JID, or ''
  name         TEXT NOT NULL,            -- what visitors call that agent, or ''
  detail       TEXT NOT NULL             -- a JSON object, or ''
);
CREATE INDEX events_by_conversation ON events (conversation);
