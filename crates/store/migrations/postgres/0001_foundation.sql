-- The log of what happened, and the outbox of transactions. The same meaning as ../sqlite.

CREATE TABLE events (
    sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       BIGINT NOT NULL,
    audience TEXT,                      -- a hosted user's id; NULL: the operator alone
    kind     TEXT   NOT NULL,
    body     TEXT   NOT NULL
);
CREATE INDEX events_by_audience ON events (audience, sequence);

CREATE TABLE transactions (
    number     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    work       TEXT   NOT NULL UNIQUE,  -- the same work is never queued twice
    purpose    TEXT   NOT NULL,
    recipient  BYTEA  NOT NULL CHECK (length(recipient) = 20),
    calldata   BYTEA  NOT NULL,
    deadline   BIGINT,
    state      TEXT   NOT NULL CHECK (state IN ('queued', 'sent', 'mined', 'final', 'failed')),
    created_at BIGINT NOT NULL
);
CREATE INDEX transactions_by_state ON transactions (state, number);
