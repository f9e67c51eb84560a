/*
 * clock_alone.c - see clock_alone.h.
 */
#include "test/bench/clock_alone.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "sla/clock.h"
#include "sla/forecast.h"
#include "test/bench/figure.h"
#include "test/bench/pack.h"
#include "test/support/support.h"

#define EXPANDED 200
#define LOOKUPS 1000000
#define EVALUATED 20000
#define MINUTE (60 * CLOCK_S)
#define DAY (1440 * MINUTE)
#define MONDAY INT64_C(1773619200000000) /* 2026-03-16 08:00 in China */
#define FACTS_MAX 50

/* The same numbers each time. */
static uint64_t
draw(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return *state >> 33;
}

/* ---- calendars */

static struct calendar *
make_calendar(void)
{
	const struct cal_spec *layer = &pack_revision()->calendars[0];
	struct calendar *c;

	ck_ok(calendar_new(&layer, 1, NULL, &c));
	return c;
}

static void
expand(void)
{
	int64_t from = clock_loop();
	size_t n = 0;

	for (unsigned i = 0; i < EXPANDED; i++) {
		struct calendar *c = make_calendar();

		if (calendar_is_open(c, MONDAY))
			n += calendar_n_intervals(c);
		calendar_free(&c);
	}
	ck_assert_uint_gt(n, 0);
	figure_value("calendar_expand_us",
	    (double)(clock_loop() - from) / EXPANDED, "us", 0,
	    "calendar_new and its first answer: 1,200 days of two shifts, with "
	    "144 exceptions in 12 years; the zone's file is read too");
}

static void
look_up(void)
{
	struct calendar *c = make_calendar();
	uint64_t state = 1;
	int64_t from, sum = 0;

	sum += calendar_elapsed(c, MONDAY, MONDAY + 700 * DAY);
	from = clock_loop();
	for (unsigned i = 0; i < LOOKUPS; i++) {
		int64_t at = MONDAY + (int64_t)(draw(&state) % 600) * DAY +
		             (int64_t)(draw(&state) % 1440) * MINUTE;
		int64_t span = (int64_t)(draw(&state) % 2880) * MINUTE;

		sum += i % 2 == 0 ? calendar_add(c, at, span)
		                  : calendar_elapsed(c, at, at + span);
	}
	ck_assert_int_ne(sum, 0);
	figure_value("calendar_lookup_ns",
	    (double)(clock_loop() - from) * 1000 / LOOKUPS, "ns", 0,
	    "calendar_add and calendar_elapsed in turn, at random within 600 "
	    "days, spans of up to two days");
	calendar_free(&c);
}

/* ---- tickets */

static struct sla_fact
fact(unsigned seq, int64_t at, enum sla_fact_kind kind)
{
	return (struct sla_fact){ .at = at, .seq = seq, .kind = kind };
}

static struct sla_fact
received(void)
{
	struct sla_fact f = fact(1, MONDAY, FACT_RECEIVED);

	f.set.value[ATTR_KIND] = STR_LIT("incident");
	f.set.value[ATTR_QUEUE] = STR_LIT("repair");
	f.set.value[ATTR_PRIORITY] = STR_LIT("3");
	f.set.value[ATTR_COMPLAINT] = STR_LIT("no");
	f.set.value[ATTR_CHANNEL] = STR_LIT("phone");
	return f;
}

/* A call, taken and solved. */
static unsigned
short_history(struct sla_fact *f)
{
	f[0] = received();
	f[1] = fact(2, MONDAY + MINUTE / 4, FACT_RESPONDED);
	f[1].sets_owner = true;
	f[1].owner = 7;
	f[2] = fact(3, MONDAY + 5 * MINUTE, FACT_CLOSED);
	return 3;
}

/* Waits, answers, other hands: one thing each hour or so, and open still. */
static unsigned
long_history(struct sla_fact *f)
{
	static const enum sla_fact_kind turns[] = { FACT_RESPONDED, FACT_PENDED,
		FACT_RESUMED, FACT_ASSIGNED, FACT_CONTACTED };

	f[0] = received();
	for (unsigned i = 1; i < FACTS_MAX; i++) {
		f[i] = fact(
		    i + 1, MONDAY + i * 55 * MINUTE, turns[i % NELEM(turns)]);
		if (f[i].kind == FACT_PENDED || f[i].kind == FACT_RESUMED)
			f[i].wait = WAIT_CUSTOMER;
		f[i].sets_owner = f[i].kind == FACT_ASSIGNED;
		f[i].owner = i;
	}
	return FACTS_MAX;
}

static void
evaluate(
    const char *name, unsigned (*make)(struct sla_fact *), const char *what)
{
	struct arena *a = arena_new((size_t)1 << 16, (size_t)64 << 20);
	struct sla_fact facts[FACTS_MAX];
	struct sla_history h = { 1, make(facts), facts };
	struct sla_result r;
	struct sla_book *book;
	char method[200];
	int64_t from;

	ck_ok(sla_book_new(NULL, &book));
	ck_ok(sla_book_add(book, pack_revision()));
	ck_ok(sla_evaluate(book, &h, MONDAY + 2 * DAY, false, a, &r));
	from = clock_loop();
	for (unsigned i = 0; i < EVALUATED; i++) {
		arena_reset(a);
		ck_ok(sla_evaluate(book, &h, MONDAY + 2 * DAY, false, a, &r));
	}
	from = clock_loop() - from;
	snprintf(method, sizeof(method),
	    "sla_evaluate of %s, by the default policies: %u facts, %u clocks",
	    what, h.n, r.n_clocks);
	figure_value(name, (double)from / EVALUATED, "us", 0, method);
	sla_book_free(&book);
	arena_free(&a);
}

/* ---- the forecast */

#define LEARNT 2000
#define TOLD 20000

/* Minutes of work, long in the tail as real work is; `kind' is twice as slow
 * as the one before it, so that categories matter. */
static int64_t
work(uint64_t *state, unsigned kind)
{
	double u = ((double)(draw(state) % 1000000) + 0.5) / 1e6;

	return (int64_t)(60e6 * (kind + 1) * 20 * pow(u / (1 - u), 0.45));
}

static int
by_length(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
learn(struct forecast *f, uint64_t *state, unsigned kind, const char *name)
{
	static int64_t took[LEARNT];
	struct forecast_sample s = { .category = str_of(name), .n = LEARNT };

	for (unsigned i = 0; i < LEARNT; i++)
		took[i] = work(state, kind);
	qsort(took, LEARNT, sizeof(took[0]), by_length);
	for (unsigned i = 0; i < FORECAST_QUANTILES; i++)
		s.q[i] = took[(LEARNT - 1) * i / (FORECAST_QUANTILES - 1)];
	ck_ok(forecast_learn(f, &s));
}

/* What is told at half and three quarters of the goal, as rungs do, of those
 * that are still at it; and what became of them. */
static void
foretell(void)
{
	static const char *const names[] = { "outage", "invoice", "repair" };
	struct forecast_calibration c = { 0 };
	uint64_t state = 7, n = 0;
	struct forecast *f;

	ck_ok(forecast_new(&f));
	for (unsigned k = 0; k < NELEM(names); k++)
		learn(f, &state, k, names[k]);
	for (unsigned i = 0; i < TOLD; i++) {
		unsigned k = i % NELEM(names);
		int64_t goal = (20 + (int64_t)(draw(&state) % 100)) * MINUTE;
		int64_t takes = work(&state, k);

		for (int64_t at = goal / 2; at < goal; at += goal / 4) {
			int32_t ppm = takes > at
			                  ? forecast_risk(f, str_of(names[k]),
						at, goal, 0)
			                  : -1;

			if (ppm < 0)
				continue;
			forecast_tell(&c, ppm, takes > goal);
			n++;
		}
	}
	ck_assert_uint_gt(n, TOLD / 2);
	figure_value("forecast_error_ppm", (double)forecast_error(&c), "ppm", 0,
	    "expected calibration error of the chance of breach told at 50 % "
	    "and 75 % of the goal, drawn work of 3 categories, 2,000 learnt of "
	    "each, 20,000 foretold");
	forecast_free(&f);
}

void
clock_alone(void)
{
	foretell();
	expand();
	look_up();
	evaluate("clock_evaluate_us", short_history, "a call that was solved");
	evaluate("clock_evaluate_50_us", long_history,
	    "a ticket that went through many hands");
}
