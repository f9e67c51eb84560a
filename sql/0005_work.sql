-- 0005_work: work without a live call: who is to be called back, who gave up
-- and is called, tickets that lie in a queue without an owner.
--
-- An item is taken here or not at all: work_take() is a compare-and-set on
-- (item, attempt, node), committed before anything is dialled or shown as
-- accepted.  An item waits in the memory of one node, whose name it bears; a
-- node that cannot find an agent for it lets it go, a dead one's are claimed.
-- `rev' counts an item's changes, `told' is the last that its node has heard
-- of: so what happens here behind its back reaches it, however often it is
-- restarted.
--
-- Who takes an item and a ticket locks the ticket first.

CREATE TABLE work (
    id           uuid PRIMARY KEY,
    kind         text NOT NULL CHECK (kind IN ('callback', 'follow_up',
                     'ticket')),
    ticket_id    bigint,
    call_id      uuid UNIQUE,        -- what it came of; a call makes one item
    queue_id     int NOT NULL,
    site         int NOT NULL DEFAULT 0, -- the switch that dials, 0: any
    e164         text,
    enqueued_at  timestamptz NOT NULL, -- its place: of a callback the call's
    arrival      bigint NOT NULL DEFAULT 0,
    credit_us    bigint NOT NULL DEFAULT 0, -- of a callback the call's
    not_before   timestamptz,
    expires_at   timestamptz,
    attempt      int NOT NULL DEFAULT 0, -- how often it was taken
    tries        int NOT NULL DEFAULT 0, -- how often the customer was rung
    max_attempts int NOT NULL DEFAULT 1, -- of those
    every_us     bigint NOT NULL DEFAULT 0,
    state        text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting',
                     'taken', 'done', 'failed', 'expired', 'cancelled')),
    why          text,
    agent_id     int,                -- who took it last
    taken_at     timestamptz,
    ended_at     timestamptz,
    node         text,
    rev          int NOT NULL DEFAULT 1,
    told         int NOT NULL DEFAULT 0,
    CHECK (kind = 'ticket' OR (call_id IS NOT NULL AND e164 IS NOT NULL))
) WITH (fillfactor = 70);
-- One number is called by one item, one ticket is one item.
CREATE UNIQUE INDEX work_number ON work (e164)
    WHERE kind <> 'ticket' AND state IN ('waiting', 'taken');
CREATE UNIQUE INDEX work_ticket ON work (ticket_id)
    WHERE kind = 'ticket' AND state IN ('waiting', 'taken');
CREATE INDEX work_of_ticket ON work (ticket_id)
    WHERE state IN ('waiting', 'taken');
CREATE INDEX work_open ON work (enqueued_at, id)
    WHERE state IN ('waiting', 'taken');
CREATE INDEX work_free ON work (enqueued_at)
    WHERE state = 'waiting' AND node IS NULL;
CREATE INDEX work_held ON work (node) WHERE state IN ('waiting', 'taken');
CREATE INDEX work_taken ON work (agent_id) WHERE state = 'taken';
CREATE INDEX work_untold ON work (node) WHERE rev <> told;

-- An offer is of a call or of an item.
ALTER TABLE offer ADD work_id uuid;

CREATE FUNCTION work_is_over(status text) RETURNS boolean LANGUAGE sql
    IMMUTABLE RETURN status IN ('resolved', 'callback_pending', 'closed',
    'cancelled', 'merged');

-- Who wants to be called back is not also called for having given up.
CREATE FUNCTION work_supersede() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE work SET state = 'cancelled', why = 'callback',
        ended_at = new.enqueued_at, rev = rev + 1
        WHERE e164 = new.e164 AND kind = 'follow_up' AND state = 'waiting';
    RETURN new;
END $$;
CREATE TRIGGER work_supersede BEFORE INSERT ON work FOR EACH ROW
    WHEN (new.kind = 'callback') EXECUTE FUNCTION work_supersede();

-- ------------------------------------------------------- what tickets say

-- Items whose ticket is over, is somebody's, or lies in another queue.
CREATE FUNCTION work_withdraw(e ticket_event) RETURNS void
LANGUAGE sql AS $$
    UPDATE work w SET ended_at = e.at, rev = w.rev + 1,
        state = CASE WHEN w.state = 'taken' AND w.kind = 'ticket'
            THEN 'done' ELSE 'cancelled' END,
        why = CASE WHEN work_is_over(e.status) THEN e.status
            WHEN e.owner_id > 0 THEN 'owned' ELSE 'moved' END
    WHERE w.ticket_id = e.ticket_id AND CASE
        WHEN w.kind <> 'ticket' THEN w.state = 'waiting' AND
            e.status IN ('closed', 'cancelled', 'merged')
        WHEN w.state NOT IN ('waiting', 'taken') THEN false
        ELSE work_is_over(e.status) OR
            (e.owner_id > 0 AND e.owner_id IS DISTINCT FROM w.agent_id) OR
            (e.owner_id > 0 AND w.state = 'waiting') OR
            (e.owner_id = 0 AND w.state = 'taken') OR
            (e.queue_id <> w.queue_id) END
        AND w.state IN ('waiting', 'taken')
$$;

-- An open ticket that was given to a queue and is nobody's.
CREATE FUNCTION work_of_event(e ticket_event) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO work (id, kind, ticket_id, queue_id, e164, enqueued_at)
    SELECT md5('ticket:' || e.key)::uuid, 'ticket', t.id, e.queue_id,
        t.caller_e164, e.at FROM ticket t
    WHERE t.id = e.ticket_id AND coalesce(e.owner_id, t.owner_id, 0) = 0
        AND NOT work_is_over(coalesce(e.status, t.status))
    ON CONFLICT DO NOTHING
$$;

-- By arrays: a join planned while the table is empty reads all of it later.
CREATE FUNCTION work_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
    e ticket_event;
BEGIN
    SELECT array_agg(a.ticket_id) INTO ids FROM added a
        WHERE a.owner_id IS NOT NULL OR a.queue_id IS NOT NULL OR
        work_is_over(a.status);
    IF ids IS NOT NULL AND EXISTS (SELECT FROM work w
        WHERE w.ticket_id = ANY (ids) AND w.state IN ('waiting', 'taken'))
    THEN
        FOR e IN SELECT a.* FROM added a ORDER BY a.ticket_id, a.seq LOOP
            PERFORM work_withdraw(e);
        END LOOP;
    END IF;
    -- Who calls again and is answered is not called any more.
    IF EXISTS (SELECT FROM work w WHERE w.kind <> 'ticket'
        AND w.state = 'waiting') THEN
        SELECT array_agg(a.ticket_id) INTO ids FROM added a
            WHERE a.kind = 'answered';
        UPDATE work w SET state = 'done', why = 'answered', rev = w.rev + 1,
            ended_at = (SELECT max(a.at) FROM added a)
            WHERE w.kind <> 'ticket' AND w.state = 'waiting' AND w.e164 =
            ANY (SELECT t.caller_e164 FROM ticket t WHERE t.id = ANY (ids));
    END IF;
    -- What a call opens has that call at hand.
    SELECT array_agg(a.ticket_id) INTO ids FROM added a
        WHERE a.kind = 'opened' AND a.queue_id IS NOT NULL;
    IF ids IS NOT NULL THEN
        SELECT array_agg(t.id) INTO ids FROM ticket t
            WHERE t.id = ANY (ids) AND t.call_id IS NULL;
    END IF;
    FOR e IN SELECT a.* FROM added a WHERE a.queue_id IS NOT NULL AND
        (a.kind IN ('assigned', 'escalated') OR
        (a.kind = 'opened' AND a.ticket_id = ANY (ids)))
        ORDER BY a.ticket_id, a.seq LOOP
        PERFORM work_of_event(e);
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER work_follows AFTER INSERT ON ticket_event
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION work_follows();

-- --------------------------------------------------------- taken, and over

-- The operation of the attempt to call that this taking makes.
CREATE FUNCTION work_op(item uuid, attempt int) RETURNS uuid LANGUAGE sql
    IMMUTABLE RETURN md5('work:' || item || ':' || attempt)::uuid;

-- The item, locked behind its ticket.
CREATE FUNCTION work_lock(item uuid) RETURNS work LANGUAGE plpgsql AS $$
DECLARE
    w work;
BEGIN
    PERFORM FROM ticket t WHERE t.id =
        (SELECT x.ticket_id FROM work x WHERE x.id = item) FOR UPDATE;
    SELECT * INTO w FROM work x WHERE x.id = item FOR UPDATE;
    RETURN w;
END $$;

-- Outcomes: done; gone (another was faster, it is over, or waits elsewhere).
CREATE FUNCTION work_take(item uuid, was_attempt int, agent int,
    by_actor text, my_node text, at timestamptz)
    RETURNS TABLE (outcome text, rev int, attempt int, ticket_id bigint,
        e164 text, op uuid)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    w work := work_lock(item);
    t ticket;
    e ticket_event;
BEGIN
    IF w.state = 'taken' AND w.attempt = was_attempt + 1
        AND w.agent_id = agent THEN -- this very taking, asked again
        RETURN QUERY SELECT 'done', w.rev, w.attempt, w.ticket_id, w.e164,
            work_op(w.id, w.attempt);
        RETURN;
    END IF;
    IF w.id IS NULL OR w.state <> 'waiting' OR w.attempt <> was_attempt
        OR coalesce(w.node, '') <> my_node THEN
        RETURN QUERY SELECT 'gone', coalesce(w.rev, 0),
            coalesce(w.attempt, 0), w.ticket_id, w.e164, NULL::uuid;
        RETURN;
    END IF;
    UPDATE work x SET state = 'taken', attempt = x.attempt + 1,
        agent_id = agent, taken_at = work_take.at, not_before = NULL,
        rev = x.rev + 1 WHERE x.id = item RETURNING * INTO w;
    IF w.kind = 'ticket' THEN
        SELECT * INTO t FROM ticket x WHERE x.id = w.ticket_id;
        e.ticket_id := w.ticket_id;
        e.key := work_op(w.id, w.attempt);
        e.at := work_take.at;
        e.kind := 'assigned';
        e.actor := by_actor;
        e.for_customer := false;
        e.owner_id := agent;
        e.status := CASE WHEN t.status IN ('new', 'acknowledged')
            THEN 'assigned' END;
        PERFORM ticket_event_append(e);
        UPDATE ticket x SET rev = greatest(x.rev, 1048576), owner_id = agent,
            status = coalesce(e.status, x.status) WHERE x.id = w.ticket_id;
    END IF;
    RETURN QUERY SELECT 'done', w.rev, w.attempt, w.ticket_id, w.e164,
        work_op(w.id, w.attempt);
END $$;

-- It ends without what it was for: its ticket says so and, being nobody's,
-- goes on as a ticket of the queue.
CREATE FUNCTION work_give_up(w work, to_state text, reason text,
    at timestamptz) RETURNS work LANGUAGE plpgsql AS $$
DECLARE
    e ticket_event;
    t ticket;
BEGIN
    UPDATE work x SET state = to_state, why = reason, ended_at = at,
        rev = x.rev + 1 WHERE x.id = w.id RETURNING * INTO w;
    SELECT * INTO t FROM ticket x WHERE x.id = w.ticket_id;
    IF w.kind = 'ticket' OR t.id IS NULL THEN
        RETURN w;
    END IF;
    e.ticket_id := t.id;
    e.key := md5('work:' || w.id || ':' || to_state)::uuid;
    e.at := at;
    e.kind := w.kind || '_' || to_state;
    e.actor := 'system';
    e.text := reason;
    e.for_customer := false;
    PERFORM ticket_event_append(e);
    IF to_state IN ('failed', 'expired') THEN
        e.queue_id := w.queue_id;
        PERFORM work_of_event(e);
    END IF;
    RETURN w;
END $$;

-- Back to its place, at once or later.
CREATE FUNCTION work_again(w work, reason text, from_at timestamptz,
    at timestamptz, one_more int) RETURNS work LANGUAGE plpgsql AS $$
BEGIN
    IF w.tries + one_more >= w.max_attempts OR from_at >= w.expires_at THEN
        UPDATE work x SET tries = x.tries + one_more WHERE x.id = w.id;
        RETURN work_give_up(w, 'expired', reason, at);
    END IF;
    UPDATE work x SET state = 'waiting', why = reason, not_before = from_at,
        tries = x.tries + one_more, rev = x.rev + 1 WHERE x.id = w.id
        RETURNING * INTO w;
    RETURN w;
END $$;

-- What has become of the attempt to call.  `rule' is what kept it from being
-- dialled, '' where it may have been.  Where nobody was rung it is no try of
-- the customer's; one that says nothing for five minutes is over.
CREATE FUNCTION work_outcome(item uuid, of_attempt int, rule text,
    until_at timestamptz, now_at timestamptz)
    RETURNS TABLE (outcome text, rev int, state text, attempt int,
        not_before timestamptz)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    w work := work_lock(item);
    d dial_attempt;
    became text := rule;
    soon timestamptz := now_at + interval '10 seconds';
    later timestamptz;
BEGIN
    IF w.id IS NULL OR w.state <> 'taken' OR w.attempt <> of_attempt THEN
        RETURN QUERY SELECT 'repeat', coalesce(w.rev, 0), w.state, w.attempt,
            w.not_before;
        RETURN;
    END IF;
    later := now_at + w.every_us * interval '1 microsecond';
    SELECT * INTO d FROM dial_attempt x
        WHERE x.op = work_op(item, of_attempt);
    IF FOUND THEN
        IF d.ended_at IS NULL AND (d.call_id IS NOT NULL OR (d.outcome IS NULL
            AND d.requested_at > now_at - interval '5 minutes')) AND
            d.state <> 'device_failed' THEN
            RETURN QUERY SELECT 'open', w.rev, w.state, w.attempt,
                w.not_before;
            RETURN;
        END IF;
        became := CASE d.state WHEN 'dialling' THEN 'unknown' ELSE d.state
            END;
    END IF;
    CASE
        WHEN became = 'reached' THEN
            UPDATE work x SET state = 'done', why = became,
                ended_at = now_at, tries = x.tries + 1, rev = x.rev + 1
                WHERE x.id = item RETURNING * INTO w;
        WHEN became IN ('do_not_call', 'allow', 'not_configured',
            'no_number', 'number') THEN
            w := work_give_up(w, 'failed', became, now_at);
        WHEN became IN ('status', 'missing') THEN
            w := work_give_up(w, 'cancelled', became, now_at);
        WHEN became = 'cap' THEN
            w := work_again(w, became, coalesce(until_at, later), now_at, 0);
        WHEN became = 'taken' THEN
            w := work_again(w, became, later, now_at, 0);
        WHEN became IN ('', 'device_busy', 'no_device', 'refused',
            'not_connected', 'device_failed', 'agent_gone', 'agent_state',
            'cannot', 'device_gone', 'store') THEN
            w := work_again(w, nullif(became, ''), soon, now_at, 0);
        ELSE
            w := work_again(w, became, later, now_at, 1);
    END CASE;
    RETURN QUERY SELECT 'done', w.rev, w.state, w.attempt, w.not_before;
END $$;

-- By its agent (a ticket: it stays the agent's), or, agent 0, because its time
-- is over.  Outcomes: done, repeat, missing, not_yours, refused.
CREATE FUNCTION work_close(item uuid, agent int, at timestamptz)
    RETURNS TABLE (outcome text, rev int, state text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    w work := work_lock(item);
    told text := 'done';
BEGIN
    IF w.id IS NULL THEN
        RETURN QUERY SELECT 'missing', 0, '';
        RETURN;
    END IF;
    IF agent = 0 THEN
        IF w.state = 'waiting' AND w.expires_at <= at THEN
            w := work_give_up(w, 'expired', w.why, at);
        ELSE
            told := 'repeat';
        END IF;
    ELSIF w.agent_id IS DISTINCT FROM agent THEN
        told := 'not_yours';
    ELSIF w.state <> 'taken' THEN
        told := 'repeat';
    ELSIF w.kind <> 'ticket' THEN
        told := 'refused';
    ELSE
        UPDATE work x SET state = 'done', why = 'done', ended_at = at,
            rev = x.rev + 1 WHERE x.id = item RETURNING * INTO w;
    END IF;
    RETURN QUERY SELECT told, w.rev, w.state;
END $$;

-- ---------------------------------------------------------- who holds what

-- Once a second by each node: I have heard `acks'; let go what nobody
-- here could take (`places' are "queue/site"; NULL: as before), claim what
-- somebody can; then what I have not heard of, `page' items at most.  Taken
-- tickets are where their agent is logged in.
CREATE FUNCTION work_hold(my_node text, dead text[], acks uuid[],
    ack_revs int[], places text[], here int[], let_go boolean, fresh boolean,
    page int)
    RETURNS SETOF work LANGUAGE plpgsql AS $$
BEGIN
    UPDATE work w SET told = a.rev FROM unnest(acks, ack_revs) AS a(id, rev)
        WHERE w.id = a.id AND w.node = my_node;
    IF fresh THEN
        UPDATE work w SET told = w.rev - 1 WHERE w.node = my_node
            AND w.state IN ('waiting', 'taken') AND w.told = w.rev;
    END IF;
    IF let_go THEN
        UPDATE work w SET node = NULL WHERE w.node = my_node
            AND w.state = 'waiting'
            AND w.queue_id || '/' || w.site <> ALL (places);
    END IF;
    UPDATE work w SET node = my_node, rev = w.rev + 1 WHERE w.id IN (
        SELECT x.id FROM work x WHERE x.state = 'waiting'
        AND (x.node IS NULL OR x.node = ANY (dead))
        AND x.queue_id || '/' || x.site = ANY (places)
        ORDER BY x.enqueued_at LIMIT page FOR UPDATE SKIP LOCKED);
    UPDATE work w SET node = my_node, rev = w.rev + 1 WHERE w.id IN (
        SELECT x.id FROM work x WHERE x.state = 'taken'
        AND x.node IS DISTINCT FROM my_node AND CASE x.kind
            WHEN 'ticket' THEN x.agent_id = ANY (here)
            ELSE x.node = ANY (dead) END LIMIT page FOR UPDATE SKIP LOCKED);
    RETURN QUERY SELECT * FROM work w
        WHERE w.node = my_node AND w.rev <> w.told
        ORDER BY w.enqueued_at, w.id LIMIT page;
END $$;

-- -------------------------------------------------------------------- views

-- Who was to be called back has not given up, whatever the switch says of how
-- the call ended.
CREATE OR REPLACE VIEW call_outcome AS
SELECT c.id, c.began_at, c.queue_id,
    CASE
        WHEN c.queued_at IS NULL AND (c.relation IS NOT NULL OR
            (c.delivered_at IS NULL AND c.established_at IS NULL))
            THEN 'menu_only'
        WHEN c.established_at IS NOT NULL THEN 'answered'
        WHEN c.ended_at IS NULL THEN 'waiting'
        WHEN c.end_cause = 'overflow' THEN 'overflowed'
        WHEN c.end_cause IN ('timed_out', 'refused', 'called_back',
            'withdrawn') THEN c.end_cause
        WHEN EXISTS (SELECT FROM work w WHERE w.call_id = c.id
            AND w.kind = 'callback') THEN 'called_back'
        WHEN c.end_cause = 'switch_lost' THEN 'lost_by_switch'
        WHEN c.ended_at - coalesce(c.queued_at, c.delivered_at) <=
            coalesce(q.short_us, 5000000) * interval '1 microsecond'
            THEN 'short'
        ELSE 'abandoned'
    END AS outcome,
    span_us(coalesce(c.queued_at, c.delivered_at, c.established_at),
        coalesce(c.established_at, c.ended_at)) AS wait_us,
    span_us(c.established_at, c.ended_at) AS talk_us
FROM call c LEFT JOIN queue q ON q.id = c.queue_id;

-- -------------------------------------------------------------------- rights

GRANT SELECT ON work TO mashang_daemon, mashang_report;
GRANT INSERT, UPDATE ON work TO mashang_daemon;
