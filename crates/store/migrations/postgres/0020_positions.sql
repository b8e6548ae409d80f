-- In which order commits of clearing were written: where exports of payments go on. The same meaning as ../sqlite.
--
-- Numbers of payments do not tell that: servers take them in blocks (0014), and payments that were moved here have numbers
-- between those of a block. Positions are given in the writing transaction, by the table, so that a program that knows nothing
-- of them gives them as well. A smaller one can still become visible after a larger one, while both are being written: an
-- export waits for those.

CREATE SEQUENCE clearing_positions;

-- 0: of before. Those are all there, in the order of their numbers.
ALTER TABLE clearances ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
ALTER TABLE clearances ALTER COLUMN position SET DEFAULT nextval('clearing_positions');
CREATE INDEX clearances_by_position ON clearances (position, first);

ALTER TABLE moved_clearances ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
ALTER TABLE moved_clearances ALTER COLUMN position SET DEFAULT nextval('clearing_positions');
CREATE INDEX moved_clearances_by_position ON moved_clearances (position, number);
