-- A kept answer goes with whom it was given to, and with whom it is about: who bears the name later
-- hears nothing of it.

ALTER TABLE kept_answers ADD COLUMN tenant TEXT
  REFERENCES tenants (name) ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE kept_answers ADD COLUMN user TEXT REFERENCES users (name) ON DELETE CASCADE;

CREATE TRIGGER users_hear_no_more AFTER DELETE ON users BEGIN
  DELETE FROM kept_answers WHERE who = 'user:' || old.name;
END;
CREATE TRIGGER tokens_hear_no_more AFTER DELETE ON tokens BEGIN
  DELETE FROM kept_answers WHERE who = 'token:' || old.id;
END;
