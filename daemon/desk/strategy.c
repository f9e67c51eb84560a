/*
 * strategy.c - see strategy.h.
 */
#include "desk/state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define SECOND INT64_C(1000000)
#define FIGURES_US (12 * 3600 * SECOND)

/* Microseconds of 2020-01-01: what is counted from there has room for
 * decades. */
#define EPOCH_US (INT64_C(1577836800) * SECOND)

/* The clocks of chance: one unit of their time, and how far they may run. */
#define CLOCK_UNIT 1048576.0
#define CLOCK_MAX (STRATEGY_TIER / 2)

/* ------------------------------------------------------------ the metrics */

static int64_t
within(int64_t n, int64_t bound)
{
	return n < 0 ? 0 : n < bound ? n : bound - 1;
}

/* In steps of 10 us: 44 years. */
static int64_t
idle(const struct strategy_agent *a)
{
	return within((a->ready_since - EPOCH_US) / 10, STRATEGY_TIER);
}

/* Few values, so many are equal: 12 bits of it, then the longest idle in steps
 * of 32 ms. */
static int64_t
then_idle(int64_t n, const struct strategy_agent *a)
{
	return (within(n, 1 << 12) << 35) |
	       within((a->ready_since - EPOCH_US) / 32000, INT64_C(1) << 35);
}

static int64_t
longest_idle(const struct strategy_agent *a)
{
	return idle(a);
}

/* Who never was goes first. */
static int64_t
round_robin(const struct strategy_agent *a)
{
	const int64_t half = STRATEGY_TIER / 2;

	if (a->offered_at == 0)
		return within((a->ready_since - EPOCH_US) / 20, half);
	return half + within((a->offered_at - EPOCH_US) / 20, half);
}

static int64_t
fewest_calls(const struct strategy_agent *a)
{
	return then_idle((int64_t)within((int64_t)a->calls, 1 << 12), a);
}

/* To the microsecond, so that only those without any are equal. */
static int64_t
least_talk(const struct strategy_agent *a)
{
	const int64_t half = STRATEGY_TIER / 2;

	if (a->talk_us == 0)
		return within((a->ready_since - EPOCH_US) / 20, half);
	return half + within(a->talk_us, half);
}

static int64_t
top_down(const struct strategy_agent *a)
{
	return within(a->rank, STRATEGY_TIER);
}

static int64_t
chance(const struct strategy_agent *a)
{
	return within(a->drawn, STRATEGY_TIER);
}

static int64_t
most_skilled(const struct strategy_agent *a)
{
	return then_idle((1 << 12) - 1 - within(a->levels, 1 << 12), a);
}

static int64_t
least_skilled(const struct strategy_agent *a)
{
	return then_idle(a->levels, a);
}

static int64_t (*const metrics[NSTRATEGIES])(const struct strategy_agent *) = {
	[STRATEGY_LONGEST_IDLE] = longest_idle,
	[STRATEGY_ROUND_ROBIN] = round_robin,
	[STRATEGY_FEWEST_CALLS] = fewest_calls,
	[STRATEGY_LEAST_TALK] = least_talk,
	[STRATEGY_TOP_DOWN] = top_down,
	[STRATEGY_RANDOM] = chance,
	[STRATEGY_WEIGHTED_RANDOM] = chance,
	[STRATEGY_RING_ALL] = longest_idle,
	[STRATEGY_MOST_SKILLED] = most_skilled,
	[STRATEGY_LEAST_SKILLED] = least_skilled,
};

static unsigned
tier_of(uint8_t tier)
{
	return tier == 0 ? 1 : tier > RULES_TIERS ? RULES_TIERS : tier;
}

int64_t
strategy_score(enum strategy s, const struct strategy_agent *a)
{
	return (int64_t)tier_of(a->tier) * STRATEGY_TIER + metrics[s](a);
}

/* splitmix64: every state is good, also 0. */
static uint64_t
draw_bits(uint64_t *random)
{
	uint64_t z = *random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

int64_t
strategy_draw(uint64_t *random, int64_t from, uint32_t weight)
{
	/* Of (0, 1]: its logarithm is finite. */
	double u = ((double)(draw_bits(random) >> 11) + 1.0) * 0x1p-53;

	return from + 1 +
	       (int64_t)(-log(u) * CLOCK_UNIT / (weight > 0 ? weight : 1));
}

/* ------------------------------------------------- what the desk keeps */

static struct queue_figures *
figures_of(struct agent_figures *f, uint32_t queue)
{
	for (unsigned i = 0; i < f->n; i++)
		if (f->queues[i].queue == queue)
			return &f->queues[i];
	if (f->n == f->room) {
		f->room = f->room != 0 ? 2 * f->room : 4;
		f->queues =
		    reallocarray(f->queues, f->room, sizeof(*f->queues));
		desk_must(f->queues != NULL ? ERR_OK : ERR_NOMEM);
	}
	f->queues[f->n] = (struct queue_figures){ .queue = queue };
	return &f->queues[f->n++];
}

void
strategy_free(struct agent *a)
{
	free(a->figures.queues);
}

static bool
is_chance(enum strategy s)
{
	return s == STRATEGY_RANDOM || s == STRATEGY_WEIGHTED_RANDOM;
}

static uint32_t
levels_of(const struct acd_profile *p, const struct acd_line *asked)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < asked->n_skills; i++)
		for (unsigned k = 0; k < p->n_skills; k++)
			if (p->skills[k].skill == asked->skills[i].skill)
				sum += p->skills[k].level;
	return sum;
}

/* In the queue that is this one of the profile. */
static int64_t
score_in(struct desk *d, struct agent *a, unsigned i)
{
	struct queue *q = queue_find(d, a->profile.queues[i]);
	enum strategy s = q != NULL ? q->rules.strategy : STRATEGY_LONGEST_IDLE;
	struct strategy_agent v = {
		.ready_since = a->ready_since,
		.calls = a->figures.calls,
		.talk_us = a->figures.talk_us,
		.rank = a->rank,
		.tier = a->profile.tiers[i],
	};
	struct queue_figures *f;

	if (q == NULL)
		return strategy_score(s, &v);
	v.levels = levels_of(&a->profile, &q->line);
	if (s == STRATEGY_ROUND_ROBIN) {
		v.offered_at = figures_of(&a->figures, q->id)->offered_at;
	} else if (is_chance(s)) {
		f = figures_of(&a->figures, q->id);
		f->drawn = strategy_draw(&d->random, q->clocks[tier_of(v.tier)],
		    s == STRATEGY_RANDOM ? 1 : a->weights[i]);
		v.drawn = f->drawn;
	}
	return strategy_score(s, &v);
}

unsigned
strategy_scores(struct desk *d, struct agent *a, int64_t *scores)
{
	const struct strategy_agent alone = { .ready_since = a->ready_since };

	/* What counts where no queue does: of the line of this agent alone. */
	scores[0] = strategy_score(STRATEGY_LONGEST_IDLE, &alone);
	for (unsigned i = 0; i < a->profile.n_queues; i++)
		scores[i] = score_in(d, a, i);
	return a->profile.n_queues > 0 ? a->profile.n_queues : 1;
}

static bool
has_strategy(const struct desk *d, const struct agent *a, unsigned strategies)
{
	for (unsigned i = 0; i < a->profile.n_queues; i++) {
		const struct queue *q = queue_find(d, a->profile.queues[i]);

		if (q != NULL && (strategies & (1u << q->rules.strategy)) != 0)
			return true;
	}
	return false;
}

struct queue *
strategy_queue(
    const struct desk *d, const struct acd_line *line, const struct agent *a)
{
	/* The own queue first, then the neighbours as they stand. */
	for (unsigned n = 0; n <= line->n_neighbours; n++) {
		uint32_t id = n == 0 ? line->queue : line->neighbours[n - 1];

		for (unsigned i = 0; i < a->profile.n_queues; i++)
			if (a->profile.queues[i] == id)
				return queue_find(d, id);
	}
	return NULL;
}

bool
strategy_won(
    struct desk *d, const struct call *c, struct agent *a, struct queue **wound)
{
	struct queue_figures *f;
	struct queue *q;
	int64_t *clock;
	unsigned i = 0;

	if (c->stand.line == NULL)
		return false;
	q = strategy_queue(d, c->stand.line, a);
	if (q == NULL)
		return false; /* it was for this agent alone */
	f = figures_of(&a->figures, q->id);
	f->offered_before = f->offered_at;
	f->offered_at = d->now;
	if (!is_chance(q->rules.strategy))
		return false;
	while (a->profile.queues[i] != q->id)
		i++;
	clock = &q->clocks[tier_of(a->profile.tiers[i])];
	if (f->drawn > *clock)
		*clock = f->drawn;
	if (*clock < CLOCK_MAX)
		return false;
	memset(q->clocks, 0, sizeof(q->clocks));
	*wound = q;
	return true;
}

/* ---- calls and talk */

struct figures_ask {
	struct desk *desk;
	uint32_t agent;
};

static void
figures_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct figures_ask *k = arg;
	struct desk *d = k->desk;
	struct agent *a = agent_find(d, k->agent);

	d->lookups_pending--;
	free(k);
	if (a == NULL || e != ERR_OK || rows->n == 0)
		return;
	a->figures.calls =
	    (uint64_t)ledger_number(rows->cells[0]) + a->figures.new_calls;
	a->figures.talk_us =
	    ledger_number(rows->cells[1]) + a->figures.new_talk_us;
	/* Ready before it was known: once more, with the right score. */
	if (a->state == AGENT_STATE_READY)
		route_ready_again(d, a);
}

static void
ask_figures(struct desk *d, struct agent *a)
{
	struct figures_ask *k;
	char id[16], from[24];
	const struct str args[2] = {
		{ id, (uint32_t)snprintf(id, sizeof(id), "%u", a->id) },
		{ from, (uint32_t)snprintf(from, sizeof(from), "%lld",
			    (long long)(d->now - FIGURES_US)) },
	};

	if (a->figures.asked ||
	    !has_strategy(
		d, a, 1u << STRATEGY_FEWEST_CALLS | 1u << STRATEGY_LEAST_TALK))
		return;
	k = malloc(sizeof(*k));
	desk_must(k != NULL ? ERR_OK : ERR_NOMEM);
	*k = (struct figures_ask){ d, a->id };
	if (d->ledger->ops->query(d->ledger, LQ_AGENT_FIGURES, 2, args,
		figures_done, k) != ERR_OK) {
		free(k); /* away: with what is known here */
		return;
	}
	d->lookups_pending++;
	a->figures.asked = true;
	a->figures.new_calls = 0;
	a->figures.new_talk_us = 0;
}

static void
busy_over(struct desk *d, struct agent_figures *f)
{
	int64_t talk = d->now - f->busy_since;

	if (f->busy_since == 0)
		return;
	f->busy_since = 0;
	f->calls++;
	f->new_calls++;
	f->talk_us += talk;
	f->new_talk_us += talk;
}

void
strategy_told(struct desk *d, struct agent *a, enum acd_op op)
{
	switch (op) {
	case ACD_LOGIN:
		ask_figures(d, a);
		break;
	case ACD_LOGOUT:
		a->figures.asked = false;
		a->figures.busy_since = 0;
		break;
	case ACD_BUSY:
	case ACD_ACCEPT:
		if (a->figures.busy_since == 0)
			a->figures.busy_since = d->now;
		break;
	case ACD_WRAP_UP:
		busy_over(d, &a->figures);
		break;
	case ACD_ITEM_DONE: /* whatever else the agent does */
		break;
	default: /* busy for a call that never came */
		a->figures.busy_since = 0;
		break;
	}
}
