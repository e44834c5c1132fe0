-- What a tenant's site signs its visitors' identities with. A tenant that is removed takes its
-- key along: one made again by the same name believes nothing signed before.

CREATE TABLE identity_keys (
  tenant     TEXT PRIMARY KEY REFERENCES tenants (name) ON DELETE CASCADE,
  kid        TEXT NOT NULL,
  secret     TEXT NOT NULL,
  required   INTEGER NOT NULL,
  created_ms INTEGER NOT NULL
) WITHOUT ROWID;
