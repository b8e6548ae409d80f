-- The books, and what hosted users do with their money. The same meaning as ../postgres.

-- A movement debits one account and credits another with the same amount, in one row: the books balance by their shape.
CREATE TABLE ledger_movements (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    source  TEXT    NOT NULL UNIQUE, -- what it follows from: chain/<sequence>/<row>, payment/<id>. Entered once
    debit   TEXT    NOT NULL,
    credit  TEXT    NOT NULL,
    amount  TEXT    NOT NULL CHECK (length(amount) = 29 AND amount > '00000000000000000000000000000'),
    at      INTEGER NOT NULL,
    CHECK (debit <> credit)
);
CREATE INDEX ledger_movements_by_debit ON ledger_movements (debit, number);
CREATE INDEX ledger_movements_by_credit ON ledger_movements (credit, number);

CREATE TABLE ledger_accounts (
    account TEXT NOT NULL PRIMARY KEY,
    debits  TEXT NOT NULL CHECK (length(debits) = 39),
    credits TEXT NOT NULL CHECK (length(credits) = 39)
);

CREATE TABLE ledger_cursor (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    sequence INTEGER NOT NULL           -- the last entry of the chain's log that was worked in
);
INSERT INTO ledger_cursor (one, sequence) VALUES (1, 0);

-- What a hosted user asked for that needs the chain.
CREATE TABLE operations (
    id                 TEXT    NOT NULL PRIMARY KEY,
    user_id            TEXT    NOT NULL,
    kind               TEXT    NOT NULL,
    account            BLOB    NOT NULL CHECK (length(account) = 20),
    amount             TEXT    NOT NULL CHECK (length(amount) = 29),
    fee                TEXT    NOT NULL CHECK (length(fee) = 29),
    spends_balance     TEXT    NOT NULL CHECK (length(spends_balance) = 29),    -- kept free for it until it is done
    spends_collateral  TEXT    NOT NULL CHECK (length(spends_collateral) = 29),
    details            TEXT    NOT NULL,
    transaction_number INTEGER NOT NULL UNIQUE REFERENCES transactions (number),
    void_after         INTEGER NOT NULL, -- what was signed cannot run after that second of the chain
    state              TEXT    NOT NULL CHECK (state IN ('pending', 'mined', 'final', 'failing', 'failed')),
    created_at         INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL
);
CREATE INDEX operations_by_user ON operations (user_id, id);
CREATE INDEX operations_open ON operations (state, id) WHERE state NOT IN ('final', 'failed');

-- Purses that this server signs for.
CREATE TABLE hosted_purses (
    purse       BLOB    NOT NULL PRIMARY KEY CHECK (length(purse) = 20),
    user_id     TEXT    NOT NULL,
    account     BLOB    NOT NULL CHECK (length(account) = 20),
    keeper      TEXT    NOT NULL CHECK (keeper IN ('server', 'phone')), -- who has the device key
    next_serial TEXT    NOT NULL CHECK (length(next_serial) = 29),
    created_at  INTEGER NOT NULL
);
CREATE INDEX hosted_purses_by_user ON hosted_purses (user_id, created_at);

CREATE TABLE hosted_pairs (
    purse      BLOB NOT NULL REFERENCES hosted_purses (purse),
    payee      BLOB NOT NULL CHECK (length(payee) = 20),
    cumulative TEXT NOT NULL CHECK (length(cumulative) = 29),
    PRIMARY KEY (purse, payee)
);

CREATE TABLE hosted_payments (
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
    state      TEXT    NOT NULL CHECK (state IN ('signed', 'cleared', 'refused')),
    refusal    TEXT,
    created_at INTEGER NOT NULL,
    UNIQUE (purse, start)                -- a serial is handed out once
);
CREATE INDEX hosted_payments_by_user ON hosted_payments (user_id, number);
CREATE INDEX hosted_payments_by_payee ON hosted_payments (payee_user, number) WHERE payee_user IS NOT NULL;
CREATE INDEX hosted_payments_by_reference ON hosted_payments (payee, reference);
CREATE INDEX hosted_payments_by_refund ON hosted_payments (refund_of) WHERE refund_of IS NOT NULL;
CREATE INDEX hosted_payments_signed ON hosted_payments (number) WHERE state = 'signed';

CREATE TABLE payment_requests (
    id         TEXT    NOT NULL PRIMARY KEY,
    user_id    TEXT    NOT NULL,
    payee      BLOB    NOT NULL CHECK (length(payee) = 20),
    amount     TEXT    NOT NULL CHECK (length(amount) = 29),
    nonce      BLOB    NOT NULL CHECK (length(nonce) = 32),
    expires_at INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    memo       TEXT    NOT NULL,
    reference  BLOB    NOT NULL UNIQUE CHECK (length(reference) = 32),
    signature  BLOB    NOT NULL CHECK (length(signature) = 64),
    created_at INTEGER NOT NULL
);
CREATE INDEX payment_requests_by_user ON payment_requests (user_id, id);

-- Where a hosted user may withdraw to.
CREATE TABLE withdrawal_addresses (
    user_id      TEXT    NOT NULL,
    address      BLOB    NOT NULL CHECK (length(address) = 20),
    label        TEXT    NOT NULL,
    added_at     INTEGER NOT NULL,
    usable_at    INTEGER NOT NULL,
    confirmed_at INTEGER,
    PRIMARY KEY (user_id, address)
);

CREATE TABLE circle_applications (
    circle     BLOB    NOT NULL CHECK (length(circle) = 20),
    account    BLOB    NOT NULL CHECK (length(account) = 20),
    user_id    TEXT    NOT NULL,
    message    TEXT    NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('open', 'admitted', 'declined')),
    created_at INTEGER NOT NULL,
    decided_at INTEGER,
    PRIMARY KEY (circle, account)
);

CREATE TABLE hosted_channels (
    channel    BLOB    NOT NULL PRIMARY KEY CHECK (length(channel) = 32),
    user_id    TEXT    NOT NULL,
    terms      TEXT    NOT NULL,
    paid       TEXT    NOT NULL CHECK (length(paid) = 29),      -- the cumulative of the newest voucher signed
    received   TEXT    NOT NULL CHECK (length(received) = 29),  -- of the newest one accepted
    created_at INTEGER NOT NULL
);
CREATE INDEX hosted_channels_by_user ON hosted_channels (user_id, created_at);
