/*
 * unit.c - rows gathered into a unit, and the unit that nobody will take.
 */
#include "store/unit.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/text.h"

#define UNIT_FIRST 2048
#define UNIT_CAP (1024 * 1024)

/* Longest text of one cell and of a whole unit in quarantine. */
#define CELL_MAX 4096
#define ROWS_MAX (256 * 1024)

static struct arena *
take_arena(struct unit_spares *spares)
{
	if (spares == NULL || spares->n == 0)
		return arena_new(UNIT_FIRST, UNIT_CAP);
	return spares->arenas[--spares->n];
}

static void
leave_arena(struct unit_spares *spares, struct arena *a)
{
	if (spares == NULL || spares->n == NELEM(spares->arenas)) {
		arena_free(&a);
		return;
	}
	arena_reset(a);
	spares->arenas[spares->n++] = a;
}

void
unit_spares_fini(struct unit_spares *spares)
{
	while (spares->n > 0)
		arena_free(&spares->arenas[--spares->n]);
}

struct ledger_unit *
ledger_unit_new(struct ledger *l)
{
	struct unit_spares *spares = l != NULL ? l->spares : NULL;
	struct arena *a = take_arena(spares);
	struct ledger_unit *u;

	if (a == NULL)
		return NULL;
	if ((u = arena_alloc(a, sizeof(*u))) == NULL) {
		arena_free(&a);
		return NULL;
	}
	u->arena = a;
	u->spares = spares;
	u->last = &u->first;
	return u;
}

void
ledger_unit_free(struct ledger_unit **up)
{
	if (*up == NULL)
		return;
	leave_arena((*up)->spares, (*up)->arena); /* the unit lies in it */
	*up = NULL;
}

const char *
ledger_unit_history(const struct ledger_unit *u)
{
	return u->history;
}

bool
ledger_unit_drop_events(struct ledger_unit *u)
{
	struct unit_row **r = &u->first;

	while (*r != NULL) {
		if ((*r)->kind == ROW_CALL || (*r)->kind == ROW_CALL_EVENT) {
			*r = (*r)->next;
			u->n_rows--;
		} else {
			r = &(*r)->next;
		}
	}
	u->last = r;
	memset(&u->stream, 0, sizeof(u->stream));
	return u->n_rows > 0;
}

size_t
unit_bytes(const struct ledger_unit *u)
{
	return arena_used(u->arena);
}

void
ledger_commit(
    struct ledger *l, struct ledger_unit **up, ledger_done_fn *done, void *arg)
{
	struct ledger_unit *u = *up;

	*up = NULL;
	l->ops->commit(l, u, done, arg);
}

/* A zeroed row of that kind, `size' bytes of it copied; NULL: no memory. */
static void *
put(struct ledger_unit *u, enum row_kind kind, const void *row, size_t size)
{
	const struct row_table *t = &row_tables[kind];
	struct unit_row *r = arena_alloc(u->arena, sizeof(*r));
	void *full = arena_alloc(u->arena, t->size);

	if (r == NULL || full == NULL)
		return NULL;
	memcpy(full, row, size);
	if (row_keep(t, full, u->arena) != ERR_OK)
		return NULL;
	r->kind = kind;
	r->row = full;
	*u->last = r;
	u->last = &r->next;
	u->n_rows++;
	return full;
}

static enum err
put_plain(
    struct ledger_unit *u, enum row_kind kind, const void *row, size_t size)
{
	return put(u, kind, row, size) != NULL ? ERR_OK : ERR_NOMEM;
}

static int64_t
first_of(const int64_t *times, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (times[i] != 0)
			return times[i];
	return 0;
}

enum err
ledger_put_call(struct ledger_unit *u, const struct call_row *r)
{
	const int64_t times[] = { r->offered_at, r->queued_at, r->delivered_at,
		r->established_at, r->ended_at };
	struct call_full *full;

	if (id_is_none(&r->id) || r->switch_id == 0 ||
	    r->switch_call.len == 0 || r->state == NULL)
		return ERR_BAD_FIELD;
	if ((full = put(u, ROW_CALL, r, sizeof(*r))) == NULL)
		return ERR_NOMEM;
	full->began_at = first_of(times, NELEM(times));
	u->stream.key.switch_id = r->switch_id;
	u->stream.key.epoch = r->epoch;
	return ERR_OK;
}

enum err
ledger_put_call_event(struct ledger_unit *u, const struct call_event_row *r)
{
	if (id_is_none(&r->call_id) || r->kind == NULL)
		return ERR_BAD_FIELD;
	if (r->stream_seq > u->stream.up_to)
		u->stream.up_to = r->stream_seq;
	return put_plain(u, ROW_CALL_EVENT, r, sizeof(*r));
}

enum err
ledger_put_offer(struct ledger_unit *u, const struct offer_row *r)
{
	if (r->id == 0)
		return ERR_BAD_FIELD;
	return put_plain(u, ROW_OFFER, r, sizeof(*r));
}

enum err
ledger_put_decision(struct ledger_unit *u, const struct decision_row *r)
{
	if (id_is_none(&r->call_id) || r->seq == 0 || r->at == 0 ||
	    r->kind == NULL || r->detail.len == 0)
		return ERR_BAD_FIELD;
	return put_plain(u, ROW_DECISION, r, sizeof(*r));
}

enum err
ledger_put_ticket(struct ledger_unit *u, const struct ticket_row *r)
{
	enum row_kind kind =
	    id_is_none(&r->call_id) ? ROW_TICKET : ROW_TICKET_OF_CALL;
	struct ticket_full *full;

	if (r->id == 0)
		return ERR_BAD_FIELD;
	if ((full = put(u, kind, r, sizeof(*r))) == NULL)
		return ERR_NOMEM;
	full->number =
	    row_customer_number(full->row.caller_e164, full->row.caller);
	if (full->row.status == NULL && full->row.opened_at != 0)
		full->row.status = "new";
	return ERR_OK;
}

enum err
ledger_put_ticket_event(struct ledger_unit *u, const struct ticket_event_row *r)
{
	if (id_is_none(&r->key) || r->kind == NULL || r->at == 0 ||
	    (r->ticket_id == 0 && id_is_none(&r->call_id)))
		return ERR_BAD_FIELD;
	u->history = r->kind;
	return put_plain(u, ROW_TICKET_EVENT, r, sizeof(*r));
}

enum err
ledger_put_dial(struct ledger_unit *u, const struct dial_row *r)
{
	if (r->order_id == 0)
		return ERR_BAD_FIELD;
	return put_plain(u, ROW_DIAL, r, sizeof(*r));
}

enum err
ledger_put_work(struct ledger_unit *u, const struct work_row *r)
{
	if (id_is_none(&r->id) || id_is_none(&r->call_id) || r->kind == NULL)
		return ERR_BAD_FIELD;
	return put_plain(u, ROW_WORK, r, sizeof(*r));
}

enum err
ledger_put_agent_state(struct ledger_unit *u, const struct agent_state_row *r)
{
	if (r->agent_id == 0 || r->since == 0 || r->state == NULL)
		return ERR_BAD_FIELD;
	return put_plain(u, ROW_AGENT_STATE, r, sizeof(*r));
}

enum err
ledger_put_audit(struct ledger_unit *u, const struct audit_row *r)
{
	if (id_is_none(&r->key) || r->at == 0)
		return ERR_BAD_FIELD;
	return put_plain(u, ROW_AUDIT, r, sizeof(*r));
}

enum err
ledger_put_sla_ticket(struct ledger_unit *u, const struct sla_ticket_row *r)
{
	if (r->ticket_id == 0 || r->eval == 0 || id_is_none(&r->writer) ||
	    r->as_of == 0 || r->shares.len == 0)
		return ERR_BAD_FIELD;
	return put_plain(u, ROW_SLA_TICKET, r, sizeof(*r));
}

enum err
ledger_put_sla_clock(struct ledger_unit *u, const struct sla_clock_row *r)
{
	if (r->ticket_id == 0 || r->eval == 0 || id_is_none(&r->writer) ||
	    r->metric == NULL || r->agreement == NULL || r->cycle == 0 ||
	    r->stage == NULL)
		return ERR_BAD_FIELD;
	return put_plain(u, ROW_SLA_CLOCK, r, sizeof(*r));
}

enum err
ledger_put_sla_event(struct ledger_unit *u, const struct sla_event_row *r)
{
	if (r->ticket_id == 0 || r->eval == 0 || id_is_none(&r->writer) ||
	    r->metric == NULL || r->agreement == NULL || r->cycle == 0 ||
	    r->kind == NULL || r->at == 0 || r->detected_at == 0)
		return ERR_BAD_FIELD;
	return put_plain(u, ROW_SLA_EVENT, r, sizeof(*r));
}

enum err
ledger_put_sla_done(struct ledger_unit *u, const struct sla_done_row *r)
{
	if (r->todo == 0 || r->ticket_id == 0 || r->eval == 0 ||
	    id_is_none(&r->writer))
		return ERR_BAD_FIELD;
	return put_plain(u, ROW_SLA_DONE, r, sizeof(*r));
}

/* ------------------------------------------------------------- quarantine */

static json_t *
json_clean(struct str s)
{
	char out[CELL_MAX];
	size_t n = text_clean(s, true, out, sizeof(out));

	return json_stringn(out, n);
}

static json_t *
json_cell(const struct col *c, const void *row)
{
	const void *f = (const char *)row + c->offset;
	char hex[ID_TEXT_LEN + 1];

	switch (c->type) {
	case COL_ID:
		return json_string(id_text(f, hex));
	case COL_INT4:
	case COL_COUNT:
		return json_integer(*(const uint32_t *)f);
	case COL_INT8:
	case COL_BITS:
	case COL_TIME:
		return json_integer(*(const int64_t *)f);
	case COL_TEXT:
	case COL_NOTE:
		return json_clean(*(const struct str *)f);
	case COL_WORD:
		return json_clean(str_of(*(const char *const *)f));
	case COL_BOOL:
		return json_boolean(*(const bool *)f);
	default:
		return json_null();
	}
}

static json_t *
json_row(const struct unit_row *r)
{
	const struct row_table *t = &row_tables[r->kind];
	json_t *cells = json_object();

	for (const struct col *c = t->cols; c < t->cols + t->n_cols; c++)
		if (!row_is_null(c, r->row) &&
		    json_object_set_new(cells, c->name, json_cell(c, r->row)) !=
			0)
			break; /* no memory: better less than nothing */
	return json_pack("{s:s, s:o}", "table", t->name, "row", cells);
}

static int64_t
time_of(const struct ledger_unit *u)
{
	for (const struct unit_row *r = u->first; r != NULL; r = r->next) {
		const struct row_table *t = &row_tables[r->kind];

		for (unsigned i = 0; i < t->n_cols; i++)
			if (t->cols[i].type == COL_TIME &&
			    !row_is_null(&t->cols[i], r->row))
				return *(const int64_t *)((const char *)r->row +
							  t->cols[i].offset);
	}
	return 0;
}

static struct str
rows_as_json(struct ledger_unit *u)
{
	struct str out = STR_LIT("[]");
	json_t *all = json_array();
	char *text;

	for (const struct unit_row *r = u->first; r != NULL; r = r->next)
		if (json_array_append_new(all, json_row(r)) != 0)
			break;
	text = json_dumps(all, JSON_COMPACT);
	if (text != NULL && strlen(text) <= ROWS_MAX) {
		struct str kept = arena_copy(u->arena, str_of(text));

		if (kept.p != NULL)
			out = kept;
	}
	free(text);
	json_decref(all);
	return out;
}

/* What stands for a time that PostgreSQL's calendar does not have. */
static int64_t
time_within(int64_t at)
{
	const int64_t most = INT64_C(250000000000000000); /* the year 9892 */

	return at > -most && at < most ? at : 0;
}

void
unit_quarantine(struct ledger_unit *u, const char *sqlstate, const char *reason)
{
	struct quarantine_row *q = arena_alloc(u->arena, sizeof(*q));
	struct str raw = str_of(reason);
	static struct quarantine_row spare; /* without memory: no details */
	char clean[1024];

	if (q == NULL) {
		spare.sqlstate = STR_LIT("53200");
		spare.rows = STR_LIT("[]");
		u->quarantine = &spare;
		return;
	}
	q->at = time_within(time_of(u));
	q->sqlstate = arena_copy(u->arena, str_of(sqlstate));
	q->reason = arena_copy(u->arena,
	    (struct str){ clean,
		(uint32_t)text_clean(raw, false, clean, sizeof(clean)) });
	q->rows = rows_as_json(u);
	crypto_generichash(q->key.b, sizeof(q->key.b),
	    (const unsigned char *)q->rows.p, q->rows.len, NULL, 0);
	u->quarantine = q;
}

void
unit_quarantine_bare(struct ledger_unit *u)
{
	u->quarantine->at = 0;
	u->quarantine->reason = (struct str){ NULL, 0 };
	u->quarantine->rows = STR_LIT("[]");
}
