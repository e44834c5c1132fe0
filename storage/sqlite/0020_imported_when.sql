-- When a transcript came in. One that tells no time of its own is kept from then on; 0: it came before
-- this was written down.
ALTER TABLE imported ADD COLUMN at_ms INTEGER NOT NULL DEFAULT 0;
