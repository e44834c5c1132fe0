-- In which language the machine found a conversation's words to be; empty: nobody read it yet, or they
-- do not tell. What was declared stays beside it.
ALTER TABLE conversations ADD COLUMN read_in TEXT NOT NULL DEFAULT '';

-- Whose words stand in the search index in a form that is not today's: found all the same, and put right
-- behind everything else.
ALTER TABLE conversations ADD COLUMN stale INTEGER NOT NULL DEFAULT 0;
CREATE INDEX conversations_stale ON conversations (row) WHERE stale = 1;
-- What gives base forms there; empty: not known.
CREATE TABLE search_forms (source TEXT NOT NULL);
INSERT INTO search_forms (source) VALUES ('');
