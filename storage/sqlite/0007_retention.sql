-- When the words of an ended conversation went, for they are kept no longer; 0: they are there.

ALTER TABLE conversations ADD COLUMN faded_ms INTEGER NOT NULL DEFAULT 0;
CREATE INDEX conversations_unfaded ON conversations (ended_ms) WHERE faded_ms = 0 AND state = 2;
