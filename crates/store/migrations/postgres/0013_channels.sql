-- Channels of hosted users. The same meaning as in the other engine's folder.

-- The table that 0006 made knew one end and no vouchers. Nothing ever wrote to it.
DROP TABLE hosted_channels;

-- Keys that hosted users gave to those who are to open a channel. The keys themselves are in the vault.
CREATE TABLE channel_offers (
    key        BYTEA NOT NULL PRIMARY KEY CHECK (length(key) = 20),
    user_id    TEXT NOT NULL,
    account    BYTEA NOT NULL CHECK (length(account) = 20),
    channel    BYTEA CHECK (length(channel) = 32), -- the one that it was taken for
    created_at BIGINT NOT NULL
);
CREATE INDEX channel_offers_open ON channel_offers (user_id) WHERE channel IS NULL;

-- An end of a channel whose key is in the vault. A channel between two hosted users has two.
CREATE TABLE hosted_channels (
    number           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel          BYTEA NOT NULL CHECK (length(channel) = 32),
    side             TEXT NOT NULL CHECK (side IN ('a', 'b')),
    user_id          TEXT NOT NULL,
    terms            TEXT NOT NULL,
    operation        TEXT,                                         -- what opens it, if this server does
    sent             TEXT NOT NULL CHECK (length(sent) = 29),      -- the cumulative of the newest voucher signed: it only grows
    sent_voucher     TEXT,
    received         TEXT NOT NULL CHECK (length(received) = 29),  -- of the newest one accepted
    received_voucher TEXT,
    close            TEXT,                                         -- the newest close that this end signed
    close_until      BIGINT,                                       -- until when one that it signed can count
    created_at       BIGINT NOT NULL,
    UNIQUE (channel, side)
);
CREATE INDEX hosted_channels_by_user ON hosted_channels (user_id, number);

-- What was paid, for the history, which outlives the vouchers.
CREATE TABLE channel_payments (
    number     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id         BYTEA NOT NULL UNIQUE CHECK (length(id) = 32),
    channel    BYTEA NOT NULL CHECK (length(channel) = 32),
    payer      TEXT NOT NULL CHECK (payer IN ('a', 'b')),
    amount     TEXT NOT NULL CHECK (length(amount) = 29),
    cumulative TEXT NOT NULL CHECK (length(cumulative) = 29),
    voucher    TEXT NOT NULL,
    memo       TEXT NOT NULL,
    once       BYTEA CHECK (length(once) = 32),
    created_at BIGINT NOT NULL,
    UNIQUE (channel, payer, cumulative)  -- a side signs one voucher of a cumulative
);
CREATE INDEX channel_payments_by_channel ON channel_payments (channel, number);
CREATE UNIQUE INDEX channel_payments_once ON channel_payments (once) WHERE once IS NOT NULL;

-- A payment that is not cleared because its purse ends is not refused: it is kept, and presented.
ALTER TABLE hosted_payments DROP CONSTRAINT hosted_payments_state_check;
ALTER TABLE hosted_payments ADD CONSTRAINT hosted_payments_state_check
    CHECK (state IN ('signed', 'cleared', 'kept', 'refused'));
UPDATE hosted_payments SET state = 'kept'
    WHERE state = 'refused' AND refusal IN ('purse_closing', 'purse_in_default', 'purse_stopped');
