/*
 * calendar.c - a plan laid out as intervals of UTC, and sums over them.
 *
 * Laid out stretch by stretch of the zone: within one, local time is UTC and a
 * constant, and a date's hours are cut to where the stretch is.  What touches
 * is joined.  No local time is ever added to.
 */
#include "sla/calendar.h"

#include <stdlib.h>

#include "base/log.h"
#include "sla/calendar_inside.h"

#define DAY (CAL_DAY_SECONDS * CAL_SECOND)
#define BACK (400 * DAY)
#define AHEAD (800 * DAY)
#define HORIZON (CAL_HORIZON_DATES * DAY)
#define EARLIEST (CAL_FIRST_DATE * DAY)
#define LATEST (CAL_LAST_DATE * DAY)

struct span {
	int64_t from, to;
	int64_t before; /* sum of the spans before it */
};

/* All of W within [low, high). */
struct cal_expansion {
	int64_t low, high; /* equal: nothing yet */
	size_t n, room;
	struct span *spans;
};

enum err
calendar_new(const struct cal_spec *const *layers, unsigned n,
    const char *zone_directory, struct calendar **out)
{
	struct calendar *c = calloc(1, sizeof(*c));
	enum err e = ERR_NOMEM;

	if (c != NULL)
		c->expansion = calloc(1, sizeof(*c->expansion));
	if (c != NULL && c->expansion != NULL)
		e = cal_plan_init(&c->plan, layers, n, zone_directory);
	if (e == ERR_OK)
		*out = c;
	else
		calendar_free(&c);
	return e;
}

void
calendar_free(struct calendar **cp)
{
	struct calendar *c = *cp;

	if (c == NULL)
		return;
	cal_plan_fini(&c->plan);
	if (c->expansion != NULL)
		free(c->expansion->spans);
	free(c->expansion);
	free(c);
	*cp = NULL;
}

size_t
calendar_n_intervals(const struct calendar *c)
{
	return c != NULL ? c->expansion->n : 0;
}

/* ---- laying out */

static int64_t
total(const struct cal_expansion *x)
{
	const struct span *last;

	if (x->n == 0)
		return 0;
	last = &x->spans[x->n - 1];
	return last->before + last->to - last->from;
}

static struct span *
add_span(struct cal_expansion *x)
{
	if (x->n == x->room) {
		size_t room = x->room > 0 ? x->room * 2 : 1024;
		struct span *spans = realloc(x->spans, room * sizeof(*spans));

		if (spans == NULL) { /* half a calendar promises too much */
			log_error(LOG_DESK, "calendar no memory");
			abort();
		}
		x->spans = spans;
		x->room = room;
	}
	return &x->spans[x->n++];
}

/* Begins nowhere before the last one does. */
static void
add(struct cal_expansion *x, int64_t from, int64_t to)
{
	struct span *s = x->n > 0 ? &x->spans[x->n - 1] : NULL;
	int64_t before;

	if (s != NULL && from <= s->to) {
		if (s->to < to)
			s->to = to;
		return;
	}
	before = total(x);
	s = add_span(x);
	*s = (struct span){ from, to, before };
}

/* What of the plan lies in [from, to), which is of one offset; in seconds. */
static void
add_stretch(struct cal_expansion *x, const struct cal_plan *p, int64_t from,
    int64_t to, int32_t offset)
{
	/* The night of the date before may reach into it. */
	int32_t first =
	    (int32_t)cal_floor_div(from + offset, CAL_DAY_SECONDS) - 1;
	int32_t last = (int32_t)cal_floor_div(to + offset - 1, CAL_DAY_SECONDS);

	for (int32_t date = first; date <= last; date++) {
		const struct cal_day *day = cal_plan_of(p, date);
		int64_t midnight = date * CAL_DAY_SECONDS - offset;

		for (unsigned i = 0; i < day->n; i++) {
			int64_t a = midnight + day->hours[i].from * 60;
			int64_t b = midnight + day->hours[i].to * 60;

			a = a > from ? a : from;
			b = b < to ? b : to;
			if (a < b)
				add(x, a * CAL_SECOND, b * CAL_SECOND);
		}
	}
}

/* `low' and `high' are whole seconds. */
static void
lay_out(struct cal_expansion *x, const struct cal_plan *p, int64_t low,
    int64_t high)
{
	int64_t at = low / CAL_SECOND, end = high / CAL_SECOND;

	x->n = 0;
	x->low = low;
	x->high = high;
	while (at < end) {
		int64_t from, to;
		int32_t offset = zone_offset(p->zone, at, &from, &to);

		to = to < end ? to : end;
		add_stretch(x, p, at, to, offset);
		at = to;
	}
}

static int64_t
within(int64_t at, int64_t low, int64_t high)
{
	return at < low ? low : at > high ? high : at;
}

/* Laid out at least over [from, to), or as far as a calendar knows.  Each time
 * it must grow it doubles, and is laid out anew: sums start at its beginning. */
static const struct cal_expansion *
cover(const struct calendar *c, int64_t from, int64_t to)
{
	struct cal_expansion *x = c->expansion;
	int64_t low = x->low, high = x->high, size = high - low;

	from = within(from, EARLIEST, LATEST);
	to = within(to, EARLIEST, LATEST);
	if (size > 0 && from >= low && to <= high)
		return x;
	if (size == 0 || from < low)
		low = from - (size > BACK ? size : BACK);
	if (size == 0 || to > high)
		high = to + (size > AHEAD ? size : AHEAD);
	low = cal_floor_div(low, DAY) * DAY;
	high = cal_floor_div(high, DAY) * DAY + DAY;
	lay_out(x, &c->plan, within(low, EARLIEST, LATEST),
	    within(high, EARLIEST, LATEST));
	return x;
}

/* ---- sums */

/* The first span that ends after `at'; x->n: none does. */
static size_t
find(const struct cal_expansion *x, int64_t at)
{
	size_t low = 0, high = x->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (x->spans[mid].to <= at)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* |W| from where the expansion begins until `at'. */
static int64_t
sum_until(const struct cal_expansion *x, int64_t at)
{
	size_t i = find(x, at);
	const struct span *s;

	if (i == x->n)
		return total(x);
	s = &x->spans[i];
	return s->before + (at > s->from ? at - s->from : 0);
}

static int64_t
add_saturating(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return b < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

int64_t
calendar_elapsed(const struct calendar *c, int64_t from, int64_t to)
{
	const struct cal_expansion *x;
	int64_t span;

	if (to <= from)
		return 0;
	if (c == NULL)
		return __builtin_sub_overflow(to, from, &span) ? INT64_MAX
		                                               : span;
	x = cover(c, from, to);
	return sum_until(x, to) - sum_until(x, from);
}

/* The first instant at which the sum is `goal', which it reaches. */
static int64_t
when_sum_is(const struct cal_expansion *x, int64_t goal)
{
	size_t low = 0, high = x->n - 1;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		/* What the next begins with, this one ends with. */
		if (x->spans[mid + 1].before < goal)
			low = mid + 1;
		else
			high = mid;
	}
	return x->spans[low].from + goal - x->spans[low].before;
}

int64_t
calendar_add(const struct calendar *c, int64_t from, int64_t work)
{
	int64_t limit = add_saturating(from, HORIZON), at;
	const struct cal_expansion *x;

	if (work <= 0)
		return from;
	if (work > HORIZON || (c != NULL && from >= LATEST))
		return CAL_NEVER;
	if (c == NULL)
		return add_saturating(from, work);
	x = cover(c, from, from);
	while (total(x) - sum_until(x, from) < work) {
		if (x->high >= limit || x->high == LATEST)
			return CAL_NEVER;
		x = cover(c, from, x->high + 1);
	}
	at = when_sum_is(x, sum_until(x, from) + work);
	return at <= limit ? at : CAL_NEVER;
}

bool
calendar_interval(
    const struct calendar *c, int64_t at, int64_t *from, int64_t *to)
{
	int64_t first = add_saturating(at, -HORIZON);
	int64_t last = add_saturating(at, HORIZON);
	const struct cal_expansion *x;
	size_t i;

	*from = INT64_MIN;
	*to = INT64_MAX;
	if (c == NULL)
		return true;
	if (at >= LATEST)
		return false;
	x = cover(c, at, at + 1);
	while ((i = find(x, at)) == x->n && x->high < last && x->high < LATEST)
		x = cover(c, at, x->high + 1);
	if (i == x->n || x->spans[i].from > last)
		return false;
	/* What touches the expansion's end may go on beyond it. */
	if (x->spans[i].from > at)
		last = add_saturating(x->spans[i].from, HORIZON);
	for (; x->spans[i].to == x->high && x->high < last && x->high < LATEST;
	     i = find(x, at))
		x = cover(c, at, x->high + 1);
	for (;
	     x->spans[i].from == x->low && x->low > first && x->low > EARLIEST;
	     i = find(x, at))
		x = cover(c, x->low - 1, at);
	if (x->spans[i].from > first)
		*from = x->spans[i].from;
	if (x->spans[i].to < last)
		*to = x->spans[i].to;
	return true;
}

bool
calendar_is_open(const struct calendar *c, int64_t at)
{
	const struct cal_expansion *x;
	size_t i;

	if (c == NULL)
		return true;
	if (at >= LATEST)
		return false;
	x = cover(c, at, at + 1);
	i = find(x, at);
	return i < x->n && x->spans[i].from <= at;
}
