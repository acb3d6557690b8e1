-- An answer may be awaited until a time: then `due` is set, and an answer ends the wait too.
ALTER TABLE suspensions ADD COLUMN expires INTEGER NOT NULL DEFAULT 0;
