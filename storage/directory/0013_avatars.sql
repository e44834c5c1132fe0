-- Pictures of personas, and, where jid is NULL, of tenants. Each goes with whom it shows; id is what
-- its bytes are known by.

CREATE TABLE avatars (
  tenant TEXT NOT NULL REFERENCES tenants (name) ON DELETE CASCADE ON UPDATE CASCADE,
  jid    TEXT,
  id     TEXT NOT NULL,
  bytes  BLOB NOT NULL,
  FOREIGN KEY (tenant, jid) REFERENCES memberships (tenant, jid) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX avatars_by_whom ON avatars (tenant, coalesce(jid, ''));
CREATE INDEX avatars_by_id ON avatars (tenant, id);
