-- Who may ask the REST API over the network. Only the token's SHA-256 is kept.

CREATE TABLE tokens (
  id         TEXT PRIMARY KEY,
  hash       TEXT NOT NULL UNIQUE,
  role       INTEGER NOT NULL,
  tenant     TEXT REFERENCES tenants (name) ON DELETE CASCADE,
  label      TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  used_ms    INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
