/*
 * rules_ring.c - does a queue send its calls, over others, to itself?
 *
 * Queues that send nowhere are taken away, then those that send only to such,
 * and so on (A. B. Kahn, 1962, "Topological sorting of large networks"): what
 * is left sends round in a ring, or into one.
 */
#include "routing/rules.h"

#include <stdio.h>
#include <stdlib.h>

#define SENDS_MAX (3 + RULES_OVERFLOWS_MAX)

struct send {
	enum rule_kind rule;
	unsigned index, to; /* to: a place among `nodes' */
};
struct node {
	struct rules_of of;
	unsigned order, n_sends, left; /* left: that stand yet */
	unsigned first_from, n_from, seen;
	struct send sends[SENDS_MAX];
};
struct graph {
	struct node *nodes; /* by name */
	unsigned n;
	unsigned *from; /* of each who sends to it, one after the other */
	unsigned *ready;
};

static int
by_name(const void *a, const void *b)
{
	struct str x = ((const struct node *)a)->of.queue;
	struct str y = ((const struct node *)b)->of.queue;
	uint32_t n = x.len < y.len ? x.len : y.len;
	int d = n > 0 ? memcmp(x.p, y.p, n) : 0;

	return d != 0 ? d : (x.len > y.len) - (x.len < y.len);
}

static void
add_send(struct graph *g, struct node *n, enum rule_kind rule, unsigned index,
    const struct rule_then *t)
{
	const struct node key = { .of.queue = t->queue };
	struct node *to;

	if (t->action != ACTION_QUEUE)
		return;
	to = bsearch(&key, g->nodes, g->n, sizeof(key), by_name);
	if (to == NULL)
		return; /* not among them: told elsewhere */
	n->sends[n->n_sends++] =
	    (struct send){ rule, index, (unsigned)(to - g->nodes) };
	to->n_from++;
}

static void
find_sends(struct graph *g)
{
	unsigned at = 0;

	for (unsigned i = 0; i < g->n; i++) {
		const struct route_rules *r = g->nodes[i].of.rules;
		struct node *n = &g->nodes[i];

		if (r->hours.len > 0)
			add_send(g, n, RULE_HOURS, 0, &r->closed);
		if (r->full > 0)
			add_send(g, n, RULE_FULL, 0, &r->when_full);
		if (r->max_wait_us > 0)
			add_send(g, n, RULE_MAX_WAIT, 0, &r->after_max_wait);
		for (unsigned k = 0; k < r->n_overflows; k++)
			add_send(g, n, RULE_OVERFLOW, k, &r->overflows[k].then);
		n->left = n->n_sends;
	}
	for (unsigned i = 0; i < g->n; i++) {
		g->nodes[i].first_from = at;
		at += g->nodes[i].n_from;
		g->nodes[i].n_from = 0;
	}
	for (unsigned i = 0; i < g->n; i++)
		for (unsigned k = 0; k < g->nodes[i].n_sends; k++) {
			struct node *to = &g->nodes[g->nodes[i].sends[k].to];

			g->from[to->first_from + to->n_from++] = i;
		}
}

/* Take away; what is left has `left' above 0. */
static void
reduce(struct graph *g)
{
	unsigned n = 0;

	for (unsigned i = 0; i < g->n; i++)
		if (g->nodes[i].left == 0)
			g->ready[n++] = i;
	while (n > 0) {
		const struct node *gone = &g->nodes[g->ready[--n]];

		for (unsigned k = 0; k < gone->n_from; k++) {
			unsigned i = g->from[gone->first_from + k];

			if (--g->nodes[i].left == 0)
				g->ready[n++] = i;
		}
	}
}

/* The first that stands, in the file's order. */
static unsigned
first_left(const struct graph *g)
{
	unsigned best = g->n;

	for (unsigned i = 0; i < g->n; i++)
		if (g->nodes[i].left > 0 &&
		    (best == g->n || g->nodes[i].order < g->nodes[best].order))
			best = i;
	return best;
}

static const struct send *
next_left(const struct graph *g, const struct node *n)
{
	for (unsigned k = 0; k < n->n_sends; k++)
		if (g->nodes[n->sends[k].to].left > 0)
			return &n->sends[k];
	return NULL; /* cannot be: it would have been taken away */
}

/* Some steps along what is left one is in the ring; then once round. */
static enum err
tell_ring(struct graph *g, unsigned i, unsigned *which, struct rules_fault *f)
{
	const struct send *s = next_left(g, &g->nodes[i]);
	size_t room = sizeof(f->what), len;
	unsigned begin;

	while (s != NULL && !g->nodes[i].seen) {
		g->nodes[i].seen = 1;
		i = s->to;
		s = next_left(g, &g->nodes[i]);
	}
	if (s == NULL)
		return ERR_OK;
	*which = g->nodes[i].order;
	f->rule = s->rule;
	f->index = s->index;
	len = (size_t)snprintf(f->what, room, "calls go round in a ring: %.*s",
	    STR_ARG(g->nodes[i].of.queue));
	begin = i;
	do {
		i = s->to;
		s = next_left(g, &g->nodes[i]);
		if (len < room)
			len += (size_t)snprintf(f->what + len, room - len,
			    " -> %.*s", STR_ARG(g->nodes[i].of.queue));
	} while (i != begin && s != NULL);
	return ERR_CONFIG;
}

static enum err
graph_new(struct graph *g, const struct rules_of *all, unsigned n)
{
	size_t room = (size_t)n + 1;

	*g = (struct graph){ .n = n };
	g->nodes = calloc(room, sizeof(*g->nodes));
	g->from = calloc(room * SENDS_MAX, sizeof(*g->from));
	g->ready = calloc(room, sizeof(*g->ready));
	if (g->nodes == NULL || g->from == NULL || g->ready == NULL)
		return ERR_NOMEM;
	for (unsigned i = 0; i < n; i++) {
		g->nodes[i].of = all[i];
		g->nodes[i].order = i;
	}
	qsort(g->nodes, n, sizeof(*g->nodes), by_name);
	return ERR_OK;
}

enum err
rules_check_rings(const struct rules_of *all, unsigned n, unsigned *which,
    struct rules_fault *f)
{
	struct graph g;
	enum err e = graph_new(&g, all, n);
	unsigned i;

	if (e == ERR_OK) {
		find_sends(&g);
		reduce(&g);
		if ((i = first_left(&g)) < n)
			e = tell_ring(&g, i, which, f);
	}
	free(g.nodes);
	free(g.from);
	free(g.ready);
	return e;
}
