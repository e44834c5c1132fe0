-- A tenant's keys, sealed by the instance's: the last version seals, one before opens what it sealed
-- until that is sealed anew. A tenant that is removed takes them along, and what they sealed, wherever
-- a copy of it lies, is noise from then on.

CREATE TABLE tenant_keys (
  tenant    TEXT NOT NULL REFERENCES tenants (name) ON DELETE CASCADE ON UPDATE CASCADE,
  version   INTEGER NOT NULL,
  id        BLOB NOT NULL UNIQUE,
  wrapped   BLOB NOT NULL,
  sealed_by TEXT NOT NULL,          -- the mark of the instance's key
  PRIMARY KEY (tenant, version)
) WITHOUT ROWID;
