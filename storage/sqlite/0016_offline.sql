-- Who writes while nobody is there fills in a form, which is news of its own.

CREATE TRIGGER notice_offline AFTER INSERT ON events WHEN new.type = 'offline_form' BEGIN
  INSERT INTO notices (hook, id, event, conversation, ref, at_ms, since_ms)
  SELECT row, randomblob(16), 5, new.conversation, new.row, new.at_ms, new.at_ms FROM hooks
  WHERE events & 32 AND (SELECT state FROM conversations WHERE row = new.conversation) < 2 ORDER BY row;
END;
