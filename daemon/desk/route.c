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

#include <stdlib.h>

#include "base/log.h"
#include "desk/work.h"

struct request {
	struct desk *desk;
	uint32_t epoch;
	enum acd_op op;
	struct id call; /* of ENQUEUE, MOVE, DEQUEUE */
	struct look look;
};

/* Their clocks begin anew, so those that run are of no use. */
static void
all_ready_again(struct desk *d, const struct queue *q)
{
	const struct acd_line line = { .queue = q->id };

	for (struct agent *a = d->agents; a != NULL; a = a->hh.next)
		if (a->state == AGENT_STATE_READY &&
		    strategy_queue(d, &line, a) != NULL)
			route_ready_again(d, a);
}

static void route_send(struct desk *, const struct acd_cmd *);

static void
on_offered(struct desk *d, const struct acd_effect *e)
{
	struct call *c = call_find(d, &e->call);
	struct agent *a = agent_find(d, e->agent);
	struct queue *wound;
	bool rewind_clocks;

	if (c == NULL && work_find(d, &e->call) != NULL)
		work_offered(d, e->offer, &e->call, a);
	else if (c == NULL) /* it has ended, or never was: not again */
		route_send(
		    d, &(struct acd_cmd){
			   .op = ACD_DEQUEUE, .now = d->now, .call = e->call });
	/* What has changed since was told to the ACD after this command: it
	 * ends the offer itself. */
	if (c == NULL || !call_is_open(c) || a == NULL ||
	    a->state != AGENT_STATE_READY)
		return;
	rewind_clocks = strategy_won(d, c, a, &wound);
	offer_made(d, e->offer, c, a);
	if (rewind_clocks)
		all_ready_again(d, wound);
}

/* By a command of ours that did not name it, sent before we knew of it. */
static void
on_rescinded(struct desk *d, const struct acd_effect *e)
{
	struct offer *o = offer_find(d, e->offer);
	struct ledger_unit *u;

	if (o == NULL)
		return; /* we ended it first */
	u = record_begin(d);
	offer_finish(d, u, o, OFFER_END_RESCINDED, true);
	record_commit(d, &u);
}

/* It waits, and the ACD says that it does not: told again. */
static void
on_missing(struct desk *d, const struct id *id)
{
	struct call *c = call_find(d, id);

	if (c == NULL || !call_is_waiting(c) || c->offers != NULL)
		return;
	c->stand.epoch = 0;
	route_stand(d, c, false);
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
			else
				on_rescinded(d, &r->effects[i]);
		if (q->op == ACD_MOVE && r->err == ERR_NOT_FOUND)
			on_missing(d, &q->call);
		if (q->op == ACD_LOOK && r->err == ERR_OK)
			detector_seen(d, &q->look, r->seen);
	}
	free(q);
	/* It took fewer commands than there were: now it can take all again. */
	if (d->acd_missed && d->acd_pending == 0 && r->err != ERR_IO)
		route_use(d, d->acd);
}

static void
send_look(struct desk *d, const struct acd_cmd *cmd, const struct look *l)
{
	struct request *q = malloc(sizeof(*q));
	enum err e;

	if (q == NULL)
		desk_stop(ERR_NOMEM);
	*q = (struct request){ d, d->acd_epoch, cmd->op, cmd->call, *l };
	e = acd_send(d->acd, cmd, route_done, q);
	if (e != ERR_OK) {
		/* ERR_IO: `lost' follows, and all is told to another. */
		d->acd_missed |= e != ERR_IO;
		free(q);
		return;
	}
	d->acd_pending++;
}

static void
route_send(struct desk *d, const struct acd_cmd *cmd)
{
	static const struct look none;

	send_look(d, cmd, &none);
}

void
route_look(struct desk *d, const struct look *l)
{
	const struct acd_cmd cmd = { .op = ACD_LOOK,
		.now = d->now,
		.call = l->call,
		.agent = l->agent };

	send_look(d, &cmd, l);
}

/* Told, and it has not changed since. */
static bool
stands_so(const struct call_stand *s, const struct acd_cmd *cmd)
{
	/* Both in their normal form, which is made for this. */
	return s->score == cmd->score && s->ring == cmd->ring &&
	       memcmp(s->line, cmd->line, sizeof(*s->line)) == 0; /* NOLINT */
}

void
route_stand(struct desk *d, struct call *c, bool forgive)
{
	struct call_stand *s = &c->stand;
	struct acd_line own, line, was;
	struct acd_cmd cmd = { .op = ACD_ENQUEUE,
		.now = d->now,
		.call = c->id,
		.arrival = c->arrival,
		.forgive = forgive,
		.line = &line };
	bool there = s->epoch == d->acd_epoch;

	if (there ? !call_is_open(c) : !call_is_waiting(c))
		return;
	if (!there && line_holds(d, c))
		return;
	line_settle(d, c);
	line_of(d, c, &own);
	acd_line_normal(&own, &line);
	cmd.score = acd_score(c->enqueued_at - credit_of(d, c));
	cmd.ring = call_ring(c);
	room_place(d, c, cmd.score);
	if (there && !forgive && stands_so(s, &cmd))
		return;
	if (there)
		cmd.op = ACD_MOVE;
	cmd.excluded = s->excluded;
	cmd.n_excluded =
	    s->n_excluded < ACD_MAX_EXCLUDED ? s->n_excluded : ACD_MAX_EXCLUDED;
	if (s->line == NULL)
		s->line = calloc(1, sizeof(*s->line));
	desk_must(s->line != NULL ? ERR_OK : ERR_NOMEM);
	was = *s->line;
	*s->line = line;
	s->score = cmd.score;
	s->ring = cmd.ring;
	s->epoch = d->acd_epoch;
	if (there)
		decision_stands(d, c, &was, forgive);
	else
		decision_placed(c);
	route_send(d, &cmd);
}

void
route_dequeue(struct desk *d, struct call *c)
{
	struct acd_cmd cmd = {
		.op = ACD_DEQUEUE, .now = d->now, .call = c->id
	};

	if (c->stand.epoch != d->acd_epoch)
		return;
	c->stand.epoch = 0;
	route_send(d, &cmd);
}

static bool
all_equal(const int64_t *scores, unsigned n)
{
	for (unsigned i = 1; i < n; i++)
		if (scores[i] != scores[0])
			return false;
	return true;
}

void
route_agent(struct desk *d, struct agent *a, enum acd_op op)
{
	int64_t scores[ACD_MAX_AGENT_QUEUES];
	struct acd_cmd cmd = {
		.op = op,
		.now = d->now,
		.agent = a->id,
	};

	if (a->profile_due && op != ACD_LOGOUT)
		route_login(d, a); /* the offer that it waited for is over */
	strategy_told(d, a, op);
	if (op == ACD_READY) {
		cmd.n_scores = strategy_scores(d, a, scores);
		cmd.score = scores[0];
		if (!all_equal(scores, cmd.n_scores))
			cmd.scores = scores;
	}
	route_send(d, &cmd);
	if (op == ACD_LOGOUT)
		line_agent_gone(d, a);
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

	a->profile_due = false;
	a->profile.in_hand = work_in_hand(d, a->id);
	a->profile.site = a->device != NULL ? a->device->switch_id : 0;
	strategy_told(d, a, ACD_LOGIN);
	route_send(d, &cmd);
}

void
route_ready_again(struct desk *d, struct agent *a)
{
	route_login(d, a);
	route_agent(d, a, ACD_READY);
}

void
route_offer(struct desk *d, struct offer *o, enum acd_op op)
{
	struct acd_cmd cmd = { .op = op, .now = d->now, .offer = o->id };

	if (op == ACD_ACCEPT) {
		strategy_told(d, o->agent, op);
		if (o->call != NULL)
			o->call->stand.epoch = 0; /* has left its line */
	}
	if (o->epoch == d->acd_epoch)
		route_send(d, &cmd);
}

void
route_offer_ended(struct desk *d, struct offer *o, bool exclude, bool told)
{
	bool apart = o->place_lost || o->agent->profile_due;
	struct acd_cmd cmd = {
		.op = ACD_END_OFFER,
		.now = d->now,
		.offer = o->id,
		/* Else by a command of its own, with a place of its own. */
		.stay_ready = o->agent->state == AGENT_STATE_READY && !apart,
		.exclude = exclude,
	};

	if (o->call != NULL)
		room_back(d, o->call);
	if (o->epoch == d->acd_epoch) {
		if (!told)
			route_send(d, &cmd);
		if (apart && o->agent->state == AGENT_STATE_READY)
			route_agent(d, o->agent, ACD_READY);
		if (exclude && o->call != NULL)
			line_excluded(d, o->call, o->agent);
		return;
	}
	/* An earlier ACD's: this one knows the agent as busy, the call not. */
	if (o->agent->state == AGENT_STATE_READY)
		route_agent(d, o->agent, ACD_READY);
	else if (o->agent->state == AGENT_STATE_NOT_READY)
		route_agent(d, o->agent, ACD_NOT_READY);
	if (o->call == NULL)
		return; /* work waits by itself */
	if (exclude)
		line_excluded(d, o->call, o->agent);
	if (call_is_waiting(o->call))
		route_stand(d, o->call, false);
}

void
route_work(struct desk *d, const struct work *w, enum acd_op op)
{
	struct acd_line line;
	struct acd_cmd cmd = {
		.op = op,
		.now = d->now,
		.call = w->id,
		.score = work_score(w),
		.arrival = w->arrival,
		.line = &line,
	};

	work_line(w, &line);
	route_send(d, &cmd);
}

void
route_tell_agent(struct desk *d, struct agent *a)
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

void
route_login_again(struct desk *d, struct agent *a)
{
	if (a->offer == NULL)
		route_tell_agent(d, a);
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
			route_stand(d, c, false);
	work_route_all(d);
	for (struct agent *a = d->agents; a != NULL; a = a->hh.next)
		route_tell_agent(d, a);
	log_info(LOG_DESK, "acd=%s generation=%llu told %u calls %u agents",
	    acd->ops->name, (unsigned long long)generation,
	    HASH_COUNT(d->calls), HASH_COUNT(d->agents));
}
