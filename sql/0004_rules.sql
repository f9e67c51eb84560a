-- 0004_rules: how queues distribute: rules, tiers, reasons.

-- Its rules as lines of text (daemon/routing/rules.h); empty: the preset.
ALTER TABLE queue ADD rules text NOT NULL DEFAULT '';

-- Of tiers the lowest is asked first; weights count for weighted_random.
ALTER TABLE agent_queue
    ADD tier   int NOT NULL DEFAULT 1 CHECK (tier BETWEEN 1 AND 10),
    ADD weight int NOT NULL DEFAULT 1 CHECK (weight BETWEEN 1 AND 10);

-- `rank' is the place in the file; so many work items beside calls.
ALTER TABLE agent
    ADD rank       int NOT NULL DEFAULT 0,
    ADD work_items int NOT NULL DEFAULT 1 CHECK (work_items BETWEEN 0 AND 50);

-- Why agents are not ready.  Without any that is not retired every word goes.
CREATE TABLE reason (
    name     text PRIMARY KEY CHECK (name <> ''),
    paid     boolean NOT NULL,
    limit_us bigint NOT NULL CHECK (limit_us >= 0), -- 0: none
    retired  boolean NOT NULL DEFAULT false
);

-- Whom credit and the key account's agent are for.
ALTER TABLE customer
    ADD grade           text CHECK (grade IN ('A', 'B', 'C', 'D', 'E')),
    ADD account_manager int REFERENCES agent;

GRANT SELECT ON reason TO mashang_daemon, mashang_report;
GRANT INSERT, UPDATE ON reason TO mashang_daemon;

-- What is known of a customer by one of the numbers; made if nobody has it yet.
-- NULL: as it was, '' or '-': none any more.
CREATE FUNCTION customer_set(op_key uuid, of_number text, new_name text,
    new_grade text, manager text, by_actor text, now_at timestamptz)
    RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    who bigint;
    agent_of int;
    was customer;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('customer'), hashtext(of_number));
    IF EXISTS (SELECT FROM audit WHERE key = op_key) THEN
        RETURN 'repeat';
    END IF;
    IF manager <> '-' THEN
        SELECT id INTO agent_of FROM agent WHERE name = manager AND NOT retired;
        IF NOT FOUND THEN
            RETURN 'no_agent';
        END IF;
    END IF;
    SELECT customer_id INTO who FROM customer_number WHERE number = of_number;
    IF NOT FOUND THEN
        INSERT INTO customer (since) VALUES (now_at) RETURNING id INTO who;
        INSERT INTO customer_number (number, customer_id, since)
            VALUES (of_number, who, now_at);
    END IF;
    SELECT * INTO was FROM customer WHERE id = who FOR UPDATE;
    UPDATE customer SET
        name = CASE WHEN new_name IS NULL THEN name
            ELSE nullif(new_name, '-') END,
        grade = CASE WHEN new_grade IS NULL THEN grade
            ELSE nullif(new_grade, '-') END,
        account_manager = CASE WHEN manager IS NULL THEN account_manager
            ELSE agent_of END
        WHERE id = who;
    INSERT INTO audit (key, at, actor, action, object, detail) VALUES (op_key,
        now_at, by_actor, 'customer_set', of_number,
        concat_ws(' ', 'grade=' || coalesce(was.grade, '-') || '->' ||
            new_grade, 'manager->' || manager, 'name->' || new_name));
    RETURN 'done';
END $$;
