-- In which order commits of clearing were written: where exports of payments go on. The same meaning as ../postgres.
--
-- Numbers of payments do not tell that: servers take them in blocks (0014), and payments that were moved here have numbers
-- between those of a block. Positions are given in the writing transaction, by the table, so that a program that knows nothing
-- of them gives them as well.

-- 0: of before. Those are all there, in the order of their numbers.
ALTER TABLE clearances ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
CREATE INDEX clearances_by_position ON clearances (position, first);
ALTER TABLE moved_clearances ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
CREATE INDEX moved_clearances_by_position ON moved_clearances (position, number);

CREATE TRIGGER clearances_position AFTER INSERT ON clearances
BEGIN
    UPDATE clearances SET position = 1 + MAX(
        (SELECT COALESCE(MAX(position), 0) FROM clearances),
        (SELECT COALESCE(MAX(position), 0) FROM moved_clearances)
    ) WHERE first = NEW.first;
END;
CREATE TRIGGER moved_clearances_position AFTER INSERT ON moved_clearances
BEGIN
    UPDATE moved_clearances SET position = 1 + MAX(
        (SELECT COALESCE(MAX(position), 0) FROM clearances),
        (SELECT COALESCE(MAX(position), 0) FROM moved_clearances)
    ) WHERE number = NEW.number;
END;
