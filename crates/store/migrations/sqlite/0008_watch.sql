-- Channels that were handed over to the watchtower. The same meaning as in the other engine's folder.

CREATE TABLE watched_channels (
    subject   BLOB PRIMARY KEY, -- as in chain_subjects
    terms     TEXT NOT NULL,
    by_a      TEXT,           -- the newest voucher that a signed
    by_b      TEXT,           -- the newest voucher that b signed
    handed_at INTEGER NOT NULL
);
