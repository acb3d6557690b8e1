-- The request that answered it, if the answer named itself.
ALTER TABLE suspensions ADD COLUMN request TEXT;

-- The signals that named themselves.
CREATE TABLE requests (
    run     TEXT NOT NULL,
    request TEXT NOT NULL,
    PRIMARY KEY (run, request)
) STRICT, WITHOUT ROWID;

-- Not `status IN (..)`: SQLite would make a table of the list with each update of a run, which triples what a transition costs.
CREATE INDEX runs_over ON runs (changed) WHERE status = 'completed' OR status = 'cancelled' OR status = 'failed';
