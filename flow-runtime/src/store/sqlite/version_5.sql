-- How many processes in a row died with the run, without a transition between.
ALTER TABLE runs ADD COLUMN recoveries INTEGER NOT NULL DEFAULT 0;
