-- Words of messages, folded and brought to their stems (presence/folding.h), by who said them. Filled
-- behind the commit path and caught up before a search answers. A row's id is conversation × 2^20 + seq.
ALTER TABLE conversations ADD COLUMN indexed_seq INTEGER NOT NULL DEFAULT 0;
CREATE INDEX conversations_unindexed ON conversations (row) WHERE indexed_seq < last_seq;
CREATE VIRTUAL TABLE search USING fts5(visitor, agent, other, columnsize = 0, prefix = '2 3',
  tokenize = 'unicode61 remove_diacritics 0');
-- Messages whose words must leave the index: it is no plain table, and a schema we do not trust may not
-- touch it from a trigger. Whoever erases empties this in the same transaction: search_forget().
CREATE TABLE search_gone (id INTEGER PRIMARY KEY);
CREATE TRIGGER search_message_gone AFTER DELETE ON messages BEGIN
  INSERT OR IGNORE INTO search_gone (id) VALUES (old.conversation * 1048576 + old.seq);
END;
CREATE TRIGGER search_message_changed AFTER UPDATE OF text ON messages WHEN old.text <> new.text BEGIN
  INSERT OR IGNORE INTO search_gone (id) VALUES (old.conversation * 1048576 + old.seq);
END;
