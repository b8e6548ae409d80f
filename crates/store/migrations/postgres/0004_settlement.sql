-- How the outbox is sent: which transaction has which nonce, what was signed, and what it cost. The same meaning as
-- ../sqlite.

ALTER TABLE transactions ADD COLUMN failure TEXT; -- why it failed: the code of the contract's refusal

CREATE TABLE nonces (
    sender             BYTEA   NOT NULL CHECK (length(sender) = 20),
    nonce              BIGINT NOT NULL CHECK (nonce >= 0),
    transaction_number BIGINT NOT NULL REFERENCES transactions (number),
    state              TEXT    NOT NULL CHECK (state IN ('open', 'final', 'lost')),
    PRIMARY KEY (sender, nonce)
);
-- A transaction has one nonce, so that the chain takes it once; another only after that one was used up for good.
CREATE UNIQUE INDEX nonces_by_transaction ON nonces (transaction_number) WHERE state <> 'lost';
CREATE INDEX nonces_open ON nonces (sender, nonce) WHERE state = 'open';

CREATE TABLE attempts (
    number       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sender       BYTEA   NOT NULL,
    nonce        BIGINT NOT NULL,
    hash         BYTEA   NOT NULL UNIQUE CHECK (length(hash) = 32),
    raw          BYTEA   NOT NULL,
    gas_limit    BIGINT NOT NULL,
    fee_most     BIGINT NOT NULL, -- wei for a unit of gas
    fee_priority BIGINT,          -- NULL: a chain without a base fee
    signed_at    BIGINT NOT NULL,
    sent_at      BIGINT,
    block_number BIGINT,          -- the block that it is in; no more than one attempt of a nonce is in a block
    block_hash   BYTEA   CHECK (length(block_hash) = 32),
    succeeded    BIGINT CHECK (succeeded IN (0, 1)),
    gas_used     BIGINT,
    gas_price    BIGINT,
    FOREIGN KEY (sender, nonce) REFERENCES nonces (sender, nonce),
    CHECK ((block_number IS NULL) = (block_hash IS NULL) AND (block_number IS NULL) = (succeeded IS NULL)
       AND (block_number IS NULL) = (gas_used IS NULL) AND (block_number IS NULL) = (gas_price IS NULL))
);
CREATE INDEX attempts_by_nonce ON attempts (sender, nonce, number);
CREATE UNIQUE INDEX attempts_in_block ON attempts (sender, nonce) WHERE block_number IS NOT NULL;

CREATE TABLE gas_spent (
    purpose      TEXT    PRIMARY KEY,
    transactions BIGINT NOT NULL,
    gas          TEXT    NOT NULL, -- decimal
    wei          TEXT    NOT NULL  -- decimal
);

-- What is done about a pair's debt: the transaction that settles it, or why it is left alone for a while.
CREATE TABLE settling (
    purse              BYTEA   NOT NULL CHECK (length(purse) = 20),
    payee              BYTEA   NOT NULL CHECK (length(payee) = 20),
    cumulative         TEXT    NOT NULL CHECK (length(cumulative) = 29), -- what is presented
    planned_at         BIGINT NOT NULL,
    transaction_number BIGINT REFERENCES transactions (number),
    why                TEXT,
    aside_until        BIGINT,
    PRIMARY KEY (purse, payee),
    CHECK (transaction_number IS NULL OR aside_until IS NULL),
    CHECK ((why IS NULL) = (aside_until IS NULL))
);
CREATE INDEX settling_by_transaction ON settling (transaction_number) WHERE transaction_number IS NOT NULL;
