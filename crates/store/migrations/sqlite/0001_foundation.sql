-- The log of what happened, and the outbox of transactions. The same meaning as ../postgres.

CREATE TABLE events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    at       INTEGER NOT NULL,
    audience TEXT,                      -- a hosted user's id; NULL: the operator alone
    kind     TEXT    NOT NULL,
    body     TEXT    NOT NULL
);
CREATE INDEX events_by_audience ON events (audience, sequence);

CREATE TABLE transactions (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    work       TEXT    NOT NULL UNIQUE, -- the same work is never queued twice
    purpose    TEXT    NOT NULL,
    recipient  BLOB    NOT NULL CHECK (length(recipient) = 20),
    calldata   BLOB    NOT NULL,
    deadline   INTEGER,
    state      TEXT    NOT NULL CHECK (state IN ('queued', 'sent', 'mined', 'final', 'failed')),
    created_at INTEGER NOT NULL
);
CREATE INDEX transactions_by_state ON transactions (state, number);
