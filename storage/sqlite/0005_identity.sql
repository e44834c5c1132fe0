-- Visitors whom their site vouches for, and what it says of them. The subject is the site's own
-- name for a person; '' means that nobody vouches, and then only the token opens anything.

ALTER TABLE visitors ADD COLUMN subject TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX visitors_by_subject ON visitors (subject) WHERE subject <> '';

ALTER TABLE conversations ADD COLUMN verified INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN email TEXT NOT NULL DEFAULT '';
ALTER TABLE conversations ADD COLUMN attributes TEXT NOT NULL DEFAULT ''; -- a JSON object, or ''
