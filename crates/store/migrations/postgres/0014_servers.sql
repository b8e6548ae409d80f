-- Several servers over one database. The same meaning as ../sqlite.

-- Who does what is done once: until when, in milliseconds of the database's own clock.
CREATE TABLE leases (
    name   TEXT PRIMARY KEY,
    holder TEXT NOT NULL,                -- a server's run, by a random name
    until  BIGINT NOT NULL
);
-- Rises with every change of holder. Each write of a holder checks it in its own transaction. Apart from the lease, so
-- that renewing that is in nobody's way.
CREATE TABLE fences (
    name  TEXT PRIMARY KEY,
    token BIGINT NOT NULL
);

-- Rises with each commit of clearing that records anything of a purse. A commit is refused that was decided on another
-- version than the newest.
CREATE TABLE purse_heads (
    purse   BYTEA PRIMARY KEY CHECK (length(purse) = 20),
    version BIGINT NOT NULL
);

-- Numbers of cleared payments are given out in blocks, so that servers do not wait for one another: what is left of a
-- block when its server ends is never used.
CREATE TABLE clearing_numbers (
    one  BIGINT PRIMARY KEY CHECK (one = 1),
    next BIGINT NOT NULL
);
INSERT INTO clearing_numbers (one, next) SELECT 1, COALESCE(MAX(number), 0) + 1 FROM payments;
