/*
 * rehearsal_staff.c - agents: they come and go by their shifts, lift the phone,
 * write their notes.
 */
#include "whatif/stage.h"

#include <stdlib.h>

#include "base/clock.h"

#define LATE_US (3600 * CLOCK_S) /* after the last caller has come */

static struct desk_action
by(struct stage *s, const struct seat *t)
{
	return (struct desk_action){ .op = id_random(),
		.agent = t->id,
		.actor = str_of(t->name),
		.now = s->now };
}

/* ------------------------------------------------------------------- news */

static void
on_offer(void *arg, uint32_t agent, const struct offer_news *n)
{
	struct stage *s = arg;
	struct seat *t = stage_seat(s, agent);
	struct caller *c = stage_caller(s, &n->call);
	struct act a = { .kind = ACT_SHOWN, .seat = t, .id = n->offer };

	if (t == NULL || c == NULL)
		return;
	t->offer = n->offer;
	t->offered = c;
	c->offers++;
	c->taken = false;
	caller_check_order(s, c);
	/* Where it is taken on the screen, that is what takes time. */
	a.auto_answer = n->can_answer;
	stage_soon(s, &a);
}

static void
on_offer_ended(void *arg, uint32_t agent, uint64_t offer, enum offer_end why)
{
	struct seat *t = stage_seat(arg, agent);

	if (t == NULL || t->offer != offer)
		return;
	t->offer = 0;
	t->offered->taken |= why == OFFER_END_ACCEPTED;
	t->offered->offers--;
}

static void
on_order(void *arg, struct desk_switch *h, const struct order *o)
{
	(void)h;
	caller_ordered(arg, o);
}

static void
on_story(void *arg, uint32_t agent, const struct story_news *n)
{
	(void)arg, (void)agent, (void)n;
}

static void
on_agent(void *arg, uint32_t agent, const struct agent_news *n)
{
	(void)arg, (void)agent, (void)n;
}

static void
on_call(void *arg, uint32_t agent, const struct call_news *n)
{
	(void)arg, (void)agent, (void)n;
}

static void
on_taken_over(void *arg, uint32_t agent)
{
	(void)arg, (void)agent;
}

static void
on_saved(void *arg, void *peer, const struct id *op)
{
	(void)arg, (void)peer, (void)op;
}

static void
on_stream(void *arg, struct desk_switch *h, uint64_t up_to)
{
	(void)arg, (void)h, (void)up_to;
}

static void
on_nack(void *arg, struct desk_switch *h, uint64_t seq, enum err e)
{
	(void)arg, (void)h, (void)seq, (void)e;
}

void
seat_news(struct stage *s)
{
	s->news = (struct desk_news){
		.offer = on_offer,
		.story = on_story,
		.offer_ended = on_offer_ended,
		.agent = on_agent,
		.call = on_call,
		.taken_over = on_taken_over,
		.saved = on_saved,
		.order = on_order,
		.committed = on_stream,
		.nack = on_nack,
		.resend = on_stream,
		.arg = s,
	};
}

/* ----------------------------------------------------------------- shifts */

static int64_t
shift_end(const struct stage *s, const struct seat *t)
{
	return t->shifts != NULL ? t->shifts->shifts[t->next_shift].to
	                         : s->to + LATE_US;
}

static void
come(struct stage *s, struct seat *t)
{
	if (!t->present) {
		t->came_at = s->now;
		t->present =
		    desk_agent_login(s->desk, t->id, str_of(t->name),
			AGENT_STATE_READY, STR_LIT(""), s->now) == ERR_OK;
	}
	t->leaving = false;
	t->shift.kind = ACT_GO;
	stage_at(s, &t->shift, shift_end(s, t));
}

static void
leave(struct stage *s, struct seat *t)
{
	t->leaving = t->present = false;
	s->tally->staffed_s += (double)(s->now - t->came_at) / CLOCK_S;
	desk_agent_gone(s->desk, t->id, true, s->now);
}

/* Whoever is with a caller, or at the notes, goes then. */
static void
go(struct stage *s, struct seat *t)
{
	if (t->busy_from != 0)
		t->leaving = true;
	else if (t->present)
		leave(s, t);
	t->next_shift++;
	if (t->shifts == NULL || t->next_shift >= t->shifts->n_shifts)
		return;
	t->shift.kind = ACT_COME;
	stage_at(s, &t->shift, t->shifts->shifts[t->next_shift].from);
}

/* ------------------------------------------------------------------ calls */

static void
shown(struct stage *s, const struct act *a)
{
	struct seat *t = a->seat;
	struct desk_action by_it = by(s, t);

	if (t->offer != a->id ||
	    desk_offer_shown(s->desk, &by_it, a->id) != ERR_OK)
		return;
	t->lift.auto_answer = a->auto_answer;
	if (a->auto_answer)
		stage_at(s, &t->lift, s->now + t->offered->plan->ring_us);
}

static void
lift(struct stage *s, struct seat *t)
{
	struct desk_action by_it = by(s, t);
	struct caller *c = t->offered;

	if (t->lift.auto_answer) {
		t->lift.auto_answer = false;
		/* It may have ended at this very instant. */
		if (t->offer != 0 &&
		    desk_offer_accept(s->desk, &by_it, t->offer) != ERR_OK)
			on_offer_ended(s, t->id, t->offer, OFFER_END_NONE);
	} else if (c != NULL && c->live && c->rings == t) {
		caller_established(s, c, t);
	}
}

/* The notes took longer than the queue allows, and the next caller is here. */
void
seat_busy(struct stage *s, struct seat *t, struct caller *c)
{
	if (heap_has(&t->note.node))
		s->tally->busy_s += (double)(s->now - t->busy_from) / CLOCK_S;
	heap_clear(&s->agenda, &t->note.node);
	t->caller = c;
	t->busy_from = s->now;
}

void
seat_cleared(struct stage *s, struct seat *t)
{
	stage_at(s, &t->note, s->now + t->caller->plan->wrap_up_us);
}

static void
written(struct stage *s, struct seat *t)
{
	struct desk_action by_it = by(s, t);
	struct wrap_up w = { .call = t->caller->id,
		.kind = TICKET_CONSULTATION,
		.solved = true,
		.next = AGENT_STATE_READY };

	s->tally->busy_s += (double)(s->now - t->busy_from) / CLOCK_S;
	t->busy_from = 0;
	if (t->leaving)
		w.next = AGENT_STATE_NOT_READY;
	if (desk_wrap_up(s->desk, &by_it, &w) != ERR_OK)
		abort(); /* a call of its own */
	stage_settle(s);
	if (t->leaving)
		leave(s, t);
}

void
seat_act(struct stage *s, struct act *a)
{
	struct seat *t = a->seat;

	switch (a->kind) {
	case ACT_COME:
		come(s, t);
		break;
	case ACT_GO:
		go(s, t);
		break;
	case ACT_SHOWN:
		shown(s, a);
		break;
	case ACT_LIFT:
		lift(s, t);
		break;
	case ACT_WRITTEN:
		written(s, t);
		break;
	default:
		break;
	}
}
