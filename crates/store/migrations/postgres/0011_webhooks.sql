-- Webhooks of hosted users, and the queue of each. The tables of 0007 were never written to. The same meaning as in the
-- other engine's folder.

DROP TABLE webhooks;

CREATE TABLE webhooks (
    id                TEXT   NOT NULL PRIMARY KEY,
    owner             TEXT   NOT NULL REFERENCES users (id),
    url               TEXT   NOT NULL,
    kinds             TEXT   NOT NULL,            -- with spaces between; none: all
    cursor            BIGINT NOT NULL,            -- the last event that was looked at
    created_at        BIGINT NOT NULL,
    old_secrets_until BIGINT,                     -- the secrets themselves are in secrets, sealed
    slow              BIGINT NOT NULL DEFAULT 0 CHECK (slow IN (0, 1)),
    next_at           BIGINT NOT NULL,
    failures          BIGINT NOT NULL DEFAULT 0,
    failing_since     BIGINT,
    disabled_at       BIGINT,
    disabled_because  TEXT CHECK (disabled_because IN ('owner', 'failing', 'gone')),
    claim             TEXT,                       -- whoever delivers at the moment
    claimed_until     BIGINT NOT NULL DEFAULT 0,
    CHECK ((disabled_at IS NULL) = (disabled_because IS NULL))
);
CREATE INDEX webhooks_by_owner ON webhooks (owner, id);
CREATE INDEX webhooks_by_time ON webhooks (next_at) WHERE disabled_at IS NULL;

CREATE TABLE webhook_deliveries (
    id           TEXT   NOT NULL PRIMARY KEY,     -- what the receiver knows it by, at every attempt
    webhook      TEXT   NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event        BIGINT NOT NULL,                 -- its place in events, and in the queue
    kind         TEXT   NOT NULL,
    state        TEXT   NOT NULL CHECK (state IN ('pending', 'delivered', 'skipped')),
    attempts     BIGINT NOT NULL DEFAULT 0,
    status       BIGINT,                          -- of the last attempt: what was answered, or
    failure      TEXT,                            -- why nothing was
    queued_at    BIGINT NOT NULL,
    attempted_at BIGINT,
    UNIQUE (webhook, event)
);
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (webhook, event) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (queued_at);
