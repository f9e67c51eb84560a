/*
 * pg_batch.c - rows by table, folded, as arrays.
 */
#include "store/pg_batch.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/pg_array.h"
#include "store/row.h"

#define SQL_MAX 8192
#define FOLD_CAP (16 * 1024 * 1024)

enum extra { STMT_TURN = ROW_NKINDS, STMT_CUSTOMER, STMT_CLASH, NSTMTS };

/* A row and its place, so that equal keys stay in order. */
struct item {
	const void *row;
	unsigned place;
};

struct rows {
	struct item *items;
	unsigned n, room;
};

struct pg_batch {
	struct rows rows[NSTMTS];
	const void **list; /* of one statement */
	unsigned list_room;
	struct pg_buf buf;
	struct arena *folded;
	struct pg_statement statements[NSTMTS];
	unsigned n_statements;
	char sql[ROW_NKINDS][SQL_MAX];
};

/* The order of sending: what later statements look up comes first. */
/* clang-format off */
static const unsigned order[] = { STMT_CUSTOMER, ROW_CALL, ROW_CALL_EVENT,
	STMT_CLASH, ROW_OFFER, ROW_DECISION, ROW_DIAL, ROW_TICKET_OF_CALL, ROW_TICKET,
	ROW_WORK, ROW_TICKET_EVENT, ROW_SLA_TICKET, ROW_SLA_CLOCK, ROW_SLA_EVENT,
	ROW_SLA_DONE, ROW_AGENT_STATE, ROW_AUDIT, ROW_STREAM,
	ROW_QUARANTINE };

static const char *const names[NSTMTS] = {
	[ROW_CALL] = "put_call", [ROW_CALL_EVENT] = "put_call_event",
	[ROW_OFFER] = "put_offer", [ROW_DECISION] = "put_decision",
	[ROW_DIAL] = "put_dial",
	[ROW_TICKET_OF_CALL] = "put_ticket_of_call",
	[ROW_TICKET] = "put_ticket",
	[ROW_WORK] = "put_work", [ROW_TICKET_EVENT] = "put_ticket_event",
	[ROW_SLA_TICKET] = "put_sla_ticket", [ROW_SLA_CLOCK] = "put_sla_clock",
	[ROW_SLA_EVENT] = "put_sla_event", [ROW_SLA_DONE] = "put_sla_done",
	[ROW_AGENT_STATE] = "put_agent_state", [ROW_AUDIT] = "put_audit",
	[ROW_STREAM] = "put_stream", [ROW_QUARANTINE] = "put_quarantine",
	[STMT_TURN] = "turn", [STMT_CUSTOMER] = "put_customer",
	[STMT_CLASH] = "find_clash",
};

static const char turn_sql[] = "SELECT ledger_turn($1, $2)";

static const struct col customer_cols[] = {
	{ "number", COL_TEXT, offsetof(struct ticket_full, number), FOLD_KEY,
	  NULL },
	{ "since", COL_TIME, offsetof(struct ticket_row, opened_at),
	  FOLD_FIRST, NULL },
};
static const char customer_sql[] =
	"WITH made AS (INSERT INTO customer_number"
	" (number, customer_id, since)"
	" SELECT u.number, nextval('customer_id_seq'), u.since"
	" FROM (SELECT number, min(since) AS since"
	" FROM unnest($1::text[], $2::timestamptz[]) AS x(number, since)"
	" WHERE NOT EXISTS (SELECT FROM customer_number k"
	" WHERE k.number = x.number) GROUP BY number ORDER BY number) AS u"
	" ON CONFLICT (number) DO NOTHING RETURNING customer_id, since)"
	" INSERT INTO customer (id, since) OVERRIDING SYSTEM VALUE"
	" SELECT customer_id, since FROM made";

/* An event that may be a repeat and is not: the first stays, both are told. */
static const struct col clash_cols[] = {
	{ "call_id", COL_ID, offsetof(struct call_event_row, call_id),
	  FOLD_KEY, NULL },
	{ "seq", COL_COUNT, offsetof(struct call_event_row, seq), FOLD_KEY,
	  NULL },
	{ "digest", COL_BITS, offsetof(struct call_event_row, digest),
	  FOLD_FIRST, NULL },
	{ "at", COL_TIME, offsetof(struct call_event_row, received_at),
	  FOLD_FIRST, NULL },
};
static const char clash_sql[] =
	"WITH clash AS (SELECT replace(u.call_id::text, '-', '') AS call,"
	" u.seq, u.digest, e.digest AS first,"
	" coalesce(u.at, e.received_at, 'epoch') AS at"
	" FROM unnest($1::uuid[], $2::int4[], $3::int8[], $4::timestamptz[])"
	" AS u(call_id, seq, digest, at) JOIN call_event e"
	" ON e.call_id = u.call_id AND e.seq = u.seq"
	" WHERE e.digest <> u.digest),"
	" told AS (INSERT INTO audit (key, at, actor, action, object, detail)"
	" SELECT md5(concat_ws(' ', call, seq, digest))::uuid, at, 'system',"
	" 'event_conflict', call, format('event %s came again as %s, was %s',"
	" seq, digest, first) FROM clash ON CONFLICT (key) DO NOTHING)"
	" SELECT call, seq, digest FROM clash";
/* clang-format on */

static void
add_statement(struct pg_batch *b, const char *name, const char *sql)
{
	b->statements[b->n_statements++] = (struct pg_statement){ name, sql };
}

struct pg_batch *
pg_batch_new(void)
{
	struct pg_batch *b = calloc(1, sizeof(*b));

	if (b == NULL || (b->folded = arena_new(64 * 1024, FOLD_CAP)) == NULL) {
		pg_batch_free(&b);
		return NULL;
	}
	for (unsigned k = ROW_NONE + 1; k < ROW_NKINDS; k++) {
		enum err e = row_sql(&row_tables[k], b->sql[k], SQL_MAX);

		assert(e == ERR_OK);
		add_statement(b, names[k], b->sql[k]);
	}
	add_statement(b, names[STMT_TURN], turn_sql);
	add_statement(b, names[STMT_CUSTOMER], customer_sql);
	add_statement(b, names[STMT_CLASH], clash_sql);
	return b;
}

void
pg_batch_free(struct pg_batch **bp)
{
	struct pg_batch *b = *bp;

	if (b == NULL)
		return;
	for (unsigned i = 0; i < NSTMTS; i++)
		free(b->rows[i].items);
	free(b->list);
	pg_buf_free(&b->buf);
	arena_free(&b->folded);
	free(b);
	*bp = NULL;
}

const struct pg_statement *
pg_batch_statements(const struct pg_batch *b, unsigned *n)
{
	*n = b->n_statements;
	return b->statements;
}

void
pg_batch_clear(struct pg_batch *b)
{
	for (unsigned i = 0; i < NSTMTS; i++)
		b->rows[i].n = 0;
	arena_reset(b->folded);
}

static enum err
add_row(struct rows *r, const void *row)
{
	unsigned room = r->room > 0 ? r->room * 2 : 64;
	struct item *items;

	if (r->n == r->room) {
		items = realloc(r->items, room * sizeof(*items));
		if (items == NULL)
			return ERR_NOMEM;
		r->items = items;
		r->room = room;
	}
	r->items[r->n] = (struct item){ row, r->n };
	r->n++;
	return ERR_OK;
}

/* The row, and what else has to be asked because of it. */
static enum err
add_unit_row(struct pg_batch *b, const struct unit_row *r)
{
	enum err e = add_row(&b->rows[r->kind], r->row);

	if (e != ERR_OK)
		return e;
	switch (r->kind) {
	case ROW_CALL_EVENT:
		if (((const struct call_event_row *)r->row)->maybe_repeat)
			return add_row(&b->rows[STMT_CLASH], r->row);
		return ERR_OK;
	case ROW_TICKET:
	case ROW_TICKET_OF_CALL:
		if (((const struct ticket_full *)r->row)->number.len > 0)
			return add_row(&b->rows[STMT_CUSTOMER], r->row);
		return ERR_OK;
	default:
		return ERR_OK;
	}
}

enum err
pg_batch_add(struct pg_batch *b, const struct ledger_unit *u)
{
	enum err e = ERR_OK;

	if (u->quarantine != NULL)
		e = add_row(&b->rows[ROW_QUARANTINE], u->quarantine);
	else
		for (const struct unit_row *r = unit_rows(u);
		     r != NULL && e == ERR_OK; r = r->next)
			e = add_unit_row(b, r);
	if (e == ERR_OK && u->stream.key.switch_id != 0 && u->stream.up_to != 0)
		e = add_row(&b->rows[ROW_STREAM], &u->stream);
	return e;
}

/* ----------------------------------------------------------------- folding */

static int
by_key(const void *a, const void *b, void *arg)
{
	const struct item *x = a, *y = b;
	const struct row_table *t = arg;
	int d = memcmp((const char *)x->row + t->key_offset,
	    (const char *)y->row + t->key_offset, t->key_size);

	return d != 0 ? d : (x->place > y->place) - (x->place < y->place);
}

static bool
same_key(const struct row_table *t, const void *a, const void *b)
{
	return memcmp((const char *)a + t->key_offset,
		   (const char *)b + t->key_offset, t->key_size) == 0;
}

/* Rows stay as they are, for a second try; what folds is a copy. */
static enum err
fold(struct pg_batch *b, const struct row_table *t, struct rows *r)
{
	unsigned n = 0;
	void *into = NULL; /* the copy that items[n - 1] is, if it is one */

	qsort_r(
	    r->items, r->n, sizeof(*r->items), by_key, (void *)(uintptr_t)t);
	for (unsigned i = 0; i < r->n; i++) {
		if (n == 0 ||
		    !same_key(t, r->items[n - 1].row, r->items[i].row)) {
			r->items[n++] = r->items[i];
			into = NULL;
			continue;
		}
		if (into == NULL) {
			into = arena_alloc(b->folded, t->size);
			if (into == NULL)
				return ERR_NOMEM;
			memcpy(into, r->items[n - 1].row, t->size);
			r->items[n - 1].row = into;
		}
		row_fold(t, into, r->items[i].row);
	}
	r->n = n;
	return ERR_OK;
}

/* ----------------------------------------------------------------- sending */

static enum err
list_rows(struct pg_batch *b, const struct rows *r)
{
	const void **list;

	if (r->n > b->list_room) {
		list = realloc(b->list, r->room * sizeof(*list));
		if (list == NULL)
			return ERR_NOMEM;
		b->list = list;
		b->list_room = r->room;
	}
	for (unsigned i = 0; i < r->n; i++)
		b->list[i] = r->items[i].row;
	return ERR_OK;
}

static enum err
send_rows(struct pg_batch *b, struct pg_conn *c, const char *name,
    const struct col *cols, unsigned n_cols, const struct rows *r)
{
	const char *values[ROW_MAX_COLS];
	int lengths[ROW_MAX_COLS], formats[ROW_MAX_COLS];
	const struct pg_args args = { (int)n_cols, values, lengths, formats };
	size_t at[ROW_MAX_COLS];
	enum err e = list_rows(b, r);

	assert(n_cols <= ROW_MAX_COLS);
	b->buf.len = 0;
	for (unsigned i = 0; e == ERR_OK && i < n_cols; i++) {
		at[i] = b->buf.len;
		e = pg_array_put(&b->buf, &cols[i], b->list, r->n);
		lengths[i] = (int)(b->buf.len - at[i]);
		formats[i] = 1;
	}
	if (e != ERR_OK)
		return e;
	for (unsigned i = 0; i < n_cols; i++)
		values[i] = (const char *)b->buf.p + at[i];
	pg_conn_send(c, name, &args);
	return ERR_OK;
}

static enum err
send_statement(struct pg_batch *b, struct pg_conn *c, unsigned k)
{
	const struct row_table *t;
	struct rows *r = &b->rows[k];
	enum err e = ERR_OK;

	if (r->n == 0)
		return ERR_OK;
	if (k == STMT_CUSTOMER)
		return send_rows(
		    b, c, names[k], customer_cols, NELEM(customer_cols), r);
	if (k == STMT_CLASH)
		return send_rows(
		    b, c, names[k], clash_cols, NELEM(clash_cols), r);
	t = &row_tables[k];
	if (t->key_size > 0)
		e = fold(b, t, r);
	return e == ERR_OK ? send_rows(b, c, names[k], t->cols, t->n_cols, r)
	                   : e;
}

enum err
pg_batch_send(
    struct pg_batch *b, struct pg_conn *c, uint64_t after, uint64_t mine)
{
	char from[24], to[24];
	const char *const values[] = { from, to };
	const struct pg_args turn = { 2, values, NULL, NULL };
	enum err e = ERR_OK;

	snprintf(from, sizeof(from), "%" PRIu64, after);
	snprintf(to, sizeof(to), "%" PRIu64, mine);
	pg_conn_send(c, names[STMT_TURN], &turn);
	for (unsigned i = 0; e == ERR_OK && i < NELEM(order); i++)
		e = send_statement(b, c, order[i]);
	if (e == ERR_OK)
		pg_conn_sync(c);
	return e;
}
