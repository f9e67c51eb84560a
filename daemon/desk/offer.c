/*
 * offer.c - one call, or item of work, reserved for one agent, until one thing
 * ends it.
 *
 * An offer is a lease: the client must confirm it as shown, then the agent
 * must answer before the deadline.  Whatever ends it, it ends once, with one
 * reason, and the table says what that means for the agent.
 *
 * A call that rings at all is in several: each is taken on the screen, whatever
 * its agent's way of answering, so that no phone rings but the winner's; the
 * first to accept ends the others.
 *
 * Who refuses, or does not answer, is ready again after the queue's delay where
 * it lets them stay ready, at the end of the longest idle; who has not answered
 * so many in a row is not ready until they say so.
 */
#include "desk/state.h"

#include <stdlib.h>

#include "base/failpoint.h"
#include "desk/direct.h"
#include "desk/work.h"

/* What the end means for an agent who is still reserved by it. */
enum consequence {
	STAYS_READY,
	NOT_READY,     /* with the reason's word */
	AS_CONFIGURED, /* by the queue: stay_ready, at once or after a delay */
	DELAYED,       /* the same, but not ready where there is no delay */
	MOVED          /* whoever ended it has moved the agent, or will */
};

static const struct {
	enum consequence agent;
	bool exclude;    /* never this call to this agent again */
	bool unanswered; /* counts as that */
	enum delay_kind delay;
} ends[OFFER_NENDS] = {
	[OFFER_END_ACCEPTED] = { MOVED, false, false, NDELAYS },
	[OFFER_END_REFUSED] = { AS_CONFIGURED, true, false, DELAY_REFUSED },
	[OFFER_END_NO_ANSWER] = { AS_CONFIGURED, true, true, DELAY_NO_ANSWER },
	[OFFER_END_NOT_DELIVERED] = { NOT_READY, true, true, NDELAYS },
	[OFFER_END_CALLER_GONE] = { STAYS_READY, false, false, NDELAYS },
	[OFFER_END_RESCINDED] = { STAYS_READY, false, false, NDELAYS },
	[OFFER_END_DEVICE_BUSY] = { DELAYED, true, false, DELAY_DEVICE_BUSY },
	[OFFER_END_DEVICE_FAILED] = { NOT_READY, true, false, NDELAYS },
	[OFFER_END_AGENT_GONE] = { MOVED, false, false, NDELAYS },
	[OFFER_END_WITHDRAWN] = { STAYS_READY, false, false, NDELAYS },
};

struct offer *
offer_find(struct desk *d, uint64_t id)
{
	struct offer *o;

	HASH_FIND(hh, d->offers, &id, sizeof(id), o);
	return o;
}

struct offer *
offer_of(const struct call *c, const struct agent *a)
{
	return a != NULL && a->offer != NULL && a->offer->call == c ? a->offer
	                                                            : NULL;
}

struct offer *
offer_at(const struct call *c, const struct device *dev)
{
	return dev != NULL ? offer_of(c, dev->agent) : NULL;
}

struct offer *
offer_connecting(const struct call *c)
{
	struct offer *o = c->offers;

	while (o != NULL && !o->connecting)
		o = o->next;
	return o;
}

/* In the order of being made. */
static void
offer_link(struct offer *o)
{
	struct offer **end = &o->call->offers;

	while (*end != NULL)
		end = &(*end)->next;
	*end = o;
	o->call->n_offered++;
	o->agent->offer = o;
}

static void
offer_unlink(struct offer *o)
{
	struct offer **p;

	o->agent->offer = NULL;
	if (o->call == NULL)
		return;
	p = &o->call->offers;
	while (*p != o)
		p = &(*p)->next;
	*p = o->next;
	o->call->n_offered--;
}

/* Accepting it lifts the phone. */
static bool
can_answer(const struct offer *o)
{
	return o->screen_first ||
	       (o->call->sw->can & ORDER_BIT(ORDER_ANSWER)) != 0;
}

static void
offer_tell(struct desk *d, const struct offer *o)
{
	const struct call *c = o->call;
	struct pair data[CALL_PAIRS_MAX];
	char why[LINE_WHY_ROOM];
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
		.screen_first = o->screen_first,
		.can_answer = can_answer(o),
		.data = data,
		.n_data = call_data_pairs(c, data),
		.why = str_of(line_why(d, c, o->agent, why)),
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
	o->call_id = c->id;
	o->agent = a;
	o->attempt = ++c->n_offers;
	o->epoch = d->acd_epoch;
	o->offered_at = d->now;
	o->deadline_at = d->now + c->queue->ring_us;
	o->timer = (struct timer){ .kind = TIMER_OFFER, .owner = o };
	o->screen_first = a->screen_first || call_ring(c) > 1;
	HASH_ADD(hh, d->offers, id, sizeof(o->id), o);
	offer_link(o);
	room_offered(d, c);
	offer_tell(d, o);
	FAILPOINT("offer.made");
	desk_must(timer_set(d, &o->timer, d->now + d->options.shown_us));
	u = record_begin(d);
	(void)agent_move(d, u, a, AGENT_EV_OFFER, STR_LIT(""), "system");
	decision_place_put(d, u, c);
	record_offer(u, o, OFFER_END_NONE, 0);
	record_commit(d, &u);
}

static const struct queue *
queue_of(const struct offer *o)
{
	return o->work != NULL ? o->work->queue : o->call->queue;
}

/* Until an agent is ready again by itself; 0: at once, or not by itself. */
static int64_t
delay_of(const struct queue *q, enum offer_end end)
{
	enum delay_kind kind = ends[end].delay;

	return kind != NDELAYS && q != NULL && q->stay_ready
	           ? q->rules.delay_us[kind]
	           : 0;
}

/* What the queue says of this end, as one of the first two. */
static enum consequence
configured(const struct offer *o, enum offer_end end)
{
	const struct queue *q = queue_of(o);
	enum consequence what = ends[end].agent;

	if (what != AS_CONFIGURED && what != DELAYED)
		return what;
	return what == DELAYED || !q->stay_ready || delay_of(q, end) > 0
	           ? NOT_READY
	           : STAYS_READY;
}

static bool
too_many_unanswered(const struct offer *o, enum offer_end end)
{
	uint32_t most = queue_of(o)->rules.unanswered;

	return ends[end].unanswered && most > 0 && o->agent->unanswered >= most;
}

static void
apply_consequence(
    struct desk *d, struct ledger_unit *u, struct offer *o, enum offer_end end)
{
	struct agent *a = o->agent;
	int64_t delay_us = delay_of(queue_of(o), end);
	enum consequence what = configured(o, end);

	if (end == OFFER_END_ACCEPTED)
		a->unanswered = 0;
	if (a->state != AGENT_STATE_RESERVED || what == MOVED)
		return;
	if (ends[end].unanswered)
		a->unanswered++;
	if (too_many_unanswered(o, end)) {
		(void)agent_move(
		    d, u, a, AGENT_EV_NOT_READY, STR_LIT(UNANSWERED), "system");
	} else if (what == STAYS_READY) {
		o->place_lost = ends[end].agent == AS_CONFIGURED;
		(void)agent_move(
		    d, u, a, AGENT_EV_OFFER_ENDED, STR_LIT(""), "system");
		if (o->place_lost)
			a->ready_since = d->now;
	} else {
		(void)agent_move(d, u, a, AGENT_EV_NOT_READY,
		    str_of(word_offer_end(end)), "system");
		if (delay_us > 0)
			agent_until(d, a, d->now + delay_us);
	}
}

/* The call goes on, or back, without this offer. */
static void
call_offer_ended(
    struct desk *d, struct ledger_unit *u, struct offer *o, enum offer_end end)
{
	struct call *c = o->call;

	if (end == OFFER_END_ACCEPTED) {
		offer_finish_all(d, u, c, OFFER_END_RESCINDED, true);
		return;
	}
	/* The phone may be ringing: stop it, unless it said no. */
	if (o->connecting && end != OFFER_END_DEVICE_BUSY &&
	    end != OFFER_END_DEVICE_FAILED && c->state != CALL_ENDED &&
	    !c->absent)
		call_order(d, c, ORDER_DISCONNECT, o->agent->device, false,
		    CAUSE_NONE);
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
	offer_unlink(o);
	if (a->present && end != OFFER_END_AGENT_GONE)
		d->news->offer_ended(d->news->arg, a->id, o->id, end);
	if (end == OFFER_END_ACCEPTED)
		route_offer(d, o, ACD_ACCEPT); /* ends the others, too */
	if (c != NULL) {
		c->decisions++; /* another version */
		call_offer_ended(d, u, o, end);
	}
	if (end != OFFER_END_ACCEPTED)
		route_offer_ended(d, o, ends[end].exclude, told);
	if (c != NULL && end != OFFER_END_ACCEPTED && c->direct == a->id &&
	    ends[end].exclude)
		direct_end(d, c);
	HASH_DELETE(hh, d->offers, o);
	if (o->work != NULL)
		work_offer_ended(d, o->work, end);
	free(o);
}

void
offer_finish_all(struct desk *d, struct ledger_unit *u, struct call *c,
    enum offer_end end, bool told)
{
	while (c->offers != NULL)
		offer_finish(d, u, c->offers, end, told);
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

/* Not ready until the phone is seen to, or as long as the queue says; but what
 * was asked for meanwhile comes first. */
static void
phone_would_not(struct desk *d, struct ledger_unit *u, struct agent *a,
    const struct queue *q, enum offer_end end)
{
	int64_t delay_us = delay_of(q, end);

	if (a->pending == AGENT_STATE_NOT_READY ||
	    a->pending == AGENT_STATE_NULL) {
		agent_carry_on(d, u, a, "system");
		return;
	}
	agent_forget_pending(a);
	if (!agent_move(d, u, a, AGENT_EV_NOT_READY,
		str_of(word_offer_end(end)), "system"))
		return;
	route_agent(d, a, ACD_NOT_READY);
	if (delay_us > 0)
		agent_until(d, a, d->now + delay_us);
}

void
offer_device_failed(
    struct desk *d, struct ledger_unit *u, struct call *c, enum cause cause)
{
	struct agent *a = c->agent;
	struct offer *o = offer_connecting(c);
	enum offer_end end = cause == CAUSE_BUSY        ? OFFER_END_DEVICE_BUSY
	                     : cause == CAUSE_NO_ANSWER ? OFFER_END_NO_ANSWER
	                     : cause == CAUSE_REJECTED
	                         ? OFFER_END_REFUSED
	                         : OFFER_END_DEVICE_FAILED;

	if (o != NULL) {
		o->connecting = false; /* nothing rings any more */
		offer_finish(d, u, o, end, false);
		return;
	}
	/* Delivered: an earlier offer's phone has not stopped ringing yet. */
	if (a == NULL ||
	    (c->state != CALL_QUEUED && c->state != CALL_DELIVERED))
		return;
	/* Accepted on the screen, then the phone would not: back to its place. */
	agent_cleared(d, u, a, 0);
	phone_would_not(d, u, a, c->queue, end);
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
	if (o->work != NULL)
		return work_offer_shown(d, o);
	o->shown_at = action->now;
	route_offer(d, o, ACD_SHOWN);
	/* Not before: its query would take the processor from the offer. */
	story_ask(d, o->call, o->agent, o->id);
	if (!o->screen_first) {
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
	if (o->work != NULL)
		return work_offer_accept(d, action, o);
	c = o->call;
	a = o->agent;
	if (!can_answer(o))
		return ERR_REFUSED; /* a hand must */
	u = record_begin(d);
	if (!o->screen_first && o->connecting) {
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
	if (o->work != NULL && o->work->deciding)
		return ERR_REFUSED; /* it was accepted */
	u = record_begin(d);
	offer_finish(d, u, o, OFFER_END_REFUSED, false);
	agent_op_done(d, action);
	record_commit_op(d, &u, action);
	return ERR_OK;
}
