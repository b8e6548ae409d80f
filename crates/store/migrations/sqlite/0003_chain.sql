-- What the followed chain says. The same meaning as in the other engine's folder.

-- The deployment that is followed, and how far: one row.
CREATE TABLE chain_cursor (
    one              INTEGER PRIMARY KEY CHECK (one = 1),
    chain_id         INTEGER NOT NULL,
    contract         BLOB NOT NULL CHECK (length(contract) = 20),
    treasury         BLOB NOT NULL CHECK (length(treasury) = 20),
    head_number      INTEGER NOT NULL,
    head_hash        BLOB NOT NULL CHECK (length(head_hash) = 32),
    head_time        INTEGER NOT NULL,
    finalized_number INTEGER NOT NULL,
    finalized_hash   BLOB NOT NULL CHECK (length(finalized_hash) = 32),
    finalized_time   INTEGER NOT NULL,
    CHECK (finalized_number <= head_number)
);

-- The newest final block and those above it, to find back when they are taken back.
CREATE TABLE chain_blocks (
    number INTEGER PRIMARY KEY,
    hash   BLOB NOT NULL CHECK (length(hash) = 32),
    time   INTEGER NOT NULL
);

-- Facts that came and went, in that order: what consumers follow by their own cursors.
CREATE TABLE chain_events (
    sequence   INTEGER PRIMARY KEY AUTOINCREMENT,
    removes    INTEGER UNIQUE REFERENCES chain_events (sequence), -- NULL: the fact came; else the entry that it takes back
    removed_at INTEGER,                                           -- a tombstone on an entry whose block was taken back
    block      INTEGER NOT NULL,
    block_hash BLOB NOT NULL CHECK (length(block_hash) = 32),
    block_time INTEGER NOT NULL,
    tx         BLOB NOT NULL CHECK (length(tx) = 32),
    log_index  INTEGER NOT NULL,
    row_number INTEGER NOT NULL,
    fact       TEXT NOT NULL
);
-- A fact is so once.
CREATE UNIQUE INDEX chain_events_live ON chain_events (block, log_index, row_number)
    WHERE removes IS NULL AND removed_at IS NULL;

-- Which subjects a fact touches, for their histories.
CREATE TABLE chain_touches (
    subject  BLOB NOT NULL,
    sequence INTEGER NOT NULL REFERENCES chain_events (sequence),
    PRIMARY KEY (subject, sequence)
);

-- The state of accounts, purses, pairs, members, circles and channels: the fold of their facts.
CREATE TABLE chain_subjects (
    subject   BLOB PRIMARY KEY, -- a byte for the kind, then the name
    owner     BLOB,             -- of a purse: its owner; of a channel: a
    other     BLOB,             -- of a channel: b
    due       INTEGER,             -- of a purse or channel that is closing: when; of a pair in default: since when
    head      TEXT,           -- at the head; NULL: there is none
    finalized TEXT            -- in the newest final block; NULL: there is none
);
CREATE INDEX chain_subjects_by_owner ON chain_subjects (owner) WHERE owner IS NOT NULL;
CREATE INDEX chain_subjects_by_other ON chain_subjects (other) WHERE other IS NOT NULL;
CREATE INDEX chain_subjects_by_due ON chain_subjects (due) WHERE due IS NOT NULL;
