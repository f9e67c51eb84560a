/*
 * row.c - the tables of columns, and what is generic over them.
 */
#include "store/row.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

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
	{ "agent_id",   COL_INT4, C(offer_row, agent_id),   FOLD_FIRST, NULL },
	{ "queue_id",   COL_INT4, C(offer_row, queue_id),   FOLD_FIRST, NULL },
	{ "attempt",    COL_INT4, C(offer_row, attempt),    FOLD_FIRST, NULL },
	{ "offered_at", COL_TIME, C(offer_row, offered_at), FOLD_FIRST, NULL },
	{ "shown_at",   COL_TIME, C(offer_row, shown_at),   FOLD_FIRST, NULL },
	{ "ended_at",   COL_TIME, C(offer_row, ended_at),   FOLD_FIRST, NULL },
	{ "reason",     COL_WORD, C(offer_row, reason),     FOLD_FIRST, NULL },
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
};

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
static const char ticket_event_source[] =
	"SELECT e.ticket, e.seq + row_number() OVER"
	" (PARTITION BY e.ticket ORDER BY e.n), e.key, e.at, e.kind, e.actor,"
	" e.text, e.for_customer FROM (SELECT u.*, t.id AS ticket, (SELECT"
	" coalesce(max(x.seq), 0) FROM ticket_event x WHERE x.ticket_id = t.id)"
	" AS seq FROM %s WITH ORDINALITY AS u(ticket_id, call_id, key, at, kind,"
	" actor, text, for_customer, n) LEFT JOIN LATERAL (SELECT id FROM ticket"
	" WHERE u.call_id IS NOT NULL AND call_id = u.call_id UNION ALL"
	" SELECT id FROM ticket WHERE u.call_id IS NULL AND id = u.ticket_id)"
	" AS t ON true WHERE NOT EXISTS"
	" (SELECT FROM ticket_event k WHERE k.key = u.key)) AS e";

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
	[ROW_TICKET_OF_CALL] = { "ticket", sizeof(struct ticket_full),
	  COLS(ticket), KEY(ticket_row, call_id), C(ticket_row, rev),
	  "call_id", NULL },
	[ROW_TICKET] = { "ticket", sizeof(struct ticket_full), COLS(ticket),
	  KEY(ticket_row, id), C(ticket_row, rev), "id", NULL },
	[ROW_TICKET_EVENT] = { "ticket_event", sizeof(struct ticket_event_row),
	  COLS(ticket_event), NOT_FOLDED, "key", ticket_event_source },
	[ROW_AGENT_STATE] = { "agent_state", sizeof(struct agent_state_row),
	  COLS(agent_state), NOT_FOLDED, "agent_id, since, seq", NULL },
	[ROW_AUDIT] = { "audit", sizeof(struct audit_row), COLS(audit),
	  NOT_FOLDED, "key", NULL },
	[ROW_STREAM] = { "stream", sizeof(struct stream_row), COLS(stream),
	  KEY(stream_row, key), SIZE_MAX, "switch_id, epoch", NULL },
	[ROW_QUARANTINE] = { "event_quarantine", sizeof(struct quarantine_row),
	  COLS(quarantine), NOT_FOLDED, "key", NULL },
};

static const struct type {
	const char *sql; /* of the array's elements */
	size_t size;
} types[COL_NTYPES] = {
	[COL_ID]    = { "uuid", sizeof(struct id) },
	[COL_INT4]  = { "int4", sizeof(uint32_t) },
	[COL_COUNT] = { "int4", sizeof(uint32_t) },
	[COL_INT8]  = { "int8", sizeof(uint64_t) },
	[COL_BITS]  = { "int8", sizeof(uint64_t) },
	[COL_TIME]  = { "timestamptz", sizeof(int64_t) },
	[COL_TEXT]  = { "text", sizeof(struct str) },
	[COL_NOTE]  = { "text", sizeof(struct str) },
	[COL_WORD]  = { "text", sizeof(const char *) },
	[COL_BOOL]  = { "bool", sizeof(bool) },
};
/* clang-format on */

struct str
row_customer_number(struct str e164, struct str caller)
{
	if (e164.len > 0)
		return e164;
	for (uint32_t i = 0; i < caller.len; i++)
		if (caller.p[i] < '0' || caller.p[i] > '9')
			return (struct str){ NULL, 0 };
	return caller;
}

static const void *
field(const struct col *c, const void *row)
{
	return (const char *)row + c->offset;
}

bool
row_is_null(const struct col *c, const void *row)
{
	const void *f = field(c, row);

	switch (c->type) {
	case COL_ID:
		return id_is_none(f);
	case COL_INT4:
		return *(const uint32_t *)f == 0;
	case COL_INT8:
	case COL_TIME:
		return *(const uint64_t *)f == 0;
	case COL_TEXT:
		return ((const struct str *)f)->len == 0;
	case COL_WORD:
		return *(const char *const *)f == NULL;
	default:
		return false;
	}
}

enum err
row_keep(const struct row_table *t, void *row, struct arena *a)
{
	for (const struct col *c = t->cols; c < t->cols + t->n_cols; c++) {
		struct str *s = (struct str *)((char *)row + c->offset);

		if ((c->type != COL_TEXT && c->type != COL_NOTE) || s->len == 0)
			continue;
		*s = arena_copy(a, *s);
		if (s->p == NULL)
			return ERR_NOMEM;
	}
	return ERR_OK;
}

static uint32_t
order_of(const struct row_table *t, const void *row)
{
	if (t->order_offset == SIZE_MAX)
		return 0;
	return *(const uint32_t *)((const char *)row + t->order_offset);
}

/* FOLD_MAX of both widths. */
static bool
is_greater(const struct col *c, const void *a, const void *b)
{
	if (types[c->type].size == sizeof(uint64_t))
		return *(const uint64_t *)field(c, a) >
		       *(const uint64_t *)field(c, b);
	return *(const uint32_t *)field(c, a) > *(const uint32_t *)field(c, b);
}

void
row_fold(const struct row_table *t, void *into, const void *row)
{
	bool later = order_of(t, row) >= order_of(t, into), take;

	for (const struct col *c = t->cols; c < t->cols + t->n_cols; c++) {
		switch (c->fold) {
		case FOLD_LATEST:
			take =
			    later ? !row_is_null(c, row) : row_is_null(c, into);
			break;
		case FOLD_MAX:
			take = is_greater(c, row, into);
			break;
		case FOLD_ANY:
			take = *(const bool *)field(c, row);
			break;
		case FOLD_FIRST:
			take = row_is_null(c, into);
			break;
		default:
			take = false;
		}
		if (take)
			memcpy((char *)into + c->offset, field(c, row),
			    types[c->type].size);
	}
}

/* ------------------------------------------------------------- SQL text */

struct text {
	char *p;
	size_t len, room;
};

static void PRINTF_LIKE(2, 3) add(struct text *t, const char *fmt, ...)
{
	size_t left = t->len < t->room ? t->room - t->len : 0;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(left > 0 ? t->p + t->len : NULL, left, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	t->len += (size_t)n;
}

static void
add_unnest(struct text *out, const struct row_table *t)
{
	add(out, "unnest(");
	for (unsigned i = 0; i < t->n_cols; i++)
		add(out, "%s$%u::%s[]", i > 0 ? ", " : "", i + 1,
		    types[t->cols[i].type].sql);
	add(out, ")");
}

static void
add_select(struct text *out, const struct row_table *t)
{
	add(out, "SELECT ");
	for (unsigned i = 0; i < t->n_cols; i++) {
		const struct col *c = &t->cols[i];

		if (c->sql != NULL)
			add(out, "%s%s", i > 0 ? ", " : "", c->sql);
		else
			add(out, "%su.%s", i > 0 ? ", " : "", c->name);
	}
	add(out, " FROM ");
	add_unnest(out, t);
	add(out, " AS u(");
	for (unsigned i = 0; i < t->n_cols; i++)
		add(out, "%s%s", i > 0 ? ", " : "", t->cols[i].name);
	add(out, ")");
}

static void
add_source(struct text *out, const struct row_table *t)
{
	const char *hole = strstr(t->source, "%s");

	assert(hole != NULL);
	add(out, "%.*s", (int)(hole - t->source), t->source);
	add_unnest(out, t);
	add(out, "%s", hole + 2);
}

/* `r' is the row that stands there, `excluded' the one that came. */
static void
add_fold(struct text *out, const struct col *c, const char *order)
{
	const char *n = c->name;

	switch (c->fold) {
	case FOLD_LATEST:
		add(out,
		    "%s = CASE WHEN excluded.%s >= r.%s"
		    " THEN coalesce(excluded.%s, r.%s)"
		    " ELSE coalesce(r.%s, excluded.%s) END",
		    n, order, order, n, n, n, n);
		break;
	case FOLD_MAX:
		add(out, "%s = greatest(r.%s, excluded.%s)", n, n, n);
		break;
	case FOLD_ANY:
		add(out, "%s = r.%s OR excluded.%s", n, n, n);
		break;
	default:
		add(out, "%s = coalesce(r.%s, excluded.%s)", n, n, n);
	}
}

static const char *
order_name(const struct row_table *t)
{
	for (unsigned i = 0; i < t->n_cols; i++)
		if (t->cols[i].offset == t->order_offset)
			return t->cols[i].name;
	return "";
}

static void
add_folds(struct text *out, const struct row_table *t)
{
	const char *sep = "";

	if (t->key_size == 0) {
		add(out, "NOTHING");
		return;
	}
	add(out, "UPDATE SET ");
	for (unsigned i = 0; i < t->n_cols; i++) {
		if (t->cols[i].fold == FOLD_KEY)
			continue;
		add(out, "%s", sep);
		add_fold(out, &t->cols[i], order_name(t));
		sep = ", ";
	}
}

enum err
row_sql(const struct row_table *t, char *out, size_t room)
{
	struct text x = { out, 0, room };

	add(&x, "INSERT INTO %s AS r (", t->name);
	if (t->source != NULL) {
		add(&x, "ticket_id, seq, key, at, kind, actor, text,"
			" for_customer) ");
		add_source(&x, t);
	} else {
		for (unsigned i = 0; i < t->n_cols; i++)
			add(&x, "%s%s", i > 0 ? ", " : "", t->cols[i].name);
		add(&x, ") ");
		add_select(&x, t);
	}
	add(&x, " ON CONFLICT (%s) DO ", t->conflict);
	add_folds(&x, t);
	return x.len < room ? ERR_OK : ERR_TOO_LARGE;
}
