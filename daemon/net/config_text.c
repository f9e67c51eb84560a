/*
 * config_text.c - items as text, in the words of the configuration file.
 */
#include "net/config_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define LINE_MAX_LEN (16 * 1024) /* 64 queues, 64 skills, all names long */

struct line {
	char text[LINE_MAX_LEN];
	size_t n;
};

static void add(struct line *, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void
add(struct line *l, const char *fmt, ...)
{
	size_t room = sizeof(l->text) - l->n;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->text + l->n, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		l->n += (size_t)n < room ? (size_t)n : room - 1;
}

static struct str
copy(struct arena *a, const struct line *l)
{
	return arena_copy(a, (struct str){ l->text, (uint32_t)l->n });
}

int
config_name_cmp(const void *a, const void *b)
{
	const struct str *x = a, *y = b;
	uint32_t n = x->len < y->len ? x->len : y->len;
	int c = n > 0 ? memcmp(x->p, y->p, n) : 0;

	return c != 0 ? c : (x->len > y->len) - (x->len < y->len);
}

void
config_names_sort(struct str *names, unsigned n)
{
	if (n > 0)
		qsort(names, n, sizeof(*names), config_name_cmp);
}

static int
by_skill(const void *a, const void *b)
{
	const struct config_level *x = a, *y = b;

	return config_name_cmp(&x->skill, &y->skill);
}

void
config_levels_sort(struct config_level *levels, unsigned n)
{
	if (n > 0)
		qsort(levels, n, sizeof(*levels), by_skill);
}

static void
add_levels(struct line *l, const struct config_level *levels, unsigned n)
{
	add(l, "skills {");
	for (unsigned i = 0; i < n; i++)
		add(l, "%s%.*s: %" PRIu32, i > 0 ? ", " : "",
		    STR_ARG(levels[i].skill), levels[i].level);
	add(l, "}");
}

static void
add_duration(struct line *l, const char *name, int64_t us)
{
	if (us % 1000000 == 0)
		add(l, " %s %" PRId64 "s", name, us / 1000000);
	else
		add(l, " %s %" PRId64 "us", name, us);
}

struct str
config_queue_text(struct arena *a, const struct config_queue *q)
{
	struct line l = { .n = 0 };

	add_levels(&l, q->skills, q->n_skills);
	add_duration(&l, "ring", q->ring_us);
	add_duration(&l, "wrap_up", q->wrap_up_us);
	add_duration(&l, "priority_credit", q->priority_credit_us);
	add_duration(&l, "short", q->short_us);
	add(&l, " stay_ready %s", q->stay_ready ? "yes" : "no");
	return copy(a, &l);
}

struct str
config_agent_text(struct arena *a, const struct config_agent *g)
{
	struct line l = { .n = 0 };

	add(&l, "'%.*s' queues [", STR_ARG(g->display_name));
	for (unsigned i = 0; i < g->n_queues; i++)
		add(&l, "%s%.*s", i > 0 ? ", " : "", STR_ARG(g->queues[i]));
	add(&l, "] ");
	add_levels(&l, g->skills, g->n_skills);
	add(&l, " screen_first %s", g->screen_first ? "yes" : "no");
	return copy(a, &l);
}

struct str
config_device_text(struct arena *a, struct str switch_name)
{
	struct line l = { .n = 0 };

	add(&l, "switch %.*s", STR_ARG(switch_name));
	return copy(a, &l);
}

struct str
config_number_text(struct arena *a, struct str queue)
{
	struct line l = { .n = 0 };

	add(&l, "queue %.*s", STR_ARG(queue));
	return copy(a, &l);
}

struct str
config_number_name(struct arena *a, const struct config_number *n)
{
	struct line l = { .n = 0 };

	add(&l, "%.*s/%.*s", STR_ARG(n->called), STR_ARG(n->menu));
	return copy(a, &l);
}

bool
config_put(struct arena *a, struct config_items *to, enum config_kind kind,
    struct str name, struct str text)
{
	struct config_item *grown;

	if (text.len == 0 || name.len == 0)
		return false;
	if (to->n == to->room) {
		to->room = to->room > 0 ? to->room * 2 : 64;
		grown = arena_alloc(a, to->room * sizeof(*grown));
		if (grown == NULL)
			return false;
		if (to->n > 0)
			memcpy(grown, to->items, to->n * sizeof(*grown));
		to->items = grown;
	}
	to->items[to->n++] = (struct config_item){ kind, name, text };
	return true;
}
