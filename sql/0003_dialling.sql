-- 0003_dialling: calls that agents make about tickets.
--
-- Nothing rings that is not committed here first: dial_decide() is the one
-- statement that may add an attempt, and it checks every rule where all nodes
-- see the same.  What became of an attempt stands with its call; `outcome' is
-- only for those that never became one.

-- ------------------------------------------------------------ configuration

-- One row, or none: then nobody may be called.
CREATE TABLE dialling (
    single  boolean PRIMARY KEY DEFAULT true CHECK (single),
    per_day int NOT NULL CHECK (per_day >= 0), -- 0: no limit
    show    text NOT NULL                      -- to those called; '': any
);

-- The longest prefix that fits counts.
CREATE TABLE dialling_prefix (
    prefix  text PRIMARY KEY CHECK (prefix ~ '^\+[1-9][0-9]{0,14}$'),
    allowed boolean NOT NULL
);

-- Numbers that asked not to be called; NULL: for good.
CREATE TABLE do_not_call (
    id       bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    number   text PRIMARY KEY CHECK (number <> ''),
    reason   text,
    until_at timestamptz,
    added_at timestamptz NOT NULL,
    actor    text NOT NULL
);

-- ----------------------------------------------------------------- attempts

-- `order_id' is never given out twice, by whichever process: it is what the
-- call's first event names, however late that comes.
CREATE TABLE dial (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ticket_id    bigint NOT NULL,
    attempt      int NOT NULL,
    op           uuid NOT NULL UNIQUE,
    e164         text NOT NULL,
    agent_id     int NOT NULL,
    switch_id    int NOT NULL,
    device       text NOT NULL,
    order_id     bigint NOT NULL UNIQUE,
    relation     text NOT NULL CHECK (relation IN ('callback', 'follow_up')),
    requested_at timestamptz NOT NULL,
    call_id      uuid UNIQUE,
    outcome      text CHECK (outcome IN ('device_busy', 'no_device', 'refused',
                     'not_connected', 'device_failed', 'agent_gone',
                     'unknown')),
    UNIQUE (ticket_id, attempt)
) WITH (fillfactor = 80);
CREATE INDEX dial_by_number ON dial (e164, requested_at);
CREATE INDEX dial_open ON dial (switch_id)
    WHERE call_id IS NULL AND outcome IS NULL;

CREATE VIEW dial_attempt AS
SELECT d.*, c.established_at AS reached_at, c.ended_at, c.end_cause,
    CASE
        WHEN c.established_at IS NOT NULL THEN 'reached'
        WHEN d.outcome = 'device_failed' THEN d.outcome
        WHEN c.ended_at IS NOT NULL
            THEN coalesce(nullif(c.end_cause, 'normal'), 'not_reached')
        WHEN d.call_id IS NOT NULL THEN 'ringing'
        ELSE coalesce(d.outcome, 'dialling')
    END AS state
FROM dial d LEFT JOIN call c ON c.id = d.call_id;

-- Of one number, one at a time: two nodes cannot both be within the limit, and
-- from the commit of its wish on nobody calls who does not want to be called.
CREATE FUNCTION dial_lock(number text) RETURNS void LANGUAGE sql AS
    'SELECT pg_advisory_xact_lock(hashtextextended(''dial:'' || number, 0))';

-- May it be called?  NULL: yes.  Longest prefix, wish, limit; what the refusal
-- is about: of `cap' how many, and when it may be called again.
CREATE FUNCTION dial_rule(number text, at timestamptz, OUT rule text,
    OUT detail text, OUT n int, OUT until_at timestamptz)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_variable
DECLARE
    d dialling;
    p dialling_prefix;
    w do_not_call;
BEGIN
    SELECT * INTO d FROM dialling;
    IF NOT FOUND THEN
        rule := 'not_configured';
        RETURN;
    END IF;
    SELECT * INTO p FROM dialling_prefix x
        WHERE starts_with(number, x.prefix) ORDER BY length(x.prefix) DESC
        LIMIT 1;
    IF NOT FOUND OR NOT p.allowed THEN
        rule := 'allow';
        detail := p.prefix;
        RETURN;
    END IF;
    SELECT * INTO w FROM do_not_call x WHERE x.number = dial_rule.number
        AND (x.until_at IS NULL OR x.until_at > at);
    IF FOUND THEN
        rule := 'do_not_call';
        detail := w.reason;
        until_at := w.until_at;
        RETURN;
    END IF;
    -- Who was not rung was not bothered.
    SELECT x.requested_at + interval '24 hours' INTO until_at FROM dial x
        WHERE d.per_day > 0 AND x.e164 = number
        AND x.requested_at > at - interval '24 hours'
        AND (x.outcome IS NULL OR x.outcome = 'unknown')
        ORDER BY x.requested_at DESC OFFSET d.per_day - (d.per_day > 0)::int
        LIMIT 1;
    IF FOUND THEN
        rule := 'cap';
        n := d.per_day;
    END IF;
END $$;

-- One more attempt, or why not.  Outcomes: done; repeat (this operation did it
-- before: `detail' is what became of it); missing (no such ticket); status (it
-- is `detail'); no_number (nobody is known to call); taken (agent `detail' is
-- at it); a rule of dial_rule().  A dial that says nothing for five minutes
-- hinders nobody: whoever made it is gone.
CREATE FUNCTION dial_decide(op_key uuid, of_ticket bigint, to_number text,
    rel text, agent int, by_actor text, new_order bigint, at_switch int,
    at_device text, now_at timestamptz)
    RETURNS TABLE (outcome text, attempt int, e164 text, show text,
        queue_id int, detail text, n int, until_at timestamptz)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    t ticket;
    was dial_attempt;
    number text;
    next int;
    e ticket_event;
    r record;
BEGIN
    SELECT * INTO t FROM ticket x WHERE x.id = of_ticket FOR UPDATE;
    IF NOT FOUND OR t.opened_at IS NULL THEN
        RETURN QUERY SELECT 'missing', 0, '', '', 0, '', 0, now_at;
        RETURN;
    END IF;
    SELECT * INTO was FROM dial_attempt x WHERE x.op = op_key;
    IF FOUND THEN
        RETURN QUERY SELECT 'repeat', was.attempt, was.e164, '', t.queue_id,
            was.state, 0, now_at;
        RETURN;
    END IF;
    IF t.status IN ('cancelled', 'merged') OR
        (t.status = 'closed' AND rel <> 'follow_up') THEN
        RETURN QUERY SELECT 'status', 0, '', '', t.queue_id, t.status, 0,
            now_at;
        RETURN;
    END IF;
    number := coalesce(nullif(to_number, ''), t.caller_e164);
    IF number IS NULL OR number !~ '^\+[1-9][0-9]+$' THEN
        RETURN QUERY SELECT 'no_number', 0, '', '', t.queue_id, t.caller, 0,
            now_at;
        RETURN;
    END IF;
    PERFORM dial_lock(number);
    SELECT a.name INTO r FROM dial_attempt x JOIN agent a ON a.id = x.agent_id
        WHERE x.ticket_id = of_ticket AND x.agent_id <> agent
        AND x.ended_at IS NULL AND (x.call_id IS NOT NULL OR
            (x.outcome IS NULL
                AND x.requested_at > now_at - interval '5 minutes'))
        LIMIT 1;
    IF FOUND THEN
        RETURN QUERY SELECT 'taken', 0, number, '', t.queue_id, r.name, 0,
            now_at;
        RETURN;
    END IF;
    SELECT * INTO r FROM dial_rule(number, now_at);
    IF r.rule IS NOT NULL THEN
        RETURN QUERY SELECT r.rule, 0, number, '', t.queue_id, r.detail, r.n,
            r.until_at;
        RETURN;
    END IF;
    SELECT coalesce(max(x.attempt), 0) + 1 INTO next FROM dial x
        WHERE x.ticket_id = of_ticket;
    INSERT INTO dial (ticket_id, attempt, op, e164, agent_id, switch_id,
        device, order_id, relation, requested_at)
        VALUES (of_ticket, next, op_key, number, agent, at_switch, at_device,
            new_order, rel, now_at);
    e.ticket_id := of_ticket;
    e.key := op_key;
    e.at := now_at;
    e.kind := 'dialled';
    e.actor := by_actor;
    e.text := number;
    e.for_customer := false;
    IF rel = 'follow_up' AND t.status = 'resolved' THEN
        e.status := 'callback_pending';
        UPDATE ticket x SET status = e.status,
            rev = greatest(x.rev, 1048576) WHERE x.id = of_ticket;
    END IF;
    PERFORM ticket_event_append(e);
    RETURN QUERY SELECT 'done', next, number, d.show, t.queue_id, '', 0,
        now_at FROM dialling d;
END $$;

-- A number's wish, or the end of it.  Outcomes: done, repeat, missing.
CREATE FUNCTION do_not_call_set(op_key uuid, of_number text, why text,
    until timestamptz, remove boolean, by_actor text, now_at timestamptz)
    RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM dial_lock(of_number);
    IF EXISTS (SELECT FROM audit WHERE key = op_key) THEN
        RETURN 'repeat';
    END IF;
    IF remove THEN
        DELETE FROM do_not_call WHERE number = of_number;
        IF NOT FOUND THEN
            RETURN 'missing';
        END IF;
    ELSE
        INSERT INTO do_not_call (number, reason, until_at, added_at, actor)
            VALUES (of_number, nullif(why, ''), until, now_at, by_actor)
            ON CONFLICT (number) DO UPDATE SET reason = excluded.reason,
            until_at = excluded.until_at, added_at = excluded.added_at,
            actor = excluded.actor;
    END IF;
    INSERT INTO audit (key, at, actor, action, object, detail) VALUES (op_key,
        now_at, by_actor, CASE WHEN remove THEN 'do_not_call_remove'
        ELSE 'do_not_call_add' END, of_number, nullif(why, ''));
    RETURN 'done';
END $$;

-- -------------------------------------------------------------------- rights

GRANT SELECT ON dialling, dialling_prefix, do_not_call, dial, dial_attempt
    TO mashang_daemon, mashang_report;
GRANT INSERT, UPDATE, DELETE ON dialling, dialling_prefix, do_not_call
    TO mashang_daemon;
GRANT INSERT, UPDATE ON dial TO mashang_daemon;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO mashang_daemon;
