-- Said !away at this tenant's desk, and not !here since.
ALTER TABLE memberships ADD COLUMN away INTEGER NOT NULL DEFAULT 0;
-- An admin says that nobody sits there, whatever the client shows.
ALTER TABLE agents ADD COLUMN unstaffed INTEGER NOT NULL DEFAULT 0;
