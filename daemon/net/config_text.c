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
	if (q->calendar.len > 0)
		add(&l, " calendar %.*s", STR_ARG(q->calendar));
	return copy(a, &l);
}

/* "tiers {sales: 2} ", those above 1. */
static void
add_places(struct line *l, const char *what, const struct config_agent *g,
    const uint32_t *n)
{
	bool any = false;

	for (unsigned i = 0; n != NULL && i < g->n_queues; i++) {
		if (n[i] <= 1)
			continue;
		add(l, "%s%s%.*s: %" PRIu32, any ? ", " : what, any ? "" : " {",
		    STR_ARG(g->queues[i]), n[i]);
		any = true;
	}
	if (any)
		add(l, "} ");
}

struct str
config_agent_text(struct arena *a, const struct config_agent *g)
{
	struct line l = { .n = 0 };

	add(&l, "'%.*s' queues [", STR_ARG(g->display_name));
	for (unsigned i = 0; i < g->n_queues; i++)
		add(&l, "%s%.*s", i > 0 ? ", " : "", STR_ARG(g->queues[i]));
	add(&l, "] ");
	add_places(&l, "tiers", g, g->tiers);
	add_places(&l, "weights", g, g->weights);
	add_levels(&l, g->skills, g->n_skills);
	add(&l, " screen_first %s", g->screen_first ? "yes" : "no");
	if (g->work_items > 0)
		add(&l, " work_items %" PRIu32, g->work_items);
	return copy(a, &l);
}

struct str
config_reason_text(struct arena *a, const struct config_reason *r)
{
	struct line l = { .n = 0 };

	add(&l, "paid %s", r->paid ? "yes" : "no");
	if (r->limit_us > 0)
		add_duration(&l, "limit", r->limit_us);
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
	to->items[to->n++] =
	    (struct config_item){ kind, name, text, { NULL, 0 } };
	return true;
}

struct str
config_order_text(struct arena *a, const struct config_spec *p, unsigned n)
{
	size_t len = 0, room = 1;
	char *text;

	for (unsigned i = 0; i < n; i++)
		room += p[i].name.len + 2;
	if ((text = arena_alloc(a, room)) == NULL)
		return (struct str){ NULL, 0 };
	for (unsigned i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, room - len, "%s%.*s",
		    i > 0 ? ", " : "", STR_ARG(p[i].name));
	return (struct str){ text, (uint32_t)len };
}

bool
config_put_specs(struct arena *a, struct config_items *to,
    const struct config_spec *calendars, unsigned n_calendars,
    const struct config_spec *policies, unsigned n_policies)
{
	bool ok = true;

	for (unsigned i = 0; ok && i < n_calendars; i++)
		ok = config_put(a, to, CONFIG_CALENDAR, calendars[i].name,
		    calendars[i].spec);
	for (unsigned i = 0; ok && i < n_policies; i++)
		ok = config_put(
		    a, to, CONFIG_POLICY, policies[i].name, policies[i].spec);
	if (ok && n_policies > 0)
		ok = config_put(a, to, CONFIG_ORDER, STR_LIT("policies"),
		    config_order_text(a, policies, n_policies));
	return ok;
}

/* --------------------------------------------------------- for people only */

#define SHOWN_MAX 400
#define DOTS "\xe2\x80\xa6"

/* How much both begin with, whole words. */
static uint32_t
same_head(struct str x, struct str y)
{
	uint32_t word = 0;

	for (uint32_t i = 0; i < x.len && i < y.len && x.p[i] == y.p[i]; i++)
		if (x.p[i] == ' ')
			word = i + 1;
	return word;
}

static uint32_t
same_tail(struct str x, struct str y)
{
	uint32_t word = 0;

	for (uint32_t i = 1;
	     i <= x.len && i <= y.len && x.p[x.len - i] == y.p[y.len - i]; i++)
		if (x.p[x.len - i] == ' ')
			word = i;
	return word;
}

/* Without `head' and `tail' bytes, and not too long. */
static struct str
shown(struct arena *a, struct str s, uint32_t head, uint32_t tail)
{
	struct line l = { .n = 0 };
	uint32_t n = s.len - head - tail;
	bool cut = n > SHOWN_MAX;

	if (s.len == 0)
		return s;
	for (n = cut ? SHOWN_MAX : n;
	     cut && ((unsigned char)s.p[head + n] & 0xC0) == 0x80;)
		n--; /* not within a character */
	add(&l, "%s%.*s%s", head > 0 ? DOTS " " : "", (int)n, s.p + head,
	    cut || tail > 0 ? " " DOTS : "");
	return copy(a, &l);
}

void
config_shorten(struct arena *a, struct str *before, struct str *after)
{
	uint32_t head = 0, tail = 0;
	struct str x = *before, y = *after;

	if (x.len <= SHOWN_MAX && y.len <= SHOWN_MAX)
		return;
	head = same_head(x, y);
	x.p += head;
	x.len -= head;
	y.p += head;
	y.len -= head;
	tail = same_tail(x, y);
	*before = shown(a, *before, head, tail);
	*after = shown(a, *after, head, tail);
}
