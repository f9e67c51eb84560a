/*
 * work_back.c - the customer first: called when an agent is ready for the item,
 * and who answers waits, in the place that the caller had.
 *
 * Nobody is reserved meanwhile: the agent goes on taking calls, and is free
 * again, or another is, by the time that somebody has answered; that call is
 * the first in its line.  So that nobody is called to wait long, no more are
 * called at once than agents of the queue are ready.
 *
 * A switch that cannot do it has the agent called first.
 */
#include "desk/work.h"

#include "base/log.h"
#include "desk/dial.h"

#define LATER_US (5 * INT64_C(1000000))

static struct swtch *
switch_of(const struct desk *d, const struct work *w)
{
	for (struct swtch *sw = d->switches; sw != NULL; sw = sw->hh.next)
		if (sw->id == w->site)
			return sw;
	return NULL;
}

static bool
can_call(struct desk *d, const struct swtch *sw)
{
	if (sw == NULL || sw->attached == NULL)
		return false;
	if ((sw->can & ORDER_BIT(ORDER_CALL_BACK)) != 0)
		return true;
	if (!d->works->told_agent_first)
		log_warn(LOG_DESK,
		    "switch=%s cannot call a customer first (call_back): the "
		    "agent is called first",
		    sw->name);
	d->works->told_agent_first = true;
	return false;
}

/* Their customer is being called, or waits for an agent. */
static bool
is_coming(struct desk *d, const struct work *w)
{
	const struct dial *dl;
	const struct call *c;

	if (!w->back || (w->state != WORK_TAKEN && !w->deciding))
		return false;
	if (w->deciding)
		return true;
	if ((dl = dial_of_op(d, &w->op)) == NULL)
		return false;
	if (id_is_none(&dl->call))
		return dl->stage != DIAL_OVER;
	c = call_find(d, &dl->call);
	return c != NULL && c->agent == NULL;
}

static bool
would_take(const struct agent *a, const struct work *w)
{
	const struct acd_profile *p = &a->profile;

	if (a->state != AGENT_STATE_READY || p->site != w->site)
		return false;
	for (unsigned i = 0; i < p->n_queues; i++)
		if (p->queues[i] == w->queue->id)
			return true;
	return false;
}

static bool
is_room(struct desk *d, const struct work *w)
{
	unsigned coming = 0, ready = 0;

	for (const struct work *o = d->works->items; o != NULL; o = o->hh.next)
		coming += o->queue == w->queue && is_coming(d, o);
	for (const struct agent *a = d->agents; a != NULL; a = a->hh.next)
		ready += would_take(a, w);
	return coming < ready;
}

bool
work_back(struct desk *d, struct work *w)
{
	if (w->kind != WORK_CALLBACK ||
	    !w->queue->rules.callback.customer_first ||
	    !can_call(d, switch_of(d, w)))
		return false;
	/* Out of its line: by that the agent is ready again. */
	route_work(d, w, ACD_DEQUEUE);
	w->entered = false;
	w->forgive_at = 0;
	if (!is_room(d, w) || work_take(d, w) != ERR_OK) {
		w->not_before = d->now + LATER_US;
		work_wait(d, w);
	}
	return true;
}

void
work_back_taken(struct desk *d, struct work *w)
{
	work_dial_back(d, w, switch_of(d, w));
}

/* The item whose customer this call has reached; NULL: it is not known. */
static struct work *
of_call(const struct desk *d, const struct call *c)
{
	const struct dial *dl = dial_of_call(d, &c->id);

	if (dl == NULL || !dl->back)
		return NULL;
	for (struct work *w = d->works->items; w != NULL; w = w->hh.next)
		if (w->state == WORK_TAKEN && id_eq(&w->op, &dl->op))
			return w;
	return NULL;
}

void
work_back_opened(struct desk *d, struct call *c)
{
	const struct work *w = of_call(d, c);

	if (w != NULL)
		c->moved_to = c->queue = w->queue;
}

void
work_back_waits(struct desk *d, struct call *c)
{
	const struct work *w = of_call(d, c);

	if (w == NULL || w->queue != c->queue)
		return;
	c->enqueued_at = w->enqueued_at;
	c->arrival = w->arrival;
	c->stand.returned = true; /* the place, not the wait */
	c->stand.kept = true;
	c->stand.kept_us = w->credit_us;
}
