-- The secret a webhook had before: notices are signed with both until its receiver has the new one.
ALTER TABLE hooks ADD COLUMN old_secret TEXT NOT NULL DEFAULT '';
ALTER TABLE hooks ADD COLUMN old_until_ms INTEGER NOT NULL DEFAULT 0;
