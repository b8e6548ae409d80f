-- Operators' clearances of payments.
CREATE TABLE clearances (payment TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
