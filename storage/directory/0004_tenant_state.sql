-- A tenant that is being added or removed is known as such: a kill in between leaves no doubt.

ALTER TABLE tenants RENAME COLUMN disabled TO state;
