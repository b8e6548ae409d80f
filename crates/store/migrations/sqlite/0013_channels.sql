-- Channels of hosted users. The same meaning as in the other engine's folder.

-- The table that 0006 made knew one end and no vouchers. Nothing ever wrote to it.
DROP TABLE hosted_channels;

-- Keys that hosted users gave to those who are to open a channel. The keys themselves are in the vault.
CREATE TABLE channel_offers (
    key        BLOB NOT NULL PRIMARY KEY CHECK (length(key) = 20),
    user_id    TEXT NOT NULL,
    account    BLOB NOT NULL CHECK (length(account) = 20),
    channel    BLOB CHECK (length(channel) = 32), -- the one that it was taken for
    created_at INTEGER NOT NULL
);
CREATE INDEX channel_offers_open ON channel_offers (user_id) WHERE channel IS NULL;

-- An end of a channel whose key is in the vault. A channel between two hosted users has two.
CREATE TABLE hosted_channels (
    number           INTEGER PRIMARY KEY AUTOINCREMENT,
    channel          BLOB NOT NULL CHECK (length(channel) = 32),
    side             TEXT NOT NULL CHECK (side IN ('a', 'b')),
    user_id          TEXT NOT NULL,
    terms            TEXT NOT NULL,
    operation        TEXT,                                         -- what opens it, if this server does
    sent             TEXT NOT NULL CHECK (length(sent) = 29),      -- the cumulative of the newest voucher signed: it only grows
    sent_voucher     TEXT,
    received         TEXT NOT NULL CHECK (length(received) = 29),  -- of the newest one accepted
    received_voucher TEXT,
    close            TEXT,                                         -- the newest close that this end signed
    close_until      INTEGER,                                       -- until when one that it signed can count
    created_at       INTEGER NOT NULL,
    UNIQUE (channel, side)
);
CREATE INDEX hosted_channels_by_user ON hosted_channels (user_id, number);

-- What was paid, for the history, which outlives the vouchers.
CREATE TABLE channel_payments (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    id         BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
    channel    BLOB NOT NULL CHECK (length(channel) = 32),
    payer      TEXT NOT NULL CHECK (payer IN ('a', 'b')),
    amount     TEXT NOT NULL CHECK (length(amount) = 29),
    cumulative TEXT NOT NULL CHECK (length(cumulative) = 29),
    voucher    TEXT NOT NULL,
    memo       TEXT NOT NULL,
    once       BLOB CHECK (length(once) = 32),
    created_at INTEGER NOT NULL,
    UNIQUE (channel, payer, cumulative)  -- a side signs one voucher of a cumulative
);
CREATE INDEX channel_payments_by_channel ON channel_payments (channel, number);
CREATE UNIQUE INDEX channel_payments_once ON channel_payments (once) WHERE once IS NOT NULL;

-- A payment that is not cleared because its purse ends is not refused: it is kept, and presented. A check is changed by
-- making the table anew.
CREATE TABLE hosted_payments_anew (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    id         BLOB    NOT NULL UNIQUE CHECK (length(id) = 32),
    user_id    TEXT    NOT NULL,
    payee_user TEXT,
    purse      BLOB    NOT NULL REFERENCES hosted_purses (purse),
    payee      BLOB    NOT NULL CHECK (length(payee) = 20),
    start      TEXT    NOT NULL CHECK (length(start) = 29),
    amount     TEXT    NOT NULL CHECK (length(amount) = 29),
    cumulative TEXT    NOT NULL CHECK (length(cumulative) = 29),
    reference  BLOB    NOT NULL CHECK (length(reference) = 32),
    signature  BLOB    NOT NULL CHECK (length(signature) = 64),
    memo       TEXT    NOT NULL,
    refund_of  BLOB    CHECK (length(refund_of) = 32),
    state      TEXT    NOT NULL CHECK (state IN ('signed', 'cleared', 'kept', 'refused')),
    refusal    TEXT,
    created_at INTEGER NOT NULL,
    once       BLOB    CHECK (length(once) = 32),
    UNIQUE (purse, start)                -- a serial is handed out once
);
INSERT INTO hosted_payments_anew (number, id, user_id, payee_user, purse, payee, start, amount, cumulative, reference,
    signature, memo, refund_of, state, refusal, created_at, once)
SELECT number, id, user_id, payee_user, purse, payee, start, amount, cumulative, reference, signature, memo, refund_of,
    CASE WHEN state = 'refused' AND refusal IN ('purse_closing', 'purse_in_default', 'purse_stopped') THEN 'kept' ELSE state END,
    refusal, created_at, once
FROM hosted_payments;
DROP TABLE hosted_payments;
ALTER TABLE hosted_payments_anew RENAME TO hosted_payments;
CREATE INDEX hosted_payments_by_user ON hosted_payments (user_id, number);
CREATE INDEX hosted_payments_by_payee ON hosted_payments (payee_user, number) WHERE payee_user IS NOT NULL;
CREATE INDEX hosted_payments_by_reference ON hosted_payments (payee, reference);
CREATE INDEX hosted_payments_by_refund ON hosted_payments (refund_of) WHERE refund_of IS NOT NULL;
CREATE INDEX hosted_payments_signed ON hosted_payments (number) WHERE state = 'signed';
CREATE UNIQUE INDEX hosted_payments_once ON hosted_payments (once) WHERE once IS NOT NULL;
