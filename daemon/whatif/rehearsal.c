/*
 * rehearsal.c - the stage is set, the clock jumps, everything is counted.
 */
#include "whatif/rehearsal.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "replay/draw.h"
#include "whatif/paper.h"
#include "whatif/stage.h"

#define CAN                                                       \
	(ORDER_BIT(ORDER_CONNECT) | ORDER_BIT(ORDER_DISCONNECT) | \
	    ORDER_BIT(ORDER_CLEAR))
#define LEAD_US (60 * CLOCK_S) /* agents are there before the first call */

/* ------------------------------------------------------------------ clock */

void
stage_at(struct stage *s, struct act *a, int64_t at)
{
	if (heap_set(&s->agenda, &a->node, at) != ERR_OK)
		abort(); /* a rehearsal has nothing to save */
}

void
stage_soon(struct stage *s, const struct act *a)
{
	struct act *copy = malloc(sizeof(*copy));

	if (copy == NULL)
		abort();
	*copy = *a;
	copy->node.slot = 0;
	stage_at(s, copy, s->now);
}

void
stage_settle(struct stage *s)
{
	do
		mem_acd_run(s->acd);
	while (paper_run(s->paper) || !desk_is_settled(s->desk));
}

static void
do_act(struct stage *s, struct act *a)
{
	bool own = a->kind == ACT_ORDER || a->kind == ACT_SHOWN;

	if (a->kind == ACT_COME || a->kind == ACT_GO || a->kind == ACT_LIFT ||
	    a->kind == ACT_WRITTEN || a->kind == ACT_SHOWN)
		seat_act(s, a);
	else
		caller_act(s, a);
	if (own)
		free(a);
	stage_settle(s);
}

static void
play(struct stage *s)
{
	struct heap_node *n;

	while ((n = heap_first(&s->agenda)) != NULL) {
		int64_t due = desk_next_at(s->desk);

		if (due < n->at) {
			s->now = due > s->now ? due : s->now;
			desk_tick(s->desk, s->now);
			stage_settle(s);
			continue;
		}
		s->now = n->at;
		heap_clear(&s->agenda, n);
		do_act(s, (struct act *)(void *)((char *)n -
						 offsetof(struct act, node)));
	}
}

/* ---------------------------------------------------------------- setting */

struct caller *
stage_caller(struct stage *s, const struct id *id)
{
	struct caller *c;

	HASH_FIND(hh, s->by_id, id, sizeof(*id), c);
	return c;
}

/* How soon people give up: of all who waited, by those who did (the maximum-
 * likelihood rate of exponential patience, censored by answers). */
static void
learn_patience(struct stage *s)
{
	double gave_up = 0, waited_s = 0;

	for (size_t i = 0; i < s->plan->n_calls; i++) {
		const struct plan_call *c = &s->plan->calls[i];

		if (!c->queues)
			continue;
		gave_up += c->patience_us != PLAN_FOR_EVER;
		waited_s +=
		    (double)(c->patience_us != PLAN_FOR_EVER ? c->patience_us
							     : c->waited_us) /
		    CLOCK_S;
	}
	s->hazard = waited_s > 0 ? gave_up / waited_s : 0;
}

/* Who was answered would have waited longer: by how much is drawn.  With a
 * seed, all patience is, and services are those of other calls of the type. */
static void
draw_call(struct stage *s, struct caller *c)
{
	const struct plan_call *p = c->plan;
	struct draw d = draw_for(s->seed, p->name, "patience");
	double more = s->hazard > 0 ? draw_exponential(&d, CLOCK_S / s->hazard)
	                            : (double)PLAN_FOR_EVER / 4;

	c->patience_us = p->patience_us;
	c->service_us = p->service_us;
	if (p->patience_us == PLAN_FOR_EVER)
		c->patience_us =
		    (int64_t)more + (s->seed == 0 ? p->waited_us : 0);
	else if (s->seed != 0)
		c->patience_us = (int64_t)more;
	if (s->seed == 0)
		return;
	d = draw_for(s->seed, p->name, "service");
	for (unsigned tries = 0; tries < 64; tries++) {
		const struct plan_call *other =
		    &s->plan->calls[draw_below(&d, s->plan->n_calls)];

		if (other->type == p->type && other->queues) {
			c->service_us = other->service_us;
			break;
		}
	}
}

static enum err
set_callers(struct stage *s)
{
	const struct plan *p = s->plan;

	s->callers = calloc(p->n_calls + 1, sizeof(*s->callers));
	if (s->callers == NULL)
		return ERR_NOMEM;
	learn_patience(s);
	for (size_t i = 0; i < p->n_calls; i++) {
		struct caller *c = &s->callers[i];

		c->plan = &p->calls[i];
		c->id =
		    id_of_call(STR_LIT(PAPER_SWITCH), 1, str_of(c->plan->name));
		c->class = c->plan->priority < TALLY_CLASSES
		               ? c->plan->priority
		               : TALLY_CLASSES - 1;
		c->next = (struct act){ .kind = ACT_OFFERED, .caller = c };
		c->patience = (struct act){ .kind = ACT_GIVE_UP, .caller = c };
		draw_call(s, c);
		HASH_ADD(hh, s->by_id, id, sizeof(c->id), c);
		stage_at(s, &c->next, c->plan->offered_at);
	}
	s->from = p->n_calls > 0 ? p->calls[0].offered_at - LEAD_US : 0;
	s->to = p->n_calls > 0 ? p->calls[p->n_calls - 1].offered_at : 0;
	return ERR_OK;
}

static enum err
set_seats(struct stage *s, const struct hotline *h)
{
	const struct hotline_agent *a = h->agents.items;

	s->n_seats = h->agents.n;
	s->seats = calloc(s->n_seats + 1, sizeof(*s->seats));
	if (s->seats == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < s->n_seats; i++) {
		struct seat *t = &s->seats[i];

		t->id = (uint32_t)i + 1;
		t->name = a[i].name;
		t->lift = (struct act){ .kind = ACT_LIFT, .seat = t };
		t->shift = (struct act){ .kind = ACT_COME, .seat = t };
		t->note = (struct act){ .kind = ACT_WRITTEN, .seat = t };
		for (size_t j = 0; j < s->plan->n_agents; j++)
			if (strcmp(s->plan->agents[j].name, t->name) == 0)
				t->shifts = &s->plan->agents[j];
		if (t->shifts == NULL)
			stage_at(s, &t->shift, s->from);
		else if (t->shifts->n_shifts > 0)
			stage_at(s, &t->shift, t->shifts->shifts[0].from);
	}
	return ERR_OK;
}

/* Every number that is called must lead somewhere. */
static enum err
check_numbers(
    const struct plan *p, const struct hotline *h, const char **number)
{
	const struct hotline_number *n = h->numbers.items;

	for (unsigned i = 0; i < p->n_types; i++) {
		bool found = false;

		for (size_t j = 0; j < h->numbers.n && !found; j++)
			found = strcmp(n[j].called, p->types[i].called) == 0;
		if (!found) {
			*number = p->types[i].called;
			return ERR_BAD_FIELD;
		}
	}
	return ERR_OK;
}

static void
no_snapshot(void *arg, enum err e, const struct snapshot_result *r)
{
	(void)arg, (void)e, (void)r;
}

static enum err
set_desk(struct stage *s, const struct hotline *h)
{
	static const struct desk_options o = { .country = "86",
		.shown_us = CLOCK_S / 2,
		.backlog_bytes = 1 << 20,
		.live_calls_max = 1000000 };
	enum err e;

	seat_news(s);
	if ((e = paper_new(h, &s->paper)) != ERR_OK ||
	    (e = mem_acd_new(NULL, &s->acd)) != ERR_OK ||
	    (e = desk_new(&o, &s->news, s->paper, NULL, s->acd, &s->desk)) !=
		ERR_OK)
		return e;
	s->now = s->from;
	desk_ledger_up(s->desk, s->now);
	stage_settle(s);
	e = desk_switch_attach(
	    s->desk, STR_LIT(PAPER_SWITCH), 1, 1, s->now, &s->sw);
	if (e != ERR_OK)
		return e;
	desk_switch_describe(s->sw, CAN, STR_LIT("rehearsal"), s->now);
	desk_switch_spooled(s->sw, 1, 0);
	desk_switch_snapshot(
	    s->sw, NULL, 0, NULL, 0, true, s->now, no_snapshot, NULL);
	stage_settle(s);
	return ERR_OK;
}

static void
strike(struct stage *s)
{
	struct heap_node *n;

	while ((n = heap_first(&s->agenda)) != NULL)
		heap_clear(&s->agenda, n);
	if (s->desk != NULL)
		desk_switch_detach(s->desk, &s->sw, s->now);
	acd_free(&s->acd);
	desk_free(&s->desk);
	paper_free(&s->paper);
	HASH_CLEAR(hh, s->by_id);
	heap_fini(&s->agenda);
	free(s->callers);
	free(s->seats);
}

enum err
rehearse(const struct plan *p, const struct hotline *h, uint64_t seed,
    struct tally *t, const char **number)
{
	struct stage s = { .plan = p, .seed = seed, .tally = t };
	enum err e = check_numbers(p, h, number);

	memset(t, 0, sizeof(*t));
	heap_init(&s.agenda);
	if (e == ERR_OK && (e = set_callers(&s)) == ERR_OK &&
	    (e = set_seats(&s, h)) == ERR_OK && (e = set_desk(&s, h)) == ERR_OK)
		play(&s);
	strike(&s);
	return e;
}
