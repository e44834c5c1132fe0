-- A message costs the pages it changes: its own, and the one that proves it is new. So nothing else
-- changes with each message. Receipts name a visitor beside the message's id, and are looked for among
-- that visitor's; how far a conversation has come is what its last message says.

DROP INDEX messages_by_id;

-- Some of its messages are not in the search index: written once, and again when it has caught up.
ALTER TABLE conversations ADD COLUMN unindexed INTEGER NOT NULL DEFAULT 0;
UPDATE conversations SET unindexed = 1 WHERE indexed_seq < last_seq;
DROP INDEX conversations_unindexed;
CREATE INDEX conversations_unindexed ON conversations (row) WHERE unindexed = 1;

ALTER TABLE conversations DROP COLUMN last_seq;
