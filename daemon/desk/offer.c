/*
 * offer.c - one call reserved for one agent, until one thing ends it.
 *
 * An offer is a lease: the client must confirm it as shown, then the agent
 * must answer before the deadline.  Whatever ends it, it ends once, with one
 * reason, and the table says what that means for the agent.
 */
#include "desk/state.h"

#include <stdlib.h>

#include "base/failpoint.h"

/* What the end means for an agent who is still reserved by it. */
enum consequence {
	STAYS_READY,
	NOT_READY,     /* with the reason's word */
	AS_CONFIGURED, /* by the queue: stay_ready */
	MOVED          /* whoever ended it has moved the agent, or will */
};

static const struct {
	enum consequence agent;
	bool exclude; /* never this call to this agent again */
} ends[OFFER_NENDS] = {
	[OFFER_END_ACCEPTED] = { MOVED, false },
	[OFFER_END_REFUSED] = { AS_CONFIGURED, true },
	[OFFER_END_NO_ANSWER] = { AS_CONFIGURED, true },
	[OFFER_END_NOT_DELIVERED] = { NOT_READY, true },
	[OFFER_END_CALLER_GONE] = { STAYS_READY, false },
	[OFFER_END_RESCINDED] = { STAYS_READY, false },
	[OFFER_END_DEVICE_BUSY] = { NOT_READY, true },
	[OFFER_END_DEVICE_FAILED] = { NOT_READY, true },
	[OFFER_END_AGENT_GONE] = { MOVED, false },
	[OFFER_END_WITHDRAWN] = { STAYS_READY, false },
};

struct offer *
offer_find(struct desk *d, uint64_t id)
{
	struct offer *o;

	HASH_FIND(hh, d->offers, &id, sizeof(id), o);
	return o;
}

/* Accepting it lifts the phone. */
static bool
can_answer(const struct offer *o)
{
	return o->agent->screen_first ||
	       (o->call->sw->can & ORDER_BIT(ORDER_ANSWER)) != 0;
}

static void
offer_tell(struct desk *d, const struct offer *o)
{
	const struct call *c = o->call;
	struct pair data[CALL_PAIRS_MAX];
	struct offer_news n = {
		.offer = o->id,
		.call = c->id,
		.queue = str_of(c->queue->name),
		.caller = str_of(c->caller),
		.caller_name = str_of(c->caller_name),
		.called = str_of(c->called),
		.menu = str_of(c->menu),
		.priority = c->priority,
		.attempt = o->attempt,
		.enqueued_at = c->enqueued_at,
		.offered_at = o->offered_at,
		.deadline_at = o->deadline_at,
		.ticket = ticket_number(c->ticket),
		.screen_first = o->agent->screen_first,
		.can_answer = can_answer(o),
		.data = data,
		.n_data = call_data_pairs(c, data),
		.why = str_of(c->queue->name),
	};

	d->news->offer(d->news->arg, o->agent->id, &n);
}

void
offer_made(struct desk *d, uint64_t id, struct call *c, struct agent *a)
{
	struct offer *o = calloc(1, sizeof(*o));
	struct ledger_unit *u;

	desk_must(o != NULL ? ERR_OK : ERR_NOMEM);
	o->id = id;
	o->call = c;
	o->agent = a;
	o->attempt = ++c->n_offers;
	o->epoch = d->acd_epoch;
	o->offered_at = d->now;
	o->deadline_at = d->now + c->queue->ring_us;
	o->timer = (struct timer){ .kind = TIMER_OFFER, .owner = o };
	HASH_ADD(hh, d->offers, id, sizeof(o->id), o);
	c->offer = o;
	a->offer = o;
	offer_tell(d, o);
	FAILPOINT("offer.made");
	desk_must(timer_set(d, &o->timer, d->now + d->options.shown_us));
	u = record_begin(d);
	(void)agent_move(d, u, a, AGENT_EV_OFFER, STR_LIT(""), "system");
	decision_place_put(d, u, c);
	record_offer(u, o, OFFER_END_NONE, 0);
	record_commit(d, &u);
}

static void
apply_consequence(
    struct desk *d, struct ledger_unit *u, struct offer *o, enum offer_end end)
{
	enum consequence what = ends[end].agent;

	if (o->agent->state != AGENT_STATE_RESERVED || what == MOVED)
		return;
	if (what == AS_CONFIGURED)
		what = o->call->queue->stay_ready ? STAYS_READY : NOT_READY;
	(void)agent_move(d, u, o->agent,
	    what == STAYS_READY ? AGENT_EV_OFFER_ENDED : AGENT_EV_NOT_READY,
	    what == STAYS_READY ? STR_LIT("") : str_of(word_offer_end(end)),
	    "system");
}

void
offer_finish(struct desk *d, struct ledger_unit *u, struct offer *o,
    enum offer_end end, bool told)
{
	struct call *c = o->call;
	struct agent *a = o->agent;

	timer_clear(d, &o->timer);
	record_offer(u, o, end, d->now);
	apply_consequence(d, u, o, end);
	c->offer = NULL;
	c->decisions++;
	a->offer = NULL;
	if (a->present && end != OFFER_END_AGENT_GONE)
		d->news->offer_ended(d->news->arg, a->id, o->id, end);
	if (end == OFFER_END_ACCEPTED) {
		route_offer(d, o, ACD_ACCEPT);
	} else {
		/* The phone may be ringing: stop it, unless it said no. */
		if (o->connecting && end != OFFER_END_DEVICE_BUSY &&
		    end != OFFER_END_DEVICE_FAILED && c->state != CALL_ENDED &&
		    !c->absent)
			call_order(d, c, ORDER_DISCONNECT, a->device, false,
			    CAUSE_NONE);
		route_offer_ended(d, o, ends[end].exclude, told);
	}
	HASH_DELETE(hh, d->offers, o);
	free(o);
}

void
offer_due(struct desk *d, struct offer *o)
{
	struct ledger_unit *u = record_begin(d);

	offer_finish(d, u, o,
	    o->shown_at == 0 ? OFFER_END_NOT_DELIVERED : OFFER_END_NO_ANSWER,
	    false);
	record_commit(d, &u);
}

void
offer_device_failed(
    struct desk *d, struct ledger_unit *u, struct call *c, enum cause cause)
{
	struct agent *a = c->agent;
	enum offer_end end = cause == CAUSE_BUSY        ? OFFER_END_DEVICE_BUSY
	                     : cause == CAUSE_NO_ANSWER ? OFFER_END_NO_ANSWER
	                     : cause == CAUSE_REJECTED
	                         ? OFFER_END_REFUSED
	                         : OFFER_END_DEVICE_FAILED;

	if (c->offer != NULL) {
		c->offer->connecting = false; /* nothing rings any more */
		offer_finish(d, u, c->offer, end, false);
		return;
	}
	if (a == NULL || c->state != CALL_QUEUED)
		return;
	/* Accepted on the screen, then the phone would not: back to its place,
	 * and the agent not ready until the phone is seen to. */
	agent_cleared(d, u, a, 0);
	if (agent_move(d, u, a, AGENT_EV_NOT_READY, str_of(word_offer_end(end)),
		"system"))
		route_agent(d, a, ACD_NOT_READY);
	call_requeue(d, c);
}

/* ---- what the agent says of it */

/* The offer, if it is this agent's. */
static enum err
own_offer(struct desk *d, const struct desk_action *a, uint64_t id,
    struct offer **out)
{
	d->now = a->now;
	*out = offer_find(d, id);
	if (*out == NULL)
		return ERR_OFFER_GONE;
	return (*out)->agent->id == a->agent ? ERR_OK : ERR_FORBIDDEN;
}

enum err
desk_offer_shown(struct desk *d, const struct desk_action *action, uint64_t id)
{
	struct offer *o;
	enum err e = own_offer(d, action, id, &o);

	if (e != ERR_OK || o->shown_at != 0)
		return e;
	o->shown_at = action->now;
	route_offer(d, o, ACD_SHOWN);
	/* Not before: its query would take the processor from the offer. */
	story_ask(d, o->call, o->agent, o->id);
	if (!o->agent->screen_first) {
		o->connecting = true;
		call_order(d, o->call, ORDER_CONNECT, o->agent->device, false,
		    CAUSE_NONE);
	}
	return timer_set(d, &o->timer, o->deadline_at);
}

enum err
desk_offer_accept(struct desk *d, const struct desk_action *action, uint64_t id)
{
	struct offer *o;
	struct call *c;
	struct agent *a;
	struct ledger_unit *u;
	enum err e;

	if (agent_op_seen(d, action))
		return ERR_OK;
	if ((e = own_offer(d, action, id, &o)) != ERR_OK)
		return e;
	c = o->call;
	a = o->agent;
	if (!can_answer(o))
		return ERR_REFUSED; /* a hand must */
	u = record_begin(d);
	if (!a->screen_first && o->connecting) {
		/* The phone rings: lifting it is what accepts. */
		call_order(d, c, ORDER_ANSWER, a->device, true, CAUSE_NONE);
	} else {
		agent_connected(d, u, a, c);
		offer_finish(d, u, o, OFFER_END_ACCEPTED, false);
		call_order(d, c, ORDER_CONNECT, a->device, true, CAUSE_NONE);
	}
	agent_op_done(d, action);
	record_commit_op(d, &u, action);
	return ERR_OK;
}

enum err
desk_offer_refuse(struct desk *d, const struct desk_action *action, uint64_t id,
    struct str reason)
{
	struct offer *o;
	struct ledger_unit *u;
	enum err e;

	(void)reason; /* the offer's end is the reason; notes are the agent's */
	if (agent_op_seen(d, action))
		return ERR_OK;
	if ((e = own_offer(d, action, id, &o)) != ERR_OK)
		return e;
	u = record_begin(d);
	offer_finish(d, u, o, OFFER_END_REFUSED, false);
	agent_op_done(d, action);
	record_commit_op(d, &u, action);
	return ERR_OK;
}
