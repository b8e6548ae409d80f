-- What the followed chain says. The same meaning as in the other engine's folder.

-- The deployment that is followed, and how far: one row.
CREATE TABLE chain_cursor (
    one              BIGINT PRIMARY KEY CHECK (one = 1),
    chain_id         BIGINT NOT NULL,
    contract         BYTEA NOT NULL CHECK (length(contract) = 20),
    treasury         BYTEA NOT NULL CHECK (length(treasury) = 20),
    head_number      BIGINT NOT NULL,
    head_hash        BYTEA NOT NULL CHECK (length(head_hash) = 32),
    head_time        BIGINT NOT NULL,
    finalized_number BIGINT NOT NULL,
    finalized_hash   BYTEA NOT NULL CHECK (length(finalized_hash) = 32),
    finalized_time   BIGINT NOT NULL,
    CHECK (finalized_number <= head_number)
);

-- The newest final block and those above it, to find back when they are taken back.
CREATE TABLE chain_blocks (
    number BIGINT PRIMARY KEY,
    hash   BYTEA NOT NULL CHECK (length(hash) = 32),
    time   BIGINT NOT NULL
);

-- Facts that came and went, in that order: what consumers follow by their own cursors.
CREATE TABLE chain_events (
    sequence   BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    removes    BIGINT UNIQUE REFERENCES chain_events (sequence), -- NULL: the fact came; else the entry that it takes back
    removed_at BIGINT,                                           -- a tombstone on an entry whose block was taken back
    block      BIGINT NOT NULL,
    block_hash BYTEA NOT NULL CHECK (length(block_hash) = 32),
    block_time BIGINT NOT NULL,
    tx         BYTEA NOT NULL CHECK (length(tx) = 32),
    log_index  BIGINT NOT NULL,
    row_number BIGINT NOT NULL,
    fact       TEXT NOT NULL
);
-- A fact is so once.
CREATE UNIQUE INDEX chain_events_live ON chain_events (block, log_index, row_number)
    WHERE removes IS NULL AND removed_at IS NULL;

-- Which subjects a fact touches, for their histories.
CREATE TABLE chain_touches (
    subject  BYTEA NOT NULL,
    sequence BIGINT NOT NULL REFERENCES chain_events (sequence),
    PRIMARY KEY (subject, sequence)
);

-- The state of accounts, purses, pairs, members, circles and channels: the fold of their facts.
CREATE TABLE chain_subjects (
    subject   BYTEA PRIMARY KEY, -- a byte for the kind, then the name
    owner     BYTEA,             -- of a purse: its owner; of a channel: a
    other     BYTEA,             -- of a channel: b
    due       BIGINT,             -- of a purse or channel that is closing: when; of a pair in default: since when
    head      TEXT,           -- at the head; NULL: there is none
    finalized TEXT            -- in the newest final block; NULL: there is none
);
CREATE INDEX chain_subjects_by_owner ON chain_subjects (owner) WHERE owner IS NOT NULL;
CREATE INDEX chain_subjects_by_other ON chain_subjects (other) WHERE other IS NOT NULL;
CREATE INDEX chain_subjects_by_due ON chain_subjects (due) WHERE due IS NOT NULL;
