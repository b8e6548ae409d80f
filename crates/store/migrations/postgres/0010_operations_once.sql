-- A request that is sent again with its idempotency key starts one operation, also where its first answer was never kept.
-- What 0009 does for payments. The same meaning as in the other engine's folder.

ALTER TABLE operations ADD COLUMN once BYTEA CHECK (length(once) = 32);
CREATE UNIQUE INDEX operations_once ON operations (once) WHERE once IS NOT NULL;
