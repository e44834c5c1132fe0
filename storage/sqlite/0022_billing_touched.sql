-- What changed of ended conversations, so that no statement is closed that was read before it did:
-- tags, stage and outcome may still be said after the end. Emptied as months are closed; where nothing
-- is billed nobody needs it.
CREATE TABLE billing_touched (
  number   INTEGER PRIMARY KEY AUTOINCREMENT,
  ended_ms INTEGER NOT NULL
);
CREATE TRIGGER billing_touches AFTER UPDATE OF tags, stage, outcome ON conversations
WHEN old.state = 2 AND EXISTS (SELECT 1 FROM billing_rules) BEGIN
  INSERT INTO billing_touched (ended_ms) VALUES (old.ended_ms);
END;
CREATE TRIGGER billing_touches_more AFTER INSERT ON conversations
WHEN new.state = 2 AND EXISTS (SELECT 1 FROM billing_rules) BEGIN
  INSERT INTO billing_touched (ended_ms) VALUES (new.ended_ms);
END;
CREATE TRIGGER billing_touches_less AFTER DELETE ON conversations
WHEN old.state = 2 AND EXISTS (SELECT 1 FROM billing_rules) BEGIN
  INSERT INTO billing_touched (ended_ms) VALUES (old.ended_ms);
END;
