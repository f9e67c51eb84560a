/*
 * pg_query.c - every question, as it is prepared.
 */
#include "store/pg_query.h"

/* clang-format off */
#define CALL_CELLS \
	" c.switch_call, c.seq, c.state, c.queue_id, c.agent_id, c.priority," \
	" us(c.offered_at), us(c.queued_at), us(c.established_at)," \
	" us(c.ended_at), t.id, t.rev, c.caller, c.called, c.menu," \
	" (SELECT count(*) FROM offer o WHERE o.call_id = c.id)"

#define STORY_ROWS "8"
#define STORY_COUNTED "1000"
#define FACT_ROWS "20"
#define EVENT_ROWS "200"
#define WORK_ROWS "50000"
#define TICKET_ROWS_MAX "1000"

/* Microseconds as a time. */
#define AT(us) "(to_timestamp(0) + " us "::bigint * interval '1 microsecond')"

/* `name' is of the table that is prepared, `args' of what it takes. */
#define Q(id, args, lane, text) \
	[id] = { { #id, text }, args, LANE_##lane }

const struct pg_query pg_queries[LQ_NQUERIES] = {

Q(LQ_CONFIG_SKILLS, 0, SLOW,
	"SELECT id, name FROM skill WHERE NOT retired ORDER BY id"),

Q(LQ_CONFIG_QUEUES, 0, SLOW,
	"SELECT q.id, q.name, (SELECT string_agg(s.skill_id || '=' || s.level,"
	" ',' ORDER BY s.skill_id) FROM queue_skill s WHERE s.queue_id = q.id),"
	" q.ring_us, q.wrap_up_us, q.priority_credit_us, q.stay_ready,"
	" q.short_us, q.rules FROM queue q WHERE NOT q.retired ORDER BY q.id"),

Q(LQ_CONFIG_AGENTS, 0, SLOW,
	"SELECT a.id, a.name, a.display_name, a.screen_first,"
	" (SELECT string_agg(q.queue_id::text, ',' ORDER BY q.queue_id)"
	" FROM agent_queue q WHERE q.agent_id = a.id),"
	" (SELECT string_agg(s.skill_id || '=' || s.level, ','"
	" ORDER BY s.skill_id) FROM agent_skill s WHERE s.agent_id = a.id),"
	" (SELECT string_agg(q.queue_id || '=' || q.tier, ','"
	" ORDER BY q.queue_id) FROM agent_queue q"
	" WHERE q.agent_id = a.id AND q.tier > 1),"
	" (SELECT string_agg(q.queue_id || '=' || q.weight, ','"
	" ORDER BY q.queue_id) FROM agent_queue q"
	" WHERE q.agent_id = a.id AND q.weight > 1), a.rank, a.work_items"
	" FROM agent a WHERE NOT a.retired ORDER BY a.id"),

Q(LQ_CONFIG_DEVICES, 0, SLOW,
	"SELECT name, switch_id FROM device WHERE NOT retired ORDER BY name"),

Q(LQ_CONFIG_NUMBERS, 0, SLOW,
	"SELECT called, menu, queue_id FROM called_number"
	" ORDER BY called, menu"),

Q(LQ_CONFIG_REASONS, 0, SLOW,
	"SELECT name, paid, limit_us FROM reason WHERE NOT retired"
	" ORDER BY name"),

Q(LQ_CONFIG_SWITCHES, 0, SLOW,
	"SELECT id, name FROM switch ORDER BY id"),

/* The update that changes nothing makes a concurrent insert's id visible. */
Q(LQ_SWITCH_ADD, 1, QUICK,
	"WITH old AS (SELECT id FROM switch WHERE name = $1::text),"
	" new AS (INSERT INTO switch (name) SELECT $1::text"
	" WHERE NOT EXISTS (SELECT FROM old)"
	" ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id)"
	" SELECT id FROM old UNION ALL SELECT id FROM new"),

Q(LQ_LOGINS, 0, SLOW,
	"SELECT l.name, l.role, l.secret, a.id, s.name, l.disabled,"
	" us(l.tokens_from) FROM login l"
	" LEFT JOIN switch s ON s.id = l.switch_id"
	" LEFT JOIN agent a ON l.role = 'agent' AND a.name = l.name"
	" AND NOT a.retired ORDER BY l.name"),

Q(LQ_STREAM_COMMITTED, 2, QUICK,
	"SELECT coalesce(max(up_to), 0) FROM stream"
	" WHERE switch_id = $1::int AND epoch = $2::bigint"),

Q(LQ_CALLS_BY_NAME, 3, QUICK,
	"SELECT" CALL_CELLS ", c.relation, d.ticket_id"
	" FROM unnest($3::text[]) AS n(name)"
	" JOIN call c ON c.switch_id = $1::int AND c.epoch = $2::bigint"
	" AND c.switch_call = n.name LEFT JOIN ticket t ON t.call_id = c.id"
	" LEFT JOIN dial d ON d.call_id = c.id"),

Q(LQ_CALLS_LIVE, 1, SLOW,
	"SELECT" CALL_CELLS ", c.epoch FROM call c LEFT JOIN ticket t"
	" ON t.call_id = c.id WHERE c.switch_id = $1::int"
	" AND c.ended_at IS NULL"),

Q(LQ_OFFERS_OPEN, 2, SLOW,
	"SELECT id FROM offer WHERE ended_at IS NULL"
	" AND coalesce(node, $1::text) = $1 AND id < $2::bigint"
	" AND node_may_be_swept($1)"),

Q(LQ_AGENTS_LEFT, 1, SLOW,
	"SELECT a.id FROM agent a, LATERAL (SELECT state, node"
	" FROM agent_state s WHERE s.agent_id = a.id"
	" ORDER BY since DESC, seq DESC LIMIT 1) AS s"
	" WHERE s.state <> 'null' AND coalesce(s.node, $1::text) = $1"
	" AND node_may_be_swept($1)"),

Q(LQ_NODE_ALIVE, 1, QUICK, "SELECT node_alive($1::text)"),

/* The customer, the last contacts (with the last note), what is open.  The
 * customer is a subselect, not a join: joined, the planner reads the tickets of
 * all backwards until it has met so many of this one. */
Q(LQ_STORY, 2, QUICK,
	"WITH who AS MATERIALIZED (SELECT c.id, c.name, c.grade, c.since"
	" FROM customer_number n JOIN customer c ON c.id = n.customer_id"
	" WHERE n.number = coalesce(nullif($1::text, ''), $2::text))"
	" SELECT 'customer' AS what, us(since) AS at, name AS text,"
	" NULL::bigint AS ticket_id, grade AS kind, NULL AS status,"
	" NULL AS agent, (SELECT count(*) FROM (SELECT FROM ticket t"
	" WHERE t.customer_id = who.id LIMIT " STORY_COUNTED ") AS few) AS n"
	" FROM who"
	" UNION ALL (SELECT 'contact', us(t.opened_at),"
	" coalesce((SELECT e.text FROM ticket_event e WHERE e.ticket_id = t.id"
	" AND e.text IS NOT NULL ORDER BY e.seq DESC LIMIT 1), t.subject,"
	" t.category), t.id, t.kind, t.status, a.name, NULL"
	" FROM ticket t LEFT JOIN agent a ON a.id = t.owner_id"
	" WHERE t.customer_id = (SELECT id FROM who)"
	" ORDER BY t.id DESC LIMIT " STORY_ROWS ")"
	" UNION ALL (SELECT 'ticket', us(t.opened_at), t.subject, t.id, t.kind,"
	" t.status, a.name, NULL"
	" FROM ticket t LEFT JOIN agent a ON a.id = t.owner_id"
	" WHERE t.customer_id = (SELECT id FROM who) AND t.closed_at IS NULL"
	" ORDER BY t.id DESC LIMIT " STORY_ROWS ")"),

/* The newest tickets only, so that it takes as long for a caller of years.  The
 * call itself may be there already. */
Q(LQ_CALLER_FACTS, 4, QUICK,
	"WITH who AS MATERIALIZED (SELECT c.id, c.grade, c.account_manager"
	" FROM customer_number n JOIN customer c ON c.id = n.customer_id"
	" WHERE n.number = coalesce(nullif($1::text, ''), $2::text)),"
	" open AS MATERIALIZED (SELECT id, owner_id FROM ticket"
	" WHERE customer_id = (SELECT id FROM who) AND closed_at IS NULL"
	" ORDER BY id DESC LIMIT " FACT_ROWS "),"
	" past AS MATERIALIZED (SELECT c.* FROM (SELECT id, call_id"
	" FROM ticket WHERE customer_id = (SELECT id FROM who)"
	" ORDER BY id DESC LIMIT " FACT_ROWS ") AS t"
	" JOIN call c ON c.id = t.call_id AND c.id <> $3::uuid"
	" AND c.began_at < " AT("$4") "),"
	" last AS MATERIALIZED (SELECT * FROM past"
	" ORDER BY began_at DESC LIMIT 1),"
	" gone AS (SELECT l.queue_id, l.queued_at, l.ended_at FROM last l"
	" JOIN call_outcome o ON o.id = l.id"
	" WHERE o.outcome IN ('abandoned', 'short'))"
	" SELECT who.grade, who.account_manager, o.owner_id, o.id,"
	" s.agent_id, us(s.at), EXISTS (SELECT FROM open JOIN sla_clock c"
	" ON c.ticket_id = open.id WHERE c.agreement = 'sla'"
	" AND c.breached_at IS NOT NULL), (SELECT us(began_at) FROM last),"
	" (SELECT queue_id FROM gone), (SELECT us(queued_at) FROM gone),"
	" (SELECT us(ended_at) FROM gone)"
	" FROM who LEFT JOIN LATERAL (SELECT owner_id, id FROM open"
	" WHERE owner_id IS NOT NULL ORDER BY id DESC LIMIT 1) AS o ON true"
	" LEFT JOIN LATERAL (SELECT agent_id,"
	" coalesce(ended_at, established_at) AS at FROM past"
	" WHERE agent_id IS NOT NULL AND established_at IS NOT NULL"
	" ORDER BY began_at DESC LIMIT 1) AS s ON true"),

/* Whoever is busy with a call talks, or is on hold. */
Q(LQ_AGENT_FIGURES, 2, QUICK,
	"SELECT count(DISTINCT call_id), coalesce(sum(span_us(since, till)),"
	" 0)::bigint FROM (SELECT state, call_id, since, lead(since)"
	" OVER (ORDER BY since, seq) AS till FROM agent_state"
	" WHERE agent_id = $1::int AND since >= " AT("$2") ") AS s"
	" WHERE state = 'busy' AND call_id IS NOT NULL"),

Q(LQ_TICKET, 1, QUICK,
	"SELECT t.id, t.kind, t.status, t.subject, c.name, t.caller, q.name,"
	" a.name, us(t.opened_at), us(t.resolved_at), us(t.closed_at),"
	" t.category, t.dissatisfied, replace(t.call_id::text, '-', ''),"
	" t.priority, t.escalation, (SELECT max(e.seq) FROM ticket_event e"
	" WHERE e.ticket_id = t.id)"
	" FROM ticket t LEFT JOIN customer c ON c.id = t.customer_id"
	" LEFT JOIN queue q ON q.id = t.queue_id"
	" LEFT JOIN agent a ON a.id = t.owner_id WHERE t.id = $1::bigint"),

Q(LQ_TICKET_EVENTS, 2, QUICK,
	"SELECT seq, us(at), kind, actor, text FROM ticket_event"
	" WHERE ticket_id = $1::bigint AND seq > $2::int"
	" ORDER BY seq LIMIT " EVENT_ROWS),

Q(LQ_TICKET_OF_KEY, 1, QUICK,
	"SELECT ticket_id FROM ticket_event WHERE key = $1::uuid"),

/* Two halves, of which the planner leaves out the one that cannot be. */
Q(LQ_TICKETS, 5, SLOW,
	"WITH t AS ((SELECT * FROM ticket WHERE closed_at IS NOT NULL"
	" AND $1::text IN ('', 'closed', 'cancelled', 'merged')"
	" AND ($1 = '' OR status = $1)"
	" AND ($2::text = '' OR owner_id ="
	" (SELECT id FROM agent WHERE name = $2))"
	" AND ($3::text = '' OR customer_id ="
	" (SELECT customer_id FROM customer_number WHERE number = $3))"
	" AND ($4::bigint = 0 OR id < $4)"
	" ORDER BY id DESC LIMIT least($5::int, " TICKET_ROWS_MAX "))"
	" UNION ALL (SELECT * FROM ticket WHERE closed_at IS NULL"
	" AND $1 <> 'closed' AND ($1 = '' OR status = $1)"
	" AND ($2 = '' OR owner_id = (SELECT id FROM agent WHERE name = $2))"
	" AND ($3 = '' OR customer_id ="
	" (SELECT customer_id FROM customer_number WHERE number = $3))"
	" AND ($4 = 0 OR id < $4)"
	" ORDER BY id DESC LIMIT least($5, " TICKET_ROWS_MAX ")))"
	" SELECT t.id, t.kind, t.status, t.subject, t.caller, q.name, a.name,"
	" us(t.opened_at), us(t.closed_at) FROM t"
	" LEFT JOIN queue q ON q.id = t.queue_id"
	" LEFT JOIN agent a ON a.id = t.owner_id"
	" ORDER BY t.id DESC LIMIT least($5, " TICKET_ROWS_MAX ")"),

Q(LQ_DAY, 2, SLOW,
	"SELECT o.queue_id, count(*),"
	" count(*) FILTER (WHERE outcome = 'answered'),"
	" count(*) FILTER (WHERE outcome = 'abandoned'),"
	" count(*) FILTER (WHERE outcome = 'short'),"
	" count(*) FILTER (WHERE outcome = 'overflowed'),"
	" count(*) FILTER (WHERE outcome = 'timed_out'),"
	" count(*) FILTER (WHERE outcome = 'refused'),"
	" count(*) FILTER (WHERE outcome = 'called_back'),"
	" count(*) FILTER (WHERE outcome = 'withdrawn'),"
	" count(*) FILTER (WHERE outcome = 'lost_by_switch'),"
	" count(*) FILTER (WHERE outcome = 'waiting'),"
	" coalesce(sum(wait_us) FILTER (WHERE outcome = 'answered'), 0),"
	" count(*) FILTER (WHERE outcome = 'answered' AND wait_us <= 15000000),"
	" count(*) FILTER (WHERE outcome = 'answered' AND wait_us <= 20000000),"
	" count(*) FILTER (WHERE outcome = 'answered' AND wait_us <= 30000000),"
	" coalesce(sum(talk_us), 0), count(t.id)"
	" FROM call_outcome o LEFT JOIN ticket t ON t.call_id = o.id"
	" WHERE o.began_at >= to_timestamp(0)"
	" + $1::bigint * interval '1 microsecond'"
	" AND o.began_at < to_timestamp(0)"
	" + $2::bigint * interval '1 microsecond'"
	" AND outcome <> 'menu_only' GROUP BY o.queue_id ORDER BY o.queue_id"),

Q(LQ_TICKET_CHANGE, 16, CLOCKS,
	"SELECT outcome, seq, status, owner_id FROM ticket_change($1::uuid,"
	" $2::bigint, $3::int, $4::text[], $5::text, " AT("$6") ", $7::text,"
	" $8::text, $9::bool, $10::text, $11::text, $12::text, $13::int,"
	" $14::text, $15::text, CASE WHEN $16::bigint <> 0 THEN "
	AT("$16") " END)"),

Q(LQ_DIAL, 10, CLOCKS,
	"SELECT outcome, attempt, e164, show, queue_id, detail, n,"
	" us(until_at) FROM dial_decide($1::uuid, $2::bigint, $3::text,"
	" $4::text, $5::int, $6::text, $7::bigint, $8::int, $9::text, "
	AT("$10") ")"),

Q(LQ_DIALS_OPEN, 1, CLOCKS,
	"SELECT order_id FROM dial WHERE switch_id = $1::int"
	" AND call_id IS NULL AND outcome IS NULL"),

Q(LQ_DIAL_OF_OP, 1, CLOCKS,
	"SELECT ticket_id, state, e164 FROM dial_attempt WHERE op = $1::uuid"),

Q(LQ_DIAL_OF_CALL, 1, QUICK,
	"SELECT ticket_id FROM dial WHERE call_id = $1::uuid"),

Q(LQ_DIALS, 5, SLOW,
	"SELECT d.id, us(d.requested_at), d.ticket_id, d.attempt, d.e164,"
	" a.name, d.relation, d.state, us(d.reached_at), us(d.ended_at)"
	" FROM dial_attempt d LEFT JOIN agent a ON a.id = d.agent_id"
	" WHERE ($1::bigint = 0 OR d.ticket_id = $1) AND d.requested_at >= "
	AT("$2") " AND d.requested_at < " AT("$3")
	" AND ($4::bigint = 0 OR d.id < $4) ORDER BY d.id DESC"
	" LIMIT least($5::int, " TICKET_ROWS_MAX ")"),

Q(LQ_DO_NOT_CALL, 4, SLOW,
	"SELECT id, number, reason, us(until_at), us(added_at), actor"
	" FROM do_not_call WHERE ($1::text = '' OR number = $1)"
	" AND (until_at IS NULL OR until_at > " AT("$2") ")"
	" AND ($3::bigint = 0 OR id < $3) ORDER BY id DESC"
	" LIMIT least($4::int, " TICKET_ROWS_MAX ")"),

Q(LQ_DO_NOT_CALL_SET, 7, CLOCKS,
	"SELECT do_not_call_set($1::uuid, $2::text, $3::text,"
	" CASE WHEN $4::bigint <> 0 THEN " AT("$4") " END, $5::bool,"
	" $6::text, " AT("$7") ")"),

Q(LQ_CUSTOMER_SET, 7, CLOCKS,
	"SELECT customer_set($1::uuid, $2::text, nullif($3::text, ''),"
	" nullif($4::text, ''), nullif($5::text, ''), $6::text, " AT("$7") ")"),

Q(LQ_CUSTOMERS, 3, SLOW,
	"SELECT c.id, n.number, c.name, c.grade, a.name, us(c.since)"
	" FROM customer_number n JOIN customer c ON c.id = n.customer_id"
	" LEFT JOIN agent a ON a.id = c.account_manager"
	" WHERE ($1::text = '' OR n.number = $1)"
	" AND ($2::bigint = 0 OR c.id < $2)"
	" ORDER BY c.id DESC, n.number LIMIT $3::int"),

/* By its id; by the switch's name for it, the newest of that name; the last
 * one that an agent had. */
Q(LQ_WHY_CALL, 2, SLOW,
	"SELECT replace(c.id::text, '-', ''), s.name, c.switch_call, c.state,"
	" q.name, a.name, c.caller, c.priority, us(c.offered_at),"
	" us(c.queued_at), us(c.delivered_at), us(c.established_at),"
	" us(c.ended_at), c.end_cause, c.end_party"
	" FROM call c LEFT JOIN switch s ON s.id = c.switch_id"
	" LEFT JOIN queue q ON q.id = c.queue_id"
	" LEFT JOIN agent a ON a.id = c.agent_id WHERE c.id = coalesce("
	"(SELECT id FROM call WHERE $1::text ~ '^[0-9a-fA-F]{32}$'"
	" AND id = CASE WHEN $1 ~ '^[0-9a-fA-F]{32}$' THEN $1::uuid END),"
	" (SELECT k.id FROM stream x JOIN call k ON k.switch_id = x.switch_id"
	" AND k.epoch = x.epoch AND k.switch_call = $1 WHERE $1 <> ''"
	" ORDER BY k.began_at DESC NULLS LAST, x.epoch DESC LIMIT 1),"
	" (SELECT t.call_id FROM agent g JOIN agent_state t"
	" ON t.agent_id = g.id WHERE g.name = $2::text"
	" AND t.state = 'busy' AND t.call_id IS NOT NULL"
	" ORDER BY t.since DESC, t.seq DESC LIMIT 1))"),

Q(LQ_DECISIONS, 3, SLOW,
	"SELECT us(d.at), d.kind, q.name, f.name, a.name,"
	" decision_skills(d.detail), d.detail->>'t',"
	" decision_neighbours(d.detail), decision_terms(d.detail),"
	" d.detail->>'st', d.detail->>'sc', v.name, d.detail->>'r',"
	" d.detail->>'l', d.detail->>'rule', d.detail->>'by',"
	" us(d.ended_at), d.reason, d.seq FROM call_decision d"
	" LEFT JOIN queue q ON q.id = (d.detail->>'q')::int"
	" LEFT JOIN queue f ON f.id = (d.detail->>'f')::int"
	" LEFT JOIN queue v ON v.id = (d.detail->>'via')::int"
	" LEFT JOIN agent a ON a.id = d.agent_id"
	" WHERE d.call_id = $1::uuid ORDER BY d.at, d.kind <> 'enqueued',"
	" d.seq OFFSET $2::bigint LIMIT $3::int"),

Q(LQ_WHY_NOT, 5, SLOW,
	"SELECT us(w.from_at), us(w.to_at), w.rule, w.what, w.who, w.has,"
	" w.needs FROM agent a, why_not($1::uuid, a.id, " AT("$3") ") AS w"
	" WHERE a.name = $2::text ORDER BY w.from_at"
	" OFFSET $4::bigint LIMIT $5::int"),

Q(LQ_AGENT_STATES, 5, SLOW,
	"SELECT us(s.since), s.state, s.reason,"
	" replace(s.call_id::text, '-', ''), s.device, s.source, s.seq"
	" FROM agent a JOIN agent_state s ON s.agent_id = a.id"
	" WHERE a.name = $1::text AND s.since < " AT("$3")
	" AND s.since >= coalesce((SELECT max(x.since) FROM agent_state x"
	" WHERE x.agent_id = a.id AND x.since <= " AT("$2") "), " AT("$2") ")"
	" ORDER BY s.since, s.seq OFFSET $4::bigint LIMIT $5::int"),

Q(LQ_QUEUE_DOORS, 0, QUICK,
	"SELECT queue_id, seq, door, us(since), actor FROM queue_door"
	" ORDER BY queue_id"),

Q(LQ_QUEUE_DOOR_SET, 6, CLOCKS,
	"SELECT outcome, n, was, door FROM queue_door_set($1::uuid, $2::text,"
	" $3::text, $4::int, $5::text, " AT("$6") ")"),

Q(LQ_CONFIG_DIALLING, 0, SLOW,
	"SELECT (SELECT string_agg(prefix, ' ' ORDER BY prefix)"
	" FROM dialling_prefix WHERE allowed), (SELECT string_agg(prefix, ' '"
	" ORDER BY prefix) FROM dialling_prefix WHERE NOT allowed), per_day,"
	" show FROM dialling"),

Q(LQ_WORK_TAKE, 6, CLOCKS,
	"SELECT outcome, rev, attempt, ticket_id, e164,"
	" replace(op::text, '-', '') FROM work_take($1::uuid, $2::int,"
	" $3::int, $4::text, $5::text, " AT("$6") ")"),

Q(LQ_WORK_OUTCOME, 5, CLOCKS,
	"SELECT outcome, rev, state, attempt, us(not_before)"
	" FROM work_outcome($1::uuid, $2::int, $3::text,"
	" CASE WHEN $4::bigint <> 0 THEN " AT("$4") " END, " AT("$5") ")"),

Q(LQ_WORK_CLOSE, 3, CLOCKS,
	"SELECT outcome, rev, state FROM work_close($1::uuid, $2::int, "
	AT("$3") ")"),

Q(LQ_WORK_HOLD, 9, CLOCKS,
	"SELECT replace(w.id::text, '-', ''), w.kind, w.ticket_id,"
	" replace(w.call_id::text, '-', ''), w.queue_id, w.site, w.e164,"
	" us(w.enqueued_at), w.arrival, w.credit_us, us(w.not_before),"
	" us(w.expires_at), w.attempt, w.state, w.agent_id, w.rev, t.subject"
	" FROM work_hold($1::text, $2::text[], $3::uuid[], $4::int[],"
	" $5::text[], $6::int[], $7::bool, $8::bool, $9::int) AS w"
	" LEFT JOIN ticket t ON t.id = w.ticket_id"),

Q(LQ_WORK_NODES, 1, CLOCKS,
	"SELECT name, us(seen_at) FROM node WHERE name <> $1::text"
	" ORDER BY name"),

Q(LQ_WORK_LIST, 3, SLOW,
	"SELECT us(w.enqueued_at), replace(w.id::text, '-', ''), w.kind,"
	" w.ticket_id, q.name, w.e164, w.attempt, w.tries, w.max_attempts,"
	" w.state, us(w.not_before), us(w.expires_at), a.name, w.why"
	" FROM work w LEFT JOIN queue q ON q.id = w.queue_id"
	" LEFT JOIN agent a ON a.id = w.agent_id AND w.state = 'taken'"
	" WHERE w.state IN ('waiting', 'taken')"
	" AND ($1::text = '' OR q.name = $1)"
	" ORDER BY w.enqueued_at, w.id OFFSET $2::bigint"
	" LIMIT least($3::int, " TICKET_ROWS_MAX ")"),

Q(LQ_CLOCKS, 1, SLOW,
	"SELECT c.ticket_id, c.metric, c.agreement, c.stage, us(c.due_at),"
	" us(c.breached_at), c.policy, q.name, a.name, t.subject"
	" FROM sla_clock c JOIN sla_ticket s ON s.ticket_id = c.ticket_id"
	" AND s.open JOIN ticket t ON t.id = c.ticket_id"
	" LEFT JOIN queue q ON q.id = t.queue_id"
	" LEFT JOIN agent a ON a.id = t.owner_id"
	" WHERE c.stage IN ('running', 'paused')"
	" ORDER BY c.due_at NULLS LAST, c.ticket_id, c.metric"
	" LIMIT least($1::int, " TICKET_ROWS_MAX ")"),

Q(LQ_SLA_REVISIONS, 1, CLOCKS,
	"SELECT id, us(at), apply_to, actor FROM sla_revision"
	" WHERE id > $1::int ORDER BY id"),

Q(LQ_SLA_CALENDARS, 1, CLOCKS,
	"SELECT revision, name, spec FROM calendar WHERE revision > $1::int"
	" ORDER BY revision, name"),

Q(LQ_SLA_POLICIES, 1, CLOCKS,
	"SELECT revision, name, spec FROM sla_policy WHERE revision > $1::int"
	" ORDER BY revision, position"),

Q(LQ_SLA_QUEUES, 1, CLOCKS,
	"SELECT revision, queue, calendar FROM queue_calendar"
	" WHERE revision > $1::int ORDER BY revision, queue"),

/* What is done leaves its place in the index until it is swept: so not from the
 * beginning each time. */
Q(LQ_SLA_TODO, 4, CLOCKS,
	"SELECT id, ticket_id FROM sla_todo WHERE id > $4::bigint"
	" AND (node = $1::text OR id <= $2::bigint) ORDER BY id LIMIT $3::int"),

Q(LQ_SLA_TODO_LAST, 0, CLOCKS,
	"SELECT coalesce(max(id), 0) FROM sla_todo"),

Q(LQ_SLA_DUE, 1, CLOCKS,
	"SELECT ticket_id, us(next_at), replace(writer::text, '-', '')"
	" FROM sla_ticket WHERE next_at IS NOT NULL ORDER BY next_at"
	" LIMIT $1::int"),

Q(LQ_SLA_HISTORY, 1, CLOCKS,
	"SELECT e.ticket_id, coalesce(s.eval, 0), e.seq, us(e.at), e.kind,"
	" e.for_customer, e.status, e.owner_id, q.name, e.ticket_kind,"
	" e.category, e.priority, us(e.until_at), e.revision,"
	" us(c.offered_at), CASE WHEN t.call_id IS NOT NULL THEN 'phone' END,"
	" us(s.evaluated_at)"
	" FROM unnest($1::bigint[]) AS i(id) JOIN ticket t ON t.id = i.id"
	" JOIN ticket_event e ON e.ticket_id = t.id"
	" LEFT JOIN sla_ticket s ON s.ticket_id = t.id"
	" LEFT JOIN call c ON c.id = t.call_id"
	" LEFT JOIN queue q ON q.id = e.queue_id ORDER BY e.ticket_id, e.seq"),

/* By ANY, since a join planned while the table was known to be empty reads all
 * of it for each ticket when it no longer is. */
Q(LQ_SLA_CLOCKS, 1, CLOCKS,
	"SELECT c.ticket_id, metric, agreement, holder, cycle, generation,"
	" revision, policy, calendar, stage, outcome, us(started_at),"
	" us(stopped_at), goal_us, us(due_at), us(breached_at)"
	" FROM sla_clock c WHERE c.ticket_id = ANY ($1::bigint[])"
	" ORDER BY c.ticket_id, metric, agreement, holder, cycle"),

Q(LQ_SLA_EVENTS, 1, CLOCKS,
	"SELECT e.ticket_id, metric, agreement, holder, cycle, generation,"
	" kind, percent FROM sla_event e WHERE e.ticket_id = ANY ($1::bigint[])"
	" ORDER BY e.ticket_id, generation, percent"),

/* (0, 0) asks how many. */
Q(LQ_SLA_OPEN, 2, CLOCKS,
	"(SELECT ticket_id FROM sla_ticket WHERE open"
	" AND ticket_id > $1::bigint ORDER BY ticket_id LIMIT $2::int)"
	" UNION ALL SELECT count(*) FROM sla_ticket WHERE open AND $2::int = 0"
	" HAVING $2::int = 0"),

Q(LQ_SLA_JOB, 2, CLOCKS,
	"SELECT revision, done, total, ended FROM sla_job_step($1::int, "
	AT("$2") ")"),

Q(LQ_SLA_JOBS, 0, SLOW,
	"SELECT r.id, r.apply_to, us(r.at), r.actor, j.done, j.total,"
	" us(j.ended_at) FROM sla_revision r"
	" LEFT JOIN sla_job j ON j.revision = r.id ORDER BY r.id DESC"),

/* How long resolutions took, by category and over all: the newest tickets',
 * so that it takes as long in ten years as today. */
Q(LQ_SLA_WORK, 1, SLOW,
	"SELECT coalesce(t.category, ''), count(*), percentile_disc(ARRAY["
	"0, .05, .1, .15, .2, .25, .3, .35, .4, .45, .5, .55, .6, .65, .7,"
	" .75, .8, .85, .9, .95, 1]) WITHIN GROUP (ORDER BY c.elapsed_us)"
	" FROM (SELECT ticket_id, elapsed_us, stopped_at FROM sla_clock"
	" WHERE metric = 'resolution' AND agreement = 'sla'"
	" AND stage = 'completed' AND outcome IN ('met', 'missed')"
	" ORDER BY ticket_id DESC LIMIT " WORK_ROWS ") AS c"
	" JOIN ticket t ON t.id = c.ticket_id"
	" WHERE c.stopped_at >= " AT("$1")
	" GROUP BY GROUPING SETS ((), (t.category))"
	" HAVING GROUPING(t.category) = 1 OR t.category IS NOT NULL"),

Q(LQ_CALIBRATION, 0, SLOW,
	"SELECT bin, n, told_ppm, seen_ppm FROM forecast_calibration"
	" ORDER BY bin"),
};
/* clang-format on */
