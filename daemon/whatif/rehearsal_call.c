/*
 * rehearsal_call.c - the switch: callers come, wait, give up, are connected,
 * and what is ordered is done at once.
 */
#include "whatif/stage.h"

#include <stdlib.h>

#include "base/clock.h"

#define SHORT_US (5 * CLOCK_S)
#define LEVEL_US (20 * CLOCK_S)
#define DAY_US (86400 * CLOCK_S)

static void
say(struct stage *s, struct caller *c, enum call_event_kind kind,
    const char *device, enum cause cause, enum party party)
{
	const struct plan_call *p = c->plan;
	struct call_event e = {
		.call = str_of(p->name),
		.stream_seq = ++s->stream,
		.version = ++s->version,
		.call_seq = ++c->seq,
		.occurred_at = s->now,
		.kind = kind,
		.caller = str_of(p->caller),
		.caller_name = str_of(p->caller_name),
		.called = str_of(s->plan->types[p->type].called),
		.priority = p->priority,
		.device = str_of(device),
		.cause = cause,
		.party = party,
	};

	if (desk_call_event(s->sw, &e, s->now) != ERR_OK)
		abort(); /* the desk refuses nothing that a switch may say */
}

/* ---- those that wait, in the order of coming */

static void
begin_to_wait(struct stage *s, struct caller *c)
{
	c->queued_at = s->now;
	c->prev = s->last_waiting;
	if (c->prev != NULL)
		c->prev->after = c;
	else
		s->first_waiting = c;
	s->last_waiting = c;
}

static void
end_waiting(struct stage *s, struct caller *c)
{
	*(c->prev != NULL ? &c->prev->after : &s->first_waiting) = c->after;
	*(c->after != NULL ? &c->after->prev : &s->last_waiting) = c->prev;
	c->prev = c->after = NULL;
}

/* Like ones want the same number and are of one class. */
void
caller_check_order(struct stage *s, const struct caller *c)
{
	for (const struct caller *w = s->first_waiting; w != c && w != NULL;
	     w = w->after)
		if (w->plan->type == c->plan->type &&
		    w->plan->priority == c->plan->priority && w->offers == 0 &&
		    !w->taken && w->queued_at < c->queued_at)
			s->tally->overtaken++;
}

static void
count_wait(struct stage *s, const struct caller *c)
{
	double wait_s = (double)(s->now - c->queued_at) / CLOCK_S;
	int64_t half = c->queued_at % DAY_US / (1800 * CLOCK_S);

	s->tally->wait_s += wait_s;
	s->tally->cells[c->class][half].n++;
	s->tally->cells[c->class][half].wait_s += wait_s;
}

/* ---- what happens to them */

static void
ends(struct stage *s, struct caller *c, enum cause cause, enum party party)
{
	struct seat *talks = c->talks;

	c->live = false;
	c->rings = c->talks = NULL;
	heap_clear(&s->agenda, &c->patience.node);
	heap_clear(&s->agenda, &c->next.node);
	if (c->queued_at != 0 && !c->answered) {
		end_waiting(s, c);
		count_wait(s, c);
		if (cause != CAUSE_NORMAL)
			s->tally->elsewhere++;
		else if (s->now - c->queued_at <= SHORT_US)
			s->tally->short_++;
		else
			s->tally->abandoned++;
	}
	say(s, c, CALL_EV_CALL_CLEARED, "", cause, party);
	if (talks != NULL)
		seat_cleared(s, talks);
}

void
caller_established(struct stage *s, struct caller *c, struct seat *t)
{
	int64_t wait = s->now - c->queued_at;

	heap_clear(&s->agenda, &c->patience.node);
	c->rings = NULL;
	c->talks = t;
	if (!c->answered) {
		end_waiting(s, c);
		count_wait(s, c);
		s->tally->answered++;
		s->tally->within += wait <= LEVEL_US;
		s->tally->answered_wait_s += (double)wait / CLOCK_S;
	}
	c->answered = true;
	seat_busy(s, t, c);
	c->next.kind = ACT_SERVED;
	stage_at(s, &c->next, s->now + c->service_us);
	say(s, c, CALL_EV_ESTABLISHED, t->name, CAUSE_NONE, PARTY_NONE);
}

static void
offered(struct stage *s, struct caller *c)
{
	s->tally->calls++;
	c->live = true;
	c->next.kind = ACT_QUEUED;
	stage_at(s, &c->next, s->now + c->plan->menu_us);
	say(s, c, CALL_EV_OFFERED, "", CAUSE_NONE, PARTY_NONE);
}

static void
queued(struct stage *s, struct caller *c)
{
	if (!c->plan->queues) {
		ends(s, c, CAUSE_NORMAL, PARTY_CALLER);
		return;
	}
	s->tally->offered++;
	begin_to_wait(s, c);
	stage_at(s, &c->patience, s->now + c->patience_us);
	say(s, c, CALL_EV_QUEUED, "", CAUSE_NONE, PARTY_NONE);
}

/* ---- orders */

void
caller_ordered(struct stage *s, const struct order *o)
{
	struct id id = id_of_call(desk_switch_name(s->sw), 1, o->call);
	struct act a = { .kind = ACT_ORDER,
		.caller = stage_caller(s, &id),
		.id = o->order_id,
		.order = o->kind,
		.cause = o->cause,
		.auto_answer = o->auto_answer };

	for (size_t i = 0; i < s->n_seats && o->device.len > 0; i++)
		if (str_eq(o->device, str_of(s->seats[i].name)))
			a.seat = &s->seats[i];
	stage_soon(s, &a);
}

static void
result(struct stage *s, const struct act *a, enum err e)
{
	struct order_result r = {
		.order_id = a->id, .version = ++s->version, .err = e
	};

	desk_order_result(s->sw, &r, s->now);
	stage_settle(s);
}

static void
ring(struct stage *s, struct caller *c, const struct act *a)
{
	c->rings = a->seat;
	say(s, c, CALL_EV_DELIVERED, a->seat->name, CAUSE_NONE, PARTY_NONE);
	stage_settle(s);
	if (a->auto_answer)
		caller_established(s, c, a->seat);
	else
		stage_at(s, &a->seat->lift, s->now + c->plan->ring_us);
}

static void
carry_out(struct stage *s, const struct act *a)
{
	struct caller *c = a->caller;

	if (c == NULL || !c->live) {
		result(s, a, ERR_NOT_FOUND);
		return;
	}
	result(s, a, ERR_OK);
	if (!c->live)
		return;
	if (a->order == ORDER_CONNECT && a->seat != NULL && c->talks == NULL)
		ring(s, c, a);
	else if (a->order == ORDER_DISCONNECT)
		c->rings = NULL;
	else if (a->order == ORDER_CLEAR)
		ends(s, c, a->cause, PARTY_SWITCH);
}

void
caller_act(struct stage *s, struct act *a)
{
	struct caller *c = a->caller;

	switch (a->kind) {
	case ACT_OFFERED:
		offered(s, c);
		break;
	case ACT_QUEUED:
		queued(s, c);
		break;
	case ACT_GIVE_UP:
	case ACT_SERVED:
		ends(s, c, CAUSE_NORMAL, PARTY_CALLER);
		break;
	case ACT_ORDER:
		carry_out(s, a);
		break;
	default:
		break;
	}
}
