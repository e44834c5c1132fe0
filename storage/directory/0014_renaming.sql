-- What a tenant was called before stays its own for as long as it lives: addresses and signatures
-- of then bear it. One that bore a name several times has a row for each. `moving`: ledger and
-- folder have not followed yet.
--
-- `born` is the name it was added under, '' for the one it has: keyed hashes of files and
-- orders are made with it, and must not change.

ALTER TABLE tenants ADD COLUMN born TEXT NOT NULL DEFAULT '';

CREATE TABLE former_names (
  tenant   TEXT NOT NULL REFERENCES tenants (name) ON DELETE CASCADE ON UPDATE CASCADE,
  name     TEXT NOT NULL,
  since_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  moving   INTEGER NOT NULL,
  PRIMARY KEY (name, until_ms)
) WITHOUT ROWID;
CREATE INDEX former_names_by_tenant ON former_names (tenant, until_ms);

CREATE TRIGGER former_names_are_taken BEFORE INSERT ON tenants
WHEN EXISTS (SELECT 1 FROM former_names WHERE name = new.name) BEGIN
  SELECT RAISE(ABORT, 'it is what another tenant was called before');
END;
