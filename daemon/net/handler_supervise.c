/*
 * handler_supervise.c - supervisors' commands, answered with how it was, how it
 * is, and what that does to the others who wait.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/supervise.h"
#include "net/list.h"

#define CREDIT_MAX_US (INT64_C(24) * 3600 * 1000000)
#define CLASS_MAX 1000

/* clang-format off */
static const struct column columns[] = {
	{ "object",  CELL_TEXT,   "The agent, the call's id or the queue." },
	{ "before",  CELL_TEXT,   "How it was." },
	{ "after",   CELL_TEXT,   "How it is, or would be." },
	{ "version", CELL_NUMBER, "Its version now: what --expect names." },
	{ "place_before", CELL_NUMBER, "The call's place among those who wait." },
	{ "place_after", CELL_NUMBER, "Its new one." },
	{ "queue",   CELL_TEXT,   "Whose callers feel it." },
	{ "waiting", CELL_NUMBER, "Others who wait there." },
	{ "longer",  CELL_NUMBER, "Of these, behind one more than before." },
	{ "shorter", CELL_NUMBER, "Of these, behind one less." },
	{ "agents",  CELL_NUMBER, "Free agents for them, more or less." },
};
/* clang-format on */

struct supervise_ask {
	struct ask ask;
	bool door, dry_run;
};

static struct cell
count_cell(int64_t n)
{
	return (struct cell){ .null = n == 0, .number = n };
}

static void
send_page(struct session *s, const struct id *op, const struct supervised *a)
{
	static const struct supervise_effect none;
	struct page page;

	page_begin(&page, s, columns, NELEM(columns), 0);
	for (unsigned i = 0; i == 0 || i < a->n_effects; i++) {
		const struct supervise_effect *e =
		    i < a->n_effects ? &a->effects[i] : &none;
		const struct cell cells[] = {
			text_cell(a->object),
			text_cell(a->before),
			text_cell(a->after),
			number_cell((int64_t)a->version),
			count_cell(a->place_before),
			count_cell(a->place_after),
			text_cell(e->queue),
			number_cell(e->waiting),
			number_cell(e->longer),
			number_cell(e->shorter),
			number_cell(e->agents),
		};

		if (!page_add(&page, cells))
			break;
	}
	page_send(&page, s, op, (struct str){ NULL, 0 });
}

static enum err
supervise_fault(struct session *s, enum err e, const struct supervised *a)
{
	struct fault *f = &s->net->fault;
	char wanted[FAULT_PARAM_LEN];
	char detail[TEXT_LEN + 1], object[TEXT_LEN + 1], before[TEXT_LEN + 1],
	    version[24];

	snprintf(detail, sizeof(detail), "%.*s", STR_ARG(a->detail));
	snprintf(object, sizeof(object), "%.*s", STR_ARG(a->object));
	snprintf(before, sizeof(before), "%.*s", STR_ARG(a->before));
	snprintf(version, sizeof(version), "%" PRIu64, a->version);
	switch (e) {
	case ERR_STALE:
		return fault(f, e, "supervise", object, before, version, NULL);
	case ERR_BAD_FIELD:
		if (strcmp(a->why, "reason") == 0 &&
		    !desk_reason_is_good(
			s->net->desk, a->detail, wanted, sizeof(wanted)))
			return fault(f, e, a->why, wanted, detail, NULL);
		return fault(f, e, a->why, detail, NULL);
	case ERR_REFUSED:
	case ERR_NOT_FOUND:
		return fault(f, e, a->why, detail, NULL);
	case ERR_IO:
		return fault(f, e, "ledger", NULL);
	default:
		return e;
	}
}

static void
supervised(void *arg, enum err e, const struct supervised *answer)
{
	struct supervise_ask *a = arg;
	struct session *s = ask_end(&a->ask);

	if (s != NULL && e == ERR_OK) {
		send_page(s, &a->ask.op, answer);
		if (a->door && !a->dry_run)
			s->net->news.saved(s->net->news.arg, s, &a->ask.op);
	} else if (s != NULL) {
		session_fail(s, &a->ask.op, supervise_fault(s, e, answer));
	}
	free(a);
}

static enum err
take_call(
    const struct fields *f, const Mashang__Supervise *m, struct supervise *out)
{
	if (m->call_id.len != 0 && m->call_id.len != sizeof(out->call.b))
		return fault(
		    f->fault, ERR_BAD_FIELD, "call_id", "16 bytes", NULL);
	if (m->call_id.len > 0)
		memcpy(out->call.b, m->call_id.data, sizeof(out->call.b));
	return field_name(f, "call", m->call, &out->call_name);
}

static enum err
read_supervise(
    struct session *s, const Mashang__Supervise *m, struct supervise *out)
{
	struct fields f = fields_of(s);
	enum err e;

	*out = (struct supervise){
		.kind = (enum supervise_kind)m->kind,
		.state = (enum agent_state)m->state,
		.door = (enum queue_door)m->door,
		.credit_us = m->credit_us,
		.by_class = m->by_class,
		.class = m->priority,
		.expect = m->expect,
		.dry_run = m->dry_run,
	};
	if ((e = field_range(&f, "kind", m->kind, 1, SUPERVISE_NKINDS - 1)) !=
		ERR_OK ||
	    (e = take_call(&f, m, out)) != ERR_OK ||
	    (e = field_name(&f, "agent", m->agent, &out->agent)) != ERR_OK ||
	    (e = field_name(&f, "queue", m->queue, &out->queue)) != ERR_OK ||
	    (e = field_range(&f, "state", m->state, 0, AGENT_NSTATES - 1)) !=
		ERR_OK ||
	    (e = field_text(&f, "reason", m->reason, NAME_LEN, &out->reason)) !=
		ERR_OK ||
	    (e = field_range(&f, "door", m->door, 0, QUEUE_CLOSED)) != ERR_OK ||
	    (e = field_range(&f, "credit", m->credit_us, -CREDIT_MAX_US,
		 CREDIT_MAX_US)) != ERR_OK ||
	    (e = field_range(&f, "class", m->priority, 0, CLASS_MAX)) != ERR_OK)
		return e;
	if (s->net->desk == NULL || !desk_is_configured(s->net->desk))
		return fault(f.fault, ERR_IO, "ledger", NULL);
	return ERR_OK;
}

enum err
on_supervise(struct session *s, const Mashang__Envelope *e)
{
	struct desk_action action = action_of(s, e);
	struct supervise_ask *a;
	struct supervise m;
	enum err why = read_supervise(s, e->supervise, &m);

	if (why != ERR_OK)
		return why;
	if ((a = ask_new(s, &action.op, sizeof(*a))) == NULL)
		return ERR_BUSY;
	a->door = m.kind == SUPERVISE_DOOR;
	a->dry_run = m.dry_run;
	desk_supervise(s->net->desk, &action, &m, supervised, a);
	return ERR_OK;
}
