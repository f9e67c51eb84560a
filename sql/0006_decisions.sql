-- 0006_decisions: why a call went where it went.
--
-- The first place of a call stands with the call, and why an agent was offered
-- it with the offer, since both rows are written anyway: an ordinary call costs
-- no row more.  What is decided about it after that is a row of `decision'.
--
-- Details are JSON, short, with ids for names, since a busy day has millions:
--   q queue   f the queue it came from   a the one agent of the line
--   n neighbour queues   t tier limit   s {skill: minimum}   x its switch
--   c {term: credit in us}   since the place that it waits from, us
--   st strategy   sc the agent's score by it   via the queue that let them in
--   r how many were ready   l how many were at work
--   rule the line of the rules that it came from   by who asked for it
-- Skills, queues and agents are retired, never deleted: names can be found.

ALTER TABLE call ADD COLUMN placed jsonb;
ALTER TABLE offer ADD COLUMN why jsonb;

-- `seq' rises with what is decided about a call: the process that decided (its
-- first generation), then a count.
CREATE TABLE decision (
    call_id uuid NOT NULL,
    seq     bigint NOT NULL,
    at      timestamptz NOT NULL,
    kind    text NOT NULL CHECK (kind <> ''),
    detail  jsonb NOT NULL,
    PRIMARY KEY (call_id, seq)
);

-- Who may come in: open; draining: who waits is still served, nobody else
-- comes in; closed: who waits is sent on, too.  No row is open.
CREATE TABLE queue_door (
    queue_id int PRIMARY KEY REFERENCES queue,
    seq      int NOT NULL,
    door     text NOT NULL CHECK (door IN ('open', 'draining', 'closed')),
    since    timestamptz NOT NULL,
    actor    text NOT NULL
);

CREATE FUNCTION at_us(us bigint) RETURNS timestamptz LANGUAGE sql STABLE STRICT
    RETURN to_timestamp(0) + us * interval '1 microsecond';

-- ------------------------------------------------------------------- doors

-- One command.  Outcomes: done; repeat (this operation did it before); missing
-- (no such queue); stale (`expect' is not how it stands; 0: any).  `was' is the
-- door before it, `n' counts commands from 2: one of a door that nobody has
-- touched can be expected, too, as 1.
CREATE FUNCTION queue_door_set(op_key uuid, of_queue text, new_door text,
    expect int, by_actor text, now_at timestamptz, OUT outcome text,
    OUT n int, OUT was text, OUT door text)
LANGUAGE plpgsql AS $$
DECLARE
    id_of int;
    d queue_door;
BEGIN
    SELECT q.id INTO id_of FROM queue q
        WHERE q.name = of_queue AND NOT q.retired FOR UPDATE;
    IF NOT FOUND THEN
        outcome := 'missing';
        RETURN;
    END IF;
    SELECT * INTO d FROM queue_door x WHERE x.queue_id = id_of;
    n := coalesce(d.seq, 1);
    was := coalesce(d.door, 'open');
    door := was;
    IF EXISTS (SELECT FROM audit WHERE key = op_key) THEN
        outcome := 'repeat';
        RETURN;
    END IF;
    IF expect <> 0 AND expect <> n THEN
        outcome := 'stale';
        RETURN;
    END IF;
    n := n + 1;
    door := new_door;
    outcome := 'done';
    INSERT INTO queue_door AS x (queue_id, seq, door, since, actor)
        VALUES (id_of, n, new_door, now_at, by_actor)
        ON CONFLICT (queue_id) DO UPDATE SET seq = excluded.seq,
        door = excluded.door, since = excluded.since, actor = excluded.actor;
    INSERT INTO audit (key, at, actor, action, object, detail) VALUES (op_key,
        now_at, by_actor, 'queue_door', of_queue, was || ' -> ' || new_door);
END $$;

-- ------------------------------------------------------------ what was decided

-- "english 3, german 2"
CREATE FUNCTION decision_skills(detail jsonb) RETURNS text LANGUAGE sql STABLE
    RETURN (SELECT string_agg(coalesce(s.name, e.key) || ' ' || e.value, ', '
            ORDER BY s.name)
        FROM jsonb_each_text(detail->'s') e
        LEFT JOIN skill s ON s.id = e.key::int);

-- "sales, support"
CREATE FUNCTION decision_neighbours(detail jsonb) RETURNS text
    LANGUAGE sql STABLE
    RETURN (SELECT string_agg(coalesce(q.name, e.value), ', ' ORDER BY e.n)
        FROM jsonb_array_elements_text(detail->'n') WITH ORDINALITY e(value, n)
        LEFT JOIN queue q ON q.id = e.value::int);

-- "priority 2=20000000;grade A=60000000"
CREATE FUNCTION decision_terms(detail jsonb) RETURNS text LANGUAGE sql STABLE
    RETURN (SELECT string_agg(e.key || '=' || e.value, ';' ORDER BY e.key)
        FROM jsonb_each_text(detail->'c') e);

-- All of a call, in order: its places, its offers with their ends.
CREATE VIEW call_decision AS
SELECT id AS call_id, coalesce(at_us((placed->>'since')::bigint), queued_at)
    AS at, 0::bigint AS seq, 'enqueued' AS kind, placed AS detail,
    (placed->>'a')::int AS agent_id, NULL::timestamptz AS ended_at,
    NULL AS reason
FROM call WHERE placed IS NOT NULL
UNION ALL
SELECT call_id, at, seq, kind, detail, (detail->>'a')::int, NULL, NULL
FROM decision
UNION ALL
SELECT call_id, offered_at, id, 'offered', coalesce(why, '{}'), agent_id,
    ended_at, reason
FROM offer WHERE offered_at IS NOT NULL;

-- ------------------------------------------------------------------ why not

-- After which ends an agent is not offered the same call again.
CREATE FUNCTION offer_excludes(reason text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN reason IN ('refused', 'no_answer', 'not_delivered', 'device_busy',
        'device_failed');

-- Since when somebody who is ready then is idle: an offer that came to nothing
-- does not end that.
CREATE FUNCTION idle_since(of_agent int, at timestamptz) RETURNS timestamptz
    LANGUAGE sql STABLE
    RETURN (SELECT min(r.since) FROM agent_state r,
        (SELECT since, seq FROM (SELECT s.since, s.seq FROM agent_state s
            WHERE s.agent_id = of_agent AND s.since <= at
            AND s.state NOT IN ('ready', 'reserved')
            ORDER BY s.since DESC, s.seq DESC LIMIT 1) AS one
         UNION ALL SELECT '-infinity', 0 ORDER BY 1 DESC LIMIT 1) AS o
        WHERE r.agent_id = of_agent AND r.state = 'ready' AND r.since <= at
        AND (r.since, r.seq) > (o.since, o.seq));

-- What a line asks for that an agent lacks, by the agent's profile of today;
-- no row: nothing.
CREATE FUNCTION line_lacks(line jsonb, of_agent int)
    RETURNS TABLE (rule text, what text, has bigint, needs bigint)
LANGUAGE sql STABLE AS $$
    SELECT 'agent_only', (SELECT name FROM agent WHERE id = (line->>'a')::int),
        NULL::bigint, NULL::bigint
    WHERE (line->>'a')::int <> of_agent
    UNION ALL
    (WITH mine AS (SELECT q.queue_id,
            q.tier
        FROM agent_queue q WHERE q.agent_id = of_agent AND (q.queue_id =
            (line->>'q')::int OR line->'n' @> to_jsonb(q.queue_id)))
    SELECT 'not_in_queue', (SELECT name FROM queue
        WHERE id = (line->>'q')::int), NULL, NULL
    WHERE line->>'a' IS NULL AND NOT EXISTS (SELECT FROM mine)
    UNION ALL
    SELECT 'tier', (SELECT name FROM queue WHERE id = (line->>'q')::int),
        min(m.tier), (line->>'t')::int FROM mine m
    WHERE line->>'a' IS NULL
    HAVING min(m.tier) > (line->>'t')::int)
    UNION ALL
    SELECT 'skill', coalesce(s.name, e.key), coalesce(a.level, 0),
        e.value::int FROM jsonb_each_text(line->'s') e
    LEFT JOIN skill s ON s.id = e.key::int
    LEFT JOIN agent_skill a ON a.agent_id = of_agent AND a.skill_id = s.id
    WHERE line->>'a' IS NULL AND coalesce(a.level, 0) < e.value::int
$$;

-- Why an agent did not get a call: each stretch of its wait, with the first
-- rule that kept them from it.  Rules: not_logged_in; not_ready (what: the
-- reason); offered (to them; what: how it ended); busy, wrap_up; other_switch
-- (what: the phone, who: its switch); agent_only (what: for whom it waited
-- then); not_in_queue, tier, skill (what, has, needs); excluded (what: how their
-- offer of it ended before); not_waiting (it was in no line yet);
-- others_first (who was offered it; what: the strategy; has, needs: their score
-- and the one that won); free (nothing did).
CREATE FUNCTION why_not(of_call uuid, of_agent int, now_at timestamptz)
    RETURNS TABLE (from_at timestamptz, to_at timestamptz, rule text,
        what text, who text, has bigint, needs bigint)
LANGUAGE sql STABLE AS $$
WITH c AS (
    SELECT call.switch_id, coalesce(queued_at, delivered_at) AS since,
        coalesce(established_at, ended_at, now_at) AS until
    FROM call WHERE id = of_call
), line AS (
    SELECT d.at, d.seq, d.detail FROM call_decision d
    WHERE d.call_id = of_call AND d.kind <> 'offered' AND d.detail ? 'q'
), state AS (
    SELECT s.since, s.seq, s.state, s.reason, s.device
    FROM agent_state s, c WHERE s.agent_id = of_agent AND s.since < c.until
    AND s.since >= coalesce((SELECT max(x.since) FROM agent_state x
        WHERE x.agent_id = of_agent AND x.since <= c.since), c.since)
), tried AS (
    SELECT o.id, o.agent_id, o.offered_at, coalesce(o.ended_at, c.until)
        AS ended_at, o.reason, o.why
    FROM offer o, c WHERE o.call_id = of_call AND o.offered_at IS NOT NULL
), cut AS (
    SELECT at, coalesce(lead(at) OVER (ORDER BY at), c.until) AS until
    FROM (SELECT since AS at FROM c
        UNION SELECT at FROM line UNION SELECT since FROM state
        UNION SELECT offered_at FROM tried UNION SELECT ended_at FROM tried)
        AS cuts, c
    WHERE at >= c.since AND at < c.until
), said AS (
    SELECT cut.at, cut.until, r.rule, r.what, r.who, r.has, r.needs
    FROM cut CROSS JOIN c
    LEFT JOIN LATERAL (SELECT * FROM state WHERE state.since <= cut.at
        ORDER BY state.since DESC, state.seq DESC LIMIT 1) AS s ON true
    LEFT JOIN LATERAL (SELECT * FROM line WHERE line.at <= cut.at
        ORDER BY line.at DESC, line.seq DESC LIMIT 1) AS l ON true
    LEFT JOIN LATERAL (SELECT * FROM tried WHERE tried.offered_at <= cut.at
        AND tried.ended_at > cut.at ORDER BY (agent_id = of_agent) DESC
        LIMIT 1) AS o ON true
    LEFT JOIN LATERAL (SELECT * FROM tried WHERE tried.agent_id = of_agent
        AND tried.ended_at <= cut.at AND offer_excludes(tried.reason)
        AND NOT EXISTS (SELECT FROM decision f WHERE f.call_id = of_call
            AND f.kind = 'forgiven' AND f.at > tried.ended_at
            AND f.at <= cut.at)
        ORDER BY tried.ended_at DESC LIMIT 1) AS x ON true
    LEFT JOIN LATERAL (SELECT v.name, w.name AS phone FROM device w
        JOIN switch v ON v.id = w.switch_id
        WHERE w.name = s.device AND w.switch_id <> c.switch_id) AS d ON true
    LEFT JOIN LATERAL (SELECT * FROM line_lacks(l.detail, of_agent)
        WHERE l.detail IS NOT NULL LIMIT 1) AS k ON true
    LEFT JOIN agent g ON g.id = o.agent_id
    CROSS JOIN LATERAL (SELECT * FROM (VALUES
        (1, s.state IS NULL OR s.state = 'null', 'not_logged_in', NULL, NULL,
            NULL::bigint, NULL::bigint),
        (2, o.agent_id = of_agent, 'offered', o.reason, NULL, NULL, NULL),
        (3, s.state = 'not_ready', 'not_ready', s.reason, NULL, NULL, NULL),
        (4, s.state IN ('busy', 'reserved'), 'busy', s.state, NULL, NULL,
            NULL),
        (5, s.state = 'working_after_call', 'wrap_up', NULL, NULL, NULL,
            NULL),
        (6, d.name IS NOT NULL, 'other_switch', d.phone, d.name, NULL, NULL),
        (7, l.detail IS NULL, 'not_waiting', NULL, NULL, NULL, NULL),
        (8, k.rule IS NOT NULL, k.rule, k.what, NULL, k.has, k.needs),
        (9, x.reason IS NOT NULL, 'excluded', x.reason, NULL, NULL, NULL),
        (10, o.id IS NOT NULL, 'others_first', o.why->>'st', g.name,
            CASE WHEN o.why->>'st' = 'longest_idle'
                THEN us(idle_since(of_agent, o.offered_at)) END,
            (o.why->>'sc')::bigint),
        (11, true, 'free', NULL, NULL, NULL, NULL))
        AS v(n, holds, rule, what, who, has, needs)
        WHERE holds ORDER BY n LIMIT 1) AS r
), marked AS (
    SELECT said.*, count(*) FILTER (WHERE fresh) OVER (ORDER BY at) AS part
    FROM (SELECT *, (rule, what, who, has, needs) IS DISTINCT FROM
        lag((rule, what, who, has, needs)) OVER (ORDER BY at) AS fresh
        FROM said) AS said
)
SELECT min(at), max(until), rule, what, who, has, needs FROM marked
GROUP BY part, rule, what, who, has, needs ORDER BY min(at)
$$;

-- -------------------------------------------------------------------- rights

GRANT SELECT ON decision, call_decision, queue_door TO mashang_daemon,
    mashang_report;
GRANT INSERT ON decision TO mashang_daemon;
GRANT INSERT, UPDATE ON queue_door TO mashang_daemon;
