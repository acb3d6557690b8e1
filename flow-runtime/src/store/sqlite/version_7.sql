-- The number of the next checkpoint, for a run that keeps them.
ALTER TABLE runs ADD COLUMN checkpoints INTEGER;

CREATE TABLE checkpoints (
    run   TEXT    NOT NULL,
    n     INTEGER NOT NULL,
    -- Of a machine; of a place that was left, where there is no `state`.
    path  TEXT    NOT NULL,
    state BLOB,
    -- The large values that were new: of each its id, its length and its bytes.
    vals  BLOB,
    PRIMARY KEY (run, n)
) STRICT, WITHOUT ROWID;
