/*
 * calendar_model_test.c - random calendars against the definition itself: an
 * instant belongs iff its local time lies in its date's plan, minute by minute
 * over the weeks in which a zone changes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "sla/calendar.h"
#include "sla/zone.h"
#include "test/support/support.h"

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define DAY_MINUTES 1440
#define OVERRIDES 12
#define LAYERS 3
#define WINDOW (24 * DAY_MINUTES)
#define ROUNDS 12

/* Each change lies about the middle of the window. */
/* clang-format off */
static const struct {
	const char *zone;
	struct cal_date first;
} places[] = {
	{ "Asia/Shanghai", { 2026, 2, 3 } },
	{ "Europe/London", { 2026, 3, 17 } },
	{ "Europe/London", { 2026, 10, 13 } },
	{ "Europe/London", { 2050, 10, 18 } },
	{ "Australia/Lord_Howe", { 2026, 3, 25 } },
	{ "Australia/Lord_Howe", { 2026, 9, 22 } },
	{ "America/Sao_Paulo", { 2018, 10, 24 } },
	{ "America/Sao_Paulo", { 2018, 2, 6 } },
	{ "America/St_Johns", { 2006, 3, 23 } },
	{ "America/St_Johns", { 2006, 10, 17 } },
	{ "Pacific/Apia", { 2011, 12, 20 } },
	{ "Pacific/Kwajalein", { 1993, 8, 10 } },
	{ "America/Nuuk", { 2026, 3, 17 } },
	{ "Africa/Casablanca", { 2026, 2, 3 } },
};
/* clang-format on */

static unsigned seed;

static int
below(int n)
{
	return (int)((unsigned)rand_r(&seed) % (unsigned)n);
}

static struct cal_day
random_day(void)
{
	struct cal_day d = { 0 };
	int from = below(600);

	for (int n = below(4); n > 0 && from < DAY_MINUTES; n--) {
		int to = from + 1 + below(below(3) == 0 ? 1700 : 300);

		if (to > CAL_MINUTES_MAX)
			to = CAL_MINUTES_MAX;
		d.hours[d.n++] =
		    (struct cal_hours){ (uint16_t)from, (uint16_t)to };
		from = to + below(200);
	}
	if (d.n == 0 && below(3) == 0) {
		d.n = 1;
		d.hours[0] = (struct cal_hours){ 0, DAY_MINUTES };
	}
	return d;
}

static bool
has_date(const struct cal_spec *s, struct cal_date d)
{
	for (unsigned i = 0; i < s->n_overrides; i++)
		if (s->overrides[i].date.year == d.year &&
		    s->overrides[i].date.month == d.month &&
		    s->overrides[i].date.day == d.day)
			return true;
	return false;
}

static void
random_spec(
    struct cal_spec *s, struct cal_override *o, int32_t first, bool is_lowest)
{
	s->overrides = o;
	s->has_week = is_lowest || below(3) == 0;
	for (int i = 0; i < 7; i++)
		s->week[i] = random_day();
	for (int i = 0; i < OVERRIDES; i++) {
		struct cal_override *one = &o[s->n_overrides];

		one->date = cal_date_of(first - 2 + below(28));
		if (below(3) == 0)
			one->date.year = 0;
		if (has_date(s, one->date))
			continue;
		one->kind = CAL_CLOSED + (unsigned)below(3);
		one->like = (enum cal_weekday)below(7);
		one->open = random_day();
		s->n_overrides++;
	}
}

/* ---- the definition */

struct model {
	struct cal_spec specs[LAYERS];
	struct cal_override overrides[LAYERS][OVERRIDES];
	const struct cal_spec *layers[LAYERS];
	struct zone *zone;
};

static const struct cal_day *
week_of(const struct model *m, enum cal_weekday w)
{
	int i = 0;

	while (!m->specs[i].has_week)
		i++;
	return &m->specs[i].week[w];
}

static const struct cal_day *
plan_of(const struct model *m, int32_t days)
{
	static const struct cal_day closed;
	struct cal_date d = cal_date_of(days);

	for (int i = 0; i < LAYERS; i++)
		for (int yearly = 0; yearly < 2; yearly++)
			for (unsigned j = 0; j < m->specs[i].n_overrides; j++) {
				const struct cal_override *o =
				    &m->overrides[i][j];

				if (o->date.year != (yearly ? 0 : d.year) ||
				    o->date.month != d.month ||
				    o->date.day != d.day)
					continue;
				return o->kind == CAL_OPEN ? &o->open
				       : o->kind == CAL_LIKE
				           ? week_of(m, o->like)
				           : &closed;
			}
	return week_of(m, cal_weekday_of(days));
}

static bool
lies_in(const struct cal_day *d, int minute)
{
	for (unsigned i = 0; i < d->n; i++)
		if (minute >= d->hours[i].from && minute < d->hours[i].to)
			return true;
	return false;
}

/* `at' in minutes of UTC. */
static bool
belongs(const struct model *m, int64_t at, int32_t *date)
{
	int64_t from, to;
	int64_t local = at + zone_offset(m->zone, at * 60, &from, &to) / 60;
	int minute = (int)(local % DAY_MINUTES);

	*date = (int32_t)(local / DAY_MINUTES);
	return lies_in(plan_of(m, *date), minute) ||
	       lies_in(plan_of(m, *date - 1), minute + DAY_MINUTES);
}

/* ---- */

static void
compare(const struct model *m, const struct calendar *c, int64_t first)
{
	int64_t start = first * MINUTE, sum = 0, opened = 0;
	bool was = false;
	int32_t date;

	for (int64_t t = first; t < first + WINDOW; t++) {
		int64_t at = t * MINUTE, from, to;
		bool open = belongs(m, t, &date);
		unsigned minute;

		if (calendar_is_open(c, at) != open ||
		    calendar_is_open(c, at + MINUTE - 1) != open ||
		    calendar_elapsed(c, start, at) != sum ||
		    calendar_date(c, at, &minute) != date)
			ck_abort_msg(
			    "minute %lld, seed %u", (long long)t, seed);
		if (open && !was) {
			opened = at;
			ck_assert(calendar_interval(c, at - 1, &from, &to));
			ck_assert(t == first || from == at);
		}
		if (open) {
			ck_assert_int_eq(
			    calendar_add(c, start, sum + 1), at + 1);
			sum += MINUTE;
			ck_assert_int_eq(
			    calendar_add(c, start, sum), at + MINUTE);
		} else if (was) { /* an interval has just ended */
			ck_assert(calendar_interval(c, at - 1, &from, &to));
			ck_assert_int_eq(to, at);
			if (opened > start)
				ck_assert_int_eq(from, opened);
		}
		was = open;
	}
}

START_TEST(as_defined)
{
	int32_t first = cal_days(places[_i].first);
	int64_t minutes = (int64_t)first * DAY_MINUTES;

	for (int round = 0; round < ROUNDS; round++) {
		struct model m = { 0 };
		struct calendar *c = NULL;

		seed = (unsigned)(_i * 1000 + round);
		for (int i = 0; i < LAYERS; i++) {
			m.layers[i] = &m.specs[i];
			random_spec(&m.specs[i], m.overrides[i], first,
			    i == LAYERS - 1);
		}
		m.specs[LAYERS - 1].zone = str_of(places[_i].zone);
		ck_ok(zone_load(NULL, str_of(places[_i].zone), &m.zone));
		ck_ok(calendar_new(m.layers, LAYERS, NULL, &c));
		compare(&m, c, minutes);
		calendar_free(&c);
		zone_free(&m.zone);
	}
}
END_TEST

Suite *
calendar_model_suite(void)
{
	TCase *tc = tcase_create("model");

	tcase_add_loop_test(tc, as_defined, 0, NELEM(places));
	return suite_of(tc, "calendar_model");
}
