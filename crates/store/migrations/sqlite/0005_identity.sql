-- Hosted users: secrets (sealed), sessions, access tokens, passkeys, recoveries. The same meaning as ../postgres.

CREATE TABLE users (
    id                 TEXT    NOT NULL PRIMARY KEY,
    handle             TEXT    UNIQUE,            -- NULL: signs in with a key of their own, or deleted
    account            BLOB    NOT NULL UNIQUE CHECK (length(account) = 20),
    custody            TEXT    NOT NULL CHECK (custody IN ('hosted', 'own')),
    master_key         TEXT    NOT NULL,          -- which master key sealed the data key
    data_key           BLOB    NOT NULL,
    second_factor      INTEGER NOT NULL DEFAULT 0 CHECK (second_factor IN (0, 1)),
    second_factor_step INTEGER NOT NULL DEFAULT 0, -- the newest time step whose code was used
    created_at         INTEGER NOT NULL,
    frozen_at          INTEGER,
    deleted_at         INTEGER
);
CREATE INDEX users_by_master_key ON users (master_key);

CREATE TABLE secrets (
    user_id    TEXT    NOT NULL REFERENCES users (id),
    purpose    TEXT    NOT NULL,
    sealed     BLOB    NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, purpose)
);

CREATE TABLE sessions (
    id           TEXT    NOT NULL PRIMARY KEY,
    user_id      TEXT    NOT NULL REFERENCES users (id),
    token_hash   BLOB    NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    method       TEXT    NOT NULL CHECK (method IN ('password', 'passkey', 'wallet', 'recovery')),
    label        TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id, created_at);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE access_tokens (
    id         TEXT    NOT NULL PRIMARY KEY,
    user_id    TEXT    NOT NULL REFERENCES users (id),
    token_hash BLOB    NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    name       TEXT    NOT NULL,
    scopes     TEXT    NOT NULL,
    budget     TEXT    NOT NULL CHECK (length(budget) = 29),
    spent      TEXT    NOT NULL CHECK (length(spent) = 29 AND spent <= budget),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);
CREATE INDEX access_tokens_by_user ON access_tokens (user_id, created_at);
CREATE INDEX access_tokens_by_expiry ON access_tokens (expires_at);

CREATE TABLE access_token_spendings (
    token_id TEXT NOT NULL REFERENCES access_tokens (id) ON DELETE CASCADE,
    work     TEXT NOT NULL,                       -- the same work is taken from the budget once
    amount   TEXT NOT NULL CHECK (length(amount) = 29),
    PRIMARY KEY (token_id, work)
);

CREATE TABLE passkeys (
    id           TEXT    NOT NULL PRIMARY KEY,
    user_id      TEXT    NOT NULL REFERENCES users (id),
    credential   BLOB    NOT NULL UNIQUE,
    name         TEXT    NOT NULL,
    fixed        BLOB    NOT NULL,
    changing     BLOB    NOT NULL,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER
);
CREATE INDEX passkeys_by_user ON passkeys (user_id, created_at);

CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL REFERENCES users (id),
    code    BLOB NOT NULL CHECK (length(code) = 32),
    PRIMARY KEY (user_id, code)
);

CREATE TABLE recoveries (
    user_id    TEXT    NOT NULL PRIMARY KEY REFERENCES users (id), -- one at a time
    id         TEXT    NOT NULL UNIQUE,
    token_hash BLOB    NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    began_at   INTEGER NOT NULL,
    ready_at   INTEGER NOT NULL CHECK (ready_at >= began_at),
    expires_at INTEGER NOT NULL CHECK (expires_at > ready_at)
);

CREATE TABLE guesses (
    subject TEXT    NOT NULL PRIMARY KEY,
    count   INTEGER NOT NULL,
    last_at INTEGER NOT NULL
);
CREATE INDEX guesses_by_age ON guesses (last_at);

CREATE TABLE used_nonces (
    nonce      TEXT    NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL
);
CREATE INDEX used_nonces_by_expiry ON used_nonces (expires_at);
