-- Which programs these tables are for. The same meaning as in the other engine's folder.

-- The lowest migration that a program has to know to work on these tables. One that knows at least that may find newer
-- migrations, and leaves them alone. A migration that takes away or changes what a program before it uses raises it, to
-- itself: UPDATE tables_for SET oldest = NNNN.
CREATE TABLE tables_for (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    oldest INTEGER NOT NULL
);
INSERT INTO tables_for (one, oldest) VALUES (1, 16);
