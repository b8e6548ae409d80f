-- Purses spread over several databases, by slot: the first 12 bits of their keys. The same meaning as ../postgres.

-- A commit of clearing reads the version, locked, and is refused by another than it was decided by: a server with an old
-- map, or that was paused with one, records nothing. 0: the database is no shard, and has all purses.
CREATE TABLE slot_map (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL,
    shard   TEXT,                        -- which shard this database is
    home    TEXT,                        -- which shard has what belongs to no purse
    CHECK ((version = 0) = (shard IS NULL) AND (shard IS NULL) = (home IS NULL))
);
INSERT INTO slot_map (one, version) VALUES (1, 0);

-- All of them, once the database is a shard. owned: here; leaving: here, on its way there, and nothing is recorded of it;
-- gone: not here. Who owns one marks it as leaving, before another does as owned: no slot is ever owned by two.
CREATE TABLE slots (
    slot  INTEGER PRIMARY KEY CHECK (slot >= 0 AND slot <= 4095),
    state TEXT NOT NULL CHECK (state IN ('owned', 'leaving', 'gone')),
    shard TEXT NOT NULL,                 -- the owner as far as is known here, or where it is on its way to
    epoch INTEGER NOT NULL DEFAULT 0      -- rises with every move: what an old one copied is not taken for a new one's
);

-- What another shard cleared of a purse that came from there. The other payments of the clearance's tree are not here,
-- so the path to its root is kept.
CREATE TABLE moved_clearances (
    number     INTEGER PRIMARY KEY,       -- of the payment, here
    root       BLOB NOT NULL CHECK (length(root) = 32),
    cleared_at INTEGER NOT NULL,
    operator   BLOB NOT NULL CHECK (length(operator) = 20),
    signature  BLOB NOT NULL CHECK (length(signature) = 64),
    path       BLOB NOT NULL            -- hashes of 32 bytes, one after the other
);
