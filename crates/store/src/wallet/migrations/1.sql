-- One wallet. Columns are keys, guards and order; `record` is the JSON of the wallet's own type of that name.
-- Amounts that guard something are 12 big-endian bytes, so that SQL compares them as numbers.

CREATE TABLE wallet (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    lease    INTEGER NOT NULL,              -- who opened it last
    number   INTEGER NOT NULL,              -- of the last entry
    time     INTEGER NOT NULL,              -- the highest ever seen
    profile  TEXT,
    settings TEXT,
    synced   TEXT,
    trusted  TEXT NOT NULL
) STRICT;

INSERT INTO wallet (one, lease, number, time, trusted) VALUES (1, 0, 0, 0, '{}');

CREATE TRIGGER entries_only_go_on BEFORE UPDATE OF number, time ON wallet
WHEN NEW.number < OLD.number OR NEW.time < OLD.time
BEGIN SELECT RAISE(ABORT, 'entries and time only go on'); END;

CREATE TABLE operators   (operator TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
CREATE TABLE revocations (operator TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
CREATE TABLE circles     (circle   TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
CREATE TABLE contacts    (account  TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;

CREATE TABLE purses (
    purse       TEXT PRIMARY KEY,
    next_serial BLOB NOT NULL CHECK (length(next_serial) = 12),
    record      TEXT NOT NULL
) STRICT;

CREATE TRIGGER serials_only_grow BEFORE UPDATE OF next_serial ON purses
WHEN NEW.next_serial < OLD.next_serial
BEGIN SELECT RAISE(ABORT, 'a serial is handed out once'); END;

CREATE TRIGGER purses_stay BEFORE DELETE ON purses
BEGIN SELECT RAISE(ABORT, 'a purse''s serials are never forgotten'); END;

CREATE TABLE payments_made (
    payment    TEXT PRIMARY KEY,
    number     INTEGER NOT NULL,
    purse      TEXT NOT NULL,               -- one that came back from a backup is in no table
    start      BLOB NOT NULL CHECK (length(start) = 12),
    end_serial BLOB NOT NULL CHECK (length(end_serial) = 12),
    record     TEXT NOT NULL,
    UNIQUE (purse, start),
    CHECK (start < end_serial)
) STRICT;

CREATE TRIGGER serials_are_disjoint BEFORE INSERT ON payments_made
WHEN EXISTS (
    SELECT 1 FROM payments_made
    WHERE purse = NEW.purse AND start < NEW.end_serial AND NEW.start < end_serial
)
BEGIN SELECT RAISE(ABORT, 'a serial is handed out once'); END;

CREATE TABLE requests (
    reference TEXT PRIMARY KEY,
    number    INTEGER NOT NULL,
    record    TEXT NOT NULL
) STRICT;

CREATE TABLE payments_received (
    payment TEXT PRIMARY KEY,
    number  INTEGER NOT NULL,
    purse   TEXT NOT NULL,
    record  TEXT NOT NULL
) STRICT;

CREATE TABLE payers (purse TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;

CREATE TABLE pairs (
    purse  TEXT NOT NULL,
    payee  TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (purse, payee)
) STRICT;

CREATE TABLE evidence (place INTEGER PRIMARY KEY, record TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE channel_keys (key TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;

CREATE TABLE channels (
    channel  TEXT PRIMARY KEY,
    sent     BLOB NOT NULL CHECK (length(sent) = 12),
    received BLOB NOT NULL CHECK (length(received) = 12),
    record   TEXT NOT NULL
) STRICT;

CREATE TRIGGER vouchers_only_grow BEFORE UPDATE OF sent, received ON channels
WHEN NEW.sent < OLD.sent OR NEW.received < OLD.received
BEGIN SELECT RAISE(ABORT, 'a voucher follows the newest one'); END;

CREATE TABLE vouchers (
    place   INTEGER PRIMARY KEY,
    channel TEXT NOT NULL REFERENCES channels,
    record  TEXT NOT NULL
) STRICT;
