CREATE TABLE runs (
    run         uuid   NOT NULL PRIMARY KEY,
    workflow    text   NOT NULL,
    fingerprint bigint NOT NULL,
    key         text,
    status      text   NOT NULL,
    epoch       bigint NOT NULL,
    owner       uuid,
    -- How many events, answers, suspensions and signals it had: what numbers the next.
    seq         bigint NOT NULL,
    inbox_seq   bigint NOT NULL,
    opened      bigint NOT NULL,
    signalled   bigint NOT NULL,
    -- How many processes in a row died with the run, without a transition between.
    recoveries  integer NOT NULL,
    -- When what it does is written: `transition` or `suspend`.
    durability  text   NOT NULL,
    -- The number of the next checkpoint, for a run that keeps them.
    checkpoints bigint,
    error       text,
    started     bigint NOT NULL,
    changed     bigint NOT NULL,
    -- When it changed last, if it is over. Apart from `changed`, since a change of a column that is in an index writes all indexes.
    ended       bigint
) WITH (fillfactor = 70);

CREATE UNIQUE INDEX runs_key ON runs (key) WHERE key IS NOT NULL;
CREATE INDEX runs_started ON runs (started, run);
CREATE INDEX runs_status ON runs (status, started, run);
CREATE INDEX runs_owner ON runs (owner) WHERE owner IS NOT NULL;

CREATE INDEX runs_ended ON runs (ended, run) WHERE ended IS NOT NULL;

CREATE TABLE bodies (
    run    uuid  NOT NULL PRIMARY KEY,
    input  bytea NOT NULL,
    output bytea
);

CREATE TABLE checkpoints (
    run   uuid   NOT NULL,
    n     bigint NOT NULL,
    -- Of a machine; of a place that was left, where there is no `state`.
    path  text   NOT NULL,
    state bytea,
    -- The large values that were new: of each its id, its length and its bytes.
    vals  bytea,
    PRIMARY KEY (run, n)
);

CREATE TABLE frames (
    run   uuid  NOT NULL,
    path  text  COLLATE "C" NOT NULL,
    place text  NOT NULL,
    state bytea NOT NULL,
    PRIMARY KEY (run, path)
) WITH (fillfactor = 70);

CREATE TABLE vals (
    run   uuid   NOT NULL,
    id    bigint NOT NULL,
    path  text   COLLATE "C" NOT NULL,
    value bytea  NOT NULL,
    PRIMARY KEY (run, id)
);

CREATE INDEX vals_path ON vals (run, path);

CREATE TABLE events (
    run   uuid   NOT NULL,
    first bigint NOT NULL,
    n     bigint NOT NULL,
    body  text   NOT NULL,
    time  bigint NOT NULL,
    PRIMARY KEY (run, first)
);

CREATE TABLE suspensions (
    run     uuid   NOT NULL,
    path    text   COLLATE "C" NOT NULL,
    -- Its place in the order of opening.
    number  bigint NOT NULL,
    node    text   NOT NULL,
    payload text,
    schema  text,
    state   text   NOT NULL,
    since   bigint NOT NULL,
    -- What it waits for: an answer, where `due` and `signal` are NULL; a time; a signal.
    due     bigint,
    -- It waits for an answer, but no longer than until it is due.
    expires boolean NOT NULL,
    signal  text,
    -- The request that answered it, if the answer named itself.
    request text,
    PRIMARY KEY (run, path)
);

CREATE INDEX suspensions_open ON suspensions (run, number) WHERE state = 'open';
CREATE INDEX suspensions_signal ON suspensions (run, number) WHERE state = 'open' AND signal IS NOT NULL;
CREATE INDEX suspensions_due ON suspensions (due, run, path) WHERE state = 'open' AND due IS NOT NULL;

CREATE TABLE signals (
    run     uuid   NOT NULL,
    seq     bigint NOT NULL,
    name    text   NOT NULL,
    payload text   NOT NULL,
    -- The place it was given to, until that is left.
    path    text,
    PRIMARY KEY (run, seq)
);

-- The signals that named themselves.
CREATE TABLE requests (
    run     uuid NOT NULL,
    request text NOT NULL,
    PRIMARY KEY (run, request)
);

CREATE TABLE inbox (
    run     uuid   NOT NULL,
    path    text   COLLATE "C" NOT NULL,
    seq     bigint NOT NULL,
    payload text   NOT NULL,
    PRIMARY KEY (run, path)
);

CREATE TABLE workers (
    worker      uuid   NOT NULL PRIMARY KEY,
    lease_until bigint NOT NULL
);

-- A transaction that has taken place, as long as its process may ask.
CREATE TABLE commits (
    commit uuid        NOT NULL PRIMARY KEY,
    time   timestamptz NOT NULL DEFAULT now()
);
