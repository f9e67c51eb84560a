/*
 * centre_rules.c - the manual's rules, word by word.
 */
#include "test/support/centre_own.h"

#include <string.h>

#define EVERYBODY                                                  \
	{ 7, 1, { 0, 5, 5, 5 } }, { 3, 1, { 0, 8, 2, 0 } },        \
	    { 5, 2, { 0, 3, 6, 9 } }, { 6, 1, { 0, 0, 9, 1 } },    \
	    { 1, 2, { 0, 9, 0, 0 } }, { 7, 2, { 0, 1, 4, 4 } },    \
	{ 2, 1, { 0, 2, 7, 0 } }, { 4, 1, { 0, 6, 3, 10 } }

/* clang-format off */
const struct rules centre_variants[] = {
	{ { { 90, true, 0, 0, 0, 0, 0, NOBODY, 0, 1 },
	    { 0, true, 1, 5, 0, 0, 0, NOBODY, 0, 1 },
	    { 30, false, 0, 0, 0, 0, 0, NOBODY, 0, 1 } },
	  { EVERYBODY } },
	/* Minimums fall, tiers join, neighbours join. */
	{ { { 0, true, 2, 4, 10, 2, 0, NOBODY, 0, 1 },
	    { 60, true, 0, 0, 0, 0, 15, 0, 40, 1 },
	    { 0, true, 3, 4, 20, 0, 30, 1, 50, 1 } },
	  { EVERYBODY } },
	/* It rings at several. */
	{ { { 45, true, 0, 0, 0, 0, 0, NOBODY, 0, 3 },
	    { 0, true, 1, 3, 25, 0, 0, NOBODY, 0, 2 },
	    { 10, true, 0, 0, 0, 0, 0, 1, 30, 1 } },
	  { EVERYBODY } },
};
/* clang-format on */
const unsigned centre_n_variants = NELEM(centre_variants);

const struct rules *
centre_rules(const struct centre *k)
{
	return &centre_variants[k->variant];
}

static bool
in_queue(const struct rules *r, int agent, int queue)
{
	return (r->agents[agent].queues & 1u << queue) != 0;
}

static bool
may_take_at(
    const struct centre *k, const struct ccall *c, int agent, int64_t at)
{
	const struct rules *r = centre_rules(k);
	const struct rule_queue *q = &r->queues[c->queue];
	int64_t waited_s = (at - c->queued_at) / S;
	unsigned level = q->level;
	bool member = in_queue(r, agent, c->queue);

	if (at < c->queued_at)
		waited_s = -1;
	if (q->neighbour != NOBODY && waited_s >= q->neighbour_s)
		member |= in_queue(r, agent, q->neighbour);
	if (q->fall_s != 0 && waited_s >= q->fall_s)
		level = q->fall_to;
	return member && k->agents[agent].sw == c->sw &&
	       k->agents[agent].node == k->home[c->sw] &&
	       r->agents[agent].level[q->skill] >=
	           (q->skill != 0 ? level : 0) &&
	       (q->tier_s == 0 || waited_s >= q->tier_s ||
		   r->agents[agent].tier == 1);
}

bool
may_take(const struct centre *k, const struct ccall *c, int agent)
{
	return may_take_at(k, c, agent, k->now);
}

static unsigned
n_offers(const struct ccall *c)
{
	unsigned n = 0;

	for (int a = 0; a < CENTRE_AGENTS; a++)
		n += c->offered[a];
	return n;
}

bool
is_free(const struct centre *k, const struct ccall *c)
{
	unsigned n = n_offers(c);

	return c->where == CALL_WAITING && c->talks == NOBODY &&
	       (n == 0 || !c->alone) &&
	       n < centre_rules(k)->queues[c->queue].ring;
}

static bool
is_excluded(const struct centre *k, const struct ccall *c, int agent)
{
	return c->excluded[agent] && k->now < c->excluded_at + AGAIN_US;
}

/* … up to this very instant: it may be forgiven behind the offer. */
static bool
was_excluded(const struct centre *k, const struct ccall *c, int agent)
{
	return c->excluded[agent] && k->now <= c->excluded_at + AGAIN_US;
}

int
compare_places(
    const struct centre *k, const struct ccall *a, const struct ccall *b)
{
	const struct rules *r = centre_rules(k);
	int64_t x = a->queued_at -
	            (int64_t)a->class * r->queues[a->queue].credit_s * S;
	int64_t y = b->queued_at -
	            (int64_t)b->class * r->queues[b->queue].credit_s * S;

	if (x != y)
		return x < y ? -1 : 1;
	return a->place < b->place ? -1 : a->place > b->place;
}

void
judge_offer(struct centre *k, int call, int agent)
{
	const struct ccall *c = &k->calls[call];
	const struct cagent *a = &k->agents[agent];

	if (!is_free(k, c) || c->offered[agent])
		centre_fail(k, "%s was offered to %d and is not free", c->name,
		    agent + 1);
	else if (a->offer != 0)
		centre_fail(k, "agent %d has two offers", agent + 1);
	else if (a->call != NOBODY)
		centre_fail(k, "agent %d talks and has an offer", agent + 1);
	if (k->changing)
		return;
	if (!may_take(k, c, agent))
		centre_fail(
		    k, "agent %d may not take %s", agent + 1, c->name);
	else if (is_excluded(k, c, agent))
		centre_fail(k, "agent %d has refused %s already", agent + 1,
		    c->name);
	for (int i = 0; i < CENTRE_CALLS; i++) {
		const struct ccall *w = &k->calls[i];

		/* What came free at this very instant may have done so behind
		 * the offer. */
		if (i != call && is_free(k, w) && !w->offered[agent] &&
		    w->free_at < k->now &&
		    /* … or be let in by a rule of this instant. */
		    may_take_at(k, w, agent, k->now - 1) && !was_excluded(k, w, agent) &&
		    compare_places(k, w, c) < 0)
			centre_fail(k, "%s was overtaken by %s at agent %d",
			    w->name, c->name, agent + 1);
	}
}

void
judge_rest(struct centre *k)
{
	for (int i = 0; i < CENTRE_CALLS; i++) {
		const struct ccall *c = &k->calls[i];

		for (int a = 0; a < CENTRE_AGENTS && is_free(k, c); a++)
			if (k->agents[a].state == AGENT_STATE_READY &&
			    !c->offered[a] && may_take(k, c, a) &&
			    !is_excluded(k, c, a))
				centre_fail(k,
				    "%s waits and agent %d is ready for it",
				    c->name, a + 1);
	}
}
