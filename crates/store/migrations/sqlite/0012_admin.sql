-- What the operator did through the admin API: who, when, what, to what, and why. Appended in the same transaction as the
-- change itself, and never changed. The same meaning as in the other engine's folder.

CREATE TABLE admin_actions (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    actor   TEXT    NOT NULL,           -- the name of the token that was used
    action  TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    reason  TEXT    NOT NULL,
    details TEXT    NOT NULL,           -- JSON
    request TEXT    NOT NULL            -- the request's id, as in the log
);
CREATE TRIGGER admin_actions_stay BEFORE UPDATE ON admin_actions
BEGIN SELECT RAISE(ABORT, 'what the operator did is not changed'); END;
CREATE TRIGGER admin_actions_remain BEFORE DELETE ON admin_actions
BEGIN SELECT RAISE(ABORT, 'what the operator did is not deleted'); END;

-- Gas that was spent is asked for by its day.
CREATE INDEX attempts_by_time ON attempts (signed_at);
