/*
 * call.c - one call's object: its texts, its place in the queue, what its
 * agents are told, its end.
 */
#include "desk/state.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/text.h"
#include "desk/demand.h"
#include "desk/dial.h"
#include "desk/party.h"
#include "desk/work.h"

/* A switch's clock this far off is not believed for a place in the queue. */
#define PLAUSIBLE_US (60 * INT64_C(1000000))

struct call *
call_find(struct desk *d, const struct id *id)
{
	struct call *c;

	HASH_FIND(hh, d->calls, id, sizeof(*id), c);
	return c;
}

bool
call_was_ended(struct desk *d, const struct id *id)
{
	struct ended_call *e;

	HASH_FIND(hh, d->ended, id, sizeof(*id), e);
	return e != NULL;
}

/* The last so many that have ended, so that a late event starts no ghost. */
static void
remember_ended(struct desk *d, const struct id *id)
{
	struct ended_call *e = &d->ended_ring[d->ended_next];

	if (!id_is_none(&e->id))
		HASH_DELETE(hh, d->ended, e);
	e->id = *id;
	HASH_ADD(hh, d->ended, id, sizeof(e->id), e);
	d->ended_next = (d->ended_next + 1) % CALL_ENDED_REMEMBERED;
}

struct call *
call_new(struct swtch *sw, struct str name, const struct id *id)
{
	struct desk *d = sw->desk;
	struct call *c = calloc(1, sizeof(*c));

	desk_must(c != NULL ? ERR_OK : ERR_NOMEM);
	c->id = *id;
	c->sw = sw;
	c->epoch = sw->epoch;
	c->arrival = ++d->next_arrival;
	c->wait = (struct timer){ .kind = TIMER_WAIT, .owner = c };
	memcpy(c->name, name.p, name.len);
	c->name_len = name.len;
	HASH_ADD(hh, d->calls, id, sizeof(c->id), c);
	return c;
}

void
call_free(struct desk *d, struct call *c)
{
	detector_forget(d, c);
	HASH_DELETE(hh, d->calls, c);
	wait_end(d, c);
	room_left(d, c);
	line_forget(d, c);
	call_orders_end(d, c);
	if (c->device != NULL && c->device->call == c)
		c->device->call = NULL;
	call_texts_free(c);
	free(c);
}

void
call_texts_free(struct call *c)
{
	free(c->caller);
	free(c->caller_name);
	free(c->called);
	free(c->menu);
	call_data_free(c);
}

bool
call_is_routed(const struct call *c)
{
	return (c->sw->can & ORDER_BIT(ORDER_CONNECT)) != 0;
}

bool
call_is_open(const struct call *c)
{
	return call_is_routed(c) && c->queue != NULL && c->queued_at != 0 &&
	       c->agent == NULL && !c->absent && !c->called_back &&
	       c->stay.away == CAUSE_NONE &&
	       (c->state == CALL_QUEUED || c->state == CALL_DELIVERED);
}

unsigned
call_ring(const struct call *c)
{
	const struct route_rules *r = &c->queue->rules;

	if (c->direct != 0 || r->strategy != STRATEGY_RING_ALL)
		return 1;
	return r->ring_at_once > 1 ? r->ring_at_once : 1;
}

/* An ACD does not know the calls of an earlier one's offers until these have
 * ended. */
bool
call_is_waiting(const struct call *c)
{
	const struct offer *o = c->offers;

	return call_is_open(c) &&
	       (o == NULL || (c->n_offered < call_ring(c) &&
				 o->epoch == c->sw->desk->acd_epoch));
}

/* Replace a text if there is a new one; it must be with the ledger again. */
static void
set_text(struct call *c, char **text, struct str s)
{
	char *copy;

	if (s.len == 0 || (*text != NULL && str_eq(str_of(*text), s)))
		return;
	if ((copy = strndup(s.p, s.len)) == NULL)
		return; /* the event's row has it */
	free(*text);
	*text = copy;
	c->recorded = false;
}

void
call_set_party(struct call *c, struct str caller, struct str caller_name,
    struct str called, struct str menu, uint32_t priority, const char *country)
{
	set_text(c, &c->caller_name, caller_name);
	set_text(c, &c->called, called);
	set_text(c, &c->menu, menu);
	if (caller.len > 0) {
		set_text(c, &c->caller, caller);
		if (!text_e164(caller, country, c->e164))
			c->e164[0] = '\0';
	}
	if (priority != 0)
		c->priority = priority;
}

static int64_t
plausible(const struct desk *d, const struct call *c, int64_t at, bool old)
{
	if (old ? at <= d->now : at <= d->now && at >= d->now - PLAUSIBLE_US)
		return at;
	if (at - d->now > PLAUSIBLE_US || d->now - at > PLAUSIBLE_US)
		log_warn(LOG_DESK,
		    "switch=%s clock is off by %lld s: set it by NTP",
		    c->sw->name, (long long)((at - d->now) / 1000000));
	return d->now;
}

void
call_requeue(struct desk *d, struct call *c)
{
	if (!call_is_routed(c))
		return;
	if (c->queue == NULL) {
		log_warn(LOG_DESK,
		    "switch=%s call=%.*s has no queue: add its number",
		    c->sw->name, (int)c->name_len, c->name);
		decision_put(d, NULL, c,
		    &(struct decision){
			.kind = DECISION_NO_QUEUE, .rule = str_of(c->called) });
		return;
	}
	if (!gate_enter(d, c))
		return;
	facts_ask(d, c);
	route_stand(d, c, false);
	wait_begin(d, c);
}

void
call_enqueue(struct desk *d, struct call *c, int64_t queued_at, bool old)
{
	struct queue *q = c->moved_to;

	if (q == NULL)
		q = queue_of_number(d, str_of(c->called), str_of(c->menu));
	if (q == NULL && c->queue != NULL && call_is_routed(c))
		route_dequeue(d, c);
	if (c->queue != q)
		line_restart(d, c);
	c->enqueued_at = plausible(d, c, queued_at, old);
	c->queue = q;
	(void)returns_give(d, c);
	call_requeue(d, c);
}

void
call_set_device(struct desk *d, struct call *c, struct str name)
{
	struct device *dev = name.len > 0 ? device_find(d, name) : NULL;

	if (c->device != NULL && c->device->call == c)
		c->device->call = NULL;
	c->device = dev;
	/* Whose phone it is has the caller's call, too: that one counts. */
	if (dev != NULL &&
	    (dev->call == NULL || c->relation != RELATION_CONSULT))
		dev->call = c;
}

/* Who is at the other end, for an agent whom no offer told it. */
static struct str
other_end(
    const struct call *c, const struct agent *a, enum call_event_kind kind)
{
	switch (c->relation) {
	case RELATION_CALLBACK:
	case RELATION_FOLLOW_UP:
		return str_of(c->called);
	case RELATION_CONSULT:
		return str_of(a == c->agent ? c->caller : c->called);
	default:
		return str_of(kind == CALL_EV_TRANSFERRED ? c->caller : NULL);
	}
}

void
call_tell_agent(struct desk *d, const struct call *c, const struct agent *a,
    enum call_event_kind kind, int64_t at, enum cause cause)
{
	struct call_news n = {
		.call = c->id,
		.related = c->related,
		.kind = kind,
		.at = at,
		.cause = cause,
		.ticket = ticket_number(c->ticket),
		.can = control_can(c, a),
		.relation = c->relation,
	};

	if (!a->present)
		return;
	n.number = other_end(c, a, kind);
	d->news->call(d->news->arg, a->id, &n);
}

void
call_tell(struct desk *d, const struct call *c, enum call_event_kind kind,
    int64_t at, enum cause cause)
{
	if (c->agent != NULL)
		call_tell_agent(d, c, c->agent, kind, at, cause);
	for (unsigned i = 0; i < c->n_others; i++)
		call_tell_agent(d, c, c->others[i], kind, at, cause);
}

void
call_tell_again(struct desk *d, const struct call *c)
{
	static const enum call_event_kind kinds[CALL_NSTATES] = {
		[CALL_OFFERED] = CALL_EV_OFFERED,
		[CALL_QUEUED] = CALL_EV_QUEUED,
		[CALL_DELIVERED] = CALL_EV_DELIVERED,
		[CALL_ESTABLISHED] = CALL_EV_ESTABLISHED,
		[CALL_HELD] = CALL_EV_HELD,
		[CALL_ENDED] = CALL_EV_CALL_CLEARED,
	};

	call_tell(d, c, kinds[c->state], d->now, CAUSE_NONE);
}

void
call_unqueue(
    struct desk *d, struct ledger_unit *u, struct call *c, enum offer_end end)
{
	bool foreign = c->offers != NULL && c->offers->epoch != d->acd_epoch;

	offer_finish_all(d, u, c, end, true);
	room_left(d, c);
	if (!foreign && c->queue != NULL && c->queued_at != 0 &&
	    call_is_routed(c))
		route_dequeue(d, c);
}

void
call_end(struct desk *d, struct ledger_unit *u, struct call *c, int64_t at,
    enum cause cause, enum party party)
{
	struct call *about = party_about(d, c);
	struct agent *a = c->agent;

	if (c->called_back)
		cause = CAUSE_CALLED_BACK; /* however the switch says it */
	else if (a == NULL && cause != CAUSE_SWITCH_LOST)
		room_gave_up(d, c);
	if (call_is_dialled(c) && c->established_at == 0)
		dial_unreached(u, c, at, cause);
	work_of_ended(d, u, c, at, cause);
	c->state = CALL_ENDED;
	c->ended_at = at;
	c->end_cause = cause;
	c->end_party = party;
	call_tell(d, c, CALL_EV_CALL_CLEARED, at, cause);
	if (a == NULL)
		call_unqueue(d, u, c, OFFER_END_CALLER_GONE);
	returns_keep(d, c);
	record_call(u, c, c->seq);
	if (a != NULL)
		agent_cleared(
		    d, u, a, c->queue != NULL ? c->queue->wrap_up_us : 0);
	party_end(d, u, c);
	if (call_is_dialled(c))
		dial_call_ended(d, &c->id);
	remember_ended(d, &c->id);
	call_free(d, c);
	if (about != NULL)
		call_tell_again(d, about);
}
