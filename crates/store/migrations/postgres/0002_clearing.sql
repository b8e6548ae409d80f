-- What was seen of every purse, and what was cleared. The same meaning as ../sqlite.
-- Numbers are given by the program, without gaps: two programs that clear at once run into one another here.

CREATE TABLE clearances (
    first      BIGINT PRIMARY KEY,       -- the number of its first payment
    payments   BIGINT NOT NULL CHECK (payments > 0),
    root       BYTEA NOT NULL CHECK (length(root) = 32),
    cleared_at BIGINT NOT NULL,
    operator   BYTEA NOT NULL CHECK (length(operator) = 20),
    signature  BYTEA NOT NULL CHECK (length(signature) = 64)
);

-- Cleared payments. Only ever appended to.
CREATE TABLE payments (
    number     BIGINT PRIMARY KEY,
    id         BYTEA NOT NULL CHECK (length(id) = 32),
    purse      BYTEA NOT NULL CHECK (length(purse) = 20),
    payee      BYTEA NOT NULL CHECK (length(payee) = 20),
    start      TEXT NOT NULL CHECK (length(start) = 29),
    amount     TEXT NOT NULL CHECK (length(amount) = 29),
    cumulative TEXT NOT NULL CHECK (length(cumulative) = 29),
    reference  BYTEA NOT NULL CHECK (length(reference) = 32),
    signature  BYTEA NOT NULL CHECK (length(signature) = 64)
);
-- An id names a payment among those of its purse: two purses can sign the same message.
CREATE UNIQUE INDEX payments_by_purse ON payments (purse, id);

-- Payments that were refused, and count in every later decision. One that is cleared later moves to payments.
CREATE TABLE kept_payments (
    id         BYTEA NOT NULL CHECK (length(id) = 32),
    purse      BYTEA NOT NULL CHECK (length(purse) = 20),
    payee      BYTEA NOT NULL CHECK (length(payee) = 20),
    start      TEXT NOT NULL CHECK (length(start) = 29),
    amount     TEXT NOT NULL CHECK (length(amount) = 29),
    cumulative TEXT NOT NULL CHECK (length(cumulative) = 29),
    reference  BYTEA NOT NULL CHECK (length(reference) = 32),
    signature  BYTEA NOT NULL CHECK (length(signature) = 64),
    kept_for   TEXT NOT NULL CHECK (kept_for IN ('presenting', 'funds')),
    kept_at    BIGINT NOT NULL,
    PRIMARY KEY (purse, id)
);

-- What each purse owes each payee: the highest cumulative of a payment that can be presented (cleared, or kept for
-- presenting), and what the chain paid of it, which settlement writes.
CREATE TABLE pairs (
    purse      BYTEA NOT NULL CHECK (length(purse) = 20),
    payee      BYTEA NOT NULL CHECK (length(payee) = 20),
    cumulative TEXT NOT NULL CHECK (length(cumulative) = 29),
    payment    BYTEA NOT NULL CHECK (length(payment) = 32), -- the id of the payment with it
    settled    TEXT NOT NULL DEFAULT '00000000000000000000000000000' CHECK (length(settled) = 29),
    owed_since BIGINT NOT NULL,          -- when the oldest payment came that is above what was settled
    PRIMARY KEY (purse, payee)
);
CREATE INDEX pairs_owed ON pairs (owed_since) WHERE cumulative > settled;

-- Evidence of double spends: the first of a purse stops it.
CREATE TABLE double_spends (
    purse    BYTEA PRIMARY KEY CHECK (length(purse) = 20),
    first    TEXT NOT NULL,           -- signed payments in the full form, as JSON; this one was seen first
    second   TEXT NOT NULL,
    found_at BIGINT NOT NULL
);

-- The operator's keys. Each but the first was named by the one before.
CREATE TABLE operator_keys (
    position   BIGINT PRIMARY KEY,
    operator   BYTEA NOT NULL UNIQUE CHECK (length(operator) = 20),
    valid_from BIGINT NOT NULL,
    signature  BYTEA CHECK (length(signature) = 64)
);

-- Every revocation list that was signed, and which purse came and went with which.
CREATE TABLE revocation_lists (
    version   BIGINT PRIMARY KEY,
    digest    BYTEA NOT NULL CHECK (length(digest) = 32),
    as_of     BIGINT NOT NULL,
    signature BYTEA NOT NULL CHECK (length(signature) = 64)
);
CREATE TABLE revoked_purses (
    purse   BYTEA PRIMARY KEY CHECK (length(purse) = 20),
    added   BIGINT NOT NULL,
    removed BIGINT
);
