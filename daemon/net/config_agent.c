/*
 * config_agent.c - agents and their reasons, of a configuration: from the wire;
 * and whether agents stand in another order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "net/code.h"
#include "net/config_text.h"
#include "net/fields.h"

#define AGENT_MAX 64 /* skills or queues of an agent, as the ACD's profiles */
#define PLACE_MAX 10 /* tiers and weights */
#define ITEMS_MAX 50
#define LIMIT_MAX (24 * 3600 * CLOCK_S)

static enum err
not_in_queue(const struct fields *f, const char *what, struct str agent,
    struct str queue)
{
	char text[FAULT_PARAM_LEN];

	snprintf(text, sizeof(text),
	    "agent '%.*s' has a %s in queue '%.*s' and is not in it, or twice",
	    STR_ARG(agent), what, STR_ARG(queue));
	return fault(f->fault, ERR_CONFIG, "0", "0", text,
	    "name it once, among the agent's queues, too", NULL);
}

/* One number a queue of the agent, 1 where it is not named. */
static enum err
take_places(struct arena *a, const struct fields *f, const char *what,
    Mashang__QueueNumber *const *from, size_t n, const struct config_agent *g,
    const uint32_t **out)
{
	uint32_t *to = arena_alloc(a, g->n_queues * sizeof(*to) + 1);
	struct str name;
	enum err e;

	if (to == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct str *at;

		if ((e = field_name_required(f, what, from[i]->queue, &name)) !=
			ERR_OK ||
		    (e = field_range(f, what, from[i]->n, 1, PLACE_MAX)) !=
			ERR_OK)
			return e;
		at = g->n_queues > 0 ? bsearch(&name, g->queues, g->n_queues,
					   sizeof(name), config_name_cmp)
		                     : NULL;
		if (at == NULL || to[at - g->queues] != 0)
			return not_in_queue(f, what, g->name, name);
		to[at - g->queues] = from[i]->n;
	}
	for (unsigned i = 0; i < g->n_queues; i++)
		to[i] += to[i] == 0;
	*out = to;
	return ERR_OK;
}

static enum err
take_queues(struct arena *a, const struct fields *f,
    const Mashang__AgentSpec *m, struct config_agent *g)
{
	struct str *queues = arena_alloc(a, m->n_queues * sizeof(*queues) + 1);
	enum err e;

	if (m->n_queues > AGENT_MAX)
		return fault(f->fault, ERR_TOO_LARGE, "queues", "64", NULL);
	if (queues == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < m->n_queues; i++)
		if ((e = field_name_required(
			 f, "queue", m->queues[i], &queues[i])) != ERR_OK)
			return e;
	g->n_queues = (unsigned)m->n_queues;
	g->queues = queues;
	config_names_sort(queues, g->n_queues);
	if ((e = take_places(
		 a, f, "tier", m->tiers, m->n_tiers, g, &g->tiers)) != ERR_OK)
		return e;
	return take_places(
	    a, f, "weight", m->weights, m->n_weights, g, &g->weights);
}

enum err
config_agent_take(struct arena *a, const struct fields *f,
    const Mashang__AgentSpec *m, struct config_agent *g)
{
	enum err e;

	if ((e = field_name_required(f, "agent", m->name, &g->name)) !=
		ERR_OK ||
	    (e = field_text(f, "display_name", m->display_name, TEXT_LEN,
		 &g->display_name)) != ERR_OK ||
	    (e = take_queues(a, f, m, g)) != ERR_OK ||
	    (e = field_range(f, "work_items", m->work_items, 0, ITEMS_MAX)) !=
		ERR_OK)
		return e;
	g->work_items = m->work_items;
	g->screen_first = m->screen_first;
	g->n_skills = (unsigned)m->n_skills;
	return config_levels_take(
	    a, f, m->skills, m->n_skills, AGENT_MAX, &g->skills);
}

enum err
config_reason_take(const struct fields *f, const Mashang__ReasonSpec *m,
    struct config_reason *r)
{
	enum err e = field_name_required(f, "reason", m->name, &r->name);

	r->paid = m->paid;
	r->limit_us = m->limit_us;
	return e == ERR_OK
	           ? field_range(f, "limit_us", m->limit_us, 0, LIMIT_MAX)
	           : e;
}

/* ---------------------------------------------------------------- in order */

static int
by_name(const void *a, const void *b)
{
	return config_name_cmp(&((const struct config_spec *)a)->name,
	    &((const struct config_spec *)b)->name);
}

/* Sorted names to look others up in. */
static bool
is_in(const struct config_spec *sorted, unsigned n, struct str name)
{
	const struct config_spec key = { .name = name };

	return n > 0 && bsearch(&key, sorted, n, sizeof(key), by_name) != NULL;
}

enum err
config_ranks(struct arena *a, const struct config *c,
    const struct config_ids *ids, struct config_items *present,
    struct config_items *wanted)
{
	size_t size = sizeof(struct config_spec);
	struct config_spec *was = arena_alloc(a, ids->n_agents * size + 1);
	struct config_spec *is = arena_alloc(a, c->n_agents * size + 1);
	struct config_spec *sorted =
	    arena_alloc(a, (ids->n_agents + c->n_agents) * size + 1);
	unsigned n_was = 0, n_is = 0;
	struct str before, after;
	bool ok;

	if (was == NULL || is == NULL || sorted == NULL)
		return ERR_NOMEM;
	for (unsigned i = 0; i < ids->n_agents; i++)
		sorted[i].name = ids->agents[i].name;
	qsort(sorted, ids->n_agents, size, by_name);
	for (unsigned i = 0; i < c->n_agents; i++)
		if (is_in(sorted, ids->n_agents, c->agents[i].name))
			is[n_is++].name = c->agents[i].name;
	memcpy(sorted, is, n_is * size);
	qsort(sorted, n_is, size, by_name);
	for (unsigned i = 0; i < ids->n_agents; i++)
		if (is_in(sorted, n_is, ids->agents[i].name))
			was[n_was++].name = ids->agents[i].name;
	if (n_is == 0 || c->keep_others)
		return ERR_OK;
	before = config_order_text(a, was, n_was);
	after = config_order_text(a, is, n_is);
	ok = str_eq(before, after) ||
	     (config_put(a, present, CONFIG_RANKS, STR_LIT("agents"), before) &&
		 config_put(a, wanted, CONFIG_RANKS, STR_LIT("agents"), after));
	config_items_sort(present);
	config_items_sort(wanted);
	return ok ? ERR_OK : ERR_NOMEM;
}
