CREATE TABLE runs (
    run         TEXT    NOT NULL PRIMARY KEY,
    workflow    TEXT    NOT NULL,
    fingerprint INTEGER NOT NULL,
    key         TEXT,
    status      TEXT    NOT NULL,
    epoch       INTEGER NOT NULL,
    owner       TEXT,
    seq         INTEGER NOT NULL,
    inbox_seq   INTEGER NOT NULL,
    error       TEXT,
    started     INTEGER NOT NULL,
    changed     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX runs_key ON runs (key) WHERE key IS NOT NULL;
CREATE INDEX runs_started ON runs (started);
CREATE INDEX runs_status ON runs (status, started);
CREATE INDEX runs_owner ON runs (owner) WHERE owner IS NOT NULL;

CREATE TABLE bodies (
    run    TEXT NOT NULL PRIMARY KEY,
    input  BLOB NOT NULL,
    output BLOB
) STRICT;

CREATE TABLE frames (
    run   TEXT NOT NULL,
    path  TEXT NOT NULL,
    place TEXT NOT NULL,
    state BLOB NOT NULL,
    PRIMARY KEY (run, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE vals (
    run   TEXT    NOT NULL,
    id    INTEGER NOT NULL,
    path  TEXT    NOT NULL,
    value BLOB    NOT NULL,
    PRIMARY KEY (run, id)
) STRICT;

CREATE INDEX vals_path ON vals (run, path);

CREATE TABLE events (
    run   TEXT    NOT NULL,
    first INTEGER NOT NULL,
    n     INTEGER NOT NULL,
    body  TEXT    NOT NULL,
    time  INTEGER NOT NULL
) STRICT;

CREATE INDEX events_run ON events (run, first);

CREATE TABLE suspensions (
    run     TEXT    NOT NULL,
    path    TEXT    NOT NULL,
    node    TEXT    NOT NULL,
    payload TEXT,
    schema  TEXT,
    state   TEXT    NOT NULL,
    since   INTEGER NOT NULL,
    UNIQUE (run, path)
) STRICT;

CREATE INDEX suspensions_open ON suspensions (run) WHERE state = 'open';

CREATE TABLE inbox (
    run     TEXT    NOT NULL,
    path    TEXT    NOT NULL,
    seq     INTEGER NOT NULL,
    payload TEXT    NOT NULL,
    PRIMARY KEY (run, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE workers (
    worker      TEXT    NOT NULL PRIMARY KEY,
    lease_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
