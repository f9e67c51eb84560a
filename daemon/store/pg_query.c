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
#define EVENT_ROWS "200"
#define TICKET_ROWS_MAX "1000"

/* `name' is of the table that is prepared, `args' of what it takes. */
#define Q(id, args, is_slow, text) \
	[id] = { { #id, text }, args, is_slow }

const struct pg_query pg_queries[LQ_NQUERIES] = {

Q(LQ_CONFIG_SKILLS, 0, true,
	"SELECT id, name FROM skill WHERE NOT retired ORDER BY id"),

Q(LQ_CONFIG_QUEUES, 0, true,
	"SELECT q.id, q.name, (SELECT string_agg(s.skill_id || '=' || s.level,"
	" ',' ORDER BY s.skill_id) FROM queue_skill s WHERE s.queue_id = q.id),"
	" q.ring_us, q.wrap_up_us, q.priority_credit_us, q.stay_ready,"
	" q.short_us FROM queue q WHERE NOT q.retired ORDER BY q.id"),

Q(LQ_CONFIG_AGENTS, 0, true,
	"SELECT a.id, a.name, a.display_name, a.screen_first,"
	" (SELECT string_agg(q.queue_id::text, ',' ORDER BY q.queue_id)"
	" FROM agent_queue q WHERE q.agent_id = a.id),"
	" (SELECT string_agg(s.skill_id || '=' || s.level, ','"
	" ORDER BY s.skill_id) FROM agent_skill s WHERE s.agent_id = a.id)"
	" FROM agent a WHERE NOT a.retired ORDER BY a.id"),

Q(LQ_CONFIG_DEVICES, 0, true,
	"SELECT name, switch_id FROM device WHERE NOT retired ORDER BY name"),

Q(LQ_CONFIG_NUMBERS, 0, true,
	"SELECT called, menu, queue_id FROM called_number"
	" ORDER BY called, menu"),

Q(LQ_CONFIG_SWITCHES, 0, true,
	"SELECT id, name FROM switch ORDER BY id"),

/* The update that changes nothing makes a concurrent insert's id visible. */
Q(LQ_SWITCH_ADD, 1, false,
	"WITH old AS (SELECT id FROM switch WHERE name = $1::text),"
	" new AS (INSERT INTO switch (name) SELECT $1::text"
	" WHERE NOT EXISTS (SELECT FROM old)"
	" ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id)"
	" SELECT id FROM old UNION ALL SELECT id FROM new"),

Q(LQ_LOGINS, 0, true,
	"SELECT l.name, l.role, l.secret, a.id, s.name, l.disabled,"
	" us(l.tokens_from) FROM login l"
	" LEFT JOIN switch s ON s.id = l.switch_id"
	" LEFT JOIN agent a ON l.role = 'agent' AND a.name = l.name"
	" AND NOT a.retired ORDER BY l.name"),

Q(LQ_STREAM_COMMITTED, 2, false,
	"SELECT coalesce(max(up_to), 0) FROM stream"
	" WHERE switch_id = $1::int AND epoch = $2::bigint"),

Q(LQ_CALLS_BY_NAME, 3, false,
	"SELECT" CALL_CELLS " FROM unnest($3::text[]) AS n(name)"
	" JOIN call c ON c.switch_id = $1::int AND c.epoch = $2::bigint"
	" AND c.switch_call = n.name LEFT JOIN ticket t ON t.call_id = c.id"),

Q(LQ_CALLS_LIVE, 1, true,
	"SELECT" CALL_CELLS ", c.epoch FROM call c LEFT JOIN ticket t"
	" ON t.call_id = c.id WHERE c.switch_id = $1::int"
	" AND c.ended_at IS NULL"),

Q(LQ_OFFERS_OPEN, 1, true,
	"SELECT id FROM offer WHERE ended_at IS NULL AND id < $1::bigint"),

Q(LQ_AGENTS_LEFT, 0, true,
	"SELECT a.id FROM agent a, LATERAL (SELECT state FROM agent_state s"
	" WHERE s.agent_id = a.id ORDER BY since DESC, seq DESC LIMIT 1) AS s"
	" WHERE s.state <> 'null'"),

/* The customer, the last contacts (with the last note), what is open. */
Q(LQ_STORY, 2, false,
	"WITH who AS MATERIALIZED (SELECT c.id, c.name, c.since"
	" FROM customer_number n JOIN customer c ON c.id = n.customer_id"
	" WHERE n.number = coalesce(nullif($1::text, ''), $2::text))"
	" SELECT 'customer' AS what, us(since) AS at, name AS text,"
	" NULL::bigint AS ticket_id, NULL AS kind, NULL AS status,"
	" NULL AS agent, (SELECT count(*) FROM ticket t"
	" WHERE t.customer_id = who.id) AS n FROM who"
	" UNION ALL (SELECT 'contact', us(t.opened_at),"
	" coalesce((SELECT e.text FROM ticket_event e WHERE e.ticket_id = t.id"
	" AND e.text IS NOT NULL ORDER BY e.seq DESC LIMIT 1), t.subject,"
	" t.category), t.id, t.kind, t.status, a.name, NULL"
	" FROM who JOIN ticket t ON t.customer_id = who.id"
	" LEFT JOIN agent a ON a.id = t.owner_id"
	" ORDER BY t.id DESC LIMIT " STORY_ROWS ")"
	" UNION ALL (SELECT 'ticket', us(t.opened_at), t.subject, t.id, t.kind,"
	" t.status, a.name, NULL FROM who JOIN ticket t"
	" ON t.customer_id = who.id AND t.closed_at IS NULL"
	" LEFT JOIN agent a ON a.id = t.owner_id"
	" ORDER BY t.id DESC LIMIT " STORY_ROWS ")"),

Q(LQ_TICKET, 1, false,
	"SELECT t.id, t.kind, t.status, t.subject, c.name, t.caller, q.name,"
	" a.name, us(t.opened_at), us(t.resolved_at), us(t.closed_at),"
	" t.category, t.dissatisfied, replace(t.call_id::text, '-', '')"
	" FROM ticket t LEFT JOIN customer c ON c.id = t.customer_id"
	" LEFT JOIN queue q ON q.id = t.queue_id"
	" LEFT JOIN agent a ON a.id = t.owner_id WHERE t.id = $1::bigint"),

Q(LQ_TICKET_EVENTS, 2, false,
	"SELECT seq, us(at), kind, actor, text FROM ticket_event"
	" WHERE ticket_id = $1::bigint AND seq > $2::int"
	" ORDER BY seq LIMIT " EVENT_ROWS),

Q(LQ_TICKET_OF_KEY, 1, false,
	"SELECT ticket_id FROM ticket_event WHERE key = $1::uuid"),

/* Two halves, of which the planner leaves out the one that cannot be. */
Q(LQ_TICKETS, 5, true,
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

Q(LQ_DAY, 2, true,
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
};
/* clang-format on */
