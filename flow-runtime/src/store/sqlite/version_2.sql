-- What a place waits for: an answer, where both are NULL; a time; a signal.
ALTER TABLE suspensions ADD COLUMN due INTEGER;
ALTER TABLE suspensions ADD COLUMN signal TEXT;

CREATE INDEX suspensions_due ON suspensions (due) WHERE state = 'open' AND due IS NOT NULL;

CREATE TABLE signals (
    run     TEXT    NOT NULL,
    seq     INTEGER NOT NULL,
    name    TEXT    NOT NULL,
    payload TEXT    NOT NULL,
    -- The place it was given to, until that is left.
    path    TEXT,
    PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
