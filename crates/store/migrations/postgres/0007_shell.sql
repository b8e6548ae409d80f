-- Requests with idempotency keys, and webhooks. The same meaning as ../sqlite.

CREATE TABLE keyed_requests (
    key        BYTEA   NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    request    BYTEA   NOT NULL CHECK (length(request) = 32),
    answer     BYTEA,                   -- sealed with what only the client knows; NULL while it is being done
    expires_at BIGINT  NOT NULL         -- without an answer: the end of the lease
);
CREATE INDEX keyed_requests_by_end ON keyed_requests (expires_at);

CREATE TABLE webhooks (
    id            TEXT    NOT NULL PRIMARY KEY,
    owner         TEXT,                 -- a hosted user's id; NULL: the operator
    url           TEXT    NOT NULL,
    cursor        BIGINT  NOT NULL,     -- the last event that they were told of
    created_at    BIGINT  NOT NULL,
    next_at       BIGINT  NOT NULL,
    failures      BIGINT  NOT NULL,
    failing_since BIGINT,
    disabled_at   BIGINT
);
CREATE INDEX webhooks_by_owner ON webhooks (owner);
CREATE INDEX webhooks_by_time ON webhooks (next_at) WHERE disabled_at IS NULL;
