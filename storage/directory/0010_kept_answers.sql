-- What was answered to a request that may come again, by the key it was sent with: for a day. Of key
-- and request there is the SHA-256 alone, and no secret that the answer held.

CREATE TABLE kept_answers (
  who     TEXT NOT NULL,
  key     TEXT NOT NULL,
  request TEXT NOT NULL,
  at_ms   INTEGER NOT NULL,
  status  INTEGER NOT NULL,
  body    TEXT NOT NULL,
  PRIMARY KEY (who, key)
) WITHOUT ROWID;
