-- Transcripts that came from elsewhere, under the id they had there. The digest tells a line that
-- was read before from another conversation with the same id.
CREATE TABLE imported (
  conversation INTEGER PRIMARY KEY,
  source       TEXT NOT NULL,
  digest       BLOB NOT NULL             -- SHA-256 of the line, its members sorted
);
CREATE TRIGGER imported_gone AFTER DELETE ON conversations BEGIN
  DELETE FROM imported WHERE conversation = old.row;
END;
