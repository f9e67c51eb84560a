/*
 * handler_work.c - work without a live call: what agents are told of theirs,
 * say of it, and what waits.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/cells.h"
#include "net/list.h"

_Static_assert(
    (int)MASHANG__WORK_KIND__WORK_TICKET == (int)WORK_TICKET, "same order");
_Static_assert(
    (int)MASHANG__WORK_STATE_KIND__WORK_CANCELLED == (int)WORK_CANCELLED,
    "same order");

/* ------------------------------------------------------------------- news */

static ProtobufCBinaryData
id_bytes(const struct id *id)
{
	return (
	    ProtobufCBinaryData){ sizeof(id->b), (uint8_t *)(uintptr_t)id->b };
}

void
work_offer_fill(const struct offer_news *o, Mashang__Offer *m)
{
	if (o->work_kind == WORK_NONE)
		return;
	m->call_id = (ProtobufCBinaryData){ 0, NULL };
	m->work_kind = (Mashang__WorkKind)o->work_kind;
	m->work_id = id_bytes(&o->work);
	m->number = bytes_of(o->number);
	m->subject = bytes_of(o->subject);
}

void
work_tell_state(void *arg, uint32_t agent, const struct work_news *n)
{
	struct session *s = agent_session(arg, agent);
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__WorkState m = MASHANG__WORK_STATE__INIT;

	if (s == NULL)
		return;
	m.work_id = id_bytes(&n->work);
	m.kind = (Mashang__WorkKind)n->kind;
	m.state = (Mashang__WorkStateKind)n->state;
	m.queue = bytes_of(n->queue);
	m.ticket = n->ticket;
	m.number = bytes_of(n->number);
	m.at = n->at;
	e.body_case = MASHANG__ENVELOPE__BODY_WORK_STATE;
	e.work_state = &m;
	session_push(s, &e);
}

/* ------------------------------------------------------------------- done */

struct work_ask {
	struct ask ask;
	struct id item;
};

static enum err
why_not(struct session *s, enum err e, const struct id *item)
{
	char hex[ID_TEXT_LEN + 1];

	switch (e) {
	case ERR_NOT_FOUND:
		return fault(&s->net->fault, e, "work", id_text(item, hex),
		    NULL);
	case ERR_FORBIDDEN:
		return session_forbidden(s, s->role, "work_done");
	case ERR_REFUSED:
		return fault(&s->net->fault, e, "work",
		    "it is over with its call", NULL);
	case ERR_BUSY:
		return fault(&s->net->fault, e, "work", id_text(item, hex),
		    NULL);
	default:
		return fault(&s->net->fault, ERR_IO, "ledger", NULL);
	}
}

static void
work_closed(void *arg, enum err e)
{
	struct work_ask *a = arg;
	struct session *s = ask_end(&a->ask);

	if (s != NULL && e == ERR_OK) {
		session_done(s, &a->ask.op, 0);
		s->net->news.saved(s->net->news.arg, s, &a->ask.op);
	} else if (s != NULL) {
		session_fail(s, &a->ask.op, why_not(s, e, &a->item));
	}
	free(a);
}

enum err
on_work_done(struct session *s, const Mashang__Envelope *e)
{
	const Mashang__WorkDone *m = e->work_done;
	struct desk_action action = action_of(s, e);
	struct work_ask *a;
	enum err why;

	if (m->work_id.len != sizeof(a->item.b))
		return fault(
		    &s->net->fault, ERR_BAD_FIELD, "work_id", "16 bytes", NULL);
	if ((a = ask_new(s, &action.op, sizeof(*a))) == NULL)
		return ERR_BUSY;
	memcpy(a->item.b, m->work_id.data, sizeof(a->item.b));
	why = desk_work_done(s->net->desk, &action, &a->item, work_closed, a);
	if (why == ERR_OK)
		return ERR_OK;
	why = why_not(s, why, &a->item);
	ask_end(&a->ask);
	free(a);
	return why;
}

/* ------------------------------------------------------------------- lists */

/* clang-format off */
static const struct column work_columns[] = {
	{ "work",     CELL_TEXT,   "The item's id, 32 digits." },
	{ "kind",     CELL_TEXT,   "callback, follow_up or ticket." },
	{ "ticket",   CELL_NUMBER, "Its ticket's number." },
	{ "queue",    CELL_TEXT,   "Whose agents are offered it." },
	{ "number",   CELL_TEXT,   "Who is to be called." },
	{ "since",    CELL_TIME,   "Its place: of a callback the call's." },
	{ "waits",    CELL_DURATION, "Since then." },
	{ "tries",    CELL_NUMBER, "How often the customer was rung." },
	{ "of",       CELL_NUMBER, "How often at most." },
	{ "state",    CELL_TEXT,   "waiting or taken." },
	{ "not_before", CELL_TIME, "When it is offered again." },
	{ "expires_at", CELL_TIME, "When it is given up." },
	{ "agent",    CELL_TEXT,   "Who has taken it." },
	{ "why",      CELL_TEXT,   "What became of the last try." },
};
/* clang-format on */

static void
work_cells(const struct str *c, int64_t now, struct cell *out)
{
	const struct cell cells[NELEM(work_columns)] = {
		text_cell(c[1]),
		text_cell(c[2]),
		{ .null = c[3].len == 0,
		    .number = (int64_t)desk_ticket_number(
			(uint64_t)cell_number(c[3])) },
		text_cell(c[4]),
		text_cell(c[5]),
		time_cell(cell_number(c[0])),
		number_cell(now - cell_number(c[0])),
		number_cell(cell_number(c[7])),
		number_cell(cell_number(c[8])),
		text_cell(c[9]),
		time_cell(cell_number(c[10])),
		time_cell(cell_number(c[11])),
		text_cell(c[12]),
		text_cell(c[13]),
	};

	memcpy(out, cells, sizeof(cells));
}

static void
work_read(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct list_ask *a = arg;
	struct session *s = list_answered(a, e, rows, NELEM(work_columns));
	struct cell cells[NELEM(work_columns)];
	struct page page;
	char text[24];
	unsigned i;
	uint64_t next;

	if (s != NULL) {
		page_begin(&page, s, work_columns, NELEM(work_columns), 0);
		for (i = 0; i < rows->n; i++) {
			work_cells(rows->cells + (size_t)i * rows->n_columns,
			    net_now(s->net), cells);
			if (!page_add(&page, cells))
				break;
		}
		next = a->cursor + i;
		if (i == rows->n && rows->n < a->limit)
			next = 0;
		page_send(&page, s, &a->ask.op, list_cursor(next, text));
	}
	free(a);
}

/* where queue=. */
enum err
show_work(struct request *r)
{
	struct str queue = list_where(r, "queue");
	unsigned limit = r->limit == 0 || r->limit > LIST_ROWS_MAX
	                     ? LIST_ROWS_MAX
	                     : r->limit;
	char from[24], rows[16];

	for (unsigned i = 0; i < r->n_where; i++)
		if (!str_eq(r->where[i].key, STR_LIT("queue")))
			return fault(&r->s->net->fault, ERR_BAD_FIELD, "where",
			    "queue", NULL);
	snprintf(from, sizeof(from), "%" PRIu64, r->cursor);
	snprintf(rows, sizeof(rows), "%u", limit);
	const struct str args[] = { queue, str_of(from), str_of(rows) };
	return list_ask(
	    r, LQ_WORK_LIST, NELEM(args), args, limit, work_read);
}
