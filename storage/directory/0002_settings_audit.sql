-- Settings by site, and who changed what: each entry's hash covers the one before it.

ALTER TABLE sites ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';

CREATE TABLE audit (
  number INTEGER PRIMARY KEY,
  at_ms  INTEGER NOT NULL,
  who    TEXT NOT NULL,
  action TEXT NOT NULL,
  tenant TEXT NOT NULL,
  detail TEXT NOT NULL,
  hash   TEXT NOT NULL
);
CREATE INDEX audit_by_tenant ON audit (tenant, number);
