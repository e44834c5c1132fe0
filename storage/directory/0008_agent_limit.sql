-- Conversations at once over all tenants together; 0: only each tenant's own limit counts.
ALTER TABLE agents ADD COLUMN limit_ INTEGER NOT NULL DEFAULT 0;
