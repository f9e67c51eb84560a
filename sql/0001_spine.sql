-- 0001_spine: from a call to its ticket.
--
-- Times are timestamptz and come from outside as arguments, durations are
-- bigint microseconds, ids of calls and operations are uuid (16 bytes; no
-- version bits are meant).  State words are text with a CHECK, in the words of
-- daemon/store/ledger.h.
--
-- Nothing here is partitioned.  What grows is known by keys without a time in
-- them: a call event by (call, seq), a ticket event by its operation.  A
-- partitioned table wants its time in every unique key, and then a repeat
-- after midnight would be a second row.
--
-- Rows of the busy tables name queues and agents without foreign keys: a check
-- locks the queue's row for each call.  Queues and agents are retired, never
-- deleted, so what a row names stays.

DO $$
BEGIN
    IF current_setting('server_encoding') <> 'UTF8' THEN
        RAISE EXCEPTION 'the database is in %, not UTF8',
            current_setting('server_encoding')
            USING HINT = 'createdb --encoding=UTF8 --template=template0';
    END IF;
END $$;

-- Log-in roles are granted one of these; the owner is whoever migrates.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['mashang_daemon', 'mashang_report'] LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- another database of this cluster was faster
        END;
    END LOOP;
END $$;

-- ------------------------------------------------------------ configuration

CREATE TABLE switch (
    id   int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (name <> '')
);

CREATE TABLE skill (
    id      int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name    text NOT NULL UNIQUE CHECK (name <> ''),
    retired boolean NOT NULL DEFAULT false
);

CREATE TABLE queue (
    id                 int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name               text NOT NULL UNIQUE CHECK (name <> ''),
    ring_us            bigint NOT NULL CHECK (ring_us > 0),
    wrap_up_us         bigint NOT NULL CHECK (wrap_up_us >= 0),
    priority_credit_us bigint NOT NULL CHECK (priority_credit_us >= 0),
    short_us           bigint NOT NULL CHECK (short_us >= 0),
    stay_ready         boolean NOT NULL,
    retired            boolean NOT NULL DEFAULT false
);

CREATE TABLE queue_skill (
    queue_id int NOT NULL REFERENCES queue,
    skill_id int NOT NULL REFERENCES skill,
    level    int NOT NULL CHECK (level BETWEEN 1 AND 10),
    PRIMARY KEY (queue_id, skill_id)
);

CREATE TABLE agent (
    id           int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         text NOT NULL UNIQUE CHECK (name <> ''),
    display_name text NOT NULL,
    screen_first boolean NOT NULL,
    retired      boolean NOT NULL DEFAULT false
);

CREATE TABLE agent_queue (
    agent_id int NOT NULL REFERENCES agent,
    queue_id int NOT NULL REFERENCES queue,
    PRIMARY KEY (agent_id, queue_id)
);

CREATE TABLE agent_skill (
    agent_id int NOT NULL REFERENCES agent,
    skill_id int NOT NULL REFERENCES skill,
    level    int NOT NULL CHECK (level BETWEEN 1 AND 10),
    PRIMARY KEY (agent_id, skill_id)
);

CREATE TABLE device (
    name      text PRIMARY KEY CHECK (name <> ''),
    switch_id int NOT NULL REFERENCES switch,
    retired   boolean NOT NULL DEFAULT false
);

-- Where a dialled number and the menu's choice lead; menu '' is any other.
CREATE TABLE called_number (
    called   text NOT NULL,
    menu     text NOT NULL,
    queue_id int NOT NULL REFERENCES queue,
    PRIMARY KEY (called, menu)
);

-- `secret' is a password's hash.  An agent's log-in has the agent's name.
CREATE TABLE login (
    name        text PRIMARY KEY CHECK (name <> ''),
    role        text NOT NULL CHECK (role IN ('bridge', 'agent', 'supervisor',
                    'administrator', 'read_only')),
    secret      text NOT NULL,
    switch_id   int REFERENCES switch,
    disabled    boolean NOT NULL DEFAULT false,
    tokens_from timestamptz NOT NULL,
    CHECK (role <> 'bridge' OR switch_id IS NOT NULL)
);

-- ---------------------------------------------------------------- customers

CREATE TABLE customer (
    id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name  text,
    since timestamptz
);

-- E.164 with its plus, or digits as they came where that is not possible.
CREATE TABLE customer_number (
    number      text PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customer,
    since       timestamptz
);

-- -------------------------------------------------------------------- calls

-- `began_at' is the first that is known of the call: the day it counts for.
-- Rows change several times while a call lives: pages keep room for that, and
-- no index holds a column that changes before the end, so that the changes
-- stay on their page.
CREATE TABLE call (
    id             uuid PRIMARY KEY,
    switch_id      int NOT NULL,
    epoch          bigint NOT NULL,
    switch_call    text NOT NULL,
    seq            int NOT NULL,
    state          text NOT NULL CHECK (state IN ('offered', 'queued',
                       'delivered', 'established', 'held', 'ended')),
    version        bigint,
    queue_id       int,
    agent_id       int,
    caller         text,
    caller_e164    text,
    caller_name    text,
    called         text,
    menu           text,
    priority       int, -- NULL is ordinary
    began_at       timestamptz,
    offered_at     timestamptz,
    queued_at      timestamptz,
    delivered_at   timestamptz,
    established_at timestamptz,
    ended_at       timestamptz,
    end_cause      text CHECK (end_cause IN ('normal', 'busy', 'no_answer',
                       'rejected', 'unreachable', 'overflow', 'timed_out',
                       'refused', 'called_back', 'withdrawn', 'switch_lost')),
    end_party      text CHECK (end_party IN ('caller', 'agent', 'switch')),
    related_call   uuid,
    relation       text CHECK (relation IN ('consult', 'transfer', 'callback',
                       'follow_up'))
) WITH (fillfactor = 60);
-- Not unique: the id is a digest of these three and already is; a second
-- unique index would turn a race of two writers into an error.
CREATE INDEX call_by_name ON call (switch_id, epoch, switch_call);
CREATE INDEX call_live ON call (switch_id) WHERE ended_at IS NULL;
CREATE INDEX call_by_day ON call (began_at);

CREATE TABLE call_event (
    call_id     uuid NOT NULL,
    seq         int NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('offered', 'queued', 'delivered',
                    'established', 'held', 'retrieved', 'transferred',
                    'conferenced', 'diverted', 'failed', 'connection_cleared',
                    'call_cleared')),
    occurred_at timestamptz,
    received_at timestamptz,
    stream_seq  bigint,
    version     bigint,
    device      text,
    cause       text CHECK (cause IN ('normal', 'busy', 'no_answer',
                    'rejected', 'unreachable', 'overflow', 'timed_out',
                    'refused', 'called_back', 'withdrawn', 'switch_lost')),
    party       text CHECK (party IN ('caller', 'agent', 'switch')),
    data        jsonb,
    digest      bigint NOT NULL,
    flag        text CHECK (flag IN ('gap', 'late', 'unknown_call')),
    PRIMARY KEY (call_id, seq)
);

-- How far a bridge's spool is on disk.
CREATE TABLE stream (
    switch_id int NOT NULL,
    epoch     bigint NOT NULL,
    up_to     bigint NOT NULL,
    PRIMARY KEY (switch_id, epoch)
) WITH (fillfactor = 50);

CREATE TABLE offer (
    id         bigint PRIMARY KEY,
    call_id    uuid,
    agent_id   int,
    queue_id   int,
    attempt    int,
    offered_at timestamptz,
    shown_at   timestamptz,
    ended_at   timestamptz,
    reason     text CHECK (reason IN ('accepted', 'refused', 'no_answer',
                   'not_delivered', 'caller_gone', 'rescinded', 'device_busy',
                   'device_failed', 'agent_gone', 'withdrawn'))
) WITH (fillfactor = 70);
CREATE INDEX offer_by_call ON offer (call_id);
CREATE INDEX offer_open ON offer (id) WHERE ended_at IS NULL;

-- ------------------------------------------------------------------ tickets

-- `id' is the serial; the number read out is this and a check digit.
CREATE TABLE ticket (
    id           bigint PRIMARY KEY CHECK (id > 0),
    call_id      uuid UNIQUE,
    rev          int NOT NULL,
    kind         text CHECK (kind IN ('consultation', 'service_request',
                     'complaint', 'incident', 'appointment', 'praise',
                     'suggestion')),
    status       text CHECK (status IN ('new', 'acknowledged', 'assigned',
                     'in_progress', 'pending_customer', 'pending_third_party',
                     'scheduled', 'resolved', 'callback_pending', 'closed',
                     'cancelled', 'merged')),
    subject      text,
    category     text,
    caller       text,
    caller_e164  text,
    customer_id  bigint,
    queue_id     int,
    owner_id     int,
    opened_at    timestamptz,
    resolved_at  timestamptz,
    closed_at    timestamptz,
    dissatisfied boolean NOT NULL,
    -- a change may come without its status, a ticket may not
    CHECK (opened_at IS NULL OR status IS NOT NULL)
) WITH (fillfactor = 60);
CREATE INDEX ticket_by_customer ON ticket (customer_id, id);
CREATE INDEX ticket_open ON ticket (customer_id, id) WHERE closed_at IS NULL;

CREATE TABLE ticket_event (
    ticket_id    bigint NOT NULL,
    seq          int NOT NULL,
    key          uuid NOT NULL UNIQUE,
    at           timestamptz NOT NULL,
    kind         text NOT NULL CHECK (kind <> ''),
    actor        text NOT NULL,
    text         text,
    for_customer boolean NOT NULL,
    PRIMARY KEY (ticket_id, seq)
);

-- ------------------------------------------------------------ agents' states

CREATE TABLE agent_state (
    agent_id int NOT NULL,
    since    timestamptz NOT NULL,
    seq      int NOT NULL,
    state    text NOT NULL CHECK (state IN ('null', 'not_ready', 'ready',
                 'reserved', 'busy', 'working_after_call')),
    reason   text,
    call_id  uuid,
    device   text,
    source   text CHECK (source IN ('agent', 'supervisor', 'timer',
                 'connection', 'system')),
    PRIMARY KEY (agent_id, since, seq)
);

-- --------------------------------------------------------------- house-keeping

CREATE TABLE audit (
    key    uuid PRIMARY KEY,
    at     timestamptz NOT NULL,
    actor  text NOT NULL,
    action text NOT NULL,
    object text,
    detail text
);

-- What PostgreSQL would not take, cleaned, with its reason.
CREATE TABLE event_quarantine (
    key      uuid PRIMARY KEY, -- a digest of `rows'
    at       timestamptz,
    sqlstate text NOT NULL,
    reason   text NOT NULL,
    rows     jsonb NOT NULL
);

-- Numbers are leased in blocks, so that giving one out needs no round trip.
CREATE TABLE number_block (
    name text PRIMARY KEY,
    next bigint NOT NULL
);
INSERT INTO number_block VALUES
    ('ticket', 1000), ('generation', 1), ('arrival', 1);

-- --------------------------------------------------------------------- views

CREATE FUNCTION us(timestamptz) RETURNS bigint LANGUAGE sql STABLE STRICT
    RETURN (extract(epoch FROM $1) * 1000000)::bigint;

CREATE FUNCTION span_us(from_at timestamptz, to_at timestamptz) RETURNS bigint
    LANGUAGE sql STABLE STRICT
    RETURN (extract(epoch FROM to_at - from_at) * 1000000)::bigint;

-- One row a call, with exactly one outcome; all but menu_only are offered, so
-- offered is the sum of the others by construction.  A leg of another call
-- counts only if it entered a queue.
CREATE VIEW call_outcome AS
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

-- Batches of one connection commit in the order of sending: one that was sent
-- behind one that failed fails too.  The setting goes back with the batch.
CREATE FUNCTION ledger_turn(after text, mine text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('mashang.turn') <> after THEN
        RAISE EXCEPTION 'batch % came before its turn', mine
            USING ERRCODE = 'MA001';
    END IF;
    PERFORM set_config('mashang.turn', mine, false);
END $$;

-- -------------------------------------------------------------------- rights

GRANT SELECT ON ALL TABLES IN SCHEMA public TO mashang_daemon, mashang_report;
REVOKE SELECT ON login FROM mashang_report; -- the hashes
GRANT SELECT (name, role, switch_id, disabled, tokens_from) ON login
    TO mashang_report;

GRANT INSERT, UPDATE ON switch, skill, queue, agent, device, login, customer,
    call, offer, ticket, stream TO mashang_daemon;
GRANT INSERT, UPDATE, DELETE ON queue_skill, agent_queue, agent_skill,
    called_number TO mashang_daemon;
GRANT INSERT ON customer_number, call_event, ticket_event, agent_state, audit,
    event_quarantine TO mashang_daemon;
GRANT UPDATE ON number_block TO mashang_daemon;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO mashang_daemon;
