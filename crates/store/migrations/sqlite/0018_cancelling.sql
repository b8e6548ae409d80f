-- A transaction that was signed and that nobody takes can be replaced: its nonce is used for nothing. The same meaning as
-- ../postgres.

ALTER TABLE transactions ADD COLUMN cancelled_at INTEGER; -- since when the operator wants it replaced
ALTER TABLE attempts ADD COLUMN cancels INTEGER NOT NULL DEFAULT 0 CHECK (cancels IN (0, 1)); -- does nothing but use the nonce
