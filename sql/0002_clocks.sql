-- 0002_clocks: every promise has a clock.
--
-- A ticket's history says all that its clocks depend on: each event carries
-- what it set (status, owner, queue, kind …).  Clocks are computed from it by
-- the daemon (daemon/sla/clock.h) and kept here as the last evaluation's
-- result; they could be thrown away and computed again.
--
-- What is recorded for good is what was reached and told: sla_event, once per
-- (clock, cycle, generation, kind, percent), and with it, in the same
-- transaction, its outbox row and its mark on the ticket.

-- ------------------------------------------------------------------ history

ALTER TABLE ticket
    ADD priority   int NOT NULL DEFAULT 3 CHECK (priority BETWEEN 1 AND 5),
    ADD escalation int NOT NULL DEFAULT 0; -- steps up in the queue

-- NULL: the event left it as it was; owner_id 0: nobody's.
ALTER TABLE ticket_event
    ADD status      text,
    ADD ticket_kind text,
    ADD category    text,
    ADD priority    int,
    ADD queue_id    int,
    ADD owner_id    int,
    ADD until_at    timestamptz, -- a wait's end, an appointment, a promise
    ADD revision    int;         -- of the policies, for kind revised_*

-- ------------------------------------------------------------ what is agreed

-- The calendars and policies of one time, whole; never changed.
CREATE TABLE sla_revision (
    id       int PRIMARY KEY CHECK (id > 0),
    at       timestamptz NOT NULL, -- in force from
    actor    text NOT NULL,
    apply_to text NOT NULL CHECK (apply_to IN ('new', 'forward',
                 'retroactive'))
);

-- `spec' is a line of text: daemon/sla/calendar.h, policy.h.
CREATE TABLE calendar (
    revision int NOT NULL REFERENCES sla_revision,
    name     text NOT NULL CHECK (name <> ''),
    spec     text NOT NULL,
    PRIMARY KEY (revision, name)
);

CREATE TABLE sla_policy (
    revision int NOT NULL REFERENCES sla_revision,
    position int NOT NULL CHECK (position > 0),
    name     text NOT NULL CHECK (name <> ''),
    spec     text NOT NULL,
    PRIMARY KEY (revision, position),
    UNIQUE (revision, name)
);

CREATE TABLE queue_calendar (
    revision int NOT NULL REFERENCES sla_revision,
    queue    text NOT NULL,
    calendar text NOT NULL,
    PRIMARY KEY (revision, queue)
);

-- -------------------------------------------------------------------- clocks

-- Tickets whose history has grown since they were evaluated.
CREATE TABLE sla_todo (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ticket_id bigint NOT NULL,
    node      text NOT NULL
);

-- The last evaluation of a ticket.  `eval' counts them, `writer' is the process
-- that did it: together they let exactly one of two at the same time through.
CREATE TABLE sla_ticket (
    ticket_id    bigint PRIMARY KEY,
    eval         int NOT NULL,
    writer       uuid NOT NULL,
    as_of        int NOT NULL, -- the history's last seq that it knew
    evaluated_at timestamptz NOT NULL,
    next_at      timestamptz,  -- when time alone will change something
    open         boolean NOT NULL,
    risk         int,          -- of breach, parts in a million
    shares       jsonb NOT NULL -- who held it: [{holder, name, us}]
) WITH (fillfactor = 70);
CREATE INDEX sla_ticket_next ON sla_ticket (next_at)
    WHERE next_at IS NOT NULL;
CREATE INDEX sla_ticket_open ON sla_ticket (ticket_id) WHERE open;

-- `holder' is an OLA's queue, 'supplier' for a UC, else ''.
CREATE TABLE sla_clock (
    ticket_id   bigint NOT NULL,
    metric      text NOT NULL CHECK (metric IN ('acknowledge',
                    'first_response', 'next_response', 'periodic_update',
                    'ownership', 'resolution', 'onsite_arrival', 'callback',
                    'promise', 'daily_clear', 'third_party')),
    agreement   text NOT NULL CHECK (agreement IN ('sla', 'ola', 'uc')),
    holder      text NOT NULL,
    cycle       int NOT NULL,
    generation  int NOT NULL, -- counts changes of what is due
    revision    int,          -- NULL: a promise needs none
    policy      text,
    calendar    text,
    stage       text NOT NULL CHECK (stage IN ('not_started', 'running',
                    'paused', 'completed', 'cancelled')),
    outcome     text CHECK (outcome IN ('met', 'missed', 'excluded')),
    started_at  timestamptz,
    stopped_at  timestamptz,
    goal_us     bigint NOT NULL,
    elapsed_us  bigint NOT NULL, -- as of the evaluation
    due_at      timestamptz,     -- NULL while paused
    breached_at timestamptz,
    PRIMARY KEY (ticket_id, metric, agreement, holder, cycle)
) WITH (fillfactor = 70);
-- What is due next, however many are open.
CREATE INDEX sla_clock_due ON sla_clock (due_at, ticket_id, metric)
    WHERE stage IN ('running', 'paused');

-- `at' is the true instant, `detected_at' when it was noticed.
CREATE TABLE sla_event (
    ticket_id   bigint NOT NULL,
    metric      text NOT NULL,
    agreement   text NOT NULL,
    holder      text NOT NULL,
    cycle       int NOT NULL,
    generation  int NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('threshold', 'breach',
                    'threshold_retracted', 'breach_retracted')),
    percent     int NOT NULL,
    at          timestamptz NOT NULL,
    detected_at timestamptz NOT NULL,
    late        boolean NOT NULL, -- by more than a second
    by_change   boolean NOT NULL, -- a change put it there, not time
    due_at      timestamptz,
    policy      text,
    notify      text,             -- owner,supervisor …
    raise       int NOT NULL,
    to_queue    text,
    risk        int,              -- as forecast at that moment
    PRIMARY KEY (ticket_id, metric, agreement, holder, cycle, generation,
        kind, percent)
);

-- What other systems are to be told, written with what it tells.
CREATE TABLE outbox (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key       text NOT NULL UNIQUE,
    topic     text NOT NULL,
    ticket_id bigint,
    at        timestamptz NOT NULL,
    payload   jsonb NOT NULL,
    sent_at   timestamptz
);

-- A revision's way to the tickets that are open, page by page.
CREATE TABLE sla_job (
    revision    int PRIMARY KEY REFERENCES sla_revision,
    last_ticket bigint NOT NULL DEFAULT 0,
    done        bigint NOT NULL DEFAULT 0,
    total       bigint NOT NULL,
    ended_at    timestamptz
);

-- ------------------------------------------------------- what follows by itself

-- A revision for open tickets comes to those, too, that were received before it
-- and are only written down now, when its job may be over.
CREATE FUNCTION sla_revise_latecomers(tickets bigint[]) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO ticket_event (ticket_id, seq, key, at, kind, actor,
        for_customer, revision)
    SELECT t.id, (SELECT max(x.seq) FROM ticket_event x
        WHERE x.ticket_id = t.id) + row_number() OVER
        (PARTITION BY t.id ORDER BY r.id),
        md5('revised:' || t.id || ':' || r.id)::uuid, r.at,
        'revised_' || r.apply_to, r.actor, false, r.id
    FROM ticket t LEFT JOIN call c ON c.id = t.call_id
    JOIN sla_revision r ON r.apply_to <> 'new'
        AND r.at > least(t.opened_at, c.offered_at)
    WHERE t.id = ANY (tickets)
    ON CONFLICT (key) DO NOTHING
$$;

-- Whoever writes history, the ticket is to be evaluated.
CREATE FUNCTION ticket_event_added() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    late bigint[];
BEGIN
    IF EXISTS (SELECT FROM sla_revision) THEN
        INSERT INTO sla_todo (ticket_id, node)
        SELECT DISTINCT ticket_id, coalesce(current_setting('mashang.node',
            true), '') FROM added;
        -- A caller may have been in the menu for a while.
        SELECT array_agg(a.ticket_id) INTO late FROM added a
            WHERE a.kind = 'opened' AND EXISTS (SELECT FROM sla_revision r
                WHERE r.apply_to <> 'new' AND r.at > a.at - interval '1 day');
        IF late IS NOT NULL THEN
            PERFORM sla_revise_latecomers(late);
        END IF;
    ELSE -- promises need no policy
        INSERT INTO sla_todo (ticket_id, node)
        SELECT DISTINCT a.ticket_id, coalesce(current_setting('mashang.node',
            true), '') FROM added a
        WHERE a.kind = 'promised' OR EXISTS
            (SELECT FROM sla_ticket s WHERE s.ticket_id = a.ticket_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ticket_event_added AFTER INSERT ON ticket_event
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION ticket_event_added();

-- One more event of a ticket; false: its key is there already.
CREATE FUNCTION ticket_event_append(e ticket_event) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    SELECT coalesce(max(seq), 0) + 1 INTO e.seq FROM ticket_event
        WHERE ticket_id = e.ticket_id;
    INSERT INTO ticket_event SELECT (e).* ON CONFLICT (key) DO NOTHING;
    RETURN FOUND;
END $$;

-- Told once, because it is recorded once: here and nowhere else.
CREATE FUNCTION sla_event_added() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    clock text := concat_ws(':', new.ticket_id, new.metric, new.agreement,
        new.holder, new.cycle, new.generation, new.kind, new.percent);
    e ticket_event;
BEGIN
    INSERT INTO outbox (key, topic, ticket_id, at, payload) VALUES (
        'sla:' || clock, 'sla.' || new.kind, new.ticket_id, new.at,
        to_jsonb(new));
    IF new.kind IN ('threshold', 'breach') AND
        (new.raise > 0 OR new.to_queue IS NOT NULL) THEN
        e.ticket_id := new.ticket_id;
        e.key := md5('escalated:' || clock)::uuid;
        e.at := new.detected_at;
        e.kind := 'escalated';
        e.actor := 'system';
        e.text := new.metric || ' ' || new.percent || ' %';
        e.for_customer := false;
        IF new.to_queue IS NOT NULL THEN
            SELECT id, 0 INTO e.queue_id, e.owner_id FROM queue
                WHERE name = new.to_queue;
        END IF;
        PERFORM ticket_event_append(e);
        UPDATE ticket SET escalation = escalation + new.raise,
            queue_id = coalesce(e.queue_id, queue_id),
            owner_id = CASE WHEN e.owner_id = 0 THEN NULL ELSE owner_id END
            WHERE id = new.ticket_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER sla_event_added AFTER INSERT ON sla_event
    FOR EACH ROW EXECUTE FUNCTION sla_event_added();

-- -------------------------------------------------------------- by people

-- A change of a ticket without its call at hand: decided here, since nobody
-- else knows what it is now.  The caller's table says from which states it may
-- happen.  Outcomes: done, repeat (this key did it before), stale (its history
-- has grown past `expect'), refused (its status is `status'), missing,
-- no_owner, no_queue.  Empty text: unchanged; owner '-': nobody.
CREATE FUNCTION ticket_change(key uuid, ticket bigint, expect int,
    from_status text[], kind text, at timestamptz, actor text, note text,
    for_customer boolean, to_status text, to_kind text, to_category text,
    to_priority int, to_queue text, to_owner text, until_at timestamptz)
    RETURNS TABLE (outcome text, seq int, status text, owner_id int)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    t ticket;
    e ticket_event;
BEGIN
    SELECT * INTO t FROM ticket AS x WHERE x.id = ticket FOR UPDATE;
    IF NOT FOUND OR t.opened_at IS NULL THEN
        RETURN QUERY SELECT 'missing', 0, '', 0;
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM ticket_event x WHERE x.key = ticket_change.key) THEN
        RETURN QUERY SELECT 'repeat', x.seq, t.status, t.owner_id
            FROM ticket_event x WHERE x.key = ticket_change.key;
        RETURN;
    END IF;
    SELECT coalesce(max(x.seq), 0) INTO e.seq FROM ticket_event x
        WHERE x.ticket_id = ticket;
    IF expect > 0 AND e.seq <> expect THEN
        RETURN QUERY SELECT 'stale', e.seq, t.status, t.owner_id;
        RETURN;
    END IF;
    IF NOT t.status = ANY (from_status) THEN
        RETURN QUERY SELECT 'refused', e.seq, t.status, t.owner_id;
        RETURN;
    END IF;
    IF to_queue <> '' THEN
        SELECT x.id INTO e.queue_id FROM queue x
            WHERE x.name = to_queue AND NOT x.retired;
        IF NOT FOUND THEN
            RETURN QUERY SELECT 'no_queue', e.seq, t.status, t.owner_id;
            RETURN;
        END IF;
    END IF;
    IF to_owner = '-' THEN
        e.owner_id := 0;
    ELSIF to_owner <> '' THEN
        SELECT x.id INTO e.owner_id FROM agent x
            WHERE x.name = to_owner AND NOT x.retired;
        IF NOT FOUND THEN
            RETURN QUERY SELECT 'no_owner', e.seq, t.status, t.owner_id;
            RETURN;
        END IF;
    END IF;
    e.ticket_id := ticket;
    e.key := ticket_change.key;
    e.at := ticket_change.at;
    e.kind := ticket_change.kind;
    e.actor := ticket_change.actor;
    e.text := nullif(note, '');
    e.for_customer := ticket_change.for_customer;
    e.status := nullif(to_status, '');
    e.ticket_kind := nullif(to_kind, '');
    e.category := nullif(to_category, '');
    e.priority := nullif(to_priority, 0);
    e.until_at := ticket_change.until_at;
    PERFORM ticket_event_append(e);
    -- Above what the call's own events will ever say, see REV_BY_PERSON.
    UPDATE ticket AS x SET rev = greatest(x.rev, 1048576),
        status = coalesce(e.status, x.status),
        kind = coalesce(e.ticket_kind, x.kind),
        category = coalesce(e.category, x.category),
        priority = coalesce(e.priority, x.priority),
        queue_id = coalesce(e.queue_id, x.queue_id),
        owner_id = nullif(coalesce(e.owner_id, x.owner_id), 0),
        dissatisfied = x.dissatisfied OR
            coalesce(e.ticket_kind = 'complaint', false),
        resolved_at = CASE WHEN e.status IN ('resolved', 'callback_pending',
            'closed') THEN coalesce(x.resolved_at, e.at)
            WHEN e.status IS NULL OR e.status IN ('cancelled', 'merged')
            THEN x.resolved_at END,
        closed_at = CASE WHEN e.status IN ('closed', 'cancelled', 'merged')
            THEN coalesce(x.closed_at, e.at)
            WHEN e.status IS NULL THEN x.closed_at END
        WHERE x.id = ticket
        RETURNING x.status, x.owner_id INTO t.status, t.owner_id;
    RETURN QUERY SELECT 'done', e.seq + 1, t.status, t.owner_id;
END $$;

-- ------------------------------------------------------------- revisions' jobs

-- Open as well, but nobody has evaluated them yet: a revision that passed them
-- by would never come to them.  Who makes one for open tickets marks those that
-- were there before anything was promised.
CREATE VIEW sla_unseen AS
SELECT DISTINCT m.ticket_id FROM sla_todo m
    JOIN ticket t ON t.id = m.ticket_id AND t.closed_at IS NULL
WHERE NOT EXISTS (SELECT FROM sla_ticket s WHERE s.ticket_id = m.ticket_id);

-- One page of the oldest job: each open ticket's history says that the revision
-- now applies to it.  Nothing: no job, or another node is at this page.
CREATE FUNCTION sla_job_step(page int, at timestamptz)
    RETURNS TABLE (revision int, done bigint, total bigint, ended boolean)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    j sla_job;
    r sla_revision;
    ids bigint[];
BEGIN
    SELECT * INTO j FROM sla_job x WHERE x.ended_at IS NULL
        ORDER BY x.revision LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT * INTO r FROM sla_revision x WHERE x.id = j.revision;
    SELECT array_agg(p.ticket_id) INTO ids FROM (
        (SELECT x.ticket_id FROM sla_ticket x
        WHERE x.open AND x.ticket_id > j.last_ticket
        ORDER BY x.ticket_id LIMIT page)
        UNION ALL
        (SELECT x.ticket_id FROM sla_unseen x
        WHERE x.ticket_id > j.last_ticket
        ORDER BY x.ticket_id LIMIT page)
        ORDER BY ticket_id LIMIT page) AS p;
    INSERT INTO ticket_event (ticket_id, seq, key, at, kind, actor,
        for_customer, revision)
    SELECT i, (SELECT coalesce(max(x.seq), 0) + 1 FROM ticket_event x
        WHERE x.ticket_id = i), md5('revised:' || i || ':' || r.id)::uuid,
        r.at, 'revised_' || r.apply_to, r.actor, false, r.id
    FROM unnest(ids) AS i ON CONFLICT (key) DO NOTHING;
    UPDATE sla_job x SET done = x.done + coalesce(cardinality(ids), 0),
        last_ticket = coalesce(ids[cardinality(ids)], x.last_ticket),
        ended_at = CASE WHEN coalesce(cardinality(ids), 0) < page
            THEN sla_job_step.at END
        WHERE x.revision = j.revision RETURNING * INTO j;
    RETURN QUERY SELECT j.revision, j.done, j.total, j.ended_at IS NOT NULL;
END $$;

-- --------------------------------------------------------------------- views

-- Of those told a chance of breach at a threshold, how many breached.
CREATE VIEW forecast_calibration AS
SELECT least(e.risk / 100000, 9) AS bin, count(*) AS n,
    avg(e.risk)::int AS told_ppm,
    (avg((c.outcome = 'missed')::int) * 1000000)::int AS seen_ppm
FROM sla_event e JOIN sla_clock c USING (ticket_id, metric, agreement, holder,
    cycle)
WHERE e.kind = 'threshold' AND e.risk IS NOT NULL
    AND c.outcome IN ('met', 'missed')
GROUP BY 1;

-- -------------------------------------------------------------------- rights

GRANT SELECT ON ALL TABLES IN SCHEMA public TO mashang_daemon;
GRANT SELECT ON sla_revision, calendar, sla_policy, queue_calendar, sla_todo,
    sla_ticket, sla_clock, sla_event, outbox, sla_job, forecast_calibration
    TO mashang_report;
GRANT INSERT ON sla_revision, calendar, sla_policy, queue_calendar, sla_event,
    outbox TO mashang_daemon;
GRANT INSERT, UPDATE ON sla_ticket, sla_clock, sla_job TO mashang_daemon;
GRANT INSERT, DELETE ON sla_todo TO mashang_daemon;
GRANT UPDATE (sent_at) ON outbox TO mashang_daemon;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO mashang_daemon;
