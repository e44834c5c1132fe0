-- The instance: who its tenants and agents are. Applied once, never edited again.

CREATE TABLE tenants (
  name       TEXT PRIMARY KEY,
  title      TEXT NOT NULL,
  domain     TEXT NOT NULL UNIQUE,
  languages  TEXT NOT NULL,
  secret     TEXT NOT NULL,
  disabled   INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  settings   TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE sites (
  tenant  TEXT NOT NULL REFERENCES tenants (name) ON DELETE CASCADE,
  place   INTEGER NOT NULL,
  id      TEXT NOT NULL UNIQUE,
  key     TEXT NOT NULL UNIQUE,
  origins TEXT NOT NULL,
  PRIMARY KEY (tenant, place)
) WITHOUT ROWID;

CREATE TABLE agents (
  jid        TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  revoked    INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE memberships (
  tenant  TEXT NOT NULL REFERENCES tenants (name) ON DELETE CASCADE,
  jid     TEXT NOT NULL REFERENCES agents (jid) ON DELETE CASCADE,
  role    INTEGER NOT NULL,
  limit_  INTEGER NOT NULL,
  persona TEXT NOT NULL,
  skills  TEXT NOT NULL,
  PRIMARY KEY (tenant, jid)
) WITHOUT ROWID;

CREATE TABLE notes (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
