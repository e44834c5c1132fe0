-- The language an agent chose with !lang; '' until they do.
ALTER TABLE agents ADD COLUMN language TEXT NOT NULL DEFAULT '';
