-- A request that is sent again with its idempotency key pays once, also where its first answer was never kept. The same
-- meaning as in the other engine's folder.

ALTER TABLE hosted_payments ADD COLUMN once BLOB CHECK (length(once) = 32);
CREATE UNIQUE INDEX hosted_payments_once ON hosted_payments (once) WHERE once IS NOT NULL;
