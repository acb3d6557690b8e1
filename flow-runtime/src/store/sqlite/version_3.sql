-- The request that answered it, if the answer named itself.
ALTER TABLE suspensions ADD COLUMN request TEXT;

-- The signals that named themselves.
CREATE TABLE requests (
    run     TEXT NOT NULL,
    request TEXT NOT NULL,
    PRIMARY KEY (run, request)
) STRICT, WITHOUT ROWID;

CREATE INDEX runs_over ON runs (changed) WHERE status IN ('completed', 'cancelled', 'failed');
