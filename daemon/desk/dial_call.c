/*
 * dial_call.c - calls that were dialled: their ticket was there before them.
 *
 * A call is known as dialled by the order that its first event names, or, when
 * this process never gave that order, by what the ledger knows of it.  The
 * history says whether the customer was reached; the wrap-up is as after any
 * other call.
 */
#include "desk/dial.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "desk/work.h"

/* Known by the call alone: however often it is told, it is told once. */
static void
put_history(struct ledger_unit *u, uint64_t serial, const struct id *call,
    const char *kind, const char *actor, struct str text, int64_t at)
{
	struct ticket_event_row e = {
		.ticket_id = serial,
		.key = record_key(call, 0, "dialled"),
		.at = at,
		.kind = kind,
		.actor = str_of(actor),
		.text = text,
	};

	if (serial != 0)
		record_ticket_event(u, &e);
}

static const char *
agent_of(const struct call *c)
{
	return c->agent != NULL ? c->agent->name : "system";
}

static const char *
reached_kind(enum relation r)
{
	return r == RELATION_FOLLOW_UP ? "followed_up" : "called_back";
}

void
dial_reached(struct ledger_unit *u, const struct call *c, int64_t at)
{
	put_history(u, c->ticket, &c->id, reached_kind(c->relation),
	    agent_of(c), (struct str){ NULL, 0 }, at);
}

static void
put_unreached(struct ledger_unit *u, uint64_t serial, const struct id *call,
    const char *actor, int64_t at, enum cause cause)
{
	put_history(u, serial, call, "not_reached", actor,
	    str_of(word_cause(cause)), at);
}

void
dial_unreached(
    struct ledger_unit *u, const struct call *c, int64_t at, enum cause cause)
{
	enum cause first = c->end_cause != CAUSE_NONE ? c->end_cause : cause;

	put_unreached(u, c->ticket, &c->id, agent_of(c), at, first);
}

/* The customer's end cannot be reached, or the agent's own phone: then nobody
 * was called. */
void
dial_failed(struct desk *d, struct ledger_unit *u, struct call *c,
    const struct call_event *ev)
{
	bool own = c->device != NULL && ev->device.len > 0 &&
	           str_eq(ev->device, str_of(c->device->name));
	struct dial *dl;

	if (c->end_cause == CAUSE_NONE)
		c->end_cause = ev->cause;
	call_tell(d, c, ev->kind, ev->occurred_at, ev->cause);
	if (!own)
		return;
	call_set_device(d, c, STR_LIT(""));
	HASH_FIND(hh_call, d->dials_by_call, &c->id, sizeof(c->id), dl);
	if (dl != NULL)
		record_dial(u, dl->order_id, &c->id, "device_failed");
}

void
dial_call_ended(struct desk *d, const struct id *call)
{
	struct dial *dl;

	HASH_FIND(hh_call, d->dials_by_call, call, sizeof(*call), dl);
	if (dl != NULL)
		work_dial_over(d, &dl->op);
}

/* ---------------------------------------------------- which call it became */

/* The agent who asked for it has it, from its first event on. */
static void
give_to_agent(
    struct desk *d, struct ledger_unit *u, struct call *c, struct agent *a)
{
	if (a->call != NULL || c->agent != NULL)
		return; /* another call has come to the phone */
	agent_connected(d, u, a, c);
	a->reason[0] = '\0';
	record_agent(u, a, "system"); /* BUSY as before, now with this call */
	route_agent(d, a, ACD_BUSY);
}

static void
bind(struct desk *d, struct ledger_unit *u, struct dial *dl, struct call *c)
{
	struct agent *a = dl->agent;

	c->relation = dl->relation;
	c->ticket = dl->serial;
	if (c->queue == NULL)
		c->queue = dl->queue;
	if (c->called == NULL)
		call_set_party(c, STR_LIT(""), STR_LIT(""), str_of(dl->number),
		    STR_LIT(""), 0, d->options.country);
	c->recorded = false; /* the relation goes with the texts */
	dial_over(d, dl, &c->id);
	record_dial(u, dl->order_id, &c->id, NULL);
	if (a != NULL)
		give_to_agent(d, u, c, a);
}

void
dial_opened(struct desk *d, struct ledger_unit *u, struct call *c,
    uint64_t order_id, int64_t at)
{
	struct dial *dl = dial_of_order(d, order_id);

	if (dl == NULL || dl->sw != c->sw || !id_is_none(&dl->call))
		return;
	bind(d, u, dl, c);
	call_tell(d, c, CALL_EV_OFFERED, at, CAUSE_NONE);
}

/* Of a call that is over: nobody will say more of it. */
static void
bind_ended(struct desk *d, struct ledger_unit *u, struct dial *dl,
    const struct id *call)
{
	struct agent *a = dl->agent;

	record_dial(u, dl->order_id, call, NULL);
	dial_over(d, dl, call);
	if (a != NULL && a->call == NULL && a->state == AGENT_STATE_BUSY)
		agent_return(d, u, a, &dl->was);
}

/* What an order of another process became: it is the ledger's to know. */
static void
recorded_order(struct desk *d, struct ledger_unit *u, struct call *c,
    const struct id *id, const struct call_event *ev)
{
	struct dial *dl = dial_of_order(d, ev->order_id);

	if (dl == NULL) {
		if (ev->relation == RELATION_CALLBACK ||
		    ev->relation == RELATION_FOLLOW_UP)
			record_dial(u, ev->order_id, id, NULL);
		return;
	}
	if (!id_is_none(&dl->call))
		return;
	if (c != NULL && c->sw == dl->sw)
		bind(d, u, dl, c);
	else if (c == NULL)
		bind_ended(d, u, dl, id);
}

static bool
says_unreached(const struct call_event *ev)
{
	return ev->kind == CALL_EV_FAILED ||
	       (ev->kind == CALL_EV_CALL_CLEARED && ev->cause >= CAUSE_BUSY &&
		   ev->cause <= CAUSE_UNREACHABLE);
}

void
dial_recorded(struct desk *d, struct ledger_unit *u, struct call *c,
    const struct id *id, const struct call_event *ev)
{
	uint64_t serial;

	if (ev->order_id != 0)
		recorded_order(d, u, c, id, ev);
	if (c != NULL)
		serial = call_is_dialled(c) ? c->ticket : 0;
	else
		serial = dial_ticket(d, id);
	if (serial == 0 || (ev->relation == RELATION_NONE && c == NULL))
		return;
	if (ev->kind == CALL_EV_ESTABLISHED)
		put_history(u, serial, id,
		    reached_kind(c != NULL ? c->relation : ev->relation),
		    c != NULL ? agent_of(c) : "system", (struct str){ NULL, 0 },
		    ev->occurred_at);
	else if (says_unreached(ev))
		put_unreached(u, serial, id, c != NULL ? agent_of(c) : "system",
		    ev->occurred_at, ev->cause);
}

void
dial_adopted(struct call *c, struct str relation, uint64_t serial)
{
	if (serial == 0)
		return;
	c->ticket = serial;
	c->relation =
	    str_eq(relation, str_of(word_relation(RELATION_FOLLOW_UP)))
		? RELATION_FOLLOW_UP
		: RELATION_CALLBACK;
	if (c->agent == NULL)
		return;
	c->agent->last_ticket = serial;
	c->agent->last_dialled = true;
}

/* ------------------------------------------------------ what has no call */

struct reconciling {
	struct desk *desk;
	uint32_t switch_id;
};

static void
open_row(struct desk *d, uint64_t order_id)
{
	struct ledger_unit *u;

	if (dial_of_order(d, order_id) != NULL)
		return; /* of this process, and it is seen to */
	u = record_begin(d);
	record_dial(u, order_id, NULL, "unknown");
	record_commit(d, &u);
}

static void
open_read(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct reconciling *r = arg;

	r->desk->lookups_pending--;
	for (unsigned i = 0; e == ERR_OK && i < rows->n; i++)
		open_row(r->desk,
		    (uint64_t)ledger_number(rows->cells[i * rows->n_columns]));
	free(r);
}

/* All that the spool said is in the ledger now. */
static void
all_is_there(void *arg, enum err e)
{
	struct reconciling *r = arg;
	struct ledger *l = r->desk->ledger;
	char id[16];
	struct str sw = { id,
		(uint32_t)snprintf(id, sizeof(id), "%u", r->switch_id) };

	(void)e;
	if (l->ops->query(l, LQ_DIALS_OPEN, 1, &sw, open_read, r) == ERR_OK)
		r->desk->lookups_pending++;
	else
		free(r); /* at the switch's next log-in */
}

void
dial_reconcile(struct desk *d, struct swtch *sw)
{
	struct reconciling *r = malloc(sizeof(*r));
	struct ledger_unit *nothing;
	struct dial *dl, *next;

	desk_must(r != NULL ? ERR_OK : ERR_NOMEM);
	HASH_ITER(hh, d->dials, dl, next)
	{
		if (dl->sw == sw && dl->attach_no != sw->attach_no &&
		    (dl->stage == DIAL_ORDERED || dl->stage == DIAL_TAKEN))
			dial_close(d, dl, "unknown", ERR_REFUSED);
	}
	*r = (struct reconciling){ d, sw->id };
	nothing = record_begin(d);
	ledger_commit(d->ledger, &nothing, all_is_there, r);
}
