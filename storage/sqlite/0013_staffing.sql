-- How a tenant's desk was staffed, hour by hour: sums of seconds, of agents together and of none by name.
CREATE TABLE staffing (
  hour      INTEGER PRIMARY KEY, -- since 1970, UTC
  seen_s    INTEGER NOT NULL,    -- somebody looked: the core ran
  open_s    INTEGER NOT NULL,    -- of them, within opening hours
  staffed_s INTEGER NOT NULL,    -- of the open ones, with at least one agent who took offers
  agent_s   INTEGER NOT NULL,    -- of the open ones, times the agents who took offers
  held_s    INTEGER NOT NULL,    -- of all, times the conversations that agents held
  queued_s  INTEGER NOT NULL     -- of all, times the conversations that waited
);
