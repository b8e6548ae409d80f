-- How the outbox is sent: which transaction has which nonce, what was signed, and what it cost. The same meaning as
-- ../postgres.

ALTER TABLE transactions ADD COLUMN failure TEXT; -- why it failed: the code of the contract's refusal

CREATE TABLE nonces (
    sender             BLOB    NOT NULL CHECK (length(sender) = 20),
    nonce              INTEGER NOT NULL CHECK (nonce >= 0),
    transaction_number INTEGER NOT NULL REFERENCES transactions (number),
    state              TEXT    NOT NULL CHECK (state IN ('open', 'final', 'lost')),
    PRIMARY KEY (sender, nonce)
);
-- A transaction has one nonce, so that the chain takes it once; another only after that one was used up for good.
CREATE UNIQUE INDEX nonces_by_transaction ON nonces (transaction_number) WHERE state <> 'lost';
CREATE INDEX nonces_open ON nonces (sender, nonce) WHERE state = 'open';

CREATE TABLE attempts (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    sender       BLOB    NOT NULL,
    nonce        INTEGER NOT NULL,
    hash         BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    raw          BLOB    NOT NULL,
    gas_limit    INTEGER NOT NULL,
    fee_most     INTEGER NOT NULL, -- wei for a unit of gas
    fee_priority INTEGER,          -- NULL: a chain without a base fee
    signed_at    INTEGER NOT NULL,
    sent_at      INTEGER,
    block_number INTEGER,          -- the block that it is in; no more than one attempt of a nonce is in a block
    block_hash   BLOB    CHECK (length(block_hash) = 32),
    succeeded    INTEGER CHECK (succeeded IN (0, 1)),
    gas_used     INTEGER,
    gas_price    INTEGER,
    FOREIGN KEY (sender, nonce) REFERENCES nonces (sender, nonce),
    CHECK ((block_number IS NULL) = (block_hash IS NULL) AND (block_number IS NULL) = (succeeded IS NULL)
       AND (block_number IS NULL) = (gas_used IS NULL) AND (block_number IS NULL) = (gas_price IS NULL))
);
CREATE INDEX attempts_by_nonce ON attempts (sender, nonce, number);
CREATE UNIQUE INDEX attempts_in_block ON attempts (sender, nonce) WHERE block_number IS NOT NULL;

CREATE TABLE gas_spent (
    purpose      TEXT    PRIMARY KEY,
    transactions INTEGER NOT NULL,
    gas          TEXT    NOT NULL, -- decimal
    wei          TEXT    NOT NULL  -- decimal
);

-- What is done about a pair's debt: the transaction that settles it, or why it is left alone for a while.
CREATE TABLE settling (
    purse              BLOB    NOT NULL CHECK (length(purse) = 20),
    payee              BLOB    NOT NULL CHECK (length(payee) = 20),
    cumulative         TEXT    NOT NULL CHECK (length(cumulative) = 29), -- what is presented
    planned_at         INTEGER NOT NULL,
    transaction_number INTEGER REFERENCES transactions (number),
    why                TEXT,
    aside_until        INTEGER,
    PRIMARY KEY (purse, payee),
    CHECK (transaction_number IS NULL OR aside_until IS NULL),
    CHECK ((why IS NULL) = (aside_until IS NULL))
);
CREATE INDEX settling_by_transaction ON settling (transaction_number) WHERE transaction_number IS NOT NULL;
