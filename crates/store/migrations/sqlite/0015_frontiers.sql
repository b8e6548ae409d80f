-- Where the payments of each purse end, so that one that comes after all of them is decided without reading any. The same
-- meaning as ../postgres.
--
-- It counts while frontier_version is version: then every payment that was seen is cleared, and a program that knows nothing
-- of these columns wrote nothing since.
ALTER TABLE purse_heads ADD COLUMN frontier_version INTEGER NOT NULL DEFAULT 0;
-- The highest end of their serials.
ALTER TABLE purse_heads ADD COLUMN spent TEXT NOT NULL DEFAULT '00000000000000000000000000000' CHECK (length(spent) = 29);
-- The highest cumulatives, added up over payees.
ALTER TABLE purse_heads ADD COLUMN promised TEXT NOT NULL DEFAULT '00000000000000000000000000000' CHECK (length(promised) = 29);
-- How many there are.
ALTER TABLE purse_heads ADD COLUMN payments INTEGER NOT NULL DEFAULT 0;
