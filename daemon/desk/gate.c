/*
 * gate.c - what a queue's rules say to a call at the door, and while it waits.
 */
#include "desk/state.h"

#include "base/log.h"
#include "sla/calendar.h"

/* After an action that had no effect: where a call would go was closed. */
#define AGAIN_US (10 * INT64_C(1000000))

bool
stay_has_been(const struct stay *s, const struct queue *q)
{
	for (unsigned i = 0; i < s->n_been; i++)
		if (s->been[i] == q->id)
			return true;
	return s->n_been == STAY_QUEUES_MAX; /* it has come far enough */
}

bool
gate_is_alone(const struct call *c)
{
	return call_is_open(c) && c->offers == NULL;
}

/* ---- at the door */

/* A calendar that there is not closes nothing: the configuration was checked,
 * so it is one that came with a revision that could not be read. */
static bool
is_open(struct desk *d, struct queue *q)
{
	const struct calendar *hours;

	if (q->rules.hours.len == 0)
		return true;
	if (clockwork_calendar(d->clockwork, q->rules.hours, &hours))
		return calendar_is_open(hours, d->now);
	if (!q->room.warned)
		log_warn(LOG_DESK,
		    "queue=%s there is no calendar %.*s: open always", q->name,
		    STR_ARG(q->rules.hours));
	q->room.warned = true;
	return true;
}

enum cause
gate_bar(struct desk *d, struct queue *q, struct rule_then *then)
{
	if (q->room.door != QUEUE_OPEN || !is_open(d, q)) {
		*then = q->rules.closed;
		return CAUSE_REFUSED;
	}
	if (q->rules.full != 0 && q->room.calls.n >= q->rules.full) {
		*then = q->rules.when_full;
		return CAUSE_REFUSED;
	}
	return CAUSE_NONE;
}

/* Nobody serves it: that is longer than any bound. */
static bool
is_too_slow(const struct desk *d, const struct queue *q, int64_t over)
{
	struct estimate e;

	return !room_expected(q, d->now, &e) || e.mean_us > over;
}

const struct overflow *
gate_overflow(const struct desk *d, const struct queue *q)
{
	for (unsigned i = 0; i < q->rules.n_overflows; i++) {
		const struct overflow *o = &q->rules.overflows[i];

		if (o->then.action == ACTION_NONE)
			continue;
		if (o->kind == OVERFLOW_LENGTH &&
		    (int64_t)q->room.calls.n >= o->over)
			return o;
		if (o->kind == OVERFLOW_ESTIMATE && is_too_slow(d, q, o->over))
			return o;
	}
	return NULL;
}

static void
let_in(struct desk *d, struct call *c)
{
	struct stay *s = &c->stay;

	if (s->in == c->queue)
		return;
	/* One who returns has an earlier call's place, not its wait. */
	s->entered_at =
	    s->n_been == 0 && !c->stand.returned ? c->enqueued_at : d->now;
	s->not_before = 0;
	s->in = c->queue;
	s->promise = (struct promise){ 0 };
	if (!stay_has_been(s, c->queue) && s->n_been < STAY_QUEUES_MAX)
		s->been[s->n_been++] = c->queue->id;
	announce_begin(d, c);
}

/* Whom nobody asks: who was let in before, here or by the process before this
 * one; whom a person has sent; whom the switch would not end. */
static bool
is_known(const struct call *c)
{
	return c->stay.in == c->queue || c->looking_up || c->stay.stays ||
	       c->moved_to == c->queue || stay_has_been(&c->stay, c->queue);
}

/* On to another queue, in the old place. */
static void
go_to(struct desk *d, struct call *c, struct queue *to, enum cause cause)
{
	const struct queue *from = c->queue;

	log_info(LOG_DESK, "switch=%s call=%.*s from queue=%s to queue=%s",
	    c->sw->name, (int)c->name_len, c->name, c->queue->name, to->name);
	line_restart(d, c);
	c->moved_to = c->queue = to;
	decision_gate(d, c, from, cause, false);
}

bool
gate_enter(struct desk *d, struct call *c)
{
	struct rule_then then = { 0 };
	const struct overflow *o;
	struct gate_way way;
	enum cause cause;

	if (c->stay.away != CAUSE_NONE)
		return false;
	if (is_known(c)) {
		let_in(d, c);
		return true;
	}
	cause = gate_bar(d, c->queue, &then);
	if (cause == CAUSE_NONE && (o = gate_overflow(d, c->queue)) != NULL) {
		cause = CAUSE_OVERFLOW;
		then = o->then;
	}
	if (cause != CAUSE_NONE) {
		way = gate_way(d, c, then);
		if (way.to != NULL)
			go_to(d, c, way.to, cause);
		else if ((cause != CAUSE_OVERFLOW ||
			     then.action != ACTION_QUEUE) &&
			 gate_turn_away(d, c, way, cause)) {
			decision_gate(d, c, c->queue, cause, way.callback);
			return false;
		}
	}
	let_in(d, c);
	return true;
}

/* ---- while it waits */

static bool
can_overflow(
    const struct desk *d, const struct call *c, const struct overflow *o)
{
	const struct queue *to;

	if (o->kind != OVERFLOW_WAIT || o->then.action == ACTION_NONE)
		return false;
	if (o->then.action != ACTION_QUEUE)
		return true;
	to = queue_by_name(d, o->then.queue);
	return to != NULL && !stay_has_been(&c->stay, to);
}

/* By the queue's rules alone. */
static int64_t
rules_next_at(const struct desk *d, const struct call *c)
{
	const struct route_rules *r = &c->queue->rules;
	const struct stay *s = &c->stay;
	int64_t at = INT64_MAX;

	/* One who waits for an agent alone waits so long as that says. */
	if (s->stays || s->in != c->queue || c->direct != 0)
		return INT64_MAX;
	if (c->queue->room.door == QUEUE_CLOSED)
		at = d->now;
	if (r->max_wait_us != 0 && s->entered_at + r->max_wait_us < at)
		at = s->entered_at + r->max_wait_us;
	for (unsigned i = 0; i < r->n_overflows; i++)
		if (s->entered_at + r->overflows[i].over < at &&
		    can_overflow(d, c, &r->overflows[i]))
			at = s->entered_at + r->overflows[i].over;
	return at > s->not_before || at == INT64_MAX ? at : s->not_before;
}

int64_t
gate_next_at(const struct desk *d, const struct call *c)
{
	int64_t at, told;

	if (c->stay.handing_over)
		return d->now;
	if (!call_is_routed(c) || c->queue == NULL || c->agent != NULL ||
	    c->stay.away != CAUSE_NONE)
		return INT64_MAX;
	at = rules_next_at(d, c);
	told = announce_next_at(c);
	if (told < at)
		at = told;
	/* What rings at an agent is left alone as long as it does. */
	for (const struct offer *o = c->offers; o != NULL; o = o->next)
		if (at < o->deadline_at)
			at = o->deadline_at;
	return at;
}

/* What is due by the rules, with its cause; CAUSE_NONE: nothing. */
static enum cause
what_is_due(struct desk *d, const struct call *c, struct rule_then *then)
{
	const struct route_rules *r = &c->queue->rules;
	int64_t waited = d->now - c->stay.entered_at;

	if (rules_next_at(d, c) > d->now)
		return CAUSE_NONE;
	if (c->queue->room.door == QUEUE_CLOSED) {
		*then = r->closed;
		return CAUSE_REFUSED;
	}
	if (r->max_wait_us != 0 && waited >= r->max_wait_us) {
		*then = r->after_max_wait;
		return CAUSE_TIMED_OUT;
	}
	for (unsigned i = 0; i < r->n_overflows; i++)
		if (waited >= r->overflows[i].over &&
		    can_overflow(d, c, &r->overflows[i])) {
			*then = r->overflows[i].then;
			return CAUSE_OVERFLOW;
		}
	return CAUSE_NONE;
}

static void
send_on(struct desk *d, struct call *c, struct queue *to, enum cause cause)
{
	struct ledger_unit *u = record_begin(d);

	go_to(d, c, to, cause);
	call_requeue(d, c); /* the ACD moves it */
	record_call(u, c, c->seq);
	record_commit(d, &u);
}

/* False: it does not wait here any more. */
static bool
act(struct desk *d, struct call *c, struct rule_then then, enum cause cause)
{
	struct gate_way way = gate_way(d, c, then);
	struct ledger_unit *u;

	if (way.to != NULL) {
		send_on(d, c, way.to, cause);
		return false;
	}
	if (cause == CAUSE_OVERFLOW && then.action == ACTION_QUEUE) {
		c->stay.not_before = d->now + AGAIN_US;
		return true;
	}
	u = record_begin(d);
	call_unqueue(d, u, c, OFFER_END_WITHDRAWN);
	record_commit(d, &u);
	if (gate_turn_away(d, c, way, cause))
		decision_gate(d, c, c->queue, cause, way.callback);
	else
		call_requeue(d, c);
	return false;
}

bool
gate_due(struct desk *d, struct call *c)
{
	struct rule_then then = { 0 };
	enum cause cause;

	if (c->stay.handing_over) {
		gate_hand_over(d, c);
		return false;
	}
	if (!gate_is_alone(c))
		return call_is_open(c);
	cause = what_is_due(d, c, &then);
	if (cause != CAUSE_NONE && !act(d, c, then, cause))
		return false;
	announce_due(d, c);
	return true;
}

void
gate_set_door(struct desk *d, struct queue *q, enum queue_door door)
{
	q->room.door = door;
	if (door != QUEUE_CLOSED)
		return;
	for (struct call *c = d->calls; c != NULL; c = c->hh.next)
		if (c->queue == q && call_is_open(c))
			wait_begin(d, c); /* at the next tick */
}
