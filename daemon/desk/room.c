/*
 * room.c - waiting rooms: who waits in which, by order, what that teaches about
 * the wait, and what each caller was promised.
 */
#include "desk/state.h"

/* Matched sooner, it had not to wait: that says nothing of a full house. */
#define HAD_TO_WAIT_US INT64_C(1000000)

static void
counted(struct desk *d, struct room *r)
{
	estimator_waiting(&r->rate, (uint32_t)r->calls.n, d->now);
}

static void
out(struct desk *d, struct call *c)
{
	struct stay *s = &c->stay;
	struct room *r;

	if (s->listed == NULL)
		return;
	r = &s->listed->room;
	zset_remove(&r->calls, &s->node);
	s->listed = NULL;
	counted(d, r);
}

static void
in(struct desk *d, struct call *c)
{
	struct stay *s = &c->stay;

	s->listed = c->queue;
	s->alone_since = d->now;
	zset_add(&c->queue->room.calls, &s->node);
	counted(d, &c->queue->room);
}

void
room_place(struct desk *d, struct call *c, int64_t score)
{
	struct stay *s = &c->stay;
	int64_t since = s->alone_since;
	bool stands = s->listed == c->queue;

	if (!gate_is_alone(c) ||
	    (stands && s->node.score == score && c->direct == 0))
		return;
	out(d, c);
	if (c->direct != 0)
		return; /* nobody of the queue is to come to it */
	s->node.score = score;
	s->node.arrival = c->arrival;
	s->node.id = c->id;
	in(d, c);
	if (stands)
		s->alone_since = since;
}

void
room_offered(struct desk *d, struct call *c)
{
	struct stay *s = &c->stay;

	if (s->listed == NULL)
		return;
	s->taken = d->now - s->alone_since >= HAD_TO_WAIT_US;
	if (s->taken)
		estimator_taken(&s->listed->room.rate, d->now);
	s->offered_at = d->now;
	out(d, c);
}

void
room_back(struct desk *d, struct call *c)
{
	struct stay *s = &c->stay;

	if (s->in == NULL || s->in != c->queue || s->listed != NULL ||
	    !gate_is_alone(c) || c->direct != 0)
		return;
	if (s->taken)
		estimator_back(&s->in->room.rate, d->now);
	s->taken = false;
	in(d, c);
	wait_begin(d, c); /* what was due while it rang */
}

void
room_answered(struct desk *d, struct call *c, struct agent *a)
{
	struct stay *s = &c->stay;
	struct room *r;

	out(d, c);
	if (s->in == NULL)
		return;
	r = &s->in->room;
	if (s->offered_at != 0)
		estimator_picked_up(&r->rate, d->now - s->offered_at);
	calibration_add(&r->calibration, &s->promise, true, d->now);
	s->promise = (struct promise){ 0 };
	s->offered_at = 0;
	s->taken = false;
	a->serves = s->in->id;
	a->serves_since = d->now;
	s->in = NULL;
}

void
room_left(struct desk *d, struct call *c)
{
	out(d, c);
}

void
room_gave_up(struct desk *d, struct call *c)
{
	struct stay *s = &c->stay;

	if (s->in == NULL || s->away != CAUSE_NONE)
		return;
	estimator_gave_up(&s->in->room.rate, d->now);
	calibration_add(&s->in->room.calibration, &s->promise, false, d->now);
}

/* ---- agents */

static const bool at_work[AGENT_NSTATES] = {
	[AGENT_STATE_READY] = true,
	[AGENT_STATE_RESERVED] = true,
	[AGENT_STATE_BUSY] = true,
	[AGENT_STATE_WORKING_AFTER_CALL] = true,
};

/* Never below nothing: while a configuration is being read an agent may have
 * left a queue that never counted them; the recount behind it puts it right. */
static uint32_t
moved_by(uint32_t n, int by)
{
	return by < 0 && n == 0 ? 0 : n + (uint32_t)by;
}

static void
count_agent(struct desk *d, const struct agent *a, int staff, int ready)
{
	for (unsigned i = 0; i < a->profile.n_queues; i++) {
		struct queue *q = queue_find(d, a->profile.queues[i]);

		if (q == NULL)
			continue;
		q->room.ready = moved_by(q->room.ready, ready);
		q->room.staff = moved_by(q->room.staff, staff);
		if (staff != 0)
			estimator_staff(&q->room.rate, q->room.staff, d->now);
	}
}

/* Free again: from being connected to here is what a call costs. */
static void
handled(struct desk *d, struct agent *a)
{
	struct queue *q = queue_find(d, a->serves);

	if (q != NULL)
		estimator_handled(&q->room.rate, d->now - a->serves_since);
	a->serves = 0;
}

void
room_agent(struct desk *d, struct agent *a, enum agent_state old)
{
	int staff = at_work[a->state] - at_work[old];
	int ready =
	    (a->state == AGENT_STATE_READY) - (old == AGENT_STATE_READY);

	if (a->serves != 0 && a->state != AGENT_STATE_BUSY &&
	    a->state != AGENT_STATE_WORKING_AFTER_CALL)
		handled(d, a);
	if (staff != 0 || ready != 0)
		count_agent(d, a, staff, ready);
}

void
room_recount(struct desk *d)
{
	for (struct queue *q = d->queues; q != NULL; q = q->hh.next) {
		q->room.staff = q->room.ready = 0;
		q->room.warned = false;
	}
	for (struct agent *a = d->agents; a != NULL; a = a->hh.next)
		count_agent(
		    d, a, at_work[a->state], a->state == AGENT_STATE_READY);
	for (struct queue *q = d->queues; q != NULL; q = q->hh.next)
		estimator_staff(&q->room.rate, q->room.staff, d->now);
}

/* ---- what may be told */

uint32_t
room_ahead(const struct call *c)
{
	return (uint32_t)zset_rank(&c->stay.node);
}

bool
room_expected(const struct queue *q, int64_t now, struct estimate *e)
{
	const struct room *r = &q->room;

	if (r->calls.n == 0 && r->ready > 0) {
		*e = (struct estimate){ 0 };
		return true;
	}
	return estimator_wait(&r->rate, (uint32_t)r->calls.n, now, e);
}

bool
room_promise(struct desk *d, struct call *c)
{
	const struct room *r = &c->queue->room;
	struct estimate e;

	if (!estimator_wait(&r->rate, room_ahead(c), d->now, &e))
		return false;
	(void)promise_tell(&c->stay.promise, &e, r->staff, d->now);
	return true;
}
