-- Mails are notices, too: of the hook 0, each with the address it goes to. And visitors ask for a
-- call-back or a meeting themselves; events of that type are ours alone, whoever they are from.

ALTER TABLE notices ADD COLUMN address TEXT NOT NULL DEFAULT '';

DROP TRIGGER notice_callback;
CREATE TRIGGER notice_callback AFTER INSERT ON events WHEN new.type IN ('callback', 'meeting') BEGIN
  INSERT INTO notices (hook, id, event, conversation, ref, at_ms, since_ms)
  SELECT row, randomblob(16), 4, new.conversation, new.row, new.at_ms, new.at_ms FROM hooks
  WHERE events & 16 AND (SELECT state FROM conversations WHERE row = new.conversation) < 2 ORDER BY row;
END;
