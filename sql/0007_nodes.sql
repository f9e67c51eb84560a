-- 0007_nodes: several nodes on one database.

-- Whose it was, by the connection that wrote it: what a dead node left open is
-- ended by another, what a living one has open is not touched.  Rows from
-- before this are nobody's.
ALTER TABLE offer ADD COLUMN node text;
ALTER TABLE offer ALTER COLUMN node
    SET DEFAULT current_setting('mashang.node', true);
ALTER TABLE agent_state ADD COLUMN node text;
ALTER TABLE agent_state ALTER COLUMN node
    SET DEFAULT current_setting('mashang.node', true);

-- Which nodes reach this database, by its own clock.  Real time, also where
-- calls' time is driven: it says which processes run, not what happened when.
CREATE TABLE node (
    name    text PRIMARY KEY,
    seen_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Raised by each configuration that is applied; nodes look each second.
CREATE TABLE config_revision (
    revision bigint NOT NULL
);
INSERT INTO config_revision VALUES (1);

CREATE FUNCTION config_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE config_revision SET revision = revision + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_config AFTER INSERT ON audit FOR EACH ROW
    WHEN (NEW.action = 'config_apply') EXECUTE FUNCTION config_changed();

-- Its row is written at most each second; the answer is the configuration's
-- revision.
CREATE FUNCTION node_alive(node text) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO node AS n (name, seen_at) VALUES (node, clock_timestamp())
        ON CONFLICT (name) DO UPDATE SET seen_at = clock_timestamp();
    SELECT revision FROM config_revision;
$$;

-- One that is cut off from Redis only is not dead.  Who asks for its own name
-- is the living process of it.
CREATE FUNCTION node_may_be_swept(node text) RETURNS boolean
LANGUAGE sql STABLE
    RETURN node = current_setting('mashang.node', true) OR NOT EXISTS (
        SELECT FROM node n WHERE n.name = $1
            AND n.seen_at > clock_timestamp() - interval '5 s');

REVOKE EXECUTE ON FUNCTION node_alive(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION node_alive(text) TO mashang_daemon;
GRANT SELECT ON node, config_revision TO mashang_daemon, mashang_report;
