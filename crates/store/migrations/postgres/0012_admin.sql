-- What the operator did through the admin API: who, when, what, to what, and why. Appended in the same transaction as the
-- change itself, and never changed. The same meaning as in the other engine's folder.

CREATE TABLE admin_actions (
    number  BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      BIGINT NOT NULL,
    actor   TEXT   NOT NULL,            -- the name of the token that was used
    action  TEXT   NOT NULL,
    subject TEXT   NOT NULL,
    reason  TEXT   NOT NULL,
    details TEXT   NOT NULL,            -- JSON
    request TEXT   NOT NULL             -- the request's id, as in the log
);
CREATE FUNCTION admin_actions_stay() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'what the operator did is neither changed nor deleted'; END $$;
CREATE TRIGGER admin_actions_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON admin_actions
    FOR EACH STATEMENT EXECUTE FUNCTION admin_actions_stay();

-- Gas that was spent is asked for by its day.
CREATE INDEX attempts_by_time ON attempts (signed_at);
