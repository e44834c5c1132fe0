-- What ends the copy of a conversation that a visitor is mailed, where this agent answered last; '': what the tenant has for that.
ALTER TABLE memberships ADD COLUMN signature TEXT NOT NULL DEFAULT '';
