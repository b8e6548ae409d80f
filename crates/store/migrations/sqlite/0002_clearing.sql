-- What was seen of every purse, and what was cleared. The same meaning as ../postgres.
-- Numbers are given by the program, without gaps: two programs that clear at once run into one another here.

CREATE TABLE clearances (
    first      INTEGER PRIMARY KEY,       -- the number of its first payment
    payments   INTEGER NOT NULL CHECK (payments > 0),
    root       BLOB NOT NULL CHECK (length(root) = 32),
    cleared_at INTEGER NOT NULL,
    operator   BLOB NOT NULL CHECK (length(operator) = 20),
    signature  BLOB NOT NULL CHECK (length(signature) = 64)
);

-- Cleared payments. Only ever appended to.
CREATE TABLE payments (
    number     INTEGER PRIMARY KEY,
    id         BLOB NOT NULL CHECK (length(id) = 32),
    purse      BLOB NOT NULL CHECK (length(purse) = 20),
    payee      BLOB NOT NULL CHECK (length(payee) = 20),
    start      TEXT NOT NULL CHECK (length(start) = 29),
    amount     TEXT NOT NULL CHECK (length(amount) = 29),
    cumulative TEXT NOT NULL CHECK (length(cumulative) = 29),
    reference  BLOB NOT NULL CHECK (length(reference) = 32),
    signature  BLOB NOT NULL CHECK (length(signature) = 64)
);
-- An id names a payment among those of its purse: two purses can sign the same message.
CREATE UNIQUE INDEX payments_by_purse ON payments (purse, id);

-- Payments that were refused, and count in every later decision. One that is cleared later moves to payments.
CREATE TABLE kept_payments (
    id         BLOB NOT NULL CHECK (length(id) = 32),
    purse      BLOB NOT NULL CHECK (length(purse) = 20),
    payee      BLOB NOT NULL CHECK (length(payee) = 20),
    start      TEXT NOT NULL CHECK (length(start) = 29),
    amount     TEXT NOT NULL CHECK (length(amount) = 29),
    cumulative TEXT NOT NULL CHECK (length(cumulative) = 29),
    reference  BLOB NOT NULL CHECK (length(reference) = 32),
    signature  BLOB NOT NULL CHECK (length(signature) = 64),
    kept_for   TEXT NOT NULL CHECK (kept_for IN ('presenting', 'funds')),
    kept_at    INTEGER NOT NULL,
    PRIMARY KEY (purse, id)
);

-- What each purse owes each payee: the highest cumulative of a payment that can be presented (cleared, or kept for
-- presenting), and what the chain paid of it, which settlement writes.
CREATE TABLE pairs (
    purse      BLOB NOT NULL CHECK (length(purse) = 20),
    payee      BLOB NOT NULL CHECK (length(payee) = 20),
    cumulative TEXT NOT NULL CHECK (length(cumulative) = 29),
    payment    BLOB NOT NULL CHECK (length(payment) = 32), -- the id of the payment with it
    settled    TEXT NOT NULL DEFAULT '00000000000000000000000000000' CHECK (length(settled) = 29),
    owed_since INTEGER NOT NULL,          -- when the oldest payment came that is above what was settled
    PRIMARY KEY (purse, payee)
) WITHOUT ROWID;
CREATE INDEX pairs_owed ON pairs (owed_since) WHERE cumulative > settled;

-- Evidence of double spends: the first of a purse stops it.
CREATE TABLE double_spends (
    purse    BLOB PRIMARY KEY CHECK (length(purse) = 20),
    first    TEXT NOT NULL,           -- signed payments in the full form, as JSON; this one was seen first
    second   TEXT NOT NULL,
    found_at INTEGER NOT NULL
);

-- The operator's keys. Each but the first was named by the one before.
CREATE TABLE operator_keys (
    position   INTEGER PRIMARY KEY,
    operator   BLOB NOT NULL UNIQUE CHECK (length(operator) = 20),
    valid_from INTEGER NOT NULL,
    signature  BLOB CHECK (length(signature) = 64)
);

-- Every revocation list that was signed, and which purse came and went with which.
CREATE TABLE revocation_lists (
    version   INTEGER PRIMARY KEY,
    digest    BLOB NOT NULL CHECK (length(digest) = 32),
    as_of     INTEGER NOT NULL,
    signature BLOB NOT NULL CHECK (length(signature) = 64)
);
CREATE TABLE revoked_purses (
    purse   BLOB PRIMARY KEY CHECK (length(purse) = 20),
    added   INTEGER NOT NULL,
    removed INTEGER
);
