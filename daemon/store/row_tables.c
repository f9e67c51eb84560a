/*
 * row_tables.c - the ledger's rows, one table of columns each, and the SQL of
 * those that are more than an upsert.
 */
#include "store/row.h"

/* clang-format off */
#define C(row, field) offsetof(struct row, field)

static const struct col call_cols[] = {
	{ "id",          COL_ID,   C(call_row, id),          FOLD_KEY,    NULL },
	{ "switch_id",   COL_INT4, C(call_row, switch_id),   FOLD_FIRST,  NULL },
	{ "epoch",       COL_BITS, C(call_row, epoch),       FOLD_FIRST,  NULL },
	{ "switch_call", COL_TEXT, C(call_row, switch_call), FOLD_FIRST,  NULL },
	{ "seq",         COL_COUNT, C(call_row, seq),        FOLD_MAX,    NULL },
	{ "state",       COL_WORD, C(call_row, state),       FOLD_LATEST, NULL },
	{ "version",     COL_INT8, C(call_row, version),     FOLD_LATEST, NULL },
	{ "queue_id",    COL_INT4, C(call_row, queue_id),    FOLD_LATEST, NULL },
	{ "agent_id",    COL_INT4, C(call_row, agent_id),    FOLD_LATEST, NULL },
	{ "caller",      COL_TEXT, C(call_row, caller),      FOLD_FIRST,  NULL },
	{ "caller_e164", COL_TEXT, C(call_row, caller_e164), FOLD_FIRST,  NULL },
	{ "caller_name", COL_TEXT, C(call_row, caller_name), FOLD_FIRST,  NULL },
	{ "called",      COL_TEXT, C(call_row, called),      FOLD_FIRST,  NULL },
	{ "menu",        COL_TEXT, C(call_row, menu),        FOLD_FIRST,  NULL },
	{ "priority",    COL_INT4, C(call_row, priority),    FOLD_FIRST,  NULL },
	{ "began_at",    COL_TIME, C(call_full, began_at),   FOLD_FIRST,  NULL },
	{ "offered_at",  COL_TIME, C(call_row, offered_at),  FOLD_FIRST,  NULL },
	{ "queued_at",   COL_TIME, C(call_row, queued_at),   FOLD_FIRST,  NULL },
	{ "delivered_at", COL_TIME, C(call_row, delivered_at), FOLD_FIRST, NULL },
	{ "established_at", COL_TIME, C(call_row, established_at), FOLD_FIRST,
	  NULL },
	{ "ended_at",    COL_TIME, C(call_row, ended_at),    FOLD_FIRST,  NULL },
	{ "end_cause",   COL_WORD, C(call_row, end_cause),   FOLD_FIRST,  NULL },
	{ "end_party",   COL_WORD, C(call_row, end_party),   FOLD_FIRST,  NULL },
	{ "related_call", COL_ID,  C(call_row, related_call), FOLD_FIRST, NULL },
	{ "relation",    COL_WORD, C(call_row, relation),    FOLD_FIRST,  NULL },
	{ "placed",      COL_TEXT, C(call_row, placed),      FOLD_FIRST,
	  "u.placed::jsonb" },
};

static const struct col call_event_cols[] = {
	{ "call_id",     COL_ID,   C(call_event_row, call_id),     FOLD_KEY, NULL },
	{ "seq",         COL_COUNT, C(call_event_row, seq),        FOLD_KEY, NULL },
	{ "kind",        COL_WORD, C(call_event_row, kind),        FOLD_FIRST, NULL },
	{ "occurred_at", COL_TIME, C(call_event_row, occurred_at), FOLD_FIRST, NULL },
	{ "received_at", COL_TIME, C(call_event_row, received_at), FOLD_FIRST, NULL },
	{ "stream_seq",  COL_INT8, C(call_event_row, stream_seq),  FOLD_FIRST, NULL },
	{ "version",     COL_INT8, C(call_event_row, version),     FOLD_FIRST, NULL },
	{ "device",      COL_TEXT, C(call_event_row, device),      FOLD_FIRST, NULL },
	{ "cause",       COL_WORD, C(call_event_row, cause),       FOLD_FIRST, NULL },
	{ "party",       COL_WORD, C(call_event_row, party),       FOLD_FIRST, NULL },
	{ "data",        COL_TEXT, C(call_event_row, data),        FOLD_FIRST,
	  "u.data::jsonb" },
	{ "digest",      COL_BITS, C(call_event_row, digest),      FOLD_FIRST, NULL },
	{ "flag",        COL_WORD, C(call_event_row, flag),        FOLD_FIRST, NULL },
};

static const struct col offer_cols[] = {
	{ "id",         COL_INT8, C(offer_row, id),         FOLD_KEY,   NULL },
	{ "call_id",    COL_ID,   C(offer_row, call_id),    FOLD_FIRST, NULL },
	{ "work_id",    COL_ID,   C(offer_row, work_id),    FOLD_FIRST, NULL },
	{ "agent_id",   COL_INT4, C(offer_row, agent_id),   FOLD_FIRST, NULL },
	{ "queue_id",   COL_INT4, C(offer_row, queue_id),   FOLD_FIRST, NULL },
	{ "attempt",    COL_INT4, C(offer_row, attempt),    FOLD_FIRST, NULL },
	{ "offered_at", COL_TIME, C(offer_row, offered_at), FOLD_FIRST, NULL },
	{ "shown_at",   COL_TIME, C(offer_row, shown_at),   FOLD_FIRST, NULL },
	{ "ended_at",   COL_TIME, C(offer_row, ended_at),   FOLD_FIRST, NULL },
	{ "reason",     COL_WORD, C(offer_row, reason),     FOLD_FIRST, NULL },
	{ "why",        COL_TEXT, C(offer_row, why),        FOLD_FIRST,
	  "u.why::jsonb" },
};

static const struct col decision_cols[] = {
	{ "call_id", COL_ID,   C(decision_row, call_id), FOLD_KEY,   NULL },
	{ "seq",     COL_INT8, C(decision_row, seq),     FOLD_KEY,   NULL },
	{ "at",      COL_TIME, C(decision_row, at),      FOLD_FIRST, NULL },
	{ "kind",    COL_WORD, C(decision_row, kind),    FOLD_FIRST, NULL },
	{ "detail",  COL_TEXT, C(decision_row, detail),  FOLD_FIRST,
	  "u.detail::jsonb" },
};

static const struct col ticket_cols[] = {
	{ "id",          COL_INT8, C(ticket_row, id),          FOLD_KEY,    NULL },
	{ "call_id",     COL_ID,   C(ticket_row, call_id),     FOLD_KEY,    NULL },
	{ "rev",         COL_COUNT, C(ticket_row, rev),        FOLD_MAX,    NULL },
	{ "kind",        COL_WORD, C(ticket_row, kind),        FOLD_LATEST, NULL },
	{ "status",      COL_WORD, C(ticket_row, status),      FOLD_LATEST, NULL },
	{ "subject",     COL_TEXT, C(ticket_row, subject),     FOLD_FIRST,  NULL },
	{ "category",    COL_TEXT, C(ticket_row, category),    FOLD_LATEST, NULL },
	{ "caller",      COL_TEXT, C(ticket_row, caller),      FOLD_FIRST,  NULL },
	{ "caller_e164", COL_TEXT, C(ticket_row, caller_e164), FOLD_FIRST,  NULL },
	{ "customer_id", COL_TEXT, C(ticket_full, number),     FOLD_FIRST,
	  "(SELECT n.customer_id FROM customer_number n"
	  " WHERE n.number = u.customer_id)" },
	{ "queue_id",    COL_INT4, C(ticket_row, queue_id),    FOLD_FIRST,  NULL },
	{ "owner_id",    COL_INT4, C(ticket_row, owner_id),    FOLD_LATEST, NULL },
	{ "opened_at",   COL_TIME, C(ticket_row, opened_at),   FOLD_FIRST,  NULL },
	{ "resolved_at", COL_TIME, C(ticket_row, resolved_at), FOLD_LATEST, NULL },
	{ "closed_at",   COL_TIME, C(ticket_row, closed_at),   FOLD_LATEST, NULL },
	{ "dissatisfied", COL_BOOL, C(ticket_row, dissatisfied), FOLD_ANY,  NULL },
};

static const struct col ticket_event_cols[] = {
	{ "ticket_id",    COL_INT8, C(ticket_event_row, ticket_id), FOLD_FIRST, NULL },
	{ "call_id",      COL_ID,   C(ticket_event_row, call_id),   FOLD_FIRST, NULL },
	{ "key",          COL_ID,   C(ticket_event_row, key),       FOLD_KEY,   NULL },
	{ "at",           COL_TIME, C(ticket_event_row, at),        FOLD_FIRST, NULL },
	{ "kind",         COL_WORD, C(ticket_event_row, kind),      FOLD_FIRST, NULL },
	{ "actor",        COL_NOTE, C(ticket_event_row, actor),     FOLD_FIRST, NULL },
	{ "text",         COL_TEXT, C(ticket_event_row, text),      FOLD_FIRST, NULL },
	{ "for_customer", COL_BOOL, C(ticket_event_row, for_customer), FOLD_FIRST,
	  NULL },
	{ "status",       COL_WORD, C(ticket_event_row, status),    FOLD_FIRST, NULL },
	{ "ticket_kind",  COL_WORD, C(ticket_event_row, ticket_kind), FOLD_FIRST,
	  NULL },
	{ "category",     COL_TEXT, C(ticket_event_row, category),  FOLD_FIRST, NULL },
	{ "priority",     COL_INT4, C(ticket_event_row, priority),  FOLD_FIRST, NULL },
	{ "queue_id",     COL_INT4, C(ticket_event_row, queue_id),  FOLD_FIRST, NULL },
	{ "owner_id",     COL_INT4, C(ticket_event_row, owner_id),  FOLD_FIRST, NULL },
	{ "until_at",     COL_TIME, C(ticket_event_row, until_at),  FOLD_FIRST, NULL },
};

/* The rows of one evaluation name it by ticket_id, eval, writer. */
#define EVALUATION(row)                                                        \
	{ "ticket_id", COL_INT8,  C(row, ticket_id), FOLD_FIRST, NULL },       \
	{ "eval",      COL_COUNT, C(row, eval),      FOLD_FIRST, NULL },       \
	{ "writer",    COL_ID,    C(row, writer),    FOLD_FIRST, NULL }

static const struct col sla_ticket_cols[] = {
	EVALUATION(sla_ticket_row),
	{ "as_of",        COL_COUNT, C(sla_ticket_row, as_of),  FOLD_FIRST, NULL },
	{ "seen",         COL_COUNT, C(sla_ticket_row, seen),   FOLD_FIRST, NULL },
	{ "evaluated_at", COL_TIME, C(sla_ticket_row, evaluated_at), FOLD_FIRST,
	  NULL },
	{ "next_at",      COL_TIME, C(sla_ticket_row, next_at), FOLD_FIRST, NULL },
	{ "open",         COL_BOOL, C(sla_ticket_row, open),    FOLD_FIRST, NULL },
	{ "risk",         COL_INT4, C(sla_ticket_row, risk),    FOLD_FIRST, NULL },
	{ "shares",       COL_NOTE, C(sla_ticket_row, shares),  FOLD_FIRST, NULL },
};

static const struct col sla_clock_cols[] = {
	EVALUATION(sla_clock_row),
	{ "metric",     COL_WORD,  C(sla_clock_row, metric),     FOLD_FIRST, NULL },
	{ "agreement",  COL_WORD,  C(sla_clock_row, agreement),  FOLD_FIRST, NULL },
	{ "holder",     COL_NOTE,  C(sla_clock_row, holder),     FOLD_FIRST, NULL },
	{ "cycle",      COL_COUNT, C(sla_clock_row, cycle),      FOLD_FIRST, NULL },
	{ "generation", COL_COUNT, C(sla_clock_row, generation), FOLD_FIRST, NULL },
	{ "revision",   COL_INT4,  C(sla_clock_row, revision),   FOLD_FIRST, NULL },
	{ "policy",     COL_TEXT,  C(sla_clock_row, policy),     FOLD_FIRST, NULL },
	{ "calendar",   COL_TEXT,  C(sla_clock_row, calendar),   FOLD_FIRST, NULL },
	{ "stage",      COL_WORD,  C(sla_clock_row, stage),      FOLD_FIRST, NULL },
	{ "outcome",    COL_WORD,  C(sla_clock_row, outcome),    FOLD_FIRST, NULL },
	{ "started_at", COL_TIME,  C(sla_clock_row, started_at), FOLD_FIRST, NULL },
	{ "stopped_at", COL_TIME,  C(sla_clock_row, stopped_at), FOLD_FIRST, NULL },
	{ "goal_us",    COL_BITS,  C(sla_clock_row, goal_us),    FOLD_FIRST, NULL },
	{ "elapsed_us", COL_BITS,  C(sla_clock_row, elapsed_us), FOLD_FIRST, NULL },
	{ "due_at",     COL_TIME,  C(sla_clock_row, due_at),     FOLD_FIRST, NULL },
	{ "breached_at", COL_TIME, C(sla_clock_row, breached_at), FOLD_FIRST, NULL },
};

static const struct col sla_event_cols[] = {
	EVALUATION(sla_event_row),
	{ "metric",      COL_WORD,  C(sla_event_row, metric),      FOLD_FIRST, NULL },
	{ "agreement",   COL_WORD,  C(sla_event_row, agreement),   FOLD_FIRST, NULL },
	{ "holder",      COL_NOTE,  C(sla_event_row, holder),      FOLD_FIRST, NULL },
	{ "cycle",       COL_COUNT, C(sla_event_row, cycle),       FOLD_FIRST, NULL },
	{ "generation",  COL_COUNT, C(sla_event_row, generation),  FOLD_FIRST, NULL },
	{ "kind",        COL_WORD,  C(sla_event_row, kind),        FOLD_FIRST, NULL },
	{ "percent",     COL_COUNT, C(sla_event_row, percent),     FOLD_FIRST, NULL },
	{ "at",          COL_TIME,  C(sla_event_row, at),          FOLD_FIRST, NULL },
	{ "detected_at", COL_TIME,  C(sla_event_row, detected_at), FOLD_FIRST, NULL },
	{ "by_change",   COL_BOOL,  C(sla_event_row, by_change),   FOLD_FIRST, NULL },
	{ "due_at",      COL_TIME,  C(sla_event_row, due_at),      FOLD_FIRST, NULL },
	{ "policy",      COL_TEXT,  C(sla_event_row, policy),      FOLD_FIRST, NULL },
	{ "notify",      COL_TEXT,  C(sla_event_row, notify),      FOLD_FIRST, NULL },
	{ "raise",       COL_COUNT, C(sla_event_row, raise),       FOLD_FIRST, NULL },
	{ "to_queue",    COL_TEXT,  C(sla_event_row, to_queue),    FOLD_FIRST, NULL },
	{ "risk",        COL_INT4,  C(sla_event_row, risk),        FOLD_FIRST, NULL },
};

static const struct col sla_done_cols[] = {
	EVALUATION(sla_done_row),
	{ "todo", COL_INT8, C(sla_done_row, todo), FOLD_FIRST, NULL },
};

static const struct col dial_cols[] = {
	{ "order_id", COL_INT8, C(dial_row, order_id), FOLD_KEY,   NULL },
	{ "call_id",  COL_ID,   C(dial_row, call_id),  FOLD_FIRST, NULL },
	{ "outcome",  COL_WORD, C(dial_row, outcome),  FOLD_FIRST, NULL },
};
/* The attempt stands there since before it was made. */
static const char dial_sql[] =
	"UPDATE dial d SET call_id = coalesce(d.call_id, u.call_id),"
	" outcome = coalesce(d.outcome, u.outcome)"
	" FROM %s AS u(order_id, call_id, outcome)"
	" WHERE d.order_id = u.order_id";

static const struct col work_cols[] = {
	{ "id",           COL_ID,    C(work_row, id),           FOLD_KEY,   NULL },
	{ "call_id",      COL_ID,    C(work_row, call_id),      FOLD_FIRST, NULL },
	{ "kind",         COL_WORD,  C(work_row, kind),         FOLD_FIRST, NULL },
	{ "queue_id",     COL_INT4,  C(work_row, queue_id),     FOLD_FIRST, NULL },
	{ "site",         COL_COUNT, C(work_row, site),         FOLD_FIRST, NULL },
	{ "e164",         COL_TEXT,  C(work_row, e164),         FOLD_FIRST, NULL },
	{ "enqueued_at",  COL_TIME,  C(work_row, enqueued_at),  FOLD_FIRST, NULL },
	{ "credit_us",    COL_BITS,  C(work_row, credit_us),    FOLD_FIRST, NULL },
	{ "expires_at",   COL_TIME,  C(work_row, expires_at),   FOLD_FIRST, NULL },
	{ "every_us",     COL_BITS,  C(work_row, every_us),     FOLD_FIRST, NULL },
	{ "arrival",      COL_BITS,  C(work_row, arrival),      FOLD_FIRST, NULL },
	{ "max_attempts", COL_COUNT, C(work_row, max_attempts), FOLD_FIRST, NULL },
	{ "node",         COL_NOTE,  C(work_row, node),         FOLD_FIRST, NULL },
};
/* What it does not say, its call does.  The node that it names knows of it. */
static const char work_sql[] =
	"INSERT INTO work (id, call_id, kind, ticket_id, queue_id, site, e164,"
	" enqueued_at, credit_us, expires_at, every_us, arrival, max_attempts,"
	" node, rev, told)"
	" SELECT x.id, x.call_id, CASE WHEN x.number IS NULL THEN 'ticket'"
	" ELSE x.kind END, t.id, x.queue, x.site, x.number, x.place,"
	" x.credit_us, coalesce(x.expires_at, x.place"
	" + interval '8 hours'), x.every_us, x.arrival, x.max_attempts,"
	" nullif(x.node, ''), 1, (x.node <> '')::int"
	" FROM (SELECT u.*, coalesce(u.queue_id, c.queue_id) AS queue,"
	" coalesce(u.enqueued_at, c.queued_at) AS place,"
	" substring(coalesce(u.e164, c.caller_e164) FROM '^[+][1-9][0-9]+$')"
	" AS number FROM %s AS u(id, call_id, kind, queue_id, site, e164,"
	" enqueued_at, credit_us, expires_at, every_us, arrival, max_attempts,"
	" node) JOIN call c ON c.id = u.call_id"
	" WHERE c.established_at IS NULL) AS x"
	" LEFT JOIN ticket t ON t.call_id = x.call_id"
	" WHERE x.queue IS NOT NULL AND x.place IS NOT NULL"
	" ON CONFLICT DO NOTHING";

static const struct col agent_state_cols[] = {
	{ "agent_id", COL_INT4,  C(agent_state_row, agent_id), FOLD_KEY,   NULL },
	{ "since",    COL_TIME,  C(agent_state_row, since),    FOLD_KEY,   NULL },
	{ "seq",      COL_COUNT, C(agent_state_row, seq),      FOLD_KEY,   NULL },
	{ "state",    COL_WORD,  C(agent_state_row, state),    FOLD_FIRST, NULL },
	{ "reason",   COL_TEXT,  C(agent_state_row, reason),   FOLD_FIRST, NULL },
	{ "call_id",  COL_ID,    C(agent_state_row, call_id),  FOLD_FIRST, NULL },
	{ "device",   COL_TEXT,  C(agent_state_row, device),   FOLD_FIRST, NULL },
	{ "source",   COL_TEXT,  C(agent_state_row, source),   FOLD_FIRST, NULL },
};

static const struct col audit_cols[] = {
	{ "key",    COL_ID,   C(audit_row, key),    FOLD_KEY,   NULL },
	{ "at",     COL_TIME, C(audit_row, at),     FOLD_FIRST, NULL },
	{ "actor",  COL_NOTE, C(audit_row, actor),  FOLD_FIRST, NULL },
	{ "action", COL_NOTE, C(audit_row, action), FOLD_FIRST, NULL },
	{ "object", COL_TEXT, C(audit_row, object), FOLD_FIRST, NULL },
	{ "detail", COL_TEXT, C(audit_row, detail), FOLD_FIRST, NULL },
};

static const struct col stream_cols[] = {
	{ "switch_id", COL_BITS, C(stream_row, key.switch_id), FOLD_KEY, NULL },
	{ "epoch",     COL_BITS, C(stream_row, key.epoch),     FOLD_KEY, NULL },
	{ "up_to",     COL_BITS, C(stream_row, up_to),         FOLD_MAX, NULL },
};

static const struct col quarantine_cols[] = {
	{ "key",      COL_ID,   C(quarantine_row, key),      FOLD_KEY,   NULL },
	{ "at",       COL_TIME, C(quarantine_row, at),       FOLD_FIRST, NULL },
	{ "sqlstate", COL_NOTE, C(quarantine_row, sqlstate), FOLD_FIRST, NULL },
	{ "reason",   COL_NOTE, C(quarantine_row, reason),   FOLD_FIRST, NULL },
	{ "rows",     COL_NOTE, C(quarantine_row, rows),     FOLD_FIRST,
	  "u.rows::jsonb" },
};

/*
 * A ticket's events find the ticket by its call, or by an id that is there:
 * one without a ticket fails, as NULL.  They count on from the last; two
 * writers at once collide on (ticket_id, seq), and the loser tries again.
 */
#define TICKET_EVENT_SET \
	" status, ticket_kind, category, priority, queue_id, owner_id, until_at"
static const char ticket_event_sql[] =
	"INSERT INTO ticket_event (ticket_id, seq, key, at, kind, actor, text,"
	" for_customer," TICKET_EVENT_SET ")"
	" SELECT e.ticket, e.seq + row_number() OVER"
	" (PARTITION BY e.ticket ORDER BY e.n), e.key, e.at, e.kind, e.actor,"
	" e.text, e.for_customer," TICKET_EVENT_SET
	" FROM (SELECT u.*, t.id AS ticket, (SELECT"
	" coalesce(max(x.seq), 0) FROM ticket_event x WHERE x.ticket_id = t.id)"
	" AS seq FROM %s WITH ORDINALITY AS u(ticket_id, call_id, key, at, kind,"
	" actor, text, for_customer," TICKET_EVENT_SET ", n)"
	" LEFT JOIN LATERAL (SELECT id FROM ticket"
	" WHERE u.call_id IS NOT NULL AND call_id = u.call_id UNION ALL"
	" SELECT id FROM ticket WHERE u.call_id IS NULL AND id = u.ticket_id)"
	" AS t ON true WHERE NOT EXISTS"
	" (SELECT FROM ticket_event k WHERE k.key = u.key)) AS e"
	" ON CONFLICT (key) DO NOTHING";

/*
 * An evaluation stands if it follows the last one and has seen the whole
 * history; its other rows stand if it does.  Sent again, it finds itself.
 */
#define EVALUATED \
	" JOIN sla_ticket s ON s.ticket_id = u.ticket_id AND s.eval = u.eval" \
	" AND s.writer = u.writer"

static const char sla_ticket_sql[] =
	"INSERT INTO sla_ticket AS r (ticket_id, eval, writer, as_of,"
	" evaluated_at, next_at, open, risk, shares)"
	" SELECT ticket_id, eval, writer, as_of, evaluated_at, next_at, open,"
	" risk, shares::jsonb FROM %s AS u(ticket_id, eval, writer, as_of, seen,"
	" evaluated_at, next_at, open, risk, shares) WHERE u.as_of ="
	" (SELECT max(e.seq) FROM ticket_event e"
	" WHERE e.ticket_id = u.ticket_id) AND u.seen >="
	" (SELECT coalesce(max(id), 0) FROM sla_revision) ORDER BY ticket_id"
	" ON CONFLICT (ticket_id) DO UPDATE SET eval = excluded.eval,"
	" writer = excluded.writer, as_of = excluded.as_of,"
	" evaluated_at = excluded.evaluated_at, next_at = excluded.next_at,"
	" open = excluded.open, risk = excluded.risk, shares = excluded.shares"
	" WHERE r.eval = excluded.eval - 1";

#define CLOCK_KEY " ticket_id, metric, agreement, holder, cycle"
#define CLOCK_SET \
	" generation, revision, policy, calendar, stage, outcome, started_at," \
	" stopped_at, goal_us, elapsed_us, due_at, breached_at"
#define CLOCK_SET_OF(t) \
	" " t ".generation, " t ".revision, " t ".policy, " t ".calendar," \
	" " t ".stage, " t ".outcome, " t ".started_at, " t ".stopped_at," \
	" " t ".goal_us, " t ".elapsed_us, " t ".due_at, " t ".breached_at"
static const char sla_clock_sql[] =
	"INSERT INTO sla_clock (" CLOCK_KEY "," CLOCK_SET ")"
	" SELECT u.ticket_id, metric, agreement, holder, cycle," CLOCK_SET
	" FROM %s AS u(ticket_id, eval, writer, metric, agreement, holder,"
	" cycle," CLOCK_SET ")" EVALUATED
	" ON CONFLICT (" CLOCK_KEY ") DO UPDATE SET (" CLOCK_SET ") ="
	" ROW(" CLOCK_SET_OF("excluded") ")";

#define EVENT_SET \
	" metric, agreement, holder, cycle, generation, kind, percent, at," \
	" detected_at, by_change, due_at, policy, notify, raise, to_queue"
static const char sla_event_sql[] =
	"INSERT INTO sla_event (ticket_id," EVENT_SET ", risk, late)"
	" SELECT u.ticket_id," EVENT_SET ", u.risk,"
    " detected_at > at + interval '1 second'"
	" FROM %s AS u(ticket_id, eval, writer," EVENT_SET ", risk)" EVALUATED
	" ON CONFLICT DO NOTHING";

static const char sla_done_sql[] =
	"DELETE FROM sla_todo WHERE id IN (SELECT u.todo"
	" FROM %s AS u(ticket_id, eval, writer, todo)" EVALUATED ")";

#define COLS(c) c##_cols, NELEM(c##_cols)
#define KEY(row, field) C(row, field), sizeof(((struct row *)0)->field)
#define NOT_FOLDED 0, 0, SIZE_MAX

const struct row_table row_tables[ROW_NKINDS] = {
	[ROW_CALL] = { "call", sizeof(struct call_full), COLS(call),
	  KEY(call_row, id), C(call_row, seq), "id", NULL },
	[ROW_CALL_EVENT] = { "call_event", sizeof(struct call_event_row),
	  COLS(call_event), NOT_FOLDED, "call_id, seq", NULL },
	[ROW_OFFER] = { "offer", sizeof(struct offer_row), COLS(offer),
	  KEY(offer_row, id), SIZE_MAX, "id", NULL },
	[ROW_DECISION] = { "decision", sizeof(struct decision_row),
	  COLS(decision), NOT_FOLDED, "call_id, seq", NULL },
	[ROW_TICKET_OF_CALL] = { "ticket", sizeof(struct ticket_full),
	  COLS(ticket), KEY(ticket_row, call_id), C(ticket_row, rev),
	  "call_id", NULL },
	[ROW_TICKET] = { "ticket", sizeof(struct ticket_full), COLS(ticket),
	  KEY(ticket_row, id), C(ticket_row, rev), "id", NULL },
	[ROW_TICKET_EVENT] = { "ticket_event", sizeof(struct ticket_event_row),
	  COLS(ticket_event), NOT_FOLDED, "key", ticket_event_sql },
	[ROW_SLA_TICKET] = { "sla_ticket", sizeof(struct sla_ticket_row),
	  COLS(sla_ticket), NOT_FOLDED, "ticket_id", sla_ticket_sql },
	[ROW_SLA_CLOCK] = { "sla_clock", sizeof(struct sla_clock_row),
	  COLS(sla_clock), NOT_FOLDED, "", sla_clock_sql },
	[ROW_SLA_EVENT] = { "sla_event", sizeof(struct sla_event_row),
	  COLS(sla_event), NOT_FOLDED, "", sla_event_sql },
	[ROW_SLA_DONE] = { "sla_todo", sizeof(struct sla_done_row),
	  COLS(sla_done), NOT_FOLDED, "", sla_done_sql },
	[ROW_DIAL] = { "dial", sizeof(struct dial_row), COLS(dial),
	  KEY(dial_row, order_id), SIZE_MAX, "order_id", dial_sql },
	[ROW_WORK] = { "work", sizeof(struct work_row), COLS(work),
	  NOT_FOLDED, "id", work_sql },
	[ROW_AGENT_STATE] = { "agent_state", sizeof(struct agent_state_row),
	  COLS(agent_state), NOT_FOLDED, "agent_id, since, seq", NULL },
	[ROW_AUDIT] = { "audit", sizeof(struct audit_row), COLS(audit),
	  NOT_FOLDED, "key", NULL },
	[ROW_STREAM] = { "stream", sizeof(struct stream_row), COLS(stream),
	  KEY(stream_row, key), SIZE_MAX, "switch_id, epoch", NULL },
	[ROW_QUARANTINE] = { "event_quarantine", sizeof(struct quarantine_row),
	  COLS(quarantine), NOT_FOLDED, "key", NULL },
};
/* clang-format on */
