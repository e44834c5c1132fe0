-- Console users. A session holds as long as its epoch is its user's: one number more, and all of
-- them are over. Of passwords there is their scrypt, of tokens and codes their SHA-256.

CREATE TABLE users (
  name         TEXT PRIMARY KEY,
  role         INTEGER NOT NULL,
  disabled     INTEGER NOT NULL DEFAULT 0,
  password     TEXT NOT NULL DEFAULT '',
  epoch        INTEGER NOT NULL DEFAULT 1,
  totp         TEXT NOT NULL DEFAULT '',
  totp_new     TEXT NOT NULL DEFAULT '',
  totp_step    INTEGER NOT NULL DEFAULT 0,
  created_ms   INTEGER NOT NULL,
  seen_ms      INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE user_tenants (
  user   TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
  tenant TEXT NOT NULL REFERENCES tenants (name) ON DELETE CASCADE ON UPDATE CASCADE,
  PRIMARY KEY (user, tenant)
) WITHOUT ROWID;

CREATE TABLE user_invitations (
  user       TEXT PRIMARY KEY REFERENCES users (name) ON DELETE CASCADE,
  hash       TEXT NOT NULL UNIQUE,
  expires_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE user_recovery (
  user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
  hash TEXT NOT NULL,
  PRIMARY KEY (user, hash)
) WITHOUT ROWID;

CREATE TABLE user_sessions (
  id         TEXT PRIMARY KEY,
  hash       TEXT NOT NULL UNIQUE,
  user       TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
  epoch      INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  used_ms    INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) WITHOUT ROWID;
