-- What a conversation in the queue waits for: it was handed on to whoever has this skill.
ALTER TABLE conversations ADD COLUMN skill TEXT NOT NULL DEFAULT '';
