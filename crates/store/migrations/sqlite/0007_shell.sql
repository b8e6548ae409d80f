-- Requests with idempotency keys, and webhooks. The same meaning as ../postgres.

CREATE TABLE keyed_requests (
    key        BLOB    NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    request    BLOB    NOT NULL CHECK (length(request) = 32),
    answer     BLOB,                    -- sealed with what only the client knows; NULL while it is being done
    expires_at INTEGER NOT NULL         -- without an answer: the end of the lease
);
CREATE INDEX keyed_requests_by_end ON keyed_requests (expires_at);

CREATE TABLE webhooks (
    id            TEXT    NOT NULL PRIMARY KEY,
    owner         TEXT,                 -- a hosted user's id; NULL: the operator
    url           TEXT    NOT NULL,
    cursor        INTEGER NOT NULL,     -- the last event that they were told of
    created_at    INTEGER NOT NULL,
    next_at       INTEGER NOT NULL,
    failures      INTEGER NOT NULL,
    failing_since INTEGER,
    disabled_at   INTEGER
);
CREATE INDEX webhooks_by_owner ON webhooks (owner);
CREATE INDEX webhooks_by_time ON webhooks (next_at) WHERE disabled_at IS NULL;
