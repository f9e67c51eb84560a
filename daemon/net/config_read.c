/*
 * config_read.c - what is configured now, from the ledger's rows.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "net/cells.h"
#include "net/config_text.h"

#define LIST_MAX 64 /* skills or queues in one cell */

static struct str
name_of(const struct config_id *ids, unsigned n, int64_t id)
{
	for (unsigned lo = 0, hi = n; lo < hi;) {
		unsigned mid = lo + (hi - lo) / 2;

		if ((int64_t)ids[mid].id == id)
			return ids[mid].name;
		if ((int64_t)ids[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return STR_LIT("?"); /* retired: gone from these lists */
}

static int
by_id(const void *a, const void *b)
{
	const struct config_id *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* Rows of (id, name, ...). */
static bool
learn(struct arena *a, const struct ledger_rows *rows, struct config_id **ids,
    unsigned *n)
{
	*ids = arena_alloc(a, (rows->n + 1) * sizeof(**ids));
	if (*ids == NULL)
		return false;
	for (*n = 0; *n < rows->n; ++*n) {
		const struct str *c =
		    rows->cells + (size_t)*n * rows->n_columns;

		(*ids)[*n].id = (uint32_t)cell_number(c[0]);
		(*ids)[*n].name = arena_copy(a, c[1]);
	}
	if (*n > 0)
		qsort(*ids, *n, sizeof(**ids), by_id);
	return true;
}

/* The next piece of a list with commas. */
static struct str
next_piece(struct str *rest)
{
	const char *comma =
	    rest->len > 0 ? memchr(rest->p, ',', rest->len) : NULL;
	struct str piece = *rest;

	if (comma == NULL) {
		*rest = (struct str){ NULL, 0 };
		return piece;
	}
	piece.len = (uint32_t)(comma - rest->p);
	rest->p += piece.len + 1;
	rest->len -= piece.len + 1;
	return piece;
}

/* "id=level,id=level" */
static unsigned
read_levels(struct str cell, const struct config_id *ids, unsigned n_ids,
    struct config_level to[LIST_MAX])
{
	unsigned n = 0;

	while (cell.len > 0 && n < LIST_MAX) {
		struct str piece = next_piece(&cell), level = piece;
		const char *eq = memchr(piece.p, '=', piece.len);

		if (eq == NULL)
			continue;
		piece.len = (uint32_t)(eq - piece.p);
		level.p += piece.len + 1;
		level.len -= piece.len + 1;
		to[n].skill = name_of(ids, n_ids, cell_number(piece));
		to[n++].level = (uint32_t)cell_number(level);
	}
	config_levels_sort(to, n);
	return n;
}

static unsigned
read_queues(
    struct str cell, const struct config_ids *ids, struct str to[LIST_MAX])
{
	unsigned n = 0;

	while (cell.len > 0 && n < LIST_MAX)
		to[n++] = name_of(ids->queues.ids, ids->queues.n,
		    cell_number(next_piece(&cell)));
	config_names_sort(to, n);
	return n;
}

static struct str
calendar_of(const struct config_ids *ids, struct str queue)
{
	for (unsigned i = 0; i < ids->n_queue_calendars; i++)
		if (str_eq(ids->queue_calendars[i].name, queue))
			return ids->queue_calendars[i].spec;
	return (struct str){ NULL, 0 };
}

static bool
put_queue(struct arena *a, const struct str *c, const struct config_ids *ids,
    struct config_items *to)
{
	struct config_level skills[LIST_MAX];
	const struct config_queue q = {
		.n_skills =
		    read_levels(c[2], ids->skills.ids, ids->skills.n, skills),
		.skills = skills,
		.ring_us = cell_number(c[3]),
		.wrap_up_us = cell_number(c[4]),
		.priority_credit_us = cell_number(c[5]),
		.stay_ready = cell_bool(c[6]),
		.short_us = cell_number(c[7]),
		.calendar = calendar_of(ids, c[1]),
	};

	return config_put(a, to, CONFIG_QUEUE, arena_copy(a, c[1]),
		   config_queue_text(a, &q)) &&
	       config_put_rules(a, to, c[1], c[8]);
}

/* "id=n" of the queues, 1 where they are not named. */
static void
read_places(struct str cell, const struct config_ids *ids,
    const struct str *queues, unsigned n_queues, uint32_t to[LIST_MAX])
{
	struct config_level above[LIST_MAX];
	unsigned n = read_levels(cell, ids->queues.ids, ids->queues.n, above);

	for (unsigned i = 0; i < n_queues; i++) {
		to[i] = 1;
		for (unsigned k = 0; k < n; k++)
			if (str_eq(above[k].skill, queues[i]))
				to[i] = above[k].level;
	}
}

static bool
put_agent(struct arena *a, const struct str *c, const struct config_ids *ids,
    struct config_items *to)
{
	struct config_level skills[LIST_MAX];
	struct str queues[LIST_MAX];
	uint32_t tiers[LIST_MAX], weights[LIST_MAX];
	const struct config_agent g = {
		.display_name = c[2],
		.screen_first = cell_bool(c[3]),
		.n_queues = read_queues(c[4], ids, queues),
		.queues = queues,
		.n_skills =
		    read_levels(c[5], ids->skills.ids, ids->skills.n, skills),
		.skills = skills,
		.tiers = tiers,
		.weights = weights,
		.work_items = (uint32_t)cell_number(c[9]),
	};

	read_places(c[6], ids, queues, g.n_queues, tiers);
	read_places(c[7], ids, queues, g.n_queues, weights);
	return config_put(
	    a, to, CONFIG_AGENT, arena_copy(a, c[1]), config_agent_text(a, &g));
}

static bool
put_device(struct arena *a, const struct str *c, const struct config_ids *ids,
    struct config_items *to)
{
	struct str sw =
	    name_of(ids->switches.ids, ids->switches.n, cell_number(c[1]));

	return config_put(a, to, CONFIG_DEVICE, arena_copy(a, c[0]),
	    config_device_text(a, sw));
}

static bool
put_number(struct arena *a, const struct str *c, const struct config_ids *ids,
    struct config_items *to)
{
	const struct config_number n = { .called = c[0], .menu = c[1] };
	struct str queue =
	    name_of(ids->queues.ids, ids->queues.n, cell_number(c[2]));

	return config_put(a, to, CONFIG_NUMBER, config_number_name(a, &n),
	    config_number_text(a, queue));
}

static bool
put_skill(struct arena *a, const struct str *c, const struct config_ids *ids,
    struct config_items *to)
{
	(void)ids;
	return config_put(
	    a, to, CONFIG_SKILL, arena_copy(a, c[1]), STR_LIT("yes"));
}

static bool
put_dialling(struct arena *a, const struct str *c, const struct config_ids *ids,
    struct config_items *to)
{
	struct config_dialling d;

	(void)ids;
	return config_dialling_read(a, c, &d) &&
	       config_put(a, to, CONFIG_DIALLING, STR_LIT("dialling"),
		   config_dialling_text(a, &d));
}

static bool
put_reason(struct arena *a, const struct str *c, const struct config_ids *ids,
    struct config_items *to)
{
	const struct config_reason r = { .paid = cell_bool(c[1]),
		.limit_us = cell_number(c[2]) };

	(void)ids;
	return config_put(a, to, CONFIG_REASON, arena_copy(a, c[0]),
	    config_reason_text(a, &r));
}

static bool
learn_rules(
    struct arena *a, const struct ledger_rows *rows, struct config_ids *ids)
{
	ids->rules = arena_alloc(a, rows->n * sizeof(*ids->rules) + 1);
	for (unsigned i = 0; ids->rules != NULL && i < rows->n; i++) {
		const struct str *c = rows->cells + (size_t)i * rows->n_columns;

		ids->rules[ids->n_rules++] =
		    (struct config_spec){ arena_copy(a, c[1]),
			    arena_copy(a, c[8]) };
	}
	return ids->rules != NULL;
}

static int
by_rank(const void *a, const void *b)
{
	const struct config_rank *x = a, *y = b;

	return x->rank != y->rank ? (x->rank > y->rank) - (x->rank < y->rank)
	                          : (x->id > y->id) - (x->id < y->id);
}

static bool
learn_ranks(
    struct arena *a, const struct ledger_rows *rows, struct config_ids *ids)
{
	ids->agents = arena_alloc(a, rows->n * sizeof(*ids->agents) + 1);
	for (unsigned i = 0; ids->agents != NULL && i < rows->n; i++) {
		const struct str *c = rows->cells + (size_t)i * rows->n_columns;

		ids->agents[ids->n_agents++] =
		    (struct config_rank){ arena_copy(a, c[1]),
			    cell_number(c[8]), cell_number(c[0]) };
	}
	if (ids->agents == NULL)
		return false;
	qsort(ids->agents, ids->n_agents, sizeof(*ids->agents), by_rank);
	return true;
}

/* Rows of (revision, name, spec), all of the last revision. */
static bool
learn_specs(struct arena *a, const struct ledger_rows *rows,
    struct config_spec **to, unsigned *n)
{
	*to = arena_alloc(a, rows->n * sizeof(**to) + 1);
	for (*n = 0; *to != NULL && *n < rows->n; ++*n) {
		const struct str *c =
		    rows->cells + (size_t)*n * rows->n_columns;

		(*to)[*n].name = arena_copy(a, c[1]);
		(*to)[*n].spec = arena_copy(a, c[2]);
	}
	return *to != NULL;
}

static bool
learn_revision(struct arena *a, enum ledger_query q,
    const struct ledger_rows *rows, struct config_ids *ids,
    struct config_items *to)
{
	if (q == LQ_SLA_REVISIONS) {
		if (rows->n > 0) /* the last one */
			ids->revision = (uint32_t)cell_number(
			    rows->cells[(size_t)(rows->n - 1) *
					rows->n_columns]);
		return true;
	}
	if (q == LQ_SLA_QUEUES)
		return learn_specs(
		    a, rows, &ids->queue_calendars, &ids->n_queue_calendars);
	if (q == LQ_SLA_CALENDARS)
		return learn_specs(
			   a, rows, &ids->calendars, &ids->n_calendars) &&
		       config_put_specs(
			   a, to, ids->calendars, ids->n_calendars, NULL, 0);
	return learn_specs(a, rows, &ids->policies, &ids->n_policies) &&
	       config_put_specs(a, to, NULL, 0, ids->policies, ids->n_policies);
}

typedef bool put_fn(struct arena *, const struct str *,
    const struct config_ids *, struct config_items *);

/* clang-format off */
static const struct {
	unsigned n_columns;
	put_fn *put; /* NULL: only ids are learnt */
} tables[LQ_NQUERIES] = {
	[LQ_CONFIG_SKILLS]   = { 2, put_skill },
	[LQ_CONFIG_SWITCHES] = { 2, NULL },
	[LQ_CONFIG_QUEUES]   = { 9, put_queue },
	[LQ_CONFIG_AGENTS]   = { 10, put_agent },
	[LQ_CONFIG_DEVICES]  = { 2, put_device },
	[LQ_CONFIG_NUMBERS]  = { 3, put_number },
	[LQ_CONFIG_DIALLING] = { 4, put_dialling },
	[LQ_CONFIG_REASONS]  = { 3, put_reason },
	[LQ_SLA_REVISIONS]   = { 4, NULL },
	[LQ_SLA_QUEUES]      = { 3, NULL },
	[LQ_SLA_CALENDARS]   = { 3, NULL },
	[LQ_SLA_POLICIES]    = { 3, NULL },
};
/* clang-format on */

enum err
config_read(struct arena *a, enum ledger_query q,
    const struct ledger_rows *rows, struct config_ids *ids,
    struct config_items *to)
{
	bool ok = true;

	if (rows->n_columns < tables[q].n_columns)
		return ERR_IO;
	if (q == LQ_CONFIG_SKILLS)
		ok = learn(a, rows, &ids->skills.ids, &ids->skills.n);
	else if (q == LQ_CONFIG_QUEUES)
		ok = learn(a, rows, &ids->queues.ids, &ids->queues.n) &&
		     learn_rules(a, rows, ids);
	else if (q == LQ_CONFIG_AGENTS)
		ok = learn_ranks(a, rows, ids);
	else if (q == LQ_CONFIG_SWITCHES)
		ok = learn(a, rows, &ids->switches.ids, &ids->switches.n);
	else if (tables[q].put == NULL)
		ok = learn_revision(a, q, rows, ids, to);
	for (unsigned i = 0; ok && tables[q].put != NULL && i < rows->n; i++)
		ok = tables[q].put(
		    a, rows->cells + (size_t)i * rows->n_columns, ids, to);
	return ok ? ERR_OK : ERR_NOMEM;
}
