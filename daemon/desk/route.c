/*
 * route.c - what the ACD is told, and what becomes of its answers.
 *
 * The desk knows every call and agent of this node; the ACD only matches them.
 * So nothing that the ACD forgets is lost: when it is lost (Redis away) or new
 * (Redis back, empty, another), the desk tells it everything again, under a
 * new epoch; while Redis is away the same commands go to the one in memory.
 *
 * Offers made under an earlier epoch go on between desk and agent: the new ACD
 * knows their agents as busy and their calls not at all, until they end.
 */
#include "desk/state.h"

#include "base/log.h"

struct request {
	struct desk *desk;
	uint32_t epoch;
	enum acd_op op;
};

static void
on_offered(struct desk *d, const struct acd_effect *e)
{
	struct call *c = call_find(d, &e->call);
	struct agent *a = agent_find(d, e->agent);

	/* What has changed since was told to the ACD after this command: it
	 * ends the offer itself. */
	if (c == NULL || !call_is_waiting(c) || a == NULL ||
	    a->state != AGENT_STATE_READY)
		return;
	offer_made(d, e->offer, c, a);
}

static void
route_done(void *arg, const struct acd_reply *r)
{
	struct request *q = arg;
	struct desk *d = q->desk;

	d->acd_pending--;
	if (q->epoch == d->acd_epoch) {
		if (r->err != ERR_OK && r->err != ERR_IO)
			log_info(LOG_DESK, "acd op=%d refused: %s", (int)q->op,
			    err_name(r->err));
		for (unsigned i = 0; i < r->n_effects; i++)
			if (r->effects[i].kind == ACD_OFFERED)
				on_offered(d, &r->effects[i]);
	}
	free(q);
	/* It took fewer commands than there were: now it can take all again. */
	if (d->acd_missed && d->acd_pending == 0 && r->err != ERR_IO)
		route_use(d, d->acd);
}

static void
route_send(struct desk *d, const struct acd_cmd *cmd)
{
	struct request *q = malloc(sizeof(*q));
	enum err e;

	desk_must(q != NULL ? ERR_OK : ERR_NOMEM);
	*q = (struct request){ d, d->acd_epoch, cmd->op };
	e = acd_send(d->acd, cmd, route_done, q);
	if (e != ERR_OK) {
		/* ERR_IO: `lost' follows, and all is told to another. */
		d->acd_missed |= e != ERR_IO;
		free(q);
		return;
	}
	d->acd_pending++;
}

void
route_enqueue(struct desk *d, struct call *c)
{
	struct acd_line line;
	struct acd_cmd cmd = {
		.op = ACD_ENQUEUE,
		.now = d->now,
		.call = c->id,
		.score = c->enqueued_at -
		         (int64_t)c->priority * c->queue->priority_credit_us,
		.arrival = c->arrival,
		.line = &line,
	};

	line_of(d, c, &line);
	room_place(d, c, cmd.score);
	route_send(d, &cmd);
}

void
route_dequeue(struct desk *d, struct call *c)
{
	struct acd_cmd cmd = {
		.op = ACD_DEQUEUE, .now = d->now, .call = c->id
	};

	route_send(d, &cmd);
}

void
route_agent(struct desk *d, struct agent *a, enum acd_op op)
{
	struct acd_cmd cmd = {
		.op = op,
		.now = d->now,
		.agent = a->id,
		.score = a->ready_since,
	};

	route_send(d, &cmd);
}

void
route_login(struct desk *d, struct agent *a)
{
	struct acd_cmd cmd = {
		.op = ACD_LOGIN,
		.now = d->now,
		.agent = a->id,
		.profile = &a->profile,
	};

	route_send(d, &cmd);
}

void
route_offer(struct desk *d, struct offer *o, enum acd_op op)
{
	struct acd_cmd cmd = { .op = op, .now = d->now, .offer = o->id };

	if (o->epoch == d->acd_epoch)
		route_send(d, &cmd);
}

void
route_offer_ended(struct desk *d, struct offer *o, bool exclude, bool told)
{
	struct acd_cmd cmd = {
		.op = ACD_END_OFFER,
		.now = d->now,
		.offer = o->id,
		.stay_ready = o->agent->state == AGENT_STATE_READY,
		.exclude = exclude,
	};

	room_back(d, o->call);
	if (call_is_waiting(o->call))
		wait_begin(d, o->call); /* what was due while it rang */
	if (o->epoch == d->acd_epoch) {
		if (!told)
			route_send(d, &cmd);
		return;
	}
	/* An earlier ACD's: this one knows the agent as busy, the call not. */
	if (o->agent->state == AGENT_STATE_READY)
		route_agent(d, o->agent, ACD_READY);
	else if (o->agent->state == AGENT_STATE_NOT_READY)
		route_agent(d, o->agent, ACD_NOT_READY);
	if (call_is_waiting(o->call))
		route_enqueue(d, o->call);
}

static void
tell_agent(struct desk *d, struct agent *a)
{
	if (a->state == AGENT_STATE_NULL)
		return;
	route_login(d, a);
	switch (a->state) {
	case AGENT_STATE_READY:
		route_agent(d, a, ACD_READY);
		break;
	case AGENT_STATE_RESERVED:
	case AGENT_STATE_BUSY:
		route_agent(d, a, ACD_BUSY);
		break;
	case AGENT_STATE_WORKING_AFTER_CALL:
		route_agent(d, a, ACD_WRAP_UP);
		break;
	default:
		break;
	}
}

/* Use `acd' from now on: tell it all that this node knows. */
void
route_use(struct desk *d, struct acd *acd)
{
	uint64_t generation;
	enum err e;

	e = d->ledger->ops->lease(d->ledger, LEASE_GENERATION, &generation);
	if (e == ERR_OK)
		e = acd->ops->reset(acd, (uint32_t)generation);
	if (e != ERR_OK) {
		log_error(LOG_DESK, "acd %s cannot be used: %s", acd->ops->name,
		    err_name(e));
		return;
	}
	d->acd = acd;
	d->acd_missed = false;
	if (d->generation == 0)
		d->generation = generation;
	d->acd_epoch++;
	/* Calls first: then each agent takes the best of all that wait. */
	for (struct call *c = d->calls; c != NULL; c = c->hh.next)
		if (call_is_waiting(c))
			route_enqueue(d, c);
	for (struct agent *a = d->agents; a != NULL; a = a->hh.next)
		tell_agent(d, a);
	log_info(LOG_DESK, "acd=%s generation=%llu told %u calls %u agents",
	    acd->ops->name, (unsigned long long)generation,
	    HASH_COUNT(d->calls), HASH_COUNT(d->agents));
}
